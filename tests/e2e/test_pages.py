"""Every page in a browser without a network: complete, light, accessible, no wider than a phone; chapters also in use.

Each page is visited once: the tests of a page share it, run in the order in which they stand here, and each sets
the size and the colors that it needs.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.conftest import CHAPTERS, LOAD_ALL, PAGES, ROOT, opening

axe = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed (requirements/test.txt)")
AXE_SCRIPT = Path(axe.__file__).with_name("axe.min.js")
LAPTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
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


# Contrast is slow to measure. One visible text of each kind is enough: same tags, classes, colors and backgrounds up to
# the page, same size and weight, and alike in having letters (axe-core looks at no others). Known are the kinds that an
# earlier page has shown. What MathJax writes for screen readers cannot be seen.
MARK_KINDS_OF_TEXT = """known => {
  const hash = text => {  // cyrb53
    let a = 0xdeadbeef, b = 0x41c6ce57;
    for (let i = 0; i < text.length; i++) {
      a = Math.imul(a ^ text.charCodeAt(i), 2654435761);
      b = Math.imul(b ^ text.charCodeAt(i), 1597334677);
    }
    a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
    b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
    return 4294967296 * (2097151 & b) + (a >>> 0);
  };
  const seen = new Set(), measured = new Set(known), paths = new Map();
  const path = element => {  // what an element has from the page, noted for all that it holds
    if (!element) return '';
    if (!paths.has(element)) {
      const style = getComputedStyle(element);
      const own = [element.tagName, element.className, style.color, style.backgroundColor].join();
      paths.set(element, hash(path(element.parentElement) + own));
    }
    return paths.get(element);
  };
  let marked = 0;
  for (const element of document.querySelectorAll('body *')) {
    delete element.dataset.kind;
    const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join('').trim();
    if (!text || element.closest('mjx-assistive-mml') || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const key = hash([path(element), style.fontSize, style.fontWeight, /[\\p{L}\\p{N}]/u.test(text)].join());
    if (!seen.has(key) && !measured.has(key)) {
      element.dataset.kind = key;
      marked++;
    }
    seen.add(key);
  }
  return [seen.size, marked];
}"""
# Returns what violates, and the kinds that axe-core could not judge where they stand, such as half covered ones.
MEASURE_KINDS = """async () => {
  axe.configure({rules: [
    {id: 'color-contrast', selector: '[data-kind]'}, {id: 'link-in-text-block', selector: 'a[href][data-kind]'},
  ]});
  const rules = ['color-contrast', 'link-in-text-block'];
  const options = {resultTypes: ['violations', 'incomplete'], runOnly: {type: 'rule', values: rules}};
  const {violations, incomplete} = await axe.run(document, options);
  const nodes = results => results.flatMap(rule => rule.nodes.map(node => [rule.id, node]));
  const kinds = [...document.querySelectorAll('[data-kind]')].map(element => Number(element.dataset.kind));
  return [
    nodes(violations).map(([rule, node]) => `${rule}: ${node.html.slice(0, 200)} ${node.failureSummary}`),
    nodes(incomplete).map(([rule, node]) => Number(document.querySelector(node.target[0]).dataset.kind)),
    kinds,
  ];
}"""
BY_KIND = ("color-contrast", "link-in-text-block")


class Kinds:
    """The kinds of text whose contrast is known to be enough, or was asked for in vain often enough."""

    def __init__(self, *, attempts=3):
        self.known, self.attempts, self.unjudged = set(), attempts, Counter()

    def violations(self, page):
        """Return the texts of too little contrast, one of each kind that is not known; what fails stays unknown."""
        kinds, new = page.evaluate(MARK_KINDS_OF_TEXT, sorted(self.known))
        assert kinds > 0
        if not new:
            return []
        failed, unjudged, measured = page.evaluate(MEASURE_KINDS)
        if not failed:
            self.unjudged.update(unjudged)
            self.known.update(kind for kind in measured if kind not in unjudged or self.unjudged[kind] >= self.attempts)
        return failed


def axe_violations(page, *rules):
    """Return what axe-core objects to: by some of its rules, or by all but those that are measured by kind of text."""
    chosen = {"runOnly": {"type": "rule", "values": rules}}
    options = chosen if rules else {"rules": {rule: {"enabled": False} for rule in BY_KIND}}
    # The glyphs of MathJax are hidden from screen readers, which read its MathML.
    return page.evaluate(AXE, [{"exclude": [["mjx-math"]]}, {"resultTypes": ["violations"], **options}])


def lasting_violations(page, *rules, seconds=15):
    """Return what axe-core still objects to after a while: the theme looks at what scrolls when a page has settled."""
    end = time.monotonic() + seconds
    while (found := axe_violations(page, *rules)) and time.monotonic() < end:
        page.wait_for_timeout(200)
    return found


def length(path):
    source = ROOT / path.replace("book/notebooks", "book/chapters").replace(".html", ".md")
    return source.stat().st_size if source.exists() else 0


# The longest first, so that no worker begins with one of them when the others have nothing left.
CHAPTERS_FIRST = sorted(PAGES, key=lambda page: (page.removesuffix(".html") not in CHAPTERS, -length(page)))
every_page = pytest.mark.parametrize("visit", CHAPTERS_FIRST, indirect=True)
# The first of the above, so that pytest keeps the tests of a page together also in a single process.
every_chapter = pytest.mark.parametrize("visit", CHAPTERS_FIRST[: len(CHAPTERS)], indirect=True)


@pytest.fixture(scope="module")
def visit(request, browser, site):
    """A page of the book, opened once for all its tests and loaded to the end: formulas, pictures, fonts."""
    sizes, addresses = {}, {}

    def measure(page):
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", lambda e: addresses.update({e["requestId"]: e["response"]["url"]}))
        session.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))

    with opening(browser, site) as opened:
        page = opened(request.param, start=measure, permissions=["clipboard-read", "clipboard-write"])
        page.path = request.param
        page.without_formula = page.evaluate(LOAD_ALL)
        page.wait_for_load_state("networkidle")
        page.weights = {url: sizes[key] for key, url in addresses.items() if key in sizes}
        page.add_script_tag(path=str(AXE_SCRIPT))
        yield page


@pytest.fixture(scope="module")
def kinds():
    return Kinds()


def show(page, size, scheme="light"):
    """Give a page another size or other colors, and wait until it has them."""
    page.set_viewport_size(size)
    page.wait_for_function("width => innerWidth === width", arg=size["width"])
    page.emulate_media(color_scheme=scheme)
    if page.path != "404.html":  # this one has no switch
        page.wait_for_function("scheme => document.documentElement.dataset.theme === scheme", arg=scheme)


def notebook(page):
    return json.loads((ROOT / page.path.replace(".html", ".ipynb")).read_text(encoding="utf-8"))


@every_page
def test_page_is_complete_and_light_and_loads_nothing_from_elsewhere(visit):
    assert visit.without_formula == []
    assert visit.locator("mjx-merror").count() == 0
    assert visit.evaluate(BAD_PICTURES) == []
    assert visit.evaluate("[...document.images].filter(image => !image.hasAttribute('alt')).map(i => i.src)") == []
    assert visit.remote == []
    assert visit.errors == []
    weights = {url: size for url, size in visit.weights.items() if "/mathjax/" not in url}
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:5]
    assert sum(weights.values()) <= MOST_BYTES, f"{sum(weights.values())} bytes, most of them: {heaviest}"


@every_page
def test_page_is_accessible_in_the_light_and_in_the_dark(visit, kinds):
    show(visit, LAPTOP)
    # With the first key that is pressed, the page looks at once for what scrolls; else some seconds later.
    visit.keyboard.press("Shift")
    found = axe_violations(visit)
    if found and all(one.startswith("scrollable-region-focusable") for one in found):
        found = lasting_violations(visit, "scrollable-region-focusable")
    assert found + kinds.violations(visit) == []
    show(visit, LAPTOP, "dark")
    assert kinds.violations(visit) == []


@every_page
def test_page_is_no_wider_than_a_phone(visit):
    show(visit, PHONE, "dark")
    assert visit.evaluate("document.documentElement.scrollWidth") == 390, "wider than a phone"
    assert visit.evaluate(OVERLAPS) == []
    assert lasting_violations(visit, "scrollable-region-focusable", "target-size") == []


@every_chapter
def test_code_needs_no_horizontal_scrolling_on_a_laptop(visit):
    show(visit, LAPTOP)
    too_wide = """() => [...document.querySelectorAll('div.cell_input pre')].filter(
      pre => pre.checkVisibility() && pre.scrollWidth > pre.clientWidth + 1).map(pre => pre.textContent)"""
    assert visit.evaluate(too_wide) == []
    # The widest line that the check of the chapters allows.
    pre = visit.locator("div.cell_input pre").first
    before = pre.inner_html()
    pre.evaluate("(pre, text) => pre.textContent = text", "x" * 88)
    try:
        assert visit.evaluate(too_wide) == []
    finally:
        pre.evaluate("(pre, html) => pre.innerHTML = html", before)


@every_chapter
def test_copy_buttons_copy_exactly_the_code(visit):
    show(visit, LAPTOP)
    hidden = {"remove-cell", "remove-input", "remove_cell", "remove_input"}
    cells = [cell for cell in notebook(visit)["cells"] if cell["cell_type"] == "code"]
    cells = [cell for cell in cells if "question" not in cell["metadata"]]  # in their place stands the question itself
    sources = ["".join(c["source"]) for c in cells if not hidden & set(c["metadata"].get("tags", []))]
    visit.wait_for_selector("div.cell_input button.copybtn", state="attached")
    copied = visit.evaluate(
        """async () => {
          const texts = [];
          for (const button of document.querySelectorAll('div.cell_input button.copybtn')) {
            await navigator.clipboard.writeText('');
            button.click();
            for (let i = 0; i < 50 && !(await navigator.clipboard.readText()); i++)
              await new Promise(done => setTimeout(done, 10));
            texts.push(await navigator.clipboard.readText());
          }
          return texts;
        }"""
    )
    assert [text.rstrip("\n") for text in copied] == [source.rstrip("\n") for source in sources]


@every_chapter
def test_solutions_are_closed_and_open_by_mouse_and_keyboard(visit):
    show(visit, LAPTOP)
    solutions = visit.locator("div.solution")
    expected = sum("solution-start" in "".join(cell["source"]) for cell in notebook(visit)["cells"])
    assert solutions.count() == expected
    for number in range(expected):
        inside = solutions.nth(number).locator("section, div.cell").first
        assert not inside.is_visible()
        button = solutions.nth(number).locator("button.toggle-button")
        if number % 2:
            button.focus()
            visit.keyboard.press("Enter")
        else:
            button.click()
        inside.wait_for(state="visible")
    assert visit.remote + visit.errors == []


@pytest.fixture
def perceptron(open_page):
    page = open_page("book/notebooks/1-neurons/perceptron.html")
    page.evaluate(LOAD_ALL)
    page.add_script_tag(path=str(AXE_SCRIPT))
    return page


def test_contrast_of_one_text_among_its_like_and_of_one_that_differs_is_seen(perceptron):
    kinds = Kinds()
    assert kinds.violations(perceptron) == []
    perceptron.evaluate("document.querySelectorAll('article p')[3].style.color = '#aaa'")
    for _ in range(2):  # what fails does not become known
        (found,) = kinds.violations(perceptron)
        assert found.startswith("color-contrast: <p")


def test_a_link_that_only_its_color_tells_from_text_is_seen(perceptron):
    kinds = Kinds()
    perceptron.add_style_tag(content="article p a { text-decoration: none !important; color: #222 !important }")
    assert any(found.startswith("link-in-text-block: <a") for found in kinds.violations(perceptron))


def test_a_kind_of_text_is_measured_once_and_what_cannot_be_judged_three_times(perceptron):
    kinds = Kinds()
    there, new = perceptron.evaluate(MARK_KINDS_OF_TEXT, [])
    assert there == new > 50
    left = []
    for _ in range(3):
        assert kinds.violations(perceptron) == []
        left.append(perceptron.evaluate(MARK_KINDS_OF_TEXT, sorted(kinds.known))[1])
    assert 0 < left[0] < 0.1 * there
    assert left == [left[0], left[0], 0]
