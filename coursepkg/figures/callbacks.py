"""What contains what, in the order of time."""

from __future__ import annotations

from coursepkg._validation import shorten
from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def hook_timeline(hooks):
    """Draw the hooks of callbacks in the order of their calls: a bar from each begin to its end, one row a kind.

    Parameters
    ----------
    hooks : sequence of str
        Names in the order of the calls, such as "on_epoch_begin" and "on_epoch_end"; each begin has its end.

    Returns
    -------
    matplotlib.figure.Figure
        The horizontal axis counts the calls from 1. The rows, in the order of their first call, are named without
        their ``on_``.

    Raises
    ------
    ValueError
        If there is no hook, a name is no begin or end, an end has no begin before it, or a begin no end after it.

    Examples
    --------
    >>> figure = hook_timeline(["on_test_begin", "on_test_batch_begin", "on_test_batch_end", "on_test_end"])
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['test', 'test_batch']
    """
    spans = _spans(hooks)
    figure, axes = new_figure(width=7.2, height=0.8 + 0.42 * len(spans))
    axis = axes[0, 0]
    for row, bars in enumerate(spans.values()):
        widths = [(start - 0.35, end - start + 0.7) for start, end in bars]
        axis.broken_barh(widths, (row - 0.32, 0.64), color=COLORS[row % len(COLORS)])
    axis.set(xlabel="number of the call", xlim=(0, len(hooks) + 1))
    axis.set_yticks(range(len(spans)), labels=list(spans))
    axis.invert_yaxis()
    axis.grid(False, axis="y")
    return figure


def _spans(hooks):
    """Return the positions (begin, end) of each kind of hook, counted from 1."""
    if not len(hooks):
        raise ValueError("hooks is empty: expected at least one begin and its end")
    spans, opened = {}, {}
    for position, hook in enumerate(hooks, start=1):
        name, _, edge = str(hook).removeprefix("on_").rpartition("_")
        if not name or edge not in ("begin", "end"):
            raise ValueError(f"a hook is called on_…_begin or on_…_end; got {shorten(hook)} at position {position}")
        bars = spans.setdefault(name, [])
        if edge == "begin":
            if name in opened:
                raise ValueError(f"{name} begins at position {position} before it ended; it began at {opened[name]}")
            opened[name] = position
        elif name not in opened:
            raise ValueError(f"{name} ends at position {position} but did not begin")
        else:
            bars.append((opened.pop(name), position))
    if opened:
        raise ValueError(f"these never end: {', '.join(opened)}")
    return spans
