"""Which answers are called the same, and what nobody can help being the same."""

from __future__ import annotations

import ast
import copy

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from coursepkg import exercises
from coursepkg.grading import sameness
from coursepkg.grading.judge import GradedCell
from coursepkg.grading.sameness import FEWEST_NODES, fingerprint, own_size, remarks

ALL = [exercise for exercise in exercises.all_exercises().values() if exercise.kind == "write"]
LABEL = "perceptron/learning-rule"
RULE = exercises.find(LABEL)


def definition(exercise):
    return sameness._definition([exercise.solution_source], exercise.answer_name)


def test_the_limit_is_that_of_the_books_own_solutions():
    stubs = {exercise.label: sameness._definition([exercise.stub], exercise.answer_name) for exercise in ALL}
    short = [one for one in ALL if own_size(definition(one), stubs[one.label]) < FEWEST_NODES]
    assert len(ALL) / 5 < len(short) < len(ALL) / 2
    for exercise in ALL:
        found = fingerprint([exercise.solution_source], exercise.answer_name, stub=exercise.stub)
        assert (found is None) == (exercise in short), exercise.label


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.label)
def test_a_stub_is_nobodys_answer(exercise):
    assert fingerprint([exercise.stub], exercise.answer_name, stub=exercise.stub) is None


def same(*sources):
    return fingerprint(list(sources), RULE.answer_name, stub=RULE.stub)


def test_layout_comments_docstrings_and_other_cells_do_not_count():
    published = same(RULE.solution_source)
    assert published is not None
    assert same(ast.unparse(ast.parse(RULE.solution_source))) == published
    assert (
        same("%matplotlib inline\nimport numpy as np", RULE.solution_source + "\n# mine!\nprint('ready')") == published
    )
    before, head, after = RULE.solution_source.partition("def train_perceptron(X, y, epochs):\n")
    assert same(f'{before}{head}    """My own words."""\n{after}') == published
    assert same(RULE.stub, RULE.solution_source, "def broken(:") == published


def test_names_and_constants_count():
    published = same(RULE.solution_source)
    assert same(RULE.solution_source.replace("weights", "w")) not in (None, published)
    assert same(RULE.solution_source.replace("<= 0", "< 0")) not in (None, published)
    assert same(RULE.solution_source, RULE.stub) is None  # the last definition is the one that is graded


@pytest.mark.parametrize(
    "source",
    [
        "train_perceptron = [" + ", ".join(map(str, range(100))) + "]",
        "train_perceptron = {'rate': " + str([(1, 2)] * 50) + "}",
        "def other(x):\n" + "".join(f"    a{i} = x + {i}\n" for i in range(50)),
        "def train_perceptron(:",
        "train_perceptron = " + "-" * 30_000 + "1",
        "train_perceptron = " + "-" * 15_000 + "1",
        "train_perceptron = x" + ".y" * 9_000,
        "train_perceptron = " + "(" * 5_000,
        "train_perceptron = '\0'",
        "",
    ],
    ids=["numbers", "constants", "another name", "broken", "long", "deep", "chain", "brackets", "null", "empty"],
)
def test_what_says_nothing_or_cannot_be_read_is_left_out(source):
    assert same(source) is None


def hand_in(**answers):
    asked = GradedCell(LABEL, RULE.answer_name, 1)
    graded = new_code_cell(asked.source, metadata={"nbgrader": {"grade": True, "grade_id": "perceptron-learning-rule"}})
    released = new_notebook(cells=[new_code_cell(RULE.stub), graded])
    submissions = {}
    for student, source in answers.items():
        submissions[student] = {"hw1": copy.deepcopy(released)}
        submissions[student]["hw1"].cells[0].source = source
    return submissions, {"hw1": released}


def test_remarks_name_what_is_the_same_and_nothing_else():
    own = RULE.solution_source.replace("weights", "w")
    submissions, released = hand_in(
        ada=own, bob=own + "\n# by bob", cyd=RULE.solution_source, dan=RULE.stub, eve=own.replace("w ", "v "), fay="…"
    )
    assert remarks(submissions, released) == {
        "ada": [f"{LABEL} needs a look: same as bob's"],
        "bob": [f"{LABEL} needs a look: same as ada's"],
        "cyd": [f"{LABEL} needs a look: same as the published solution"],
    }


def test_many_with_the_same_answer_are_counted():
    own = RULE.solution_source.replace("weights", "w")
    submissions, released = hand_in(**{f"s{i}": own for i in range(6)})
    assert remarks(submissions, released)["s0"] == [f"{LABEL} needs a look: same as s1's, s2's, s3's, 2 more"]


def test_exercises_that_are_no_more_and_missing_notebooks_do_no_harm(monkeypatch):
    submissions, released = hand_in(ada=RULE.solution_source)
    submissions["bob"] = {}
    assert list(remarks(submissions, released)) == ["ada"]
    monkeypatch.setattr(GradedCell, "read", classmethod(lambda cls, source: GradedCell("gone/for-good", "f", 1)))
    assert remarks(submissions, released) == {}
