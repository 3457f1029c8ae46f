"""Fold batch normalization into the layer before it: the same answers from fewer layers."""

from __future__ import annotations

import keras
import numpy as np

from coursepkg._validation import one_of
from coursepkg.deep import _private
from coursepkg.deep.graph import layer_graph
from coursepkg.deep.layers import check_connected, copy_model, is_connected, walk

# Their kernels have one column, on the last axis, for each output channel. A subclass may compute something else.
FOLDABLE = (keras.layers.Dense, keras.layers.Conv1D, keras.layers.Conv2D, keras.layers.Conv3D)


def fold_batch_normalization(model, *, strict=True):
    """Return a copy of a trained model whose dense and convolutional layers do the work of the normalizations too.

    At inference a normalization multiplies each channel by s = γ/√(σ² + ε) and adds β − μs, with the moving averages
    μ and σ². The layer before it, with kernel W (last axis: channels) and biases b, can do that itself: with the kernel
    W·s and the biases (b − μ)·s + β.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, built. Models inside it are folded as well. It stays as it is.
    strict : bool, keyword-only
        Raise an error if a normalization cannot be folded; False leaves such layers in the copy.

    Returns
    -------
    keras.Model
        Not compiled, with the names of the layers unchanged. Its outputs are those of ``model(x, training=False)`` up
        to rounding. It is meant for inference: training it goes on without normalization.

    Raises
    ------
    TypeError
        If ``model`` is no Keras model.
    ValueError
        If it is not built, or a subclass whose layers are connected in Python code; with ``strict``, if a normalization
        cannot be folded, with the reason for each: it does not directly follow one of `FOLDABLE`; that layer has an
        activation of its own, is called several times or used in several models, or its output is used elsewhere too;
        the normalization works along another axis, or with the statistics of the batch even at inference; it is inside
        a layer that is no model. Also if a layer cannot be copied.

    Notes
    -----
    Jacob and others (2018), Quantization and training of neural networks for efficient integer-arithmetic-only
    inference, section 3.2. :func:`coursepkg.scratch.batchnorm.fold` is the same for one dense layer in NumPy.

    Examples
    --------
    >>> layers = keras.layers
    >>> model = keras.Sequential([keras.Input((4,)), layers.Dense(8, use_bias=False), layers.BatchNormalization()])
    >>> folded = fold_batch_normalization(model)
    >>> [type(layer).__name__ for layer in folded.layers], folded.count_params()
    (['Dense'], 40)
    >>> x = np.ones((2, 4))
    >>> bool(np.allclose(model(x), folded(x), atol=1e-5))
    True
    """
    one_of(strict, "strict", (True, False))
    check_connected(model)
    pairs, problems = _plan(model, "", _used_in_several_models(model))
    if strict and problems:
        listed = "; ".join(f"{name}: {reason}" for name, reason in problems.items())
        raise ValueError(
            f"not every BatchNormalization of the model {model.name!r} can be folded; {listed} "
            "(strict=False leaves such layers as they are)"
        )
    into = {id(target): layer for layer, target in pairs}

    def with_biases(layer, known):
        return known | ({"use_bias": True} if id(layer) in into else {})  # to hold β − μs, even if there was none

    def folded(layer):
        weights = layer.get_weights()
        if id(layer) not in into:
            return weights
        scale, shift = _scale_and_shift(into[id(layer)])
        return [weights[0] * scale, (weights[1] if len(weights) > 1 else 0.0) * scale + shift]

    return copy_model(model, config=with_biases, weights=folded, left_out={id(layer) for layer, _ in pairs})


def _used_in_several_models(model):
    """Return the ids of the layers that stand in several models of all those inside a model, a set."""
    models = [model, *(layer for _, layer in walk(model, opened=is_connected) if is_connected(layer))]
    ids = [id(layer) for part in models for layer in part.layers]
    return {i for i in ids if ids.count(i) > 1}


def _plan(model, prefix, shared):
    """Return which normalization goes into which layer, a list of pairs, and why the others cannot, a dict by path."""
    graph = layer_graph(model)
    parents, children = ([[] for _ in graph["nodes"]] for _ in range(2))
    for start, end in graph["edges"]:
        parents[end].append(start)
        children[start].append(end)
    layers = {layer.name: layer for layer in model.layers}  # without operations such as +; no two are called alike
    pairs, problems = [], {}
    for i, node in enumerate(graph["nodes"]):
        layer = layers.get(node["name"])
        if not isinstance(layer, keras.layers.BatchNormalization) or node["call"] > 1:
            continue
        before = graph["nodes"][parents[i][0]]
        target = layers.get(before["name"])
        reason = _obstacle(layer, target, before)
        if reason is None and max(node["calls"], before["calls"]) > 1:
            shared_node = node if node["calls"] > 1 else before
            reason = f"{shared_node['name']} is called {shared_node['calls']} times"
        elif reason is None and (len(children[parents[i][0]]) > 1 or before["kind"] == "output"):
            reason = f"the output of {before['name']} is used elsewhere too"
        elif reason is None and (used := [x.name for x in (layer, target) if id(x) in shared]):
            reason = f"{used[0]} is used in several models"
        if reason is None:
            pairs.append((layer, target))
        else:
            problems[prefix + layer.name] = reason
    for layer in model.layers:
        if is_connected(layer):
            more, reasons = _plan(layer, f"{prefix}{layer.name}/", shared)
            pairs += more
            problems |= reasons
            continue
        for path, inside in walk(layer):
            if isinstance(inside, keras.layers.BatchNormalization):
                reason = (
                    f"it is inside {layer.name}, of type {type(layer).__name__}; only its code knows what it follows"
                )
                problems[f"{prefix}{layer.name}/{path}"] = reason
    return pairs, problems


def _obstacle(layer, before, node):
    """Return why a normalization cannot go into the layer before it, or None; ``node`` describes what is before."""
    if type(layer) is not keras.layers.BatchNormalization:
        return f"its type {type(layer).__name__} may compute something else than BatchNormalization"
    if type(before) not in FOLDABLE:
        allowed = ", ".join(kind.__name__ for kind in FOLDABLE)
        return f"it follows {node['name']}, of type {node['type']}; expected one of {allowed}"
    if before.activation is not keras.activations.linear:
        name = getattr(before.activation, "__name__", type(before.activation).__name__)
        return f"{before.name} has the activation {name}; put it behind the normalization"
    if len(before.get_weights()) != 1 + before.use_bias:
        return f"{before.name} is quantized or has low-rank weights"
    rank = layer.input_spec.ndim
    channels = 1 if getattr(before, "data_format", None) == "channels_first" else rank - 1
    if layer.axis % rank != channels:
        return f"it works along axis {layer.axis}; the channels of {before.name} are on axis {channels}"
    if any(call.arguments.kwargs.get("training") for call in _private.calls(layer)):
        return "it was called with training=True, and uses the statistics of the batch even at inference"
    return None


def _scale_and_shift(layer):
    """Return what a normalization does to each channel at inference: multiply by this, add that; shape (channels,)."""
    gamma, beta, mean, variance = (
        default if variable is None else np.asarray(variable, np.float64)
        for variable, default in (
            (layer.gamma, 1.0),
            (layer.beta, 0.0),
            (layer.moving_mean, None),
            (layer.moving_variance, None),
        )
    )
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return scale, beta - mean * scale
