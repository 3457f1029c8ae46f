"""Signals on their way through a network: its matrices and their shapes, forward and back."""

from __future__ import annotations

from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def two_ways(sizes, *, batch="n"):
    """Draw a network of dense layers as matrices: forward in the upper row, back in the middle, gradients below.

    Parameters
    ----------
    sizes : sequence of int or str
        Numbers of inputs, of units in each layer, …; at least two. They stand in the shapes.
    batch : int or str, keyword-only
        Number of instances, as it stands in the shapes.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are fewer than two sizes.

    Examples
    --------
    >>> figure = two_ways([2, 3, 1], batch=4)
    >>> [text.get_text() for text in figure.axes[0].texts if "Δ" in text.get_text()][0]
    '$Δ^{(2)}$\\n[4, 1]'
    """
    sizes = list(sizes)
    if len(sizes) < 2:
        raise ValueError(f"sizes must name at least the inputs and one layer; got {sizes}")
    last = len(sizes) - 1
    figure, axes = new_figure(width=1.0 + 2.75 * last, height=4.3)
    axis = axes[0, 0]

    def box(column, row, symbol, *shape, color):
        text = f"{symbol}\n[{', '.join(map(str, shape))}]" if shape else symbol
        axis.text(
            column, row, text, ha="center", va="center", fontsize=9.5, zorder=3,
            bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": color, "linewidth": 1.4},
        )  # fmt: skip

    def arrow(start, end, label, color, *, style="-", lift=0.17, shift=0.0):
        axis.annotate(
            "", xy=end, xytext=start, zorder=1,
            arrowprops={"arrowstyle": "->", "color": color, "linewidth": 1.3, "linestyle": style, "shrinkA": 24,
                        "shrinkB": 24},
        )  # fmt: skip
        middle = (start[0] + end[0]) / 2 + shift, (start[1] + end[1]) / 2 + lift
        axis.text(*middle, label, ha="center", va="center", fontsize=8.5, color=color, zorder=4)

    ahead, back, kept = COLORS[0], COLORS[4], "#777777"
    box(0, 2, "$X$", batch, sizes[0], color=ahead)
    for k in range(1, last + 1):
        z, h = 2 * k - 1, 2 * k
        hidden = k < last
        box(z, 2, f"$Z^{{({k})}}$", batch, sizes[k], color=ahead)
        box(h, 2, f"$H^{{({k})}}$" if hidden else r"$\hat{Y}$", batch, sizes[k], color=ahead)
        arrow((z - 1, 2), (z, 2), f"$W^{{({k})}}, b^{{({k})}}$", ahead)
        arrow((z, 2), (h, 2), r"$\varphi$" if hidden else r"$\sigma$", ahead)
        box(z, 0, f"$∂L/∂W^{{({k})}}$", sizes[k - 1], sizes[k], color=back)
        arrow((z - 1, 2), (z, 0), "", kept, style=":")
        arrow((z, 1), (z, 0), "", back)
    box(2 * last + 1, 2, "$L$", color=ahead)
    arrow((2 * last, 2), (2 * last + 1, 2), "", ahead)
    for k in range(last, 0, -1):
        z, h = 2 * k - 1, 2 * k
        box(z, 1, f"$Δ^{{({k})}}$", batch, sizes[k], color=back)
        if k == last:
            arrow((2 * last + 1, 2), (z, 1), r"$(\hat{Y} - Y) / n$", back, lift=-0.25)
        else:
            box(h, 1, f"$G^{{({k})}}$", batch, sizes[k], color=back)
            arrow((h + 1, 1), (h, 1), f"$W^{{({k + 1})\\top}}$", back, shift=0.14)  # beside the dotted arrow
            arrow((h, 1), (z, 1), r"$\circ\,\varphi'$", back, lift=-0.17)
            arrow((z, 2), (z, 1), "", kept, style=":")
    axis.set(xlim=(-0.5, 2 * last + 1.35), ylim=(-0.4, 2.4))
    axis.set_axis_off()
    return figure
