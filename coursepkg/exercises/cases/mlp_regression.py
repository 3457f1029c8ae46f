"""Cases of the exercises on regression with a multilayer perceptron."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def huber(rng):
    for shown, n, delta in (
        ("errors on both sides of delta = 0.5", 40, 0.5),
        ("delta = 2", 60, 2.0),
        ("delta = 0.1, with a far outlier", 25, 0.1),
    ):
        y_true = rng.normal(size=n)
        error = np.concatenate([rng.uniform(0.2, 0.9, n // 2) * delta, rng.uniform(1.5, 4.0, n - n // 2) * delta])
        y_pred = y_true + error * rng.choice([-1.0, 1.0], n)
        if delta < 0.5:
            y_pred[0] += 50.0
        yield function_case(f"huber(y_true, y_pred, delta): {shown}", (y_true, y_pred, delta))


def standardize(rng):
    for shown, columns, constant in (
        ("one column", 1, False),
        ("four columns of different size", 4, False),
        ("three columns, one of them constant", 3, True),
    ):
        size = 10.0 ** rng.integers(-2, 4, columns)
        center = size * rng.uniform(1, 3, columns)
        X_train = center + size * rng.normal(size=(30, columns))
        X_new = center + 2 * size * rng.normal(size=(12, columns)) + size
        if constant:
            X_train[:, 1], X_new[:, 1] = 7.0, 7.0
        yield function_case(f"standardize(X_train, X_new): {shown}", (X_train, X_new))
