"""Cases of the exercises on convolution."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def loops(rng):
    for shown, (height, width), k, c, f, stride in (
        ("one channel, one kernel, stride 1", (6, 5), 3, 1, 1, 1),
        ("three channels, two kernels, stride 1", (5, 7), 2, 3, 2, 1),
        ("stride 2, the last window does not fit", (8, 6), 3, 2, 3, 2),
        ("stride 3", (9, 11), 2, 2, 2, 3),
    ):
        arguments = (rng.normal(size=(height, width, c)), rng.normal(size=(k, k, c, f)), stride)
        yield function_case(f"convolve_one(picture, W, {stride}): {shown}", arguments)


def receptive_field(rng):
    k = int(rng.integers(2, 6)) * 2 + 1
    for shown, stack in (
        ("one kernel", [(k, 1)]),
        ("kernels one behind the other, without strides", [(3, 1), (k, 1), (3, 1)]),
        ("convolutions, and pooling between them", [(3, 1), (2, 2), (k, 1), (2, 2), (3, 1)]),
        ("a stride of 3, and pooling with overlap", [(k, 3), (3, 2), (5, 1)]),
    ):
        yield function_case(f"receptive_field(stack): {shown}", (stack,))


def repair_pooling(rng):
    for shown, shape, low in (
        ("a picture of 4 by 4", (4, 4), 0),
        ("a wide picture", (4, 8), 0),
        ("negative pixels", (6, 4), -60),
    ):
        X = rng.permutation(np.arange(low, low + shape[0] * shape[1])).reshape(shape).astype(float)
        yield function_case(f"unpool(X, G): {shown}", (X, rng.normal(size=(shape[0] // 2, shape[1] // 2))))


def series(rng):
    for shown, n, k in (("two weights", 7, 2), ("five weights", 12, 5), ("more weights than numbers", 3, 5)):
        yield function_case(f"causal(series, weights): {shown}", (rng.normal(size=n), rng.normal(size=k)))
