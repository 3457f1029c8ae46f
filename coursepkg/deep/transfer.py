"""Reuse what another model learned: its layers without its variables, frozen or slowed."""

from __future__ import annotations

import numbers
from math import prod

import keras

from coursepkg._validation import as_float, one_of, shorten
from coursepkg.deep import _private
from coursepkg.deep.graph import outputs_of
from coursepkg.deep.layers import check_connected, check_model, copy_model, walk

PACKAGE = "coursepkg"


def reuse_layers(model, last, *, name=None):
    """Return a model of its own that computes what ``model`` computes up to one layer.

    Putting layers of a model into another one shares them: both models then hold the same variables, and training one
    changes the other. Here the layers are cloned, and the weights are copied.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, built. It stays as it is.
    last : str or int
        Name of the last layer to keep, or its position in ``model.layers``, from the end if negative: -2 leaves out
        the output layer of a Sequential model.
    name : str, keyword-only, optional
        Of the new model.

    Returns
    -------
    keras.Model
        Not compiled, of the same kind. The layers keep their names and whether they are trainable.

    Raises
    ------
    TypeError
        If ``model`` is no Keras model.
    ValueError
        If it is not built, or a subclass whose layers are connected in Python code; if there is no such layer, it is
        called several times, or a layer cannot be copied.

    Notes
    -----
    Yosinski and others (2014), How transferable are features in deep neural networks?, copy the first n layers.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="body"), keras.layers.Dense(8)])
    >>> reused = reuse_layers(model, -2)
    >>> [layer.name for layer in reused.layers], reused.output_shape
    (['body'], (None, 3))
    >>> reused.layers[0].kernel is model.layers[0].kernel
    False
    """
    check_connected(model)
    position = _position(model, last, "last")
    copies = {}
    copy = copy_model(model, copies=copies)
    if isinstance(model, keras.Sequential):
        (start,) = model.inputs
        first = keras.Input(batch_shape=start.shape, dtype=start.dtype, name=start.name)
        return keras.Sequential([first, *copy.layers[: position + 1]], name=name)
    calls = outputs_of(copy, copies.get(id(model.layers[position]), copy.layers[position]))
    if len(calls) != 1:
        raise ValueError(
            f"last must be a layer that is called once; {model.layers[position].name!r} is called {len(calls)} times"
        )
    return keras.Model(copy.input, calls[0] if len(calls[0]) > 1 else calls[0][0], name=name)


def freeze(model, last=None):
    """Make all layers up to one untrainable; what comes after keeps its state.

    Parameters
    ----------
    model : keras.Model
    last : str or int, optional
        Name or position of the last layer to freeze; by default all layers.

    Returns
    -------
    int
        How many numbers of the model are still trained. Compile the model before you train it again: a training step
        that was compiled earlier goes on with the old choice, and nothing says so.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Keras model, or has no such layer.

    Examples
    --------
    >>> layers = keras.layers
    >>> model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="body"), layers.Dense(1, name="head")])
    >>> freeze(model, "body"), unfreeze(model)
    (4, 19)
    """
    check_model(model, built=False)
    end = len(model.layers) - 1 if last is None else _position(model, last, "last")
    for layer in _with_inner(model.layers[: end + 1]):
        layer.trainable = False
    return _trained(model)


def unfreeze(model, first=None, *, normalizations=False):
    """Make all layers from one on trainable, normalizations as a rule excepted.

    Parameters
    ----------
    model : keras.Model
        Models inside it are treated layer by layer.
    first : str or int, optional
        Name or position of the first layer to train; by default all layers. What comes before keeps its state.
    normalizations : bool, keyword-only
        Train batch normalizations too. By default they are frozen: then they compute with the means and variances that
        they learned on the first task, in training as well, and a small data set does not replace those.

    Returns
    -------
    int
        How many numbers of the model are trained. Compile the model, with a new optimizer, before you train it.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Keras model, or has no such layer.

    Examples
    --------
    >>> layers = keras.layers
    >>> model = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization(), layers.Dense(1)])
    >>> unfreeze(model), unfreeze(model, normalizations=True)
    (19, 25)
    """
    check_model(model, built=False)
    one_of(normalizations, "normalizations", (True, False))
    start = 0 if first is None else _position(model, first, "first")
    before = [(layer, layer.trainable) for layer in _with_inner(model.layers[:start])]
    model.trainable = True  # a model that is frozen as a whole trains none of its layers, whatever their state
    # One by one: Keras ignores `model.trainable = True` where the model says so already, though its layers are frozen.
    for layer in _with_inner(model.layers[start:]):
        layer.trainable = normalizations or not isinstance(layer, keras.layers.BatchNormalization)
    for layer, state in before:  # last: a layer may stand on both sides
        layer.trainable = state
    return _trained(model)


def decaying_factors(model, decay):
    """Return a factor of the learning rate for each layer: 1 for the last, smaller by ``decay`` with each one before.

    Parameters
    ----------
    model : keras.Model
        Built. Layers that train nothing have no factor and do not count.
    decay : float >= 1
        2.6 in the source.

    Returns
    -------
    dict of str to float
        For `LayerwiseSGD` and `LayerwiseAdam`. A model inside the model counts as one layer.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Keras model, or ``decay`` is below 1.

    Notes
    -----
    Howard and Ruder (2018), Universal language model fine-tuning for text classification, section 3.2.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((4,))] + [keras.layers.Dense(3, name=name) for name in "abc"])
    >>> decaying_factors(model, 2)
    {'a': 0.25, 'b': 0.5, 'c': 1.0}
    """
    check_model(model, built=False)
    decay = as_float(decay, "decay", low=1)
    names = [layer.name for layer in model.layers if layer.trainable_variables]
    return {name: decay ** -(len(names) - 1 - i) for i, name in enumerate(names)}


class _Layerwise:
    """Multiply the learning rate by a factor for each layer.

    Keras 3.12 has nothing like it. ``keras.optimizers.MultiOptimizer`` of newer releases holds an optimizer, with a
    rate of its own, for each group of variables; a callback that sets *the* rate sets the same one for all of them.
    """

    def __init__(self, learning_rate, *, factors, **options):
        if options.get("weight_decay"):
            raise ValueError(
                f"weight_decay must be left out, because it would act at the full rate on every layer; "
                f"got {options['weight_decay']}"
            )
        if not isinstance(factors, dict):
            raise TypeError(f"factors must be a dict from names of layers to numbers; got {shorten(factors)}")
        factors = {name: as_float(value, f"factors[{name!r}]", low=0) for name, value in factors.items()}
        super().__init__(learning_rate, **options)
        self.factors = factors

    def build(self, variables):
        # Only here the variables carry paths such as model/layer/kernel; in the compiled step they are TensorFlow's.
        if not self.built:
            paths = [variable.path.split("/")[:-1] for variable in variables]
            unknown = set(self.factors) - {part for path in paths for part in path}
            if unknown:
                raise ValueError(
                    f"factors names {sorted(unknown)}, but no trained layer is called so; "
                    f"there are {sorted({path[-1] for path in paths if path})}"
                )
            self.factor_of_variable = [
                next((self.factors[part] for part in reversed(path) if part in self.factors), 1.0) for path in paths
            ]
        super().build(variables)

    def update_step(self, gradient, variable, learning_rate):
        factor = self.factor_of_variable[_private.position_of_variable(self, variable)]
        super().update_step(gradient, variable, learning_rate * factor)

    def get_config(self):
        return {**super().get_config(), "factors": self.factors}


@keras.saving.register_keras_serializable(PACKAGE)
class LayerwiseSGD(_Layerwise, keras.optimizers.SGD):
    """SGD with a learning rate for each layer.

    Parameters
    ----------
    learning_rate : float > 0 or LearningRateSchedule
        Of the layers without a factor.
    factors : dict of str to float >= 0, keyword-only
        By the name of a layer, or of a model inside the model, what its rate is multiplied by; the innermost name
        counts. `decaying_factors` makes one.
    **options
        Of ``keras.optimizers.SGD``, without ``weight_decay``: ``momentum``, ``clipnorm``…

    Raises
    ------
    TypeError, ValueError
        If a factor is no number >= 0, or there is weight decay; at the start of training, if a name is that of no
        trained layer.

    Notes
    -----
    Discriminative fine-tuning of Howard and Ruder (2018), section 3.2.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="a"), keras.layers.Dense(1, name="b")])
    >>> model.compile(loss="mse", optimizer=LayerwiseSGD(0.1, factors={"a": 0.5}))
    >>> model.optimizer.build(model.trainable_variables)
    >>> model.optimizer.factor_of_variable  # two kernels and their biases
    [0.5, 0.5, 1.0, 1.0]
    """

    def __init__(self, learning_rate=0.01, *, factors, **options):
        super().__init__(learning_rate, factors=factors, **options)


@keras.saving.register_keras_serializable(PACKAGE)
class LayerwiseAdam(_Layerwise, keras.optimizers.Adam):
    """Adam with a learning rate for each layer; parameters and errors as in `LayerwiseSGD`.

    A factor on the gradient would do nothing here, because Adam divides it out again; the factor is on the rate.

    Examples
    --------
    >>> LayerwiseAdam(0.001, factors={"body": 0.1}).get_config()["factors"]
    {'body': 0.1}
    """

    def __init__(self, learning_rate=0.001, *, factors, **options):
        super().__init__(learning_rate, factors=factors, **options)


def _position(model, layer, argument):
    """Return the position of a layer that is named or numbered, counted from 0."""
    names = [known.name for known in model.layers]
    if layer in names:
        return names.index(layer)
    if isinstance(layer, numbers.Integral) and not isinstance(layer, bool) and -len(names) <= layer < len(names):
        return int(layer) % len(names)
    raise ValueError(
        f"{argument} must be the name of a layer of {model.name!r} or a position among its {len(names)} layers; "
        f"got {layer!r}, and there are {shorten(names)}"
    )


def _with_inner(layers):
    """Return layers and all that is inside them, each before its own: setting its state sets theirs."""
    found = [inside for layer in layers for inside in (layer, *(inner for _, inner in walk(layer)))]
    return list({id(layer): layer for layer in found}.values())


def _trained(model):
    return sum(prod(variable.shape) for variable in model.trainable_variables)
