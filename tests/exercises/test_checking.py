"""The check machinery against code that raises, hangs, prints, mutates, or returns something odd."""

from __future__ import annotations

import ast
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from coursepkg.exercises import find
from coursepkg.exercises.answers import Answers, Mistake, Source, patch
from coursepkg.exercises.bank import Exercise
from coursepkg.exercises.cases import Case, Caught, Opaque, caught, function_case, plain
from coursepkg.exercises.checking import CheckFailed, announce, grade
from coursepkg.exercises.compare import difference
from coursepkg.exercises.sandbox import call
from coursepkg.exercises.stubs import is_stub as stub
from coursepkg.exercises.stubs import is_template


def double(x):
    return 2 * x


ANSWERS = Answers(reference=double, mistakes=(Mistake("squared", np.square, "you squared x"),))
EXERCISE = Exercise(
    label="test/double",
    title="Double it",
    points=2,
    difficulty=1,
    minutes=1,
    cases=lambda rng: [function_case(f"double(x) on {n} numbers", (rng.normal(size=n),)) for n in (3, 5)],
    load_answers=lambda: ANSWERS,
)


def report(answer):
    return str(grade(EXERCISE, answer))


def test_a_right_answer_prints_one_line_a_case_and_raises_nothing(capsys):
    announce(grade(EXERCISE, double))
    assert capsys.readouterr().out == (
        "test/double: Double it\n  ✓ double(x) on 3 numbers\n  ✓ double(x) on 5 numbers\n"
        "2 of 2 cases passed: 2 of 2 points\n"
    )


def test_a_wrong_answer_raises_at_the_end_and_shows_no_machinery(capsys):
    with pytest.raises(CheckFailed, match="2 of 2 cases failed") as failure:
        announce(grade(EXERCISE, np.square))
    assert capsys.readouterr().out.count("hint: you squared x") == 1, "a hint is given once a report"
    assert failure.value._render_traceback_() == ["test/double: 2 of 2 cases failed; see the ✗ lines above"]


def test_a_wrong_answer_with_nan_gets_the_hint_of_the_mistake_that_has_it_too():
    def half_missing(x):
        return np.where(np.arange(len(x)) == 0, np.nan, 2 * x)

    answers = Answers(reference=double, mistakes=(Mistake("first lost", half_missing, "you lost the first number"),))
    exercise = replace(EXERCISE, load_answers=lambda: answers)
    said = str(grade(exercise, half_missing))
    assert "got:      [nan" in said
    assert "hint: you lost the first number" in said


def test_a_hint_within_a_line_is_given_once_too():
    def judge(got, n):
        return f"got {got} for {n}; hint: count again"

    cases = [Case(str(n), lambda answer: answer, facts={"n": n}) for n in (1, 2)]
    exercise = replace(EXERCISE, cases=lambda rng: cases, load_answers=lambda: Answers(judge=judge))
    lines = str(grade(exercise, 7)).splitlines()
    assert lines[2:5:2] == ["      got 7 for 1; hint: count again", "      got 7 for 2"]


def test_partial_credit():
    partly = grade(EXERCISE, lambda x: 2 * x if len(x) == 3 else x)
    assert partly.points == 1
    assert not partly.passed


def a_stub(x):
    """Say what to do."""
    ...


def a_none_stub(x):
    """Say what to do."""
    return None


def an_nbgrader_stub(x):
    raise NotImplementedError()


class AStub:
    """Say what to do."""

    def __init__(self, x):
        """Say what to do."""
        ...

    def update(self, x): ...


class HalfDone(AStub):
    def update(self, x):
        return x

    def rest(self): ...


@pytest.mark.parametrize("answer", [None, ..., {"a": ..., "b": ...}, (..., ...), a_stub, a_none_stub, AStub])
def test_untouched_stubs_are_recognized(answer):
    assert stub(answer)


@pytest.mark.parametrize(
    "answer", [0, {}, {"a": ..., "b": 1}, double, lambda x: x, lambda x: 3, lambda: print(), HalfDone]
)
def test_attempts_are_no_stubs(answer):
    assert not stub(answer)


@pytest.mark.parametrize("answer", [a_stub, an_nbgrader_stub, None])
def test_a_stub_is_not_attempted_and_raises_nothing(answer, capsys):
    announce(grade(EXERCISE, answer))
    assert "not attempted yet" in capsys.readouterr().out
    assert grade(EXERCISE, answer).points == 0


TEMPLATE = "def fill(x):\n    rate = ...\n    return np.multiply(x, rate)\n"


def test_a_template_that_was_not_filled_in_is_no_attempt():
    exercise = replace(EXERCISE, stub=TEMPLATE, answer_name="fill")
    namespace = {"np": np}
    exec(f"# in another cell\n\n{TEMPLATE}", namespace)
    assert not grade(exercise, namespace["fill"]).attempted
    exec(TEMPLATE.replace("...", "2"), namespace)
    assert grade(exercise, namespace["fill"]).passed
    exec(TEMPLATE.replace("...", "'2'"), namespace)
    assert grade(exercise, namespace["fill"]).attempted


def test_an_answer_can_be_given_as_the_source_of_a_program():
    exercise = replace(EXERCISE, solution_source="def double(x):\n    return x + x\n", answer_name="double")
    assert grade(exercise, exercise.model_answer()).passed
    assert exercise.answer_of(3) == 3
    assert exercise.answer_of(Source("import math\ndouble = math.pi")) == pytest.approx(3.14159, abs=1e-5)


def test_each_exercise_sets_its_own_time_limit():
    slow = replace(EXERCISE, seconds=0.2)
    text = str(grade(slow, lambda x: time.sleep(0.5) or 2 * x))
    assert "it ran for longer than 0.2 seconds and was stopped" in text
    assert grade(replace(EXERCISE, seconds=20), lambda x: time.sleep(0.5) or 2 * x).passed


def test_a_mistake_is_a_patch_of_the_solution():
    solved = replace(EXERCISE, solution_source="def double(x):\n    return x + x\n", answer_name="double")
    wrong = patch("squared", "x + x", "x * x", "you squared x")
    answers = Answers(mistakes=(wrong,))
    exercise = replace(solved, load_answers=lambda: answers)
    assert exercise.answer_of(wrong.given(exercise))(3) == 9
    assert "hint: you squared x" in str(grade(exercise, np.square))
    assert grade(exercise, double).passed, "without a reference the solution is one"
    with pytest.raises(ValueError, match=r"mistake 'other': the solution does not hold 'x \* 3'"):
        patch("other", "x * 3", "x", "").given(exercise)


def test_a_patch_that_needs_a_large_library_is_not_run_while_judging():
    source = "import keras\n\n\ndef double(x):\n    return x + x\n"
    answers = Answers(reference=double, mistakes=(patch("squared", "x + x", "x * x", "you squared x"),))
    exercise = replace(EXERCISE, solution_source=source, answer_name="double", load_answers=lambda: answers)
    text = str(grade(exercise, np.square))
    assert "expected the result" in text
    assert "you squared x" not in text


def test_an_error_that_a_typical_mistake_raises_too_gets_its_hint():
    answers = Answers(reference=double, mistakes=(Mistake("transposed", lambda x: x @ np.eye(7), "check the shapes"),))
    exercise = replace(EXERCISE, load_answers=lambda: answers)
    text = str(grade(exercise, lambda x: x @ np.eye(7)))
    assert "it raised ValueError: matmul" in text
    assert text.count("hint: check the shapes") == 1
    assert "hint" not in str(grade(exercise, lambda x: x @ np.eye(8)))


def test_the_end_of_a_long_error_survives():
    def long(x):
        raise ValueError("begin " + "x" * 1000 + " the end says it")

    text = report(long)
    assert "it raised ValueError: begin xxx" in text
    assert "the end says it (line" in text
    assert len(text) < 1000


def test_without_answers_nothing_is_judged(capsys):
    kept_away = grade(replace(EXERCISE, load_answers=lambda: None), double)
    announce(kept_away)
    assert "it is judged when it is graded" in capsys.readouterr().out
    assert (kept_away.points, kept_away.passed) == (0, False)


def test_judges_get_the_facts_of_their_case():
    def cases(rng):
        for name in ("low", "high"):
            yield Case(name, lambda answer, name=name: answer[name], judge=name, facts={"limit": 10})

    judges = {
        "low": lambda got, limit: None if got < limit else f"expected less than {limit}; got {got}",
        "high": lambda got, limit: None if got > limit else f"expected more than {limit}; got {got}",
    }
    exercise = replace(EXERCISE, cases=cases, load_answers=lambda: Answers(judge=judges))
    assert grade(exercise, {"low": 1, "high": 11}).passed
    assert "expected more than 10; got 1" in str(grade(exercise, {"low": 1, "high": 1}))


class Tensor:
    def __array__(self, dtype=None, copy=None):
        return np.arange(3.0)


@pytest.mark.parametrize(
    ("value", "reduced"),
    [
        ({"a": (1, [np.float32(2)])}, {"a": (1, [np.float32(2)])}),
        (Tensor(), np.arange(3.0)),
        (type("Int", (int,), {})(3), 3),
        (frozenset({1}), {1}),
        (len, Opaque("builtin_function_or_method", "<built-in function len>")),
        (np.array([len]), Opaque("ndarray", "array([<built-in function len>], dtype=object)")),
        (caught(KeyError("k")), Caught("KeyError", ("KeyError", "LookupError", "Exception", "BaseException"), "'k'")),
    ],
)
def test_results_are_reduced_to_data(value, reduced):
    got = plain(value)
    assert type(got) is type(reduced)
    assert np.array_equal(got, reduced) if isinstance(reduced, np.ndarray) else got == reduced


def test_a_caught_exception_knows_its_bases():
    assert caught(KeyError("k")).is_a("LookupError")
    assert not caught(KeyError("k")).is_a("TypeError")


def test_an_exception_is_shown_with_its_line():
    def broken(x):
        return x + [1, 2]

    text = report(broken)
    assert "it raised ValueError: operands could not be broadcast" in text
    assert f"(line {broken.__code__.co_firstlineno + 1} of the cell that defines it)" in text


@pytest.mark.parametrize("exception", [SystemExit, KeyboardInterrupt, GeneratorExit, RecursionError])
def test_no_exception_gets_out(exception):
    def hostile(x):
        raise exception("gone")

    assert f"it raised {exception.__name__}" in report(hostile)


@pytest.mark.parametrize("swallow", [(), (Exception,), (BaseException,)])
def test_an_endless_loop_is_stopped(swallow):
    end = time.monotonic() + 6  # the loop that cannot be stopped must not outlive the test by much

    def loop():
        while True:
            try:
                time.sleep(0.001)
            except swallow:
                if time.monotonic() > end:
                    return

    started = time.monotonic()
    outcome = call(loop, seconds=0.3)
    assert outcome.timed_out
    assert time.monotonic() - started < 4
    assert outcome.stuck is (BaseException in swallow)


def test_a_loop_that_was_stopped_is_reported_and_the_next_call_works():
    def loop(x):
        while True:
            pass

    assert "is there a loop that never ends?" in str(grade(replace(EXERCISE, seconds=0.2), loop))
    assert grade(EXERCISE, double).passed


def test_a_wrong_shape_names_both_shapes():
    assert "the result must have shape (3,); got shape (2,)" in report(lambda x: x[:2])


def test_mutated_input_is_named():
    def mutating(x):
        x *= 2
        return x

    assert "your function changed its argument number 1; work on a copy" in report(mutating)


def test_a_missing_return_is_suspected():
    def silent(x):
        x + x

    assert "did you forget the `return` statement?" in report(silent)


def test_what_is_printed_appears_only_under_a_failure(capsys):
    def loud(x):
        print("here", file=sys.stderr)
        print("a" * 10_000_000)
        return x

    text = report(loud)
    assert "it printed: 'here" in text
    assert len(text) < 1500
    assert capsys.readouterr() == ("", "")


class Hostile:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


def test_an_object_that_resists_comparison_fails_kindly():
    assert "the result must be numeric; got (no text)" in report(lambda x: Hostile())


@pytest.mark.parametrize(
    ("got", "expected", "message"),
    [
        (1.0, 1.0 + 1e-12, None),
        ([1, 2], (1, 2), None),
        ({"a": 1}, {"a": 1}, None),
        (np.nan, 1.0, "expected the result"),
        ("one", 1.0, "must be numeric; got 'one'"),
        (1.0, (1.0, 2.0), "must be 2 values"),
        ((1.0, 3.0), (1.0, 2.0), "value 2 of the result"),
        ({"b": 1}, {"a": 1}, "with the keys ['a']; got ['b']"),
        ([[1.0]], [1.0], "must have shape (1,); got shape (1, 1)"),
    ],
)
def test_difference(got, expected, message):
    found = difference(got, expected)
    assert found is None if message is None else message in found


def test_a_stub_that_was_compiled_alone_counts_as_untouched():
    """A notebook compiles each statement by itself, and Python 3.11 then reaches an import in another way."""
    source = "import math\n\n\ndef area(radius):\n    return math.pow(radius, 2)\n"
    names = {}
    for node in ast.parse(source).body:
        exec(compile(ast.Module([node], []), "<cell>", "exec"), names)
    assert not grade(replace(EXERCISE, stub=source), names["area"]).attempted


def test_a_class_that_was_given_and_not_touched_is_no_attempt():
    exercise = find("callbacks/repair-keep-best")
    untouched = exercise.answer_of(Source(exercise.stub))
    assert is_template(exercise, untouched)
    repaired = exercise.answer_of(Source(exercise.stub.replace('logs["loss"]', 'logs["val_loss"]')))
    assert not is_template(exercise, repaired)
