"""What a check tries: inputs, and how to run an answer on them. One module a chapter, one function an exercise.

All of this is readable beside a submission while it is graded, so nothing here knows what is right: no reference, no
expected value, no hint. That stands in :mod:`coursepkg.exercises.answers`, which is not there then.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Case:
    """One thing that a check tries.

    Attributes
    ----------
    shown : str
        What is tried, in words without random numbers: "train_perceptron(X, y) on 40 points in the plane".
    run : callable
        Takes the student's answer and returns what came of it: numbers, texts, arrays, and lists, tuples and
        dictionaries of these, since nothing else leaves the isolation (see :func:`plain`). A model is reduced to its
        weights, its configuration, its outputs; an exception that is expected to :func:`caught`.
    judge : str
        Which of the exercise's judges decides; "" is the only one.
    facts : mapping
        What the judge must know of this case, as keyword arguments: inputs, never what is right.
    arguments : tuple, optional
        Of a case that calls a function; see :func:`function_case`.
    """

    shown: str
    run: Callable
    judge: str = ""
    facts: Mapping = field(default_factory=dict)
    arguments: tuple | None = None


def function_case(shown, arguments):
    """Return the case that calls the student's function, and that is compared with the exercise's reference.

    Parameters
    ----------
    shown : str
        The call in words.
    arguments : tuple
        Fresh inputs; the student's function gets a copy, and must leave it unchanged.
    """

    def run(function):
        given = copy.deepcopy(arguments)
        got = function(*given)
        return got, _changed(arguments, given)

    return Case(shown, run, arguments=arguments)


def plain(value):
    """Return a value as data that can leave the isolation; what is none becomes :class:`Opaque`.

    Tensors and tables become arrays, since they say how; the same is done where nothing has to leave, so that a check
    in a chapter says what grading says.
    """
    if value is None or isinstance(value, (bool, np.generic, Opaque, Caught)):
        return value
    for kind in (int, float, complex, str):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, np.ndarray):
        return Opaque.of(value) if value.dtype.hasobject else value
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        kind = next(kind for kind in (list, tuple, set, object) if isinstance(value, kind))
        return (set if kind is object else kind)(plain(item) for item in value)
    if hasattr(value, "__array__") and not isinstance(value, type):
        try:
            return plain(np.asarray(value))
        except Exception:  # a hostile object may raise when it is looked at
            return Opaque.of(value)
    return Opaque.of(value)


@dataclass(frozen=True)
class Opaque:
    """What an object looked like that cannot leave the isolation: its type, and the beginning of its text."""

    type: str
    text: str

    @classmethod
    def of(cls, value):
        try:
            text = repr(value)[:200]
        except Exception:  # a hostile object may raise in its own text
            text = "(no text)"
        return cls(type(value).__name__, text)

    def __repr__(self):
        return self.text


@dataclass(frozen=True)
class Caught:
    """An exception that a case expects of an answer, reduced to what a judge asks: its type, its bases, its text."""

    type: str
    kinds: tuple
    text: str

    def is_a(self, *names):
        """Whether it is one of these exceptions, named as Python names them."""
        return any(name in self.kinds for name in names)

    def __str__(self):
        return self.text


def caught(error):
    """Return an exception as data, for a case whose judge has something to say about it."""
    kinds = tuple(cls.__name__ for cls in type(error).__mro__ if cls is not object)
    return Caught(type(error).__name__, kinds, str(error))


def _changed(before, after):
    """Return the 1-based position of the first argument that was changed in place, or None."""
    return next((i for i, pair in enumerate(zip(before, after, strict=True), start=1) if not _same(*pair)), None)


def _same(old, new):
    if isinstance(old, (list, tuple)):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, np.ndarray):
        return np.array_equal(old, new, equal_nan=old.dtype.kind == "f")
    return not isinstance(old, dict) or old == new
