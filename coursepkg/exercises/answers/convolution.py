"""Answers to the exercises on convolution."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches
from coursepkg.scratch.conv import Conv2D, MaxPooling2D

# --- convolution/loops ----------------------------------------------------------------------------------------------


def _as_layer(picture, W, stride):
    """The package's layer, which computes a matrix product and no loops."""
    k, _, c, f = W.shape
    layer = Conv2D(c, f, k, stride=stride)
    layer.W = W
    return layer.forward(picture[None])[0]


loops = Answers(
    reference=_as_layer,
    mistakes=patches(
        """
        the kernel turned: lay the kernel on the picture as it is; turning it by 180 degrees is what mathematicians call
          convolution
        - np.tensordot(window, W, axes=3)
        + np.tensordot(window[::-1, ::-1], W, axes=3)
        the stride only in the sizes: the window of place (i, j) begins at row i * stride and column j * stride
        - i * stride, j * stride
        + i, j
        no stride at all: with a stride there are fewer windows: (size - k) // stride + 1 in a row
        - (m - k) // stride + 1
        + m - k + 1
        - i * stride, j * stride
        + i, j
        one window too few: the last window that fits counts too: (size - k) // stride + 1
        - // stride + 1
        + // stride
        height and width exchanged: rows come from the height, the first axis, and columns from the width
        - rows, columns = ((m - k) // stride + 1 for m in picture.shape[:2])
        + columns, rows = ((m - k) // stride + 1 for m in picture.shape[:2])
        - np.tensordot(window, W, axes=3)
        + np.tensordot(window, W[: len(window), : window.shape[1]], axes=3)
        the mean over the channels: add over the channels; do not average them
        - np.tensordot(window, W, axes=3)
        + np.tensordot(window, W, axes=3) / picture.shape[2]
        only the first channel: a kernel has weights for every channel; sum over all of them
        - np.tensordot(window, W, axes=3)
        + np.tensordot(window[:, :, 0], W[:, :, 0], axes=2)
        """
    ),
)


# --- convolution/receptive-field ------------------------------------------------------------------------------------


def _walk_down(stack):
    """From the top: how many numbers of each layer below does a row of numbers need?"""

    def width_of(n):
        for k, s in reversed(stack):
            n = (n - 1) * s + k
        return n

    return width_of(1), width_of(2) - width_of(1)


receptive_field = Answers(
    reference=_walk_down,
    mistakes=patches(
        """
        strides left out: after a stride a step of the next kernel is several pixels long: multiply by the strides below
        - (k - 1) * step
        + (k - 1)
        the own stride counted first: the stride of a layer acts on the layers above it, not on its own kernel
        -         width += (k - 1) * step
        -         step *= s
        +         step *= s
        +         width += (k - 1) * step
        k instead of k - 1: a kernel of k reaches k - 1 steps further than a single number
        - (k - 1) * step
        + k * step
        strides added: strides multiply: two layers with stride 2 make steps of 4 pixels
        - step *= s
        + step += s - 1
        begins with nothing: without any layer a number sees one pixel: begin with the width 1
        - width, step = 1, 1
        + width, step = 0, 1
        kernels multiplied: widths add up; only the strides multiply
        - width += (k - 1) * step
        + width *= k
        """
    ),
)


# --- convolution/repair-pooling -------------------------------------------------------------------------------------


def _way_back(X, G):
    layer = MaxPooling2D(2)
    layer.forward(X[None, :, :, None])
    return layer.backward(G[None, :, :, None])[0, :, :, 0]


repair_pooling = Answers(
    reference=_way_back,
    mistakes=patches(
        """
        the window still moves by one pixel: the window of G[i, j] begins at row 2 * i and column 2 * j
        - X[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        + X[i : i + 2, j : j + 2]
        row and column exchanged: position p of a window of 2 by 2 is the row p // 2 and the column p % 2
        - row, column = divmod
        + column, row = divmod
        the largest size: the largest pixel is wanted; among negative ones that is the one closest to 0
        - np.argmax(window)
        + np.argmax(np.abs(window))
        shared equally: that is average pooling; the largest pixel gets all of the gradient
        - out[2 * i + row, 2 * j + column] = G[i, j]
        + out[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = G[i, j] / 4
        to all four: only the largest pixel of a window influenced the output; the others get 0
        - out[2 * i + row, 2 * j + column] = G[i, j]
        + out[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] = G[i, j]
        the pixel in place of the gradient: what comes back is the gradient G[i, j], not the pixel
        - column] = G[i, j]
        + column] = X[2 * i + row, 2 * j + column]
        the smallest pixel: the largest pixel gets the gradient
        - np.argmax(window)
        + np.argmin(window)
        """
    ),
)


# --- convolution/series ---------------------------------------------------------------------------------------------


def _full_and_cut(series, weights):
    return np.convolve(series, weights)[: len(series)]


series = Answers(
    reference=_full_and_cut,
    mistakes=patches(
        """
        the kernel not turned: weights[0] belongs to the present, which is the last number of the window
        - weights[::-1]
        + weights
        the future: the zeros must stand before the series, or each number sees what comes later
        - [np.zeros(k - 1), series]
        + [series, np.zeros(k - 1)]
        centered: half of the zeros after the series lets each number see its future
        - [np.zeros(k - 1), series]
        + [np.zeros(k - 1 - (k - 1) // 2), series, np.zeros((k - 1) // 2)]
        one step late: the present counts too: its weight is weights[0]
        - [np.zeros(k - 1), series]
        + [np.zeros(k), series[:-1]]
        a mean: it is a weighted sum; do not divide by the number of weights
        - windows @ weights[::-1]
        + windows @ weights[::-1] / k
        the first number repeated: before the series x is 0, not its first number
        - np.zeros(k - 1)
        + np.full(k - 1, series[0])
        """
    ),
)
