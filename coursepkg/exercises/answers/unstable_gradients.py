"""Answers to the exercises on unstable gradients."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patch, patches
from coursepkg.exercises.compare import difference, first

scales = Answers(
    mistakes=(
        patch(
            "the kernel's places are forgotten",
            "places * ",
            "",
            "a unit of a convolution sees height × width × channels inputs; multiply both fans by height × width",
        ),
        patch(
            "fans swapped",
            "fan_in, fan_out = ",
            "fan_out, fan_in = ",
            "the last axis counts the outputs, the one before the inputs",
        ),
        *patches(
            """
            fan_avg is the sum: fan_avg is the mean of both fans, not their sum
            - (fan_in + fan_out) / 2
            + fan_in + fan_out
            the limit is the standard deviation: a uniform number in ±limit has the variance limit² / 3, so the limit is
              √(3 · variance)
            - 3 * v
            + v
            the range for the variance of 12: √(12 · variance) is the width of the whole interval; the limit is half
              of it
            - 3 * v
            + 12 * v
            variances: return the standard deviation and the limit: take square roots
            - np.sqrt
            scale ignored: the variance is scale / fan, not 1 / fan
            - scale / fans
            + 1 / fans
            """
        ),
    )
)

# --- unstable-gradients/unit-variance -------------------------------------------------------------------------------


def _compare_matrices(got, expected):
    if not isinstance(got, (list, tuple)) or len(got) != len(expected):
        return f"expected a list of {len(expected)} matrices"
    for i, (g, e) in enumerate(zip(got, expected, strict=True), start=1):
        if np.shape(g) != e.shape:
            return f"matrix {i} must have shape {e.shape}; got {np.shape(g)}"
        if not np.allclose(g, e, rtol=1e-6, atol=1e-12):
            ratio = np.abs(np.asarray(g, dtype=float)).mean() / np.abs(e).mean()
            return f"matrix {i} is not the expected one; its entries are {ratio:.3g} times as large on average"
    return None


unit_variance = Answers(
    compare=_compare_matrices,
    mistakes=patches(
        """
        the old signals: later layers must be measured on what the layers before them pass on *after* they were scaled
        - W = W / (H @ W).std()
        -         scaled.append(W)
        + scaled.append(W / (H @ W).std())
        divided by the variance: divide by the standard deviation, not the variance
        - std
        + var
        no ReLU between the layers: between two layers stands a ReLU: the next layer sees max(Z, 0)
        - np.maximum(H @ W, 0)
        + H @ W
        measured after the ReLU: the pre-activations shall have standard deviation 1; you measured the outputs of the
          ReLU
        - (H @ W).std()
        + np.maximum(H @ W, 0).std()
        each unit by itself: one factor for the whole matrix: the standard deviation over all entries of Z
        - std()
        + std(axis=0)
        the spread of the weights: this is the standard deviation of the weights; what counts is that of the
          pre-activations H @ W
        - (H @ W).std()
        + W.std()
        """
    ),
)

# --- unstable-gradients/dead-units ----------------------------------------------------------------------------------


def _compare_counts(got, expected):
    counts = np.asarray(got)
    if counts.shape != (len(expected),) or counts.dtype.kind not in "iu":
        return f"expected a list of {len(expected)} integers"
    return None if counts.tolist() == expected else f"expected {expected}, got {counts.tolist()}"


dead_units = Answers(
    compare=_compare_counts,
    mistakes=patches(
        """
        0 for some instance: these units are 0 for *some* instance, as ReLU units should be; a dead one is 0 for *all*
        - .all(
        + .any(
        instances instead of units: these are the instances for which all units are 0; look along the other axis
        - axis=0
        + axis=1
        all zeros: this counts all entries that are 0; count units, that is columns
        - .all(axis=0)
        the sum over the instances is at most one in a hundred: a unit that answers rarely is not dead: count exact
          zeros
        - (H == 0).all(axis=0)
        + (H.mean(axis=0) < 0.01 * H.mean())
        no biases: add the biases before the ReLU
        -  + b
        no ReLU between the layers: the next layer gets the outputs of the ReLU, not the pre-activations
        - np.maximum(H @ W + b, 0)
        + H @ W + b
        - H == 0
        + H <= 0
        """
    ),
)

# --- unstable-gradients/repair-initial ------------------------------------------------------------------------------


def _by_scales(widths, draws):
    layers = []
    for draw in draws:
        fans = draw.shape[0] if draw is not draws[-1] else (draw.shape[0] + draw.shape[1]) / 2
        layers.append((draw * (2 if draw is not draws[-1] else 1) ** 0.5 / fans**0.5, np.zeros(draw.shape[1])))
    return layers


def _compare_layers(got, expected):
    if not isinstance(got, (list, tuple)) or len(got) != len(expected):
        return f"expected a list of {len(expected)} pairs (W, b)"
    if any(not isinstance(pair, (list, tuple)) or len(pair) != 2 for pair in got):
        return "each entry must be a pair (W, b)"
    pairs = ((f"{name} of layer {i}", g, e) for i, (one, other) in enumerate(zip(got, expected, strict=True), start=1)
             for name, g, e in zip("Wb", one, other, strict=True))  # fmt: skip
    return first(difference(g, e, name=name) for name, g, e in pairs)


repair_initial = Answers(
    compare=_compare_layers,
    reference=_by_scales,
    mistakes=patches(
        """
        fans exchanged: fan_in is the number of rows of W, the first number of each pair of widths
        - else 2 / fan_in
        + else 2 / fan_out
        the variance as a factor: numbers of variance 1 get the variance v if they are multiplied by its *root*
        - np.sqrt(v)
        + v
        He's weights in the output layer: the output layer has no ReLU; it gets Glorot's variance, 1 / fan_avg
        - 2 / (fan_in + fan_out) if i == last else 2 / fan_in
        + 2 / fan_in
        Glorot's weights everywhere: the hidden layers are ReLU layers and get He's variance, 2 / fan_in
        - 2 / (fan_in + fan_out) if i == last else 2 / fan_in
        + 2 / (fan_in + fan_out)
        the sum of the fans: fan_avg is the mean of both fans, so the variance is 2 / (fan_in + fan_out)
        - 2 / (fan_in + fan_out)
        + 1 / (fan_in + fan_out)
        LeCun's weights in the hidden layers: a ReLU throws half of the mean square away, so He's variance has a 2
        - else 2 / fan_in
        + else 1 / fan_in
        biases of the wrong length: there is one bias for each unit of the layer, fan_out of them
        - np.zeros(fan_out)
        + np.zeros(fan_in)
        biases that are drawn: biases start at 0
        - np.zeros(fan_out)
        + draws[i][0] * 0.1
        """
    ),
)
