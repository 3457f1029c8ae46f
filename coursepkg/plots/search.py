"""Pictures of searches: how fast the best was found."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from coursepkg._validation import as_array, as_dict, as_int
from coursepkg.plots.style import COLORS, new_figure, picture

_RESOLUTION = 120  # points a side at which a function of the plane is evaluated


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
    panels = as_dict(panels, "panels", "title with its strategies")
    panels = {title: as_dict(part, f"panels[{title!r}]", "strategy with its runs") for title, part in panels.items()}
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
