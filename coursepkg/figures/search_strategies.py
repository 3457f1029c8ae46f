"""What a search believes about a function, and where in the plane its trials lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coursepkg._validation import as_array, as_int
from coursepkg.plots.style import COLORS, new_figure, picture

_RESOLUTION = 120  # points a side at which a function of the plane is evaluated


@dataclass(frozen=True)
class Belief:
    """One panel: what a Gaussian process believes about a function of one variable.

    Attributes
    ----------
    mean, std : array_like, shape [n_points]
    observed : (array_like, array_like), shapes [n_observations]
        Positions and values.
    acquisition : array_like, shape [n_points], optional
        Drawn below; the next trial is where it is largest.
    next_x : float, optional
        Position of the next trial.
    title : str

    Examples
    --------
    >>> Belief(mean=[0.0, 1.0], std=[0.1, 0.1], observed=([0.5], [0.4]), title="one point").title
    'one point'
    """

    mean: np.ndarray
    std: np.ndarray
    observed: tuple
    acquisition: np.ndarray | None = None
    next_x: float | None = None
    title: str = ""


@picture
def beliefs(x, panels, *, x_label, y_label, truth=None, acquisition_label="acquisition", columns=3):
    """Draw beliefs about a function of one variable: mean, a band of two standard deviations, and what was observed.

    Parameters
    ----------
    x : array_like, shape [n_points]
    panels : sequence of Belief
    x_label, y_label : str, keyword-only
    truth : array_like, shape [n_points], optional
        The function itself, where it is known.
    acquisition_label : str
    columns : int
        Panels a row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no panel, or the arrays do not fit ``x``.

    Examples
    --------
    >>> belief = Belief(mean=[0.0, 1.0], std=[0.1, 0.1], observed=([0.5], [0.4]), acquisition=[0.0, 1.0], next_x=1.0)
    >>> len(beliefs([0.0, 1.0], [belief, belief], x_label="x", y_label="loss", columns=2).axes)
    4
    """
    x, panels = as_array(x, "x", ndim=1), list(panels)
    if not panels:
        raise ValueError("panels is empty: expected at least one Belief")
    columns = min(as_int(columns, "columns", low=1), len(panels))
    with_below = any(panel.acquisition is not None for panel in panels)
    per_row = 2 if with_below else 1
    rows = -(-len(panels) // columns)
    heights = [2.4, 1.0] * rows if with_below else [1.0] * rows
    figure, axes = new_figure(
        per_row * rows,
        columns,
        width=min(5.6, 10 / columns),
        height=1.7 if with_below else 2.8,
        sharex=True,
        height_ratios=heights,
    )
    for index, panel in enumerate(panels):
        row, column = divmod(index, columns)
        upper = axes[per_row * row, column]
        _draw_belief(upper, x, panel, truth)
        if column == 0:
            upper.set_ylabel(y_label)
        if with_below:
            lower = axes[per_row * row + 1, column]
            _draw_acquisition(lower, x, panel)
            if column == 0:
                lower.set_ylabel(acquisition_label)
    for axis in axes[-1]:
        axis.set_xlabel(x_label)
    for index in range(len(panels), rows * columns):
        for offset in range(per_row):
            axes[per_row * (index // columns) + offset, index % columns].set_axis_off()
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _draw_belief(axis, x, panel, truth):
    mean = as_array(panel.mean, "mean", ndim=1, length=len(x))
    std = as_array(panel.std, "std", ndim=1, length=len(x))
    positions = as_array(panel.observed[0], "observed[0]", ndim=1)
    values = as_array(panel.observed[1], "observed[1]", ndim=1, length=len(positions))
    axis.fill_between(x, mean - 2 * std, mean + 2 * std, color=COLORS[0], alpha=0.2, linewidth=0, label="mean ± 2 std")
    axis.plot(x, mean, color=COLORS[0], label="mean")
    if truth is not None:
        axis.plot(x, as_array(truth, "truth", ndim=1, length=len(x)), color="#444444", linestyle="--", label="truth")
    axis.scatter(positions, values, color=COLORS[7], s=24, zorder=3, label="observed")
    if panel.next_x is not None:
        axis.axvline(panel.next_x, color=COLORS[4], linestyle=":", label="next trial")
    axis.set_title(panel.title)


def _draw_acquisition(axis, x, panel):
    if panel.acquisition is None:
        axis.set_axis_off()
        return
    values = as_array(panel.acquisition, "acquisition", ndim=1, length=len(x))
    axis.fill_between(x, values.min(), values, color=COLORS[2], alpha=0.5, linewidth=0)
    axis.set_yticks([])
    if panel.next_x is not None:
        axis.axvline(panel.next_x, color=COLORS[4], linestyle=":")


@picture
def search_planes(panels, *, axis_labels, limits=((0.0, 1.0), (0.0, 1.0)), profile=None, numbered=False):
    """Draw trials on functions of two parameters; the darker, the larger the function.

    Parameters
    ----------
    panels : dict of str to (callable, array_like of shape [n, 2])
        By title: a function that takes points [m, 2] and returns values [m], and the trials.
    axis_labels : (str, str), keyword-only
    limits : ((float, float), (float, float))
        Ranges of the two parameters.
    profile : callable, optional
        A function of the first parameter alone, [m] to [m], drawn above with the trials that fall on it.
    numbered : bool
        Write the number of each trial at its point.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no panel, or the trials are not of shape [n, 2].

    Examples
    --------
    >>> panels = {"one trial": (lambda points: points[:, 0], [[0.2, 0.7]])}
    >>> figure = search_planes(panels, axis_labels=("rate", "momentum"), profile=lambda x: x)
    >>> figure.axes[1].get_xlabel()
    'rate'
    """
    if not panels:
        raise ValueError("panels is empty: expected at least one function with its trials")
    (x_low, x_high), (y_low, y_high) = limits
    options = {"height_ratios": [1, 3]} if profile else {}
    figure, axes = new_figure(
        2 if profile else 1, len(panels), width=min(3.6, 10 / len(panels)), height=2.1 if profile else 3.0, **options
    )
    x, y = np.linspace(x_low, x_high, _RESOLUTION), np.linspace(y_low, y_high, _RESOLUTION)
    grid = np.meshgrid(x, y)
    for column, (title, (function, trials)) in enumerate(panels.items()):
        trials = as_array(trials, f"trials of {title!r}", ndim=2, columns=2)
        axis = axes[-1, column]
        values = np.asarray(function(np.column_stack([g.ravel() for g in grid]))).reshape(grid[0].shape)
        axis.contourf(*grid, values, levels=12, cmap="gray_r", alpha=0.55)
        axis.scatter(*trials.T, color=COLORS[4], s=26, edgecolor="white", linewidth=0.6, zorder=3)
        if numbered:
            for number, point in enumerate(trials, start=1):
                axis.annotate(str(number), point, xytext=(3, 3), textcoords="offset points", fontsize=7)
        axis.set(xlabel=axis_labels[0], xlim=(x_low, x_high), ylim=(y_low, y_high))
        if profile:
            above = axes[0, column]
            above.plot(x, profile(x), color=COLORS[0])
            above.scatter(trials[:, 0], profile(trials[:, 0]), color=COLORS[4], s=20, zorder=3)
            above.set(xlim=(x_low, x_high), xticklabels=[], yticks=[])
        axes[0, column].set_title(title)
    axes[-1, 0].set_ylabel(axis_labels[1])
    return figure
