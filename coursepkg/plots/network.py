"""A network as a diagram of neurons and connections; no system package is needed."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_int
from coursepkg.plots.style import COLORS, new_figure, picture

_MOST_DRAWN = 9  # a wider layer shows its first and last neurons and dots between them
_SHOWN = 3  # so many first and last neurons; each more would add many lines that nobody can tell apart


@picture
def network_diagram(layer_sizes, *, layer_names=None, weights=None, biases=None):
    """Draw a fully connected feed-forward network.

    Parameters
    ----------
    layer_sizes : sequence of int >= 1
        Numbers of inputs, of neurons in each layer, …; at least two.
    layer_names : sequence of str, optional, keyword-only
        A name under each layer; by default "inputs", "hidden …", "outputs".
    weights : sequence of array_like, optional
        One matrix [n_inputs, n_neurons] for each pair of layers; its numbers are written on the connections.
    biases : sequence of array_like, optional
        One vector [n_neurons] for each layer after the inputs; written into the neurons.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If a size is impossible, or names, weights or biases do not fit the sizes.

    Notes
    -----
    A layer of more than 9 neurons is drawn with its first and last three, and dots; its size stands in its name.

    Examples
    --------
    >>> figure = network_diagram([2, 2, 1])
    >>> [text.get_text() for text in figure.axes[0].texts][-3:]
    ['inputs (2)', 'hidden (2)', 'outputs (1)']
    """
    sizes = [as_int(size, f"layer_sizes[{i}]", low=1) for i, size in enumerate(layer_sizes)]
    if len(sizes) < 2:
        raise ValueError(f"layer_sizes must name at least two layers; got {sizes}")
    names = _default_names(len(sizes)) if layer_names is None else list(layer_names)
    if len(names) != len(sizes):
        raise ValueError(f"layer_names must hold {len(sizes)} names; got {len(names)}")
    matrices = _fitting(weights, "weights", list(zip(sizes[:-1], sizes[1:], strict=True)))
    vectors = _fitting(biases, "biases", [(size,) for size in sizes[1:]])

    places = [_places(size) for size in sizes]
    highest = max(y for layer in places for _, y in layer)
    figure, axes = new_figure(width=1.2 + 1.9 * (len(sizes) - 1), height=1.3 + highest)
    axis = axes[0, 0]
    for step, (left, right) in enumerate(zip(places[:-1], places[1:], strict=True)):
        for i, y_left in left:
            for j, y_right in right:
                _connect(axis, step, y_left, y_right, None if matrices is None else matrices[step][i, j])
    for step, places_of_layer in enumerate(places):
        for i, y in places_of_layer:
            axis.add_patch(_neuron(step, y, is_input=step == 0))
            if step > 0 and vectors is not None:
                axis.text(step, y, f"{vectors[step - 1][i]:g}", ha="center", va="center", fontsize=8, zorder=4)
        if len(places_of_layer) < sizes[step]:
            axis.text(step, 0, "⋮", ha="center", va="center", fontsize=14)
    for step, (name, size) in enumerate(zip(names, sizes, strict=True)):
        axis.text(step, -highest - 0.65, f"{name} ({size})", ha="center", va="top")
    axis.set(xlim=(-0.55, len(sizes) - 0.45), ylim=(-highest - 1.1, highest + 0.5), aspect="auto")
    axis.set_axis_off()
    return figure


def _default_names(n_layers):
    hidden = ["hidden"] if n_layers == 3 else [f"hidden {i}" for i in range(1, n_layers - 1)]
    return ["inputs", *hidden, "outputs"]


def _fitting(arrays, name, shapes):
    if arrays is None:
        return None
    arrays = [as_array(array, f"{name}[{i}]") for i, array in enumerate(arrays)]
    if [array.shape for array in arrays] != shapes:
        raise ValueError(f"{name} must have the shapes {shapes}; got {[array.shape for array in arrays]}")
    return arrays


def _places(size):
    """Return (index, height) of the neurons that are drawn, centered around 0."""
    if size <= _MOST_DRAWN:
        return list(zip(range(size), np.arange(size)[::-1] - (size - 1) / 2, strict=True))
    first = [(i, _SHOWN - i) for i in range(_SHOWN)]
    return first + [(size - 1 - i, -y) for i, y in reversed(first)]


def _connect(axis, step, y_left, y_right, weight):
    axis.plot([step, step + 1], [y_left, y_right], color="#999999", linewidth=0.8, zorder=1)
    if weight is not None:
        # A third of the way: in the middle the numbers of crossing connections would lie on each other.
        x, y = step + 0.36, y_left + 0.36 * (y_right - y_left)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        axis.text(x, y, f"{weight:g}", fontsize=8, ha="center", va="center", bbox=box, zorder=2)


def _neuron(step, y, *, is_input):
    from matplotlib.patches import Ellipse

    color = "#DDDDDD" if is_input else COLORS[5]
    return Ellipse((step, y), width=0.32, height=0.72, facecolor=color, edgecolor="#333333", zorder=3)
