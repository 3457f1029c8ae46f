"""Histograms of many layers at once: one column a layer, dark where many values lie."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_int
from coursepkg.plots.style import new_figure, picture


@picture
def histogram_heatmap(panels, *, x_label="layer", y_label, y_range, bins=60):
    """Draw a grid of panels; each shows the histograms of a sequence of layers, side by side and seen from above.

    Each histogram is scaled to its fullest bin. Values outside the range are drawn in the outermost bins, so that
    nothing gets lost. All panels share both axes.

    Parameters
    ----------
    panels : dict of str to dict of str to sequence of array_like, shape [n_values]
        Rows of the grid by name, in each row its columns by name, in each panel the values of layer 1, 2, …; the
        columns are those of the first row. A layer may lack values: its column stays white.
    x_label, y_label : str, keyword-only
        What the histograms follow, and what was counted, with its unit.
    y_range : (float, float), keyword-only
        Lowest and highest value that is shown.
    bins : int >= 1
        Number of equal intervals.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no panel, the rows differ in their columns, values are not numeric vectors, or the range is empty.

    Examples
    --------
    >>> layers = [[0.0, 1.0], [2.0, 2.0]]
    >>> figure = histogram_heatmap({"tanh": {"naive": layers, "Glorot": layers}}, y_label="output", y_range=(-1, 3))
    >>> [axis.get_title() for axis in figure.axes]
    ['naive', 'Glorot']
    """
    if not panels or not all(panels.values()):
        raise ValueError("panels is empty: expected at least one row with one panel")
    columns = list(next(iter(panels.values())))
    for name, row in panels.items():
        if list(row) != columns:
            raise ValueError(f"panels[{name!r}] must have the columns {columns}; got {list(row)}")
    bins = as_int(bins, "bins", low=1)
    low, high = as_array(y_range, "y_range", ndim=1, length=2)
    if not low < high:
        raise ValueError(f"y_range must rise from low to high; got {tuple(y_range)}")
    edges = np.linspace(low, high, bins + 1)
    shares = {
        (name, column): np.column_stack(
            [
                _share(values, f"panels[{name!r}][{column!r}][{i}]", edges)
                for i, values in enumerate(panels[name][column])
            ]
        )
        for name in panels
        for column in columns
    }
    size = {"width": max(1.75, 4.2 / len(columns)), "height": 1.6}
    figure, axes = new_figure(len(panels), len(columns), **size, sharex=True, sharey=True)
    for axis, ((name, column), share) in zip(axes.flat, shares.items(), strict=True):
        layers = np.arange(share.shape[1] + 1) + 0.5  # edges, so that layer 1 is centered on 1
        axis.pcolormesh(layers, edges, np.ma.masked_equal(share, 0), cmap="viridis_r", vmin=0, vmax=1)
        if name == next(iter(panels)):
            axis.set_title(column)
        if name == list(panels)[-1]:
            axis.set_xlabel(x_label)
        if column == columns[0]:
            axis.set_ylabel(f"{name}\n{y_label}")
    return figure


def _share(values, name, edges):
    """Return the histogram of one layer, relative to its fullest bin."""
    values = as_array(values, name, ndim=1, empty=True)
    counts, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return counts / max(counts.max(), 1)
