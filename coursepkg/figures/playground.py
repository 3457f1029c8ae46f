"""What networks answer in the plane: over the epochs of a training, and unit by unit."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from coursepkg._validation import as_int
from coursepkg.plots.style import COLORS, MARKERS, new_figure, picture

_TWO_CLASSES = LinearSegmentedColormap.from_list("two classes", [COLORS[0], "white", COLORS[1]])
_PROBABILITIES = np.array([0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
_WIDTH = 8  # inches of a row of panels: wide enough to see, narrow enough that the numbers stay readable on a page


@picture
def boundaries_over_training(runs, *, columns=None):
    """Draw how networks cut the plane while they learned: one row a network, one panel a snapshot.

    Colors show the probability of class 1 in six shades, which meet at 0.05, 0.25, 0.5, 0.75 and 0.95 (light:
    undecided); the line is at 0.5, and points are the training points.

    Parameters
    ----------
    runs : dict of str to Exploration
        Runs of `coursepkg.scratch.playground.explore` by name, with the same number of snapshots.
    columns : int >= 1, optional, keyword-only
        Show only the last snapshot of each run, that many a row.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no run, or a run has no snapshot or another number of them than the first.

    Examples
    --------
    >>> from coursepkg.scratch.playground import explore
    >>> figure = boundaries_over_training({"one unit": explore("gauss", hidden=(), epochs=9, n_snapshots=2)})
    >>> [axis.get_title() for axis in figure.axes]
    ['epoch 0', 'epoch 9']
    """
    numbers = {name: len(run.epochs) for name, run in runs.items()}
    if not numbers or min(numbers.values()) < 1 or (columns is None and len(set(numbers.values())) > 1):
        raise ValueError(f"runs must hold runs with the same number of snapshots, at least one; got {numbers}")
    if columns is None:
        panels = [
            (run, k, f"epoch {epoch}" if row == 0 else "")
            for row, run in enumerate(runs.values())
            for k, epoch in enumerate(run.epochs)
        ]
        shape = (len(runs), panels[0][0].boundaries.shape[0])
    else:
        columns = min(as_int(columns, "columns", low=1), len(runs))
        panels = [(run, -1, name) for name, run in runs.items()]
        shape = (-(-len(runs) // columns), columns)
    side = min(2.6, _WIDTH / shape[1])
    figure, axes = new_figure(*shape, width=side, height=side, sharex=True, sharey=True)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis, (run, k, title) in zip(axes.flat, panels, strict=False):
        _probability_map(axis, run, k, title)
    for axis in axes[-1]:
        axis.set_xlabel("$x_1$")
    for row, name in enumerate(runs if columns is None else range(shape[0])):
        axes[row, 0].set_ylabel(f"{name}\n$x_2$" if columns is None and len(runs) > 1 else "$x_2$")
    return figure


@picture
def hidden_units(run, *, snapshot=-1):
    """Draw what each unit of a network answers in the plane: one row a layer, the output last.

    Six shades run from the lowest to the highest answer of a unit; the line is halfway between.

    Parameters
    ----------
    run : Exploration
        A run of `coursepkg.scratch.playground.explore` with snapshots.
    snapshot : int, keyword-only
        Which snapshot; by default the last.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the run has no such snapshot.

    Examples
    --------
    >>> from coursepkg.scratch.playground import explore
    >>> figure = hidden_units(explore("xor", hidden=(3, 2), epochs=2, n_snapshots=2))
    >>> [axis.get_title() for axis in figure.axes if axis.get_title()]
    ['layer 1, unit 1', 'unit 2', 'unit 3', 'layer 2, unit 1', 'unit 2', 'output']
    """
    n_snapshots = len(run.epochs)
    snapshot = as_int(snapshot, "snapshot", low=-n_snapshots, high=n_snapshots - 1)
    layers = [layer[snapshot] for layer in run.hidden_units] + [run.boundaries[snapshot][None]]
    columns = max(len(layer) for layer in layers)
    side = min(2.2, _WIDTH / columns)
    figure, axes = new_figure(len(layers), columns, width=side, height=1.1 * side, sharex=True, sharey=True)
    for row, layer in enumerate(layers):
        for axis in axes[row, len(layer) :]:
            axis.set_axis_off()
        for unit, (axis, answer) in enumerate(zip(axes[row], layer, strict=False), start=1):
            first = f"layer {row + 1}, unit 1" if unit == 1 else f"unit {unit}"
            axis.set_title("output" if row == len(layers) - 1 else first, fontsize=9)
            low, high = float(answer.min()), float(answer.max())
            _shaded(axis, run.grid, (answer - low) / ((high - low) or 1), np.linspace(0, 1, 7))
            is_last = row == len(layers) - 1 or unit > len(layers[row + 1])
            axis.tick_params(labelsize=8, labelbottom=is_last)
            axis.set_xlabel("$x_1$" if is_last else "")
            axis.grid(visible=False)
        axes[row, 0].set_ylabel("$x_2$")
    return figure


def _probability_map(axis, run, snapshot, title):
    _shaded(axis, run.grid, run.boundaries[snapshot], _PROBABILITIES)
    for label in (0, 1):
        points = run.X_train[run.y_train == label]
        axis.scatter(*points.T, s=6, color=COLORS[label], marker=MARKERS[label], edgecolor="white", linewidth=0.3)
    axis.grid(visible=False)
    axis.set(title=title, aspect="equal", xlim=run.grid[[0, -1]], ylim=run.grid[[0, -1]])


def _shaded(axis, grid, values, levels):
    """Fill a square with one shade between each two levels, and draw the line where the values, 0 to 1, are 0.5."""
    middles = (levels[:-1] + levels[1:]) / 2
    shades = 0.65 * _TWO_CLASSES(middles) + 0.35  # mixed with white, so that points stand out
    axis.contourf(grid, grid, values, levels=levels, colors=shades, antialiased=False, zorder=0)
    if values.min() < 0.5 < values.max():
        axis.contour(grid, grid, values, levels=[0.5], colors="#222222", linewidths=1.2)
