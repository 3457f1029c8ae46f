"""Answers to the exercises on time series."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patch


def _cut(series, length, horizon):
    """Windows that reach to the target."""
    wide = np.lib.stride_tricks.sliding_window_view(series, length + horizon)
    return wide[:, :length], wide[:, -1]


windows = Answers(
    reference=_cut,
    mistakes=(
        patch(
            "the target is in the window",
            "    m =",
            "    horizon -= 1\n    m =",
            "the targets come one step too early: horizon 1 is the first value after the window",
        ),
        patch(
            "one step too late",
            "    m =",
            "    horizon += 1\n    m =",
            "the targets come one step too late: horizon 1 is the first value after the window",
        ),
        patch(
            "always the next value",
            "length + horizon - 1 :",
            "length : length + m",
            "the target is always the next value; use the horizon",
        ),
        patch(
            "the last window is lost",
            "horizon + 1",
            "horizon",
            "one window more fits: there are n - length - horizon + 1",
            ("horizon - 1 :", "horizon - 1 : -1"),
        ),
        patch(
            "windows that do not overlap",
            "range(m)",
            "range(0, m, length)",
            "windows overlap: the next one begins one step later",
            ("horizon - 1 :", "horizon - 1 :: length"),
        ),
        patch(
            "newest value first",
            "return X,",
            "return X[:, ::-1],",
            "each window must keep the order of time, oldest value first",
        ),
        patch(
            "all values up to the horizon",
            "series[length + horizon - 1 :].copy()",
            "np.array([series[i + length : i + length + horizon] for i in range(m)])",
            "y holds one number a window: only the value at the horizon, not all values up to it",
        ),
    ),
)

SEASONAL = "train[season:] - train[:-season]"
mase = Answers(
    mistakes=(
        patch(
            "scaled by the plain naive forecast",
            SEASONAL,
            "np.diff(train)",
            "the scale is the error of the value one season ago, not of the value before",
        ),
        patch(
            "scaled by the test values",
            SEASONAL,
            "y_true[season:] - y_true[:-season]",
            "the scale comes from the training series, so that it is the same for every test set",
        ),
        patch("squared errors", "np.abs(", "np.square(", "these are squares; take absolute values in both means"),
        patch(
            "errors that cancel",
            "np.abs(",
            "np.abs((",
            "errors of both signs cancel: take the absolute value before the mean",
            (".mean()", ".mean())"),
        ),
        patch(
            "upside down",
            "np.abs(y_true - y_pred).mean() / scale",
            "scale / np.abs(y_true - y_pred).mean()",
            "the fraction is upside down: a better forecast must have a smaller error",
        ),
        patch(
            "without a scale",
            " / scale",
            "",
            "this is the mean absolute error; divide it by the error of the seasonal naive forecast",
        ),
        patch(
            "divided by the mean of the series",
            SEASONAL,
            "train",
            "the scale is not the size of the values; it is the error of the seasonal naive forecast",
        ),
    )
)
