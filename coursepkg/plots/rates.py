"""Losses against the learning rate, with the rates that rules propose and the regions between them."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, one_of
from coursepkg.plots.style import COLORS, MARKERS, new_figure, picture


@picture
def rate_curves(rates, values, *, y_label, x_label="learning rate", marks=None, regions=None, ticks=None, y_range=None,
                y_scale="linear", markers=False):  # fmt: skip
    """Draw what depends on a quantity of many orders of magnitude, on a logarithmic axis.

    Parameters
    ----------
    rates : array_like of float > 0, shape [n_points]
    values : dict of str to array_like, shape [n_points] or [n_seeds, n_points]
        One curve each; from several seeds the median, with a band from the lowest to the highest. NaN leaves a gap.
    y_label, x_label : str, keyword-only
        What is drawn, with units.
    marks : dict of str to float > 0, keyword-only, optional
        Vertical lines by name, such as the rate that a rule proposes.
    regions : dict of str to (float, float), keyword-only, optional
        Shaded parts of the axis, from and to, with their names above.
    ticks : array_like of float > 0, keyword-only, optional
        Where the axis carries numbers, such as the rates themselves; by default at powers of ten.
    y_range : tuple (float, float), keyword-only, optional
        What the axis shows.
    y_scale : {"linear", "log"}, keyword-only
    markers : bool, keyword-only
        Mark each point; for few points.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no curve, a curve does not fit ``rates``, or a rate or mark is not above 0.

    Examples
    --------
    >>> figure = rate_curves([0.1, 1], {"loss": [0.9, 0.5]}, y_label="loss", marks={"half": 0.5})
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['loss', 'half']
    """
    rates = as_array(rates, "rates", ndim=1)
    if (rates <= 0).any():
        raise ValueError(f"rates must be above 0, the axis is logarithmic; got {rates.min():g}")
    if not values:
        raise ValueError("values is empty: expected at least one curve")
    one_of(y_scale, "y_scale", ("linear", "log"))
    marks = {name: as_float(at, f"marks[{name!r}]", low=0, open_low=True) for name, at in (marks or {}).items()}
    figure, axes = new_figure(width=5.6, height=3.6)
    axis = axes[0, 0]
    for index, (name, curve) in enumerate(values.items()):
        curve = as_array(curve, f"values[{name!r}]", ndim=(1, 2), columns=len(rates), finite=False)
        color, marker = COLORS[index % len(COLORS)], MARKERS[index % len(MARKERS)] if markers else None
        middle = curve if curve.ndim == 1 else np.median(curve, axis=0)
        axis.plot(rates, middle, color=color, marker=marker, markersize=4, label=name)
        if curve.ndim == 2:
            axis.fill_between(rates, curve.min(axis=0), curve.max(axis=0), color=color, alpha=0.2, linewidth=0)
    for index, (name, at) in enumerate(marks.items()):
        axis.axvline(at, color="#444444", linestyle=(":", "--", "-.", "-")[index % 4], linewidth=1.4, label=name)
    axis.set(xlabel=x_label, ylabel=y_label, xscale="log", yscale=y_scale, ylim=y_range)
    if ticks is not None:
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axis.minorticks_off()
    for index, (name, (start, end)) in enumerate((regions or {}).items()):
        axis.axvspan(start, end, color="#888888", alpha=(0.06, 0.2)[index % 2], linewidth=0)
        axis.text(np.sqrt(start * end), 1.02, name, transform=axis.get_xaxis_transform(), ha="center", fontsize=9)
    if len(values) + len(marks) > 1:
        axis.legend()
    return figure
