"""Where in the plane the trials of a search lie, and how their losses depend on each hyperparameter."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from coursepkg._validation import as_array, shorten
from coursepkg.plots.style import COLORS, new_figure, picture

_RESOLUTION = 120  # points a side at which a function of the plane is evaluated


@picture
def axis_plots(values, losses, *, y_label, log=(), y_scale="log"):
    """Draw the losses of trials against each hyperparameter, one panel a hyperparameter.

    Parameters
    ----------
    values : dict of str to sequence, each of length [n_trials]
        By name of the hyperparameter; numbers, or texts where it is a choice.
    losses : array_like, shape [n_trials]
    y_label : str, keyword-only
    log : sequence of str
        The hyperparameters with a logarithmic axis.
    y_scale : {"log", "linear"}

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no hyperparameter, or a column is not as long as the losses.

    Examples
    --------
    >>> figure = axis_plots({"rate": [0.1, 1.0], "kind": ["a", "b"]}, [0.5, 0.4], y_label="loss", log=["rate"])
    >>> [axis.get_xlabel() for axis in figure.axes], figure.axes[0].get_xscale()
    (['rate', 'kind'], 'log')
    """
    if not values:
        raise ValueError("values is empty: expected at least one hyperparameter")
    losses = as_array(losses, "losses", ndim=1)
    figure, axes = new_figure(1, len(values), width=min(3.2, 10 / len(values)), height=2.6, sharey=True)
    for axis, (name, column) in zip(axes[0], values.items(), strict=True):
        column = list(column)
        if len(column) != len(losses):
            raise ValueError(f"{name!r} must have {len(losses)} values, one a trial; got {shorten(column)}")
        if isinstance(column[0], str):
            kinds = list(dict.fromkeys(column))
            axis.scatter([kinds.index(kind) for kind in column], losses, color=COLORS[0], s=14)
            axis.set_xticks(range(len(kinds)), kinds)
            axis.set_xlim(-0.5, len(kinds) - 0.5)
        else:
            axis.scatter(as_array(column, name, ndim=1), losses, color=COLORS[0], s=14)
            if name in log:
                _logarithmic(axis, "x")
        axis.set_xlabel(name)
    axes[0, 0].set_ylabel(y_label)
    if y_scale == "log":
        _logarithmic(axes[0, 0], "y")
    return figure


def _logarithmic(axes, which):
    """Give an axis a logarithmic scale with a few plain numbers; a short range has no power of ten to show."""
    axes.set(**{f"{which}scale": "log"})
    low, high = getattr(axes, f"get_{which}lim")()
    ruler = getattr(axes, f"{which}axis")
    if high < 100 * low:
        ruler.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ruler.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ruler.set_minor_formatter(NullFormatter())


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
