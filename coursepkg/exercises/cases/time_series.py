"""Cases of the exercises on time series."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def windows(rng):
    for shown, n, length, horizon in (
        ("the next value", int(rng.integers(10, 20)), 4, 1),
        ("three steps ahead", int(rng.integers(15, 25)), 5, 3),
        ("a year ahead, from two years", int(rng.integers(60, 80)), 24, 12),
    ):
        series = 100 + rng.normal(size=n).cumsum()
        yield function_case(f"cut(series, length, horizon): {shown}", (series, length, horizon))


def mase(rng):
    for shown, season, n_test in (
        ("months, a season of 12", 12, 40),
        ("quarters, a season of 4", 4, 16),
        ("days, a season of 7, values of both signs", 7, 30),
    ):
        n = 10 * season + int(rng.integers(1, season))
        offset = 0 if season == 7 else 30
        whole = offset + 0.05 * np.arange(n + n_test) + 5 * np.sin(2 * np.pi * np.arange(n + n_test) / season)
        whole = whole + rng.normal(size=n + n_test)
        arguments = whole[n:], whole[n:] + rng.normal(0.3, 1, n_test), whole[:n], season
        yield function_case(f"mase(y_true, y_pred, train, season): {shown}", arguments)


def repair_backtest(rng):
    for shown, n_train, n_judged, months in (
        ("three folds of 20 rows", 60, 20, 132),
        ("folds of 12 rows, the last months do not fill one", 48, 12, 121 + int(rng.integers(10))),
    ):
        month = np.arange(months)
        season = 1 + 0.2 * np.cos(2 * np.pi * (month + rng.integers(12)) / 12)
        series = 20 * np.exp(0.004 * month + 0.05 * rng.normal(size=len(month))) * season
        yield function_case(f"backtest(series, n_train, n_judged): {shown}", (series, n_train, n_judged))
