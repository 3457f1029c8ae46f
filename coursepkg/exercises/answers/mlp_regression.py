"""Answers to the exercises on regression with a multilayer perceptron."""

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import StandardScaler

from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference

huber = Answers(
    mistakes=patches(
        """
        no one half: small errors cost e²/2, not e²: otherwise the two pieces do not meet at |e| = delta
        - e**2 / 2
        + e**2
        the straight piece does not join: the straight piece is delta * (|e| - delta / 2); without the - delta / 2 the
          loss jumps at |e| = delta
        - (np.abs(e) - delta / 2)
        + np.abs(e)
        the gradient is not averaged: the loss is a mean, so each prediction's share of the gradient is divided by the
          number of samples too
        -  / len(e)
        the gradient has the wrong sign: the gradient has the wrong sign: a prediction that is too high must have a
          positive one (e = y_pred - y_true)
        - np.clip
        + -np.clip
        the gradient is not cut off: the gradient grows with the error everywhere; beyond delta it must stay at +delta
          or -delta
        - np.clip(e, -delta, delta)
        + e
        smooth L1 instead: this is the smooth L1 loss, Huber's divided by delta; the two agree for delta = 1 only
        - terms.mean()
        + terms.mean() / delta
        -  / len(e)
        +  / len(e) / delta
        """
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
standardize = Answers(
    reference=_scaled,
    compare=_compare_tables,
    mistakes=patches(
        """
        new rows with their own statistics: the new rows must be scaled with the mean and standard deviation of the
          training rows, as the model saw them
        -     return (X_train - mean) / std, (X_new - mean) / std
        +     own = np.where(X_new.std(axis=0) == 0, 1.0, X_new.std(axis=0))
        +     return (X_train - mean) / std, (X_new - X_new.mean(axis=0)) / own
        statistics of all rows: the statistics come from training and new rows together: that lets the new rows leak
          into the training
        - mean, std = X_train.mean(axis=0), X_train.std(axis=0)
        + both = np.concatenate([X_train, X_new]); mean, std = both.mean(axis=0), both.std(axis=0)
        one mean for the whole table: each column has a mean and a standard deviation of its own: use axis=0
        - axis=0
        divided by the variance: divide by the standard deviation, not by its square
        - X_train.std
        + X_train.var
        not centered: subtract the mean before you divide
        -  - mean
        a constant column gives nan: a constant column has the standard deviation 0; divide it by 1 instead, so that
          it becomes 0
        -     std = np.where(std == 0, 1.0, std)
        -
        +
        - def standardize
        + @np.errstate(all="ignore")
        + def standardize
        """
    ),
)
