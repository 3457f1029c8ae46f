"""The minutes that a chapter states are counted, by a rule that these tests spell out."""

from __future__ import annotations

import shutil

import nbformat
import pytest

from tools import reading
from tools.chapters import ROOT, notebook_of, read_stored, sources
from tools.reading import exercise_minutes, main, reading_minutes, reading_seconds, stated

MOST_MINUTES = 45
# Of the first edition; each leaves this list when it is cut or split.
LONGER = {
    "4-training/recipes",
    "4-training/transfer-learning",
}
PAGES = {"errata", "about-the-data"}  # to look things up, not to read from top to bottom


def seconds(*cells):
    made = []
    for kind, source, *rest in cells:
        tags, outputs = (rest + [[], []])[:2]
        if kind == "m":
            made.append(nbformat.v4.new_markdown_cell(source))
        else:
            made.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags}, outputs=outputs))
    return reading_seconds(nbformat.v4.new_notebook(cells=made))


def shown(**data):
    return nbformat.v4.new_output("display_data", data={key.replace("_", "/"): value for key, value in data.items()})


WORDS = "word " * 160


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        (("m", WORDS), 60),
        (("m", f"# Title\n\n{WORDS}\n\n$$\na = b\n$$\n\n```{{math}}\nc\n```"), 60 + 60 / 160 + 60),
        (("m", "| a | b |\n| --- | --- |\n| 1 | 2 |\n\n:::{list-table}\n* - one\n  - two\n:::\n"), 40),
        (("m", "![alt](a.png)\n\n```{figure} b.png\n```\n"), 40),
        (("m", "```python\nx = 1\n\ny = 2\n```\n"), 12),
        (("m", f":::{{dropdown}} More\n{WORDS}\n:::\n"), 0),
        (("m", f"::::{{admonition}} For instructors\n:class: dropdown instructors\n\n{WORDS}\n::::\n"), 0),
        (("m", f":::{{admonition}} Note\n{WORDS}\n:::\n"), 60),
        (("m", f"```{{exercise-start}} A\n:label: a/b\n```\n\n{WORDS}\n\n```{{exercise-end}}\n```\n"), 0),
        (("m", f"```{{solution-start}} a/b\n```\n\n{WORDS}\n\n```{{solution-end}}\n```\n"), 0),
        (("c", "x = 1\n\ny = 2"), 12),
        (("c", "x = 1", ["hide-input"]), 0),
        (("c", "x", ["remove-input"], [shown(image_png="abc")]), 20),
        (("c", "x", ["hide-output"], [shown(image_png="abc")]), 6),
        (("c", "x", [], [nbformat.v4.new_output("stream", text="1\n2\n3\n4\n")]), 26),
        (("c", "x", [], [nbformat.v4.new_output("stream", text="1\n")]), 6),
        (("c", 'check("a/b", answer)'), 0),
    ],
)
def test_what_counts_and_how_much(cell, wanted):
    assert seconds(cell) == pytest.approx(wanted, abs=1)


def test_a_solution_over_several_cells_and_stubs_do_not_count():
    start, end = "```{solution-start} a/b\n```", "```{solution-end}\n```"
    assert seconds(("m", start), ("c", "x = 1"), ("m", WORDS), ("m", f"{end}\n\n{WORDS}")) == pytest.approx(60)
    stub = nbformat.v4.new_code_cell("answer = ...", metadata={"exercise": {"hints": []}})
    assert reading_seconds(nbformat.v4.new_notebook(cells=[stub])) == 0


def test_minutes_are_rounded_to_five_and_exercises_summed():
    minutes = [nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(WORDS * n)]) for n in (1, 12, 43)]
    assert [reading_minutes(notebook) for notebook in minutes] == [5, 10, 45]
    text = "*Level 1 · 15 minutes · 5 points.* A\n*Level 2 · 1 minute · 1 point.* B\n\n:::{question} C\n:::\n"
    assert exercise_minutes(text) == 17
    assert stated(text, minutes[2]) == "45 minutes of reading, 17 of exercises"
    assert stated("", minutes[2]) == "45 minutes of reading"


def test_what_is_wrong_is_said_and_mended(tmp_path, monkeypatch, capsys):
    source = ROOT / "book/chapters/1-neurons/xor.md"
    for path in (source, notebook_of(source)):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True)
        shutil.copy(path, copy)
    for name in ("ROOT", "sources", "notebook_of"):
        value = getattr(reading, name)
        fixed = tmp_path if name == "ROOT" else (lambda *a, _value=value, **k: _value(*a, root=tmp_path, **k))
        monkeypatch.setattr(reading, name, fixed)
    copy = tmp_path / source.relative_to(ROOT)
    text = copy.read_text(encoding="utf-8")
    right = reading.STATED.search(text)[0]
    copy.write_text(text.replace(right, "5 minutes of reading"), encoding="utf-8")
    assert main(["--check"]) == 1
    said = capsys.readouterr().out
    assert f'xor.md says "5 minutes of reading"; counted were {right}: python -m tools.reading --write xor' in said
    assert main(["--write", "xor"]) == 0
    assert copy.read_text(encoding="utf-8") == text
    assert main(["--check"]) == 0


def test_no_chapter_takes_longer_than_a_lesson():
    minutes = {
        path.relative_to(ROOT / "book/chapters").with_suffix("").as_posix(): reading_minutes(
            read_stored(notebook_of(path))
        )
        for path in sources()
    }
    longer = {name for name, taken in minutes.items() if taken > MOST_MINUTES} - PAGES
    assert longer == LONGER
