"""Cases of the exercises on losses."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def pinball(rng):
    for level, n in ((0.9, 6), (0.05, 8), (0.5, 5)):
        y_true = rng.normal(size=n)
        # Errors of both signs, none of them near 0.
        errors = rng.permutation(np.where(np.arange(n) % 2, 1, -1)) * rng.uniform(0.2, 2, size=n)
        yield function_case(f"pinball_loss(y_true, y_pred, {level}) on {n} rows", (y_true, y_true + errors, level))


def repair_smoothing(rng):
    for shown, n, K, epsilon, size in (
        ("four classes", 6, 4, 0.2, 2.0),
        ("ten classes, little smoothing", 5, 10, 0.05, 3.0),
        ("no smoothing", 4, 3, 0.0, 2.0),
        ("logits up to 800", 6, 5, 0.1, 800.0),
    ):
        Z = rng.uniform(-size, size, size=(n, K))
        Z[0, 0] = size
        yield function_case(f"smoothed_loss(labels, Z, {epsilon}): {shown}", (rng.integers(0, K, n), Z, epsilon))


def poisson(rng):
    for shown, n, low, high in (("few calls", 8, -1.0, 1.0), ("many calls", 6, 2.0, 4.0)):
        z = rng.uniform(low, high, size=n)
        yield function_case(f"poisson_loss(y, z): {shown}", (rng.poisson(np.exp(z)).astype(float), z))
