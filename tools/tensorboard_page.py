"""Make the picture of TensorBoard's page in the chapter on TensorBoard anew, from the chapter's own two runs.

python -m tools.tensorboard_page [--browser /usr/bin/chromium]

Needs Playwright and Chromium; without --browser it takes the one that `playwright install chromium` fetched. The
chapter's code is executed up to the cell that trains the two runs, a TensorBoard server is started on their folder, and
what a browser shows of it is stored as book/images/tensorboard-page.webp.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright

from tools.chapters import ROOT, read_source, sources

PICTURE = ROOT / "book/images/tensorboard-page.webp"
WIDTH, HEIGHT = 1240, 640  # pixels of the window
PINNED = [{"plugin": "scalars", "tag": tag} for tag in ("epoch_loss", "epoch_accuracy")]
PAGE_WAIT = 60_000  # milliseconds until the page must show its first diagram


def train_runs():
    """Execute the chapter until its two runs are logged; return their folder, and what keeps it alive."""
    (source,) = sources(names=["tensorboard"])
    namespace = {}
    for cell in read_source(source).cells:
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", []):
            exec(cell.source, namespace)
        if "histories" in namespace:
            return namespace["logs"] / "first", namespace["temporary"]
    raise SystemExit(f"{source} defines no `histories`: tell this script after which cell the runs are logged")


def screenshot(address, browser_path):
    """Return the Time Series page as PNG."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.5)
        page.goto(f"{address}?pinnedCards={quote(json.dumps(PINNED))}#timeseries")
        page.wait_for_selector("scalar-card", timeout=PAGE_WAIT)
        page.get_by_text("Scalars", exact=True).first.click()
        page.get_by_text("Enable step selection and data table").first.click()  # it would hide the second row
        page.wait_for_timeout(4000)  # the diagrams are drawn one after the other
        png = page.screenshot()
        browser.close()
    return png


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", help="path of Chromium or Chrome")
    parser.add_argument("--output", type=Path, default=PICTURE)
    options = parser.parse_args(arguments)
    from tensorboard.program import TensorBoard

    logs, _alive = train_runs()
    board = TensorBoard()
    board.configure(argv=[None, "--logdir", str(logs), "--port", "0", "--load_fast", "false"])
    picture = Image.open(io.BytesIO(screenshot(board.launch(), options.browser))).convert("RGB")
    picture.save(options.output, "WEBP", quality=50, method=6)
    print(f"wrote {options.output}: {picture.width} x {picture.height}, {options.output.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
