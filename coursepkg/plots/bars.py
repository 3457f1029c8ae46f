"""Amounts of a few things side by side."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_dict, as_float
from coursepkg.plots.style import COLORS, new_axis, picture


@picture
def bars(amounts, *, x_label, digits=0, ax=None):
    """Draw one horizontal bar for each amount, the first at the top, with its number at the end.

    Parameters
    ----------
    amounts : dict of str to float >= 0, or pandas.Series
        Amounts by name.
    x_label : str, keyword-only
        What is measured, with its unit.
    digits : int
        Decimals of the numbers.
    ax : matplotlib.axes.Axes, keyword-only, optional
        Where to draw, to combine pictures; by default in a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no amount, or one is no finite number >= 0.

    Examples
    --------
    >>> figure = bars({"weights": 80, "optimizer": 160}, x_label="numbers")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['weights', 'optimizer']
    """
    amounts = as_dict(amounts, "amounts", "bar")
    lengths = [as_float(value, f"amounts[{name!r}]", low=0) for name, value in amounts.items()]
    figure, axis = new_axis(ax, width=5.6, height=0.7 + 0.36 * len(lengths))
    drawn = axis.barh(np.arange(len(lengths)), lengths, height=0.65, color=COLORS[0])
    axis.bar_label(drawn, [f"{length:,.{digits}f}" for length in lengths], padding=4)
    axis.set(xlabel=x_label, xlim=(0, 1.18 * max([*lengths, 1e-12])))
    axis.set_yticks(np.arange(len(lengths)), labels=list(amounts))
    axis.invert_yaxis()
    axis.grid(False, axis="y")
    return figure
