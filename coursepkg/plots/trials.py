"""Pictures of the trials of a search, from a table with one row a trial."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from coursepkg._validation import as_array, one_of
from coursepkg.plots.style import COLORS, new_axis, new_figure, picture

DOTS = {"marker": "o", "color": COLORS[0], "markersize": 5, "alpha": 0.8}
DIAMONDS = {"marker": "D", "color": COLORS[1], "markersize": 6}
_MISSING = -0.12  # height at which a line passes an axis whose hyperparameter the trial does not have


@picture
def parallel_coordinates(trials, columns, *, score, best="high", log=()):
    """Draw each trial as a line that crosses one vertical axis for each hyperparameter; the color is its score.

    Parameters
    ----------
    trials : pandas.DataFrame
        One row a trial; rows without a score are left out.
    columns : sequence of str
        The hyperparameters, from left to right: numbers, or text with few different values.
    score : str, keyword-only
        Column with the score, which is the last axis.
    best : {"high", "low"}, keyword-only
        Which scores are good; those lines are dark, and drawn last.
    log : collection of str, keyword-only
        Columns with a logarithmic axis.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a column is missing, no trial has a score, or a logarithmic column holds values <= 0.

    Notes
    -----
    Parallel coordinates: Inselberg (1985), The plane with parallel coordinates, The Visual Computer 1. A
    hyperparameter that a trial does not have is crossed below the axis.

    Examples
    --------
    >>> trials = pd.DataFrame({"rate": [0.01, 0.1], "activation": ["relu", "tanh"], "accuracy": [0.7, 0.8]})
    >>> figure = parallel_coordinates(trials, ["rate", "activation"], score="accuracy", log=["rate"])
    >>> [float(y) for y in figure.axes[0].get_lines()[-1].get_ydata()]
    [1.0, 1.0, 1.0]
    """
    names = [*columns, score]
    if missing := [name for name in names if name not in trials]:
        raise ValueError(f"trials has no column {missing[0]!r}; there are {', '.join(map(str, trials))}")
    one_of(best, "best", ("high", "low"))
    scored = trials[np.isfinite(trials[score].astype(float))].sort_values(score, ascending=best == "high")
    if scored.empty:
        raise ValueError(f"no trial has a score in {score!r}")
    figure, axes = new_figure(width=max(5.6, 1.35 * len(names)), height=3.6)
    axis = axes[0, 0]
    heights = []
    for place, name in enumerate(names):
        height, ticks = _heights(scored[name], name in log)
        heights.append(height)
        axis.plot([place, place], [0, 1], color="#444444", linewidth=1, zorder=0)
        for position, text in ticks:
            box = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
            offset = {"xytext": (4, 0), "textcoords": "offset points"}
            axis.annotate(text, (place, position), **offset, fontsize=8, va="center", zorder=4, bbox=box)
    heights = np.array(heights)
    shades = plt.get_cmap("viridis_r")(np.linspace(0.05, 1, len(scored)))
    for line, shade in zip(heights.T, shades, strict=True):
        axis.plot(range(len(names)), line, color=shade, linewidth=1.4, alpha=0.85)
    axis.set(xlim=(-0.2, len(names) - 0.45), ylim=(-0.18, 1.06))
    axis.set_xticks(range(len(names)), names)
    axis.tick_params(axis="x", length=0)
    axis.set_yticks([])
    axis.grid(False)
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)
    return figure


def _heights(column, log):
    """Return where each value lies on an axis from 0 to 1, and the positions and texts of its ticks."""
    gone = column.isna().to_numpy()
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        values = sorted(map(str, column[~gone].unique()))
        places = {value: i / max(len(values) - 1, 1) for i, value in enumerate(values)}
        heights = np.array([_MISSING if g else places[str(v)] for v, g in zip(column, gone, strict=True)])
        return heights, [(place, value) for value, place in places.items()]
    numbers = column.to_numpy(float)
    if log:
        if (numbers[~gone] <= 0).any():
            raise ValueError(f"the logarithmic column {column.name!r} must hold values > 0; got {np.nanmin(numbers)}")
        numbers = np.log10(numbers)
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    width = high - low or 1.0
    heights = np.where(gone, _MISSING, (numbers - low) / width)
    ticks = [(place, low + place * (high - low)) for place in (0, 0.5, 1)]
    return heights, [(place, f"{10**value if log else value:.3g}") for place, value in ticks]


@picture
def slice_plot(trials, columns, *, score, y_label=None, y_scale="linear", best=0, log=()):
    """Draw the score of each trial against one hyperparameter a panel, all with the same axis of scores.

    If the best trials crowd at the end of a panel, the range of the search was too narrow (Godbole et al., 2023,
    "Identifying bad search space boundaries").

    Parameters
    ----------
    trials : pandas.DataFrame
        One row a trial; rows without a score are left out.
    columns : sequence of str, or dict of str to str
        The hyperparameters, from left to right: numbers, or text with few different values; in a dict with what is
        written below their axes. A trial that does not have one has no dot in its panel.
    score : str, keyword-only
        Column with the score.
    y_label : str, keyword-only, optional
        What is written beside the scores; by default the name of their column.
    y_scale : {"linear", "log"}, keyword-only
    best : int >= 0, keyword-only
        So many trials with the lowest scores are marked by diamonds.
    log : collection of str, keyword-only
        Columns with a logarithmic axis.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a column is missing, no trial has a score, or a logarithmic column holds values <= 0.

    Examples
    --------
    >>> trials = pd.DataFrame({"rate": [0.01, 0.1, 1.0], "loss": [0.7, 0.5, 0.9]})
    >>> axis = slice_plot(trials, ["rate"], score="loss", log=["rate"]).axes[0]
    >>> axis.get_xscale(), axis.get_lines()[0].get_ydata().tolist()
    ('log', [0.7, 0.5, 0.9])
    """
    columns = columns if isinstance(columns, dict) else {name: name for name in columns}
    one_of(y_scale, "y_scale", ("linear", "log"))
    if missing := [name for name in [*columns, score] if name not in trials]:
        raise ValueError(f"trials has no column {missing[0]!r}; there are {', '.join(map(str, trials))}")
    scored = trials[np.isfinite(trials[score].astype(float))]
    lowest = scored[score].rank(method="first") <= best
    if scored.empty:
        raise ValueError(f"no trial has a score in {score!r}")
    figure, axes = new_figure(columns=len(columns), width=2.1 if len(columns) > 1 else 4.2, height=2.6)
    scores = scored[score].to_numpy(float)
    margin = 0.06 * (np.ptp(scores) or 1.0)
    for axis, (name, label) in zip(axes[0], columns.items(), strict=True):
        there = scored[name].notna().to_numpy()
        values = scored.loc[there, name]
        if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
            values = values.astype(str)
            axis.margins(x=0.3)
        elif name in log:
            if (values <= 0).any():
                raise ValueError(f"the logarithmic column {name!r} must hold values > 0; got {values.min()}")
            axis.set_xscale("log")
            ticks = np.geomspace(values.min(), values.max(), 3)
            axis.set_xticks(ticks, [f"{tick:.3g}" if tick >= 100 else f"{tick:.2g}" for tick in ticks])
            axis.minorticks_off()
        # The ordinary ones come first, so that none of them hides a marked one.
        marked = lowest[there].to_numpy()
        for shown, style in ((~marked, DOTS), (marked, DIAMONDS)):
            if shown.any():
                axis.plot(values.to_numpy()[shown], scores[there][shown], linestyle="", **style)
        axis.set(xlabel=label)
        if y_scale == "log":
            axis.set_yscale("log")
            axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.yaxis.set_minor_locator(NullLocator())
            axis.set_ylim(scores.min() / 1.1, scores.max() * 1.1)
        else:
            axis.set_ylim(scores.min() - margin, scores.max() + margin)
        if axis is not axes[0, 0]:
            axis.tick_params(labelleft=False)
    axes[0, 0].set(ylabel=score if y_label is None else y_label)
    return figure


@picture
def importance_bars(importance, *, x_label="drop of R² when shuffled", ax=None):
    """Draw the importance of each hyperparameter as a bar, with its spread as a line.

    Parameters
    ----------
    importance : pandas.DataFrame
        Columns mean and std, one row a hyperparameter, from top to bottom.
    x_label : str, keyword-only
    ax : matplotlib.axes.Axes, keyword-only, optional
        Where to draw, to combine pictures; by default in a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a column is missing or there is no row.

    Examples
    --------
    >>> table = pd.DataFrame({"mean": [0.8, 0.1], "std": [0.2, 0.1]}, index=["rate", "units"])
    >>> [float(patch.get_width()) for patch in importance_bars(table).axes[0].patches]
    [0.8, 0.1]
    """
    if not {"mean", "std"} <= set(importance):
        raise ValueError(f"importance must have the columns mean and std; got {', '.join(map(str, importance))}")
    mean = as_array(importance["mean"], "importance['mean']", ndim=1)
    std = as_array(importance["std"], "importance['std']", ndim=1)
    figure, axis = new_axis(ax, width=5.6, height=0.9 + 0.36 * len(mean))
    axis.barh(np.arange(len(mean)), mean, xerr=std, height=0.6, color=COLORS[0], ecolor="#444444", capsize=3)
    axis.axvline(0, color="#444444", linewidth=1)
    axis.set(xlabel=x_label)
    axis.set_yticks(np.arange(len(mean)), labels=list(importance.index))
    axis.invert_yaxis()
    axis.grid(False, axis="y")
    return figure
