"""Every exercise of the book: its solution passes, its stub is no attempt, and each typical mistake is named."""

from __future__ import annotations

import ast
import re
from functools import cache

import numpy as np
import pytest

from coursepkg.exercises import all_exercises, check, find, grade, hint
from coursepkg.exercises.answers import Source
from coursepkg.exercises.cases import plain
from coursepkg.exercises.cases.keras_project import BARS
from coursepkg.grading.judge import decode
from coursepkg.grading.probe import encode

EXERCISES = all_exercises()


def imports_keras(exercise):
    return "keras" in exercise.solution_source or "tensorboard" in exercise.solution_source


@cache
def model_answer(label):
    return EXERCISES[label].model_answer()


@cache
def report_on_solution(label, seed):
    """Grade the solution once for all tests that read the report; a solution may train a network."""
    return grade(label, model_answer(label), seed=seed)


def pytest_generate_tests(metafunc):
    labels = getattr(metafunc.cls, "labels", EXERCISES)
    if "mistake" in metafunc.fixturenames:
        pairs = [(label, mistake) for label in labels for mistake in EXERCISES[label].mistakes]
        metafunc.parametrize(("label", "mistake"), pairs, ids=[f"{label}: {m.name}" for label, m in pairs])
    elif "label" in metafunc.fixturenames:
        metafunc.parametrize("label", labels)


class Proofs:
    """What is proved of each exercise, and needs its answers to run."""

    @pytest.mark.parametrize("seed", [0, 1, None])
    def test_the_solution_passes_in_full(self, label, seed):
        report = report_on_solution(label, seed)
        file = label.partition("/")[0].replace("-", "_")
        assert report.passed, f"mend the solution in the chapter, or coursepkg/exercises/*/{file}.py:\n{report}"
        assert report.points == EXERCISES[label].points

    def test_what_a_passing_check_prints_never_changes(self, label):
        texts = {str(report_on_solution(label, seed)) for seed in range(2)}
        assert len(texts) == 1, "a stored notebook output would differ from run to run"

    def test_the_untouched_stub_is_no_attempt(self, label):
        exercise = EXERCISES[label]
        report = grade(label, exercise.answer_of(Source(exercise.stub)))
        assert report.points == 0
        assert not report.attempted

    def test_what_a_case_returns_can_leave_the_isolation(self, label):
        for case in EXERCISES[label].cases(np.random.default_rng(0)):
            result = plain(case.run(model_answer(label)))
            assert "Opaque" not in str(encode(result)), case.shown
            np.testing.assert_equal(decode(encode(result)), result)

    @pytest.mark.parametrize("seed", range(2))
    def test_a_typical_mistake_fails_and_is_named(self, label, mistake, seed):
        report = grade(label, EXERCISES[label].answer_of(mistake.given(EXERCISES[label])), seed=seed)
        assert not report.passed
        assert report.points < EXERCISES[label].points
        assert mistake.hint in str(report), str(report)
        for line in telling_lines(EXERCISES[label]):
            assert line not in squeezed(str(report)), "the message gives the solution away"


class TestNumPyExercises(Proofs):
    labels = tuple(label for label, exercise in EXERCISES.items() if not imports_keras(exercise))


class TestKerasExercises(Proofs):
    """One process imports TensorFlow for all of these, since a class is never split."""

    labels = tuple(label for label, exercise in EXERCISES.items() if imports_keras(exercise))


def without_imports(source):
    lines = source.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("import ", "from ")))


def squeezed(text):
    return "".join(text.split())


def telling_lines(exercise):
    """Return the lines of the solution that nobody could know from the stub or the statement, without blanks."""
    known = squeezed(exercise.stub + exercise.statement)
    lines = [squeezed(line) for line in without_imports(exercise.solution_source).splitlines()]
    return [line for line in lines if len(line) >= 20 and not line.startswith("#") and line not in known]


def test_every_text_of_an_exercise_is_there(label):
    exercise = EXERCISES[label]
    for name in ("statement", "stub", "solution_source", "answer_name", "hints", "title"):
        assert getattr(exercise, name), name
    assert len(exercise.mistakes) >= (5 if exercise.kind == "write" else 2)
    assert exercise.difficulty in (1, 2, 3)
    assert exercise.points >= 1
    assert exercise.minutes >= 1
    assert exercise.part is not None


def test_the_statement_needs_no_chapter_around_it(label):
    assert not re.search(r"\{\w+\}`", EXERCISES[label].statement), "a role of the book is not shown in a notebook"


def test_the_statement_names_what_the_stub_names(label):
    exercise = EXERCISES[label]
    for node in ast.walk(ast.parse(exercise.stub)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("__"):
            assert f"`{node.name}" in exercise.statement or f".{node.name}" in exercise.statement, node.name
        if isinstance(node, ast.FunctionDef):
            for argument in node.args.args:
                assert argument.arg == "self" or re.search(rf"\b{argument.arg}\b", exercise.statement), argument.arg
        if isinstance(node, ast.Dict) and isinstance(ast.parse(exercise.stub).body[-1], ast.Assign):
            for key in node.keys:
                assert key.value in exercise.statement


def test_the_project_on_keras_states_the_bars_that_are_checked():
    statement = EXERCISES["keras-project/train-offers"].statement
    for bar in BARS.values():
        assert re.search(rf"\b{bar:g}\b", statement)


def test_stub_and_solution_define_the_answer_by_the_same_name(label):
    exercise = EXERCISES[label]
    for source in (exercise.stub, exercise.solution_source):
        last = ast.parse(source).body[-1]
        assert exercise.answer_name == (last.name if hasattr(last, "name") else last.targets[0].id)


def test_neither_stub_nor_first_hint_gives_the_solution_away(label):
    exercise = EXERCISES[label]
    told = squeezed(exercise.stub + exercise.title + exercise.hints[0])
    assert not [line for line in telling_lines(exercise) if line in told]


def test_prerequisites_are_exercises_or_chapters(label):
    chapters = {known.partition("/")[0] for known in EXERCISES}
    assert set(EXERCISES[label].prerequisites) <= {*EXERCISES, *chapters}


# The same machinery for all: a value is asked for, a function, a model of Keras.
@pytest.mark.parametrize("name", ["perceptron/gates", "perceptron/learning-rule", "sequential-classifier/build"])
@pytest.mark.parametrize("answer", [42, "text", [], {}, lambda *a: 1 / 0, object()])
def test_nonsense_earns_nothing_and_breaks_nothing(name, answer):
    report = grade(name, answer)
    assert report.points == 0
    assert not report.passed


def test_an_unknown_label_lists_those_of_the_chapter():
    with pytest.raises(
        ValueError, match=r"no exercise is called 'xor/by-hnad'; there are: xor/without-steps, xor/by-hand, xor/count"
    ):
        find("xor/by-hnad")
    with pytest.raises(ValueError, match="perceptron/gates"):
        check("nowhere", 1)


def test_hints_go_from_the_first_to_the_last_and_stay_there():
    hints = EXERCISES["perceptron/gates"].hints
    given = [hint("perceptron/gates") for _ in range(len(hints) + 1)]
    assert given[0] == f"hint 1 of {len(hints)}: {hints[0]}"
    assert given[-1] == given[-2] == f"hint {len(hints)} of {len(hints)}: {hints[-1]}"
