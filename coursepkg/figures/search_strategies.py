"""Where in the plane the trials of a search lie."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array
from coursepkg.plots.style import COLORS, new_figure, picture

_RESOLUTION = 120  # points a side at which a function of the plane is evaluated


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
