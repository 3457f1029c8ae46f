"""How the layers of a Keras model are connected, as plain data that can be drawn without Keras."""

from __future__ import annotations

from collections import Counter
from graphlib import TopologicalSorter

import keras

from coursepkg.deep import _private
from coursepkg.deep.layers import check_connected


def layer_graph(model):
    """Return the calls of layers of which a model consists, and what flows from which to which.

    A node is one *call* of a layer: a layer that is called twice, to share its weights, makes two nodes. A model inside
    the model is one node, as a layer is; ask for its own graph to look inside.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, built: the shape of its input must be known.

    Returns
    -------
    dict
        "nodes", list of dict, each after those it needs: "name" and "type" of the layer; "outputs", list of shapes
        (tuples of int, None for what may vary, such as the number of instances); "call" and "calls", which call of the
        layer it is, of how many in this model; "kind", one of "input", "hidden", "output", "model" (a model inside that
        is no output).
        "edges", list of tuple (int, int): positions in "nodes", from, to.
        :func:`coursepkg.plots.layers.layer_diagram` draws it.

    Raises
    ------
    TypeError
        If ``model`` is no Keras model.
    ValueError
        If the model is not built, or is a subclass whose layers are connected in Python code.

    Notes
    -----
    Keras notes on each symbolic tensor which call of which layer produced it ("keras history"). This function walks
    those notes from the outputs to the inputs, as ``keras.utils.plot_model`` does.

    Examples
    --------
    >>> inputs = keras.Input((4,), name="features")
    >>> hidden = keras.layers.Dense(8, name="hidden")(inputs)
    >>> outputs = keras.layers.Concatenate(name="both")([inputs, hidden])
    >>> graph = layer_graph(keras.Model(inputs, outputs))
    >>> [(node["name"], node["outputs"]) for node in graph["nodes"]]
    [('features', [(None, 4)]), ('hidden', [(None, 8)]), ('both', [(None, 12)])]
    >>> graph["edges"]
    [(0, 1), (0, 2), (1, 2)]
    """
    check_connected(model)
    parents = _calls(model)
    calls = list(TopologicalSorter(parents).static_order())
    position = {call: i for i, call in enumerate(calls)}
    ends = {_private.origin(tensor) for tensor in model.outputs}
    in_all = Counter(operation for operation, _ in calls)
    so_far = Counter()
    nodes = []
    for call in calls:
        operation, index = call
        so_far[operation] += 1
        nodes.append(
            {
                "name": operation.name,
                "type": type(operation).__name__,
                "outputs": [tuple(tensor.shape) for tensor in _private.calls(operation)[index].output_tensors],
                "call": so_far[operation],
                "calls": in_all[operation],
                "kind": _kind(operation, call in ends),
            }
        )
    edges = sorted((position[parent], position[call]) for call in calls for parent in parents[call])
    return {"nodes": nodes, "edges": edges}


def outputs_of(model, layer):
    """Return the symbolic tensors that each call of a layer in a model returns: a list of lists, one a call.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, built.
    layer : keras.Layer
        One of ``model.layers``.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> [[tensor.shape for tensor in tensors] for tensors in outputs_of(model, model.layers[0])]
    [[(None, 2)]]
    """
    check_connected(model)
    calls = [call for call in TopologicalSorter(_calls(model)).static_order() if call[0] is layer]
    return [_private.calls(layer)[index].output_tensors for _, index in calls]


def _calls(model):
    """Return the calls that lead to the outputs of a model, each with the calls it needs; the inputs come first."""
    parents = {_private.origin(tensor): [] for tensor in model.inputs}
    open_ends = [_private.origin(tensor) for tensor in model.outputs]
    while open_ends:
        call = open_ends.pop(0)
        if call not in parents:
            operation, index = call
            # A tensor that enters a call twice is one edge.
            parents[call] = list(dict.fromkeys(map(_private.origin, _private.calls(operation)[index].input_tensors)))
            open_ends += parents[call]
    return parents


def _kind(operation, is_end):
    if isinstance(operation, keras.layers.InputLayer):
        return "input"
    if is_end:
        return "output"
    return "model" if isinstance(operation, keras.Model) else "hidden"
