"""What is right: references, judges, typical mistakes, and the published solutions. One module a chapter.

None of this is there while a submission runs: ``coursepkg.grading.isolation`` shows it a package without this
folder. Results come out, and are judged where no submitted code ever runs.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from coursepkg.exercises.cases import plain
from coursepkg.exercises.compare import difference
from coursepkg.exercises.sandbox import call


class Source(str):
    """A program that defines an answer. It runs only where that is asked for, since it may import a large library."""

    @property
    def is_light(self):
        """Whether it can run while a result is judged: nothing in it loads TensorFlow."""
        return not any(name in self for name in ("keras", "tensorflow", "tensorboard"))


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer, and what to say to whoever gives it.

    Whatever behaves like it has made the same mistake. Most are a :func:`patch` of the solution; others are given as a
    value, a function, or the :class:`Source` of a program.
    """

    name: str
    answer: object
    hint: str
    edits: tuple = ()

    def given(self, exercise):
        """Return the wrong answer: the value, the function, or the source that defines one."""
        if not self.edits:
            return self.answer
        text = exercise.solution_source
        for before, after in self.edits:
            if before not in text:
                raise ValueError(f"{exercise.label}, mistake {self.name!r}: the solution does not hold {before!r}")
            text = text.replace(before, after)
        return Source(text)


def patch(name, before, after, hint, *more):
    """Return the mistake of who writes ``after`` where the solution has ``before``.

    Parameters
    ----------
    name, before, after, hint : str
    *more : pair of str
        Further ``(before, after)``, carried out in their order.
    """
    return Mistake(name, None, hint, edits=((before, after), *more))


def patches(text):
    r"""Return typical mistakes written as differences from the solution.

    Parameters
    ----------
    text : str
        For each mistake a line "name: hint", which lines that begin with two blanks continue; then lines with ``-``
        that the solution holds, and lines with ``+`` that stand there in the wrong answer. They need not be whole lines
        of the solution. Further groups of ``-`` and ``+`` are further changes, carried out in their order.

    Examples
    --------
    >>> (uphill,) = patches("uphill: the step must go against the gradient\n- theta - eta\n+ theta + eta")
    >>> uphill.hint, uphill.edits
    ('the step must go against the gradient', (('theta - eta', 'theta + eta'),))
    """
    found = []
    for line in inspect.cleandoc(text).splitlines():
        mark, content = line[:1], line[2:]
        if mark == "-" and found[-1][2][-1:] and not found[-1][2][-1][1]:
            found[-1][2][-1][0].append(content)
        elif mark == "-":
            found[-1][2].append(([content], []))
        elif mark == "+":
            found[-1][2][-1][1].append(content)
        elif mark == " ":
            found[-1][1] += f" {line.strip()}"
        elif line:
            name, _, hint = line.partition(": ")
            found.append([name, hint, []])
    return tuple(
        Mistake(name, None, hint, edits=tuple(("\n".join(before), "\n".join(after)) for before, after in groups))
        for name, hint, groups in found
    )


@dataclass(frozen=True)
class Answers:
    """How the answers to one exercise are judged.

    Attributes
    ----------
    reference : callable, optional
        What the function should do, written in another way than the solution where there is one; by default the
        solution of the chapter. Cases that call a function are compared with it.
    mistakes : sequence of Mistake
        Typical wrong answers. Where a result is wrong, the one with the same result names the error.
    compare : callable, optional
        Takes (got, expected), returns None or what differs; by default ``coursepkg.exercises.compare.difference``.
    judge : callable, or mapping of str to callable
        For the other cases: takes the result, and the facts of the case as keywords; returns None if it is right, else
        a text of "expected …" and a hint. A mapping names several.
    note : callable, optional
        Takes the same of a case that passed; returns what to say about it. Questions explain right answers, too.
    """

    reference: Callable | None = None
    mistakes: Sequence[Mistake] = ()
    compare: Callable | None = None
    judge: Callable | Mapping[str, Callable] = field(default_factory=dict)
    note: Callable | None = None


def judge(exercise, case, result):
    """Return what is wrong with the result of a case, or None."""
    answers = exercise.answers
    if case.arguments is not None:
        return _compared(exercise, case, result)
    judges = answers.judge if isinstance(answers.judge, Mapping) else {"": answers.judge}
    return judges[case.judge](result, **case.facts)


def _compared(exercise, case, result):
    got, changed = result
    if got is None:
        return "got None (did you forget the `return` statement?)"
    if changed:
        return f"your function changed its argument number {changed}; work on a copy: `.copy()`"
    answers = exercise.answers
    compare, reference = answers.compare or difference, answers.reference or exercise.model_answer()
    problem = compare(got, reference(*copy.deepcopy(case.arguments)))
    if problem is None:
        return None
    for mistake, outcome in _wrong_outcomes(exercise, case):
        if outcome.error is None and not outcome.timed_out and compare(got, outcome.value) is None:
            return f"{problem}\nhint: {mistake.hint}"
    return problem


def hint_for_error(exercise, case, error_type, said):
    """Return the hint of the mistake that raises the same error as the student's code, or None."""
    if case.arguments is None:
        return None
    for mistake, outcome in _wrong_outcomes(exercise, case):
        error = outcome.error
        if error is not None and type(error).__name__ == error_type and " ".join(str(error).split()) == said:
            return mistake.hint
    return None


def _wrong_outcomes(exercise, case):
    """Yield each typical mistake that can run here with what it does with the arguments of a case."""
    for mistake in exercise.answers.mistakes:
        answer = mistake.given(exercise)
        if isinstance(answer, Source) and not answer.is_light:
            continue
        answer = exercise.answer_of(answer)
        if callable(answer):
            yield mistake, call(lambda *a, f=answer: plain(f(*a)), *copy.deepcopy(case.arguments))
