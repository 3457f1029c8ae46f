"""Cases of the exercises on classification with a multilayer perceptron."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def confusion(rng):
    for n_classes, n in ((2, 30), (3, 60), (5, 200)):
        # Class 0 is frequent and over-predicted, so that rows, columns and totals all differ.
        shares = np.linspace(2, 1, n_classes) / np.linspace(2, 1, n_classes).sum()
        y_true = np.concatenate([np.arange(n_classes), rng.choice(n_classes, n - n_classes, p=shares)])
        y_pred = np.where(rng.random(n) < 0.6, y_true, rng.choice(n_classes, n, p=shares))
        y_pred[:n_classes] = np.arange(n_classes)
        y_true[-4:], y_pred[-4:] = [1, 1, 1, 1], [0, 0, 0, 0]
        shown = f"confusion(y_true, y_pred, n_classes): {n_classes} classes, {n} instances"
        yield function_case(shown, (y_true, y_pred, n_classes))


def cross_entropy(rng):
    for shown, n, n_classes, size in (
        ("5 rows, 3 classes", 5, 3, 1.0),
        ("40 rows, 10 classes", 40, 10, 3.0),
        ("logits up to 1,000", 6, 4, 1000.0),
    ):
        Z = rng.uniform(-size, size, size=(n, n_classes))
        labels = rng.integers(n_classes, size=n)
        if size > 100:  # the largest logit overflows, and a true class has no chance
            Z[0] = np.linspace(-size, size, n_classes)
            labels[0] = 0
        yield function_case(f"loss_from_logits(Z, labels): {shown}", (Z, labels))
