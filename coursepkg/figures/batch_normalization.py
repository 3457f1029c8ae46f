"""Which numbers go where in batch normalization, in training and at inference."""

from __future__ import annotations

from matplotlib.patches import FancyBboxPatch

from coursepkg.plots.style import COLORS, new_figure, picture

CHAIN = ((0, "Z"), (1.35, "− mean\n÷ s.d."), (2.7, "· γ\n+ β"), (4.05, "φ"), (5.4, "H"))  # places of the boxes
STATISTICS, AVERAGES = (1.35, 1.3), (3.6, 1.3)


@picture
def dataflow():
    """Draw the way from the pre-activations Z to the outputs H, and where mean and spread come from.

    Two panels: in training the statistics are those of the batch, and the moving averages only listen (dashed); at
    inference the moving averages are used, and no way leads from the batch to them.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> [axis.get_title() for axis in dataflow().axes]
    ['training', 'inference']
    """
    figure, axes = new_figure(2, 1, width=6.4, height=2.0)
    for axis, name in zip(axes[:, 0], ("training", "inference"), strict=True):
        for x, text in CHAIN:
            _box(axis, x, 0, text, learned="γ" in text)
        for (start, _), (end, _) in zip(CHAIN[:-1], CHAIN[1:], strict=True):
            _arrow(axis, (start + 0.5, 0), (end - 0.5, 0))
        _box(axis, *AVERAGES, "moving averages", width=1.6)
        if name == "training":
            _box(axis, *STATISTICS, "mean, variance\nof the batch", width=1.5)
            _arrow(axis, (0, 0.36), (0.55, 1.3), angle=True)
            _arrow(axis, (1.35, 0.94), (1.35, 0.38))
            _arrow(axis, (2.15, 1.3), (2.75, 1.3), style="--")
        else:
            _arrow(axis, (2.75, 1.3), (1.35, 0.38), angle=True)
        axis.set(xlim=(-0.7, 6.1), ylim=(-0.55, 1.85), title=name)
        axis.axis("off")
    return figure


def _box(axis, x, y, text, *, width=0.9, learned=False):
    face, edge = ("#FFF3D6", COLORS[1]) if learned else ("white", "#444444")
    axis.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - 0.3), width, 0.6, boxstyle="round,pad=0.04", facecolor=face, edgecolor=edge, zorder=2
        )
    )
    axis.text(x, y, text, ha="center", va="center", fontsize=9, zorder=3)


def _arrow(axis, start, end, *, angle=False, style="-"):
    """An arrow, with ``angle`` first along the axis on which the way out of the box begins."""
    (x, y), (x_end, y_end) = start, end
    if angle:
        corner = (x, y_end) if y < y_end else (x_end, y)
        axis.plot([x, corner[0]], [y, corner[1]], color="#444444", linewidth=1.3)
        x, y = corner
    arrow = {"arrowstyle": "->", "color": "#444444", "linewidth": 1.3, "linestyle": style, "shrinkA": 0}
    axis.annotate("", xy=end, xytext=(x, y), arrowprops=arrow)
