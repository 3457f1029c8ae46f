"""The student's copy of the notebooks and text sources holds no solution, and everything else.

That of the HTML is looked at where the book is built: tests/e2e/test_student_copy.py.
"""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from coursepkg.exercises import all_exercises
from tools import student
from tools.chapters import notebook_problems
from tools.student import export, main, strip_notebook, without_solutions

ROOT = Path(__file__).parents[2]
# Not the questions: the page itself explains their answers, which it holds encoded, in the students' copy as well.
SHOWN = [exercise for exercise in all_exercises().values() if exercise.kind == "write"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The copy without the HTML."""
    folder = tmp_path_factory.mktemp("student")
    export(folder, html=False)
    return folder


def without_imports(source):
    return "\n".join(line for line in source.splitlines() if not line.startswith(("import ", "from ")))


def squeezed(text):
    return "".join(text.split())


def bare(path):
    """Return the text of a file without blanks; of a page, without its tags; of a notebook, of its cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    elif path.suffix == ".html":
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return squeezed(text)


def body(exercise):
    """Return the part of a solution that an answer under another name shares."""
    lines = without_imports(exercise.solution_source).splitlines()
    return squeezed("\n".join(line for line in lines if not re.match(rf"(def |class )?{exercise.answer_name}\b", line)))


def held(path, exercises=SHOWN):
    """Return the labels of the exercises whose solution a file holds, whole, under its name, or in its body."""
    text = bare(path)
    return [
        exercise.label
        for exercise in exercises
        if f"{exercise.answer_name}_solution" in text
        or squeezed(without_imports(exercise.solution_source)) in text
        or (len(body(exercise)) > 30 and body(exercise) in text)
    ]


def readable(folder):
    """Return the files of a folder whose text readers can see."""
    return [p for p in folder.rglob("*") if p.suffix in (".ipynb", ".md", ".html", ".js", ".txt", ".py")]


def test_no_file_of_the_copy_holds_a_solution(copy):
    assert SHOWN
    files = readable(copy)
    assert {path.suffix for path in files} >= {".ipynb", ".md"}
    assert {path.relative_to(copy).as_posix(): labels for path in files if (labels := held(path))} == {}


def test_the_search_would_find_a_solution(copy):
    exercise = all_exercises()["perceptron/learning-rule"]
    for source in ("book/chapters/1-neurons/perceptron.md", "book/notebooks/1-neurons/perceptron.ipynb"):
        assert exercise.label in held(ROOT / source)
        assert body(exercise) in bare(ROOT / source)
    page = copy.parent / "page.html"
    page.write_text(f"<pre><span>{html.escape(exercise.solution_source)}</span></pre>", encoding="utf-8")
    assert body(exercise) in bare(page)
    assert held(page) == [exercise.label]


def test_everything_else_is_there(copy):
    for source in (ROOT / "book/notebooks").rglob("*.ipynb"):
        if ".ipynb_checkpoints" in source.parts:
            continue
        stripped = nbformat.read(copy / "notebooks" / source.relative_to(ROOT / "book/notebooks"), as_version=4)
        full = nbformat.read(source, as_version=4)
        assert notebook_problems(stripped) == notebook_problems(full)
        kept = [cell.source for cell in stripped.cells if cell.cell_type == "code"]
        outside, inside = [], False  # of solutions, some of which are discussions without code
        for cell in full.cells:
            if cell.cell_type == "markdown":
                for mark in re.findall(r"\{solution-(start|end)\}", cell.source):
                    inside = mark == "start"
            elif not inside:
                outside.append(cell.source)
        assert kept == outside
        assert "".join(c.source for c in stripped.cells).count("{exercise-start}") == "".join(
            c.source for c in full.cells
        ).count("{exercise-start}")


def test_markdown_loses_its_solutions_whatever_the_fence():
    for fence in ("```", "````", ":::"):
        start, end = (
            f"{fence}{{solution-start}} a/b\n:class: dropdown\n{fence}\n",
            f"{fence}{{solution-end}}\n{fence}\n",
        )
        assert without_solutions(f"one\n{start}secret\n{end}two\n") == ("one\ntwo\n", False)
        assert without_solutions(f"one\n{start}secret\n") == ("one\n", True)
        assert without_solutions(f"secret\n{end}two\n", inside=True) == ("two\n", False)
        with pytest.raises(ValueError, match="a solution that begins in the wrong place"):
            without_solutions(start + start)
        with pytest.raises(ValueError, match="a solution that ends in the wrong place"):
            without_solutions(end)


BOX = "::::{admonition} For instructors\n:class: dropdown instructors\n\nstumble\n\n:::{tip}\nshow\n:::\n::::\n"


def test_boxes_for_instructors_go_whole_and_no_other_box():
    other = BOX.replace("instructors\n", "tip\n")
    assert without_solutions(f"one\n{BOX}two\n{other}three\n") == (f"one\ntwo\n{other}three\n", False)
    made = notebook(("m", BOX.strip()), ("m", f"before\n\n{BOX}"), ("c", "kept"))
    strip_notebook(made)
    assert [cell.source for cell in made.cells] == ["before", "kept"]


def test_no_file_of_the_copy_holds_a_box_for_instructors(copy):
    box = re.compile(r"\{admonition\} For instructors|^:class:.*\binstructors\b", re.MULTILINE)
    sources = [path for path in readable(ROOT / "book/chapters") if box.search(path.read_text(encoding="utf-8"))]
    stripped = [path for path in readable(copy) if box.search(path.read_text(encoding="utf-8"))]
    assert stripped == []
    for path in sources:
        assert without_solutions(path.read_text(encoding="utf-8"))[0].strip()


def notebook(*cells):
    kinds = {"m": nbformat.v4.new_markdown_cell, "c": lambda s: nbformat.v4.new_code_cell(s, execution_count=1)}
    return nbformat.v4.new_notebook(cells=[kinds[kind](source) for kind, source in cells])


START, END = "```{solution-start} a/b\n```", "```{solution-end}\n```"


def test_cells_between_the_marks_go_and_text_around_the_marks_stays():
    made = notebook(
        ("c", "stub"), ("m", f"before\n\n{START}\n\nwhy"), ("c", "secret"), ("m", "text"), ("c", "more"),
        ("m", f"{END}\n\nafter"), ("c", "check"), ("m", START), ("c", "secret"), ("m", END),
    )  # fmt: skip
    strip_notebook(made)
    assert [cell.source for cell in made.cells] == ["stub", "before", "after", "check"]
    assert [cell.execution_count for cell in made.cells if cell.cell_type == "code"] == [1, 2]


def test_a_solution_without_end_is_refused_with_the_files_name(tmp_path, capsys, monkeypatch):
    with pytest.raises(ValueError, match="a solution has no end"):
        strip_notebook(notebook(("m", START), ("c", "secret")))
    (tmp_path / "clone/book").mkdir(parents=True)
    (tmp_path / "clone/book/bad.md").write_text(f"text\n{START}\n")
    monkeypatch.setattr(student, "ROOT", tmp_path / "clone")
    with pytest.raises(ValueError, match=r"book/bad\.md: a solution has no end"):
        export(tmp_path / "out", html=False, root=tmp_path / "clone")
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_not_touched(tmp_path, capsys):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/mine.ipynb").write_text("my work")
    assert main([str(tmp_path), "--no-html"]) == 1
    assert "is not empty; choose another folder, or add --replace" in capsys.readouterr().err
    assert (tmp_path / "notebooks/mine.ipynb").read_text() == "my work"
    (tmp_path / "notes.txt").write_text("kept")
    assert main([str(tmp_path), "--no-html", "--replace"]) == 0
    assert "without solutions: open" in capsys.readouterr().out
    assert (tmp_path / "notes.txt").exists()
    assert not (tmp_path / "notebooks/mine.ipynb").exists()
    assert (tmp_path / "notebooks/1-neurons/perceptron.ipynb").exists()
    shutil.rmtree(tmp_path / "notebooks")
