"""Questions: exercises that are answered by a choice, a number, an order or a place, and need no program.

A question is written in two parts, the second right behind the first::

    :::{question} Title                  the title and the label "chapter/name"; then the text, with pictures, formulas
    :label: perceptron/shapes            and code as it needs them, and at its end the choices, where there are some,
    What do we ask?                      each one paragraph
    - a. One choice
    - b. Another
    :::
    ```{code-cell}                       check("perceptron/shapes", ...); the cell's metadata hold the rest under
                                         "question", so that neither page nor notebook shows the answer

Exactly one of these says what is right, and with it what kind of question it is::

    right: b                             one choice
    right: [a, c]                        several choices; each letter is worth an equal share
    order: [c, a, b]                     the choices, brought into this order
    number: 27                           a number; tolerance: 0.5 is how far off it may be
    shape: [3, 2]                        the shape of an array
    list: [0.5, 2]                       numbers, with a tolerance if need be
    region: {x: [20, 40], y: [0, 1]}     a point of a picture: of the figure that "figure" names, else of the text's
                                         own; axes: {left: [12, 0], right: [98, 100], bottom: [90, 0], top: [5, 3]}
                                         says for each side of the plot where it is, in percent of the picture from the
                                         left or the top, and which value is there; log: [x] names logarithmic axes

Each answer is explained, in plain text, since a notebook prints it::

    why: {a: "…", b: "…"}                a sentence for each choice; for the other kinds one sentence: why it is right
    wrong: [{value: 3, why: "…"}]        typical wrong answers of the other kinds; of a region: {x: …, y: …, why: …}
    otherwise: "…"                       what to say to any other wrong answer; required for a region

Further keys are hints, after, level, minutes and points (1 each where they are not given), and::

    output: 'loss (.*)'                  the right answer is read off a printed output: where this pattern matches, its
                                         group must agree with the right answer
    predict: true                        the output of the next cell stays folded until the reader has answered
    figure: fig-name                     the text asks about this figure of its chapter; it cannot be assigned
    shuffle: true                        assignments give the choices in another order to each student
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from coursepkg._validation import shorten

# The kinds of questions, and what is expected of an answer of each.
EXPECTED = {
    "choice": 'one letter, such as "a"',
    "several": 'the letters of your choices, such as ("a", "c")',
    "order": 'all letters in their order, such as ["b", "a", "c"]',
    "number": "a number, such as 0.5",
    "shape": "a shape, such as (4, 5)",
    "list": "a list of numbers, such as [0.5, 2]",
    "region": "a point (x, y), such as (0.5, 2)",
}
LETTERED = ("choice", "several", "order")
_PUBLIC = {"hints", "after", "level", "minutes", "points", "predict", "figure", "shuffle"}
_KEY = {"right", "order", "number", "shape", "list", "region", "tolerance", "why", "wrong", "otherwise", "output"}
_KEYS = {*_PUBLIC, *_KEY, "axes", "log"}
_CHOICES = re.compile(r"^- a\. ", re.MULTILINE)
_CHOICE = re.compile(r"- (?P<letter>[a-z])\. (?P<text>.+(?:\n(?:[ ]{2,}\S.*)?)*)\n?")
_FORMULA = re.compile(r"\$[^$]+\$|\\[a-zA-Z]+")


class QuestionError(ValueError):
    """A question is not written as it must be; the message says what was expected."""


@dataclass(frozen=True)
class Key:
    """What is right, and what is said to each answer. It is kept away from submissions.

    Attributes
    ----------
    right : str, list or dict
        A letter, letters, a number, numbers, or a region.
    why : str or dict of str to str
        By letter, where there are choices.
    wrong : list of dict
        Typical wrong answers with what is said to them.
    tolerance : float
    otherwise : str
        What is said to other wrong answers.
    output : str
        Pattern of the output that shows the right answer.
    """

    right: object
    why: object
    wrong: list = field(default_factory=list)
    tolerance: float = 0.0
    otherwise: str = ""
    output: str = ""


def read_question(label, title, body, metadata):
    """Return the texts of a question, as :func:`coursepkg.exercises.source.read_exercises` does for an exercise.

    Parameters
    ----------
    label, title : str
    body : str
        The text with its choices, in Markdown.
    metadata : dict
        What the cell's metadata hold under "question".

    Returns
    -------
    dict
        With the keys label, title, difficulty, minutes, points, statement, stub, answer_name, hints, prerequisites,
        kind, choices, shuffle, figure, and key: the fields of `Key`.

    Raises
    ------
    QuestionError
        If something is missing, unknown, or not explained.
    """
    if not isinstance(metadata, dict):
        raise QuestionError('the metadata of its cell must hold "question"')
    if unknown := set(metadata) - _KEYS:
        raise QuestionError(f"no question has {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}")
    kind = _kind(metadata)
    statement = body.strip()
    choices = _choices(statement, kind)
    key = _key(kind, choices, metadata)
    if metadata.get("shuffle") and kind not in LETTERED:
        raise QuestionError("shuffle needs choices")
    name = "my_answer_" + re.sub(r"\W", "_", label.partition("/")[2])
    return {
        "label": label,
        "title": title,
        "difficulty": int(metadata.get("level", 1)),
        "minutes": int(metadata.get("minutes", 1)),
        "points": int(metadata.get("points", 1)),
        "statement": statement,
        "stub": f"{name} = ...  # {EXPECTED[kind]}\n",
        "answer_name": name,
        "hints": [_plain(hint, "a hint") for hint in metadata.get("hints", [])],
        "prerequisites": list(metadata.get("after", [])),
        "kind": kind,
        "choices": choices,
        "shuffle": bool(metadata.get("shuffle", False)),
        "figure": str(metadata.get("figure", "")),
        "key": key,
    }


def solution_of(kind, key, answer_name):
    """Return the program that gives the right answer, as an assignment's solution."""
    right = key["right"]
    if kind in ("several", "shape"):
        right = tuple(right)
    elif kind == "region":
        right = tuple(sum(right[axis]) / 2 for axis in "xy")
    return f"{answer_name} = {right!r}\n".replace("'", '"')


def without_choices(statement):
    """Return the text of a question before its choices."""
    found = _CHOICES.search(statement)
    return statement[: found.start()].strip() if found else statement


def shuffled(exercise, student):
    """Return the letters of the choices in the order that a student gets: the first stands there as a, and so on.

    It follows from the label and the student's name, so each student always gets the same.

    Parameters
    ----------
    exercise : coursepkg.exercises.Exercise
    student : str
        Capitals and blanks do not count.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If the name is empty.
    """
    name = "".join(str(student or "").casefold().split())
    if not name:
        raise ValueError('the order of the choices follows from your name: write it into NAME = "" and run that cell')
    return sorted(
        exercise.choices, key=lambda letter: hashlib.sha256(f"{exercise.label}:{name}:{letter}".encode()).digest()
    )


def unshuffled(exercise, answer, student):
    """Return an answer to shuffled choices in the letters of the question; what holds no such letter stays as it is."""
    back = dict(zip(exercise.choices, shuffled(exercise, student), strict=True))

    def renamed(value):
        return back.get(value.strip().lower(), value) if isinstance(value, str) else value

    if isinstance(answer, (list, tuple, set, frozenset)):
        kind = next(kind for kind in (list, tuple, set) if isinstance(answer, kind) or kind is set)
        return kind(renamed(item) for item in answer)
    return renamed(answer)


def lettered(exercise, answer, student):
    """Return an answer in the letters that a student sees: the inverse of :func:`unshuffled`."""
    there = dict(zip(shuffled(exercise, student), exercise.choices, strict=True))
    return type(answer)(map(there.get, answer)) if isinstance(answer, (list, tuple)) else there[answer]


class Choices:
    """The choices of a question as a notebook shows them; without a name, the request for one."""

    def __init__(self, exercise, student):
        try:
            texts = [exercise.choices[letter] for letter in shuffled(exercise, student)]
            self._text = "\n".join(f"- {letter}. {text}" for letter, text in zip(exercise.choices, texts, strict=True))
        except ValueError as error:
            self._text = str(error)

    def _repr_markdown_(self):
        return self._text

    def __repr__(self):
        return self._text


def _kind(metadata):
    given = [name for name in ("right", "order", "number", "shape", "list", "region") if name in metadata]
    if len(given) != 1:
        raise QuestionError(f"exactly one of right, order, number, shape, list, region says what is right; got {given}")
    if given == ["right"]:
        return "several" if isinstance(metadata["right"], list) else "choice"
    return given[0]


def _choices(statement, kind):
    found = _CHOICES.search(statement)
    if kind not in LETTERED:
        if found:
            raise QuestionError(f"it has choices, so right or order must say which; got {kind}")
        return {}
    choices, rest = {}, statement[found.start() :] if found else ""
    while rest.strip():
        choice = _CHOICE.match(rest)
        if choice is None:
            raise QuestionError(f'choices are "- a. One paragraph" and end the text; got {shorten(rest)}')
        choices[choice["letter"]] = " ".join(choice["text"].split())
        rest = rest[choice.end() :]
    if list(choices) != [chr(ord("a") + i) for i in range(len(choices))] or len(choices) < 2:
        raise QuestionError(f'choices must be "- a. …", "- b. …" and so on, at least two; got {list(choices)}')
    texts = [text.casefold() for text in choices.values()]
    if twice := [letter for letter, text in zip(choices, texts, strict=True) if texts.count(text) > 1]:
        raise QuestionError(f"the choices {' and '.join(twice)} are equal")
    return choices


def _key(kind, choices, metadata):
    key = {"why": _why(kind, choices, metadata.get("why"))}
    if kind in LETTERED:
        key["right"] = _letters(kind, choices, metadata)
        if "wrong" in metadata or "tolerance" in metadata or "otherwise" in metadata:
            raise QuestionError("wrong, otherwise and tolerance are for questions without choices")
    else:
        key["right"] = _value(kind, metadata[kind])
        key["wrong"] = []
        for wrong in metadata.get("wrong") or []:
            value = _value(kind, wrong if kind == "region" else wrong.get("value"))
            key["wrong"].append({"value": value, "why": _plain(wrong.get("why"), f"the wrong answer {value}")})
        if not key["wrong"]:
            raise QuestionError("wrong must list at least one typical wrong answer with its explanation")
        if kind in ("number", "list"):
            key["tolerance"] = float(metadata.get("tolerance", 0))
        if kind == "region" or "otherwise" in metadata:
            key["otherwise"] = _plain(metadata.get("otherwise"), "any other answer (otherwise)")
    if kind == "region":
        axes = metadata.get("axes")
        if not isinstance(axes, dict) or set(axes) != {"left", "right", "bottom", "top"}:
            raise QuestionError("a region needs axes with left, right, bottom and top, each [percent, value]")
    if "output" in metadata:
        if kind in ("several", "order", "region"):
            raise QuestionError(f"the right answer of a question of the kind {kind} cannot be compared with an output")
        key["output"] = str(metadata["output"])
    return key


def _letters(kind, choices, metadata):
    right = metadata["order" if kind == "order" else "right"]
    letters = right if isinstance(right, list) else [right]
    if unknown := [letter for letter in letters if letter not in choices]:
        raise QuestionError(f"no choice has the letter {unknown[0]!r}; there are {', '.join(choices)}")
    if len(set(letters)) != len(letters):
        raise QuestionError(f"a letter is named twice: {letters}")
    if kind == "several" and not 0 < len(letters) < len(choices):
        raise QuestionError("of several choices at least one must be right, and at least one wrong")
    if kind == "order" and (len(letters) != len(choices) or letters == list(choices)):
        raise QuestionError("order must hold every letter, and must not be the order in which the choices stand")
    return right


def _why(kind, choices, why):
    if kind not in LETTERED:
        return _plain(why, "the right answer (why)")
    if not isinstance(why, dict):
        raise QuestionError("why must hold a sentence for each choice")
    if unknown := set(why) - set(choices):
        raise QuestionError(f"why explains {', '.join(sorted(map(str, unknown)))}, which is no choice")
    return {letter: _plain(why.get(letter), f"the choice {letter}") for letter in choices}


def _plain(text, what):
    text = " ".join(str(text or "").split())
    if not text:
        raise QuestionError(f"{what} has no explanation")
    if found := _FORMULA.search(text):
        raise QuestionError(f"{what} is printed as plain text: write η, not \\eta or $…$; got {found[0]!r}")
    return text


def _value(kind, value):
    """Return the right or a wrong answer of a question without choices as numbers."""
    try:
        if kind == "region":
            return {axis: sorted(float(limit) for limit in _pair(value[axis])) for axis in "xy"}
        if kind == "number":
            return value + 0
        return [int(number) if kind == "shape" else number + 0 for number in value]
    except (TypeError, ValueError, KeyError):
        raise QuestionError(f"{shorten(value)} is not {EXPECTED[kind]}") from None


def _pair(limits):
    low, high = limits
    return low, high
