"""The machinery behind ``check``: an answer is tried on cases, and the report is one that a student can act on."""

from __future__ import annotations

import math
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.bank import Exercise
from coursepkg.exercises.cases import plain
from coursepkg.exercises.questions import EXPECTED
from coursepkg.exercises.sandbox import call
from coursepkg.exercises.stubs import is_stub, is_template

# Parts of the names of files that hold no code of the student.
_NOT_THEIRS = ("coursepkg/", "site-packages/", "_cases.py", sysconfig.get_path("stdlib").replace("\\", "/") + "/")
_LONGEST = 300  # characters of an error's message that are shown


@dataclass(frozen=True)
class CaseResult:
    """How one case ended; ``problem`` is None if it passed. Then ``note`` may say why it is right."""

    shown: str
    problem: str | None = None
    note: str = ""


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
    judged: bool = True

    @property
    def passed(self) -> bool:
        return self.judged and self.attempted and all(result.problem is None for result in self.results)

    @property
    def points(self) -> float:
        """Points earned, each case an equal share, rounded to two decimals."""
        right = sum(result.problem is None for result in self.results)
        return round(self.exercise.points * right / len(self.results), 2) if self.attempted and self.judged else 0.0

    def __str__(self) -> str:
        head = f"{self.exercise.label}: {self.exercise.title}"
        if not self.judged:
            return f"{head}\n  it is judged when it is graded: here the answers are not known"
        if not self.attempted:
            if self.exercise.kind == "write":
                return f"{head}\n  not attempted yet: write your answer above and run its cell first"
            return f"{head}\n  not attempted yet: give {EXPECTED[self.exercise.kind]}"
        lines = [head]
        for result in self.results:
            lines.append(f"  {'✓' if result.problem is None else '✗'} {result.shown}")
            lines += [f"      {line}" for line in (result.problem or result.note).splitlines()]
        right = sum(result.problem is None for result in self.results)
        what = "cases passed" if self.exercise.kind == "write" else "right"
        total = f"{right} of {len(self.results)} {what}: {self.points:g} of {self.exercise.points} points"
        return "\n".join([*lines, total])


class CheckFailed(AssertionError):
    """At least one case of a check failed; the report above it says which and why."""

    def _render_traceback_(self):
        # Jupyter shows these lines instead of the machinery's stack, which would only frighten.
        return [str(self)]


@dataclass(frozen=True)
class Tried:
    """What came of one case, as data: a result, an error, or neither because the time was over."""

    value: object = None
    error: str = ""  # type of the exception
    said: str = ""
    line: int | None = None
    over: str = ""  # why there is neither, in words
    printed: str = ""


def grade(exercise, answer, *, seed=None):
    """Try an answer on fresh cases and return the :class:`Report`; survives whatever the answer does.

    Parameters
    ----------
    exercise : coursepkg.exercises.Exercise
    answer : object
        What the student wrote: a function or a value.
    seed : int, optional
        Makes the cases repeatable; by default each call draws new ones.
    """
    if is_stub(answer) or is_template(exercise, answer):
        return Report(exercise, attempted=False)
    if exercise.answers is None:
        return Report(exercise, judged=False)
    cases = list(exercise.cases(np.random.default_rng(seed)))
    return judge_all(exercise, cases, try_all(exercise, cases, answer))


def try_all(exercise, cases, answer, *, seconds=math.inf):
    """Yield what came of each case as :class:`Tried`; never raise.

    Parameters
    ----------
    exercise : coursepkg.exercises.Exercise
        Says how long a case may take.
    cases : sequence of Case
    answer : object
    seconds : float, keyword-only
        After this time no further case is tried.
    """
    deadline, stuck = time.monotonic() + seconds, False
    for case in cases:
        left = min(exercise.seconds, deadline - time.monotonic())
        if stuck or left <= 0:
            yield Tried(over="it was not tried: the time was over before it")
            continue
        outcome = call(lambda given, case=case: plain(case.run(given)), answer, seconds=left)
        stuck = outcome.stuck
        if stuck:
            over = "it still runs and cannot be stopped: restart the kernel, then look for a loop that never ends"
            yield Tried(over=over, printed=outcome.printed)
        elif outcome.timed_out:
            over = f"it ran for longer than {left:.3g} seconds and was stopped: is there a loop that never ends?"
            yield Tried(over=over, printed=outcome.printed)
        elif outcome.error is not None:
            kind, said, line = _described(outcome.error)
            yield Tried(error=kind, said=said, line=line, printed=outcome.printed)
        else:
            yield Tried(outcome.value, printed=outcome.printed)


def judge_all(exercise, cases, tried):
    """Return the report of what came of the cases, in their order."""
    results, given = [], set()
    _ = exercise.answers  # what they import must not count as time of the first case
    for case, came in zip(cases, tried, strict=True):
        if came.error == "NotImplementedError":
            return Report(exercise, attempted=False)
        problem = _problem(exercise, case, came)
        if problem and came.printed:
            problem += f"\nit printed: {shorten(came.printed)}"
        note = exercise.answers.note(came.value, **case.facts) if problem is None and exercise.answers.note else ""
        results.append(CaseResult(case.shown, problem and _each_hint_once(problem, given), note))
    return Report(exercise, tuple(results))


def announce(report):
    """Print a report; raise :class:`CheckFailed` if the exercise was attempted and a case failed."""
    sys.stdout.write(f"{report}\n")
    if report.judged and report.attempted and not report.passed:
        failed, label = sum(result.problem is not None for result in report.results), report.exercise.label
        raise CheckFailed(f"{label}: {failed} of {len(report.results)} cases failed; see the ✗ lines above")


def _problem(exercise, case, came):
    """Return what is wrong with what came of a case, or None."""
    from coursepkg.exercises.answers import hint_for_error, judge

    if came.over:
        return came.over
    if came.error:
        where = f" (line {came.line} of the cell that defines it)" if came.line else ""
        hint = hint_for_error(exercise, case, came.error, came.said)
        problem = f"it raised {came.error}: {_cut(came.said)}{where}"
        return f"{problem}\nhint: {hint}" if hint else problem
    judged = call(judge, exercise, case, came.value, seconds=max(5.0, exercise.seconds))
    if judged.error is not None or judged.timed_out:
        return "the result cannot be compared with what was expected: return numbers or an array"
    return judged.value


def _each_hint_once(problem, given):
    """Return a problem without the hints that were given already."""
    lines = []
    for line in problem.splitlines():
        said, mark, hint = line.partition("hint: ")
        if mark and hint in given:
            line = said.rstrip(" ;,")
        elif mark:
            given.add(hint)
        if line:
            lines.append(line)
    return "\n".join(lines)


def _described(error):
    """Return the type, the message and the line of an exception of the student's code."""
    frame, line = error.__traceback__, None
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename.replace("\\", "/")
        if not any(part in name for part in _NOT_THEIRS):
            line = frame.tb_lineno
        frame = frame.tb_next
    try:
        said = " ".join(str(error).split())
    except Exception:  # a hostile exception may raise in its own message
        said = "(no message)"
    return type(error).__name__, said[:5000], line


def _cut(text):
    """Return a message of readable length: its beginning, and its end, which often says most."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
