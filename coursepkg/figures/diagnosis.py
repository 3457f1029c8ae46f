"""Loss curves of many runs side by side."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_int
from coursepkg.plots.style import COLORS, new_figure, picture


@picture
def gallery(histories, *, columns=3, level=None):
    """Draw the training and validation loss of several runs, a panel each.

    Parameters
    ----------
    histories : dict of str to dict
        The title of each panel, and the history of its run: "loss" and, if there is one, "val_loss", one number an
        epoch. Numbers that are not finite leave a gap.
    columns : int >= 1, keyword-only
        Panels in a row.
    level : float, keyword-only, optional
        A dashed line in each panel, such as the loss of a guess.

    Returns
    -------
    matplotlib.figure.Figure
        The axes count epochs from 1 and show the loss from 0 (or from its smallest value, if that is negative).

    Raises
    ------
    ValueError
        If there is no run, or one has no loss.

    Examples
    --------
    >>> figure = gallery({"A": {"loss": [0.9, 0.5], "val_loss": [0.8, 0.6]}, "B": {"loss": [0.9, 0.9]}})
    >>> [axis.get_title() for axis in figure.axes if axis.get_visible()]
    ['A', 'B']
    """
    if not histories:
        raise ValueError("histories is empty: expected at least one run")
    for name, history in histories.items():
        if not len(history.get("loss", ())):
            raise ValueError(f'histories[{name!r}] needs "loss", one number an epoch; got {sorted(history)}')
    columns = min(as_int(columns, "columns", low=1), len(histories))
    rows = -(-len(histories) // columns)
    figure, axes = new_figure(rows, columns, width=2.6, height=2.0)
    for axis, (name, history) in zip(axes.flat, histories.items(), strict=False):
        drawn = []
        for key, label, style in (("loss", "training", "-"), ("val_loss", "validation", "--")):
            if key in history:
                losses = np.asarray(history[key], dtype=float)
                losses = np.where(np.isfinite(losses), losses, np.nan)
                drawn.append(losses)
                axis.plot(range(1, len(losses) + 1), losses, style, color=COLORS[key == "val_loss"], label=label)
        if level is not None:
            axis.axhline(level, color="#444444", linestyle=":", linewidth=1.2, label="a guess")
        lowest = np.nanmin([0.0, *(np.nanmin(losses) for losses in drawn if np.isfinite(losses).any())])
        axis.set_title(name)
        axis.set_ylim(bottom=lowest)
    for axis in axes.flat[len(histories) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("loss")
    for axis in axes[-1]:
        axis.set_xlabel("epoch")
    lines, labels = axes[0, 0].get_legend_handles_labels()
    axes[0, 0].legend(lines, labels, fontsize="small")
    return figure
