"""Exercises of the chapter on sequential classifiers."""

from __future__ import annotations

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, prose

# --- sequential-classifier/errors -----------------------------------------------------------------------------------

# What Keras says, and the fix; a test provokes each of these errors.
MESSAGES = {
    "A": (
        "Argument `output` must have rank (ndim) `target.ndim - 1`.\n"
        "   Received: target.shape=(32,), output.shape=(32, 28, 10)",
        "flatten",
    ),
    "B": (
        "Argument `output` must have rank (ndim) `target.ndim - 1`.\n"
        "   Received: target.shape=(32, 10), output.shape=(32, 10)",
        "categorical",
    ),
    "C": (
        "Arguments `target` and `output` must have the same rank (ndim).\n"
        "   Received: target.shape=(32,), output.shape=(32, 10)",
        "sparse",
    ),
    "D": ("Received a label value of 9 which is outside the valid range of [0, 5).", "units"),
    "E": (
        "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples.\n"
        "   'x' sizes: 64\n"
        "   'y' sizes: 60",
        "pairs",
    ),
    "F": ("Expected shape (None, 28, 28), but input has incompatible shape (28, 28)", "batch"),
}
FIXES = {
    "flatten": "put a `Flatten` layer before the first `Dense` layer",
    "sparse": 'use `loss="sparse_categorical_crossentropy"`',
    "categorical": 'use `loss="categorical_crossentropy"`',
    "units": "give the last layer one unit for each class",
    "pairs": "give as many labels as images",
    "batch": "hand over a batch, `X[:1]`, in place of one image, `X[0]`",
    "compile": "call `compile` before `fit`",
    "softmax": "give the last layer a softmax",
}
LOOK = {
    "A": "the output has an axis too many: which layer must take the rows of an image apart?",
    "B": "look at target.shape: are these labels numbers, or rows with a single 1?",
    "C": "look at target.shape: are these labels numbers, or rows with a single 1?",
    "D": "labels run from 0 to 9, but the range ends before 5: what in the model sets that range?",
    "E": "compare the two sizes: what does each image need?",
    "F": "the first axis, None, is missing in what came: what does it count?",
}
TYPICAL = {
    ("A", "units"): "the last axis, 10, is right already: the axis of 28 before it is too many",
    ("B", "sparse"): "that loss was used already: it wants labels as numbers, but these have a column for each class",
    ("C", "categorical"): "that loss was used already: it wants a column for each class, but these labels are numbers",
    ("D", "sparse"): "the loss is right for labels that are numbers; the label 9 has no output of its own",
    ("E", "batch"): "both are batches; their lengths differ",
    ("F", "flatten"): "the model expects images of 28 rows and 28 columns, and it got just one, without the first axis",
}


def _errors_cases(rng):
    for letter in MESSAGES:
        yield Case(
            f"message {letter}",
            run=lambda answer, letter=letter: answer[letter],
            judge=lambda got, letter=letter: _judge_fix(letter, got),
        )


def _judge_fix(letter, got):
    if not isinstance(got, str) or got not in FIXES:
        return f"expected one of the words {', '.join(FIXES)}; got {shorten(got)}"
    if got == MESSAGES[letter][1]:
        return None
    return f"{got!r} does not remove this error\nhint: {TYPICAL.get((letter, got), LOOK[letter])}"


def _fixes(**changed):
    return {**{letter: fix for letter, (_, fix) in MESSAGES.items()}, **changed}


ERRORS_MISTAKES = tuple(
    Mistake(f"{fix!r} for message {letter}", _fixes(**{letter: fix}), hint) for (letter, fix), hint in TYPICAL.items()
)

ERRORS_STATEMENT = """
Six beginners trained a classifier of images. Each has 64 images of $28 \\times 28$ pixels, labels of ten classes, a
model with two `Dense` layers, and the default batch size of 32. Each made one mistake, and got one of these messages:

```text
{messages}
```

Which one change removes each error? Choose from these words:

{fixes}

Provoke the errors yourself if you are not sure. `my_fixes` is a dictionary with the keys "A" to "F"; replace each
`...` by one of the words, as a text. Each message has one fix among them, and two words are left over.
"""

EXERCISES = (
    Exercise(
        label="sequential-classifier/errors",
        title="Read what Keras says",
        points=6,
        difficulty=1,
        minutes=10,
        statement=prose(
            ERRORS_STATEMENT.format(
                messages="\n".join(f"{letter}  {message}" for letter, (message, _) in MESSAGES.items()),
                fixes="\n".join(f'- `"{name}"`: {text}' for name, text in FIXES.items()),
            )
        ),
        answer_name="my_fixes",
        stub='my_fixes = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ..., "F": ...}\n',
        solution_source="""\
# A: without Flatten, Dense works on the last axis only and keeps the 28 rows.
# B and C: the shape of the labels must fit the loss. D: five units, ten classes.
my_fixes = {
    "A": "flatten",
    "B": "categorical",
    "C": "sparse",
    "D": "units",
    "E": "pairs",
    "F": "batch",
}
""",
        cases=_errors_cases,
        mistakes=ERRORS_MISTAKES,
        hints=(
            "Read the shapes first. The first number of a shape counts instances: here the batch of 32.",
            "Labels of shape (32,) are numbers; labels of shape (32, 10) are rows with a single 1.",
            "The sparse loss wants numbers, the other one wants rows. Which of the two did each beginner use?",
        ),
    ),
)
