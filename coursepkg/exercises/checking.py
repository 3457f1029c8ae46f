"""The machinery behind ``check``: exercises, their cases, and reports that a student can act on."""

from __future__ import annotations

import copy
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.parts import part_of
from coursepkg.exercises.sandbox import call
from coursepkg.exercises.stubs import is_stub, is_template


class Source(str):
    """A program that defines an answer. It runs only where that is asked for, since it may import a large library."""

    def edited(self, *changes):
        """Return the program with each ``(before, after)`` replaced; ``before`` must occur in it."""
        text = str(self)
        for before, after in changes:
            if before not in text:
                raise ValueError(f"the program does not hold {before!r}")
            text = text.replace(before, after)
        return Source(text)


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer, and what to say to whoever gives it.

    The answer is a working function or value: whatever behaves like it has made the same mistake. It may be given as
    the :class:`Source` of a program that defines it.
    """

    name: str
    answer: object
    hint: str


@dataclass(frozen=True)
class Case:
    """One thing that a check tries.

    Attributes
    ----------
    shown : str
        What is tried, in words without random numbers: "train_perceptron(X, y) on 40 points in the plane".
    run : callable
        Takes the student's answer and returns what came of it; the student's code runs in here, and only here.
    judge : callable
        Takes that result and returns None if it is right, else a text of "expected …" and a hint.
    """

    shown: str
    run: Callable
    judge: Callable


@dataclass(frozen=True)
class Exercise:
    """An exercise as it is declared, once, in the file of its chapter.

    Attributes
    ----------
    label : str
        "chapter/name", as in the chapter and in assignments.
    title : str
    points : int
        Shared equally by the cases.
    difficulty : int
        1 (apply), 2 (combine), 3 (think).
    minutes : int
        Estimated working time.
    cases : callable
        Takes a numpy Generator, returns fresh cases.
    statement : str
        What to do, in Markdown that needs no chapter around it: everything that the cases test is said here.
    stub : str
        Source of the cell that the student completes; it imports what it needs.
    solution_source : str
        Source of a model answer; it replaces the stub, and imports what it needs.
    answer_name : str
        The name that the stub defines, and that is handed to ``check``.
    prerequisites : sequence of str
        Labels of exercises, or chapters, to be done first.
    mistakes : sequence of Mistake
        Typical wrong answers.
    hints : sequence of str
        From a nudge to nearly the answer.
    seconds : float
        Longest time that one case may take; what calls Keras needs more than the five seconds of the others.

    Examples
    --------
    >>> cases = lambda rng: [function_case("double(x)", (rng.normal(),), reference=lambda x: 2 * x)]
    >>> double = Exercise("perceptron/double", "Double a number", 2, 1, 5, cases)
    >>> double.part, grade(double, lambda x: x + x).points
    (1, 2.0)
    """

    label: str
    title: str
    points: int
    difficulty: int
    minutes: int
    cases: Callable[[np.random.Generator], Iterable[Case]]
    statement: str = ""
    stub: str = ""
    solution_source: str = ""
    answer_name: str = ""
    prerequisites: Sequence[str] = ()
    mistakes: Sequence[Mistake] = ()
    hints: Sequence[str] = ()
    seconds: float = 5.0

    @property
    def part(self):
        """The part of the book, 0 (before part I) to 5; None if the chapter is in none."""
        return part_of(self.label)

    def model_answer(self):
        """Run the source of the solution and return the answer that it defines."""
        return self.answer_of(Source(self.solution_source))

    def answer_of(self, given):
        """Return an answer as it is, or the one that a :class:`Source` defines."""
        if not isinstance(given, Source):
            return given
        namespace = {"__name__": "answer"}
        exec(compile(given, f"<{self.label}>", "exec", dont_inherit=True), namespace)
        return namespace[self.answer_name]


def prose(text):
    """Return a text that was wrapped to fit its source file, with each paragraph on one line, as chapters have it."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    as_it_is = re.compile(r"([-|`]|\d\.) ?")  # lists, tables and code keep their lines
    return "\n\n".join(p if as_it_is.match(p) else p.replace("\n", " ") for p in paragraphs)


@dataclass(frozen=True)
class CaseResult:
    """How one case ended; ``problem`` is None if it passed."""

    shown: str
    problem: str | None = None


@dataclass(frozen=True)
class Report:
    """How one exercise ended; its text is what a student reads.

    Examples
    --------
    >>> exercise = Exercise("perceptron/double", "Double a number", 2, 1, 5, cases=lambda rng: [])
    >>> results = [CaseResult("double(1)"), CaseResult("double(-1)", problem="expected -2, got 2")]
    >>> print(Report(exercise, results))
    perceptron/double: Double a number
      ✓ double(1)
      ✗ double(-1)
          expected -2, got 2
    1 of 2 cases passed: 1 of 2 points
    """

    exercise: Exercise
    results: Sequence[CaseResult] = field(default_factory=tuple)
    attempted: bool = True

    @property
    def passed(self) -> bool:
        return self.attempted and all(result.problem is None for result in self.results)

    @property
    def points(self) -> float:
        """Points earned, each case an equal share, rounded to two decimals."""
        right = sum(result.problem is None for result in self.results)
        return round(self.exercise.points * right / len(self.results), 2) if self.attempted else 0.0

    def __str__(self) -> str:
        head = f"{self.exercise.label}: {self.exercise.title}"
        if not self.attempted:
            return f"{head}\n  not attempted yet: write your answer above and run its cell first"
        lines = [head]
        for result in self.results:
            lines.append(f"  {'✓' if result.problem is None else '✗'} {result.shown}")
            if result.problem is not None:
                lines += [f"      {line}" for line in result.problem.splitlines()]
        right = sum(result.problem is None for result in self.results)
        total = f"{right} of {len(self.results)} cases passed: {self.points:g} of {self.exercise.points} points"
        return "\n".join([*lines, total])


class CheckFailed(AssertionError):
    """At least one case of a check failed; the report above it says which and why."""

    def _render_traceback_(self):
        # Jupyter shows these lines instead of the machinery's stack, which would only frighten.
        return [str(self)]


def grade(exercise, answer, *, seed=None):
    """Try an answer on fresh cases and return the :class:`Report`; survives whatever the answer does.

    Parameters
    ----------
    exercise : Exercise
    answer : object
        What the student wrote: a function or a value.
    seed : int, optional
        Makes the cases repeatable; by default each call draws new ones.
    """
    if is_stub(answer) or is_template(exercise, answer):
        return Report(exercise, attempted=False)
    results = []
    for case in exercise.cases(np.random.default_rng(seed)):
        outcome = call(case.run, answer, seconds=exercise.seconds)
        if isinstance(outcome.error, NotImplementedError):
            return Report(exercise, attempted=False)
        problem = _problem(case, outcome, exercise.seconds)
        if problem and outcome.printed:
            problem += f"\nit printed: {shorten(outcome.printed)}"
        results.append(CaseResult(case.shown, problem))
        if outcome.stuck:
            break
    return Report(exercise, tuple(results))


def announce(report):
    """Print a report; raise :class:`CheckFailed` if the exercise was attempted and a case failed."""
    sys.stdout.write(f"{report}\n")
    if report.attempted and not report.passed:
        failed, label = sum(result.problem is not None for result in report.results), report.exercise.label
        raise CheckFailed(f"{label}: {failed} of {len(report.results)} cases failed; see the ✗ lines above")


def function_case(shown, arguments, *, reference, mistakes=(), compare=None, expected_text=None):
    """Return the case that calls the student's function and the reference with the same arguments.

    Parameters
    ----------
    shown : str
        The call in words.
    arguments : tuple
        Fresh inputs; the student's function gets a copy, and must leave it unchanged.
    reference : callable
        What the function should do.
    mistakes : sequence of Mistake
        Tried when the result is wrong: the one that gives the same result names the error.
    compare : callable, optional
        Takes (got, expected), returns None or what differs; by default :func:`difference`.
    expected_text : str, optional
        Replaces the reference's value in the message.
    """
    compare = compare or difference

    def run(function):
        given = copy.deepcopy(arguments)
        got = function(*given)
        return got, _changed(arguments, given)

    def judge(result):
        got, changed = result
        if got is None:
            return "got None (did you forget the `return` statement?)"
        if changed:
            return f"your function changed its argument number {changed}; work on a copy: `.copy()`"
        expected = reference(*copy.deepcopy(arguments))
        problem = compare(got, expected)
        if problem is None:
            return None
        for mistake in mistakes:
            outcome = call(mistake.answer, *copy.deepcopy(arguments))
            if outcome.error is None and not outcome.timed_out and compare(got, outcome.value) is None:
                return f"{problem}\nhint: {mistake.hint}"
        return problem if expected_text is None else f"{problem}\nexpected: {expected_text}"

    return Case(shown, run, judge)


def difference(got, expected, *, rtol=1e-6, atol=1e-9, name="the result"):
    """Return what differs between a result and what was expected, or None: type, shape, then values."""
    if isinstance(expected, dict):
        if not isinstance(got, dict) or set(got) != set(expected):
            keys = sorted(got) if isinstance(got, dict) else shorten(got)
            return f"{name} must be a dictionary with the keys {sorted(expected)}; got {keys}"
        return _first(difference(got[key], expected[key], rtol=rtol, atol=atol, name=repr(key)) for key in expected)
    if isinstance(expected, tuple):
        if not isinstance(got, (tuple, list)) or len(got) != len(expected):
            return f"{name} must be {len(expected)} values, separated by commas; got {shorten(got)}"
        return _first(
            difference(g, e, rtol=rtol, atol=atol, name=f"value {i} of the result")
            for i, (g, e) in enumerate(zip(got, expected, strict=True), start=1)
        )
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"{name} must be numeric; got {shorten(got)}"
    wanted = np.asarray(expected, dtype=float)
    if array.shape != wanted.shape:
        return f"{name} must have shape {wanted.shape}; got shape {array.shape}: {shorten(got)}"
    if not np.allclose(array, wanted, rtol=rtol, atol=atol, equal_nan=False):
        return f"expected {name}: {shorten(_rounded(wanted))}\ngot:      {shorten(_rounded(array))}"
    return None


def _problem(case, outcome, seconds):
    """Return what is wrong with an outcome, or None."""
    if outcome.stuck:
        return "it still runs and cannot be stopped: restart the kernel, then look for a loop that never ends"
    if outcome.timed_out:
        return f"it ran for longer than {seconds:g} seconds and was stopped: is there a loop that never ends?"
    if outcome.error is not None:
        return _said_by(outcome.error)
    # What the student returned may be hostile as well (an object whose comparison raises, or never ends).
    judged = call(case.judge, outcome.value, seconds=seconds)
    if judged.error is not None or judged.timed_out:
        return "the result cannot be compared with what was expected: return numbers or an array"
    return judged.value


def _said_by(error):
    """Return an exception of the student's code as one line, with the line where it was raised."""
    frame, line = error.__traceback__, None
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename.replace("\\", "/")
        if not any(folder in name for folder in ("coursepkg/", "site-packages/")):
            line = frame.tb_lineno
        frame = frame.tb_next
    where = f" (line {line} of the cell that defines it)" if line else ""
    try:
        said = " ".join(str(error).split())[:200]
    except Exception:  # a hostile exception may raise in its own message
        said = "(no message)"
    return f"it raised {type(error).__name__}: {said}{where}"


def _changed(before, after):
    """Return the 1-based position of the first argument that was changed in place, or None."""
    return next((i for i, pair in enumerate(zip(before, after, strict=True), start=1) if not _same(*pair)), None)


def _same(old, new):
    if isinstance(old, (list, tuple)):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, np.ndarray):
        return np.array_equal(old, new, equal_nan=old.dtype.kind == "f")
    return not isinstance(old, dict) or old == new


def _first(problems):
    return next((problem for problem in problems if problem is not None), None)


def _rounded(array):
    return np.round(array, 4).tolist()
