"""What readers do with the book: search, switch the theme, find their way on a phone, print."""

from __future__ import annotations

import json
import re

import pytest

from tests.e2e.conftest import CHAPTERS, ROOT, opening

PHONE = {"width": 390, "height": 844}
PERCEPTRON = "book/notebooks/1-neurons/perceptron.html"


def notebook(chapter):
    return json.loads((ROOT / f"{chapter}.ipynb").read_text(encoding="utf-8"))


def headings(chapter):
    text = "\n".join("".join(cell["source"]) for cell in notebook(chapter)["cells"] if cell["cell_type"] == "markdown")
    return re.findall(r"^(#{1,2}) ([^$`{\n]+)$", text, re.MULTILINE)


def bold_terms(chapter):
    text = "\n".join("".join(cell["source"]) for cell in notebook(chapter)["cells"] if cell["cell_type"] == "markdown")
    return re.findall(r"\*\*([A-Za-z][a-z -]{4,})\*\*", text)


def results(page):
    """Wait until the search says that it has shown all that it found, and return that."""
    page.wait_for_selector("#search-results h2:text-is('Search Results')", state="attached")
    return page.evaluate("[...document.querySelectorAll('#search-results ul.search li > a')].map(link => link.href)")


@pytest.fixture(scope="module")
def search(browser, site):
    """A function that returns the results for a query; the page and its index are loaded once for all queries."""
    with opening(browser, site) as opened:
        page = opened("search.html?q=perceptron")
        assert results(page)

        def search(query):
            page.evaluate(
                """query => {
                  document.getElementById('search-results').replaceChildren();
                  Search.performSearch(query);  // what the page itself calls with the query of its address
                }""",
                query,
            )
            return results(page)

        yield search


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_search_finds_the_terms_of_a_chapter_its_headings_first(search, chapter):
    everywhere = [heading for other in CHAPTERS for _, heading in headings(other)]
    own = [heading for _, heading in headings(chapter) if everywhere.count(heading) == 1]
    for heading in own[:2]:  # the title and a section that no other chapter has
        found = search(heading.replace("&", ""))
        assert f"{chapter}.html" in found[0], f"the search for {heading!r} leads first to {found[:3]}"
    term = bold_terms(chapter)[0]
    assert any(f"{chapter}.html" in link for link in search(term)), term


def test_one_page_finds_for_each_query_what_a_page_of_its_own_finds(open_page, search):
    for query in ("Novikoff", "learning rate", "no-such-word"):
        assert search(query) == results(open_page(f"search.html?q={query}"))


def test_keyboard_opens_the_search(open_page):
    page = open_page("book/index.html")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#pst-search-dialog[open] input")
    page.keyboard.type("Novikoff")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=Novikoff**")
    assert "perceptron.html#why-it-must-stop-novikoffs-bound" in results(page)[0]
    assert page.remote + page.errors == []


def test_search_works_on_a_phone(open_page):
    page = open_page(PERCEPTRON, **PHONE, has_touch=True)
    page.locator(".article-header-buttons .search-button").tap()
    page.locator("#pst-search-dialog input").fill("learning rule")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html**")
    assert results(page)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    link = page.locator("#search-results ul.search li > a").first
    assert link.bounding_box()["width"] > 40
    link.tap()
    page.wait_for_url("**/perceptron.html**")


def test_theme_is_remembered(open_page):
    page = open_page("book/index.html")
    theme = "document.documentElement.dataset.theme"
    assert page.evaluate(theme) == "light"
    while page.evaluate("document.documentElement.dataset.mode") != "dark":
        page.locator(".theme-switch-button").first.click()
    assert page.evaluate(theme) == "dark"
    page.reload()
    assert page.evaluate(theme) == "dark"
    page.get_by_role("link", name="How to use this book").first.click()
    page.wait_for_url("**/how-to-use.html")
    assert page.evaluate(theme) == "dark"


def test_formulas_have_all_that_they_and_their_menu_load(open_page):
    page = open_page(PERCEPTRON)
    page.locator(".math").first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('mjx-container mjx-math')", timeout=15_000)
    page.evaluate(
        r"""async () => {
          await MathJax.tex2chtmlPromise('\\cancel{x} \\mathfrak{A} \\mathscr{L} \\boldsymbol{W} \\color{red}{x}');
          await MathJax.loader.load('a11y/explorer', 'output/svg', '[tex]/physics');
        }"""
    )
    assert page.remote + page.errors == []


# A browser notices what is in view when it draws, which a busy machine does seldom, so the reader looks for a while.
READ_THROUGH = """async () => {
  const pause = () => new Promise(done => setTimeout(done, 40));
  const open = () => [...document.querySelectorAll('.math')].filter(
    math => math.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !math.querySelector('mjx-math'));
  for (const end = Date.now() + 60_000; open().length && Date.now() < end;) {
    const next = open()[0];
    next.scrollIntoView();
    for (const bored = Date.now() + 5_000; !next.querySelector('mjx-math') && Date.now() < bored;) await pause();
    scrollBy(0, innerHeight);
    await pause();
  }
  const page = MathJax.startup.document;
  return open().map(math => [math.outerHTML, document.visibilityState, page.lazyIdle, page.lazySet.size]);
}"""


def test_formulas_are_typeset_when_they_come_into_view(open_page):
    page = open_page("book/notebooks/4-training/optimizers.html")
    # Those in view, and 600 pixels around it, may be ready by now.
    far = """() => {
      const far = [...document.querySelectorAll('.math')].filter(
        math => math.getBoundingClientRect().top > innerHeight + 1500);
      return [far.length, far.filter(math => math.querySelector('mjx-math')).length];
    }"""
    number, typeset = page.evaluate(far)
    assert number > 50
    assert typeset == 0
    assert page.evaluate(READ_THROUGH) == []


def test_formulas_do_not_start_to_move_the_page_while_a_button_is_held_down(open_page):
    page = open_page("book/notebooks/4-training/optimizers.html", height=300)
    started = "document.querySelectorAll('script[src*=mathjax]').length"
    before = page.evaluate(started)
    page.mouse.move(640, 150)
    page.mouse.down()
    assert page.evaluate(started) == before
    page.mouse.up()
    assert page.evaluate(started) == before + 1


def test_formulas_that_come_into_view_while_an_extension_loads_are_not_forgotten(open_page):
    held = []
    page = open_page(
        "book/notebooks/2-keras/sequential-classifier.html",
        start=lambda page: page.route("**/boldsymbol.js", lambda route: held.append(route)),
    )
    scroll = "[...document.querySelectorAll('.math')].%s.scrollIntoView()"
    with page.expect_request("**/boldsymbol.js"):
        page.evaluate(scroll % "find(math => math.textContent.includes('boldsymbol'))")
    page.evaluate(scroll % "at(-1)")
    page.wait_for_function("MathJax.startup.document.lazySet.size > 0")
    held[0].continue_()
    page.locator(".math").last.locator("mjx-math").wait_for(state="attached")


def test_what_scrolls_sideways_on_a_phone_can_be_focused_before_it_is_reached(open_page):
    page = open_page("book/notebooks/2-keras/functional-api.html", **PHONE)
    wide = "[...document.querySelectorAll('figure')].filter(one => one.scrollWidth > one.clientWidth + 1)"
    page.wait_for_function(f"{wide}.length && {wide}.every(one => one.tabIndex === 0)")
    assert page.evaluate("scrollY") == 0


def test_contents_open_on_a_phone(open_page):
    page = open_page(PERCEPTRON, **PHONE, has_touch=True)
    link = page.locator(".bd-sidebar-primary a, #pst-primary-sidebar-modal a", has_text="Solve XOR").first
    assert not link.is_visible()
    page.locator(".primary-toggle").tap()
    link.wait_for(state="visible")
    link.tap()
    page.wait_for_url("**/xor.html")
    page.locator(".secondary-toggle").tap()
    section = (
        page.locator("#pst-secondary-sidebar-modal a, #pst-secondary-sidebar a").filter(has_text="Exercises").first
    )
    section.wait_for(state="visible")
    section.tap()
    page.wait_for_url("**/xor.html#exercises")


def test_focus_is_visible(open_page):
    page = open_page(PERCEPTRON)
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).boxShadow])(document.activeElement)"
        )
        assert style != ["none", "none"], page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize("path", ["book/index.html", PERCEPTRON])
def test_nothing_moves_for_readers_who_do_not_want_it(open_page, path):
    page = open_page(path, motion="reduce")
    moving = """() => [...document.querySelectorAll('*')].filter(element => {
      const style = getComputedStyle(element);
      return style.animationName !== 'none' || style.transitionDuration !== '0s';
    }).map(element => element.outerHTML.slice(0, 100))"""
    assert page.evaluate(moving) == []


def test_unknown_address_leads_back_into_the_book(open_page):
    page = open_page("book/notebooks/1-neurons/no-such-page.html")
    page.get_by_role("link", name="start page").click()
    page.wait_for_url("**/book/index.html")


@pytest.mark.parametrize("address", ["https://example.org/", "http://192.0.2.1/"])
def test_what_leaves_the_machine_would_be_refused_and_noted(open_page, address):
    page = open_page("404.html")
    assert page.remote + page.errors == []
    said = page.evaluate("address => fetch(address, {mode: 'no-cors'}).then(() => 'arrived', () => 'refused')", address)
    assert said == "refused"
    assert page.remote == [address]


def test_print_shows_the_text_alone(open_page):
    page = open_page(PERCEPTRON)
    page.emulate_media(media="print")
    for selector in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer", "button.copybtn"):
        assert not page.locator(selector).first.is_visible(), selector
    assert page.locator("h1").first.is_visible()


def test_pages_work_from_a_folder_without_a_server(open_page, browser, book):
    context = browser.new_context(offline=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: errors.append(request.url))
    page.goto((book / PERCEPTRON).as_uri())
    page.locator(".math").first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('mjx-container mjx-math')", timeout=15_000)
    page.goto((book / "search.html").as_uri() + "?q=Novikoff")
    assert "perceptron.html" in results(page)[0]
    context.close()
    assert [error for error in errors if not error.startswith("file:")] == []
