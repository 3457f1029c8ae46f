"""Windows cut from a series, and folds in the order of time."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_int
from coursepkg.plots.style import COLORS, new_axis, picture


@picture
def window_rows(series, *, length, n=3):
    """Draw the first months of a series, and below them the windows that begin at the first ones, with their targets.

    Parameters
    ----------
    series : array_like, shape [m]
        The months that are drawn, more than ``length + n - 1``.
    length : int >= 1, keyword-only
        Months in a window.
    n : int >= 1, keyword-only
        How many windows.

    Returns
    -------
    matplotlib.figure.Figure
        A row of circles a window, filled where it holds a month, and a square for its target.

    Examples
    --------
    >>> figure = window_rows(range(8), length=3, n=2)
    >>> [line.get_xdata().tolist() for line in figure.axes[0].get_lines()[1:3]]
    [[1, 2, 3], [4]]
    """
    series = as_array(series, "series", ndim=1)
    length, n = as_int(length, "length", low=1), as_int(n, "n", low=1)
    if len(series) < length + n:
        raise ValueError(f"series must hold {length + n} months for {n} windows of {length}; got {len(series)}")
    figure, axis = new_axis(None, width=6.2, height=3.4)
    months = np.arange(1, len(series) + 1)
    axis.plot(months, series, color="#444444", marker=".")
    low, step = series.min(), 0.12 * np.ptp(series)
    for i in range(n):
        height = low - (i + 1.5) * step
        options = {"linestyle": "none", "markersize": 8}
        axis.plot(months[i : i + length], [height] * length, "o", color=COLORS[0], **options,
                  label="window" if i == 0 else None)  # fmt: skip
        axis.plot(months[i + length : i + length + 1], [height], "s", color=COLORS[1], **options,
                  label="target" if i == 0 else None)  # fmt: skip
        axis.annotate(f"row {i}", (months[-1] + 0.4, height), va="center", annotation_clip=False)
    axis.set(xlabel="month", ylabel="power used (GWh a month)")
    axis.set_xticks(months[::3])
    axis.legend(loc="upper center", ncols=2)
    return figure


@picture
def fold_bars(folds, *, x_label):
    """Draw which rows each fold trains on and which it is judged on, a row a fold.

    Parameters
    ----------
    folds : sequence of (array_like, array_like)
        The training rows and the judged rows of each fold, each a run of whole numbers.
    x_label : str, keyword-only

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = fold_bars([(range(4), range(4, 6)), (range(2, 6), range(6, 8))], x_label="row")
    >>> [(float(bar.get_x()), float(bar.get_width())) for bar in figure.axes[0].patches]
    [(0.0, 4.0), (4.0, 2.0), (2.0, 4.0), (6.0, 2.0)]
    """
    folds = list(folds)
    if not folds:
        raise ValueError("folds is empty: expected at least one pair of rows")
    figure, axis = new_axis(None, width=6.2, height=0.9 + 0.34 * len(folds))
    for place, pair in enumerate(folds):
        for name, color, rows in zip(("training", "judged"), COLORS, pair, strict=False):
            rows = as_array(rows, f"{name} rows of fold {place}", ndim=1)
            axis.barh(place, float(len(rows)), left=float(rows[0]), height=0.6, color=color,
                      label=name if place == 0 else None)  # fmt: skip
    axis.set(xlabel=x_label, ylim=(len(folds) - 0.4, -0.6))
    axis.set_yticks(range(len(folds)), [f"fold {i + 1}" for i in range(len(folds))])
    axis.grid(axis="y", visible=False)
    axis.legend(loc="upper right")
    return figure
