"""How the layers of a Keras model are connected, as plain data that can be drawn without Keras."""

from __future__ import annotations

from collections import Counter
from graphlib import TopologicalSorter

import keras


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
    ends = {_call_of(tensor) for tensor in model.outputs}
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
                "outputs": [tuple(tensor.shape) for tensor in operation._inbound_nodes[index].output_tensors],
                "call": so_far[operation],
                "calls": in_all[operation],
                "kind": _kind(operation, call in ends),
            }
        )
    edges = sorted((position[parent], position[call]) for call in calls for parent in parents[call])
    return {"nodes": nodes, "edges": edges}


def check_connected(model):
    """Raise an error unless the layers of a model are connected in a graph: it is functional, or Sequential and built.

    Raises
    ------
    TypeError
        If ``model`` is no Keras model.
    ValueError
        If it is not built, or a subclass whose layers are connected in Python code.

    Examples
    --------
    >>> check_connected(keras.Sequential([keras.layers.Dense(1)], name="early"))
    Traceback (most recent call last):
    ValueError: the model 'early' is not built; give it an Input or call it on a batch first
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a keras.Model; got {type(model).__name__}")
    if isinstance(model, keras.Sequential) and not model.built:
        raise ValueError(f"the model {model.name!r} is not built; give it an Input or call it on a batch first")
    if not getattr(model, "outputs", None):
        raise ValueError(
            f"the layers of the model {model.name!r} are connected by code in {type(model).__name__}.call, "
            "which holds no graph; expected a Sequential or functional model"
        )


def _calls(model):
    """Return the calls that lead to the outputs of a model, each with the calls it needs; the inputs come first."""
    parents = {_call_of(tensor): [] for tensor in model.inputs}
    open_ends = [_call_of(tensor) for tensor in model.outputs]
    while open_ends:
        call = open_ends.pop(0)
        if call not in parents:
            operation, index = call
            # A tensor that enters a call twice is one edge.
            parents[call] = list(dict.fromkeys(map(_call_of, operation._inbound_nodes[index].input_tensors)))
            open_ends += parents[call]
    return parents


def _call_of(tensor):
    """Return the operation that produced a symbolic tensor, and the number of its call."""
    operation, index, _ = tensor._keras_history
    return operation, index


def _kind(operation, is_end):
    if isinstance(operation, keras.layers.InputLayer):
        return "input"
    if is_end:
        return "output"
    return "model" if isinstance(operation, keras.Model) else "hidden"
