"""Monte Carlo dropout: layers that also drop at inference, and models whose predictions are samples."""

from __future__ import annotations

import functools
from collections import Counter

import keras
import numpy as np
import tensorflow as tf

from coursepkg._validation import as_int
from coursepkg.deep.layers import (
    as_inputs,
    check_connected,
    copy_model,
    input_of,
    is_connected,
    is_own,
    labels,
    replaced_calls,
    walk,
)

SPATIAL = (keras.layers.SpatialDropout1D, keras.layers.SpatialDropout2D, keras.layers.SpatialDropout3D)


@keras.saving.register_keras_serializable(package="coursepkg")
class MCDropout(keras.layers.Dropout):
    """Dropout that is always active, whatever the argument ``training`` says; no other layer is affected.

    Parameters
    ----------
    rate : float in [0, 1]
        Share of the inputs that becomes 0; the others are divided by 1 − rate.
    noise_shape, seed, **kwargs
        As in ``keras.layers.Dropout``.

    Notes
    -----
    Gal and Ghahramani (2016), Dropout as a Bayesian approximation. The layer is registered: ``load_model`` finds it
    wherever this module has been imported.

    Examples
    --------
    >>> layer = MCDropout(0.5, seed=1)
    >>> sorted({float(value) for value in np.ravel(layer(np.ones((1, 100)), training=False))})
    [0.0, 2.0]
    """

    def call(self, inputs, training=False):
        """Return the inputs, masked and rescaled, of the same shape."""
        return super().call(inputs, training=True)


@keras.saving.register_keras_serializable(package="coursepkg")
class MCAlphaDropout(keras.layers.AlphaDropout):
    """Alpha dropout, for SELU, that is always active; see `MCDropout`.

    Examples
    --------
    >>> outputs = MCAlphaDropout(0.2, seed=1)(np.random.default_rng(0).normal(size=(100, 1000)), training=False)
    >>> bool(abs(np.mean(outputs)) < 0.02 and abs(np.std(outputs) - 1) < 0.02)
    True
    """

    def call(self, inputs, training=False):
        """Return the inputs with some at the lowest value of SELU, rescaled to their mean and variance."""
        return super().call(inputs, training=True)


@keras.saving.register_keras_serializable(package="coursepkg")
class MCLayer(keras.layers.Layer):
    """A layer around one of one's own, inside which all dropout is active at inference too, also after loading.

    Parameters
    ----------
    layer : keras.Layer
        Its `Dropout`, `SpatialDropout` and `AlphaDropout` layers become those of this module.

    Examples
    --------
    >>> class Block(keras.layers.Layer):
    ...     def __init__(self, **kwargs):
    ...         super().__init__(**kwargs)
    ...         self.drop = keras.layers.Dropout(0.5, seed=1)
    ...     def call(self, x):
    ...         return self.drop(x)
    >>> sorted({float(value) for value in np.ravel(MCLayer(Block())(np.ones((1, 100))))})
    [0.0, 2.0]
    """

    def __init__(self, layer, **kwargs):
        @functools.wraps(layer.call)  # Keras passes arguments by the names in the signature
        def call(*args, **kwargs):
            _activate(layer)
            outputs = layer(*args, **kwargs)
            _activate(layer)  # the first call may make layers
            return outputs

        object.__setattr__(self, "call", call)  # Keras reads the signature when it initializes a layer
        super().__init__(**kwargs)
        self.layer = layer
        self.supports_masking = layer.supports_masking

    def compute_mask(self, inputs, previous_mask):
        return self.layer.compute_mask(inputs, previous_mask)

    def get_config(self):
        return {**super().get_config(), "layer": keras.saving.serialize_keras_object(self.layer)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "layer": keras.saving.deserialize_keras_object(config["layer"])})


ACTIVE = {keras.layers.Dropout: MCDropout, keras.layers.AlphaDropout: MCAlphaDropout}
MONTE_CARLO = (MCDropout, MCAlphaDropout, MCLayer)
CONVERTIBLE = (*ACTIVE, *SPATIAL, *MONTE_CARLO)
DROPOUT = (*ACTIVE, keras.layers.GaussianDropout)


def to_monte_carlo(model):
    """Return a copy of a trained model, with its weights, that drops at inference too.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, built. Models inside it are converted as well, and so are layers of one's own. It
        stays as it is.

    Returns
    -------
    keras.Model
        Not compiled. Weights and names of the layers are those of ``model``; inputs get new names. Dropout has become
        `MCDropout`, spatial dropout too, with a ``noise_shape`` that drops whole channels; alpha dropout has become
        `MCAlphaDropout`; around a layer of one's own with dropout inside stands an `MCLayer`. All other layers, batch
        normalization above all, stay in inference mode when the copy predicts.

    Raises
    ------
    TypeError
        If ``model`` is no Keras model.
    ValueError
        If it is not built, or a subclass whose layers are connected in Python code; if it has no dropout that could be
        made active, or some that this function cannot convert, such as the argument ``dropout`` of a recurrent layer or
        a layer of one's own that draws random numbers only in training; if a layer cannot be copied.

    Examples
    --------
    >>> layers = keras.layers
    >>> model = keras.Sequential([keras.Input((4,)), layers.Dense(8), layers.Dropout(0.5), layers.Dense(1)])
    >>> sampler = to_monte_carlo(model)
    >>> [type(layer).__name__ for layer in sampler.layers]
    ['Dense', 'MCDropout', 'Dense']
    >>> x = np.ones((1, 4))
    >>> len({float(sampler(x)[0, 0]) for _ in range(9)}) > 1, len({float(model(x)[0, 0]) for _ in range(9)})
    (True, 1)
    """
    check_connected(model)
    found = list(walk(model, opened=lambda layer: isinstance(layer, keras.Model) or is_own(layer)))
    names = labels(found)
    hidden = [layer for _, layer in found if _hides_dropout(layer)]
    if not hidden and not any(isinstance(layer, DROPOUT) and layer.rate > 0 for _, layer in found):
        kinds = ", ".join(dict.fromkeys(type(layer).__name__ for _, layer in found if not is_connected(layer)))
        raise ValueError(
            f"the model {model.name!r} has no dropout layer with a rate above 0, so all samples would be equal; "
            f"its layers are of the types {kinds}"
        )
    if hidden:
        listed = ", ".join(f"{names[id(layer)]} ({type(layer).__name__})" for layer in hidden)
        raise ValueError(
            f"the model {model.name!r} has dropout that cannot be converted, in {listed}; use Dropout, "
            "SpatialDropout or AlphaDropout as layers of their own"
        )
    sampler = copy_model(model, make=_active)
    if refused := _drop_only_in_training(sampler):
        raise ValueError(
            f"the model {model.name!r} has dropout that cannot be converted, in {', '.join(refused)}: there random "
            "numbers are drawn in training only; call a Dropout layer whatever the argument training is"
        )
    return sampler


def mc_samples(model, x, n_samples, *, max_rows=4096):
    """Predict each instance many times, with as few calls of the model as memory allows.

    Every row of a batch has its own dropout mask. So the instances are repeated within the batch: two calls with 4,000
    rows replace 80 with 100, and cost much less.

    Parameters
    ----------
    model : callable
        A model from `to_monte_carlo`, or any other that answers anew in each call with ``training=False``.
    x : array_like, or dict, list or tuple of them; n instances each
        A list counts as several inputs if the model has several, or if its entries are no rows of one array.
    n_samples : int >= 1
    max_rows : int >= 1, keyword-only
        Most rows in one call.

    Returns
    -------
    numpy.ndarray, shape (n_samples, n, …), or the model's structure of them

    Raises
    ------
    TypeError, ValueError
        If ``n_samples`` or ``max_rows`` is no integer from 1, ``x`` has no instance, or its arrays differ in length.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((4,)), MCDropout(0.5, seed=1)])
    >>> samples = mc_samples(model, np.ones((3, 4)), 1000)
    >>> samples.shape, bool(abs(samples.mean() - 1) < 0.05)
    ((1000, 3, 4), True)
    """
    n_samples, max_rows = as_int(n_samples, "n_samples", low=1), as_int(max_rows, "max_rows", low=1)
    x = as_inputs(x, model)
    n = len(keras.tree.flatten(x)[0])
    rows = np.tile(np.arange(n), n_samples)
    outputs = []
    for start in range(0, len(rows), max_rows):
        chosen = rows[start : start + max_rows]
        batch = keras.tree.map_structure(lambda array, chosen=chosen: array[chosen], x)
        outputs.append(keras.tree.map_structure(np.asarray, model(batch, training=False)))
    return keras.tree.map_structure(
        lambda *arrays: np.concatenate(arrays).reshape(n_samples, n, *arrays[0].shape[1:]), *outputs
    )


def _hides_dropout(layer):
    """Return whether a layer of Keras drops in training in a way of its own: recurrent, attention, a wrapper, noise."""
    if is_own(layer) or isinstance(layer, keras.Model) or type(layer) in CONVERTIBLE:
        return False
    inside = [layer, *(sub for _, sub in walk(layer))]
    rates = [sub.rate for sub in inside if isinstance(sub, DROPOUT)]
    rates += [getattr(sub, name, 0) for sub in inside for name in ("dropout", "recurrent_dropout")]
    return any(isinstance(rate, (int, float)) and rate > 0 for rate in rates)


def _active(layer, new):
    """Return what stands for a layer in the sampler: its copy, with dropout that is active."""
    if type(layer) in SPATIAL:
        ones = (1,) * (layer.input_spec.ndim - 2)  # one decision for all places of a channel
        first = getattr(layer, "data_format", None) == "channels_first"
        shape = (None, None, *ones) if first else (None, *ones, None)
        return MCDropout(layer.rate, noise_shape=shape, seed=layer.seed, name=layer.name, dtype=layer.dtype_policy)
    if type(layer) in ACTIVE:
        return ACTIVE[type(layer)].from_config(layer.get_config())
    converts = is_own(layer) and not isinstance(layer, MCLayer)
    if converts and any(type(inside) in (*ACTIVE, *SPATIAL) for _, inside in walk(layer)):
        return MCLayer(new, name=layer.name, dtype=layer.dtype_policy)
    return new


def _activate(layer):
    """Make all dropout inside a layer active, by identity: whatever refers to it refers to the active one."""
    for _, inside in walk(layer):
        if type(inside) in SPATIAL:
            inside.noise_shape = _active(inside, None).noise_shape
            inside.__class__ = MCDropout
        elif type(inside) in ACTIVE:
            inside.__class__ = ACTIVE[type(inside)]


def _drop_only_in_training(sampler):
    """Return the layers of one's own that draw more random numbers in training than at inference, as text."""
    found = list(walk(sampler))
    if not any(is_own(layer) and type(layer) not in MONTE_CARLO for _, layer in found):
        return []
    names = labels(found, short=False)
    around = [names[id(layer)] for _, layer in found if type(layer) is MCLayer]
    draws = [_draws(sampler, found, training) for training in (False, True)]
    texts = []
    for _, layer in found:
        if is_own(layer) and draws[0][id(layer)] < draws[1][id(layer)]:
            path = names[id(layer)]
            for outer in around:  # it has the name of the layer inside it
                path = path.replace(f"{outer}/{outer.rsplit('/')[-1]}", outer)
            texts.append(f"{path} ({type(layer).__name__})")
    return texts


def _draws(model, found, training):
    """Return how many random operations each layer puts into the graph, those of layers inside it left out."""
    counts, inside = Counter(), [0]

    def counted(layer, original):
        @functools.wraps(original)
        def call(*args, **kwargs):
            graph = tf.compat.v1.get_default_graph()
            before = sum("Random" in operation.type for operation in graph.get_operations())
            inside.append(0)
            outputs = original(*args, **kwargs)
            drawn = sum("Random" in operation.type for operation in graph.get_operations()) - before
            counts[id(layer)] += drawn - inside.pop()
            inside[-1] += drawn
            return outputs

        return call

    layers = [layer for _, layer in found if not is_connected(layer)]
    with replaced_calls(layers, counted):
        specs = keras.tree.map_structure(lambda tensor: tf.TensorSpec(tensor.shape, tensor.dtype), input_of(model))
        tf.function(lambda x: model(x, training=training)).get_concrete_function(specs)
    return counts
