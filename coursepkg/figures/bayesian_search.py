"""What a Gaussian process believes about a function of one variable, and where it looks next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coursepkg._validation import as_array, as_int
from coursepkg.plots.style import COLORS, new_figure, picture


@dataclass(frozen=True)
class Belief:
    """One panel: what a Gaussian process believes about a function of one variable.

    Attributes
    ----------
    mean, std : array_like, shape [n_points]
    observed : (array_like, array_like), shapes [n_observations]
        Positions and values.
    acquisition : array_like, shape [n_points], optional
        Drawn below; the next trial is where it is largest.
    next_x : float, optional
        Position of the next trial.
    title : str

    Examples
    --------
    >>> Belief(mean=[0.0, 1.0], std=[0.1, 0.1], observed=([0.5], [0.4]), title="one point").title
    'one point'
    """

    mean: np.ndarray
    std: np.ndarray
    observed: tuple
    acquisition: np.ndarray | None = None
    next_x: float | None = None
    title: str = ""


@picture
def beliefs(x, panels, *, x_label, y_label, truth=None, acquisition_label="acquisition", columns=3):
    """Draw beliefs about a function of one variable: mean, a band of two standard deviations, and what was observed.

    Parameters
    ----------
    x : array_like, shape [n_points]
    panels : sequence of Belief
    x_label, y_label : str, keyword-only
    truth : array_like, shape [n_points], optional
        The function itself, where it is known.
    acquisition_label : str
    columns : int
        Panels a row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no panel, or the arrays do not fit ``x``.

    Examples
    --------
    >>> belief = Belief(mean=[0.0, 1.0], std=[0.1, 0.1], observed=([0.5], [0.4]), acquisition=[0.0, 1.0], next_x=1.0)
    >>> len(beliefs([0.0, 1.0], [belief, belief], x_label="x", y_label="loss", columns=2).axes)
    4
    """
    x, panels = as_array(x, "x", ndim=1), list(panels)
    if not panels:
        raise ValueError("panels is empty: expected at least one Belief")
    columns = min(as_int(columns, "columns", low=1), len(panels))
    with_below = any(panel.acquisition is not None for panel in panels)
    per_row = 2 if with_below else 1
    rows = -(-len(panels) // columns)
    heights = [2.4, 1.0] * rows if with_below else [1.0] * rows
    figure, axes = new_figure(
        per_row * rows,
        columns,
        width=min(5.6, 10 / columns),
        height=1.7 if with_below else 2.8,
        sharex=True,
        height_ratios=heights,
    )
    for index, panel in enumerate(panels):
        row, column = divmod(index, columns)
        upper = axes[per_row * row, column]
        _draw_belief(upper, x, panel, truth)
        if column == 0:
            upper.set_ylabel(y_label)
        if with_below:
            lower = axes[per_row * row + 1, column]
            _draw_acquisition(lower, x, panel)
            if column == 0:
                lower.set_ylabel(acquisition_label)
    for axis in axes[-1]:
        axis.set_xlabel(x_label)
    for index in range(len(panels), rows * columns):
        for offset in range(per_row):
            axes[per_row * (index // columns) + offset, index % columns].set_axis_off()
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _draw_belief(axis, x, panel, truth):
    mean = as_array(panel.mean, "mean", ndim=1, length=len(x))
    std = as_array(panel.std, "std", ndim=1, length=len(x))
    positions = as_array(panel.observed[0], "observed[0]", ndim=1)
    values = as_array(panel.observed[1], "observed[1]", ndim=1, length=len(positions))
    axis.fill_between(x, mean - 2 * std, mean + 2 * std, color=COLORS[0], alpha=0.2, linewidth=0, label="mean ± 2 std")
    axis.plot(x, mean, color=COLORS[0], label="mean")
    if truth is not None:
        axis.plot(x, as_array(truth, "truth", ndim=1, length=len(x)), color="#444444", linestyle="--", label="truth")
    axis.scatter(positions, values, color=COLORS[7], s=24, zorder=3, label="observed")
    if panel.next_x is not None:
        axis.axvline(panel.next_x, color=COLORS[4], linestyle=":", label="next trial")
    axis.set_title(panel.title)


def _draw_acquisition(axis, x, panel):
    if panel.acquisition is None:
        axis.set_axis_off()
        return
    values = as_array(panel.acquisition, "acquisition", ndim=1, length=len(x))
    axis.fill_between(x, values.min(), values, color=COLORS[2], alpha=0.5, linewidth=0)
    axis.set_yticks([])
    if panel.next_x is not None:
        axis.axvline(panel.next_x, color=COLORS[4], linestyle=":")
