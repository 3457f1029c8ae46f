"""Results against the sizes at which they were measured, where each method has sizes of its own."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from coursepkg._validation import as_array, one_of
from coursepkg.plots.style import COLORS, MARKERS, new_figure, picture


@picture
def bands_by_size(results, *, x_label, y_label, x_scale="log", y_scale="linear", levels=None):
    """Draw for each method the median of its runs over its own sizes, and a band from the lowest to the highest.

    Parameters
    ----------
    results : dict of str to tuple (sizes, runs)
        By method: ``sizes`` of shape [n_points], such as numbers of parameters, and ``runs`` of shape
        [n_seeds, n_points]. The numbers of points may differ; a single point is drawn as a bar with its marker.
    x_label, y_label : str, keyword-only
        Names of the axes, with units.
    x_scale, y_scale : {"linear", "log"}
    levels : dict of str to float, keyword-only, optional
        Horizontal lines by name, such as a baseline.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no method, runs do not fit their sizes, or a scale is unknown.

    Examples
    --------
    >>> figure = bands_by_size({"deep": ([10, 100], [[3, 1], [5, 1.5]])}, x_label="parameters", y_label="error")
    >>> [float(y) for y in figure.axes[0].get_lines()[0].get_ydata()]
    [4.0, 1.25]
    """
    if not isinstance(results, dict) or not results:
        raise ValueError(f"results must be a dict with at least one method; got {results!r}")
    for name, scale in (("x_scale", x_scale), ("y_scale", y_scale)):
        one_of(scale, name, ("linear", "log"))
    figure, axes = new_figure(width=5.6, height=3.6)
    axis = axes[0, 0]
    for index, (name, (sizes, runs)) in enumerate(results.items()):
        sizes = as_array(sizes, f"sizes of {name!r}", ndim=1)
        runs = as_array(runs, f"runs of {name!r}", ndim=2, columns=len(sizes))
        color, marker = COLORS[index % len(COLORS)], MARKERS[index % len(MARKERS)]
        low, middle, high = runs.min(axis=0), np.median(runs, axis=0), runs.max(axis=0)
        axis.plot(sizes, middle, color=color, marker=marker, markersize=5, label=name)
        if len(sizes) > 1:
            axis.fill_between(sizes, low, high, color=color, alpha=0.18, linewidth=0)
        else:
            axis.vlines(sizes, low, high, color=color, alpha=0.5, linewidth=3)
    for name, level in (levels or {}).items():
        axis.axhline(level, color="#444444", linestyle="--", linewidth=1.2, label=name)
    axis.set(xlabel=x_label, ylabel=y_label, xscale=x_scale, yscale=y_scale)
    if x_scale == "log":
        low, high = axis.get_xlim()
        # Round numbers in full, as many of them as have room.
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 60 * low else (1,)))
        axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}" if low >= 1 else "{x:g}"))
        axis.xaxis.set_minor_formatter(NullFormatter())
    if len(results) + len(levels or {}) > 1:
        axis.legend()
    return figure
