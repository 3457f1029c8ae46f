"""The thinned networks that dropout trains."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_int
from coursepkg.plots.style import COLORS, new_figure, picture

_LARGEST = 5  # 32 panels; more would be too small to read


@picture
def thinned_networks(n_hidden, *, n_inputs=3, n_outputs=2):
    """Draw every network that dropout can leave of one hidden layer, the full one first.

    Parameters
    ----------
    n_hidden : int, from 1 to 5
        Hidden units; each is there or is not, so that there are 2 ** n_hidden panels.
    n_inputs, n_outputs : int >= 1, keyword-only

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = thinned_networks(2)
    >>> [axis.get_title() for axis in figure.axes]
    ['2 of 2', '1 of 2', '1 of 2', '0 of 2']
    """
    n_hidden = as_int(n_hidden, "n_hidden", low=1, high=_LARGEST)
    sizes = [as_int(n_inputs, "n_inputs", low=1), n_hidden, as_int(n_outputs, "n_outputs", low=1)]
    masks = (np.arange(2**n_hidden)[::-1, None] >> np.arange(n_hidden)[::-1]) & 1
    masks = masks[np.argsort(-masks.sum(axis=1), kind="stable")]
    columns = min(8, len(masks))
    rows = -(-len(masks) // columns)
    figure, axes = new_figure(rows, columns, width=0.95, height=1.1)
    for axis, mask in zip(axes.flat, masks, strict=True):
        _draw(axis, sizes, mask)
        axis.set_title(f"{mask.sum()} of {n_hidden}", fontsize=8, pad=2)
    return figure


def _draw(axis, sizes, mask):
    heights = [np.arange(n) - (n - 1) / 2 for n in sizes]
    for unit in np.flatnonzero(mask):
        for step, ends in ((0, heights[0]), (1, heights[2])):
            for end in ends:
                y = (end, heights[1][unit]) if step == 0 else (heights[1][unit], end)
                axis.plot((step, step + 1), y, color="#999999", linewidth=0.6, zorder=1)
    for layer, color in ((0, "#DDDDDD"), (2, "#DDDDDD")):
        axis.scatter([layer] * sizes[layer], heights[layer], s=22, color=color, edgecolor="#333333", zorder=3)
    there = mask == 1
    axis.scatter([1] * there.sum(), heights[1][there], s=30, color=COLORS[0], edgecolor="#333333", zorder=3)
    if not there.all():
        axis.scatter([1] * (~there).sum(), heights[1][~there], s=22, marker="x", color="#888888", zorder=3)
    high = max(abs(h).max() for h in heights) + 0.5
    axis.set(xlim=(-0.3, 2.3), ylim=(-high, high))
    axis.set_axis_off()
