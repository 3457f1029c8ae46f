"""Answers to the exercises on what is inside a model."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch, patches

# --- inside-a-model/errors -----------------------------------------------------------------------------------

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

# --- inside-a-model/fold-weights -----------------------------------------------------------------------------

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

# --- inside-a-model/first-answer ------------------------------------------------------------------------------------


def _judge_begun(got, *, n_inputs, share):
    weights, P = got
    expected = [(n_inputs, 5), (5,), (5, 1), (1,)]
    shapes = [np.shape(weight) for weight in weights]
    if shapes != expected:
        return f"expected weights of the shapes {expected}; got {shapes}\nhint: leave the layers as they are"
    if not (np.ptp(weights[0]) and np.ptp(weights[2])):
        return "a kernel holds equal numbers\nhint: the kernels stay random; only the last bias changes"
    if np.any(weights[1]):
        return "the biases of the hidden layer are not 0\nhint: only the bias of the last layer changes"
    found = float(np.ravel(P)[0])
    if np.isclose(found, share, atol=1e-4):
        return None
    odds, hint = share / (1 - share), "solve 1 / (1 + exp(-b)) = share for the bias b"
    known = {
        0.0: "the bias in the model is still 0: `get_weights` returns copies, so write the arrays back",
        share: "the sigmoid comes behind the bias: it makes another number of the share",
        odds: "the odds are not yet the bias: the sigmoid of their logarithm is the share",
        np.log(share): "the logarithm of the share is not enough: take that of share / (1 - share)",
        -np.log(odds): "the sign is wrong: a share below one half needs a negative bias",
    }
    for bias, told in known.items():
        if np.isclose(float(weights[3][0]), bias, atol=1e-5):
            hint = told
    return f"expected the answer {share:.4f} to an input of zeros; got {found:.4f}\nhint: {hint}"


first_answer = Answers(
    judge={"begun": _judge_begun},
    mistakes=patches(
        """
        never written back: `get_weights` returns copies
        -     model.layers[-1].set_weights([kernel, bias])
        -
        +
        the share itself: the sigmoid comes behind the bias
        - np.log(share / (1 - share))
        + share
        the odds: the sigmoid of their logarithm
        - np.log(share / (1 - share))
        + share / (1 - share)
        the logarithm of the share: take that of share / (1 - share)
        - np.log(share / (1 - share))
        + np.log(share)
        the sign: the sign is wrong
        - np.log(share / (1 - share))
        + np.log((1 - share) / share)
        the kernel as well: the kernels stay random
        -     model.layers[-1].set_weights([kernel, bias])
        +     model.layers[-1].set_weights([0 * kernel, bias])
        the hidden layer too: only the bias of the last layer changes
        -     model.layers[-1].set_weights([kernel, bias])
        +     model.layers[-1].set_weights([kernel, bias])
        +     model.layers[0].bias.assign(5 * [1.0])
        """
    ),
)
