"""Fold batch normalization into the layer before it: the same answers from fewer layers."""

from __future__ import annotations

import keras
import numpy as np

from coursepkg._validation import one_of
from coursepkg.deep.graph import layer_graph

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
        activation of its own, is called several times, or its output is used elsewhere too; the normalization works
        along another axis, or with the statistics of the batch even at inference.

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
    pairs, problems = _plan(model)
    if strict and problems:
        listed = "; ".join(f"{name}: {reason}" for name, reason in problems.items())
        raise ValueError(
            f"not every BatchNormalization of the model {model.name!r} can be folded; {listed} "
            "(strict=False leaves such layers as they are)"
        )
    targets = set(pairs.values())

    def clone(layer):
        if isinstance(layer, keras.Model):
            return fold_batch_normalization(layer, strict=strict)
        more = {"use_bias": True} if layer.name in targets else {}  # to hold β − μs, even if there was none
        return type(layer).from_config(layer.get_config() | more)

    if isinstance(model, keras.Sequential):
        (start,) = model.inputs
        first = keras.Input(batch_shape=start.shape, dtype=start.dtype, name=start.name)
        kept = [clone(layer) for layer in model.layers if layer.name not in pairs]
        folded = keras.Sequential([first, *kept], name=model.name)
    else:

        def pass_on(layer, x, *args, **kwargs):
            return x if layer.name in pairs else layer(x, *args, **kwargs)

        folded = keras.models.clone_model(model, clone_function=clone, call_function=pass_on)
    _copy_weights(model, folded, {target: model.get_layer(name) for name, target in pairs.items()})
    return folded


def _plan(model):
    """Return which normalization goes into which layer, and why the others cannot: two dicts by name."""
    graph = layer_graph(model)
    parents, children = ([[] for _ in graph["nodes"]] for _ in range(2))
    for start, end in graph["edges"]:
        parents[end].append(start)
        children[start].append(end)
    layers = {layer.name: layer for layer in model.layers}  # without inputs and plain operations such as +
    pairs, problems = {}, {}
    for i, node in enumerate(graph["nodes"]):
        if node["type"] != "BatchNormalization":
            continue
        before = graph["nodes"][parents[i][0]]
        reason = _obstacle(layers[node["name"]], layers.get(before["name"]), before)
        if reason is None and max(node["calls"], before["calls"]) > 1:
            shared = node if node["calls"] > 1 else before
            reason = f"{shared['name']} is called {shared['calls']} times"
        elif reason is None and (len(children[parents[i][0]]) > 1 or before["kind"] == "output"):
            reason = f"the output of {before['name']} is used elsewhere too"
        if reason is None:
            pairs[node["name"]] = before["name"]
        else:
            problems[node["name"]] = reason
    return pairs, problems


def _obstacle(layer, before, node):
    """Return why a normalization cannot go into the layer before it, or None; ``node`` describes what is before."""
    if type(before) not in FOLDABLE:
        allowed = ", ".join(kind.__name__ for kind in FOLDABLE)
        return f"it follows {node['name']}, of type {node['type']}; expected one of {allowed}"
    if before.activation is not keras.activations.linear:
        return f"{before.name} has the activation {before.activation.__name__}; put it behind the normalization"
    if len(before.get_weights()) != 1 + before.use_bias:
        return f"{before.name} is quantized or has low-rank weights"
    rank = layer.input_spec.ndim
    channels = 1 if getattr(before, "data_format", None) == "channels_first" else rank - 1
    if layer.axis % rank != channels:
        return f"it works along axis {layer.axis}; the channels of {before.name} are on axis {channels}"
    if any(call.arguments.kwargs.get("training") for call in layer._inbound_nodes):
        return "it was called with training=True, and uses the statistics of the batch even at inference"
    return None


def _copy_weights(model, folded, normalizations):
    """Set the weights of the copy; ``normalizations`` holds what is folded into a layer, by the layer's name."""
    for layer in folded.layers:
        if isinstance(layer, keras.Model) or not layer.weights:
            continue  # a model inside the model has its weights already
        weights = model.get_layer(layer.name).get_weights()
        if layer.name in normalizations:
            scale, shift = _scale_and_shift(normalizations[layer.name])
            bias = weights[1] if len(weights) > 1 else 0.0
            weights = [weights[0] * scale, bias * scale + shift]
        layer.set_weights(weights)


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
