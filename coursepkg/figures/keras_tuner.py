"""Who calls whom in a search with KerasTuner."""

from __future__ import annotations

from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def call_sequence(parts, calls):
    """Draw who calls whom, one row a call, from top to bottom.

    Parameters
    ----------
    parts : sequence of str
        The objects that take part, from left to right.
    calls : sequence of (str, str, str)
        Who calls, who is called, and what: (from, to, text). A part may call itself.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no call, or a call names an unknown part.

    Examples
    --------
    >>> figure = call_sequence(["Tuner", "Oracle"], [("Tuner", "Oracle", "create_trial"), ("Tuner", "Tuner", "save")])
    >>> [text.get_text() for text in figure.axes[0].texts if "_" in text.get_text()]
    ['1  create_trial']
    """
    parts, calls = list(parts), [tuple(call) for call in calls]
    if not calls:
        raise ValueError("calls is empty: expected at least one (from, to, text)")
    for caller, called, text in calls:
        for part in (caller, called):
            if part not in parts:
                raise ValueError(f"the call {text!r} names {part!r}; the parts are {', '.join(parts)}")
    figure, axes = new_figure(width=1.75 * len(parts), height=0.75 + 0.36 * len(calls))
    axis = axes[0, 0]
    bottom = len(calls) + 0.7
    for place, part in enumerate(parts):
        axis.plot([place, place], [0, bottom], color="#BBBBBB", linewidth=1, linestyle=":", zorder=0)
        box = {"boxstyle": "round,pad=0.3", "facecolor": "#CFE8F7", "edgecolor": "#444444"}
        axis.text(place, -0.15, part, ha="center", va="center", fontsize=9, bbox=box)
    for number, (caller, called, text) in enumerate(calls, start=1):
        start, end = parts.index(caller), parts.index(called)
        own = start == end
        tail = start + 0.3 if own else start
        style = {"arrowstyle": "-|>", "color": COLORS[0], "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0}
        axis.annotate("", (end, number), (tail, number), arrowprops=style)
        middle, side = (tail + 0.03, "left") if own else ((start + end) / 2, "center")
        height = number if own else number - 0.08
        background = {"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
        axis.text(
            middle,
            height,
            f"{number}  {text}",
            ha=side,
            va="center" if own else "bottom",
            fontsize=8,
            bbox=background,
            zorder=3,
        )
    axis.set(xlim=(-0.55, len(parts) - 0.3), ylim=(bottom, -0.7))
    axis.set_axis_off()
    return figure
