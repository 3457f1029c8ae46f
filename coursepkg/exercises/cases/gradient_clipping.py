"""Cases of the exercises on gradient clipping."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def global_norm(rng):
    for shown, scale, limit in (
        ("a long gradient", 30.0, 2.0),
        ("a short gradient", 0.05, 5.0),
        ("nothing but zeros", 0.0, 1.0),
    ):
        gradients = [scale * rng.normal(size=(3, 2)), scale * rng.normal(size=4) * 0.1, np.zeros(2)]
        yield function_case(f"clip(gradients, limit): {shown}", (gradients, limit))


def turned(rng):
    for shown, change in (
        ("clipped by value", lambda g: np.clip(g, -1, 1)),
        ("clipped by norm, each array by itself", lambda g: g / max(1.0, np.linalg.norm(g))),
        ("clipped by the global norm", lambda g: g / 10),  # whatever the limit: all by one factor
    ):
        before = [3 * rng.normal(size=(3, 2)), rng.normal(size=4)]
        yield function_case(f"turned(before, after): {shown}", (before, [change(g) for g in before]))
