"""How a perceptron learns: one correction as vectors, and how many it needs over many orders."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, one_of
from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def one_mistake(weights, x, target, *, size=3.0):
    """Draw a correction of a unit without bias as vectors: before on the left, after on the right.

    Parameters
    ----------
    weights, x : array_like, shape [2]
        The weights before the correction, and the instance that is mistaken.
    target : {-1, 1}
    size : float > 0, keyword-only
        Both axes run from −size to size.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If a shape or the target is another, or the unit makes no mistake.

    Examples
    --------
    >>> figure = one_mistake([2.0, 0.5], [1.2, -1.8], -1)
    >>> [axis.get_title() for axis in figure.axes]
    ['before: fires, should not', 'after: does not fire']
    """
    w, x = as_array(weights, "weights", ndim=1, length=2), as_array(x, "x", ndim=1, length=2)
    target, size = one_of(target, "target", (-1, 1)), as_float(size, "size", low=0, open_low=True)
    if target * (w @ x) > 0:
        raise ValueError(f"the unit must be wrong about x; but target · (w · x) is {target * (w @ x):g}")
    after = w + target * x
    say = {1: ("fires", "does not fire"), -1: ("does not fire", "fires")}[target]
    figure, axes = new_figure(1, 2, width=3.7, height=3.6, sharex=True, sharey=True)
    _half_plane(axes[0, 0], w, size)
    _arrow(axes[0, 0], (0, 0), w, "$w$", COLORS[0])
    _half_plane(axes[0, 1], after, size)
    _arrow(axes[0, 1], (0, 0), w, "$w$", COLORS[0], faint=True)
    _arrow(axes[0, 1], w, target * x, f"$t\\,x$ ($t$ = {target})".replace("-", "−"), COLORS[4])
    _arrow(axes[0, 1], (0, 0), after, "$w + t\\,x$", COLORS[0], left=True)
    should = "should" if target == 1 else "should not"
    for axis, title in zip(axes[0], (f"before: {say[1]}, {should}", f"after: {say[0]}"), strict=True):
        axis.plot(*x, "o", color=COLORS[4], markersize=8, zorder=4)
        axis.annotate("$x$", x, xytext=(7, -3), textcoords="offset points", color=COLORS[4])
        axis.set(xlim=(-size, size), ylim=(-size, size), title=title, xlabel="$x_1$", aspect="equal")
    axes[0, 0].set_ylabel("$x_2$")
    return figure


def _half_plane(axis, w, size):
    """Draw the boundary of a unit without bias through the origin, and shade where it fires."""
    grid = np.linspace(-size, size, 301)
    fires = w[0] * grid[None, :] + w[1] * grid[:, None] >= 0
    axis.contourf(grid, grid, fires, levels=[0.5, 1.5], colors=[COLORS[5]], alpha=0.25)
    axis.axline((0, 0), (-w[1], w[0]), color="#444444", linewidth=1.4)


def _arrow(axis, start, step, label, color, *, faint=False, left=False):
    start, step = np.asarray(start, dtype=float), np.asarray(step, dtype=float)
    alpha = 0.35 if faint else 1
    axis.annotate(
        "", xy=start + step, xytext=start, zorder=3,
        arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": 2, "alpha": alpha, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip
    place = {"xytext": (-7 if left else 6, 5), "ha": "right" if left else "left", "textcoords": "offset points"}
    axis.annotate(label, start + 0.55 * step, **place, color=color, alpha=alpha)


@picture
def count_bars(counts, *, x_label, y_label, marked=None):
    """Draw how often each whole number occurs, as bars.

    Parameters
    ----------
    counts : array_like of int >= 0, shape [n]
    x_label, y_label : str, keyword-only
    marked : dict of str to int, keyword-only, optional
        Numbers whose bar gets another color, by name.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no count, or one is no whole number >= 0.

    Examples
    --------
    >>> figure = count_bars([3, 4, 4, 6], x_label="mistakes", y_label="orders")
    >>> [int(bar.get_height()) for bar in figure.axes[0].patches]
    [1, 2, 0, 1]
    """
    counts = as_array(counts, "counts", ndim=1)
    if not len(counts) or (counts < 0).any() or (counts % 1).any():
        raise ValueError(f"counts must hold whole numbers >= 0; got {counts[:5]}")
    counts = counts.astype(int)
    places = np.arange(counts.min(), counts.max() + 1)
    heights = [(counts == place).sum() for place in places]
    figure, axes = new_figure(width=6.2, height=2.8)
    axis = axes[0, 0]
    drawn = axis.bar(places, heights, width=0.8, color=COLORS[0])
    for index, (name, number) in enumerate((marked or {}).items()):
        bar = drawn[int(number) - places[0]]
        bar.set(color=COLORS[(1, 4, 2)[index % 3]], label=name)
    axis.set(xlabel=x_label, ylabel=y_label, xticks=places)
    axis.grid(visible=False, axis="x")
    if marked:
        axis.legend()
    return figure
