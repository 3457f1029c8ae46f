"""A monthly time series with trend, season and noise, the same on every machine."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, as_int
from coursepkg.data.exact import Stream, cos_sin, exp

WINDOW = 12


def generate_series(n_months=480, *, noise=0.04, seed=42):
    """Generate a monthly series, such as the power that a small town uses.

    The level grows by about 3 % a year, with slow ups and downs; winter is a high season and summer a smaller one;
    the noise of a month carries over to the next.

    Parameters
    ----------
    n_months : int
        Length, 24 or more; the first months do not depend on it.
    noise : float
        Standard deviation of the noise relative to the level, 0 to 1.
    seed : int
        Another seed gives other noise and other ups and downs.

    Returns
    -------
    numpy.ndarray, float64 [n_months]
        Gigawatt hours, around 10 at the start. The first month is a January.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or outside its range.

    Examples
    --------
    >>> series = generate_series(24, noise=0.0)
    >>> series.shape, int(series[:12].argmax()), int(series[:12].argmin())
    ((24,), 0, 4)
    """
    n_months = as_int(n_months, "n_months", low=24, high=12_000)
    noise = as_float(noise, "noise", low=0.0, high=1.0)
    stream = Stream("series", as_int(seed, "seed"))

    month = np.arange(n_months, dtype=np.float64)
    yearly, half_yearly = cos_sin(month / 12.0)[0], cos_sin(month / 6.0)[0]
    phase = stream.uniform("phase", 1)
    cycle = cos_sin(month / 97.0 + phase)[1]
    shocks, wander = stream.normal("noise", n_months), np.empty(n_months)
    carried = 0.0
    for t, shock in enumerate(shocks.tolist()):
        carried = 0.5 * carried + 0.8660254037844386 * shock  # keeps the variance at 1
        wander[t] = carried
    level = 10.0 * exp(0.0025 * month * (1.0 - month / 24_000.0) + 0.05 * cycle)
    return level * (1.0 + 0.16 * yearly + 0.08 * half_yearly) * exp(noise * wander)


def windows(series, *, length=WINDOW):
    """Cut a series into overlapping windows and the value that follows each.

    Parameters
    ----------
    series : array_like [n]
        The values in order.
    length : int
        Values in a window, less than ``n``.

    Returns
    -------
    X : numpy.ndarray, float64 [n - length, length, 1]
        Window ``i`` holds values ``i … i + length - 1``.
    y : numpy.ndarray, float64 [n - length]
        Value ``i + length``.

    Raises
    ------
    TypeError, ValueError
        If ``series`` does not hold real numbers in one dimension, or is not longer than a window.

    Examples
    --------
    >>> X, y = windows([1, 2, 3, 4], length=2)
    >>> X[:, :, 0].tolist(), y.tolist()
    ([[1.0, 2.0], [2.0, 3.0]], [3.0, 4.0])
    """
    series = as_array(series, "series", ndim=1)
    length = as_int(length, "length", low=1)
    if len(series) <= length:
        raise ValueError(f"series must be longer than a window of {length}; got {len(series)} value(s)")
    parts = np.lib.stride_tricks.sliding_window_view(series[:-1], length)
    return parts[:, :, None].copy(), series[length:].copy()


def load_series(*, n_months=480, noise=0.04, seed=42):
    """Load the monthly series, cut into windows of a year, split in order of time: 70 %, 15 %, 15 %.

    Parameters
    ----------
    n_months, noise, seed
        See `generate_series`; at least 72 months.

    Returns
    -------
    (X_train, y_train), (X_valid, y_valid), (X_test, y_test)
        ``X`` float64 [n, 12, 1], twelve months in a row; ``y`` float64 [n], the month that follows them.
        Every target of the validation set lies after all of the training set, and so on.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or outside its range.

    Examples
    --------
    >>> (X_train, y_train), (X_valid, y_valid), (X_test, y_test) = load_series()
    >>> X_train.shape, X_valid.shape, X_test.shape
    ((327, 12, 1), (70, 12, 1), (71, 12, 1))
    """
    X, y = windows(generate_series(as_int(n_months, "n_months", low=72, high=12_000), noise=noise, seed=seed))
    first, second = len(y) * 70 // 100, len(y) * 85 // 100
    return (X[:first], y[:first]), (X[first:second], y[first:second]), (X[second:], y[second:])
