"""Curves: what a quantity does over epochs, units, rates."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, one_of
from coursepkg.plots.style import MARKERS, new_figure, picture


@picture
def curves(x, values, *, x_label, y_label, x_scale="linear", y_scale="linear", markers=False, levels=None):
    """Draw one or several curves over the same axis.

    Parameters
    ----------
    x : array_like, shape [n_points]
    values : dict of str to array_like, shape [n_points]
        The curves by name; NaN leaves a gap.
    x_label, y_label : str, keyword-only
        Names of the axes, with units.
    x_scale, y_scale : {"linear", "log"}
    markers : bool
        Mark each point; for few points.
    levels : dict of str to float, optional
        Horizontal lines by name, such as a bound or a baseline.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no curve, a curve does not fit ``x``, or a scale is unknown.

    Examples
    --------
    >>> figure = curves([1, 2], {"loss": [0.9, 0.5]}, x_label="epoch", y_label="loss")
    >>> [line.get_label() for line in figure.axes[0].get_lines()]
    ['loss']
    """
    x = as_array(x, "x", ndim=1)
    if not values:
        raise ValueError("values is empty: expected at least one curve")
    for name, scale in (("x_scale", x_scale), ("y_scale", y_scale)):
        one_of(scale, name, ("linear", "log"))
    figure, axes = new_figure(width=5.6, height=3.4)
    axis = axes[0, 0]
    for index, (name, curve) in enumerate(values.items()):
        curve = as_array(curve, f"values[{name!r}]", ndim=1, length=len(x), finite=False)
        axis.plot(x, curve, label=name, marker=MARKERS[index % len(MARKERS)] if markers else None, markersize=4)
    for name, level in (levels or {}).items():
        axis.axhline(level, color="#444444", linestyle="--", linewidth=1.2, label=name)
    axis.set(xlabel=x_label, ylabel=y_label, xscale=x_scale, yscale=y_scale)
    if len(values) + len(levels or {}) > 1:
        axis.legend()
    return figure


def learning_curves(history, *, y_label="loss", y_scale="linear"):
    """Draw what was recorded in each epoch of a training; the first epoch is number 1.

    Parameters
    ----------
    history : dict of str to array_like, shape [n_epochs], or pandas.DataFrame, or keras.callbacks.History
        Records by name, such as ``{"loss": […], "val_loss": […]}``.
    y_label : str, keyword-only
        What was recorded, with its unit.
    y_scale : {"linear", "log"}

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no record or the records differ in length.

    Examples
    --------
    >>> figure = learning_curves({"loss": [0.9, 0.5], "val_loss": [1.0, 0.7]})
    >>> figure.axes[0].get_xlabel()
    'epoch'
    """
    records = history if hasattr(history, "columns") else getattr(history, "history", history)
    history = dict(records)  # a table becomes a dict of its columns
    if not history:
        raise ValueError("history is empty: expected at least one record")
    n_epochs = len(next(iter(history.values())))
    figure = curves(
        np.arange(1, n_epochs + 1),
        history,
        x_label="epoch",
        y_label=y_label,
        y_scale=y_scale,
        markers=n_epochs <= 30,
    )
    figure.axes[0].xaxis.get_major_locator().set_params(integer=True)
    return figure
