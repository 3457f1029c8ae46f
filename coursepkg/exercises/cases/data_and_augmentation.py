"""Cases of the exercises on data and augmentation."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def mixup(rng):
    for shown, shape, n_classes in (
        ("rows of numbers", (5, 3), 4),
        ("gray pictures without an axis of channels", (4, 3, 2), 3),
        ("pictures with channels", (6, 2, 3, 2), 5),
    ):
        B = shape[0]
        Y = np.eye(n_classes)[rng.permutation(B) % n_classes]
        partner = np.roll(np.arange(B), int(rng.integers(1, B)))[rng.permutation(B)]
        arguments = (rng.normal(size=shape), Y, rng.uniform(0.05, 0.4, size=B), partner)
        yield function_case(f"mix_batch(X, Y, share, partner): {shown}", arguments)


def repair_leak(rng):
    for shown, n, n_train, d, k in (
        ("one column kept of six", 24, 16, 6, 1),
        ("three columns kept", 30, 18, 8, 3),
        ("few rows for training", 40, 10, 10, 4),
    ):
        y = rng.permutation(n_train) % 2
        y = np.concatenate([y, 1 - rng.permutation(n - n_train) % 2])
        X = rng.normal(size=(n, d))
        known = rng.permutation(d)
        X[:n_train, known[0]] -= 2.5 * y[:n_train]  # tells most in training, with a negative sign
        X[:n_train, known[1]] += 1.5 * y[:n_train]
        X[n_train:, known[2]] += 8 * y[n_train:]  # tells only in validation
        X[n_train:] *= 3  # and has a wider range there
        yield function_case(f"prepare(X, y, {n_train}, {k}): {shown}", (X, y, n_train, k))


def box(rng):
    height, width = (int(size) for size in rng.integers(8, 12, 2))
    for shown, top, left, sides in (
        ("inside", 2, 1, (3, 4)),
        ("sticks out at the top and on the left", -2, -1, (5, 4)),
        ("sticks out at the bottom and on the right", height - 2, width - 3, (4, 7)),
        ("covers everything", -1, -2, (height + 3, width + 4)),
        ("lies below the picture", height + 2, 1, (3, 3)),
        ("lies outside of two sides", -6, -5, (3, 2)),
    ):
        arguments = (top, left, sides, (height, width))
        yield function_case(f"kept_share(top, left, box, picture): {shown}", arguments)
