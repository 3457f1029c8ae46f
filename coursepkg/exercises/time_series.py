"""Exercises of the chapter on time series: windows with a horizon, and an error without a unit."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, function_case, prose

# --- time-series/windows --------------------------------------------------------------------------------------------


def cut(series, length, horizon):
    """The reference: all windows, and the value ``horizon`` steps after the last of each."""
    n = len(series) - length - horizon + 1
    X = np.array([series[i : i + length] for i in range(n)])
    return X, series[length + horizon - 1 :].copy()


def _shifted(steps):
    """Return a wrong answer whose targets lie ``steps`` later than they should."""

    def wrong(series, length, horizon):
        X, y = cut(series, length, horizon + steps)
        return X, y

    return wrong


def _always_next(series, length, horizon):
    X, y = cut(series, length, 1)
    n = len(series) - length - horizon + 1
    return X[:n], y[:n]


def _last_lost(series, length, horizon):
    X, y = cut(series, length, horizon)
    return X[:-1], y[:-1]


def _apart(series, length, horizon):
    X, y = cut(series, length, horizon)
    return X[::length], y[::length]


def _newest_first(series, length, horizon):
    X, y = cut(series, length, horizon)
    return X[:, ::-1], y


def _whole_future(series, length, horizon):
    X, _ = cut(series, length, horizon)
    return X, np.array([series[i + length : i + length + horizon] for i in range(len(X))])


WINDOW_MISTAKES = (
    Mistake(
        "the target is in the window",
        _shifted(-1),
        "the targets come one step too early: horizon 1 is the first value after the window",
    ),
    Mistake(
        "one step too late",
        _shifted(1),
        "the targets come one step too late: horizon 1 is the first value after the window",
    ),
    Mistake("always the next value", _always_next, "the target is always the next value; use the horizon"),
    Mistake(
        "the last window is lost",
        _last_lost,
        "one window more fits: there are n - length - horizon + 1",
    ),
    Mistake("windows that do not overlap", _apart, "windows overlap: the next one begins one step later"),
    Mistake("newest value first", _newest_first, "each window must keep the order of time, oldest value first"),
    Mistake(
        "all values up to the horizon",
        _whole_future,
        "y holds one number a window: only the value at the horizon, not all values up to it",
    ),
)


def _window_cases(rng):
    for shown, n, length, horizon in (
        ("the next value", int(rng.integers(10, 20)), 4, 1),
        ("three steps ahead", int(rng.integers(15, 25)), 5, 3),
        ("a year ahead, from two years", int(rng.integers(60, 80)), 24, 12),
    ):
        series = 100 + rng.normal(size=n).cumsum()
        # The next value cannot tell the horizons apart; those mistakes are told by the other cases.
        known = [m for m in WINDOW_MISTAKES if horizon > 1 or m.answer not in (_always_next, _whole_future)]
        yield function_case(
            f"cut(series, length, horizon): {shown}", (series, length, horizon), reference=cut, mistakes=known
        )


# --- time-series/mase -----------------------------------------------------------------------------------------------


def mase(y_true, y_pred, train, season):
    """The reference: mean absolute error, in units of that of the seasonal naive forecast within the training part."""
    return np.abs(y_true - y_pred).mean() / np.abs(train[season:] - train[:-season]).mean()


MASE_MISTAKES = (
    Mistake(
        "scaled by the plain naive forecast",
        lambda y_true, y_pred, train, season: mase(y_true, y_pred, train, 1),
        "the scale is the error of the value one season ago, not of the value before",
    ),
    Mistake(
        "scaled by the test values",
        lambda y_true, y_pred, train, season: mase(y_true, y_pred, y_true, season),
        "the scale comes from the training series, so that it is the same for every test set",
    ),
    Mistake(
        "squared errors",
        lambda y_true, y_pred, train, season: (
            ((y_true - y_pred) ** 2).mean() / ((train[season:] - train[:-season]) ** 2).mean()
        ),
        "these are squares; take absolute values in both means",
    ),
    Mistake(
        "errors that cancel",
        lambda y_true, y_pred, train, season: (
            np.abs((y_true - y_pred).mean()) / np.abs((train[season:] - train[:-season]).mean())
        ),
        "errors of both signs cancel: take the absolute value before the mean",
    ),
    Mistake(
        "upside down",
        lambda y_true, y_pred, train, season: 1 / mase(y_true, y_pred, train, season),
        "the fraction is upside down: a better forecast must have a smaller error",
    ),
    Mistake(
        "without a scale",
        lambda y_true, y_pred, train, season: np.abs(y_true - y_pred).mean(),
        "this is the mean absolute error; divide it by the error of the seasonal naive forecast",
    ),
    Mistake(
        "divided by the mean of the series",
        lambda y_true, y_pred, train, season: np.abs(y_true - y_pred).mean() / np.abs(train).mean(),
        "the scale is not the size of the values; it is the error of the seasonal naive forecast",
    ),
)


def _mase_cases(rng):
    for shown, season, n_test in (
        ("months, a season of 12", 12, 40),
        ("quarters, a season of 4", 4, 16),
        ("days, a season of 7, values of both signs", 7, 30),
    ):
        n = 10 * season + int(rng.integers(1, season))
        offset = 0 if season == 7 else 30
        whole = offset + 0.05 * np.arange(n + n_test) + 5 * np.sin(2 * np.pi * np.arange(n + n_test) / season)
        whole = whole + rng.normal(size=n + n_test)
        y_pred = whole[n:] + rng.normal(0.3, 1, n_test)
        yield function_case(
            f"mase(y_true, y_pred, train, season): {shown}",
            (whole[n:], y_pred, whole[:n], season),
            reference=mase,
            mistakes=MASE_MISTAKES,
        )


EXERCISES = (
    Exercise(
        label="time-series/windows",
        title="Windows with a horizon",
        points=4,
        difficulty=2,
        minutes=15,
        statement=prose(r"""
            Write a function `cut(series, length, horizon)` for a series of shape $[n]$. Return two arrays. `X`, shape
            $[m, \text{length}]$, holds all windows of `length` values in the order of time, each beginning one step
            after the one before. `y`, shape $[m]$, holds for each window the value that comes `horizon` steps after
            its last value; horizon 1 is the very next one. Use every window that has such a value. Use NumPy only.
        """),
        answer_name="cut",
        stub='''\
import numpy as np


def cut(series, length, horizon):
    """Return the windows and, for each, the value horizon steps after its end."""
    ...
''',
        solution_source="""\
import numpy as np


def cut(series, length, horizon):
    m = len(series) - length - horizon + 1
    X = np.array([series[i : i + length] for i in range(m)])
    return X, series[length + horizon - 1 :].copy()
""",
        cases=_window_cases,
        mistakes=WINDOW_MISTAKES,
        hints=(
            "Write down, for a series of 6 values, length 3 and horizon 2, which indices belong to which window.",
            "Window i holds the indices i to i + length - 1; its target has the index i + length - 1 + horizon.",
            "The last target is the last value of the series: there are n - length - horizon + 1 windows.",
        ),
    ),
    Exercise(
        label="time-series/mase",
        title="An error without a unit",
        points=3,
        difficulty=1,
        minutes=10,
        statement=prose(r"""
            Gigawatt hours cannot be compared with litres. Hyndman and Koehler's *mean absolute scaled error* has no
            unit: it is the mean absolute error of the forecasts, divided by the mean absolute error that the seasonal
            naive forecast makes within the training series. Below 1 means better than that forecast was there. Write
            a function `mase(y_true, y_pred, train, season)` for `y_true` and `y_pred` of shape $[n]$, the training
            series `train` of shape $[m]$, and the length `season` of a season, less than $m$. Return one number.
        """),
        answer_name="mase",
        stub='''\
import numpy as np


def mase(y_true, y_pred, train, season):
    """Return the mean absolute scaled error, one number."""
    ...
''',
        solution_source="""\
import numpy as np


def mase(y_true, y_pred, train, season):
    scale = np.abs(train[season:] - train[:-season]).mean()
    return np.abs(y_true - y_pred).mean() / scale
""",
        cases=_mase_cases,
        mistakes=MASE_MISTAKES,
        hints=(
            "Two means of absolute values, and a division.",
            "The seasonal naive forecast of value t is value t - season.",
            "`train[season:] - train[:-season]` are its errors within the training series.",
        ),
    ),
)
