"""Cases of the exercises on diagnosis."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def update_ratio(rng):
    shapes = ((4, 3), (3,), (3, 2))
    for shown, zero, still in (
        ("three arrays", (), ()),
        ("one array was not moved", (), (0,)),
        ("biases that begin at 0, and move", (1,), ()),
        ("biases that begin at 0, and stay", (1,), (1,)),
    ):
        before = [rng.normal(size=shape) * (i not in zero) for i, shape in enumerate(shapes)]
        after = [old + 0.3 * rng.normal(size=old.shape) * (i not in still) for i, old in enumerate(before)]
        yield function_case(f"update_ratio(before, after): {shown}", (before, after))


def repair_preparation(rng):
    for shown, n, d, n_valid in (
        ("12 rows, 4 of them for validation", 12, 3, 4),
        ("a large share for validation", 20, 2, 12),
        ("two rows for validation", 9, 4, 2),
    ):
        X = rng.normal(size=(n, d)) * rng.uniform(1, 20, d) + rng.uniform(-30, 30, d)
        arguments = (X, rng.permutation(n), rng.permutation(n), n_valid)
        yield function_case(f"prepare(X, y, order, n_valid): {shown}", arguments)


def read_curves(rng):
    t = np.arange(12)
    start = rng.uniform(1, 3)
    falling = start * (0.1 + np.exp(-t / rng.uniform(2, 3)))
    turning = start * (0.3 + 0.02 * (t - rng.integers(3, 6)) ** 2)
    flat = start * (1 + 0.004 * np.cos(3 * t))
    hole = int(rng.integers(3, 11))
    for shown, loss, val_loss in (
        ("both fall", falling, falling + 0.1),
        ("a NaN in the middle", np.where(t == hole, np.nan, falling), turning),
        ("infinite at the end", np.where(t > hole, np.inf, falling), falling),
        ("ends above twice its start, after a fall", start * (0.5 + np.abs(np.exp(t - 9.0) - 0.4)), turning),
        ("nothing moves", flat, flat),
        ("nothing moves in training, validation turns", flat, turning),
        ("the validation loss turns, training goes on", falling, turning),
        ("both turn", start * (0.5 + 0.008 * (t - 5) ** 2), start * (0.6 + 0.01 * (t - 5) ** 2)),
        ("a dip that is over at the end", start * (1 - 0.6 * np.exp(-((t - 5) ** 2))), falling),
        ("a bump that is over at the end", start * (1.2 - 0.6 * t / 11 + 2.5 * (t == hole - 1)), falling),
        ("the validation loss rises only a little", falling, start * (0.5 + 0.003 * np.abs(t - 5))),
    ):
        yield function_case(f"read_curves(loss, val_loss): {shown}", (loss.tolist(), val_loss.tolist()))


def count_leaks(rng):
    for shown, n, m, shared, decimals, noise in (
        ("no row in common", 12, 5, 0, 3, 0),
        ("some rows in common", 15, 8, 3, 3, 0),
        ("rows that differ by rounding", 15, 10, 6, 2, 1e-5),
        ("few training rows, many validation rows", 4, 12, 7, 3, 0),
    ):
        train = np.round(rng.normal(size=(n, 3)), 2)
        valid = np.round(rng.normal(size=(m, 3)), 2)
        valid[:shared] = train[rng.integers(2, size=shared)] + noise * rng.uniform(-1, 1, (shared, 3))
        valid[shared::2, 0] = train[2, 0]  # one column alone proves nothing
        yield function_case(f"leaked(train, valid, {decimals}): {shown}", (train, rng.permutation(valid), decimals))
