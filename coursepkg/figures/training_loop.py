"""The loss of a network with two weights as a landscape: what the chapter on the training loop draws."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array
from coursepkg.plots.style import COLORS, new_figure, picture

_GRID = 121  # places a side


@picture
def descents(loss, paths, *, w_range, v_range, levels, marks=()):
    """Draw one panel for each descent over the contour lines of a loss of two weights.

    Parameters
    ----------
    loss : callable
        Takes (w, v), returns one number.
    paths : dict of str to array_like, shape [n_steps + 1, 2]
        Where each descent was, from the start on, which is marked by a square.
    w_range, v_range : (float, float), keyword-only
    levels : array_like, rising, keyword-only
        Values of the loss that get a contour line.
    marks : sequence of (float, float), keyword-only
        Places that get a cross.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no path, or one has another shape.

    Examples
    --------
    >>> figure = descents(
    ...     lambda w, v: w**2 + v**2, {"a step": [[1, 1], [0, 0]]}, w_range=(-2, 2), v_range=(-2, 2), levels=[1, 2]
    ... )
    >>> figure.axes[0].get_title()
    'a step'
    """
    if not paths:
        raise ValueError("paths is empty: expected at least one descent")
    paths = {name: as_array(path, f"paths[{name!r}]", ndim=2, columns=2) for name, path in paths.items()}
    w, v = np.meshgrid(np.linspace(*w_range, _GRID), np.linspace(*v_range, _GRID))
    heights = np.vectorize(loss)(w, v)
    figure, axes = new_figure(1, len(paths), width=3.4, height=3.2, sharex=True, sharey=True)
    for index, (axis, (name, path)) in enumerate(zip(axes.flat, paths.items(), strict=True)):
        lines = axis.contour(w, v, heights, levels=levels, colors="#888888", linewidths=0.8)
        axis.clabel(lines, fontsize=8, fmt="%.2f")
        axis.plot(*path.T, color=COLORS[(0, 2, 4)[index % 3]], marker="o", markersize=3, linewidth=1.2)
        axis.plot(*path[0], "s", color="black", markersize=6)
        for mark in marks:
            axis.plot(*mark, "x", color="black", markersize=9, markeredgewidth=2)
        axis.grid(visible=False)
        axis.set(xlim=w_range, ylim=v_range, title=name, xlabel="hidden weight $w$")
    axes[0, 0].set_ylabel("output weight $v$")
    return figure
