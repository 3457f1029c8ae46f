"""Every page in a browser without a network: complete, light, accessible, and no wider than a phone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.e2e.conftest import CHAPTERS, LOAD_ALL, PAGES

axe = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed (requirements/test.txt)")
AXE_SCRIPT = Path(axe.__file__).with_name("axe.min.js")
MOST_BYTES = 350 * 1024  # on the wire, without MathJax
BAD_PICTURES = """() => [...document.images].filter(
  image => image.checkVisibility() && !(image.complete && image.naturalWidth)).map(image => image.src)"""


OVERLAPS = """() => [...document.querySelectorAll('div.math')].filter(math => {
  const number = math.querySelector('.eqno'), formula = math.querySelector('mjx-container');
  return number && formula && number.getBoundingClientRect().left < formula.getBoundingClientRect().right;
}).map(math => math.id)"""


# axe-core sees no text in MathML, which is what MathJax gives to screen readers; a heading of a formula is not empty.
AXE = """async ([context, options]) => (await axe.run(context, options)).violations.flatMap(rule => rule.nodes
  .filter(node => rule.id !== 'empty-table-header' || !document.querySelector(node.target[0]).querySelector('math'))
  .map(node => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))"""


# Contrast is slow to measure. One visible text of each kind (same tags, classes and colors up to the page) is enough.
MARK_KINDS_OF_TEXT = """() => {
  const seen = new Set();
  for (const element of document.querySelectorAll('body *')) {
    delete element.dataset.kind;
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
    if (!element.checkVisibility()) continue;
    const kind = [getComputedStyle(element).color];
    for (let e = element; e; e = e.parentElement)
      kind.push(e.tagName, e.className, getComputedStyle(e).backgroundColor);
    const key = kind.join();
    if (!seen.has(key)) element.dataset.kind = '';
    seen.add(key);
  }
  return seen.size;
}"""
CONTRAST = ["color-contrast", "link-in-text-block"]


def axe_violations(page, *rules):
    """Return what axe-core objects to: by some of its rules, or by all but that of contrast."""
    chosen = {"runOnly": {"type": "rule", "values": rules}}
    options = chosen if rules else {"rules": {"color-contrast": {"enabled": False}}}
    # The glyphs of MathJax are hidden from screen readers, which read its MathML.
    return page.evaluate(AXE, [{"exclude": [["mjx-math"]]}, {"resultTypes": ["violations"], **options}])


def contrast_violations(page):
    assert page.evaluate(MARK_KINDS_OF_TEXT) > 0
    options = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": CONTRAST}}
    return page.evaluate(AXE, [{"include": [["[data-kind]"]]}, options])


def lasting_violations(page, *rules, seconds=15):
    """Return what axe-core still objects to after a while: the theme looks at what scrolls when a page has settled."""
    end = time.monotonic() + seconds
    while (found := axe_violations(page, *rules)) and time.monotonic() < end:
        page.wait_for_timeout(200)
    return found


def inspect(open_page, path):
    sizes, addresses = {}, {}

    def measure(page):
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", lambda e: addresses.update({e["requestId"]: e["response"]["url"]}))
        session.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))

    page = open_page(path, start=measure)
    assert page.evaluate(LOAD_ALL) == []
    assert page.locator("mjx-merror").count() == 0
    page.wait_for_load_state("networkidle")
    assert page.evaluate(BAD_PICTURES) == []
    assert page.evaluate("[...document.images].filter(image => !image.hasAttribute('alt')).map(i => i.src)") == []
    assert page.remote == []
    assert page.errors == []
    weights = {url: sizes[key] for key, url in addresses.items() if key in sizes and "/mathjax/" not in url}
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:5]
    assert sum(weights.values()) <= MOST_BYTES, f"{sum(weights.values())} bytes, most of them: {heaviest}"

    page.add_script_tag(path=str(AXE_SCRIPT))
    assert lasting_violations(page) + contrast_violations(page) == []
    page.emulate_media(color_scheme="dark")
    if path != "404.html":  # this one has no switch
        page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert contrast_violations(page) == []

    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("innerWidth === 390")
    assert page.evaluate("document.documentElement.scrollWidth") == 390, "wider than a phone"
    assert page.evaluate(OVERLAPS) == []
    assert lasting_violations(page, "scrollable-region-focusable", "target-size") == []


# Two classes, since the tests of one class run in one process.
class TestOddPages:
    @pytest.mark.parametrize("path", PAGES[0::2])
    def test_page(self, open_page, path):
        inspect(open_page, path)


class TestEvenPages:
    @pytest.mark.parametrize("path", PAGES[1::2])
    def test_page(self, open_page, path):
        inspect(open_page, path)


def test_contrast_of_one_text_among_its_like_and_of_one_that_differs_is_seen(open_page):
    page = open_page("book/notebooks/1-neurons/perceptron.html")
    page.add_script_tag(path=str(AXE_SCRIPT))
    assert contrast_violations(page) == []
    page.evaluate("document.querySelectorAll('article p')[3].style.color = '#aaa'")
    (found,) = contrast_violations(page)
    assert found.startswith("color-contrast: <p")


@pytest.mark.parametrize("path", [f"{chapter}.html" for chapter in CHAPTERS])
def test_code_needs_no_horizontal_scrolling_on_a_laptop(open_page, path):
    page = open_page(path)
    too_wide = """() => [...document.querySelectorAll('div.cell_input pre')].filter(
      pre => pre.checkVisibility() && pre.scrollWidth > pre.clientWidth + 1).map(pre => pre.textContent)"""
    assert page.evaluate(too_wide) == []
    # The widest line that the check of the chapters allows.
    page.evaluate("document.querySelector('div.cell_input pre').textContent = 'x'.repeat(88)")
    assert page.evaluate(too_wide) == []
