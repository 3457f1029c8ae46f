"""Monte Carlo dropout: layers that also drop at inference, and models whose predictions are samples."""

from __future__ import annotations

import keras
import numpy as np

from coursepkg._validation import as_int
from coursepkg.deep.graph import check_connected

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


CONVERTIBLE = (keras.layers.Dropout, keras.layers.AlphaDropout, MCDropout, MCAlphaDropout, *SPATIAL)


def to_monte_carlo(model):
    """Return a copy of a trained model, with its weights, that drops at inference too.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, built. Models inside it are converted as well. It stays as it is.

    Returns
    -------
    keras.Model
        Weights and names of the layers are those of ``model``; inputs get new names. Dropout has become `MCDropout`,
        spatial dropout too, with a ``noise_shape`` that drops whole channels; alpha dropout has become
        `MCAlphaDropout`. All other layers, batch normalization above all, stay in inference mode when the copy
        predicts.

    Raises
    ------
    TypeError
        If ``model`` is no Keras model.
    ValueError
        If it is not built, or a subclass whose layers are connected in Python code; if it has no dropout that could be
        made active, or some that this function cannot convert, such as the argument ``dropout`` of a recurrent layer.

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
    leaves = list(_leaves(model))
    hidden = [f"{layer.name} ({type(layer).__name__})" for layer in leaves if _hides_dropout(layer)]
    if hidden:
        raise ValueError(
            f"the model {model.name!r} has dropout that cannot be converted, in {', '.join(hidden)}; use Dropout, "
            "SpatialDropout or AlphaDropout as layers of their own"
        )
    if not any(isinstance(layer, CONVERTIBLE) and layer.rate > 0 for layer in leaves):
        kinds = ", ".join(dict.fromkeys(type(layer).__name__ for layer in leaves))
        raise ValueError(
            f"the model {model.name!r} has no dropout layer with a rate above 0, so all samples would be equal; "
            f"its layers are of the types {kinds}"
        )
    sampler = keras.models.clone_model(model, clone_function=_clone, recursive=True)
    sampler.set_weights(model.get_weights())
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
    if isinstance(x, dict):
        x = {name: np.asarray(array) for name, array in x.items()}
    else:
        several = isinstance(x, tuple) or (isinstance(x, list) and _are_inputs(x, model))
        x = type(x)(map(np.asarray, x)) if several else np.asarray(x)
    lengths = {len(array) if array.ndim else 0 for array in keras.tree.flatten(x)}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(f"x must hold at least one instance, as many in each array; got the lengths {sorted(lengths)}")
    (n,) = lengths
    rows = np.tile(np.arange(n), n_samples)
    outputs = []
    for start in range(0, len(rows), max_rows):
        chosen = rows[start : start + max_rows]
        batch = keras.tree.map_structure(lambda array, chosen=chosen: array[chosen], x)
        outputs.append(keras.tree.map_structure(np.asarray, model(batch, training=False)))
    return keras.tree.map_structure(
        lambda *arrays: np.concatenate(arrays).reshape(n_samples, n, *arrays[0].shape[1:]), *outputs
    )


def _are_inputs(x, model):
    if hasattr(model, "inputs"):
        return len(model.inputs or ()) > 1
    return len({np.shape(part) for part in x}) > 1


def _leaves(model):
    check_connected(model)
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer


def _hides_dropout(layer):
    """Return whether a layer drops in training in a way of its own: recurrent, attention, a wrapper, a subclass."""
    return type(layer) not in CONVERTIBLE and _mentions_dropout(
        {"class_name": type(layer).__name__, **layer.get_config()}
    )


def _mentions_dropout(config):
    if isinstance(config, (list, tuple)):
        return any(map(_mentions_dropout, config))
    if not isinstance(config, dict):
        return False
    if str(config.get("class_name", "")).endswith(("Dropout", "Dropout1D", "Dropout2D", "Dropout3D")):
        return True
    return any(
        bool(value) if key in ("dropout", "recurrent_dropout") else _mentions_dropout(value)
        for key, value in config.items()
    )


def _clone(layer):
    config = layer.get_config()
    if type(layer) in SPATIAL:
        middle = (1,) * (layer.input_spec.ndim - 2)  # one decision for all places of a channel
        first = config.pop("data_format", "channels_last") == "channels_first"
        return MCDropout(**config, noise_shape=(None, None, *middle) if first else (None, *middle, None))
    kind = {keras.layers.Dropout: MCDropout, keras.layers.AlphaDropout: MCAlphaDropout}.get(type(layer), type(layer))
    return kind.from_config(config)
