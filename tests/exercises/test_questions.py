"""Questions: how they are written, what a check says to each answer, and what `make check` objects to."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import numpy as np
import pytest

from coursepkg.exercises import CheckFailed, all_exercises, ask, bank, check, commands, grade, hint, progress
from coursepkg.exercises.questions import lettered, shuffled, unshuffled
from coursepkg.exercises.source import SourceError, read_exercises
from tools import exercises as tool

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/questions.md").read_text(encoding="utf-8")
KINDS = ["choice", "several", "number", "shape", "list", "order", "region"]


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    """The questions of the sample, as an instructor's own exercises."""
    folder = tmp_path / "exercises"
    folder.mkdir()
    (folder / "kinds.md").write_text(SAMPLE, encoding="utf-8")
    monkeypatch.setenv(bank.FOLDERS, str(folder))
    return folder


@pytest.mark.parametrize(
    ("kind", "right", "explanation"),
    [
        ("choice", "b", "b: Pairs are n times n"),
        ("choice", " B", "b: Pairs are n times n"),
        ("several", ("a", "c"), "right: Four is twice 2."),
        ("several", {"c", "a"}, "not chosen: Three leaves 1."),
        ("number", 2.55, "Half of five is 2.5."),
        ("number", np.float32(2.4), "Half of five is 2.5."),
        ("shape", (4, 5), "Rows of the first"),
        ("shape", np.array([4, 5]), "Rows of the first"),
        ("list", [0.5, 1.501, 2.5], "Each is divided by two."),
        ("order", ["b", "c", "a"], "a: Ten is the largest."),
        ("region", (9, 300), "To the right x grows"),
    ],
)
def test_a_right_answer_is_told_why(kind, right, explanation, capsys):
    check(f"kinds/{kind}", right)
    out = capsys.readouterr().out
    points = all_exercises()[f"kinds/{kind}"].points
    assert explanation in out
    assert out.endswith(f" right: {points} of {points} points\n")
    assert progress.read()[f"kinds/{kind}"]["solved"]


@pytest.mark.parametrize(
    ("kind", "wrong", "explanation", "points"),
    [
        ("choice", "c", "c: The function `max` takes n steps.", 0),
        ("several", ("a", "b", "c"), "you chose it: Three leaves 1.", 1.5),
        ("several", ("b",), "you left it out: Two is twice 1.", 0.5),
        ("several", ("a", "b", "c", "d"), "some are right, some are not", 0),
        ("several", (), "some are right, some are not", 0),
        ("number", 10.05, "Twice five was not asked.", 0),
        ("number", 3, "3 is too large", 0),
        ("number", 2, "2 is too small", 0),
        ("shape", (5, 4), "it is not turned around", 0),
        ("shape", (4, 6), "number 2 is not right", 0),
        ("shape", (4,), "it does not have 1 number", 0),
        ("list", [2, 6, 10], "Those are the doubles.", 0),
        ("order", ["b", "a", "c"], "a does not stand here: Ten is the largest.", 0.33),
        ("region", (1, 2), "That is the lower left.", 0),
        ("region", (5, 500), "Go right as far as you can", 0),
    ],
)
def test_a_wrong_answer_is_told_its_own_reason(kind, wrong, explanation, points, capsys):
    with pytest.raises(CheckFailed):
        check(f"kinds/{kind}", wrong)
    assert explanation in capsys.readouterr().out
    assert grade(f"kinds/{kind}", wrong).points == points


@pytest.mark.parametrize(
    ("kind", "other", "expected"),
    [
        ("choice", 2, 'got 2\n      hint: this question expects one letter, such as "a"'),
        ("choice", "e", "got 'e'"),
        ("choice", ("a", "b"), "one letter"),
        ("several", "z", "the letters of your choices"),
        ("number", "2.5", "a number, such as 0.5"),
        ("number", True, "a number, such as 0.5"),
        ("number", float("nan"), "a number, such as 0.5"),
        ("shape", 4, "a shape, such as (4, 5)"),
        ("shape", (4.5, 5), "a shape, such as (4, 5)"),
        ("list", "0.5, 1.5", "a list of numbers"),
        ("order", "bca", "all letters in their order"),
        ("order", ["b", "c"], "all letters in their order"),
        ("order", ["b", "b", "a"], "all letters in their order"),
        ("region", (1, 2, 3), "a point (x, y)"),
        ("region", print, "got <built-in function print>"),
    ],
)
def test_an_answer_of_another_kind_is_told_what_is_expected(kind, other, expected):
    report = grade(f"kinds/{kind}", other)
    assert expected in str(report)
    assert report.points == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_dots_are_no_attempt(kind, capsys):
    check(f"kinds/{kind}", ...)
    assert "not attempted yet: give " in capsys.readouterr().out


def test_a_hint_is_given_and_questions_without_one_say_so():
    assert hint("kinds/choice") == "hint 1 of 1: Try n = 1000."
    assert hint("kinds/list") == "kinds/list has no hints"


def test_the_answer_stands_neither_in_the_bank_nor_in_what_lies_beside_a_submission(own):
    compiled = json.loads((ROOT / tool.BANK).read_text(encoding="utf-8"))["exercises"]
    questions = {label: texts for label, texts in compiled.items() if "kind" in texts}
    assert len(questions) >= 6
    for texts in [*questions.values(), *json.loads(bank.without_answers(own)["bank.json"])]:
        assert not {"key", "solution_source", "right", "why"} & set(texts), texts["label"]
    assert list(bank.without_answers(own)) == ["bank.json"]


def test_without_answers_the_check_says_that_it_is_judged_later(own, tmp_path_factory, monkeypatch):
    copy = tmp_path_factory.mktemp("handed-out") / "exercises"
    copy.mkdir(parents=True)
    (copy / "bank.json").write_bytes(bank.without_answers(own)["bank.json"])
    monkeypatch.delenv(bank.FOLDERS)
    monkeypatch.chdir(copy.parent)
    assert "it is judged when it is graded" in str(grade("kinds/choice", "b"))
    monkeypatch.chdir(own.parent)
    assert grade("kinds/choice", "b").passed


def test_each_student_has_an_order_and_answers_come_back_from_it():
    exercise = all_exercises()["kinds/several"]
    orders = {tuple(shuffled(exercise, name)) for name in ("Ada", "Bob", "Eve", "Kim", "Lea", "Max", "Noa", "Zoe")}
    assert len(orders) > 3
    assert shuffled(exercise, "Ada Lovelace") == shuffled(exercise, " ada  LOVELACE")
    for name in ("Ada", "Bob", "Eve"):
        seen = lettered(exercise, ("a", "c"), name)
        assert sorted(unshuffled(exercise, seen, name)) == ["a", "c"]
        assert grade("kinds/several", seen, student=name).passed
        shown = dict(re.findall(r"- (\w)\. (\d)", repr(ask("kinds/several", name))))
        assert {shown[letter] for letter in seen} == {"2", "4"}
        assert unshuffled(exercise, ..., name) is ...
    assert not grade("kinds/several", lettered(exercise, ("b", "d"), "Ada"), student="Ada").passed
    assert repr(ask("kinds/several", " ")).startswith("the order of the choices follows from your name")
    with pytest.raises(ValueError, match="follows from your name"):
        grade("kinds/several", ("a",), student="")


def changed(before, after):
    assert SAMPLE.count(before) >= 1, before
    return SAMPLE.replace(before, after, 1)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("    a: One look at each number is n steps, fewer than n log n.\n", "", "kinds/choice: the choice a has no"),
        ("  why: Half of five is 2.5.\n", "", "kinds/number: the right answer (why) has no explanation"),
        ("why: Twice five was not asked.", "why: ''", "the wrong answer 10 has no explanation"),
        ("  otherwise: Go right as far as you can, then up.\n", "", "any other answer (otherwise) has no explanation"),
        ("- c. 4\n", "- c. 2\n", "kinds/several: the choices a and c are equal"),
        ("- b. a loop over all pairs, $n^2$ steps", "- b.  A loop over all  NUMBERS", "the choices a and b are equal"),
        ("  right: b", "  right: d", "no choice has the letter 'd'; there are a, b, c"),
        ("right: [a, c]", "right: [a, a]", "a letter is named twice"),
        ("right: [a, c]", "right: [a, b, c, d]", "at least one wrong"),
        ("    c: The function", "    d: The function", "why explains d, which is no choice"),
        ("order: [b, c, a]", "order: [b, c]", "order must hold every letter"),
        ("order: [b, c, a]", "order: [a, b, c]", "must not be the order in which the choices stand"),
        ("- b. 3\n", "- c. 3\n", "choices must be"),
        ("- d. 5\n", "- d. 5\n\nAnd so on.\n", "choices are"),
        ("  shape: [4, 5]", "  shape: [4, x]", "is not a shape, such as (4, 5)"),
        ("  - {value: [5, 4], why", "  - {value: 20, why", "20 is not a shape"),
        ("  axes: {left: [10, 0], ", "  axes: {", "a region needs axes"),
        ("  tolerance: 0.1", "  slack: 0.1", "no question has slack"),
        ("One is the smallest.", "$1$ is the smallest.", "printed as plain text"),
        ("  list: [0.5, 1.5, 2.5]\n", "", "exactly one of right, order"),
        ("  points: 2\n", "  points: 2\n  tolerance: 1\n", "are for questions without choices"),
        ('check("kinds/shape", ...)', 'check("kinds/list", ...)', 'kinds/shape: right after the question must come'),
        (":label: kinds/order\n", "", 'the question "From small to large" needs the line'),
    ],
)  # fmt: skip
def test_what_is_not_written_as_a_question_is_refused_by_its_label(before, after, message):
    with pytest.raises(SourceError, match=re.escape(message)):
        read_exercises(changed(before, after))


def sample_book(tmp_path, text, printed):
    """Return a book whose only chapter is the sample, with what its notebook has stored."""
    for name in ("chapters", "notebooks"):
        (tmp_path / "book" / name / "1-neurons").mkdir(parents=True, exist_ok=True)
    (tmp_path / "_toc.yml").write_text("parts: []\n", encoding="utf-8")
    (tmp_path / "book/chapters/1-neurons/kinds.md").write_text(text, encoding="utf-8")
    cells = [{"cell_type": "code", "outputs": [{"output_type": "stream", "text": [line]}]} for line in printed]
    notebook = tmp_path / "book/notebooks/1-neurons/kinds.ipynb"
    notebook.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("printed", "problem"),
    [
        (["seconds: 2.5\n"], None),
        (["seconds: 2.58\n"], None),
        (["seconds: 3.5\n"], "the output says '3.5', but the right answer is 2.5"),
        (["minutes: 2.5\n"], "matches 0 times in the stored outputs"),
        (["seconds: 2.5\n", "seconds: 2.5\n"], "matches 2 times in the stored outputs"),
    ],
)
def test_a_number_that_an_output_contradicts_is_named(tmp_path, printed, problem):
    _, problems = tool.compiled(sample_book(tmp_path / "root", SAMPLE, printed))
    assert problems == [] if problem is None else [p for p in problems if problem in p and "kinds/number: " in p]
    assert len(problems) == (problem is not None)


@pytest.mark.parametrize(
    ("question", "pattern", "printed", "right"),
    [
        ("  right: b\n", "fastest: (.*)", "fastest: pairs", True),
        ("  right: b\n", "fastest: (.*)", "fastest: max", False),
        ("  right: b\n", "fastest: (.*)", "fastest: loop", False),  # a stands there as well
        ("  shape: [4, 5]\n", "shape (.*)", "shape (4, 5)", True),
        ("  shape: [4, 5]\n", "shape (.*)", "shape (5, 4)", False),
        ("  list: [0.5, 1.5, 2.5]\n", "halves (.*)", "halves [0.5 1.5 2.5]", True),
        ("  list: [0.5, 1.5, 2.5]\n", "halves (.*)", "halves [0.5 1.5 −2.5]", False),
    ],
)
def test_outputs_of_each_kind_are_compared(tmp_path, question, pattern, printed, right):
    text = changed(question, f"{question}  output: '{pattern}'\n")
    _, problems = tool.compiled(sample_book(tmp_path / "root", text, ["seconds: 2.5\n", printed]))
    assert [bool(problems), len(problems)] == [not right, int(not right)]


def test_the_check_of_the_course_fails_where_the_stored_output_was_changed(tmp_path):
    text = (ROOT / "book/chapters/4-training/optimizers.md").read_text(encoding="utf-8")
    (question,) = (texts for texts in read_exercises(text) if texts["label"] == "optimizers/too-fast")
    stored = (ROOT / "book/notebooks/4-training/optimizers.ipynb").read_text(encoding="utf-8")
    notebook = tmp_path / "optimizers.ipynb"
    for output, problem in ((stored, None), (stored.replace("y =   18.68", "y =   -3.21"), "the output says '-3.21'")):
        notebook.write_text(output, encoding="utf-8")
        found = tool.contradiction(question, question["key"], notebook)
        assert found == problem if problem is None else problem in found


def test_an_output_that_cannot_be_compared_is_refused():
    with pytest.raises(SourceError, match="kinds/order: .* cannot be compared with an output"):
        read_exercises(changed("  order: [b, c, a]\n", "  order: [b, c, a]\n  output: (.*)\n"))


def test_questions_are_listed_shown_and_hinted_as_any_exercise(capsys):
    listed = [exercise for exercise in all_exercises().values() if exercise.kind != "write"]
    assert {"perceptron/shapes", "optimizers/tired", "kinds/order"} <= {exercise.label for exercise in listed}
    for words, shown in [
        (
            ["list", "--part", "1"],
            "   1 perceptron/hard                            2    2      2  What makes a problem hard\n",
        ),
        (["show", "perceptron/hard"], "- b. the two classes move closer to each other"),
        (["show", "perceptron/hard", "--solution"], '--- solution\nmy_answer_hard = ("b", "c")'),
        (["hint", "perceptron/hard"], "hint 1 of 1: For each change, ask what happens to R, and what to γ."),
    ]:
        parser = argparse.ArgumentParser()
        commands.add_parser(parser.add_subparsers())
        assert commands.run(parser.parse_args(["exercises", *words])) == 0
        assert shown in capsys.readouterr().out
