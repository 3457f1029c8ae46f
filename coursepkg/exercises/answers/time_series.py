"""Answers to the exercises on time series."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches


def _cut(series, length, horizon):
    """Windows that reach to the target."""
    wide = np.lib.stride_tricks.sliding_window_view(series, length + horizon)
    return wide[:, :length], wide[:, -1]


windows = Answers(
    reference=_cut,
    mistakes=patches(
        """
        the target is in the window: the targets come one step too early: horizon 1 is the first value after the
          window
        -     m =
        +     horizon -= 1
        +     m =
        one step too late: the targets come one step too late: horizon 1 is the first value after the window
        -     m =
        +     horizon += 1
        +     m =
        always the next value: the target is always the next value; use the horizon
        - length + horizon - 1 :
        + length : length + m
        the last window is lost: one window more fits: there are n - length - horizon + 1
        - horizon + 1
        + horizon
        - horizon - 1 :
        + horizon - 1 : -1
        windows that do not overlap: windows overlap: the next one begins one step later
        - range(m)
        + range(0, m, length)
        - horizon - 1 :
        + horizon - 1 :: length
        newest value first: each window must keep the order of time, oldest value first
        - return X,
        + return X[:, ::-1],
        all values up to the horizon: y holds one number a window: only the value at the horizon, not all values up to
          it
        - series[length + horizon - 1 :].copy()
        + np.array([series[i + length : i + length + horizon] for i in range(m)])
        """
    ),
)

mase = Answers(
    mistakes=patches(
        """
        scaled by the plain naive forecast: the scale is the error of the value one season ago, not of the value
          before
        - train[season:] - train[:-season]
        + np.diff(train)
        scaled by the test values: the scale comes from the training series, so that it is the same for every test set
        - train[season:] - train[:-season]
        + y_true[season:] - y_true[:-season]
        squared errors: these are squares; take absolute values in both means
        - np.abs(
        + np.square(
        errors that cancel: errors of both signs cancel: take the absolute value before the mean
        - np.abs(
        + np.abs((
        - .mean()
        + .mean())
        upside down: the fraction is upside down: a better forecast must have a smaller error
        - np.abs(y_true - y_pred).mean() / scale
        + scale / np.abs(y_true - y_pred).mean()
        without a scale: this is the mean absolute error; divide it by the error of the seasonal naive forecast
        -  / scale
        divided by the mean of the series: the scale is not the size of the values; it is the error of the seasonal
          naive forecast
        - train[season:] - train[:-season]
        + train
        """
    )
)


def _backtest(series, n_train, n_judged):
    """Least squares by the pseudoinverse, row by row."""
    n = len(series) - 12
    levels = [sum(series[i : i + 12]) / 12 for i in range(n)]
    rows = np.array([[1.0, *(series[i + k] / levels[i] for k in range(12))] for i in range(n)])
    errors = []
    for first in range(n_train, n - n_judged + 1, n_judged):
        fitted = range(first - n_train, first)
        weights = np.linalg.pinv(rows[fitted]) @ [series[i + 12] / levels[i] for i in fitted]
        gaps = [abs(rows[i] @ weights * levels[i] - series[i + 12]) for i in range(first, first + n_judged)]
        errors.append(sum(gaps) / n_judged)
    return np.array(errors)


repair_backtest = Answers(
    reference=_backtest,
    mistakes=patches(
        """
        the level with the target: the level holds the target: take the mean of the twelve months only
        - level = X.mean(axis=1)
        + level = wide.mean(axis=1)
        a growing training part: later folds train on more rows: take the n_train rows directly before
        - np.arange(first - n_train, first)
        + np.arange(first)
        ratios for gigawatt hours: these errors have no unit: times the level they are in that of the series
        - np.abs(predicted - y[judged])
        + np.abs(predicted / level[judged] - ratio[judged])
        as given: the level holds the target: take the mean of the twelve months only
        - level = X.mean(axis=1)
        + level = wide.mean(axis=1)
        - np.arange(first - n_train, first)
        + np.arange(first)
        - np.abs(predicted - y[judged])
        + np.abs(predicted / level[judged] - ratio[judged])
        the first rows for ever: the training rows must move along with the fold
        - np.arange(first - n_train, first)
        + np.arange(n_train)
        a fold too few: the last full fold counts too: it ends with the last row
        - len(y) - n_judged + 1
        + len(y) - n_judged
        errors that cancel: errors of both signs cancel: take the absolute value before the mean
        - np.abs(predicted - y[judged]).mean()
        + (predicted - y[judged]).mean()
        two mistakes left: the level is right now; look at the training rows and the unit
        - np.arange(first - n_train, first)
        + np.arange(first)
        - np.abs(predicted - y[judged])
        + np.abs(predicted / level[judged] - ratio[judged])
        """
    ),
)
