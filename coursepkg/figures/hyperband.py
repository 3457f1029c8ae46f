"""Learning curves of configurations of which most are stopped early."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array
from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def stopped_curves(budgets, losses, stopped_at, *, x_label="epochs", y_label="loss", x_scale="log"):
    """Draw learning curves up to where each training was stopped, and pale what would have followed.

    Parameters
    ----------
    budgets : array_like, shape [n_budgets], increasing
    losses : array_like, shape [n_configs, n_budgets]
    stopped_at : array_like, shape [n_configs]
        The budget that each configuration got.
    x_label, y_label : str, keyword-only
    x_scale : {"linear", "log"}

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the arrays do not fit together.

    Examples
    --------
    >>> figure = stopped_curves([1, 2, 4], [[3, 2, 1], [4, 4, 4]], stopped_at=[4, 1])
    >>> len(figure.axes[0].get_lines())
    4
    """
    budgets = as_array(budgets, "budgets", ndim=1)
    losses = as_array(losses, "losses", ndim=2, columns=len(budgets))
    stopped_at = as_array(stopped_at, "stopped_at", ndim=1, length=len(losses))
    figure, axes = new_figure(width=5.6, height=3.6)
    axis = axes[0, 0]
    last = stopped_at.max()
    for curve, stop in zip(losses, stopped_at, strict=True):
        ran = budgets <= stop
        color = COLORS[4] if stop == last else COLORS[0]
        axis.plot(budgets, curve, color="#BBBBBB", linewidth=0.7, zorder=1)
        axis.plot(budgets[ran], curve[ran], color=color, linewidth=2.2 if stop == last else 1.2, zorder=2)
        axis.scatter(budgets[ran][-1:], curve[ran][-1:], color=color, s=12, zorder=3)
    axis.set(xlabel=x_label, ylabel=y_label, xscale=x_scale)
    ticks = np.unique(stopped_at)
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    return figure
