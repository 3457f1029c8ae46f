"""Images with the probabilities that a classifier states for them."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_int, rounding_of, within_0_and_1
from coursepkg.plots.style import COLORS, new_figure, picture

_WIDTH = 8  # inches of a row of panels: as wide as a page shows without shrinking
_TRUE, _OTHER = COLORS[1], COLORS[0]


@picture
def prediction_grid(images, probabilities, *, class_names, labels=None, columns=4):
    """Draw gray images, and below each the probability that a classifier gives to every class.

    Above an image stands the most probable class. A dot beside a bar marks the true class.

    Parameters
    ----------
    images : array_like, shape [n, height, width]
        Real numbers; the larger a value, the darker.
    probabilities : array_like in [0, 1], shape [n, n_classes]
        One row an image.
    class_names : sequence of str, keyword-only
        One name a class.
    labels : array_like of int, shape [n], optional
        True classes, 0 … n_classes - 1.
    columns : int >= 1
        Images a row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit one another, or a number is out of its range.

    Examples
    --------
    >>> import numpy as np
    >>> figure = prediction_grid(np.zeros((1, 8, 8)), [[0.2, 0.8]], class_names=["bag", "boot"], labels=[0])
    >>> figure.axes[0].get_title(), [float(bar.get_width()) for bar in figure.axes[1].patches]
    ('boot', [0.2, 0.8])
    """
    images = as_array(images, "images", ndim=3)
    names = [str(name) for name in class_names]
    shares = as_array(probabilities, "probabilities", ndim=2, columns=len(names), length=len(images))
    shares = within_0_and_1(shares, "probabilities", rounding=rounding_of(probabilities, 1e-5))
    labels = None if labels is None else _labels(labels, len(images), len(names))
    columns = min(as_int(columns, "columns", low=1), len(images))
    rows = -(-len(images) // columns)
    heights = [1.1, 0.14 * len(names) + 0.3]
    figure, axes = new_figure(
        2 * rows,
        columns,
        width=min(1.9, _WIDTH / columns),
        height=sum(heights) / 2 + 0.1,
        gridspec_kw={"height_ratios": heights * rows},
    )
    for axis in axes.flat:
        axis.set_axis_off()
    for index, (image, row) in enumerate(zip(images, shares, strict=True)):
        upper, lower = axes[2 * (index // columns) : 2 * (index // columns) + 2, index % columns]
        upper.imshow(image, vmin=images.min(), vmax=images.max(), interpolation="nearest")
        upper.set_title(names[int(row.argmax())], fontsize=9)
        _bars(lower, row, names if index % columns == 0 else None, None if labels is None else labels[index])
    return figure


def _bars(axis, row, names, true):
    axis.set_axis_on()
    places = np.arange(len(row))
    colors = [_TRUE if place == true else _OTHER for place in places]
    axis.barh(places, row, height=0.75, color=colors)
    if true is not None:
        axis.plot(row[true] + 0.08, true, marker="o", markersize=4, color=_TRUE, clip_on=False)
    axis.set(xlim=(0, 1), ylim=(len(row) - 0.5, -0.5), xticks=[0, 0.5, 1])
    axis.set_xticklabels(["0", "½", "1"])
    axis.set_yticks(places, names or [""] * len(row))
    axis.tick_params(labelsize=7, length=0)
    axis.grid(visible=False, axis="y")


def _labels(labels, n, n_classes):
    array = as_array(labels, "labels", ndim=1, length=n)
    wrong = array[(array != array.round()) | (array < 0) | (array >= n_classes)]
    if wrong.size:
        raise ValueError(f"labels must be integers from 0 to {n_classes - 1}; found {wrong[0]:g}")
    return array.astype(int)
