"""Exercises are read from the Markdown that shows them; the compiled bank is what the chapters say."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from coursepkg.exercises import all_exercises, find
from coursepkg.exercises.parts import parts
from coursepkg.exercises.source import SourceError, read_exercises
from tools import exercises as tool
from tools.chapters import read_source

ROOT = Path(__file__).parents[2]
CHAPTER = (ROOT / "book/chapters/1-neurons/perceptron.md").read_text(encoding="utf-8")
LABEL = "perceptron/learning-rule"


def read(text, label=LABEL):
    return next(texts for texts in read_exercises(text) if texts["label"] == label)


def changed(before, after):
    assert before in CHAPTER, before
    return CHAPTER.replace(before, after)


def test_the_bank_is_what_the_chapters_say():
    files, problems = tool.compiled()
    assert problems == []
    for path, content in files.items():
        assert (ROOT / path).read_text(encoding="utf-8") == content, "run: python -m tools.exercises"


def test_every_exercise_has_cases_and_answers():
    assert tool.modules(label for label, exercise in all_exercises().items() if exercise.kind == "write") == []
    assert tool.modules(["perceptron/nothing"]) == [
        "perceptron/nothing: coursepkg.exercises.cases.perceptron must define nothing",
        "perceptron/nothing: coursepkg.exercises.answers.perceptron must define nothing",
    ]


def test_an_exercise_of_the_bank_is_that_of_the_chapter():
    exercise = find(LABEL)
    for name, value in read(CHAPTER).items():
        assert list(value) == list(getattr(exercise, name)) if name == "hints" else getattr(exercise, name) == value


@pytest.mark.parametrize(
    ("before", "after", "name", "value"),
    [
        ("{exercise-start} Train a perceptron on iris petals", "{exercise-start} Another", "title", "Another"),
        ("*Level 2 · 15 minutes · 5 points.*", "*Level 3 · 1 minute · 7 points.*", "points", 7),
        ("  - perceptron/gates\n", "  - xor\n", "prerequisites", ["xor"]),
        ("'Two loops: one over", "'One loop: over", "hints", None),
        ("        mistakes.append(count)\n", "", "solution_source", None),
        ('in each epoch."""\n    ...', 'in each epoch."""\n    pass', "stub", None),
        ("Run all epochs, even", "Run some epochs, even", "statement", None),
    ],
)
def test_a_change_in_the_chapter_reaches_its_place_and_no_other(before, after, name, value):
    old, new = read(CHAPTER), read(changed(before, after))
    differing = {key for key in old if old[key] != new[key]}
    assert name in differing
    assert differing <= {name, "difficulty", "minutes"}
    assert value is None or new[name] == value


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("{solution-start} perceptron/learning-rule", "{solution-start} perceptron/x", "statement, stub, solution"),
        ("*Level 2 · 15 minutes · 5 points.*", "*Level 2.*", 'must begin with "*Level 1'),
        ('check("perceptron/learning-rule", train_perceptron_solution', "print(1", "must hold check"),
        (
            'check("perceptron/learning-rule", train_perceptron)',
            'check("perceptron/learning-rule", x)',
            "must be check",
        ),
        ("  hints:\n  - 'Two loops", "  tips:\n  - 'Two loops", 'need "exercise" with hints'),
        ("import numpy as np\n", "", "uses np, which no import of the text provides"),
    ],
)
def test_what_is_not_written_as_an_exercise_is_refused_by_its_label(before, after, message):
    with pytest.raises(SourceError, match=re.escape(message)) as error:
        read_exercises(changed(before, after))
    assert LABEL in str(error.value)


def test_an_exercise_without_a_check_is_left_to_the_reader():
    assert "perceptron/margin" in CHAPTER
    assert "perceptron/margin" not in {texts["label"] for texts in read_exercises(CHAPTER)}


@pytest.mark.parametrize("variant", ["\ufeff{}", "crlf"])
def test_byte_order_mark_and_line_endings_do_not_matter(variant):
    text = CHAPTER.replace("\n", "\r\n") if variant == "crlf" else variant.format(CHAPTER)
    assert read_exercises(text) == read_exercises(CHAPTER)


def test_an_exercise_alone_gets_the_imports_that_it_needs():
    text = """
```{code-cell}
import math
import numpy as np
from os import path as p, sep
from json import *
```
```{exercise-start} Area
:label: a/area
```
*Level 1 · 1 minute · 1 point.* Write `area(r)`.
```{exercise-end}
```
```{code-cell}
---
exercise: {hints: [use pi], needs: [sep]}
---
def area(r):
    ...
```
```{solution-start} a/area
```
```{code-cell}
def area_solution(r):
    return math.pi * np.square(r)

check("a/area", area_solution, record=False)
```
```{solution-end}
```
```{code-cell}
check("a/area", area)
```
"""
    (texts,) = read_exercises(text)
    assert texts["solution_source"].startswith("import math\n\nimport numpy as np\n\n\ndef area(r):\n")
    assert texts["stub"].startswith("import math\nfrom os import sep\n\nimport numpy as np\n\n\ndef area(r):\n    ...")
    assert texts["seconds"] == 5.0


def test_solutions_open_collapsed_in_jupyterlab_and_closed_in_html():
    cells = 0
    for source in (ROOT / "book/chapters").rglob("*.md"):
        inside = False
        for cell in read_source(source).cells:
            if cell.cell_type == "markdown":
                for mark in re.findall(r"\{solution-(?:start|end)\}[^`]*", cell.source):
                    inside = mark.startswith("{solution-start")
                    assert not inside or ":class: dropdown" in mark, f"{source}: {mark}"
            elif inside:
                cells += 1
                assert cell.metadata.get("jupyter", {}).get("source_hidden") is True, f"{source}: {cell.source}"
    assert cells >= 6


def test_the_tool_writes_what_is_stale_and_names_what_is_wrong(tmp_path, monkeypatch, capsys):
    for name in ("book/chapters", "book/notebooks", "coursepkg/exercises"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "_toc.yml", tmp_path)
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    monkeypatch.setattr(tool.compiled, "__defaults__", (tmp_path,))
    monkeypatch.setattr(tool.parts, "__defaults__", (tmp_path,))
    assert tool.main(["--check"]) == 0
    chapter = tmp_path / "book/chapters/1-neurons/perceptron.md"
    chapter.write_text(changed("Run all epochs, even", "Run some epochs, even"), encoding="utf-8")
    assert tool.main(["--check"]) == 1
    stale = "coursepkg/exercises/bank.json is not what the chapters say: python -m tools.exercises\n"
    assert capsys.readouterr().out == stale
    assert tool.main([]) == 0
    assert tool.main(["--check"]) == 0
    assert "Run some epochs" in (tmp_path / tool.BANK).read_text(encoding="utf-8")
    chapter.write_text(changed("*Level 2 · 15 minutes · 5 points.*", ""), encoding="utf-8")
    assert tool.main(["--check"]) == 1
    assert "book/chapters/1-neurons/perceptron.md: perceptron/learning-rule: the statement" in capsys.readouterr().out


def test_parts_are_those_of_the_table_of_contents():
    assert {int(number): chapters for number, chapters in tool.parts().items()} == parts()
    assert json.loads((ROOT / tool.BANK).read_text(encoding="utf-8"))["parts"]["1"][0] == "perceptron"
