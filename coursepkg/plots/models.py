"""What a trained model does: its residuals, confusions and probabilities, and how it cut the plane while learning."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from coursepkg._validation import as_array, as_int, within_0_and_1
from coursepkg.plots.style import COLORS, MARKERS, new_figure, picture

# From the color of class 0 over white to that of class 1: light where the model is undecided.
_TWO_CLASSES = LinearSegmentedColormap.from_list("two classes", [COLORS[0], "white", COLORS[1]])
# Few flat shades are easier to read than a smooth transition, and a picture of them takes half the bytes.
_PROBABILITIES = np.array([0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
_WIDTH = 8  # inches of a row of panels: wide enough to see, narrow enough that the numbers stay readable on a page
_COUNTS = LinearSegmentedColormap.from_list("counts", ["white", COLORS[0]])


@picture
def residuals(y_true, predictions, *, unit, n_bins=12):
    """Draw what a prediction left over, target - prediction, against the prediction; one panel a model.

    Parameters
    ----------
    y_true : array_like, shape [n_samples]
    predictions : dict of str to array_like, shape [n_samples]
        Predictions by the name of the model.
    unit : str, keyword-only
        Unit of the target, for the axes.
    n_bins : int >= 1
        The predictions are cut into that many groups of equal size, and the mean of each is drawn.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If there is no prediction, or the shapes differ.

    Examples
    --------
    >>> figure = residuals([1.0, 2.0], {"mean": [1.5, 1.5]}, unit="m", n_bins=1)
    >>> figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()
    ('prediction (m)', 'residual (m)')
    """
    y_true = as_array(y_true, "y_true", ndim=1)
    n_bins = as_int(n_bins, "n_bins", low=1, high=len(y_true))
    if not predictions:
        raise ValueError("predictions is empty: expected at least one model")
    found = {
        name: as_array(values, f"predictions[{name!r}]", ndim=1, length=len(y_true))
        for name, values in predictions.items()
    }
    figure, axes = new_figure(1, len(found), width=3.7, height=3.2, sharey=True)
    for axis, (name, y_pred) in zip(axes.flat, found.items(), strict=True):
        residual = y_true - y_pred
        axis.scatter(y_pred, residual, s=5, color=COLORS[0], alpha=0.25, linewidth=0, rasterized=True)
        axis.axhline(0, color="#444444", linestyle="--", linewidth=1.2)
        groups = np.array_split(np.argsort(y_pred, kind="stable"), n_bins)
        centers = [[y_pred[group].mean(), residual[group].mean()] for group in groups]
        axis.plot(*np.transpose(centers), color=COLORS[4], marker=MARKERS[1], markersize=4, label="mean of a group")
        axis.set(title=name, xlabel=f"prediction ({unit})")
    axes[0, 0].set_ylabel(f"residual ({unit})")
    axes[0, 0].legend(loc="lower left")
    return figure


@picture
def confusion_matrix(y_true, y_pred, *, class_names):
    """Draw how many instances of each class were taken for which class.

    Parameters
    ----------
    y_true, y_pred : array_like of int, shape [n_samples]
        True and predicted classes, 0 … n_classes - 1.
    class_names : sequence of str, keyword-only
        One name a class.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If the shapes differ, or a class has no name.

    Examples
    --------
    >>> figure = confusion_matrix([0, 1, 1], [0, 0, 1], class_names=["cat", "dog"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1', '', '1', '1']
    """
    names = [str(name) for name in class_names]
    true = _classes(y_true, "y_true", len(names))
    predicted = _classes(y_pred, "y_pred", len(names), length=len(true))
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (true, predicted), 1)
    side = 1.8 + 0.42 * len(names)
    figure, axes = new_figure(width=side + 0.6, height=side)
    axis = axes[0, 0]
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axis.imshow(share, cmap=_COUNTS, vmin=0, vmax=1)
    for (i, j), count in np.ndenumerate(counts):
        color = "white" if share[i, j] > 0.5 else "#222222"
        axis.text(j, i, f"{count}" if count else "", ha="center", va="center", color=color, fontsize=8)
    ticks = range(len(names))
    axis.set_xticks(ticks, names, rotation=45, ha="right", rotation_mode="anchor")
    axis.set_yticks(ticks, names)
    axis.set(xlabel="predicted class", ylabel="true class")
    axis.grid(visible=False)
    return figure


@picture
def calibration(y_true, probabilities, *, n_bins=10):
    """Draw how often a stated probability came true: on the diagonal it means what it says.

    Parameters
    ----------
    y_true : array_like of {0, 1}, shape [n_samples]
        Whether it happened.
    probabilities : dict of str to array_like in [0, 1], shape [n_samples]
        Stated probabilities by the name of the model.
    n_bins : int >= 1, keyword-only
        Number of equally wide bins; empty ones are left out.

    Returns
    -------
    matplotlib.figure.Figure
        The share that came true against the mean stated probability, and below it how many samples a bin holds.

    Raises
    ------
    TypeError, ValueError
        If the shapes differ or a number is out of range.

    Examples
    --------
    >>> figure = calibration([0, 1], {"coin": [0.5, 0.5]})
    >>> figure.axes[0].get_lines()[1].get_xydata()
    array([[0.5, 0.5]])
    """
    y_true = as_array(y_true, "y_true", ndim=1)
    if not np.isin(y_true, (0, 1)).all():
        raise ValueError(f"y_true must hold 0 and 1 only; found values from {y_true.min():g} to {y_true.max():g}")
    n_bins = as_int(n_bins, "n_bins", low=1)
    if not probabilities:
        raise ValueError("probabilities is empty: expected at least one model")
    edges = np.linspace(0, 1, n_bins + 1)
    figure, axes = new_figure(2, 1, width=4.4, height=2.5, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    upper, lower = axes[:, 0]
    upper.plot([0, 1], [0, 1], color="#444444", linestyle="--", linewidth=1.2, label="as stated")
    for index, (name, stated) in enumerate(probabilities.items()):
        stated = as_array(stated, f"probabilities[{name!r}]", ndim=1, length=len(y_true))
        stated = within_0_and_1(stated, f"probabilities[{name!r}]")
        bins = np.clip(np.searchsorted(edges, stated, side="right") - 1, 0, n_bins - 1)
        counts = np.bincount(bins, minlength=n_bins)
        filled = counts > 0
        centers = np.bincount(bins, stated, n_bins)[filled] / counts[filled]
        came_true = np.bincount(bins, y_true, n_bins)[filled] / counts[filled]
        upper.plot(centers, came_true, marker=MARKERS[index], markersize=5, label=name)
        lower.stairs(counts, edges, color=COLORS[index], linewidth=1.6)
    upper.set_ylabel("share that came true")
    upper.legend()
    lower.set(xlabel="stated probability", ylabel="samples", yscale="log", ylim=(0.7, None))
    return figure


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


def _classes(labels, name, n_classes, length=None):
    labels = as_array(labels, name, ndim=1, length=length)
    if (labels != np.clip(labels.astype(int), 0, n_classes - 1)).any():
        raise ValueError(f"{name} must hold classes 0 … {n_classes - 1}, one for each name; got {np.unique(labels)}")
    return labels.astype(int)
