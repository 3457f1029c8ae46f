"""Answers to the exercises on transfer learning."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch
from coursepkg.exercises.compare import difference, first


def _transplanted(trained, fresh, n_layers):
    """Array by array; as a tuple, which tells it from what mistakes give."""
    return tuple((trained if i // 2 < n_layers else fresh)[i] for i in range(len(fresh)))


def _compare_transplants(got, expected):
    arrays, shared = got
    if not isinstance(arrays, (list, tuple)):
        return f"expected a list of arrays; got {shorten(arrays)}"
    if len(arrays) != len(expected):
        return f"expected a list of {len(expected)} arrays; got {len(arrays)}"
    pairs = enumerate(zip(arrays, expected, strict=True))
    if problem := first(difference(a, e, name=f"array {i}") for i, (a, e) in pairs):
        return problem
    if shared and isinstance(expected, tuple):
        return "the values are right, but not all of the arrays are new: use `array.copy()`"
    return None


REUSED = "trained[:cut] + fresh[cut:]"
transplant = Answers(
    reference=_transplanted,
    compare=_compare_transplants,
    mistakes=(
        patch(
            "the arrays themselves",
            f"[array.copy() for array in {REUSED}]",
            REUSED,
            "the result holds the same arrays as the arguments; training the new network would change the old one",
        ),
        patch(
            "arrays counted as layers",
            "2 * n_layers",
            "n_layers",
            "a layer has two arrays, weights and biases: n layers are the first 2n arrays",
        ),
        patch(
            "other way round",
            REUSED,
            "fresh[:cut] + trained[cut:]",
            "the first layers come from `trained`, the rest from `fresh`",
        ),
        patch(
            "no biases",
            "trained[:cut]",
            "[(fresh if i % 2 else trained)[i] for i in range(cut)]",
            "the biases belong to the features: reuse them with their weights",
        ),
        patch("only the reused", " + fresh[cut:]", "", "the layers behind the reused ones are missing"),
        patch("the head too", REUSED, "trained", "the last layers answer the old task; take them from `fresh`"),
    ),
)

# --- transfer-learning/layer-rates ----------------------------------------------------------------------------------


def _compare_rates(got, expected):
    if not isinstance(got, (list, tuple, np.ndarray)):
        return f"expected a list of {len(expected)} rates; got {shorten(got)}"
    return difference(np.asarray(got, dtype=float), np.asarray(expected), name="the list of rates")


POWER = "(n_layers - 1 - i)"
RETURNED = "[0.0] * n_frozen + rates[n_frozen:]"
FALLING = "the rates fall towards the output; the last layer must have the full rate"
layer_rates = Answers(
    compare=_compare_rates,
    mistakes=(
        patch("the largest rate first", POWER, "i", FALLING),
        patch("from the first trained layer", POWER, "(i - n_frozen)", FALLING),
        patch(
            "one division too many",
            POWER,
            "(n_layers - i)",
            "the last layer is divided too; it must have the full rate",
        ),
        patch(
            "divided once",
            POWER,
            "(i < n_layers - 1)",
            "divide once more for every layer further back, not only once",
        ),
        patch(
            "linear",
            f"rate / decay ** {POWER}",
            f"rate / max(1, decay * {POWER})",
            "the rates shrink by the same factor from layer to layer: a power of `decay`",
        ),
        patch("nothing frozen", RETURNED, "rates", "the first `n_frozen` layers must have the rate 0"),
        patch(
            "the last layers frozen",
            RETURNED,
            "rates[: n_layers - n_frozen] + [0.0] * n_frozen",
            "you froze the last layers; frozen are the first, next to the input",
        ),
    ),
)
