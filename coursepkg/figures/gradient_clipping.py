"""Vectors in the plane, such as gradients before and after a change."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array
from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def arrows(vectors, *, axis_labels):
    """Draw vectors of the plane as arrows from the origin, both axes in the same scale.

    Parameters
    ----------
    vectors : dict of str to array_like, shape [2]
    axis_labels : tuple of two str, keyword-only

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no vector, or one has another shape or is not finite.

    Examples
    --------
    >>> figure = arrows({"gradient": [3, 4]}, axis_labels=("x", "y"))
    >>> figure.axes[0].get_xlabel()
    'x'
    """
    if not isinstance(vectors, dict) or not vectors:
        raise ValueError(f"vectors must be a dict with at least one vector; got {vectors!r}")
    ends = {name: as_array(vector, f"vectors[{name!r}]", ndim=1, length=2) for name, vector in vectors.items()}
    figure, axes = new_figure(width=4.2, height=3.6)
    axis = axes[0, 0]
    for index, (name, end) in enumerate(ends.items()):
        color = COLORS[index % len(COLORS)]
        axis.quiver(0, 0, *end, angles="xy", scale_units="xy", scale=1, color=color, width=0.012, label=name)
    reach = 1.15 * max(np.abs(end).max() for end in ends.values())
    low = min(0.0, *(end.min() for end in ends.values())) * 1.15 - 0.05 * reach
    axis.set(xlim=(low, reach), ylim=(low, reach), xlabel=axis_labels[0], ylabel=axis_labels[1], aspect="equal")
    axis.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure
