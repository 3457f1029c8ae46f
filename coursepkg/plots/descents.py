"""The way of a descent over the contour lines of a loss of two parameters."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array
from coursepkg.plots.style import COLORS, new_figure, picture

_GRID = 160  # places a side


@picture
def descents(loss, paths, *, x_range, y_range, levels, axis_labels, minimum=None, crosses=()):
    """Draw one panel for each descent over the contour lines of a loss of two parameters.

    Parameters
    ----------
    loss : callable
        Takes the two parameters, numbers; returns one number.
    paths : dict of str to array_like, shape [n_steps + 1, 2]
        Where each descent was, from the start on, which is marked by a square.
    x_range, y_range : (float, float), keyword-only
    levels : array_like, rising, keyword-only
        Values of the loss that get a contour line.
    axis_labels : (str, str), keyword-only
    minimum : (float, float), keyword-only, optional
        Marked by a star.
    crosses : sequence of (float, float), keyword-only
        Other places to be marked.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no path, or one has another shape.

    Examples
    --------
    >>> ranges = {"x_range": (-2, 2), "y_range": (-2, 2), "levels": [1, 2], "axis_labels": ("w", "b")}
    >>> figure = descents(lambda w, b: w**2 + b**2, {"one step": [[1, 1], [0, 0]]}, **ranges)
    >>> figure.axes[0].get_title()
    'one step'
    """
    if not paths:
        raise ValueError("paths is empty: expected at least one descent")
    paths = {name: as_array(path, f"paths[{name!r}]", ndim=2, columns=2) for name, path in paths.items()}
    x, y = np.meshgrid(np.linspace(*x_range, _GRID), np.linspace(*y_range, _GRID))
    heights = np.vectorize(loss)(x, y)
    figure, axes = new_figure(1, len(paths), width=3.2, height=3.1, sharex=True, sharey=True)
    for index, (axis, (name, path)) in enumerate(zip(axes.flat, paths.items(), strict=True)):
        lines = axis.contour(x, y, heights, levels=levels, colors="#888888", linewidths=0.8)
        axis.clabel(lines, fontsize=8, fmt="%.2f")
        axis.plot(*path.T, color=COLORS[(0, 2, 4)[index % 3]], marker="o", markersize=3.5, linewidth=1.3)
        axis.plot(*path[0], "s", color="black", markersize=6)
        if minimum is not None:
            axis.plot(*minimum, "*", color="black", markersize=11, zorder=1.9)
        for cross in crosses:
            axis.plot(*cross, "x", color="black", markersize=9, markeredgewidth=2)
        axis.grid(visible=False)
        axis.set(xlim=x_range, ylim=y_range, title=name, xlabel=axis_labels[0])
    axes[0, 0].set_ylabel(axis_labels[1])
    return figure
