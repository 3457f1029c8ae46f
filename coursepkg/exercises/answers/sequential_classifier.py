"""Answers to the exercises on sequential classifiers."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch, patches
from coursepkg.exercises.cases import Caught

# --- sequential-classifier/errors -----------------------------------------------------------------------------------

WORDS = ("flatten", "sparse", "categorical", "units", "pairs", "batch", "compile", "softmax")
# The word that removes each error, and what to say to other words; a test provokes the errors.
FIXES = {
    "A": ("flatten", "the output has an axis too many: which layer must take the rows of an image apart?"),
    "B": ("categorical", "look at target.shape: are these labels numbers, or rows with a single 1?"),
    "C": ("sparse", "look at target.shape: are these labels numbers, or rows with a single 1?"),
    "D": ("units", "labels run from 0 to 9, but the range ends before 5: what in the model sets that range?"),
    "E": ("pairs", "compare the two sizes: what does each image need?"),
    "F": ("batch", "the first axis, None, is missing in what came: what does it count?"),
}
TYPICAL = {
    ("A", "units"): "the last axis, 10, is right already: the axis of 28 before it is too many",
    ("B", "sparse"): "that loss was used already: it wants labels as numbers, but these have a column for each class",
    ("C", "categorical"): "that loss was used already: it wants a column for each class, but these labels are numbers",
    ("D", "sparse"): "the loss is right for labels that are numbers; the label 9 has no output of its own",
    ("E", "batch"): "both are batches; their lengths differ",
    ("F", "flatten"): "the model expects images of 28 rows and 28 columns, and it got just one, without the first axis",
}


def _judge_fix(got, *, letter):
    if not isinstance(got, str) or got not in WORDS:
        return f"expected one of the words {', '.join(WORDS)}; got {shorten(got)}"
    fix, look = FIXES[letter]
    return None if got == fix else f"{got!r} does not remove this error\nhint: {TYPICAL.get((letter, got), look)}"


errors = Answers(
    judge=_judge_fix,
    mistakes=patches(
        """
        'units' for message A: the last axis, 10, is right already: the axis of 28 before it is too many
        - "A": "flatten"
        + "A": "units"
        'sparse' for message B: that loss was used already: it wants labels as numbers, but these have a column for
          each class
        - "B": "categorical"
        + "B": "sparse"
        'categorical' for message C: that loss was used already: it wants a column for each class, but these labels
          are numbers
        - "C": "sparse"
        + "C": "categorical"
        'sparse' for message D: the loss is right for labels that are numbers; the label 9 has no output of its own
        - "D": "units"
        + "D": "sparse"
        'batch' for message E: both are batches; their lengths differ
        - "E": "pairs"
        + "E": "batch"
        'flatten' for message F: the model expects images of 28 rows and 28 columns, and it got just one, without the
          first axis
        - "F": "batch"
        + "F": "flatten"
        """
    ),
)

# --- sequential-classifier/build ------------------------------------------------------------------------------------


def _forward(weights, X, activation):
    """Return the probabilities that a network of these weights and biases states."""
    Z = X.reshape(len(X), -1)
    for W, b in zip(weights[0:-2:2], weights[1:-2:2], strict=True):
        Z = activation(Z @ W + b)
    e = np.exp(Z @ weights[-2] + weights[-1])
    return e / e.sum(axis=1, keepdims=True)


def _judge_outputs(got, *, X, sizes):
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
    if np.allclose(P, _forward(weights, X, lambda z: np.maximum(z, 0)), atol=1e-4):
        return None
    sums = P.sum(axis=1)
    if not np.allclose(sums, 1, atol=1e-3):
        hint = "softmax makes the probabilities of an image sum to 1"
        return f"the first row of the predictions sums to {sums[0]:.3f}\nhint: {hint}"
    if np.allclose(P, _forward(weights, X, lambda z: z), atol=1e-4):
        return "the hidden layers have no activation\nhint: without one, several layers are worth as much as one"
    return "the predictions are not those of ReLU in the hidden layers and softmax in the last one"


def _judge_scores(got, *, y):
    P, scores = got
    if isinstance(scores, Caught):
        hint = "call `compile` before you return the model"
        if np.ndim(P) > 2:
            hint = f"the predictions have the shape {P.shape}: without `Flatten`, `Dense` sees the rows of an image"
        elif "compile" not in str(scores):
            hint = "which loss takes labels that are whole numbers?"
        return f"evaluating raised {scores.type}: {shorten(str(scores))}\nhint: {hint}"
    loss = -np.log(np.clip(P[np.arange(len(y)), y], 1e-7, 1)).mean()
    if not np.isclose(scores["loss"], loss, rtol=1e-3):
        return f"expected the loss {loss:.4f}; got {scores['loss']:.4f}\nhint: cross-entropy of probabilities"
    if "accuracy" not in scores:
        return f"expected loss and accuracy; got {', '.join(scores)}\nhint: `metrics` is a list of names"
    right = (P.argmax(axis=1) == y).mean()
    if not np.isclose(scores["accuracy"], right, atol=1e-4):
        return f"expected the accuracy {right:.4f}; got {scores['accuracy']:.4f}"
    return None


build = Answers(
    judge={"outputs": _judge_outputs, "scores": _judge_scores},
    mistakes=patches(
        """
        no Flatten: the rows of an image one by one
        - , keras.layers.Flatten()
        no softmax: softmax makes the probabilities
        - , activation="softmax"
        sigmoids at the end: softmax makes the probabilities
        - "softmax"
        + "sigmoid"
        no ReLU: the hidden layers have no activation
        - , activation="relu"
        always ten classes: one with `n_classes` units
        - Dense(n_classes
        + Dense(10
        only one hidden layer: one Dense layer for each number in `hidden`
        - in hidden:
        + in hidden[:1]:
        the loss for one-hot rows: which loss takes labels that are whole numbers?
        - "sparse_categorical_crossentropy"
        + "categorical_crossentropy"
        no metric: `metrics` is a list of names
        - , metrics=["accuracy"]
        not compiled: call `compile` before you return the model
        -     model.compile(loss=loss, optimizer="sgd", metrics=["accuracy"])
        -
        +
        """
    ),
)

# --- sequential-classifier/fold-weights -----------------------------------------------------------------------------

fold_weights = Answers(
    mistakes=(
        patch("added", " * ", " + ", "the two weights are added; the loss of a row is multiplied by both"),
        *patches(
            """
            missing classes count nothing: a class that the dictionary lacks has the weight 1, not 0
            - 1.0
            + 0.0
            """
        ),
        patch("only the class weights", "sample_weight * ", "", "the weights of the rows themselves are lost"),
        *patches(
            """
            only the sample weights: the weights of the classes are lost
            - sample_weight * np.array(of_class)
            + sample_weight.copy()
            scaled to a mean of 1: the weights were scaled to a mean of 1; leave them as they are
            - sample_weight * np.array(of_class)
            + (weights := sample_weight * np.array(of_class)) / weights.mean()
            """
        ),
        patch("divided", " * ", " / ", "a large class weight must make the rows of the class count more, not less"),
    )
)
