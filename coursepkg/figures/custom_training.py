"""When a function runs as Python, and when as a graph."""

from __future__ import annotations

from coursepkg._validation import shorten
from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def trace_timeline(calls):
    """Draw which calls of a compiled function record a graph, and which graph each of them runs.

    Parameters
    ----------
    calls : sequence of (str, bool)
        For each call in order of time the signature of its arguments, such as "tensor (64, 3)", and whether Python ran
        to record a graph for it.

    Returns
    -------
    matplotlib.figure.Figure
        The horizontal axis counts the calls from 1. The first row holds the calls in which Python ran, each further
        row the calls that ran the graph of one signature, in the order of their first call; an arrow leads from a
        recording to its graph.

    Raises
    ------
    ValueError
        If there is no call, one is no pair of a text and a bool, or the first call of a signature records nothing.

    Examples
    --------
    >>> figure = trace_timeline([("tensor (2,)", True), ("tensor (2,)", False)])
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['Python records', 'graph: tensor (2,)']
    """
    calls = list(calls)
    if not calls:
        raise ValueError("calls is empty: expected at least one pair (signature, recorded)")
    rows, recordings = {}, []
    for number, call in enumerate(calls, start=1):
        if not (isinstance(call, tuple) and len(call) == 2 and isinstance(call[0], str) and isinstance(call[1], bool)):
            raise ValueError(f"call {number} must be a pair (signature, recorded); got {shorten(call)}")
        signature, recorded = call
        if signature not in rows and not recorded:
            raise ValueError(f"call {number} is the first one with {signature!r}, but it records no graph")
        rows.setdefault(signature, []).append(number)
        if recorded:
            recordings.append((number, list(rows).index(signature) + 1))
    figure, axes = new_figure(width=6.4, height=0.9 + 0.42 * (1 + len(rows)))
    axis = axes[0, 0]
    axis.plot([number for number, _ in recordings], [0] * len(recordings), "D", color=COLORS[4], markersize=8)
    for row, numbers in enumerate(rows.values(), start=1):
        axis.plot(numbers, [row] * len(numbers), "s", color=COLORS[0], markersize=9)
    for number, row in recordings:
        arrow = {"arrowstyle": "->", "color": "#444444", "shrinkA": 6, "shrinkB": 6}
        axis.annotate("", xy=(number, row), xytext=(number, 0), arrowprops=arrow)
    axis.set(xlabel="number of the call", xlim=(0.4, len(calls) + 0.6), ylim=(len(rows) + 0.5, -0.5))
    axis.set_xticks(range(1, len(calls) + 1))
    axis.set_yticks(range(len(rows) + 1), ["Python records", *(f"graph: {signature}" for signature in rows)])
    return figure
