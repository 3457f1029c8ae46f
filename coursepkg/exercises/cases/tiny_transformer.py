"""Cases of the exercises on the tiny transformer."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def nucleus(rng):
    for shown, size, share in (
        ("five symbols, half of the chances", 5, 0.5),
        ("ten symbols, 0.8", 10, 0.8),
        ("27 symbols, 0.95", 27, 0.95),
        ("so small a share that one symbol is enough", 6, 0.01),
    ):
        p = rng.dirichlet(np.ones(size))
        yield function_case(f"nucleus(p, {share}): {shown}", (p, share))


def repair_cache(rng):
    for shown, m, d, d_k in (
        ("three places", 3, 4, 4),
        ("keys narrower than rows", 4, 6, 2),
        ("nine places", 9, 3, 3),
    ):
        X, W = rng.normal(size=(m, d)), rng.normal(size=(3, d, d_k))
        yield function_case(f"cached_attention(X, W_Q, W_K, W_V): {shown}", (X, *W))


def bits(rng):
    for shown, pieces in (
        ("letters", list("sleeps")),
        ("words", ["the", " old", " dog", " waits", "."]),
        ("parts of words", ["un", "believ", "ably", " long", "!"]),
    ):
        costs = rng.uniform(0.1, 4, len(pieces))
        yield function_case(f"bits_per_character(costs, pieces): {shown}", (costs, pieces))
