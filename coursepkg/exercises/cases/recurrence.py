"""Cases of the exercises on recurrence."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def own_end(rng):
    for shown, (n, T, d, u), lengths in (
        ("all sequences as long as the array", (3, 4, 2, 3), [4, 4, 4]),
        ("different lengths", (5, 6, 2, 4), [6, 1, 3, 5, 2]),
        ("a sequence of length 0 among them", (4, 5, 3, 2), [2, 0, 5, 4]),
    ):
        X = rng.normal(size=(n, T, d))
        weights = rng.normal(size=(d, u)), rng.normal(size=(u, u)), rng.normal(size=u)
        yield function_case(f"last_states(X, W, U, b, lengths): {shown}", (X, *weights, np.array(lengths)))


def repair_lstm(rng):
    for shown, (n, T, d, u) in (
        ("one step", (3, 1, 2, 4)),
        ("seven steps", (2, 7, 3, 3)),
        ("one unit, twelve steps", (4, 12, 1, 1)),
    ):
        X = rng.normal(size=(n, T, d))
        weights = rng.normal(size=(d, 4 * u)), rng.normal(size=(u, 4 * u)), rng.normal(size=4 * u)
        yield function_case(f"run_lstm(X, W, U, b): {shown}", (X, *weights))


def reset_before(rng):
    for shown, (n, d, u) in (
        ("two units, three inputs", (4, 3, 2)),
        ("five units", (3, 2, 5)),
        ("one sequence", (1, 2, 3)),
    ):
        weights = rng.normal(size=(d, 3 * u)), rng.normal(size=(u, 3 * u)), rng.normal(size=3 * u)
        x, h = rng.normal(size=(n, d)), rng.normal(size=(n, u))
        yield function_case(f"reset_first_step(x, h, W, U, b): {shown}", (x, h, *weights))
