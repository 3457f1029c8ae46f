"""Answers to the exercises on transfer learning."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
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


transplant = Answers(
    reference=_transplanted,
    compare=_compare_transplants,
    mistakes=patches(
        """
        the arrays themselves: the result holds the same arrays as the arguments; training the new network would
          change the old one
        - [array.copy() for array in trained[:cut] + fresh[cut:]]
        + trained[:cut] + fresh[cut:]
        arrays counted as layers: a layer has two arrays, weights and biases: n layers are the first 2n arrays
        - 2 * n_layers
        + n_layers
        other way round: the first layers come from `trained`, the rest from `fresh`
        - trained[:cut] + fresh[cut:]
        + fresh[:cut] + trained[cut:]
        no biases: the biases belong to the features: reuse them with their weights
        - trained[:cut]
        + [(fresh if i % 2 else trained)[i] for i in range(cut)]
        only the reused: the layers behind the reused ones are missing
        -  + fresh[cut:]
        the head too: the last layers answer the old task; take them from `fresh`
        - trained[:cut] + fresh[cut:]
        + trained
        """
    ),
)

# --- transfer-learning/layer-rates ----------------------------------------------------------------------------------


def _compare_rates(got, expected):
    if not isinstance(got, (list, tuple, np.ndarray)):
        return f"expected a list of {len(expected)} rates; got {shorten(got)}"
    return difference(np.asarray(got, dtype=float), np.asarray(expected), name="the list of rates")


layer_rates = Answers(
    compare=_compare_rates,
    mistakes=patches(
        """
        the largest rate first: the rates fall towards the output; the last layer must have the full rate
        - (n_layers - 1 - i)
        + i
        from the first trained layer: the rates fall towards the output; the last layer must have the full rate
        - (n_layers - 1 - i)
        + (i - n_frozen)
        one division too many: the last layer is divided too; it must have the full rate
        - (n_layers - 1 - i)
        + (n_layers - i)
        divided once: divide once more for every layer further back, not only once
        - (n_layers - 1 - i)
        + (i < n_layers - 1)
        linear: the rates shrink by the same factor from layer to layer: a power of `decay`
        - rate / decay ** (n_layers - 1 - i)
        + rate / max(1, decay * (n_layers - 1 - i))
        nothing frozen: the first `n_frozen` layers must have the rate 0
        - [0.0] * n_frozen + rates[n_frozen:]
        + rates
        the last layers frozen: you froze the last layers; frozen are the first, next to the input
        - [0.0] * n_frozen + rates[n_frozen:]
        + rates[: n_layers - n_frozen] + [0.0] * n_frozen
        """
    ),
)
