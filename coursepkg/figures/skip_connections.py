"""Blocks of layers as chains of boxes, with the ways around them."""

from __future__ import annotations

from matplotlib.patches import FancyBboxPatch

from coursepkg.plots.style import COLORS, new_figure, picture

_WIDTH, _HEIGHT = 1.1, 0.5  # of a box, where neighbors in a chain are 1 apart


@picture
def blocks(chains, *, skips):
    """Draw blocks beside each other, each from the bottom to the top.

    Parameters
    ----------
    chains : dict of str to sequence of str
        The boxes of each block by its name, from its input to its output.
    skips : dict of str to sequence of (int, int), keyword-only
        The ways around, by name of the block: from behind box i (0 is the input) into box j, counted from 1.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no block, or a way leads nowhere.

    Examples
    --------
    >>> figure = blocks({"plain": ["W", "ReLU"], "residual": ["W", "ReLU", "+"]}, skips={"residual": [(0, 3)]})
    >>> [axis.get_title() for axis in figure.axes]
    ['plain', 'residual']
    """
    if not chains:
        raise ValueError("chains is empty: expected at least one block")
    for name, ways in skips.items():
        for start, end in ways:
            if name not in chains or not 0 <= start < end <= len(chains[name]):
                raise ValueError(f"skips[{name!r}] leads from {start} to {end}, which is no way in that block")
    height = max(len(boxes) for boxes in chains.values())
    figure, axes = new_figure(1, len(chains), width=7.6 / len(chains), height=0.5 * height + 0.9)
    for axis, (name, boxes) in zip(axes[0], chains.items(), strict=True):
        arrow = {"arrowstyle": "->", "color": "#444444", "linewidth": 1.3}
        for level, text in enumerate(boxes, start=1):
            axis.add_patch(
                FancyBboxPatch(
                    (-_WIDTH / 2, level - _HEIGHT / 2), _WIDTH, _HEIGHT, boxstyle="round,pad=0.04",
                    facecolor="white", edgecolor="#444444", zorder=2,
                )
            )  # fmt: skip
            axis.text(0, level, text, ha="center", va="center", fontsize=9, zorder=3)
        for level in range(len(boxes) + 1):
            axis.annotate("", xy=(0, level + 0.7), xytext=(0, level + 0.32), arrowprops=arrow)
        for start, end in skips.get(name, ()):
            x, low = 0.75 + 0.22 * (end - start), start + 0.5
            axis.plot([0, x, x], [low, low, end], color=COLORS[4], linewidth=1.8, gid=f"skip {start} {end}")
            way = arrow | {"color": COLORS[4], "linewidth": 1.8, "shrinkA": 0}
            axis.annotate("", xy=(_WIDTH / 2 + 0.04, end), xytext=(x, end), arrowprops=way)
        axis.set(xlim=(-1.1, 2.3), ylim=(0.1, height + 0.9), title=name)
        axis.axis("off")
    return figure
