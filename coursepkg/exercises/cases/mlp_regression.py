"""Cases of the exercises on regression with a multilayer perceptron."""

from __future__ import annotations

import copy

import numpy as np

from coursepkg.data import generate_housing
from coursepkg.exercises.cases import Case, function_case


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


def log_ridge(rng):
    call = "predict_positive(X_train, y_train, X_new, log_columns)"
    for shown, d, columns in (
        ("3 columns, logarithm of the first", 3, [0]),
        ("5 columns, logarithm of two of them", 5, [1, 4]),
        ("4 columns, no logarithm but that of the target", 4, []),
    ):
        X = rng.normal(size=(60, d)) * 10.0 ** rng.integers(-1, 3, d)
        X[:, columns] = np.exp(1.5 * rng.normal(size=(60, len(columns))))
        signal = (X - X.mean(axis=0)) / X.std(axis=0)
        y = np.exp(1 + 0.5 * signal @ rng.normal(size=d) + 0.2 * rng.normal(size=60))
        X[40:] *= rng.uniform(1.5, 2.5, d)  # the new rows have other statistics
        yield function_case(f"{call}: {shown}", (X[:40], y[:40], X[40:], columns))


def housing_rows(seed, n_train, n_new):
    """Return (X_train, y_train), (X_new, y_new) of a state that only this seed draws."""
    X, y = generate_housing(seed=seed)
    order = np.random.default_rng(seed).permutation(len(X))
    train, new = order[:n_train], order[n_train : n_train + n_new]
    return (X[train], y[train]), (X[new], y[new])


def project(rng):
    call = "predict_housing(X_train, y_train, X_new)"
    for shown, rival, n_train, n_new in (
        ("500 rows to learn from, the shape of the answer", "none", 500, 200),
        ("better than linear regression on logarithms", "line", 4000, 3000),
        ("at least 1 % better than boosted trees", "trees", 4000, 3000),
    ):
        seed = int(rng.integers(10**6))
        # The targets of the new rows stay out of the function that runs beside the submission.
        (X, y), (X_new, _) = housing_rows(seed, n_train, n_new)
        yield Case(
            f"{call}: {shown}",
            lambda function, given=(X, y, X_new): function(*copy.deepcopy(given)),
            facts={"rival": rival, "seed": seed, "n_train": n_train, "n_new": n_new},
        )
