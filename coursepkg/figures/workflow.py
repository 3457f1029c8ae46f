"""The trials of a search along each of its axes."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def axis_plots(trials, columns, *, score, y_label, best=5, log=()):
    """Draw the score of all trials against each hyperparameter, a panel each, and mark the trials with lowest scores.

    If the marked ones crowd at the end of a panel, the range of the search was too narrow (Godbole et al., 2023,
    "Identifying bad search space boundaries").

    Parameters
    ----------
    trials : pandas.DataFrame
        One row a trial; rows without a score are left out.
    columns : dict of str to str
        Columns with the hyperparameters, and what is written below their axes.
    score, y_label : str, keyword-only
        Column with the score, of which low is good, and what is written beside it.
    best : int >= 0, keyword-only
        How many trials are marked.
    log : collection of str, keyword-only
        Columns with a logarithmic axis.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> trials = pd.DataFrame({"rate": [0.01, 0.1, 1.0], "loss": [0.9, 0.5, 2.3]})
    >>> figure = axis_plots(trials, {"rate": "learning rate"}, score="loss", y_label="loss", best=1, log=["rate"])
    >>> [float(x) for x in figure.axes[0].get_lines()[1].get_xdata()]
    [0.1]
    """
    if missing := [name for name in (*columns, score) if name not in trials]:
        raise ValueError(f"trials has no column {missing[0]!r}; there are {', '.join(map(str, trials))}")
    scored = trials[np.isfinite(trials[score].astype(float))].sort_values(score)
    figure, axes = new_figure(columns=len(columns), width=2.7, height=2.9, sharey=True)
    for axis, (name, label) in zip(axes[0], columns.items(), strict=True):
        axis.plot(scored[name][best:], scored[score][best:], "o", color=COLORS[0], markersize=4, alpha=0.75)
        axis.plot(scored[name][:best], scored[score][:best], "D", color=COLORS[1], markersize=6)
        axis.set_xlabel(label)
        if name in log:
            axis.set_xscale("log")
            axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.xaxis.set_minor_locator(NullLocator())
            axis.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes[0, 0].set_ylabel(y_label)
    return figure
