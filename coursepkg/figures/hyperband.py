"""Learning curves of configurations of which most are stopped early, and the plan by which they are."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array
from coursepkg.plots.style import COLORS, new_figure, picture
from coursepkg.search.halving import total_budget


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


@picture
def bracket_plan(brackets, *, x_label="epochs", y_label="configurations in training"):
    """Draw how many configurations of each bracket are trained from which budget to which; areas are what is spent.

    Parameters
    ----------
    brackets : sequence of sequences of Rung
        From :func:`~coursepkg.search.halving.hyperband_brackets`; one panel each.
    x_label, y_label : str, keyword-only

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no bracket.

    Examples
    --------
    >>> from coursepkg.search.halving import hyperband_brackets
    >>> figure = bracket_plan(hyperband_brackets(9))
    >>> [axis.get_title() for axis in figure.axes]
    ['s = 2: 21 epochs', 's = 1: 21 epochs', 's = 0: 27 epochs']
    """
    brackets = [list(bracket) for bracket in brackets]
    if not brackets:
        raise ValueError("brackets is empty: expected at least one list of Rung")
    figure, axes = new_figure(
        1, len(brackets), width=min(3.4, 10 / len(brackets)), height=2.7, sharex=True, sharey=True
    )
    for axis, bracket in zip(axes[0], brackets, strict=True):
        before = 0
        for i, rung in enumerate(bracket):
            width, color = rung.budget - before, COLORS[i % len(COLORS)]
            axis.bar(before, rung.n_configs, width, align="edge", color=color, edgecolor="white", linewidth=0.6)
            axis.annotate(
                f"{rung.n_configs} to {rung.budget}",
                (before, rung.n_configs),
                xytext=(2, 3),
                textcoords="offset points",
                fontsize=7,
            )
            before = rung.budget
        axis.set(xlabel=x_label, title=f"s = {len(bracket) - 1}: {total_budget([bracket], resume=True)} epochs")
    axes[0, 0].set_ylabel(y_label)
    return figure
