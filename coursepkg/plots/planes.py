"""Points of a plane with the lines and regions that a classifier draws between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.colors import ListedColormap

from coursepkg._validation import as_array, as_int
from coursepkg.plots.style import COLORS, MARKERS, new_figure, picture

_RESOLUTION = 300  # points a side at which regions are evaluated


@dataclass(frozen=True)
class Line:
    """The boundary w·x + b = 0 of one threshold unit; a line's arrow points to the side where the unit fires.

    Examples
    --------
    >>> Line(weights=(1.0, 1.0), bias=-1.5, label="AND").label
    'AND'
    """

    weights: Sequence[float]
    bias: float
    label: str | None = None
    dashed: bool = False


@dataclass(frozen=True)
class Plane:
    """One panel: labeled points, and what is drawn between them.

    Attributes
    ----------
    X : array_like, shape [n_samples, 2]
    y : array_like, shape [n_samples]
        Class labels; each class gets its own color and marker.
    lines : sequence of Line
    predict : callable, optional
        Takes points [n, 2], returns labels [n]; colors the regions of the plane.
    ringed : sequence of int
        Indices of points to be ringed, for instance the mistaken ones.
    title : str
    limits : ((float, float), (float, float)), optional
        Ranges of the two axes; by default the points and a margin of a tenth.

    Examples
    --------
    >>> Plane([[0, 0], [1, 1]], [0, 1], title="two points").title
    'two points'
    """

    X: np.ndarray
    y: np.ndarray
    lines: Sequence[Line] = ()
    predict: Callable | None = None
    ringed: Sequence[int] = ()
    title: str = ""
    limits: tuple | None = None


@picture
def planes(panels, *, axis_labels, class_names=None, columns=None):
    """Draw planes side by side, with one legend.

    Parameters
    ----------
    panels : sequence of Plane
    axis_labels : (str, str), keyword-only
        Names, with units, of the two coordinates.
    class_names : sequence of str, optional
        Names of the sorted labels, for the legend.
    columns : int, optional
        Panels a row; by default all of them.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no panel, or the points of one are not of shape [n, 2] with one label each.

    Examples
    --------
    >>> gate = Plane([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1], lines=[Line((1, 1), -1.5)])
    >>> len(planes([gate, gate], axis_labels=("$x_1$", "$x_2$")).axes)
    2
    """
    panels = list(panels)
    if not panels:
        raise ValueError("panels is empty: expected at least one Plane")
    columns = as_int(len(panels) if columns is None else columns, "columns", low=1)
    rows = -(-len(panels) // columns)
    width = 5.0 if columns == 1 else max(2.1, min(3.4, 10 / columns))
    figure, axes = new_figure(rows, columns, width=width, height=0.85 * width, sharex=False, sharey=False)
    for axis, panel in zip(axes.flat, panels, strict=False):
        _draw(axis, panel, class_names)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for row in axes:
        row[0].set_ylabel(axis_labels[1])
    for index in range(max(0, len(panels) - columns), len(panels)):
        axes.flat[index].set_xlabel(axis_labels[0])
    handles, labels = axes[0, 0].get_legend_handles_labels()
    if labels:
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 2 if columns == 1 else 4))
    return figure


def decision_boundary(predict, X, y, *, axis_labels, class_names=None, title=""):
    """Draw points and the regions into which a classifier cuts the plane; mistaken points are ringed.

    Parameters
    ----------
    predict : callable
        Takes points [n, 2], returns labels [n].
    X : array_like, shape [n_samples, 2]
    y : array_like, shape [n_samples]
    axis_labels : (str, str), keyword-only
        Names, with units, of the two features.
    class_names : sequence of str, optional
        Names of the sorted labels.
    title : str

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If ``predict`` cannot be called or the points are not of shape [n, 2] with one label each.

    Examples
    --------
    >>> figure = decision_boundary(lambda X: X[:, 0] > 0.5, [[0, 0], [1, 0]], [0, 1], axis_labels=("a", "b"))
    >>> figure.axes[0].get_xlabel()
    'a'
    """
    if not callable(predict):
        raise TypeError(f"predict must be a function, such as model.predict; got {predict!r}")
    X = as_array(X, "X", ndim=2, columns=2)
    ringed = np.flatnonzero(np.asarray(predict(X)) != np.asarray(y))
    panel = Plane(X, y, predict=predict, ringed=ringed, title=title)
    return planes([panel], axis_labels=axis_labels, class_names=class_names)


def _draw(axis, panel, class_names):
    X = as_array(panel.X, "X", ndim=2, columns=2)
    y = np.asarray(panel.y)
    if y.shape != (len(X),):
        raise ValueError(f"y must hold one label for each of the {len(X)} points; got shape {y.shape}")
    classes = np.unique(y)
    names = [str(c) for c in classes] if class_names is None else class_names
    (x_low, x_high), (y_low, y_high) = panel.limits or [
        (low - 0.1 * (high - low or 1), high + 0.1 * (high - low or 1))
        for low, high in zip(X.min(axis=0), X.max(axis=0), strict=True)
    ]
    if panel.predict is not None:
        grid = np.meshgrid(np.linspace(x_low, x_high, _RESOLUTION), np.linspace(y_low, y_high, _RESOLUTION))
        labels = np.asarray(panel.predict(np.column_stack([g.ravel() for g in grid])))
        regions = np.searchsorted(classes, labels).reshape(grid[0].shape)
        axis.pcolormesh(
            *grid,
            regions,
            cmap=ListedColormap(COLORS[: len(classes)]),
            alpha=0.18,
            vmin=-0.5,
            vmax=len(classes) - 0.5,
            rasterized=True,
        )
    for index, label in enumerate(classes):
        axis.scatter(
            *X[y == label].T,
            color=COLORS[index],
            marker=MARKERS[index],
            s=26,
            edgecolor="white",
            linewidth=0.5,
            label=names[index],
            zorder=3,
        )
    if len(panel.ringed):
        axis.scatter(
            *X[panel.ringed].T, s=110, facecolor="none", edgecolor=COLORS[4], linewidth=1.6, label="mistaken", zorder=4
        )
    for index, line in enumerate(panel.lines):
        _draw_line(axis, line, COLORS[7] if len(panel.lines) == 1 else COLORS[(index + 3) % 5 + 1])
    axis.set(xlim=(x_low, x_high), ylim=(y_low, y_high), title=panel.title)


def _draw_line(axis, line, color):
    weights = as_array(line.weights, "weights", ndim=1, length=2)
    if not weights.any():
        return  # zero weights draw no line: the untrained unit
    foot = -line.bias * weights / (weights @ weights)
    normal = weights / np.linalg.norm(weights)
    axis.axline(
        foot,
        foot + np.array([-normal[1], normal[0]]),
        color=color,
        linestyle="--" if line.dashed else "-",
        label=line.label,
        zorder=2,
    )
