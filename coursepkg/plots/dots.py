"""What repetitions with other seeds give: a comparison is only as good as its spread."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_dict, as_float
from coursepkg.plots.style import COLORS, new_axis, picture


@picture
def dots(results, *, x_label, levels=None, ax=None):
    """Draw every result as a dot, one row a method, and their median as a bar.

    Parameters
    ----------
    results : dict of str to array_like, shape [n_seeds]
        The results of each method, from top to bottom; the numbers of seeds may differ.
    x_label : str, keyword-only
        What was measured, with its unit.
    levels : dict of str to float, keyword-only, optional
        Vertical lines by name, such as a baseline.
    ax : matplotlib.axes.Axes, keyword-only, optional
        Where to draw, to combine pictures; by default in a new figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no method, or one has no result.

    Examples
    --------
    >>> figure = dots({"frozen": [0.8, 0.9], "from scratch": [0.7, 0.8]}, x_label="accuracy")
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['frozen', 'from scratch']
    """
    results = as_dict(results, "results", "method")
    levels = as_dict(levels, "levels", "level", optional=True)
    levels = {name: as_float(level, f"levels[{name!r}]") for name, level in levels.items()}
    rows = [as_array(values, f"results[{name!r}]", ndim=1) for name, values in results.items()]
    figure, axis = new_axis(ax, width=5.6, height=0.9 + 0.36 * len(rows))
    for place, values in enumerate(rows):
        # Beside one another in a fixed order, so that equal results do not hide each other.
        offsets = np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else [0]
        axis.plot(values, place + np.asarray(offsets), "o", color=COLORS[0], markersize=4, alpha=0.75)
        axis.plot([np.median(values)] * 2, [place - 0.34, place + 0.34], color="#444444", linewidth=2)
    for index, (name, level) in enumerate(levels.items()):
        axis.axvline(level, color="#444444", linestyle=("--", ":", "-.", "-")[index % 4], linewidth=1.2, label=name)
    axis.set(xlabel=x_label, ylim=(len(rows) - 0.5, -0.5))
    axis.set_yticks(range(len(rows)), list(results))
    axis.grid(axis="y", visible=False)
    if levels:
        axis.legend()
    return figure
