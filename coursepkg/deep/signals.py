"""What flows through a model: outputs of its layers, gradients on their way back, units that never answer."""

from __future__ import annotations

import functools
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from coursepkg._validation import as_int, shorten
from coursepkg.deep.layers import as_inputs, check_model, is_own, labels, replaced_calls, walk

# Layers that are nothing but an activation, without an attribute that names it.
ACTIVATION_LAYERS = (keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, keras.layers.ELU)


@dataclass(frozen=True)
class LayerSignal:
    """What one call of a layer passed on, and which gradients came back to it.

    Attributes
    ----------
    name, type : str
        Name of the layer, with the models around it where another one is called so (" (call 2)" is added where it was
        called before), and its class.
    output : numpy.ndarray, shape (n, …)
        Output Z for n instances; the first one of a layer that has several.
    gradient : numpy.ndarray of the shape of ``output``, or None
        ∂L/∂Z of the loss L, a mean over the instances. None without targets, or if L does not depend on Z.
    weight_gradients : dict of str to numpy.ndarray
        ∂L/∂W of each trainable weight of the layer, by its name ("kernel", "bias"; with the layers around it where
        another one is called so), over all calls of the layer.

    Examples
    --------
    >>> LayerSignal("hidden", "Dense", np.zeros((5, 3))).output.shape
    (5, 3)
    """

    name: str
    type: str
    output: np.ndarray
    gradient: np.ndarray | None = None
    weight_gradients: dict = field(default_factory=dict)


def layer_signals(model, x, y=None, *, loss=None, training=False):
    """Send a batch through a model and, with targets, the gradient of its loss back; return what each layer saw.

    Parameters
    ----------
    model : keras.Model
        Built; sequential, functional or subclassed. Models and layers of one's own inside it are opened, wrappers and
        other layers of Keras are not. Nothing of it is changed by the default ``training=False``.
    x, y : array_like, or dict or list of arrays as the model takes it; n instances each
        One batch: everything is computed at once.
    loss : str, callable or keras.losses.Loss, keyword-only, optional
        Loss for ``y``; by default that of ``model.compile``, with its penalties on weights.
    training : bool
        Mode of dropout, batch normalization and the like; True updates moving statistics as training does.

    Returns
    -------
    list of LayerSignal
        In the order in which the calls ended: a layer of one's own comes after the layers inside it.

    Raises
    ------
    TypeError
        If ``model`` is no Keras model.
    ValueError
        If it is not built, ``x`` has no instance, ``y`` is given without any loss, or ``loss`` without ``y``.

    Notes
    -----
    Glorot and Bengio (2010) introduced this diagnosis, figures 2, 6 and 7.

    Examples
    --------
    >>> from coursepkg.deep import seed_everything
    >>> rng = seed_everything(0)
    Computing in float64 with deterministic operations; seed 0.
    >>> layers = [keras.layers.Dense(3, activation="tanh", name="hidden"), keras.layers.Dense(1, name="output")]
    >>> model = keras.Sequential([keras.Input((2,)), *layers])
    >>> for signal in layer_signals(model, rng.normal(size=(5, 2)), np.ones((5, 1)), loss="mean_squared_error"):
    ...     print(signal.name, signal.output.shape, signal.gradient.shape, list(signal.weight_gradients))
    hidden (5, 3) (5, 3) ['kernel', 'bias']
    output (5, 1) (5, 1) ['kernel', 'bias']
    """
    check_model(model)
    if y is None and loss is not None:
        raise ValueError("loss is given without y: gradients need targets")
    if y is not None and loss is None and not getattr(model, "compiled", False):
        raise ValueError(f"y is given, but no loss: pass loss=…, or compile the model {model.name!r} first")
    x = keras.tree.map_structure(tf.convert_to_tensor, as_inputs(x, model))
    with _recording(model) as (calls, names), tf.GradientTape(persistent=True) as tape:
        prediction = model(x, training=training)
        if y is None:
            value = None
        elif loss is None:
            value = model.compute_loss(x=x, y=y, y_pred=prediction, training=training)
        else:
            value = tf.reduce_mean(keras.losses.get(loss)(tf.convert_to_tensor(y), prediction))
    signals, seen = [], {}
    for layer, output in calls:
        name = names[id(layer)]
        number = seen[name] = seen.get(name, 0) + 1
        gradient, of_weights = None, {}
        if value is not None:
            weights = [variable.value for variable in layer.trainable_weights]
            gradient, *found = (_array(part) for part in tape.gradient(value, [output, *weights]))
            pairs = zip(layer.trainable_weights, found, strict=True)
            repeated = Counter(variable.name for variable in layer.trainable_weights)
            of_weights = {
                variable.name if repeated[variable.name] == 1 else variable.path: part
                for variable, part in pairs
                if part is not None
            }
        name = name if number == 1 else f"{name} (call {number})"
        signals.append(LayerSignal(name, type(layer).__name__, _array(output), gradient, of_weights))
    return signals


def signal_table(signals):
    """Return the statistics of the signals, one row a call of a layer.

    Parameters
    ----------
    signals : sequence of LayerSignal
        From `layer_signals`.

    Returns
    -------
    pandas.DataFrame
        The index holds the names. Columns: type; mean, std (of all entries of the output); spread (standard deviation
        over the instances of each unit, then the mean over the units: 0 if all instances look alike); zeros (share of
        entries that are exactly 0); gradient (standard deviation of ∂L/∂Z), weight gradient (root mean square of the
        entries of ∂L/∂W of the layer's first trainable weight, the kernel). NaN where there is no gradient.

    Raises
    ------
    TypeError, ValueError
        If there is something else than signals, or nothing.

    Examples
    --------
    >>> signal_table([LayerSignal("hidden", "Dense", np.array([[0.0, 2.0], [2.0, 2.0]]))]).loc["hidden", "mean":"zeros"]
    mean      1.500000
    std       0.866025
    spread    0.500000
    zeros     0.250000
    Name: hidden, dtype: float64
    """
    signals = list(signals)
    if not signals:
        raise ValueError("signals is empty: expected at least one LayerSignal")
    rows = []
    for signal in signals:
        if not isinstance(signal, LayerSignal):
            raise TypeError(f"signals must hold LayerSignal objects, from layer_signals; got {shorten(signal)}")
        output = signal.output.astype(float)
        kernel = next(iter(signal.weight_gradients.values()), None)
        rows.append(
            {
                "layer": signal.name,
                "type": signal.type,
                "mean": output.mean(),
                "std": output.std(),
                "spread": output.std(axis=0).mean(),
                "zeros": (output == 0).mean(),
                "gradient": np.nan if signal.gradient is None else signal.gradient.astype(float).std(),
                "weight gradient": np.nan if kernel is None else np.sqrt((kernel.astype(float) ** 2).mean()),
            }
        )
    return pd.DataFrame(rows).set_index("layer")


def dead_units(model, x, *, batch_size=1000):
    """Count the units whose output is exactly 0 for every instance: no gradient comes back through a ReLU unit then.

    Parameters
    ----------
    model : keras.Model
        Built; see `layer_signals`.
    x : array_like, shape (n, …), or dict or list of such arrays
        The more instances, the fewer units look dead by chance.
    batch_size : int >= 1, keyword-only
        Instances sent through the model at a time; the result does not depend on it.

    Returns
    -------
    pandas.DataFrame
        One row a layer that has an activation (not a linear one) or is one; columns units (the size of the last axis:
        units, or channels, which are dead only if they are 0 at every place) and dead.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Keras model or not built, if no layer of it has an activation, or ``batch_size`` is below 1.

    Examples
    --------
    >>> from coursepkg.deep import seed_everything
    >>> rng = seed_everything(0)
    Computing in float64 with deterministic operations; seed 0.
    >>> hidden = keras.layers.Dense(4, activation="relu", name="hidden")
    >>> model = keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(1)])
    >>> hidden.set_weights([np.eye(2, 4), np.array([0.0, -100.0, 1.0, -1.0])])
    >>> dead_units(model, rng.normal(size=(500, 2)))  # doctest: +NORMALIZE_WHITESPACE
            units  dead
    layer
    hidden      4     2
    """
    check_model(model)
    batch_size = as_int(batch_size, "batch_size", low=1)
    x = as_inputs(x, model)
    alive = {}
    for start in range(0, len(keras.tree.flatten(x)[0]), batch_size):
        batch = keras.tree.map_structure(lambda array, i=start: tf.convert_to_tensor(array[i : i + batch_size]), x)
        with _recording(model) as (calls, names):
            model(batch, training=False)
        for layer, output in calls:
            if _activates(layer):
                answers = tf.reduce_any(output != 0, axis=list(range(output.ndim - 1))).numpy()
                alive[names[id(layer)]] = alive.get(names[id(layer)], False) | answers
    if not alive:
        raise ValueError(f"no layer of the model {model.name!r} has an activation: no unit of it can be dead")
    rows = [{"layer": name, "units": answers.size, "dead": int((~answers).sum())} for name, answers in alive.items()]
    return pd.DataFrame(rows).set_index("layer")


@contextmanager
def _recording(model):
    """Give the block a list that collects (layer, output) of every call of a layer, and the layers' names by id."""
    found = walk(model, opened=lambda layer: isinstance(layer, keras.Model) or is_own(layer))
    found = [(path, layer) for path, layer in found if not isinstance(layer, keras.Model)]
    calls, layers = [], [layer for _, layer in found]

    def recorded(layer, original):
        @functools.wraps(original)
        def call(*args, **kwargs):
            # A layer may hand on its very input; identity tells the gradient of the one from that of the other.
            outputs = keras.tree.map_structure(tf.identity, original(*args, **kwargs))
            calls.append((layer, keras.tree.flatten(outputs)[0]))
            return outputs

        return call

    with replaced_calls(layers, recorded):
        yield calls, labels(found)


def _activates(layer):
    if isinstance(layer, keras.layers.TimeDistributed):
        return _activates(layer.layer)
    activation = getattr(layer, "activation", None)
    named = activation is not None and activation is not keras.activations.linear
    return named or isinstance(layer, ACTIVATION_LAYERS)


def _array(tensor):
    """Return a tensor or a gradient, which may be missing or list only some rows, as an array."""
    return None if tensor is None else np.array(tf.convert_to_tensor(tensor))
