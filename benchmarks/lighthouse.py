"""Measure pages of the book with Lighthouse, from a local server that compresses as hosts do, and print the scores.

python -m benchmarks.lighthouse [PAGE ...]        after `make book`; without pages: the landing page and the three
                                                  heaviest chapters
python -m benchmarks.lighthouse --interactive     all pages with a picture that answers; a page below 95 in performance
                                                  or best practices, or 100 in accessibility, is an error

Needs Chromium, Node.js and network access once (npx fetches Lighthouse). Lighthouse simulates a phone on a slow
network and a slow processor by default; --desktop measures a laptop on a fast line.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import subprocess
import threading
from pathlib import Path

from tests.e2e.conftest import CHROMIUM, Handler

PAGES = Path(__file__).parents[1] / "_build/html"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 95}  # of pages with a picture that answers
METRICS = ("first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")


def heaviest(folder, n=3):
    """Return the n chapters whose pages, with their pictures, are largest."""

    def weight(page):
        text = page.read_text(encoding="utf-8")
        return page.stat().st_size + sum(p.stat().st_size for p in (folder / "_images").iterdir() if p.name in text)

    chapters = sorted((folder / "book/notebooks").rglob("*.html"), key=weight, reverse=True)
    return [page.relative_to(folder).as_posix() for page in chapters[:n]]


def interactive(folder):
    """Return the pages with a picture that answers, and the one that lists them."""
    pages = sorted(folder.rglob("*.html"))
    found = [page for page in pages if 'class="interactive"' in page.read_text(encoding="utf-8")]
    return [page.relative_to(folder).as_posix() for page in [*found, folder / "book/interactive-pictures.html"]]


def measure(address, desktop):
    command = ["npx", "--yes", "lighthouse@12", address, "--quiet", "--output=json"]
    command += [f"--only-categories={','.join(CATEGORIES)}", "--chrome-flags=--headless=new --no-sandbox"]
    command += ["--preset=desktop"] * desktop
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "CHROME_PATH": CHROMIUM or ""})
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", help="paths below the built book, such as book/index.html")
    parser.add_argument("--desktop", action="store_true")
    parser.add_argument("--interactive", action="store_true", help="the pages with a picture that answers, and goals")
    parser.add_argument("--runs", type=int, default=3, help="measurements a page; the one of median performance counts")
    parser.add_argument("--book", type=Path, default=PAGES, help="folder of the built pages")
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(options.book)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("| page |", " | ".join(CATEGORIES + METRICS), "|")
    print("| --- |", " | ".join("---" for _ in CATEGORIES + METRICS), "|")
    pages = interactive(options.book) if options.interactive else ["book/index.html", *heaviest(options.book)]
    low = []
    for page in options.pages or pages:
        address = f"http://127.0.0.1:{server.server_port}/{page}"
        reports = [measure(address, options.desktop) for _ in range(options.runs)]
        reports.sort(key=lambda report: report["categories"]["performance"]["score"])
        report = reports[len(reports) // 2]
        scores = {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
        values = [report["audits"][name]["displayValue"] for name in METRICS]
        print(f"| {page} |", " | ".join([*map(str, scores.values()), *values]), "|", flush=True)
        low += [f"{page}: {name} {scores[name]}" for name, least in LEAST.items() if scores[name] < least]
        for audit in report["audits"].values():
            if audit["score"] == 0 and audit["scoreDisplayMode"] == "binary":
                print(f"  {audit['id']}: {audit['title']}")
    if options.interactive and low:
        raise SystemExit("below the goal: " + "; ".join(low))


if __name__ == "__main__":
    main()
