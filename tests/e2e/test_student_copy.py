"""The HTML that students get holds no solution, shown without a second build of the whole book.

Three things together: a chapter's page holds its solutions in the boxes that stripping takes out and nowhere else; what
is no chapter's holds none, but the example of the instructors' page; and the real export, with two chapters and that
page, leaves none in any file that its build makes. What it strips from the sources of all chapters is looked at in
tests/book/test_student.py.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.book.test_student import SHOWN, body, held, readable, squeezed, without_imports
from tests.e2e.conftest import (
    CHAPTERS,
    DOCUMENTS,
    ROOT,
    parsed,
    skip_where_the_book_is_not_built,
    small_clone,
)
from tools.student import export, without_solutions

EXPORTED = ["book/notebooks/1-neurons/perceptron", "book/notebooks/2-keras/functional-api"]
WITH_AN_EXAMPLE = ["book/instructors"]  # no chapter, but it shows how a solution is written; this is stripped too
OWN = defaultdict(list)
for _exercise in SHOWN:
    OWN[_exercise.label.partition("/")[0]].append(_exercise)


def source_of(document):
    path = ROOT / f"{document.replace('book/notebooks', 'book/chapters')}.md"
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_page_holds_solutions_only_in_the_boxes_that_are_taken_out(book, chapter):
    from bs4 import BeautifulSoup

    cells = json.loads((ROOT / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    starts = sum("".join(cell["source"]).count("{solution-start}") for cell in cells)
    page = BeautifulSoup((book / f"{chapter}.html").read_text(encoding="utf-8"), "html.parser")
    boxes = page.select("div.solution")
    assert len(boxes) == starts
    inside = squeezed("".join(box.extract().get_text() for box in boxes))
    left = squeezed(page.get_text())
    own = OWN[Path(chapter).name]
    assert bool(own) == bool(boxes)
    for exercise in own:  # the same search finds what is there; a chapter's solution has a name of its own
        name = exercise.answer_name
        shown = re.sub(rf"\b{name}\b", f"{name}_solution", without_imports(exercise.solution_source))
        assert squeezed(shown) in inside, exercise.label
    for exercise in SHOWN:
        assert f"{exercise.answer_name}_solution" not in left, exercise.label
        assert squeezed(without_imports(exercise.solution_source)) not in left, exercise.label
        assert not (len(body(exercise)) > 30 and body(exercise) in left), exercise.label


def test_what_is_no_chapter_holds_no_solution(book):
    changed = [name for name in DOCUMENTS if (text := source_of(name)) != without_solutions(text)[0]]
    assert [name for name in changed if name not in CHAPTERS] == WITH_AN_EXAMPLE
    names = "|".join(re.escape(Path(name).name) for name in [*CHAPTERS, *WITH_AN_EXAMPLE])
    stripped = re.compile(rf"(^|/)({names})\.(html|ipynb|md)$")
    files = {path: path.relative_to(book).as_posix() for path in readable(book)}
    others = [path for path, name in files.items() if not stripped.search(name)]
    assert {files[path].partition("/")[0] for path in others} >= {"book", "_static", "searchindex.js", "search.html"}
    assert len(others) >= len(DOCUMENTS) - len(CHAPTERS)
    assert {files[path]: labels for path in others if (labels := held(path))} == {}


def test_the_export_of_two_chapters_leaves_no_solution_in_any_file(tmp_path):
    skip_where_the_book_is_not_built()
    small_clone(tmp_path / "clone", [*WITH_AN_EXAMPLE, *EXPORTED])
    export(tmp_path / "copy", root=tmp_path / "clone")
    files = readable(tmp_path / "copy/html")
    assert {path.suffix for path in files} >= {".ipynb", ".md", ".html", ".js"}
    assert {path.name: labels for path in files if (labels := held(path))} == {}
    for chapter in EXPORTED:
        exercises = OWN[Path(chapter).name]
        page = parsed(tmp_path / f"copy/html/{chapter}.html")
        assert len(page.select("div.exercise")) >= len(exercises) > 0
        assert page.select("div.solution") == []
        text = page.get_text()
        for exercise in exercises:
            assert exercise.title in text
    assert "not attempted yet" in parsed(tmp_path / f"copy/html/{EXPORTED[0]}.html").get_text()
