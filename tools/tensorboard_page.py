"""Make the pictures of TensorBoard's page in the chapter on TensorBoard anew, from the chapter's own runs.

python -m tools.tensorboard_page [--browser /usr/bin/chromium] [--logs FOLDER] [NAME …]

Needs Playwright and Chromium; without --browser it takes the one that `playwright install chromium` fetched. The
chapter's code is executed up to the cell that logs the search, a TensorBoard server is started on its folder (or on
--logs, if the runs are there already), and what a browser shows of each panel is stored as
book/images/tensorboard-NAME.webp.
"""

from __future__ import annotations

import argparse
import io
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import sync_playwright

from tools.chapters import ROOT, read_source, sources

IMAGES = ROOT / "book/images"
PINNED = [{"plugin": "scalars", "tag": tag} for tag in ("epoch_loss", "epoch_accuracy")]
PAGE_WAIT = 60_000  # milliseconds until a panel must show its first content
DRAW_WAIT = 4_000  # then its diagrams are drawn one after the other


@dataclass(frozen=True)
class Panel:
    """What is photographed: a panel of the page, and what must be done to it before.

    Attributes
    ----------
    folder : str
        Below the chapter's log folder.
    address : str
        Of the panel, behind the address of the server.
    ready : str
        Selector of what must be there.
    clicks : tuple of str
        Texts that are clicked, in their order.
    opened : str
        Text that is double-clicked before that.
    size : pair of int
        Of the window, in pixels.
    """

    folder: str
    address: str
    ready: str
    clicks: tuple[str, ...] = ()
    opened: str = ""
    size: tuple[int, int] = (1240, 640)


PANELS = {
    "scalars": Panel(
        "first",
        f"?pinnedCards={quote(json.dumps(PINNED))}#timeseries",
        "scalar-card",
        clicks=("Scalars", "Enable step selection and data table"),  # the table would hide the second row
    ),
    "histograms": Panel("first", "?tagFilter=output%2Fkernel#timeseries", "histogram-card", clicks=("Histograms",)),
    "graphs": Panel("first", "#graphs", "tf-graph-scene", opened="sequential_1", clicks=("Fit to screen",)),
    "images": Panel("first", "?tagFilter=surest#timeseries", "image-card", clicks=("Image",)),
    "hparams": Panel("search", "#hparams", "tf-hparams-table-view"),
}


def train_runs():
    """Execute the chapter until its search is logged; return its log folder, and what keeps that alive."""
    (source,) = sources(names=["tensorboard"])
    namespace = {}
    for cell in read_source(source).cells:
        skipped = {"raises-exception"} & set(cell.metadata.get("tags", [])) or "question" in cell.metadata
        if cell.cell_type == "code" and not skipped:
            exec(cell.source, namespace)
        if "logs" in namespace and (namespace["logs"] / "search").exists():
            return namespace["logs"], namespace["temporary"]
    raise SystemExit(
        f"{source} logs nothing into logs / 'search': tell this script which cell is the last one it needs"
    )


def screenshot(page, address, panel):
    """Return what the browser shows of a panel, as PNG."""
    page.set_viewport_size(dict(zip(("width", "height"), panel.size, strict=True)))
    page.goto("about:blank")  # a new address behind the # alone would not load the page anew
    page.goto(address + panel.address)
    page.locator(panel.ready).first.wait_for(timeout=PAGE_WAIT)
    page.wait_for_timeout(DRAW_WAIT * bool(panel.opened))
    if panel.opened:
        # The name is found as the title of the node, which is not visible: the mouse goes to the middle of the node.
        node = page.get_by_text(panel.opened, exact=True).first.locator("..").bounding_box(timeout=PAGE_WAIT)
        page.mouse.dblclick(node["x"] + node["width"] / 2, node["y"] + node["height"] / 2)
        page.wait_for_timeout(DRAW_WAIT)
    for text in panel.clicks:
        page.get_by_text(text, exact=True).first.click()
    page.wait_for_timeout(DRAW_WAIT)
    return page.screenshot()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PANELS)}; all by default")
    parser.add_argument("--browser", help="path of Chromium or Chrome")
    parser.add_argument("--logs", type=Path, help="log folder of the chapter, if it is there already")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(PANELS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PANELS)}")
    from tensorboard.program import TensorBoard

    logs, _alive = (options.logs, None) if options.logs else train_runs()
    addresses = {}
    for folder in sorted({panel.folder for panel in PANELS.values()}):
        board = TensorBoard()
        board.configure(argv=[None, "--logdir", str(logs / folder), "--port", "0", "--load_fast", "false"])
        addresses[folder] = board.launch()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
        page = browser.new_page(device_scale_factor=1.25)
        for name in options.names or PANELS:
            panel, path = PANELS[name], IMAGES / f"tensorboard-{name}.webp"
            picture = Image.open(io.BytesIO(screenshot(page, addresses[panel.folder], panel))).convert("RGB")
            picture.save(path, "WEBP", quality=40, method=6)
            print(f"wrote {path}: {picture.width} x {picture.height}, {path.stat().st_size / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
