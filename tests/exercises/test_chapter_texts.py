"""Chapters show the exercises as the bank declares them, and the tool that writes them there changes nothing else."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from coursepkg.exercises import all_exercises, find
from tools.chapters import read_source
from tools.exercises import chapter_of, insert, solution_cell, update, without_imports

ROOT = Path(__file__).parents[2]
EXERCISE = find("perceptron/learning-rule")


@pytest.mark.parametrize("label", all_exercises())
def test_the_chapter_shows_the_exercise_of_the_bank(label):
    source = chapter_of(find(label))
    if source is None:
        pytest.skip("its chapter is not written yet")
    text = source.read_text(encoding="utf-8")
    assert insert(text, find(label)) == text, (
        f"{source.relative_to(ROOT)} differs from coursepkg/exercises: run python -m tools.exercises"
    )


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


@pytest.fixture
def chapter():
    """The text of a chapter, brought up to date."""
    text = chapter_of(EXERCISE).read_text(encoding="utf-8")
    return insert(insert(text, EXERCISE), find("perceptron/gates"))


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        (
            {"statement": "Do something else."},
            ":label: perceptron/learning-rule\n```\n*Level 2 · 15 minutes · 5 points.* Do",
        ),
        ({"title": "Another"}, "```{exercise-start} Another\n:label: perceptron/learning-rule\n"),
        ({"points": 7}, "15 minutes · 7 points.*"),
        ({"stub": "def train_perceptron(X):\n    ...\n"}, "ipython3\ndef train_perceptron(X):\n    ...\n```"),
        (
            {"solution_source": "train_perceptron = 1\n"},
            'train_perceptron_solution = 1\ncheck("perceptron/learning-rule", train_perceptron_solution, record=False)',
        ),
        ({"answer_name": "train"}, 'ipython3\ncheck("perceptron/learning-rule", train)\n```'),
    ],
)
def test_a_change_in_the_bank_reaches_its_place_and_no_other(chapter, changed, where):
    assert where not in chapter
    new = insert(chapter, replace(EXERCISE, **changed))
    assert where in new
    assert insert(new, EXERCISE) == chapter


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (":label: perceptron/learning-rule", ":label: perceptron/another"),
        ("```{solution-start} perceptron/learning-rule", "```{solution-start} perceptron/another"),
        ('check("perceptron/learning-rule", train_perceptron_solution', "print(train_perceptron_solution"),
    ],
)
def test_a_chapter_in_another_order_is_refused(chapter, before, after):
    with pytest.raises(ValueError, match="perceptron/learning-rule is not shown as statement, stub, solution, check"):
        insert(chapter.replace(before, after), EXERCISE)


def test_what_a_chapter_adds_after_the_check_is_kept(chapter):
    call = 'check("perceptron/learning-rule", train_perceptron_solution, record=False)\n'
    more = chapter.replace(call, f'{call}print("more")\n')
    assert more != chapter
    assert insert(more, EXERCISE) == more


def test_update_writes_the_differing_chapters_and_names_the_disordered(tmp_path):
    shutil.copytree(ROOT / "book/chapters", tmp_path / "book/chapters")
    update(tmp_path)
    assert update(tmp_path) == ([], [])
    perceptron, xor = (tmp_path / f"book/chapters/1-neurons/{name}.md" for name in ("perceptron", "xor"))
    right = perceptron.read_text(encoding="utf-8")
    perceptron.write_text(right.replace("Start from zero weights", "Start somewhere"), encoding="utf-8")
    xor.write_text(xor.read_text(encoding="utf-8").replace(":label: xor/by-hand", ":label: xor/x"), encoding="utf-8")
    changed, problems = update(tmp_path, write=False)
    assert changed == [perceptron]
    assert perceptron.read_text(encoding="utf-8") != right
    assert [problem.partition(" is not")[0] for problem in problems] == ["book/chapters/1-neurons/xor.md: xor/by-hand"]
    update(tmp_path)
    assert perceptron.read_text(encoding="utf-8") == right


def test_the_shape_of_a_solution_cell():
    assert without_imports("import a\nfrom b import (c)\n\n\nx = 1\nimport d\n") == "x = 1\nimport d"
    cell = solution_cell(EXERCISE)
    assert cell.startswith("def train_perceptron_solution(X, y, epochs):\n    weights, bias")
    assert cell.endswith('mistakes\n\n\ncheck("perceptron/learning-rule", train_perceptron_solution, record=False)')
