"""Signals on their way through a computation: matrices forward and back, and the graph of single numbers."""

from __future__ import annotations

from matplotlib.patches import FancyBboxPatch

from coursepkg._validation import as_float
from coursepkg.plots.style import COLORS, new_figure, picture

_WIDTH, _HEIGHT = 0.62, 0.56  # of a node, where neighboring columns and rows are 1 apart


@picture
def computation_graph(steps, *, values=None, gradients=None):
    """Draw a computation as a graph: a node for each number, an arrow from each number to those computed from it.

    Parameters
    ----------
    steps : dict of str to sequence of str
        Each number by name, with the names of the numbers from which it is computed (none for an input), in an order
        in which a number follows those it is computed from.
    values, gradients : dict of str to float, optional, keyword-only
        Numbers written into the nodes: what each one is, and the derivative of the last one with respect to it.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no step, a step uses a name that is not there before it, or a value belongs to no step.

    Examples
    --------
    >>> figure = computation_graph({"a": (), "b": (), "a·b": ("a", "b")}, values={"a": 2.0, "b": 3.0, "a·b": 6.0})
    >>> [text.get_text() for text in figure.axes[0].texts if text.get_text()]
    ['a', '2', 'b', '3', 'a·b', '6']
    """
    steps = {name: tuple(parents) for name, parents in steps.items()}
    if not steps:
        raise ValueError("steps is empty: expected at least one number")
    known = set()
    for name, parents in steps.items():
        if missing := [parent for parent in parents if parent not in known]:
            raise ValueError(f"steps[{name!r}] uses {missing[0]!r}, which is not computed before it")
        known.add(name)
    texts = {}
    for title, numbers in (("values", values or {}), ("gradients", gradients or {})):
        for name, number in numbers.items():
            if name not in steps:
                raise ValueError(f"{title} names {name!r}, which is not a step; there are: {', '.join(steps)}")
            texts[title, name] = f"{as_float(number, f'{title}[{name!r}]'):.4g}".replace("-", "−")

    places = _places(steps)
    columns, rows = (1 + max(place[axis] for place in places.values()) for axis in (0, 1))
    figure, axes = new_figure(width=0.6 + 1.2 * columns, height=0.4 + 0.85 * rows)
    axis = axes[0, 0]
    for name, parents in steps.items():
        for parent in parents:
            (x_from, y_from), (x_to, y_to) = places[parent], places[name]
            ends = {"xytext": (x_from + _WIDTH / 2 + 0.06, y_from), "xy": (x_to - _WIDTH / 2 - 0.06, y_to)}
            axis.annotate("", **ends, arrowprops={"arrowstyle": "->", "color": "#666666", "linewidth": 1.2})
    for name, (x, y) in places.items():
        box = (x - _WIDTH / 2, y - _HEIGHT / 2)
        axis.add_patch(
            FancyBboxPatch(
                box, _WIDTH, _HEIGHT, boxstyle="round,pad=0.04", facecolor="white", edgecolor="#444444", zorder=2
            )
        )
        rows_of_text = [(name, "#000000"), (texts.get(("values", name)), COLORS[0])]
        rows_of_text += [(texts.get(("gradients", name)), COLORS[4])]
        shown = [(text, color) for text, color in rows_of_text if text is not None]
        for row, (text, color) in enumerate(shown):
            shift = 0.2 * ((len(shown) - 1) / 2 - row)
            axis.text(x, y + shift, text, color=color, ha="center", va="center", fontsize=8.5, zorder=3)
    axis.set(xlim=(-0.5, columns - 0.5), ylim=(-0.5, rows - 0.5))
    axis.set_axis_off()
    return figure


def _places(steps):
    """Return (column, height) of every number: a result right of all that it needs, an input just left of its use."""
    column = {}
    for name, parents in steps.items():
        column[name] = 1 + max((column[parent] for parent in parents), default=-1)
    for name, parents in steps.items():
        users = [column[user] for user, needed in steps.items() if name in needed]
        if not parents and users:
            column[name] = min(users) - 1
    members = {}
    for name, place in column.items():
        members.setdefault(place, []).append(name)
    most = max(len(names) for names in members.values())
    places = {}
    for place, names in members.items():
        # Computed numbers stay on the upper line, inputs that join late come in from below.
        for row, name in enumerate(sorted(names, key=lambda name: not steps[name])):
            places[name] = (place, most - 1 - row)
    return places


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
