"""Measure how often the playground of a page draws while it trains, and how many steps it takes for each picture.

python -m benchmarks.frames [--seconds 5]

Needs Chromium. Counted in the page are its frames and, in the worker's reports, the steps; a network 2-8-8-1 on the
spiral has batches of 10. The goal is 60 frames and at least 3,000 steps a second: 50 steps a frame.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import CHROMIUM, serving

SCRIPT = Path(__file__).parents[1] / "book/_static/interactive.js"
PAGE = """<!doctype html><title>Frames</title><div class="interactive" data-name="playground" hidden
data-options='{"data": "spiral", "layers": [8, 8], "speed": SPEED}'></div><script src="interactive.js"></script>"""
COUNT = """seconds => new Promise(done => {
  const picture = document.querySelector('.ia'), counts = {frames: 0, pictures: 0};
  const before = picture.numbers().step, began = performance.now();
  picture.addEventListener('ia-report', () => counts.pictures++);
  requestAnimationFrame(function frame() {
    counts.frames++;
    const passed = (performance.now() - began) / 1000;
    if (passed < seconds) requestAnimationFrame(frame);
    else done({...counts, steps: picture.numbers().step - before, passed});
  });
})"""


def measure(page, speed, seconds):
    """Return frames, answered reports and steps, each a second, while the network trains."""
    page.goto(f"/{speed}.html")
    page.wait_for_function("document.querySelector('.ia')?.numbers().step === 0")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_timeout(1000)  # until the engine has compiled what is hot
    found = page.evaluate(COUNT, seconds)
    return [found[name] / found["passed"] for name in ("frames", "pictures", "steps")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    speeds = (5, 50, 200)
    with tempfile.TemporaryDirectory() as folder, serving(folder) as address, sync_playwright() as playwright:
        shutil.copy(SCRIPT, folder)
        Path(folder, "404.html").write_text("", encoding="utf-8")  # for the icon that the browser asks for
        for speed in speeds:
            Path(folder, f"{speed}.html").write_text(PAGE.replace("SPEED", str(speed)), encoding="utf-8")
        path = CHROMIUM or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})
        print(f"programs that wanted a core at the start: {os.getloadavg()[0]:.1f}, of {os.cpu_count()} cores")
        print("| steps a picture, asked for | frames a second | reports a second | steps a second | steps a frame |")
        print("| --- | --- | --- | --- | --- |")
        for speed in speeds:
            frames, pictures, steps = measure(page, speed, options.seconds)
            print(f"| {speed} | {frames:.1f} | {pictures:.1f} | {steps:,.0f} | {steps / frames:.1f} |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
