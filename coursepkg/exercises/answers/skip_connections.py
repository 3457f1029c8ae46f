"""Answers to the exercises on skip connections."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.scratch.layers import Activation, Dense
from coursepkg.scratch.residual import Residual
from coursepkg.scratch.sequential import Sequential


def _residual(W1, W2, P=None):
    """The package's layer with these weights."""
    first, second = Dense(*W1.shape), Dense(*W2.shape)
    first.W, second.W = W1, W2
    way = []
    if P is not None:
        way = [Dense(*P.shape, use_bias=False)]
        way[0].W = P
    return Residual([Activation("relu"), first, Activation("relu"), second], shortcut=way)


# --- skip-connections/block -----------------------------------------------------------------------------------------


def _as_layer(X, W1, W2, G):
    layer = _residual(W1, W2)
    return layer.forward(X), layer.backward(G)


block = Answers(
    reference=_as_layer,
    mistakes=patches(
        """
        no way around on the way back: X reaches the loss on two ways; G itself belongs to the gradient
        - return H, G + G_branch
        + return H, G_branch
        no way around on the way forward: add X to what the branch returns
        - H = X + B @ W2
        + H = B @ W2
        multiplied: the gradients of two ways add up
        - return H, G + G_branch
        + return H, G * G_branch
        post-activation: no ReLU stands behind the addition
        - H = X + B @ W2
        + H = np.maximum(X + B @ W2, 0)
        the way around begins behind the ReLU: X itself is added, not what its ReLU returns
        - H = X + B @ W2
        + H = A + B @ W2
        the first ReLU forgotten on the way back: the branch begins with a ReLU: its gradient passes only where X > 0
        - @ W1.T * (X > 0)
        + @ W1.T
        the second ReLU forgotten on the way back: between the two products stands a ReLU: its gradient passes only
          where its input is positive
        - @ W2.T * (Z > 0)
        + @ W2.T
        the way around masked too: the ReLU of X belongs to the branch; the way around has none
        - return H, G + G_branch
        + return H, G * (X > 0) + G_branch
        no first ReLU: the branch begins with a ReLU
        - A = np.maximum(X, 0)
        + A = X
        - @ W1.T * (X > 0)
        + @ W1.T
        """
    ),
)


# --- skip-connections/repair-stack ----------------------------------------------------------------------------------


def _as_layers(X, blocks):
    return Sequential([_residual(*weights) for weights in blocks]).forward(X)


repair_stack = Answers(
    reference=_as_layers,
    mistakes=patches(
        """
        a ReLU at the end of the branch: the branch ends with the product by W2; behind it stands no ReLU
        - F = np.maximum(F @ W1, 0) @ W2
        + F = np.maximum(np.maximum(F @ W1, 0) @ W2, 0)
        the projection on the branch: P belongs on the way around: it brings the input to the width of the branch
        - H = way + F
        + H = H + F if P is None else H + F @ P
        no way around where the width changes: where there is a P, add the projected input
        - way = H if P is None else H @ P
        + way = H if P is None else 0
        always from the very first input: each block adds its own input, not that of the first block
        - way = H if P is None else H @ P
        + way = X if P is None else H @ P
        post-activation: no ReLU stands behind the addition
        - H = way + F
        + H = np.maximum(way + F, 0)
        the way around begins behind the ReLU: add the input of the block itself, not what its ReLU returns
        - way = H if P is None else H @ P
        + way = np.maximum(H, 0) if P is None else np.maximum(H, 0) @ P
        no way around at all: add the input of the block to what its branch returns
        - H = way + F
        + H = F
        """
    ),
)


# --- skip-connections/read-signals ----------------------------------------------------------------------------------

_RIGHT = {"plain, He": "A", "plain, 1/√K": "D", "residual, He": "B", "residual, 1/√K": "E", "residual, 0": "C"}
_ABOUT = {
    "A": "in A signal and gradient shrink a little: on average He keeps the mean square, but narrow networks scatter",
    "B": "in B both grow much: what happens if every block doubles the mean square?",
    "C": "in C both are exactly 1.00: which network hands everything on at the start?",
    "D": "in D both shrink by the same factor in every block, and nothing goes around",
    "E": "in E both grow by less than the root of e: each of the blocks adds only a small share",
}


def _judge_reading(got, *, network):
    if not isinstance(got, str) or got.strip().upper() not in _ABOUT:
        return f'expected one of the letters "A" to "E"; got {shorten(got)}'
    got = got.strip().upper()
    return None if got == _RIGHT[network] else f"got {got}; hint: {_ABOUT[got]}"


read_signals = Answers(
    judge=_judge_reading,
    mistakes=patches(
        """
        He's residual networks taken for level ones: in B both grow much
        - "residual, He": "B"
        + "residual, He": "C"
        - "residual, 0": "C"
        + "residual, 0": "B"
        plain and residual exchanged: in B both grow much
        - "plain, He": "A"
        + "plain, He": "B"
        - "residual, He": "B"
        + "residual, He": "A"
        the root of K taken for zero: in E both grow by less than the root of e
        - "residual, 1/√K": "E"
        + "residual, 1/√K": "C"
        - "residual, 0": "C"
        + "residual, 0": "E"
        zeros must vanish: in D both shrink by the same factor
        - "residual, 0": "C"
        + "residual, 0": "D"
        - "plain, 1/√K": "D"
        + "plain, 1/√K": "C"
        He must be level: in C both are exactly 1.00
        - "plain, He": "A"
        + "plain, He": "C"
        - "residual, 0": "C"
        + "residual, 0": "A"
        """
    ),
)


# --- skip-connections/dense-block -----------------------------------------------------------------------------------


def _sums(c, g, n_layers, k, side):
    channels = c + g * np.arange(n_layers + 1)  # at first, and behind each layer
    parameters = g * k * k * channels[:-1].sum() + g * n_layers
    return int(parameters), int((channels[:-1].sum() + g * n_layers + channels[1:].sum()) * side**2)


dense_block = Answers(
    reference=_sums,
    mistakes=patches(
        """
        the channels do not grow: each layer puts g channels beside its input, and the next one sees them all
        - c += g
        + c += 0
        no biases: each of the g kernels has a bias
        - k * k * c * g + g
        + k * k * c * g
        one bias a layer: each of the g kernels has a bias
        - k * k * c * g + g
        + k * k * c * g + 1
        a kernel of k weights: a kernel has k times k weights for each channel
        - k * k * c * g
        + k * c * g
        one place only: each number counts once for every place of the map, of which there are side times side
        - (c + g + c + g) * side * side
        + (c + g + c + g)
        a row of places: a map has side times side places
        - (c + g + c + g) * side * side
        + (c + g + c + g) * side
        the concatenation left out: a concatenation is a copy: its output counts too
        - (c + g + c + g) * side
        + (c + g) * side
        the ReLU left out: the output of the ReLU counts too, with all channels that came in
        - (c + g + c + g) * side
        + (g + c + g) * side
        parameters at every place: all places share the weights
        - k * k * c * g + g
        + (k * k * c * g + g) * side * side
        """
    ),
)
