"""Answers to the exercises on regression with a multilayer perceptron."""

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import StandardScaler

from coursepkg.exercises.answers import Answers, patch
from coursepkg.exercises.compare import difference

huber = Answers(
    mistakes=(
        patch(
            "no one half",
            "e**2 / 2",
            "e**2",
            "small errors cost e²/2, not e²: otherwise the two pieces do not meet at |e| = delta",
        ),
        patch(
            "the straight piece does not join",
            "(np.abs(e) - delta / 2)",
            "np.abs(e)",
            "the straight piece is delta * (|e| - delta / 2); without the - delta / 2 the loss jumps at |e| = delta",
        ),
        patch(
            "the gradient is not averaged",
            " / len(e)",
            "",
            "the loss is a mean, so each prediction's share of the gradient is divided by the number of samples too",
        ),
        patch(
            "the gradient has the wrong sign",
            "np.clip",
            "-np.clip",
            "the gradient has the wrong sign: a prediction that is too high must have a positive one "
            "(e = y_pred - y_true)",
        ),
        patch(
            "the gradient is not cut off",
            "np.clip(e, -delta, delta)",
            "e",
            "the gradient grows with the error everywhere; beyond delta it must stay at +delta or -delta",
        ),
        patch(
            "smooth L1 instead",
            "terms.mean()",
            "terms.mean() / delta",
            "this is the smooth L1 loss, Huber's divided by delta; the two agree for delta = 1 only",
            (" / len(e)", " / len(e) / delta"),
        ),
    )
)

# --- mlp-regression/standardize -------------------------------------------------------------------------------------


def _scaled(X_train, X_new):
    scaler = StandardScaler().fit(X_train)  # divides a constant column by 1
    return scaler.transform(X_train), scaler.transform(X_new)


def _compare_tables(got, expected):
    problem = difference(got, expected)
    if problem and any(np.isnan(np.asarray(table, dtype=float)).any() for table in got):
        return f"{problem}\nhint: {CONSTANT}"
    return problem


CONSTANT = "a constant column has the standard deviation 0; divide it by 1 instead, so that it becomes 0"
RETURN = "    return (X_train - mean) / std, (X_new - mean) / std"
standardize = Answers(
    reference=_scaled,
    compare=_compare_tables,
    mistakes=(
        patch(
            "new rows with their own statistics",
            RETURN,
            "    own = np.where(X_new.std(axis=0) == 0, 1.0, X_new.std(axis=0))\n"
            "    return (X_train - mean) / std, (X_new - X_new.mean(axis=0)) / own",
            "the new rows must be scaled with the mean and standard deviation of the training rows, as the model saw "
            "them",
        ),
        patch(
            "statistics of all rows",
            "mean, std = X_train.mean(axis=0), X_train.std(axis=0)",
            "both = np.concatenate([X_train, X_new]); mean, std = both.mean(axis=0), both.std(axis=0)",
            "the statistics come from training and new rows together: that lets the new rows leak into the training",
        ),
        patch(
            "one mean for the whole table",
            "axis=0",
            "",
            "each column has a mean and a standard deviation of its own: use axis=0",
        ),
        patch(
            "divided by the variance",
            "X_train.std",
            "X_train.var",
            "divide by the standard deviation, not by its square",
        ),
        patch("not centered", " - mean", "", "subtract the mean before you divide"),
        patch(
            "a constant column gives nan",
            "    std = np.where(std == 0, 1.0, std)\n",
            "",
            CONSTANT,
            ("def standardize", '@np.errstate(all="ignore")\ndef standardize'),
        ),
    ),
)
