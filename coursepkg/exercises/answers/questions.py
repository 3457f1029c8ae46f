"""How the answer to a question is judged in a notebook; ``book/_static/questions.js`` does the same in the page."""

from __future__ import annotations

import functools
import math
import numbers

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, Mistake
from coursepkg.exercises.questions import EXPECTED, Key


def answers_of(kind, key, choices):
    """Return the :class:`~coursepkg.exercises.answers.Answers` of a question.

    Parameters
    ----------
    kind : str
    key : dict
        The fields of :class:`coursepkg.exercises.questions.Key`.
    choices : dict of str to str
    """
    key, letters = Key(**key), list(choices)
    judge = {"choice": _choice, "several": _several, "order": _order, "region": _region}.get(kind, _numbers)
    note = {"choice": _note_of_choice, "several": _note_of_letter, "order": _note_of_place}.get(kind, _note)
    mistakes = {"choice": _other_letters, "several": _one_letter_off, "order": _swaps}.get(kind, _typical)
    read = functools.partial(_read, kind, letters)

    def judged(given, **facts):
        try:
            answer = read(given)
        except (TypeError, ValueError):
            return f"got {shorten(given)}\nhint: this question expects {EXPECTED[kind]}"
        return judge(kind, key, letters, answer, **facts)

    return Answers(
        judge=judged,
        note=lambda given, **facts: note(key, read(given), **facts),
        mistakes=tuple(mistakes(kind, key, letters)),
    )


def _read(kind, letters, given):
    """Return an answer in one form: letters as a list, numbers as floats; raise if it is of another kind."""
    if kind in ("choice", "several", "order"):
        several = isinstance(given, (list, tuple, set, frozenset)) and (kind != "order" or not isinstance(given, set))
        if not several and kind == "order":
            raise TypeError
        found = [_letter(value) for value in (given if several else [given])]
        if set(found) - set(letters) or len(set(found)) != len(found):
            raise ValueError
        if (kind == "choice" and len(found) != 1) or (kind == "order" and len(found) != len(letters)):
            raise ValueError
        return found
    if kind == "number":
        return [_number(given)]
    if not isinstance(given, (list, tuple, np.ndarray)):
        raise TypeError
    found = [_number(value) for value in given]
    if not found or (kind == "region" and len(found) != 2) or (kind == "shape" and any(n % 1 for n in found)):
        raise ValueError
    return found


def _letter(value):
    if not isinstance(value, str):
        raise TypeError
    return value.strip().lower()


def _number(value):
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError
    value = float(value)
    if not math.isfinite(value):
        raise ValueError
    return value


def _choice(kind, key, letters, answer):
    return None if answer == [key.right] else f"{answer[0]}: {key.why[answer[0]]}"


def _several(kind, key, letters, answer, letter):
    if len(answer) in (0, len(letters)):
        return f"{'all' if answer else 'none'} of them is no choice\nhint: some are right, some are not"
    if (letter in answer) == (letter in key.right):
        return None
    return f"{'you chose it' if letter in answer else 'you left it out'}: {key.why[letter]}"


def _order(kind, key, letters, answer, place):
    letter = answer[place]
    return None if letter == key.right[place] else f"{letter} does not stand here: {key.why[letter]}"


def _numbers(kind, key, letters, answer):
    right = _list(key.right)
    if _near(answer, right, key.tolerance):
        return None
    for wrong in key.wrong:
        if _near(answer, _list(wrong["value"]), key.tolerance):
            return wrong["why"]
    if key.otherwise:
        return key.otherwise
    if kind == "number":
        return f"{answer[0]:g} is too {'large' if answer[0] > right[0] else 'small'}"
    if len(answer) != len(right):
        return f"it does not have {len(answer)} number{'s' * (len(answer) != 1)}"
    pairs = enumerate(zip(answer, right, strict=True), start=1)
    return f"number {next(place for place, pair in pairs if not _near(*pair, key.tolerance))} is not right"


def _region(kind, key, letters, answer):
    if _inside(answer, key.right):
        return None
    return next((wrong["why"] for wrong in key.wrong if _inside(answer, wrong["value"])), key.otherwise)


def _inside(point, region):
    return all(region[axis][0] <= value <= region[axis][1] for axis, value in zip("xy", point, strict=True))


def _near(answer, right, tolerance):
    answer, right = _list(answer), _list(right)
    # The page computes the same: what is off by rounding only is right.
    return len(answer) == len(right) and all(
        abs(a - r) <= tolerance + 1e-9 * max(1, abs(r)) for a, r in zip(answer, right, strict=True)
    )


def _list(value):
    return value if isinstance(value, list) else [value]


def _note(key, answer):
    return key.why


def _note_of_choice(key, answer):
    return f"{key.right}: {key.why[key.right]}"


def _note_of_letter(key, answer, letter):
    return f"{'right' if letter in key.right else 'not chosen'}: {key.why[letter]}"


def _note_of_place(key, answer, place):
    return f"{key.right[place]}: {key.why[key.right[place]]}"


def _other_letters(kind, key, letters):
    for letter in letters:
        if letter != key.right:
            yield Mistake(letter, letter, key.why[letter])


def _one_letter_off(kind, key, letters):
    for letter in letters:
        chosen = tuple(other for other in letters if (other in key.right) != (other == letter))
        if 0 < len(chosen) < len(letters):
            yield Mistake(f"{letter} the other way around", chosen, key.why[letter])


def _swaps(kind, key, letters):
    for place in range(len(letters) - 1):
        order = list(key.right)
        order[place : place + 2] = reversed(order[place : place + 2])
        yield Mistake(f"place {place + 1} and the next one swapped", order, key.why[order[place]])


def _typical(kind, key, letters):
    for wrong in key.wrong:
        value = wrong["value"]
        if kind == "region":
            value = tuple(sum(value[axis]) / 2 for axis in "xy")
        yield Mistake(str(value), tuple(value) if kind == "shape" else value, wrong["why"])
