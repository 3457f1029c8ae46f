"""The look that all pictures of the course share, and the one way in which figures are made."""

from __future__ import annotations

import functools

import matplotlib.pyplot as plt

# Okabe and Ito's palette (2008): distinguishable with every common kind of color vision.
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
STYLE = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.prop_cycle": plt.cycler(color=COLORS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.dpi": 130,
    "figure.facecolor": "white",
    "font.size": 10,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "image.cmap": "gray_r",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.facecolor": "white",
}


def picture(draw):
    """Decorate a function that draws and returns a Figure: it gets the course's style, whatever the caller's is."""

    @functools.wraps(draw)
    def drawn_in_style(*args, **kwargs):
        with plt.rc_context(STYLE):
            return draw(*args, **kwargs)

    return drawn_in_style


def new_figure(rows=1, columns=1, *, width=4.2, height=3.4, **options):
    """Return a figure and its array of axes, shape [rows, columns]; ``width`` and ``height`` of one panel in inches.

    pyplot forgets the figure at once, so that a notebook shows it once: where the cell returns it.
    """
    figure, axes = plt.subplots(
        rows, columns, figsize=(width * columns, height * rows), squeeze=False, layout="constrained", **options
    )
    plt.close(figure)
    return figure, axes


def new_axis(ax, *, width, height):
    """Return figure and axes of a picture with one panel: those of ``ax``, or if that is None new ones."""
    if ax is not None:
        return ax.figure, ax
    figure, axes = new_figure(width=width, height=height)
    return figure, axes[0, 0]
