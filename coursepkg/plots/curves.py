"""Curves: what a quantity does over epochs, units, rates, sizes; several seeds as a band."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from coursepkg._validation import as_array, as_dict, as_float, as_pair, as_records, one_of, shorten
from coursepkg.plots.style import COLORS, MARKERS, new_axis, picture


@picture
def curves(x, values, *, x_label, y_label, x_scale="linear", y_scale="linear", markers=False, levels=None, marks=None,
           regions=None, ticks=None, y_range=None, ax=None):  # fmt: skip
    """Draw one or several curves over the same axis; from several seeds the median, in a band from lowest to highest.

    Parameters
    ----------
    x : array_like, shape [n_points], or None
        None if each curve brings its own.
    values : dict of str to array_like, shape [n_points] or [n_seeds, n_points]
        The curves by name; NaN leaves a gap. Where ``x`` is None, tuples of x and such an array, which may differ in
        their numbers of points; a single point is drawn as a bar.
    x_label, y_label : str, keyword-only
        Names of the axes, with units.
    x_scale, y_scale : {"linear", "log"}, keyword-only
        A logarithmic x axis needs x > 0.
    markers : bool, keyword-only
        Mark each point; for few points.
    levels, marks : dict of str to float, keyword-only, optional
        Horizontal lines by name, such as a baseline, and vertical ones, such as the rate that a rule proposes.
    regions : dict of str to (float, float), keyword-only, optional
        Shaded parts of the x axis, from and to, with their names above.
    ticks : array_like or "round", keyword-only, optional
        Where the x axis carries numbers; "round" writes 1, 2, 5, 10… in full, as many as have room. By default, powers
        of ten on a logarithmic axis.
    y_range : tuple (float or None, float or None), keyword-only, optional
        What the y axis shows.
    ax : matplotlib.axes.Axes, keyword-only, optional
        Where to draw, to combine pictures; by default in a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no curve, a curve does not fit ``x``, or a scale is unknown or does not fit.

    Examples
    --------
    >>> figure = curves([1, 2], {"loss": [0.9, 0.5]}, x_label="epoch", y_label="loss")
    >>> [line.get_label() for line in figure.axes[0].get_lines()]
    ['loss']
    >>> seeds = {"SGD": [[0.9, 0.5], [0.7, 0.25], [0.8, 0.6]]}
    >>> [float(y) for y in curves([1, 2], seeds, x_label="epoch", y_label="loss").axes[0].get_lines()[0].get_ydata()]
    [0.8, 0.5]
    """
    values = as_dict(values, "values", "curve")
    for name, scale in (("x_scale", x_scale), ("y_scale", y_scale)):
        one_of(scale, name, ("linear", "log"))
    drawn = {
        name: _checked(name, *((x, curve) if x is not None else _pair(name, curve)), x_scale)
        for name, curve in values.items()
    }
    levels, marks, regions = (
        as_dict(found, name, optional=True)
        for name, found in (("levels", levels), ("marks", marks), ("regions", regions))
    )
    levels = {name: as_float(level, f"levels[{name!r}]") for name, level in levels.items()}
    regions = {name: as_pair(region, f"regions[{name!r}]") for name, region in regions.items()}
    free = isinstance(y_range, (tuple, list)) and len(y_range) == 2 and None in y_range
    y_range = y_range if y_range is None or free else as_pair(y_range, "y_range")
    bounds = {"low": 0, "open_low": True} if x_scale == "log" else {}
    marks = {name: as_float(at, f"marks[{name!r}]", **bounds) for name, at in marks.items()}
    figure, axis = new_axis(ax, width=5.6, height=3.4)
    for index, (name, (places, curve)) in enumerate(drawn.items()):
        color, marker = COLORS[index % len(COLORS)], MARKERS[index % len(MARKERS)] if markers else None
        middle = curve if curve.ndim == 1 else np.median(curve, axis=0)
        axis.plot(places, middle, color=color, marker=marker, markersize=4, label=name)
        if curve.ndim == 2 and len(places) > 1:
            axis.fill_between(places, curve.min(axis=0), curve.max(axis=0), color=color, alpha=0.2, linewidth=0)
        elif curve.ndim == 2:
            axis.vlines(places, curve.min(axis=0), curve.max(axis=0), color=color, alpha=0.5, linewidth=3)
    for name, level in levels.items():
        axis.axhline(level, color="#444444", linestyle="--", linewidth=1.2, label=name)
    for index, (name, at) in enumerate(marks.items()):
        axis.axvline(at, color="#444444", linestyle=(":", "--", "-.", "-")[index % 4], linewidth=1.4, label=name)
    axis.set(xlabel=x_label, ylabel=y_label, xscale=x_scale, yscale=y_scale, ylim=y_range)
    _set_ticks(axis, ticks)
    for index, (name, (start, end)) in enumerate(regions.items()):
        axis.axvspan(start, end, color="#888888", alpha=(0.06, 0.2)[index % 2], linewidth=0)
        middle = np.sqrt(start * end) if x_scale == "log" else (start + end) / 2
        axis.text(middle, 1.02, name, transform=axis.get_xaxis_transform(), ha="center", fontsize=9)
    if len(values) + len(levels) + len(marks) > 1:
        axis.legend()
    return figure


def _checked(name, x, curve, x_scale):
    x = as_array(x, "x", ndim=1)
    if x_scale == "log" and (x <= 0).any():
        raise ValueError(f"x must be above 0, its axis is logarithmic; got {x.min():g}")
    curve = as_array(curve, f"values[{name!r}]", ndim=(1, 2), finite=False)
    fits = {"length": len(x)} if curve.ndim == 1 else {"columns": len(x)}
    return x, as_array(curve, f"values[{name!r}]", finite=False, **fits)


def _pair(name, curve):
    if not isinstance(curve, (tuple, list)) or len(curve) != 2:
        raise TypeError(f"values[{name!r}] must be a tuple of x and y, since x is None; got {shorten(curve)}")
    return curve


def _set_ticks(axis, ticks):
    if isinstance(ticks, str):
        one_of(ticks, "ticks", ("round",))
        low, high = axis.get_xlim()
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 60 * low else (1,)))
        axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}" if low >= 1 else "{x:g}"))
        axis.xaxis.set_minor_formatter(NullFormatter())
    elif ticks is not None:
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axis.minorticks_off()


def learning_curves(history, *, y_label="loss", y_scale="linear", ax=None):
    """Draw what was recorded in each epoch of a training; the first epoch is number 1.

    Parameters
    ----------
    history : dict of str to array_like, shape [n_epochs], pandas.DataFrame or keras.callbacks.History
        Records by name, such as ``{"loss": […], "val_loss": […]}``.
    y_label : str, keyword-only
        What was recorded, with its unit.
    y_scale : {"linear", "log"}, keyword-only
    ax : matplotlib.axes.Axes, keyword-only, optional
        Where to draw, to combine pictures; by default in a new figure.

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
    history = as_records(history)
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
        ax=ax,
    )
    (figure.axes[0] if ax is None else ax).xaxis.get_major_locator().set_params(integer=True)
    return figure
