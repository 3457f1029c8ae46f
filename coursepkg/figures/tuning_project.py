"""The loss against each hyperparameter, a panel each."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_int
from coursepkg.plots.style import COLORS, new_figure, picture
from coursepkg.search.space import Choice, as_space


@picture
def axis_plots(configs, losses, space, *, y_label, best=0.1, columns=4):
    """Draw the loss of each trial against each hyperparameter; the best trials are dark.

    Parameters
    ----------
    configs : sequence of dict, length n
    losses : array_like, shape (n,)
        Positive; infinite ones are left out.
    space : Space
        Its parameters are the panels; a logarithmic parameter has a logarithmic axis, with numbers at its ends and in
        the middle.
    y_label : str, keyword-only
    best : float in (0, 1), keyword-only
        The share of the trials that is drawn dark.
    columns : int >= 1, keyword-only
        Panels in a row.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from coursepkg.search import Float, Space
    >>> figure = axis_plots([{"x": 1.0}, {"x": 2.0}], [3.0, 4.0], Space([Float("x", 0, 2)]), y_label="loss", best=0.5)
    >>> [line.get_xdata().tolist() for line in figure.axes[0].get_lines()]
    [[2.0], [1.0]]
    """
    space, losses = as_space(space), as_array(losses, "losses", ndim=1, finite=False)
    if len(configs) != len(losses) or not len(losses):
        raise ValueError(f"configs must hold one configuration a loss; got {len(configs)} and {len(losses)}")
    columns = min(as_int(columns, "columns", low=1), len(space))
    is_finite = np.isfinite(losses)
    dark = losses <= np.quantile(losses[is_finite], best)
    figure, axes = new_figure(-(-len(space) // columns), columns, width=2.4, height=2.2, sharey=True)
    for axis, (name, parameter) in zip(axes.flat, space.parameters.items(), strict=False):
        values = [config[name] for config in configs]
        axis.set(xlabel=name, yscale="log")
        if isinstance(parameter, Choice):
            spread = np.linspace(-0.25, 0.25, len(values))  # so that equal values do not hide each other
            values = np.array([parameter.values.index(value) for value in values]) + spread
            axis.set_xticks(range(len(parameter.values)), [str(value) for value in parameter.values])
        values = np.asarray(values, dtype=float)
        for shown, color, size in ((is_finite & ~dark, "#BBBBBB", 2), (is_finite & dark, COLORS[0], 4)):
            axis.plot(values[shown], losses[shown], "o", color=color, markersize=size)
        if getattr(parameter, "log", False):
            axis.set(xscale="log")
            ticks = [parameter.low, (parameter.low * parameter.high) ** 0.5, parameter.high]
            axis.set_xticks(ticks, [f"{tick:.0f}" if tick >= 100 else f"{tick:.2g}" for tick in ticks])
            axis.set_xticks([], minor=True)
    for axis in axes.flat[len(space) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel(y_label)
    return figure
