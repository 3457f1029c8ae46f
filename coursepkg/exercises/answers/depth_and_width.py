"""Answers to the exercises on depth and width."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference

width_for_budget = Answers(
    mistakes=patches(
        """
        no biases: each unit has a bias, too: a layer has (fan_in + 1) * fan_out parameters
        - (w + 1) * w
        + w * w
        - (n_inputs + 1)
        + n_inputs
        - (w + 1) * n_outputs
        + w * n_outputs
        one hidden matrix too many: between n_hidden layers there are n_hidden - 1 matrices from a hidden layer to the
          next
        - (n_hidden - 1)
        + n_hidden
        the output layer is missing: the output layer has parameters as well: (w + 1) * n_outputs
        -  + (w + 1) * n_outputs
        only hidden matrices: the first layer reads n_inputs numbers and the last one gives n_outputs; count these two
          by themselves
        - (n_inputs + 1) * w + hidden + (w + 1) * n_outputs
        + n_hidden * (w + 1) * w
        one unit too many: this width already exceeds the budget; return the last one that does not
        - return w
        -
        + return w + 1
        +
        one unit too few: one unit a layer more still fits; a network that uses up the budget exactly is allowed
        - return w
        -
        + return w - 1
        +
        """
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


compose = Answers(
    reference=lambda first, second: (first, second),
    compare=_compare_networks,
    mistakes=patches(
        """
        one list after the other: a ReLU now stands between the two networks, where the output of the first may be
          negative
        - [*first[:-1], joint, *second[1:]]
        + [*first, *second]
        the other order: this is first(second(x)); the input must go through `first` first
        -     (W_out
        +     first, second = second, first
        +     (W_out
        the first bias is lost: the output bias of `first` is lost: it goes through the weights of `second` as well
        - b_out @ W_in + b_in
        + b_in
        the biases are added: the output bias of `first` must go through the first weights of `second` before you add
          the other bias
        - b_out @ W_in + b_in
        + b_out + b_in
        the second bias is lost: the first bias of `second` is missing in the joint layer
        - b_out @ W_in + b_in
        + b_out @ W_in
        the output layer of the first is dropped: the layers do not fit: the output layer of `first` belongs to the
          joint layer
        - [*first[:-1], joint, *second[1:]]
        + [*first[:-1], *second]
        """
    ),
)

# --- depth-and-width/fair-shapes ------------------------------------------------------------------------------------


def _best_of_each(valid, test):
    """The same with Python's own means, a shape at a time."""
    found = []
    for losses, judged in zip(valid.tolist(), test.tolist(), strict=True):
        sums = [sum(seeds) if all(seed == seed for seed in seeds) else float("inf") for seeds in losses]
        chosen = judged[sums.index(min(sums))]
        found.append(sum(chosen) / len(chosen))
    return np.array(found)


fair_shapes = Answers(
    reference=_best_of_each,
    mistakes=patches(
        """
        one rate for all shapes: one rate is chosen for all shapes, and it may suit only one of them: each shape needs
          a choice of its own, along axis 1
        - means.argmin(axis=1)
        + np.full(len(means), means.mean(axis=0).argmin())
        the validation losses are returned: these are the losses by which the rates were chosen, so they are too good:
          return those of `test`
        - test.mean(axis=2)
        + means
        diverged seeds are left out: a rate at which a seed diverged was chosen: np.nanmean hides it; such a rate must
          count as infinitely bad
        - np.where(np.isnan(valid), np.inf, valid).mean(axis=2)
        + np.nanmean(valid, axis=2)
        diverged seeds count as 0: a loss of NaN is no loss of 0: it must make its rate infinitely bad
        - np.where(np.isnan(valid), np.inf, valid)
        + np.nan_to_num(valid)
        the luckiest seed: take the mean over the seeds, not the lowest: one lucky seed must not choose the rate
        - valid).mean(axis=2)
        + valid).min(axis=2)
        the rate is chosen on test data: the rate was chosen by `test`: choose it by `valid`, and look at `test` only
          at the end
        - np.where(np.isnan(valid), np.inf, valid)
        + test
        only one seed is reported: report the mean over all seeds of `test`
        - test.mean(axis=2)
        + test[:, :, 0]
        """
    ),
)
