"""Who looks at whom: the shares of attention as maps."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array
from coursepkg.plots.style import new_figure, picture


@picture
def share_maps(maps, labels):
    """Draw shares of attention side by side: a row is a place that looks, a column a place that is looked at.

    Parameters
    ----------
    maps : dict of str to array_like, shape [m_q, m]
        Shares from 0 (white) to 1 (black) by title; each is written into its field if it is at least 0.1.
    labels : sequence of str, length m
        What stands at the places; the last m_q of them name the rows.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no map, or one does not fit the labels or holds a number outside of [0, 1].

    Examples
    --------
    >>> figure = share_maps({"one head": [[0.9, 0.1]]}, ["A4", "B?"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0.9', '0.1']
    """
    if not isinstance(maps, dict) or not maps:
        raise ValueError(f"maps must be a dict with at least one map; got {maps!r}")
    labels, panels = list(labels), {}
    for name, shares in maps.items():
        panels[name] = as_array(shares, f"maps[{name!r}]", ndim=2, columns=len(labels))
        if panels[name].min() < 0 or panels[name].max() > 1 + 1e-9 or len(panels[name]) > len(labels):
            raise ValueError(f"maps[{name!r}] must hold shares from 0 to 1, at most a row for each label")
    rows = max(len(shares) for shares in panels.values())
    size = {"width": 0.42 * len(labels) + 0.6, "height": 0.36 * rows + 1.0}
    figure, axes = new_figure(1, len(panels), **size)
    for axis, (name, shares) in zip(axes[0], panels.items(), strict=True):
        axis.imshow(shares, vmin=0, vmax=1, interpolation="nearest", aspect="auto")
        for i, j in np.argwhere(shares >= 0.1):
            color = "white" if shares[i, j] > 0.5 else "black"
            axis.text(j, i, f"{shares[i, j]:.1f}", ha="center", va="center", fontsize=8, color=color)
        axis.set_xticks(range(len(labels)), labels)
        axis.set_yticks(range(len(shares)), labels[-len(shares) :])
        axis.set(title=name, xlabel="is looked at", ylabel="looks")
        axis.grid(visible=False)
    return figure
