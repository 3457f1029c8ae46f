"""Cases of the exercises on pretraining."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def rotation_task(rng):
    for shown, n, size in (("one image", 1, 3), ("four images of 4 × 4 pixels", 4, 4), ("six images", 6, 6)):
        yield function_case(f"rotation_task(images): {shown}", (rng.normal(size=(n, size, size)),))


def masked_loss(rng):
    for shown, n, length, n_words in (
        ("one sequence of 6 words", 1, 6, 5),
        ("three sequences, one of them with nothing masked", 3, 5, 4),
        ("twenty sequences", 20, 8, 12),
    ):
        p = rng.dirichlet(np.ones(n_words), size=(n, length))
        words = rng.integers(n_words, size=(n, length))
        masked = rng.random((n, length)) < 0.4
        masked[0, :3] = [True, True, False]
        if n == 3:
            masked[1] = False
        yield function_case(f"masked_loss(p, words, masked): {shown}", (p, words, masked))


def two_gaps(rng):
    for n_words in (3, 5, 9):
        P = rng.dirichlet(np.ones(n_words), size=n_words)
        left, right = (int(i) for i in rng.permutation(n_words)[:2])
        yield function_case(f"fill_two(P, left, right) with {n_words} words", (P, left, right))
