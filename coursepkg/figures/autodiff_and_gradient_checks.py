"""The graph of a computation: its steps, with values and gradients."""

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
