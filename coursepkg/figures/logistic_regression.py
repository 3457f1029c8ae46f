"""From counted shares to a fitted plane: what the chapter on logistic regression draws."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from coursepkg._validation import as_array
from coursepkg.plots.style import COLORS, MARKERS, new_figure, picture

# Few flat shades, from the color of class 0 over white to that of class 1: easier to read than a smooth transition.
_SHADES = LinearSegmentedColormap.from_list("two classes", [COLORS[1], "white", COLORS[2]])
_PROBABILITIES = (0.1, 0.3, 0.5, 0.7, 0.9)
_GRID = 160  # points a side
_NAMES = ("versicolor", "virginica")  # class 0, class 1
_LOOKS = tuple(zip(COLORS[1:3], MARKERS[1:3], strict=True))  # those that they have beside setosa, the first species


@picture
def shares(x, y, *, edges, middle, steepness):
    """Draw two species over the length of their sepals, the share of the second in each interval, a step and a sigmoid.

    Parameters
    ----------
    x : array_like, shape [n]
        Lengths in cm.
    y : array_like of 0 and 1, shape [n]
    edges : array_like, shape [n_intervals + 1], keyword-only
        Ends of the intervals, rising; the last one holds its upper end. Each must hold an instance.
    middle : float, keyword-only
        Where the step jumps, and the sigmoid is one half.
    steepness : float, keyword-only
        Of the sigmoid, per cm.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, a label is neither 0 nor 1, or an interval is empty.

    Examples
    --------
    >>> figure = shares([1.0, 2.0, 3.0], [0, 1, 1], edges=[0, 2, 4], middle=2, steepness=1)
    >>> figure.axes[0].get_lines()[-1].get_ydata().tolist()
    [0.0, 1.0]
    """
    x, y = as_array(x, "x", ndim=1), _labels(y, len(np.atleast_1d(x)))
    edges = as_array(edges, "edges", ndim=1)
    inside = np.where(x <= edges[-1], np.digitize(x, edges[:-1]) - 1, -1)
    counts = np.bincount(inside[inside >= 0], minlength=len(edges) - 1)
    if not counts.all():
        raise ValueError(f"edges must leave no interval empty; these hold {counts.tolist()} instances")
    measured = [y[inside == k].mean() for k in range(len(counts))]
    figure, axes = new_figure(width=6.2, height=3.6)
    axis, places = axes[0, 0], np.linspace(edges[0], edges[-1], 401)
    for label, (name, (color, marker)) in enumerate(zip(_NAMES, _LOOKS, strict=True)):
        own = x[y == label]
        # Instances with the same value would hide each other; rows of fixed offsets show them all.
        offset = np.array([np.sum(own[:i] == value) for i, value in enumerate(own)]) * 0.025
        heights = 1.06 + offset if label else -0.06 - offset
        axis.scatter(own, heights, s=14, color=color, marker=marker, linewidth=0, label=name)
    axis.plot(places, np.heaviside(places - middle, 1), "--", color="#444444", label="step")
    axis.plot(places, 1 / (1 + np.exp(-steepness * (places - middle))), color=COLORS[0], label="smooth curve")
    middles = (edges[1:] + edges[:-1]) / 2
    axis.plot(middles, measured, "D", color="black", markersize=6, label=f"share of {_NAMES[1]}", zorder=4)
    axis.set(xlabel="sepal length (cm)", ylabel="share, or output of the unit", yticks=np.arange(0, 1.01, 0.25))
    axis.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


@picture
def probabilities(predict, X, y):
    """Draw flowers over shades of the probability of class 1, with lines at 0.1, 0.3, 0.5, 0.7 and 0.9.

    Parameters
    ----------
    predict : callable
        Takes points [n, 2], returns the probabilities of class 1, [n].
    X : array_like, shape [n, 2]
        Length and width of the sepals in cm.
    y : array_like of 0 and 1, shape [n]

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, or a label is neither 0 nor 1.

    Examples
    --------
    >>> figure = probabilities(lambda X: X[:, 0], [[0, 0], [1, 1]], [0, 1])
    >>> figure.axes[0].get_xlabel()
    'sepal length (cm)'
    """
    figure, axis, grid = _scattered(X, y, "cm")
    shown = np.asarray(predict(np.column_stack([g.ravel() for g in grid]))).reshape(grid[0].shape)
    edges = (0, *_PROBABILITIES, 1)
    middles = [(low + high) / 2 for low, high in zip(edges[:-1], edges[1:], strict=True)]
    axis.contourf(*grid, shown, levels=edges, colors=[_SHADES(middle) for middle in middles], alpha=0.45, zorder=0)
    widths = [2.2 if p == 0.5 else 0.9 for p in _PROBABILITIES]
    lines = axis.contour(*grid, shown, levels=_PROBABILITIES, colors="#222222", linewidths=widths, zorder=1)
    axis.clabel(lines, fontsize=9, fmt="%.1f")
    axis.grid(visible=False)
    figure.legend(loc="outside lower center", ncols=2)
    return figure


@picture
def many_lines(X, y, lines, line, *, names):
    """Draw flowers, many boundaries of one method as thin lines, and one of another as a thick line.

    Parameters
    ----------
    X : array_like, shape [n, 2]
        Length and width of the sepals, standardized.
    y : array_like of 0 and 1, shape [n]
    lines : array_like, shape [n_lines, 3]
        Rows (w_1, w_2, b) of the boundaries w·x + b = 0.
    line : array_like, shape [3]
    names : (str, str), keyword-only
        Of the many lines, and of the one.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, or a label is neither 0 nor 1.

    Examples
    --------
    >>> figure = many_lines(
    ...     [[0, 0], [1, 1]], [0, 1], [[1, 0, -0.5], [0, 1, -0.5]], [1, 1, -1], names=("many", "one")
    ... )
    >>> len(figure.axes[0].get_lines())
    3
    """
    lines, line = as_array(lines, "lines", ndim=2, columns=3), as_array(line, "line", ndim=1, length=3)
    figure, axis, _ = _scattered(X, y, "standardized")
    for index, (w1, w2, b) in enumerate([*lines, line]):
        normal, many = np.array([w1, w2]), index < len(lines)
        foot = -b * normal / (normal @ normal)
        axis.axline(
            foot,
            foot + [-w2, w1],
            color="#666666" if many else COLORS[0],
            linewidth=0.8 if many else 3,
            label=names[not many] if index in (0, len(lines)) else None,
            zorder=2 if many else 3,
        )
    figure.legend(loc="outside lower center", ncols=2)
    return figure


def _labels(y, length):
    y = as_array(y, "y", ndim=1, length=length)
    if not np.isin(y, (0, 1)).all():
        raise ValueError(f"y must hold only 0 and 1; got {np.unique(y)[:5]}")
    return y.astype(int)


def _scattered(X, y, unit):
    """Return a figure with the points in it, its axis, and a grid over the points and a margin of a tenth."""
    X = as_array(X, "X", ndim=2, columns=2)
    y = _labels(y, len(X))
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.1 * (high - low)
    grid = np.meshgrid(*(np.linspace(a, b, _GRID) for a, b in zip(low - margin, high + margin, strict=True)))
    figure, axes = new_figure(width=5.4, height=4.4)
    axis = axes[0, 0]
    for label, (name, (color, marker)) in enumerate(zip(_NAMES, _LOOKS, strict=True)):
        own = X[y == label].T
        axis.scatter(*own, color=color, marker=marker, s=34, edgecolor="black", linewidth=0.5, label=name, zorder=4)
    axis.set(xlim=grid[0][0, [0, -1]], ylim=grid[1][[0, -1], 0])
    axis.set(xlabel=f"sepal length ({unit})", ylabel=f"sepal width ({unit})")
    return figure, axis, grid
