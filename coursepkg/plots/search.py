"""Pictures of searches: where trials were made, what a Gaussian process believes, and how fast the best was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from coursepkg._validation import as_array, as_int
from coursepkg.plots.style import COLORS, new_figure, picture

_RESOLUTION = 120  # points a side at which a function of the plane is evaluated


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


@picture
def search_planes(panels, *, axis_labels, limits=((0.0, 1.0), (0.0, 1.0)), profile=None, numbered=False):
    """Draw trials on functions of two parameters; the darker, the larger the function.

    Parameters
    ----------
    panels : dict of str to (callable, array_like of shape [n, 2])
        By title: a function that takes points [m, 2] and returns values [m], and the trials.
    axis_labels : (str, str), keyword-only
    limits : ((float, float), (float, float))
        Ranges of the two parameters.
    profile : callable, optional
        A function of the first parameter alone, [m] to [m], drawn above with the trials that fall on it.
    numbered : bool
        Write the number of each trial at its point.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no panel, or the trials are not of shape [n, 2].

    Examples
    --------
    >>> panels = {"one trial": (lambda points: points[:, 0], [[0.2, 0.7]])}
    >>> figure = search_planes(panels, axis_labels=("rate", "momentum"), profile=lambda x: x)
    >>> figure.axes[1].get_xlabel()
    'rate'
    """
    if not panels:
        raise ValueError("panels is empty: expected at least one function with its trials")
    (x_low, x_high), (y_low, y_high) = limits
    options = {"height_ratios": [1, 3]} if profile else {}
    figure, axes = new_figure(
        2 if profile else 1, len(panels), width=min(3.6, 10 / len(panels)), height=2.1 if profile else 3.0, **options
    )
    x, y = np.linspace(x_low, x_high, _RESOLUTION), np.linspace(y_low, y_high, _RESOLUTION)
    grid = np.meshgrid(x, y)
    for column, (title, (function, trials)) in enumerate(panels.items()):
        trials = as_array(trials, f"trials of {title!r}", ndim=2, columns=2)
        axis = axes[-1, column]
        values = np.asarray(function(np.column_stack([g.ravel() for g in grid]))).reshape(grid[0].shape)
        axis.contourf(*grid, values, levels=12, cmap="gray_r", alpha=0.55)
        axis.scatter(*trials.T, color=COLORS[4], s=26, edgecolor="white", linewidth=0.6, zorder=3)
        if numbered:
            for number, point in enumerate(trials, start=1):
                axis.annotate(str(number), point, xytext=(3, 3), textcoords="offset points", fontsize=7)
        axis.set(xlabel=axis_labels[0], xlim=(x_low, x_high), ylim=(y_low, y_high))
        if profile:
            above = axes[0, column]
            above.plot(x, profile(x), color=COLORS[0])
            above.scatter(trials[:, 0], profile(trials[:, 0]), color=COLORS[4], s=20, zorder=3)
            above.set(xlim=(x_low, x_high), xticklabels=[], yticks=[])
        axes[0, column].set_title(title)
    axes[-1, 0].set_ylabel(axis_labels[1])
    return figure


@picture
def search_progress(panels, *, x_label, y_label, y_scale="linear", columns=3, n_points=200):
    """Draw the best loss against what was spent: the median over repetitions, and a band from quartile to quartile.

    Parameters
    ----------
    panels : dict of str to (dict of str to sequence of (array_like, array_like))
        By title and strategy: for each repetition what was spent after each trial, and the best loss until then, as
        ``coursepkg.search.trials.best_so_far`` returns them.
    x_label, y_label : str, keyword-only
    y_scale : {"linear", "log"}
    columns : int
        Panels a row.
    n_points : int
        Points of the horizontal axis at which the repetitions are compared.

    Returns
    -------
    matplotlib.figure.Figure
        A curve begins where every repetition has a finite result, and ends where the first repetition ends.

    Raises
    ------
    TypeError, ValueError
        If there is no panel, strategy or repetition.

    Examples
    --------
    >>> runs = [([1, 2, 3], [0.9, 0.5, 0.5]), ([1, 2, 3], [0.8, 0.8, 0.3])]
    >>> figure = search_progress({"toy": {"random": runs}}, x_label="trials", y_label="best loss")
    >>> [line.get_label() for line in figure.axes[0].get_lines()]
    ['random']
    """
    if not panels:
        raise ValueError("panels is empty: expected at least one title with its strategies")
    columns = min(as_int(columns, "columns", low=1), len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = new_figure(rows, columns, width=min(5.6, 10 / columns), height=3.2)
    for axis, (title, strategies) in zip(axes.flat, panels.items(), strict=False):
        for index, (name, runs) in enumerate(strategies.items()):
            x, table = aligned(runs, n_points=n_points)
            low, median, high = np.percentile(table, [25, 50, 75], axis=0)
            axis.fill_between(x, low, high, color=COLORS[index], alpha=0.18, linewidth=0)
            axis.plot(x, median, color=COLORS[index], label=name)
        axis.set(title=title, xlabel=x_label, yscale=y_scale)
        if y_scale == "log":
            _few_labels(axis.yaxis, axis.get_ylim())
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for row in axes:
        row[0].set_ylabel(y_label)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _few_labels(axis, limits):
    """Label the powers of ten of a logarithmic axis, and 2 and 5 times them too if there are hardly any."""
    low, high = limits
    if high / low < 200:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_minor_formatter(NullFormatter())


def aligned(runs, *, n_points=200):
    """Return the best losses of several searches at common amounts spent, for a mean or a median over them.

    Parameters
    ----------
    runs : sequence of (array_like, array_like)
        Each what was spent after each trial, and the best loss until then.
    n_points : int >= 2, keyword-only

    Returns
    -------
    spent : numpy.ndarray, shape [n_points]
        From where every search has a finite result to where the shortest ends.
    best : numpy.ndarray, shape [n_runs, n_points]

    Raises
    ------
    TypeError, ValueError
        If there is no search, the arrays of one do not fit, or they have no stretch in common.

    Examples
    --------
    >>> spent, best = aligned([([1, 2, 3], [0.9, 0.5, 0.2]), ([1, 3], [0.8, 0.3])], n_points=3)
    >>> spent, best
    (array([1., 2., 3.]), array([[0.9, 0.5, 0.2],
           [0.8, 0.8, 0.3]]))
    """
    runs, n_points = list(runs), as_int(n_points, "n_points", low=2)
    if not runs:
        raise ValueError("runs is empty: expected at least one search")
    steps = []
    for spent, best in runs:
        spent = as_array(spent, "spent", ndim=1)
        best = as_array(best, "best", ndim=1, length=len(spent), finite=False)
        finite = np.isfinite(best)
        if not finite.any():
            raise ValueError("a search has no finite result: all of its trials failed")
        steps.append((spent[finite], best[finite]))
    start, end = max(spent[0] for spent, _ in steps), min(spent[-1] for spent, _ in steps)
    if start > end:
        raise ValueError(f"the searches have nothing in common: one ends at {end}, another begins at {start}")
    x = np.linspace(start, end, n_points)
    # A result holds from where it was found until a better one is: a staircase.
    return x, np.array([best[np.searchsorted(spent, x, side="right") - 1] for spent, best in steps])


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
