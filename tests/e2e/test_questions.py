"""Questions in the page: each kind by mouse, keyboard and touch, light and dark, with and without scripts.

Most of it looks at a book of one page, which has a question of each kind and is built in seconds.
"""

from __future__ import annotations

import base64
import json
import re

import jupytext
import nbformat
import pytest

from coursepkg.exercises import bank, grade
from coursepkg.exercises.source import read_exercises
from tests.e2e.conftest import CHAPTERS, LOAD_ALL, ROOT, opening, parsed, serving, small_book
from tests.e2e.test_pages import AXE, AXE_SCRIPT, axe_violations

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (requirements/test.txt)").expect

SAMPLE = (ROOT / "tests/questions.md").read_text(encoding="utf-8")
SENTENCES = [
    "Pairs are n times n, and n grows faster than log n.",
    "Two is twice 1.",
    "Half of five is 2.5.",
    "Rows of the first, columns of the second.",
    "Each is divided by two.",
    "Ten is the largest.",
    "To the right x grows, upward y does.",
    "Go right as far as you can, then up.",
]
# Answers as they are given in the page and in a notebook; the last one of each kind is right.
ANSWERS = {
    "choice": [("a", "a"), ("c", "c"), ("b", "b")],
    "several": [("ab", ("a", "b")), ("d", ("d",)), ("ac", ("a", "c"))],
    "number": [("10.05", 10.05), ("-2.5", -2.5), ("3", 3), ("1", 1), ("2.58", 2.58)],
    "shape": [("(5, 4)", (5, 4)), ("4, 6", (4, 6)), ("4", (4,)), ("4,5", (4, 5))],
    "list": [("2 6 10", [2, 6, 10]), ("[0.5, 1.5, −2.5]", [0.5, 1.5, -2.5]), ("0.5; 1.5; 2.5", [0.5, 1.5, 2.5])],
    "order": [("abc", ["a", "b", "c"]), ("bac", ["b", "a", "c"]), ("bca", ["b", "c", "a"])],
    "region": [("1 3", (1, 3)), ("5 500", (5, 500)), ("9.5 500", (9.5, 500))],
}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """The folder of the small book."""
    notebook = jupytext.reads(SAMPLE, fmt="md:myst")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], 1
            if "print" in cell.source:
                cell.outputs = [nbformat.v4.new_output("stream", text="seconds: 2.5\n")]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    page = nbformat.writes(notebook)
    return small_book(tmp_path_factory, page, extension="sphinx_questions", parser="myst_nb")


@pytest.fixture(scope="module")
def small_site(kinds):
    with serving(kinds) as address:
        yield address


@pytest.fixture
def visit(browser, small_site):
    """A function that opens the small book, perhaps with a script that runs before its own."""
    with opening(browser, small_site) as opened:
        yield lambda before="", **options: opened(
            "index.html", start=lambda page: page.add_init_script(before), **options
        )


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The same questions, as the exercises of an instructor."""
    (tmp_path / "kinds.md").write_text(SAMPLE, encoding="utf-8")
    monkeypatch.setenv(bank.FOLDERS, str(tmp_path))


def form(page, kind):
    return page.locator(f"#question-kinds-{kind}")


def result(page, kind):
    return form(page, kind).locator(".question-result").inner_text()


def give(page, kind, answer):
    """Give an answer with the mouse, and check it."""
    question = form(page, kind)
    if kind in ("choice", "several"):
        for box in question.locator("input").all():
            if kind == "several" or box.get_attribute("value") in answer:
                box.set_checked(box.get_attribute("value") in answer)
    elif kind == "order":
        for place, letter in enumerate(answer):
            while (order := letters(page)).index(letter) > place:
                question.get_by_role("button", name=f"Move up: {letter}").click()
                assert letters(page).index(letter) == order.index(letter) - 1
    else:
        values = answer.split() if kind == "region" else [answer]
        for field, value in zip(question.locator("input").all(), values, strict=True):
            field.fill(value)
    question.get_by_role("button", name="Check").click()


def letters(page):
    items = form(page, "order").locator(".question-choices > li")
    return [item.get_attribute("data-letter") for item in items.all()]


def sentences(report):
    """Return the explanations in a notebook's report, without what stands before them."""
    found = [line for r in report.results for line in (r.problem or r.note).splitlines()]
    return [re.sub(r"^[^:]{1,30}: ", "", line) for line in found]


def test_each_kind_says_what_the_notebook_says_and_nothing_is_lost(visit, own):
    page = visit()
    for kind, answers in ANSWERS.items():
        for given, answer in answers:
            give(page, kind, given)
            shown, report = result(page, kind), grade(f"kinds/{kind}", answer)
            assert shown.startswith("✓ Right." if report.passed else "✗ "), (kind, given, shown)
            for sentence in sentences(report):
                assert sentence.replace("`", "") in shown, (kind, given, shown)
        assert shown.startswith("✓ Right."), kind
    before = {kind: result(page, kind) for kind in ANSWERS}

    page.reload()
    assert {kind: result(page, kind) for kind in ANSWERS} == before
    assert letters(page) == ["b", "c", "a"]
    assert form(page, "region").locator("input").first.input_value() == "9.5"
    assert form(page, "region").locator(".question-marker").is_visible()

    for kind in ANSWERS:
        form(page, kind).get_by_role("button", name="Try again").click()
        assert result(page, kind) == "Your answer was taken back."
    page.reload()
    assert {result(page, kind) for kind in ANSWERS} == {""}
    assert letters(page) == ["a", "b", "c"]
    assert page.errors == []


def test_what_is_no_answer_is_asked_for_and_kept_from_being_judged(visit):
    page = visit()
    for kind, given, said in [
        ("choice", "", "Choose an answer first."),
        ("several", "", "Choose some of them, not all"),
        ("several", "abcd", "Choose some of them, not all"),
        ("number", "", "Type a number first."),
        ("shape", "4.5, 5", "Type whole numbers for a shape"),
        ("list", "a, b", "Type whole numbers for a shape"),
    ]:
        give(page, kind, given)
        assert said in result(page, kind), kind
        assert not form(page, kind).get_by_role("button", name="Try again").is_visible()
    form(page, "region").get_by_role("button", name="Check").click()
    assert "type both numbers, first" in result(page, "region")
    assert page.evaluate("localStorage.getItem('course-questions')") is None


def test_by_keyboard_alone_with_what_a_screen_reader_is_told(visit):
    page = visit()
    press, focused = page.keyboard.press, lambda: page.evaluate("document.activeElement.getAttribute('aria-label')")
    form(page, "choice").locator("input").first.focus()
    press("ArrowDown")  # from the first radio button to the second, which is chosen by that
    press("Enter")
    assert result(page, "choice").startswith("✓ Right.")
    status = form(page, "choice").get_by_role("status")
    assert "Pairs are n times n" in status.inner_text()
    group = form(page, "choice").get_by_role("group", name="Question: Which grows fastest?")
    assert group.get_by_role("radio").count() == 3
    assert group.get_by_role("radio", name="max, which looks at each number once").count() == 1

    form(page, "several").locator("input").first.focus()
    press("Space")
    press("Tab")
    press("Tab")
    press("Space")
    press("Tab")
    press("Tab")
    press("Enter")  # on the button
    assert result(page, "several").startswith("✓ Right.")

    form(page, "order").get_by_role("button", name="Move down: a").focus()
    press("Enter")
    assert (letters(page), focused()) == (["b", "a", "c"], "Move down: a")
    assert result(page, "order") == "a is now in place 2 of 3."
    press("Space")
    press("Enter")  # it is the last one already
    assert (letters(page), focused()) == (["b", "c", "a"], "Move down: a")
    press("Tab")
    press("Enter")
    assert result(page, "order").startswith("✓ Right.")

    form(page, "region").get_by_role("spinbutton", name="x").focus()
    page.keyboard.type("9")
    press("ArrowUp")
    press("Tab")
    page.keyboard.type("900")
    press("Enter")
    assert result(page, "region").startswith("✓ Right.")

    page.locator("#question-kinds-number summary").focus()
    press("Enter")
    # The browser tells the page that the details opened in a task of its own, after the key.
    expect(form(page, "number").locator("details")).to_contain_text("2.5: Half of five is 2.5.")


def test_a_place_is_clicked_in_the_picture(visit):
    page = visit()
    picture, inputs = form(page, "region").locator("img"), form(page, "region").locator("input")
    for position, point, right in (((170, 15), (9.38, 650), True), ((20, 90), (0, 1), False)):
        picture.click(position={"x": position[0], "y": position[1]})
        values = [float(field.input_value()) for field in inputs.all()]
        assert values == pytest.approx(point, rel=0.1, abs=0.1)
        marker = form(page, "region").locator(".question-marker").bounding_box()
        box = picture.bounding_box()
        assert marker["x"] + marker["width"] / 2 - box["x"] == pytest.approx(position[0], abs=2)
        assert marker["y"] + marker["height"] / 2 - box["y"] == pytest.approx(position[1], abs=2)
        form(page, "region").get_by_role("button", name="Check").click()
        assert result(page, "region").startswith("✓ Right." if right else "✗ Not right")


def test_an_output_stays_folded_until_there_is_an_answer_or_a_wish(visit):
    page = visit()
    output = page.get_by_text("seconds: 2.5", exact=True)
    assert not output.is_visible()
    give(page, "number", "")
    assert not output.is_visible()
    give(page, "number", "1")
    output.wait_for(state="visible")
    page.reload()
    output.wait_for(state="visible")
    form(page, "number").get_by_role("button", name="Try again").click()
    output.wait_for(state="hidden")
    page.get_by_text("show it anyway").click()
    output.wait_for(state="visible")


def test_touch_on_a_phone_in_the_dark_and_nothing_that_axe_objects_to(visit):
    page = visit(width=390, scheme="dark", has_touch=True)
    form(page, "choice").get_by_text("a loop over all pairs").tap()
    form(page, "choice").get_by_role("button", name="Check").tap()
    assert result(page, "choice").startswith("✓ Right.")
    form(page, "order").get_by_role("button", name="Move up: b").tap()
    form(page, "order").get_by_role("button", name="Check").tap()
    form(page, "region").locator("img").tap(position={"x": 20, "y": 90})
    form(page, "region").get_by_role("button", name="Check").tap()
    for kind in ("several", "number", "shape", "list"):
        give(page, kind, ANSWERS[kind][0][0])
    page.get_by_text("Show the answer").first.tap()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.add_script_tag(path=str(AXE_SCRIPT))
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    where = {"include": [["form.question"], ["details.folded-output"]], "exclude": [["mjx-math"]]}
    assert page.evaluate(AXE, [where, {"resultTypes": ["violations"]}]) == []
    assert axe_violations(page, "target-size") == []
    page.emulate_media(color_scheme="light")
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    assert page.evaluate(AXE, [where, {"resultTypes": ["violations"]}]) == []


def test_a_browser_that_keeps_nothing_answers_all_the_same(visit):
    closed = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('closed'); }})"
    page = visit(before=closed)
    give(page, "choice", "b")
    assert result(page, "choice").startswith("✓ Right.")
    page = visit(before='localStorage.setItem(\'course-questions\', \'{"kinds/choice": ["z"], "kinds/order": 3\')')
    give(page, "choice", "b")
    page = visit(before='localStorage.setItem(\'course-questions\', \'{"kinds/choice": ["z"], "kinds/order": 3}\')')
    assert [result(page, "choice"), result(page, "order")] == ["", ""]
    assert page.errors == []


def test_without_scripts_the_question_and_a_closed_answer_remain(visit):
    page = visit(java_script_enabled=False)
    for kind in ANSWERS:
        assert form(page, kind).locator("legend").is_visible()
        assert form(page, kind).locator("button:visible, input:visible").count() == 0
    assert form(page, "several").get_by_text("5", exact=True).is_visible()
    assert not page.get_by_text("seconds: 2.5", exact=True).is_visible()
    frame = form(page, "several").locator("iframe")
    assert not frame.is_visible()
    form(page, "several").get_by_text("Show the answer").click()
    frame.wait_for(state="visible")
    assert "Four is twice 2." in frame.content_frame.locator("li").all_inner_texts()[1]
    assert not [sentence for sentence in SENTENCES if sentence in page.locator("body").inner_text()]


def test_in_print_the_question_and_a_closed_answer_remain(visit):
    page = visit()
    page.emulate_media(media="print")
    for kind in ANSWERS:
        assert form(page, kind).locator("legend").is_visible()
        assert form(page, kind).locator("button:visible").count() == 0
        assert form(page, kind).get_by_text("Show the answer").is_visible()
    assert form(page, "choice").get_by_text("a loop over all pairs").is_visible()
    assert not [sentence for sentence in SENTENCES if sentence in page.locator("body").inner_text()]


def test_answers_stand_neither_in_the_text_of_a_page_nor_in_the_index_of_the_search(kinds):
    source = (kinds / "index.html").read_text(encoding="utf-8")
    index = (kinds / "searchindex.js").read_text(encoding="utf-8")
    assert '"pair"' in index, "the choices are found"
    assert not {'"leav"', '"upward"', '"twice"'} & set(re.findall(r'"\w+"', index))
    assert not [sentence for sentence in SENTENCES if sentence in source]
    assert "kinds/choice" not in parsed(kinds / "index.html").get_text(), "the cell of the check is not shown"
    data = parsed(kinds / "index.html").select_one("#question-kinds-choice")["data-question"]
    assert json.loads(base64.b64decode(data))["right"] == "b"


def test_the_script_is_small_and_needs_nothing():
    script = (ROOT / "book/_static/questions.js").read_text(encoding="utf-8")
    assert len(script.encode()) <= 15_000
    assert len(script.splitlines()) <= 400
    assert not re.findall(r"\bimport\b|fetch\(|https?:|XMLHttp|eval\(", script)


# The chapters of the book, one visit each.


def test_a_chapter_is_answered_counted_on_the_map_and_open_again_on_return(open_page):
    path = "book/notebooks/1-neurons/perceptron.html"
    page = open_page(path)
    page.evaluate(LOAD_ALL)
    first = page.locator("#question-perceptron-shapes")
    first.locator("input").fill("(10, 784)")
    first.get_by_role("button", name="Check").click()
    assert "That is one unit a row" in first.get_by_role("status").inner_text()
    output = page.get_by_text("η = 10.0: 4 mistakes").first
    assert not output.is_visible()
    second = page.locator("#question-perceptron-another-rate")
    second.locator("li", has_text="only the numbers in").locator(
        "mjx-container"
    ).first.click()  # formulas are labels, too
    assert second.locator("input:checked").get_attribute("value") == "b"
    second.get_by_role("button", name="Check").click()
    output.wait_for(state="visible")
    page.get_by_role("link", name="I · Neurons").first.click()
    page.wait_for_url("**/1-neurons.html")
    card = page.locator("ol.chapter-map > li", has_text="Train a perceptron")
    assert "2 of 4 questions answered" in card.inner_text()
    other = page.locator("ol.chapter-map > li", has_text="A playground").inner_text()
    assert "0 of 7 questions answered" in other, "an answer counts for its own chapter only"
    page.go_back()
    first.locator("[role=status]", has_text="That is one unit a row").wait_for(state="attached")
    assert page.remote + page.errors == []


def test_a_curve_of_a_chapter_is_read_by_touch_on_a_phone(open_page):
    page = open_page("book/notebooks/4-training/optimizers.html", width=390, height=844, has_touch=True)
    page.evaluate(LOAD_ALL)
    tired = page.locator("#question-optimizers-tired")
    box = tired.locator("img").bounding_box()
    tired.locator("img").tap(position={"x": box["width"] * 0.34, "y": box["height"] * 0.79})
    tired.get_by_role("button", name="Check").tap()
    assert "a fifth at t = 25" in tired.get_by_role("status").inner_text()
    point = [float(field.input_value()) for field in tired.locator("input").all()]
    assert point == pytest.approx((25, 0.2), abs=2)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.remote + page.errors == []


def test_only_pages_that_need_them_load_script_and_style(book):
    for chapter in CHAPTERS:
        source = ROOT / f"{chapter.replace('notebooks', 'chapters')}.md"
        asked = [texts for texts in read_exercises(source.read_text(encoding="utf-8")) if "kind" in texts]
        page = parsed(book / f"{chapter}.html")
        assert len(page.select("form.question")) == len(asked), chapter
        assert len(page.select('script[src*="questions.js"]')) == bool(asked), chapter
