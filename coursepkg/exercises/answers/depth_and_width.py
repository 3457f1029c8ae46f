"""Answers to the exercises on depth and width."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch
from coursepkg.exercises.compare import difference

width_for_budget = Answers(
    mistakes=(
        patch(
            "no biases",
            "(w + 1) * w",
            "w * w",
            "each unit has a bias, too: a layer has (fan_in + 1) * fan_out parameters",
            ("(n_inputs + 1)", "n_inputs"),
            ("(w + 1) * n_outputs", "w * n_outputs"),
        ),
        patch(
            "one hidden matrix too many",
            "(n_hidden - 1)",
            "n_hidden",
            "between n_hidden layers there are n_hidden - 1 matrices from a hidden layer to the next",
        ),
        patch(
            "the output layer is missing",
            " + (w + 1) * n_outputs",
            "",
            "the output layer has parameters as well: (w + 1) * n_outputs",
        ),
        patch(
            "only hidden matrices",
            "(n_inputs + 1) * w + hidden + (w + 1) * n_outputs",
            "n_hidden * (w + 1) * w",
            "the first layer reads n_inputs numbers and the last one gives n_outputs; count these two by themselves",
        ),
        patch(
            "one unit too many",
            "return w\n",
            "return w + 1\n",
            "this width already exceeds the budget; return the last one that does not",
        ),
        patch(
            "one unit too few",
            "return w\n",
            "return w - 1\n",
            "one unit a layer more still fits; a network that uses up the budget exactly is allowed",
        ),
    )
)

# --- depth-and-width/compose ----------------------------------------------------------------------------------------

X = np.linspace(-2, 2, 41)


def _apply(layers, x):
    """Return the outputs [n] of a network given as pairs (W, b), with ReLU after all layers but the last."""
    Z = np.asarray(x, dtype=float)[:, None]
    for i, (W, b) in enumerate(layers):
        Z = Z @ W + b
        Z = np.maximum(Z, 0) if i < len(layers) - 1 else Z
    return Z[:, 0]


def _compare_networks(got, expected):
    """Compare what networks do; ``expected`` is a tuple of two, one after the other, or what a mistake gives."""
    networks = expected if isinstance(expected, tuple) else (expected,)
    n_layers = sum(map(len, networks)) - len(networks) + 1
    try:
        if isinstance(expected, list) and _equal(got, expected):  # layers that do not fit may be equal, too
            return None
        values, wanted = _apply(got, X), X
        for network in networks:
            wanted = _apply(network, wanted)
    except (TypeError, ValueError, IndexError):
        return f"expected a list of {n_layers} pairs (W, b) that fit; got {shorten(got)}"
    if problem := difference(values, wanted, name="the output of the joint network"):
        return problem
    if len(got) != n_layers:
        return f"the function is right, but there are {len(got)} layers; expected {n_layers}: two of them become one"
    return None


def _equal(one, other):
    arrays = [[array for layer in layers for array in layer] for layers in (one, other)]
    return all(np.shape(a) == np.shape(b) and np.allclose(a, b) for a, b in zip(*arrays, strict=True))


LAYERS = "[*first[:-1], joint, *second[1:]]"
BIAS = "b_out @ W_in + b_in"
compose = Answers(
    reference=lambda first, second: (first, second),
    compare=_compare_networks,
    mistakes=(
        patch(
            "one list after the other",
            LAYERS,
            "[*first, *second]",
            "a ReLU now stands between the two networks, where the output of the first may be negative",
        ),
        patch(
            "the other order",
            "    (W_out",
            "    first, second = second, first\n    (W_out",
            "this is first(second(x)); the input must go through `first` first",
        ),
        patch(
            "the first bias is lost",
            BIAS,
            "b_in",
            "the output bias of `first` is lost: it goes through the weights of `second` as well",
        ),
        patch(
            "the biases are added",
            BIAS,
            "b_out + b_in",
            "the output bias of `first` must go through the first weights of `second` before you add the other bias",
        ),
        patch(
            "the second bias is lost",
            BIAS,
            "b_out @ W_in",
            "the first bias of `second` is missing in the joint layer",
        ),
        patch(
            "the output layer of the first is dropped",
            LAYERS,
            "[*first[:-1], *second]",
            "the layers do not fit: the output layer of `first` belongs to the joint layer",
        ),
    ),
)
