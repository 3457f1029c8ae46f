"""How a distribution changes: one outline behind the other, the latest in front."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_int
from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def ridgeline(histograms, *, x_label, y_label="epoch", first=0, most=12):
    """Draw histograms that were taken one after the other, each a little below the one before.

    Parameters
    ----------
    histograms : dict of str to sequence of array_like, shape [n_bins, 3]
        One panel a name. Each row is a bin: left edge, right edge, count, as TensorBoard stores it. The outlines show
        densities, so bins may differ in width and histograms in their edges. All panels share both axes.
    x_label : str, keyword-only
        What was counted, with its unit.
    y_label : str
        What the histograms follow.
    first : int
        Number of the first histogram of a panel.
    most : int >= 1
        Histograms drawn in a panel at most, at equal distances, first and last among them.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no histogram, or one is not of the shape [n_bins, 3].

    Examples
    --------
    >>> bins = [[-1, 0, 5], [0, 1, 5]]
    >>> figure = ridgeline({"hidden": [bins, bins], "output": [bins]}, x_label="weight")
    >>> [axis.get_title() for axis in figure.axes]
    ['hidden', 'output']
    """
    if not histograms or not all(len(panel) for panel in histograms.values()):
        raise ValueError("histograms is empty: expected at least one histogram in each panel")
    first, most = as_int(first, "first"), as_int(most, "most", low=1)
    outlines = {
        name: [_outline(bins, f"histograms[{name!r}][{i}]") for i, bins in enumerate(panel)]
        for name, panel in histograms.items()
    }
    highest = max(density.max() for panel in outlines.values() for _, density in panel) or 1.0
    figure, axes = new_figure(1, len(outlines), width=max(2.6, 5.6 / len(outlines)), sharex=True, sharey=True)
    for axis, (name, panel) in zip(axes[0], outlines.items(), strict=True):
        chosen = np.unique(np.linspace(0, len(panel) - 1, min(most, len(panel))).round().astype(int))
        height = 2.5 * max(1.0, (len(panel) - 1) / len(chosen))  # of the highest outline, in steps of the y axis
        for order, index in enumerate(chosen):
            x, density = panel[index]
            base = first + index
            level = base - height * density / highest
            axis.fill_between(x, level, base, color=COLORS[5], edgecolor="none", alpha=0.85, zorder=2 + order)
            axis.plot(x, level, color=COLORS[0], linewidth=1.0, zorder=2 + order)
        axis.set(title=name, xlabel=x_label)
    axes[0, 0].set_ylabel(y_label)
    axes[0, 0].invert_yaxis()  # the latest at the bottom, in front
    axes[0, 0].yaxis.get_major_locator().set_params(integer=True)
    return figure


def _outline(bins, name):
    """Return the corners of a histogram's steps and the density at each."""
    bins = as_array(bins, name, ndim=2, columns=3)
    bins = bins[bins[:, 1] > bins[:, 0]]  # TensorBoard may end with a bin without width
    if not len(bins):
        raise ValueError(f"{name} has no bin that is wider than 0: expected left edge < right edge")
    width = bins[:, 1] - bins[:, 0]
    density = bins[:, 2] / (width * max(bins[:, 2].sum(), 1))
    x = np.concatenate([bins[:1, 0], bins[:, :2].ravel(), bins[-1:, 1]])
    return x, np.concatenate([[0], np.repeat(density, 2), [0]])
