"""Small gray images in rows, and points on a map."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_dict, as_int, as_pair
from coursepkg.plots.style import MARKERS, new_axis, new_figure, picture


@picture
def image_grid(images, *, columns=10, titles=None, value_range=None):
    """Draw gray images row by row; the larger a value, the darker.

    Parameters
    ----------
    images : array_like, shape [n, height, width]
        Real numbers.
    columns : int, keyword-only
        Images a row.
    titles : sequence of str, optional
        One short text above each image.
    value_range : (float, float), optional
        Values drawn white and black; by default the smallest and the largest of all images.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the images are not numeric or not of the shape [n, height, width], or the titles do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> len(image_grid(np.zeros((3, 28, 28)), columns=2).axes)
    4
    """
    images = as_array(images, "images", ndim=3)
    columns = min(as_int(columns, "columns", low=1), len(images))
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"titles must hold {len(images)} texts, one for each image; got {len(titles)}")
    low, high = (images.min(), images.max()) if value_range is None else as_pair(value_range, "value_range")
    rows = -(-len(images) // columns)
    width = min(1.3, 8 / columns)
    lines = 0 if titles is None else 1 + max(str(title).count("\n") for title in titles)
    figure, axes = new_figure(rows, columns, width=width, height=width + 0.14 * lines + 0.1 * bool(lines))
    for axis in axes.flat:
        axis.set_axis_off()
    for index, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        axis.imshow(image, vmin=low, vmax=high, interpolation="nearest")
        if titles is not None:
            axis.set_title(titles[index], fontsize=8)
    return figure


@picture
def colored_points(x, y, values, *, x_label, y_label, value_label, ax=None):
    """Draw points of a plane, or of a map, colored by a value.

    Parameters
    ----------
    x, y : array_like, shape [n]
        Coordinates.
    values : array_like, shape [n]
        What the color shows, from dark (small) to bright (large).
    x_label, y_label, value_label : str, keyword-only
        Names of the axes and of the color, with units.
    ax : matplotlib.axes.Axes, keyword-only, optional
        Where to draw, to combine pictures; by default in a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the arrays are not numeric vectors of one length.

    Examples
    --------
    >>> figure = colored_points([0, 1], [0, 1], [5, 6], x_label="a", y_label="b", value_label="c")
    >>> figure.axes[1].get_ylabel()
    'c'
    """
    x = as_array(x, "x", ndim=1)
    y = as_array(y, "y", ndim=1, length=len(x))
    values = as_array(values, "values", ndim=1, length=len(x))
    figure, axis = new_axis(ax, width=5.6, height=4.4)
    order = np.argsort(values)  # the largest on top, where they would be hidden otherwise
    points = axis.scatter(x[order], y[order], c=values[order], s=4, cmap="cividis", linewidth=0, marker=MARKERS[0])
    figure.colorbar(points, ax=axis, label=value_label)
    axis.set(xlabel=x_label, ylabel=y_label)
    return figure


@picture
def histogram(values, *, x_label, bins=50, y_label="count", ax=None):
    """Draw how often values occur.

    Parameters
    ----------
    values : array_like, shape [n], or dict of str to array_like
        One set of values, or several by name, drawn as outlines over each other.
    x_label : str, keyword-only
        What the values are, with their unit.
    bins : int
        Number of equal intervals from the smallest to the largest value.
    y_label : str
    ax : matplotlib.axes.Axes, keyword-only, optional
        Where to draw, to combine pictures; by default in a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the values are not numeric vectors.

    Examples
    --------
    >>> figure = histogram([1.0, 1.0, 2.0], bins=2, x_label="price")
    >>> figure.axes[0].get_ylabel()
    'count'
    """
    sets = (
        as_dict(values, "values", "array") if isinstance(values, dict) or hasattr(values, "columns") else {"": values}
    )
    arrays = {name: as_array(array, f"values[{name!r}]" if name else "values", ndim=1) for name, array in sets.items()}
    bins = as_int(bins, "bins", low=1)
    edges = np.histogram_bin_edges(np.concatenate(list(arrays.values())), bins)
    figure, axis = new_axis(ax, width=5.6, height=3.2)
    for name, array in arrays.items():
        axis.hist(array, edges, histtype="stepfilled" if len(arrays) == 1 else "step", linewidth=1.6, label=name)
    axis.set(xlabel=x_label, ylabel=y_label)
    if len(arrays) > 1:
        axis.legend()
    return figure
