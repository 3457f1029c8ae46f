"""Cases of the exercises on logistic regression."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes

from coursepkg.exercises.cases import function_case


def stable_loss(rng):
    for shown, n, size in (
        ("two weighted sums", 2, 1.0),
        ("20 weighted sums of usual size", 20, 2.0),
        ("sure answers, some of them wrong: |z| up to 100", 12, 60.0),
        ("very sure answers: |z| up to 1000", 12, 600.0),
    ):
        z = np.clip(rng.normal(0, size, n), -1000, 1000)
        y = rng.permutation(np.arange(n) % 2).astype(float)
        if size > 10:  # a sure mistake on either side, and a sure right answer
            z[:3], y[:3] = np.array([1, -1, 1]) * rng.uniform(1.3, 1.6) * size, [0, 1, 1]
        yield function_case(f"cross_entropy(z, y): {shown}", (z, y))


def repair_softmax(rng):
    for shown, n, d, n_classes, steps in (
        ("one step, 12 points, 3 classes", 12, 2, 3, 1),
        ("8 steps, 30 points, 3 classes", 30, 2, 3, 8),
        ("12 steps, 40 points with 4 features, 5 classes", 40, 4, 5, 12),
    ):
        # Classes of unequal size, so that their biases matter.
        labels = np.minimum(rng.permutation(np.arange(n)) * 2 * n_classes // (3 * n), n_classes - 1)
        X = rng.normal(size=(n, d)) + rng.normal(size=(n_classes, d))[labels]
        arguments = (X, np.eye(n_classes)[labels], float(rng.uniform(0.3, 0.6)), steps)
        yield function_case(f"fit_softmax(X, Y, rate, steps): {shown}", arguments)


def odds_factor(rng):
    X = rng.normal(size=(60, 2)) * [1.0, 30.0] + [0.0, 200.0]
    y = (X @ [0.8, 0.03] - 6.0 + rng.logistic(size=60) > 0).astype(int)
    yield function_case("odds_factor(X, y, j, change): 60 random points", (X, y, 1, float(rng.uniform(10, 20))))
    diabetes, cancer = load_diabetes(scaled=False), load_breast_cancer()
    rows = rng.permutation(len(diabetes.target))[:150]
    X, y = diabetes.data[rows][:, [2, 3]], (diabetes.target[rows] > 140).astype(int)
    shown = "body mass index of 150 patients, and whether their diabetes grows worse"
    yield function_case(f"odds_factor(X, y, j, change): {shown}", (X, y, 0, float(rng.uniform(3, 6))))
    rows = rng.permutation(len(cancer.target))[:200]
    X, y = cancer.data[rows][:, [1, 4]], 1 - cancer.target[rows]
    shown = "texture of 200 tumors, and whether they are malignant"
    yield function_case(f"odds_factor(X, y, j, change): {shown}", (X, y, 0, float(rng.uniform(2, 4))))
