"""What a model consists of: one check, one walk over all layers by identity, one way to copy a model."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import contextmanager

import keras
import numpy as np

from coursepkg._validation import shorten
from coursepkg.deep import _private


def check_model(model, *, built=True, compiled=False):
    """Raise an error unless ``model`` is a Keras model, and in the state that is asked for.

    Raises
    ------
    TypeError
        If ``model`` is no Keras model.
    ValueError
        If it is not built, or not compiled.

    Examples
    --------
    >>> check_model(keras.Sequential([keras.layers.Dense(1)], name="early"))
    Traceback (most recent call last):
    ValueError: the model 'early' is not built; give it an Input or call it on a batch first
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a keras.Model; got {type(model).__name__}")
    if compiled and not model.compiled:
        raise ValueError(f"the model {model.name!r} is not compiled; call model.compile(loss=…, optimizer=…) first")
    if built and not model.built:
        raise ValueError(f"the model {model.name!r} is not built; give it an Input or call it on a batch first")


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
    >>> check_connected(keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)]))
    """
    check_model(model, built=isinstance(model, keras.Sequential))
    if not is_connected(model):
        raise ValueError(
            f"the layers of the model {model.name!r} are connected by code in {type(model).__name__}.call, "
            "which holds no graph; expected a Sequential or functional model"
        )


def is_connected(layer):
    """Return whether a layer is a model whose graph Keras knows, a bool; a method ``call`` of its own hides it."""
    if not (isinstance(layer, keras.Model) and layer.built and getattr(layer, "outputs", None)):
        return False
    return _of_keras(next(kind for kind in type(layer).__mro__ if "call" in vars(kind)))


def input_of(model):
    """Return the symbolic inputs of a connected model: a tensor, or a dict or list of them, as the model takes it."""
    return model.inputs[0] if isinstance(model, keras.Sequential) else model.input


def as_inputs(x, model):
    """Return inputs as arrays in the structure that a model takes.

    Parameters
    ----------
    x : array_like, or dict, list or tuple of them; n >= 1 instances each
        A list counts as several inputs if the model has several, or if its entries are no rows of one array.
    model : callable

    Returns
    -------
    numpy.ndarray, or dict, list or tuple of them

    Raises
    ------
    TypeError, ValueError
        If an array holds something else than the model takes, there is no instance, or the arrays differ in length.

    Examples
    --------
    >>> as_inputs([[1.0, 2.0], [3.0, 4.0]], keras.Sequential([keras.Input((2,))])).shape
    (2, 2)
    """
    inputs = getattr(model, "inputs", None) or ()
    takes_text = not inputs or any(tensor.dtype == "string" for tensor in inputs)
    if isinstance(x, dict):
        x = {name: _as_input(array, f"x[{name!r}]", takes_text) for name, array in x.items()}
    elif isinstance(x, tuple) or (isinstance(x, list) and _are_several(x, model)):
        x = type(x)(_as_input(array, f"x[{i}]", takes_text) for i, array in enumerate(x))
    else:
        x = _as_input(x, "x", takes_text)
    lengths = {len(array) if array.ndim else 0 for array in keras.tree.flatten(x)}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(f"x must hold at least one instance, as many in each array; got the lengths {sorted(lengths)}")
    return x


def _are_several(x, model):
    if hasattr(model, "inputs"):
        return len(model.inputs or ()) > 1
    return len({np.shape(part) for part in x}) > 1


def _as_input(value, name, takes_text):
    array = np.asarray(value)
    if array.dtype == object and not any(isinstance(entry, (str, bytes)) for entry in array.flat):
        try:
            return array.astype(float)  # numbers of several kinds, from a table
        except (TypeError, ValueError):
            raise TypeError(f"{name} must hold numbers; got dtype object: {shorten(value)}") from None
    if array.dtype.kind in "OSU" and not takes_text:
        raise TypeError(f"{name} must hold numbers; got dtype {array.dtype}: {shorten(value)}")
    return array


def is_own(layer):
    """Return whether the class of a layer is not Keras's: what its ``call`` does, only its code knows. A bool."""
    return not _of_keras(type(layer))


def walk(model, *, opened=None):
    """Yield every layer inside a model or layer once, by identity, each before those inside it.

    Parameters
    ----------
    model : keras.Model or keras.Layer
    opened : callable, keyword-only, optional
        From a layer to bool: whether the walk looks inside. By default it looks everywhere: into models, wrappers,
        recurrent layers and layers of one's own.

    Yields
    ------
    tuple of str and keras.Layer
        The path, names with "/" between them, without that of ``model``; and the layer. A path need not be unique.

    Examples
    --------
    >>> twice = keras.layers.TimeDistributed(keras.layers.Dense(2, name="inner"), name="outer")
    >>> [path for path, _ in walk(keras.Sequential([keras.Input((3, 4)), twice, twice]))]
    ['outer', 'outer/inner']
    """
    seen = {id(model)}

    def inside(parent, prefix):
        for layer in parent.layers if isinstance(parent, keras.Model) else _private.sublayers(parent):
            if id(layer) not in seen:
                seen.add(id(layer))
                yield prefix + layer.name, layer
                if opened is None or opened(layer):
                    yield from inside(layer, f"{prefix}{layer.name}/")

    return inside(model, "")


def leaves(model):
    """Return path and layer of all layers of a model, models inside it opened and left out: a list of tuples.

    Examples
    --------
    >>> inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="hidden")], name="inner")
    >>> [path for path, _ in leaves(keras.Sequential([keras.Input((4,)), inner]))]
    ['inner/hidden']
    """
    found = walk(model, opened=lambda layer: isinstance(layer, keras.Model))
    return [(path, layer) for path, layer in found if not isinstance(layer, keras.Model)]


def labels(found, *, short=True):
    """Return a name for each layer that no other has.

    Parameters
    ----------
    found : list of tuple (path, layer)
        From `walk` or `leaves`.
    short : bool, keyword-only
        Prefer the layer's own name where no other has it; else the path, and a number where two paths are equal.

    Returns
    -------
    dict of int to str
        By the ``id`` of the layer.

    Examples
    --------
    >>> make = lambda name: keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="hidden")], name=name)
    >>> found = leaves(keras.Sequential([keras.Input((4,)), make("a"), keras.layers.Dense(4, name="mid"), make("b")]))
    >>> list(labels(found).values())
    ['a/hidden', 'mid', 'b/hidden']
    """
    names, paths, seen, result = Counter(layer.name for _, layer in found), Counter(p for p, _ in found), Counter(), {}
    for path, layer in found:
        seen[path] += 1
        label = path if paths[path] == 1 else f"{path} ({seen[path]})"
        result[id(layer)] = layer.name if short and names[layer.name] == 1 else label
    return result


@contextmanager
def replaced_calls(layers, replacement):
    """Let layers call ``replacement(layer, call)`` in place of their method ``call`` for a while."""
    before = [vars(layer).get("call") for layer in layers]
    try:
        for layer in layers:
            object.__setattr__(layer, "call", replacement(layer, layer.call))
        yield
    finally:
        for layer, call in zip(layers, before, strict=True):
            vars(layer).pop("call", None)
            if call is not None:
                object.__setattr__(layer, "call", call)


def copy_model(model, *, make=None, config=None, dtype=None, left_out=(), weights=None, copies=None):
    """Return a copy of a model with layers and weights of its own; a layer that is used twice is copied once.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, built. Models inside it are copied as well. It stays as it is.
    make : callable, keyword-only, optional
        From a layer and its copy to what takes its place: the copy, or a layer around it.
    config : callable, keyword-only, optional
        From a layer and its configuration, a dict, to that of its copy.
    dtype : str, keyword-only, optional
        Precision of the copy and of its inputs; by default each layer keeps its own.
    left_out : collection of int, keyword-only
        Ids of layers that the copy does without; what enters them passes.
    weights : callable, keyword-only, optional
        From a layer to the weights of its copy; by default its own.
    copies : dict, keyword-only, optional
        Is filled with the layer that each layer has become, by the ``id`` of the old one.

    Returns
    -------
    keras.Model
        With the names of the layers unchanged, and whether they are trainable.

    Raises
    ------
    TypeError, ValueError
        As `check_connected`; or if a layer cannot be copied, with its name and the reason.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Lambda(lambda x: 2 * x), keras.layers.Dense(1)])
    >>> copy = copy_model(model)
    >>> x = keras.ops.ones((1, 4))
    >>> bool(copy(x) == model(x)), copy.layers[1].kernel is model.layers[1].kernel
    (True, False)
    """
    check_connected(model)
    _check_apart(model)
    copies = {} if copies is None else copies

    def clone(layer, path):
        if id(layer) not in copies:
            if is_connected(layer):
                copies[id(layer)] = connect(layer, f"{path}/")
            else:
                new = _copied_layer(layer, path, config or (lambda layer, known: known), dtype)
                copies[id(layer)] = make(layer, new) if make else new
        return copies[id(layer)]

    def connect(part, prefix):
        def pass_on(layer, x, *args, **kwargs):
            return x if id(layer) in left_out else clone(layer, prefix + layer.name)(x, *args, **kwargs)

        inputs = keras.tree.map_structure(
            lambda tensor: keras.Input(batch_shape=tensor.shape, dtype=dtype or tensor.dtype, name=tensor.name),
            input_of(part),
        )
        if isinstance(part, keras.Sequential):
            kept = [clone(layer, prefix + layer.name) for layer in part.layers if id(layer) not in left_out]
            return keras.Sequential([inputs, *kept], name=part.name)
        bare = keras.Model(part.input, part.output, name=part.name)  # not compiled: what a loss needs is not copied
        # Keras calls the second function with what the first returns: here the old layer, which has an identity.
        functions = {"clone_function": lambda layer: layer, "call_function": pass_on}
        return keras.models.clone_model(bare, input_tensors=inputs, **functions)

    copy = connect(model, "")
    for path, layer in walk(model, opened=is_connected):  # a model before its layers, whose states may differ from its
        if id(layer) not in copies:
            continue
        new = copies[id(layer)]
        new.trainable = layer.trainable
        if is_connected(layer):
            continue
        values = layer.get_weights() if weights is None else weights(layer)
        if [value.shape for value in values] != [value.shape for value in new.get_weights()]:
            raise _refusal(path, layer, "a layer made from its configuration has other weights")
        new.set_weights(values)
        _copy_state(layer, new)
    return copy


def _copied_layer(layer, path, change, dtype):
    """Return a layer, or an operation such as +, of the same configuration, as ``change`` makes it."""
    before = keras.config.dtype_policy()
    policy = dtype or getattr(layer, "dtype_policy", before)
    try:
        if type(layer) is keras.layers.Lambda:  # its configuration holds bytes, which Keras refuses to load
            known = {"name": layer.name, "trainable": layer.trainable, "dtype": policy}
            own = {"output_shape": _private.shape_of_lambda(layer), "mask": layer.mask, "arguments": layer.arguments}
            return keras.layers.Lambda(layer.function, **own, **change(layer, known))
        known = layer.get_config()
        keras.config.set_dtype_policy(policy)  # for layers that are made inside it
        inside = [type(inner) for _, inner in walk(layer)] if isinstance(layer, keras.layers.Layer) else []
        with keras.saving.custom_object_scope({kind.__name__: kind for kind in inside if not _of_keras(kind)}):
            new = type(layer).from_config(change(layer, _in_precision(known, dtype) if dtype else dict(known)))
    except Exception as error:
        text = str(error).strip() or "no text"
        raise _refusal(path, layer, f"{type(error).__name__}: {text.splitlines()[0].rstrip('.')}") from error
    finally:
        keras.config.set_dtype_policy(before)
    new.name = layer.name  # a configuration that Keras noted by itself may lack it
    return new


def _in_precision(config, dtype):
    """Return a configuration with another precision wherever it, or one inside it, names one of real numbers."""
    if isinstance(config, (list, tuple)):
        return type(config)(_in_precision(value, dtype) for value in config)
    if not isinstance(config, dict):
        return config
    return {
        key: dtype if key == "dtype" and "float" in str(value) else _in_precision(value, dtype)
        for key, value in config.items()
    }


def _refusal(path, layer, reason):
    return ValueError(
        f"the layer {path!r} ({type(layer).__name__}) cannot be copied: {reason}. "
        "Give its class get_config and from_config that make an equal layer, or leave it out"
    )


def _copy_state(old, new):
    """Copy what layers hold beside their weights: names, states, vocabularies, constants."""
    olds, news = ([layer, *(inside for _, inside in walk(layer))] for layer in (old, new))
    for before, after in zip(olds, news[-len(olds) :], strict=False):  # without a layer around the new one
        after.name, after.trainable = before.name, before.trainable
        if type(before) is type(after) and hasattr(before, "save_assets"):
            with tempfile.TemporaryDirectory() as folder:
                before.save_assets(folder)
                after.load_assets(folder)
        if hasattr(after, "finalize_state"):
            after.finalize_state()


def _check_apart(model):
    """Raise an error if layers that are copied from their configurations share weights: the copies would not."""
    owners = {}
    for path, layer in walk(model, opened=is_connected):
        if is_connected(layer):
            continue
        for variable in layer.weights:
            other = owners.setdefault(id(variable), path)
            if other != path:
                raise _refusal(path, layer, f"it shares {variable.path!r} with the layer {other!r}")


def _of_keras(kind):
    return kind.__module__.split(".")[0] == keras.__name__
