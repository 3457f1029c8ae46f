"""Exercises of the chapter on sequential classifiers."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, function_case, prose

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

# --- sequential-classifier/build ------------------------------------------------------------------------------------

BUILD = Source("""\
import keras


def build_model(image_shape, hidden, n_classes):
    model = keras.Sequential([keras.Input(image_shape), keras.layers.Flatten()])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(n_classes, activation="softmax"))
    loss = "sparse_categorical_crossentropy"
    model.compile(loss=loss, optimizer="sgd", metrics=["accuracy"])
    return model
""")
SIZES = {"two hidden layers": ((6, 5), [8, 7], 4), "no hidden layer": ((4, 4), [], 3)}


def _build_cases(rng):
    for shown, (shape, hidden, n_classes) in SIZES.items():
        X = rng.normal(size=(20, *shape))
        yield Case(
            f"build_model({shape}, {hidden}, {n_classes}), {shown}: the predictions on 20 images",
            run=lambda f, a=(shape, hidden, n_classes), X=X: _outputs(f(*a), X),
            judge=lambda got, X=X, sizes=(*hidden, n_classes): _judge_outputs(got, X, sizes),
        )
    shape, hidden, n_classes = SIZES["two hidden layers"]
    X, y = rng.normal(size=(20, *shape)), rng.integers(n_classes, size=20)
    yield Case(
        "the loss and the accuracy on whole-number labels",
        run=lambda f: _scores(f(shape, hidden, n_classes), X, y),
        judge=lambda got: _judge_scores(got, y),
    )


def _outputs(model, X):
    return model.get_weights(), np.asarray(model(X), dtype=float)


def _forward(weights, X, activation):
    """The reference: the probabilities that a network of these weights and biases states."""
    Z = X.reshape(len(X), -1)
    for W, b in zip(weights[0:-2:2], weights[1:-2:2], strict=True):
        Z = activation(Z @ W + b)
    e = np.exp(Z @ weights[-2] + weights[-1])
    return e / e.sum(axis=1, keepdims=True)


def _judge_outputs(got, X, sizes):
    weights, P = got
    fan_in = [int(np.prod(X.shape[1:])), *sizes[:-1]]
    expected = [shape for n, m in zip(fan_in, sizes, strict=True) for shape in ((n, m), (m,))]
    shapes = [np.shape(weight) for weight in weights]
    if shapes != expected:
        hint = "one Dense layer for each number in `hidden`, and one with `n_classes` units"
        if shapes and shapes[0] == (X.shape[-1], sizes[0]):
            hint = "without `Flatten`, `Dense` sees the rows of an image one by one"
        return f"expected weights of the shapes {expected}; got {shapes}\nhint: {hint}"
    if P.shape != (len(X), sizes[-1]):
        return f"expected predictions of shape {(len(X), sizes[-1])}; got {P.shape}"
    weights = [np.asarray(weight, dtype=float) for weight in weights]
    if np.allclose(P, _forward(weights, X, lambda z: np.maximum(z, 0)), atol=1e-4):
        return None
    sums = P.sum(axis=1)
    if not np.allclose(sums, 1, atol=1e-3):
        hint = "softmax makes the probabilities of an image sum to 1"
        return f"the first row of the predictions sums to {sums[0]:.3f}\nhint: {hint}"
    if np.allclose(P, _forward(weights, X, lambda z: z), atol=1e-4):
        return "the hidden layers have no activation\nhint: without one, several layers are worth as much as one"
    return "the predictions are not those of ReLU in the hidden layers and softmax in the last one"


def _scores(model, X, y):
    P = np.asarray(model(X), dtype=float)
    try:
        return P, model.test_on_batch(X, y, return_dict=True)
    except (ValueError, TypeError) as error:
        return P, error


def _judge_scores(got, y):
    P, scores = got
    if isinstance(scores, Exception):
        hint = "call `compile` before you return the model"
        if "compile" not in str(scores):
            hint = "which loss takes labels that are whole numbers?"
        return f"evaluating raised {type(scores).__name__}: {shorten(str(scores))}\nhint: {hint}"
    loss = -np.log(np.clip(P[np.arange(len(y)), y], 1e-7, 1)).mean()
    if not np.isclose(scores["loss"], loss, rtol=1e-3):
        return f"expected the loss {loss:.4f}; got {scores['loss']:.4f}\nhint: cross-entropy of probabilities"
    if "accuracy" not in scores:
        return f"expected loss and accuracy; got {', '.join(scores)}\nhint: `metrics` is a list of names"
    right = (P.argmax(axis=1) == y).mean()
    if not np.isclose(scores["accuracy"], right, atol=1e-4):
        return f"expected the accuracy {right:.4f}; got {scores['accuracy']:.4f}"
    return None


BUILD_MISTAKES = (
    Mistake("no Flatten", BUILD.edited((", keras.layers.Flatten()", "")), "the rows of an image one by one"),
    Mistake("no softmax", BUILD.edited((', activation="softmax"', "")), "softmax makes the probabilities"),
    Mistake("sigmoids at the end", BUILD.edited(('"softmax"', '"sigmoid"')), "softmax makes the probabilities"),
    Mistake("no ReLU", BUILD.edited((', activation="relu"', "")), "the hidden layers have no activation"),
    Mistake("always ten classes", BUILD.edited(("Dense(n_classes", "Dense(10")), "one with `n_classes` units"),
    Mistake(
        "only one hidden layer",
        BUILD.edited(("for units in hidden:", "for units in hidden[:1]:")),
        "one Dense layer for each number in `hidden`",
    ),
    Mistake(
        "the loss for one-hot rows",
        BUILD.edited(('"sparse_categorical_crossentropy"', '"categorical_crossentropy"')),
        "which loss takes labels that are whole numbers?",
    ),
    Mistake("no metric", BUILD.edited((', metrics=["accuracy"]', "")), "`metrics` is a list of names"),
    Mistake(
        "not compiled",
        BUILD.edited(('    model.compile(loss=loss, optimizer="sgd", metrics=["accuracy"])\n', "")),
        "call `compile` before you return the model",
    ),
)

# --- sequential-classifier/fold-weights -----------------------------------------------------------------------------


def fold_weights(labels, class_weight, sample_weight):
    """The reference: one weight a row, the product of the row's own and that of its class."""
    return np.asarray(sample_weight) * [class_weight.get(label, 1.0) for label in labels.tolist()]


def _scaled(labels, class_weight, sample_weight):
    weights = fold_weights(labels, class_weight, sample_weight)
    return weights / weights.mean()


FOLD_MISTAKES = (
    Mistake(
        "added",
        lambda labels, cw, sw: sw + np.array([cw.get(label, 1.0) for label in labels.tolist()]),
        "the two weights are added; the loss of a row is multiplied by both",
    ),
    Mistake(
        "missing classes count nothing",
        lambda labels, cw, sw: sw * np.array([cw.get(label, 0.0) for label in labels.tolist()]),
        "a class that the dictionary lacks has the weight 1, not 0",
    ),
    Mistake(
        "only the class weights",
        lambda labels, cw, sw: np.array([cw.get(label, 1.0) for label in labels.tolist()]),
        "the weights of the rows themselves are lost",
    ),
    Mistake(
        "only the sample weights",
        lambda labels, cw, sw: sw.copy(),
        "the weights of the classes are lost",
    ),
    Mistake("scaled to a mean of 1", _scaled, "the weights were scaled to a mean of 1; leave them as they are"),
    Mistake(
        "divided",
        lambda labels, cw, sw: sw / np.array([cw.get(label, 1.0) for label in labels.tolist()]),
        "a large class weight must make the rows of the class count more, not less",
    ),
)


def _fold_cases(rng):
    for shown, n, classes in (
        ("a weight for every class", 12, range(4)),
        ("a weight for one class of four", 15, (2,)),
        ("the rows of one class", 6, (0, 1)),
    ):
        labels = np.zeros(n, dtype=int) if n == 6 else rng.permutation(np.arange(n) % 4)
        class_weight = {k: float(rng.uniform(1.5, 9)) for k in classes}
        yield function_case(
            f"fold_weights(labels, class_weight, sample_weight): {shown}",
            (labels, class_weight, rng.uniform(0.2, 2, n)),
            reference=fold_weights,
            mistakes=FOLD_MISTAKES,
        )


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
    Exercise(
        label="sequential-classifier/build",
        title="A classifier of any size",
        points=6,
        difficulty=2,
        minutes=15,
        statement=prose("""
            Write a function `build_model(image_shape, hidden, n_classes)` that returns a compiled sequential model.
            `image_shape` is the height and width of the images, such as `(28, 28)`; `hidden` is a list with the number
            of units of each hidden layer, such as `[300, 100]`, and may be empty; `n_classes` is the number of classes.
            The model flattens the images, has ReLU in the hidden layers, and states one probability for each class,
            which sum to 1. Compile it with the optimizer `"sgd"` for labels that are whole numbers from 0 to
            `n_classes - 1`, and let it report the accuracy.
        """),
        answer_name="build_model",
        stub='''\
import keras


def build_model(image_shape, hidden, n_classes):
    """Return a compiled model for images of that shape."""
    ...
''',
        solution_source=str(BUILD),
        cases=_build_cases,
        mistakes=BUILD_MISTAKES,
        hints=(
            "A Sequential model can grow: `model.add(layer)`.",
            "Which layers stand before the first Dense layer? And which function makes scores into probabilities?",
            "`compile` needs a loss, an optimizer and a list of metrics; see the table of losses.",
        ),
        seconds=60.0,
    ),
    Exercise(
        label="sequential-classifier/fold-weights",
        title="One weight for each row",
        points=3,
        difficulty=1,
        minutes=10,
        statement=prose("""
            Keras refuses `class_weight` and `sample_weight` in one call of `fit`. Write a function
            `fold_weights(labels, class_weight, sample_weight)` that makes one array of both. `labels` holds whole
            numbers, shape $[n]$; `class_weight` is a dictionary from class to weight, such as `{6: 5.0}`, and a class
            that it lacks has the weight 1; `sample_weight` holds one number for each row, shape $[n]$. Return an array
            of shape $[n]$: the number by which the loss of each row is to be multiplied. Use NumPy only.
        """),
        answer_name="fold_weights",
        stub='''\
import numpy as np


def fold_weights(labels, class_weight, sample_weight):
    """Return one weight for each row."""
    ...
''',
        solution_source="""\
import numpy as np


def fold_weights(labels, class_weight, sample_weight):
    of_class = [class_weight.get(label, 1.0) for label in labels.tolist()]
    return sample_weight * np.array(of_class)
""",
        cases=_fold_cases,
        mistakes=FOLD_MISTAKES,
        hints=(
            "The loss of a row is multiplied by one number after the other. What is that in one step?",
            "`class_weight.get(label, 1.0)` gives the weight of a class, and 1.0 where the dictionary has none.",
        ),
    ),
)
