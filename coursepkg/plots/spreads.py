"""What repetitions with other seeds give: a comparison is only as good as its spread."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, one_of
from coursepkg.plots.style import COLORS, MARKERS, new_figure, picture


@picture
def bands(x, runs, *, x_label, y_label, x_scale="linear", y_scale="linear", markers=False):
    """Draw the median of several runs as a line, and as a band all that lies between the lowest and the highest.

    Parameters
    ----------
    x : array_like, shape [n_points]
    runs : dict of str to array_like, shape [n_seeds, n_points]
        One row a run; NaN leaves a gap.
    x_label, y_label : str, keyword-only
        Names of the axes, with units.
    x_scale, y_scale : {"linear", "log"}
    markers : bool
        Mark each point; for few points.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no run, a run does not fit ``x``, or a scale is unknown.

    Examples
    --------
    >>> figure = bands([1, 2], {"SGD": [[0.9, 0.5], [0.7, 0.25], [0.8, 0.6]]}, x_label="epoch", y_label="loss")
    >>> [float(y) for y in figure.axes[0].get_lines()[0].get_ydata()]
    [0.8, 0.5]
    """
    x = as_array(x, "x", ndim=1)
    _some(runs)
    for name, scale in (("x_scale", x_scale), ("y_scale", y_scale)):
        one_of(scale, name, ("linear", "log"))
    figure, axes = new_figure(width=5.6, height=3.4)
    axis = axes[0, 0]
    for index, (name, rows) in enumerate(runs.items()):
        rows = as_array(rows, f"runs[{name!r}]", ndim=2, columns=len(x), finite=False)
        color, marker = COLORS[index % len(COLORS)], MARKERS[index % len(MARKERS)] if markers else None
        axis.plot(x, np.median(rows, axis=0), color=color, marker=marker, markersize=4, label=name)
        axis.fill_between(x, rows.min(axis=0), rows.max(axis=0), color=color, alpha=0.2, linewidth=0)
    axis.set(xlabel=x_label, ylabel=y_label, xscale=x_scale, yscale=y_scale)
    if len(runs) > 1:
        axis.legend()
    return figure


@picture
def dots(results, *, x_label, levels=None):
    """Draw every result as a dot, one row a method, and their median as a bar.

    Parameters
    ----------
    results : dict of str to array_like, shape [n_seeds]
        The results of each method, from top to bottom; the numbers of seeds may differ.
    x_label : str, keyword-only
        What was measured, with its unit.
    levels : dict of str to float, keyword-only, optional
        Vertical lines by name, such as a baseline.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no method, or one has no result.

    Examples
    --------
    >>> figure = dots({"frozen": [0.8, 0.9], "from scratch": [0.7, 0.8]}, x_label="accuracy")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['frozen', 'from scratch']
    """
    _some(results)
    rows = [as_array(values, f"results[{name!r}]", ndim=1) for name, values in results.items()]
    figure, axes = new_figure(width=5.6, height=0.9 + 0.36 * len(rows))
    axis = axes[0, 0]
    for place, values in enumerate(rows):
        # Beside one another in a fixed order, so that equal results do not hide each other.
        offsets = np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else [0]
        axis.plot(values, place + np.asarray(offsets), "o", color=COLORS[0], markersize=4, alpha=0.75)
        axis.plot([np.median(values)] * 2, [place - 0.34, place + 0.34], color="#444444", linewidth=2)
    for index, (name, level) in enumerate((levels or {}).items()):
        axis.axvline(level, color="#444444", linestyle=("--", ":", "-.", "-")[index % 4], linewidth=1.2, label=name)
    axis.set(xlabel=x_label, ylim=(len(rows) - 0.5, -0.5))
    axis.set_yticks(range(len(rows)), list(results))
    axis.grid(axis="y", visible=False)
    if levels:
        axis.legend()
    return figure


def _some(values):
    if not isinstance(values, dict) or not values:
        raise ValueError(f"expected a dict with at least one method; got {values!r}")
