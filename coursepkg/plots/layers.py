"""The layers of a model and what flows between them, drawn without any system package."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from coursepkg.plots.style import COLORS, new_figure, picture

_BOX_WIDTH, _BOX_HEIGHT = 1.55, 0.62  # inches
_COLUMN, _ROW = 1.85, 0.98  # inches from box to box
_LANE = 0.3  # width that a passing arrow takes, in columns
_FILL = {"input": "#E4E4E4", "hidden": "#FFFFFF", "model": "#FFFFFF", "output": "#CFE8F7"}
_SHARED = ("#FBE3B5", "#CDEBDD", "#F3DCE9")
_SORTING, _SETTLING = 8, 60  # sweeps over the rows: first the order within rows changes, then only places


@picture
def layer_diagram(graph):
    """Draw a model layer by layer, from its inputs at the top to its outputs at the bottom.

    Each box names a layer, its type and the shape of its output; n stands for the number of instances. Inputs are gray,
    outputs blue, a model inside the model has a double frame. A layer that is called several times has a box, of one
    color, for each call.

    Parameters
    ----------
    graph : dict
        "nodes", list of dict with "name", "type", "outputs" (list of shapes), and, optional, "call", "calls" (int >= 1)
        and "kind" ("input", "hidden", "model", "output"); "edges", list of (from, to), positions in "nodes". This is
        what :func:`coursepkg.deep.graph.layer_graph` returns.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no node, a node lacks a name, an edge leads to no node, or the edges make a circle.

    Notes
    -----
    The layout is that of Sugiyama, Tagawa and Toda (1981), in short: rows by the longest way from an input, passing
    places for edges that skip rows, order within a row by the neighbors' mean place.

    Examples
    --------
    >>> nodes = [{"name": "x", "type": "InputLayer", "outputs": [(None, 4)]},
    ...          {"name": "hidden", "type": "Dense", "outputs": [(None, 8)]}]
    >>> figure = layer_diagram({"nodes": nodes, "edges": [(0, 1)]})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['x', 'InputLayer', '(n, 4)', 'hidden', 'Dense', '(n, 8)']
    """
    nodes, edges = _checked(graph)
    rows = _rows(len(nodes), edges)
    ways, all_rows = _ways(edges, rows)
    places = _places(all_rows, [pair for way in ways for pair in pairwise(way)], len(nodes))

    width = 1 + max(places.values()) - min(places.values())
    height = 1 + max(rows)
    figure, axes = new_figure(width=_COLUMN * width, height=_ROW * height)
    axis = axes[0, 0]
    for way in ways:
        points = [(places[item] * _COLUMN, -all_rows[item] * _ROW) for item in way]
        axis.add_patch(_arrow(points))
    shared = {}
    for i, node in enumerate(nodes):
        fill = _FILL[node.get("kind", "hidden")]
        if node.get("calls", 1) > 1:
            fill = _SHARED[shared.setdefault(node["name"], len(shared)) % len(_SHARED)]
        _draw_box(axis, node, (places[i] * _COLUMN, -rows[i] * _ROW), fill)
    left, right = min(places.values()) * _COLUMN, max(places.values()) * _COLUMN
    axis.set(
        xlim=(left - _COLUMN / 2, right + _COLUMN / 2),
        ylim=(-(height - 0.5) * _ROW, 0.5 * _ROW),
        aspect="equal",
    )
    axis.set_axis_off()
    return figure


def _checked(graph):
    if not isinstance(graph, dict) or not {"nodes", "edges"} <= set(graph):
        raise TypeError(f'graph must be a dict with "nodes" and "edges"; got {type(graph).__name__}')
    nodes, edges = list(graph["nodes"]), [tuple(edge) for edge in graph["edges"]]
    if not nodes:
        raise ValueError("graph has no nodes: expected at least one layer")
    for i, node in enumerate(nodes):
        if missing := {"name", "type", "outputs"} - set(node):
            raise ValueError(f"nodes[{i}] lacks {', '.join(sorted(missing))}; got {sorted(node)}")
        if node.get("kind", "hidden") not in _FILL:
            raise ValueError(f"nodes[{i}] has the kind {node['kind']!r}; expected one of {', '.join(_FILL)}")
    for edge in edges:
        if len(edge) != 2 or not all(0 <= end < len(nodes) for end in edge):
            raise ValueError(f"the edge {edge} leads to no node; there are {len(nodes)}, counted from 0")
    return nodes, edges


def _rows(n_nodes, edges):
    """Return the row of each node: one below the lowest that it needs; an input just above its first use."""
    rows = np.zeros(n_nodes, dtype=int)
    for _ in range(n_nodes):
        before = rows.copy()
        for start, end in edges:
            rows[end] = max(rows[end], rows[start] + 1)
        if (rows == before).all():
            break
    else:
        raise ValueError("the edges make a circle: a layer would need its own output")
    for node in range(n_nodes):
        users = [rows[end] for start, end in edges if start == node]
        if users and not any(end == node for _, end in edges):
            rows[node] = min(users) - 1
    return rows.tolist()


def _ways(edges, rows):
    """Return each edge as the items that it visits, with a passing place in each row that it skips, and all rows."""
    all_rows, ways = dict(enumerate(rows)), []
    for start, end in edges:
        between = [(start, end, row) for row in range(rows[start] + 1, rows[end])]
        all_rows |= {place: place[2] for place in between}
        ways.append([start, *between, end])
    return ways, all_rows


def _places(all_rows, pairs, n_nodes):
    """Return where each item stands in its row, in columns: near its neighbors, in an order with few crossings."""
    from scipy.optimize import isotonic_regression

    members = {}
    for item, row in all_rows.items():
        members.setdefault(row, []).append(item)
    near = {item: {-1: [], 1: []} for item in all_rows}
    for above, below in pairs:
        near[below][-1].append(above)
        near[above][1].append(below)
    half = {item: 0.5 if isinstance(item, int) else _LANE / 2 for item in all_rows}
    place = {}
    for items in members.values():
        ends = np.cumsum([2 * half[item] for item in items])
        place |= {item: end - half[item] - ends[-1] / 2 for item, end in zip(items, ends, strict=True)}

    for sweep in range(_SORTING + _SETTLING):
        down = sweep % 2 == 0
        # Once the order is settled, a box moves between what it gets and what it gives.
        sides = (-1, 1) if sweep >= _SORTING else (-1,) if down else (1,)
        for row in sorted(members, reverse=not down):
            wanted = {}
            for item in members[row]:
                neighbors = [place[other] for side in sides for other in near[item][side]]
                wanted[item] = np.mean(neighbors) if neighbors else place[item]
            if sweep < _SORTING:
                members[row].sort(key=wanted.get)
            items = members[row]
            gaps = [0.0] + [half[a] + half[b] for a, b in pairwise(items)]
            offsets = np.cumsum(gaps)
            free = isotonic_regression(np.array([wanted[item] for item in items]) - offsets).x + offsets
            place |= dict(zip(items, free.tolist(), strict=True))
    return place


def _arrow(points):
    """Return an arrow from the lower edge of the first box past the others to the upper edge of the last."""
    (x, y), *passed, (x_end, y_end) = points
    reach = _BOX_HEIGHT / 2
    vertices, codes = [(x, y - reach)], [Path.MOVETO]
    stops = [(x, y + reach) for x, y in passed] + [(x_end, y_end + reach + 0.03)]
    for i, (x_to, y_to) in enumerate(stops):
        x_from, y_from = vertices[-1]
        middle = (y_from + y_to) / 2
        vertices += [(x_from, middle), (x_to, middle), (x_to, y_to)]
        codes += [Path.CURVE4] * 3
        if i < len(passed):  # straight down beside the boxes of that row
            vertices.append((x_to, y_to - 2 * reach))
            codes.append(Path.LINETO)
    style = {"arrowstyle": "-|>", "mutation_scale": 10, "color": "#555555", "linewidth": 1.1, "zorder": 1}
    return FancyArrowPatch(path=Path(vertices, codes), **style)


def _draw_box(axis, node, center, fill):
    x, y = center
    frames = (0.0, 0.045) if node.get("kind") == "model" or node["type"] in ("Functional", "Sequential") else (0.0,)
    for inset in frames:
        corner = (x - _BOX_WIDTH / 2 + inset, y - _BOX_HEIGHT / 2 + inset)
        size = (_BOX_WIDTH - 2 * inset, _BOX_HEIGHT - 2 * inset)
        style = {"boxstyle": "round,pad=0,rounding_size=0.06", "facecolor": fill, "edgecolor": "#444444", "zorder": 2}
        axis.add_patch(FancyBboxPatch(corner, *size, **style))
    kind = node["type"]
    if node.get("calls", 1) > 1:
        kind += f" · call {node.get('call', 1)} of {node['calls']}"
    shapes = ", ".join(_shape_text(shape) for shape in node["outputs"])
    lines = ((node["name"], 0.17, 8.5, "#000000", "bold"), (kind, 0.0, 7.5, "#333333", "normal"))
    for text, shift, size, color, weight in (*lines, (shapes, -0.17, 7.5, COLORS[0], "normal")):
        size = min(size, 165 / max(len(text), 1))  # a long name gets smaller letters, not a wider box
        axis.text(x, y + shift, text, fontsize=size, color=color, weight=weight, ha="center", va="center", zorder=3)


def _shape_text(shape):
    """Write (None, 300) as (n, 300): what is not known is the number of instances."""
    if shape is None:
        return "–"
    return (
        "(" + ", ".join("n" if size is None else str(size) for size in shape) + ("," if len(shape) == 1 else "") + ")"
    )
