"""What a trained model does: its residuals, confusions and probabilities."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from coursepkg._validation import as_array, as_dict, as_int, rounding_of, within_0_and_1
from coursepkg.plots.style import COLORS, MARKERS, new_axis, new_figure, picture

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
    predictions = as_dict(predictions, "predictions", "model")
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
def confusion_matrix(y_true, y_pred, *, class_names, ax=None):
    """Draw how many instances of each class were taken for which class.

    Parameters
    ----------
    y_true, y_pred : array_like of int, shape [n_samples]
        True and predicted classes, 0 … n_classes - 1.
    class_names : sequence of str, keyword-only
        One name a class.
    ax : matplotlib.axes.Axes, keyword-only, optional
        Where to draw, to combine pictures; by default in a new figure.

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
    figure, axis = new_axis(ax, width=side + 0.6, height=side)
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
    probabilities = as_dict(probabilities, "probabilities", "model")
    edges = np.linspace(0, 1, n_bins + 1)
    figure, axes = new_figure(2, 1, width=4.4, height=2.5, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    upper, lower = axes[:, 0]
    upper.plot([0, 1], [0, 1], color="#444444", linestyle="--", linewidth=1.2, label="as stated")
    for index, (name, stated) in enumerate(probabilities.items()):
        rounding = rounding_of(stated, 1e-5)
        stated = as_array(stated, f"probabilities[{name!r}]", ndim=1, length=len(y_true))
        stated = within_0_and_1(stated, f"probabilities[{name!r}]", rounding=rounding)
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


def _classes(labels, name, n_classes, length=None):
    labels = as_array(labels, name, ndim=1, length=length)
    if (labels != np.clip(labels.astype(int), 0, n_classes - 1)).any():
        raise ValueError(f"{name} must hold classes 0 … {n_classes - 1}, one for each name; got {np.unique(labels)}")
    return labels.astype(int)
