"""Cases of the exercises on attention."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def causal(rng):
    for shown, m, d_k, d_v, size in (
        ("one place", 1, 3, 2, 1),
        ("five places", 5, 4, 3, 1),
        ("values wider than keys", 6, 2, 5, 1),
        ("scores in the thousands", 6, 4, 2, 12),
    ):
        Q, K = rng.normal(0, size, (2, m, d_k))
        if size > 1:
            Q, K = Q + 10, K + 40
        yield function_case(f"causal_attention(Q, K, V): {shown}", (Q, K, rng.normal(size=(m, d_v))))


def kernel(rng):
    places = np.sort(rng.uniform(0, 10, 12))
    values = rng.normal(size=12)
    for shown, x, width in (
        ("three new places", rng.uniform(0, 10, 3), 1.0),
        ("a narrow kernel", rng.uniform(0, 10, 4), 0.3),
        ("a wide kernel", rng.uniform(0, 10, 5), 4.0),
        ("a place far from all others", np.array([5.0, 60.0]), 0.5),
    ):
        yield function_case(f"kernel_average(x, places, values, {width}): {shown}", (x, places, values, width))


def repair_heads(rng):
    for shown, m, d, h in (("one head", 4, 6, 1), ("two heads", 5, 6, 2), ("three heads", 4, 12, 3)):
        X, W = rng.normal(size=(m, d)), rng.normal(0, 0.5, (4, d, d))
        yield function_case(f"heads(X, W_Q, W_K, W_V, W_O, {h}): {shown}", (X, *W, h))
