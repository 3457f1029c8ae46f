"""Answers to the exercises on activation functions."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, softmax

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference

# --- activations/stable-softmax -------------------------------------------------------------------------------------


def _compare_probabilities(got, expected):
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        array = None
    if array is None or array.shape != expected.shape or np.isfinite(array).all():
        return difference(got, expected, name="the probabilities")
    # nan equals nan here, so that a mistake that overflows is recognized by the same overflow.
    if np.isnan(expected).any() and np.allclose(array, expected, equal_nan=True):
        return None
    return f"expected the probabilities: {shorten(expected.round(4).tolist())}\ngot:      {shorten(array.tolist())}"


# A mistake that overflows does so on purpose; NumPy need not warn of it.

stable_softmax = Answers(
    reference=lambda Z: softmax(Z, axis=1),
    compare=_compare_probabilities,
    mistakes=patches(
        """
        the formula as it stands: e to the power of a large number overflows to inf, and inf / inf is nan: subtract
          the largest number of each row first
        -  - Z.max(axis=1, keepdims=True)
        +
        - def stable_softmax
        + @np.errstate(all="ignore")
        + def stable_softmax
        normalized over the columns: the *rows* must sum to 1: one row is one instance; use axis=1
        - axis=1
        + axis=0
        - def stable_softmax
        + @np.errstate(all="ignore")
        + def stable_softmax
        one maximum for all rows: the largest number of the *whole* matrix was subtracted: a row far below it becomes
          0 / 0; each row needs its own
        - Z.max(axis=1, keepdims=True)
        + Z.max()
        - def stable_softmax
        + @np.errstate(all="ignore")
        + def stable_softmax
        the minimum is subtracted: subtracting the smallest number leaves large ones behind: subtract the largest, so
          that no exponent is above 0
        - Z.max
        + Z.min
        - def stable_softmax
        + @np.errstate(all="ignore")
        + def stable_softmax
        divided by the sum over everything: all numbers together sum to 1, but each row must: use axis=1 in the sum as
          well
        - .sum(axis=1, keepdims=True)
        + .sum()
        - def stable_softmax
        + @np.errstate(all="ignore")
        + def stable_softmax
        not divided at all: the rows do not sum to 1 yet: divide by the sum of each row
        -  / exponentials.sum(axis=1, keepdims=True)
        +
        - def stable_softmax
        + @np.errstate(all="ignore")
        + def stable_softmax
        large numbers cut off: cutting off large numbers changes the answer: two different numbers beyond the limit
          become equal
        - Z - Z.max(axis=1, keepdims=True)
        + np.clip(Z, -500, 500)
        - def stable_softmax
        + @np.errstate(all="ignore")
        + def stable_softmax
        """
    ),
)

# --- activations/tanh-to-sigmoid ------------------------------------------------------------------------------------


def _compare_networks(got, expected):
    """Judge by what the network computes: other weights with the same outputs are right as well."""
    if not isinstance(got, (tuple, list)) or len(got) != 4:
        return f"return four values: W1, b1, W2, b2; got {shorten(got)}"
    parts = []
    for name, part, wanted in zip(("W1", "b1", "W2", "b2"), got, expected, strict=True):
        try:
            parts.append(np.asarray(part, dtype=float))
        except (TypeError, ValueError):
            return f"{name} must hold numbers; got {shorten(part)}"
        if parts[-1].shape != wanted.shape:
            return f"{name} must have shape {wanted.shape}; got shape {parts[-1].shape}"
    X = np.random.default_rng(20).normal(size=(20, len(parts[0])))
    apart = np.abs(_outputs(X, *parts) - _outputs(X, *expected)).max()
    if apart < 1e-9:
        return None
    return f"the outputs of the sigmoid network and of the tanh network differ by up to {apart:.3g}"


def _outputs(X, W1, b1, W2, b2):
    return expit(X @ W1 + b1) @ W2 + b2


tanh_to_sigmoid = Answers(
    compare=_compare_networks,
    mistakes=patches(
        """
        nothing changed: these are the weights of the tanh network
        - 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=0)
        + W1, b1, W2, b2
        the inner 2 forgotten: the 2 inside σ(2a) is missing: a = x W1 + b1 must be doubled
        - 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=0)
        + W1, b1, 2 * W2, b2 - W2.sum(axis=0)
        the hidden biases not doubled: only W1 is doubled, but a = x W1 + b1 has two parts
        - 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=0)
        + 2 * W1, b1, 2 * W2, b2 - W2.sum(axis=0)
        the outer 2 forgotten: the 2 in front of σ is missing: it belongs to the output weights
        - 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=0)
        + 2 * W1, 2 * b1, W2, b2 - W2.sum(axis=0)
        the −1 forgotten: the −1 is missing: each hidden unit now gives 1 more (after the factor 2), and the output
          bias must take that back, times its weight
        - 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=0)
        + 2 * W1, 2 * b1, 2 * W2, b2
        the sum over the outputs: the output bias must take back the sum of its *own* column of W2, not of the whole
          matrix
        - 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=0)
        + 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum()
        the −1 with the new weights: the −1 is counted twice: it is multiplied by the old output weights, not by the
          doubled ones
        - 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=0)
        + 2 * W1, 2 * b1, 2 * W2, b2 - 2 * W2.sum(axis=0)
        """
    ),
)
