"""Cases of the exercises on large batches."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def accumulate(rng):
    for sizes in ([16, 16, 16, 4], [32, 8], [5, 5, 5], [1, 7, 2, 6, 3]):
        gradients = rng.normal(size=(len(sizes), 4))
        yield function_case(f"combine(gradients, {sizes})", (gradients, np.array(sizes)))


def loss_scaling(rng):
    rate, patience = 0.1, 4
    for shown, spoil, good in (
        ("an ordinary step", None, 1),
        ("an infinite gradient", np.inf, 2),
        ("a gradient that is not a number", np.nan, 3),
        ("minus infinity", -np.inf, 0),
        ("the last good step before the scale grows", None, patience - 1),
    ):
        w, gradient, scale = rng.normal(size=4), rng.normal(size=4), float(2 ** rng.integers(8, 16))
        scaled = gradient * scale
        if spoil is not None:
            scaled[rng.integers(4)] = spoil
        yield function_case(f"scaled_step: {shown}", (w, scaled, scale, good, rate, patience))


def memory(rng):
    for sizes in ([20, 30, 5], [49, 64, 64, 10], [8, 1]):
        batch, width = int(rng.integers(10, 200)), int(rng.choice([2, 4, 8]))
        yield function_case(f"training_bytes({sizes}, batch_size, number_bytes)", (sizes, batch, width))


def repair_warm_up(rng):
    base, k, warmup, total = round(float(rng.uniform(0.01, 0.05)), 3), 8, 20, 100
    for shown, t in (
        ("the first step", 0),
        ("within the warm-up", int(rng.integers(5, 16))),
        ("the end of the warm-up", warmup),
        ("later", int(rng.integers(30, 90))),
        ("the last step", total),
    ):
        yield function_case(f"scaled_rate(t, base, k, warmup, total): {shown}", (t, base, k, warmup, total))
