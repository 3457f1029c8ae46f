"""What `fit` of Keras lacks on small models: no waiting between batches, and a history as a table."""

from __future__ import annotations

import math
from contextlib import contextmanager

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from coursepkg._validation import as_int, as_records, shorten
from coursepkg.deep._private import order_of_fit
from coursepkg.deep.layers import check_model, labels, leaves, walk

BATCH_HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end", "on_test_batch_begin",
               "on_test_batch_end")  # fmt: skip


def fit_fast(model, x, y=None, *, epochs=1, batch_size=None, validation_data=None, callbacks=(), verbose=0, **options):
    """Train like ``model.fit``, with the same result, without returning to Python after each batch.

    On small models most of the time goes to the way from Python to TensorFlow and back. Here ``fit`` receives for each
    epoch only the order of the instances, and one compiled function takes Keras's own training step with all batches
    of the epoch, from tensors that stay in memory. Validation goes a thousand instances at a time.

    Parameters
    ----------
    model : keras.Model
        Compiled. It may have a ``train_step`` of its own.
    x, y : numpy.ndarray, DataFrame or tensor, or dict or tuple of them; n instances each
        Inputs and targets. Use ``fit`` itself for a ``tf.data.Dataset``.
    epochs : int >= 1, keyword-only
    batch_size : int >= 1, keyword-only, optional
        By default 32 as in ``fit``; with ``steps_per_epoch``, what so many steps need for all instances.
    validation_data : tuple (x, y) or (x, y, sample_weight), keyword-only, optional
    callbacks : sequence of keras.callbacks.Callback, one of them or a CallbackList, keyword-only
        Hooks of epochs work as always.
    verbose : {0, 1, 2}, keyword-only
    **options
        Passed to ``model.fit``: ``initial_epoch``, ``class_weight``, ``sample_weight``, ``validation_split``…

    Returns
    -------
    keras.callbacks.History

    Raises
    ------
    TypeError
        If ``model`` is no Keras model, or ``x`` is neither an array nor a collection of arrays.
    ValueError
        If the model was not compiled, ``x`` has no instance, or ``epochs`` or ``batch_size`` is below 1.

    Notes
    -----
    It is ``fit`` itself, and no faster, where something needs single batches or other data than arrays of numbers: a
    callback with a hook of batches (but not ModelCheckpoint and BackupAndRestore that save after epochs),
    ``steps_per_epoch``, ``validation_steps``, ``class_weight``, ``shuffle="batch"``, ``run_eagerly``,
    several devices, tables of pandas, sparse or ragged data. Validation with a ``test_step`` of one's own goes in
    batches of ``batch_size``.

    The first call compiles, which takes about as long as some epochs; further calls on the same model, with as many
    instances and the same batch size, do not. benchmarks/fit_speed.py compares the speed with other ways.

    Examples
    --------
    >>> from coursepkg.deep import seed_everything
    >>> rng = seed_everything(42)
    Computing in float64 with deterministic operations; seed 42.
    >>> x = rng.normal(size=(64, 3))
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=0.1))
    >>> history = fit_fast(model, x, x.sum(axis=1), epochs=30)
    >>> history.history["loss"][-1] < 1e-3
    True
    """
    check_model(model, built=False, compiled=True)
    epochs, n = as_int(epochs, "epochs", low=1), _number_of_instances(x)
    if batch_size is None:
        steps = options.get("steps_per_epoch")
        batch_size = -(-n // as_int(steps, "steps_per_epoch", low=1)) if steps else 32
    batch_size = as_int(batch_size, "batch_size", low=1)
    if isinstance(callbacks, keras.callbacks.CallbackList):
        watchers = callbacks.callbacks
    else:
        watchers = callbacks = keras.tree.flatten(list(callbacks) if isinstance(callbacks, tuple) else callbacks or [])
    options |= {"epochs": epochs, "batch_size": batch_size, "validation_data": validation_data}
    options |= {"callbacks": callbacks, "verbose": verbose}
    if _needs_batches(model, watchers, options) or not (
        _plain(x, y, options.get("sample_weight"))
        and (validation_data is None or (isinstance(validation_data, (tuple, list)) and _plain(*validation_data)))
        and 0 < _rows_to_train_on(n, options) <= n
    ):
        return model.fit(x, y, **options)
    return _fit_by_epochs(model, x, y, **options)


def history_frame(*histories):
    """Return what training recorded as one table; several histories of one model are put below one another.

    Parameters
    ----------
    *histories : keras.callbacks.History, pandas.DataFrame or dict of str to sequence
        In the order in which the model was trained. A dict is what a history holds in its attribute ``history``, a
        table what this function returned.

    Returns
    -------
    pandas.DataFrame
        One row an epoch, the index "epoch" counting from 1; one column for each loss, metric and learning rate.

    Raises
    ------
    TypeError
        If one of them is something else.
    ValueError
        If there is none, or the columns of one differ in length.

    Examples
    --------
    >>> history_frame({"loss": [0.9, 0.5]}, {"loss": [0.4]})  # doctest: +NORMALIZE_WHITESPACE
           loss
    epoch
    1       0.9
    2       0.5
    3       0.4
    """
    if not histories:
        raise ValueError("history_frame() takes at least one history; got none")
    frames = [pd.DataFrame(as_records(history)) for history in histories]
    frame = pd.concat(frames, ignore_index=True)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="epoch")
    return frame


def param_table(model):
    """Return one row a layer: what kind it is, the shapes of its output and weights, how many numbers it learns.

    Parameters
    ----------
    model : keras.Model
        Built: the shape of its input must be known. Models inside it are listed layer by layer; other layers are one
        row, with all that is inside them.

    Returns
    -------
    pandas.DataFrame
        Columns type, output, weights (shapes of the arrays, as text), trainable and non-trainable (counts);
        the index holds the names of the layers, with the models around them where two are called alike. A layer that
        is used several times has one row. The columns of counts sum to ``model.count_params()``.

    Raises
    ------
    TypeError
        If ``model`` is no Keras model.
    ValueError
        If it is not built.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(300, name="hidden")])
    >>> param_table(model)["trainable"]
    layer
    hidden    235500
    Name: trainable, dtype: int64
    """
    check_model(model)
    found = leaves(model)
    models = [("", model), *(pair for pair in walk(model) if isinstance(pair[1], keras.Model))]
    # Last, models with weights outside of their layers; a weight that several layers share counts once, as in Keras.
    names, counted, rows = labels([*found, *models]), set(), []
    for _, layer in [*found, *models]:
        weights = [weight for weight in layer.weights if id(weight) not in counted]
        counted |= {id(weight) for weight in weights}
        if isinstance(layer, keras.Model) and not weights:
            continue
        trainable = sum(math.prod(weight.shape) for weight in weights if weight.trainable)
        rows.append(
            {
                "layer": names[id(layer)],
                "type": type(layer).__name__,
                "output": _output_text(layer),
                "weights": " ".join(_shape_text(weight) for weight in weights) or "–",
                "trainable": trainable,
                "non-trainable": sum(math.prod(weight.shape) for weight in weights) - trainable,
            }
        )
    return pd.DataFrame(rows).set_index("layer")


def _fit_by_epochs(model, x, y, *, epochs, batch_size, validation_data, callbacks, verbose, sample_weight=None,
                   validation_split=0.0, validation_batch_size=None, shuffle=True, **options):  # fmt: skip
    """Give `fit` the order of each epoch instead of the data, and the model a training function that takes it."""
    data, validation = _tensors(x, y, sample_weight), None
    n = _number_of_instances(data)
    if validation_data is not None:
        validation = _tensors(*validation_data)
    elif validation_split:
        n = _rows_to_train_on(n, {"validation_split": validation_split})
        validation = keras.tree.map_structure(lambda array: array[n:], data)
        data = keras.tree.map_structure(lambda array: array[:n], data)
    if validation is not None:
        usual = type(model).test_step is keras.Model.test_step
        size = validation_batch_size or (max(batch_size, 1000) if usual else batch_size)
        length = tf.data.experimental.assert_cardinality(-(-_number_of_instances(validation) // size))
        validation = tf.data.Dataset.from_tensors(validation).rebatch(size).apply(length)
    if not isinstance(callbacks, keras.callbacks.CallbackList):  # made here: `fit` would count one step an epoch
        callbacks = keras.callbacks.CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=-(-n // batch_size),
            model=model,
        )
    options |= {"epochs": epochs, "validation_data": validation, "callbacks": callbacks, "verbose": verbose}
    order = order_of_fit(n) if shuffle else tf.data.Dataset.from_tensors(tf.range(n))
    with _whole_epochs(model, data, batch_size):
        return model.fit(order, shuffle=False, **options)


@contextmanager
def _whole_epochs(model, data, batch_size):
    """Let the model's training function take the order of an epoch, also if a callback has it made anew."""
    make = model.make_train_function

    def make_for_epochs(force=False):
        make(force=force)
        if not hasattr(model.train_function, "step"):
            model.train_function = _epochs_by(model.train_function, data, batch_size)

    model.make_train_function = make_for_epochs
    try:
        yield
    finally:
        del model.make_train_function  # that of its class is in force again
        model.train_function = getattr(model.train_function, "step", model.train_function)


def _epochs_by(step, data, batch_size):
    """Return a function that cuts an order of the instances into batches, and calls Keras's compiled step with each.

    What is compiled stays with the step, for the next call; a model that is compiled anew gets a new step.
    """

    def take(data, order, start):
        rows = order[start : start + batch_size]
        if order.shape[0] % batch_size == 0:
            rows = tf.ensure_shape(rows, (batch_size,))  # known when the step is compiled, as it is in `fit`
        return step(iter([keras.tree.map_structure(lambda array: tf.gather(array, rows), data)]))

    def epoch(data, order):
        start = tf.constant(0)
        while start < (order.shape[0] - 1) // batch_size * batch_size:
            take(data, order, start)
            start += batch_size
        return take(data, order, start)  # what the last batch reports is what `fit` looks at

    epoch = vars(step).setdefault("epochs", {}).setdefault(batch_size, tf.function(epoch))

    def function(iterator):
        if not isinstance(iterator, tf.data.Iterator):  # `train_on_batch` of a callback
            return step(iterator)
        return epoch(data, next(iterator))

    function.step = step
    return function


def _needs_batches(model, callbacks, options):
    """Say whether something wants to see single batches, or to cut them otherwise."""
    return (
        _watch_batches(callbacks)
        or any(options.get(name) is not None for name in ("steps_per_epoch", "validation_steps", "class_weight"))
        or options.get("shuffle") == "batch"
        or model.run_eagerly
        or model.distribute_strategy.num_replicas_in_sync > 1
    )


def _watch_batches(callbacks):
    """Say whether one of the callbacks does something in a hook of batches."""
    for callback in callbacks:
        idle = [keras.callbacks.Callback]
        if getattr(callback, "save_freq", None) == "epoch":  # then what these do after batches is nothing
            idle += [keras.callbacks.ModelCheckpoint, keras.callbacks.BackupAndRestore]
        for hook in BATCH_HOOKS:
            if getattr(getattr(callback, hook), "__func__", None) not in [getattr(kind, hook) for kind in idle]:
                return True
    return False


def _plain(x, y=None, sample_weight=None):
    """Say whether the data are dense arrays of numbers, all of one length, with weights for a single target only."""
    arrays = keras.tree.flatten([part for part in (x, y, sample_weight) if part is not None])
    if not all(isinstance(array, (np.ndarray, tf.Tensor)) and len(array.shape) for array in arrays):
        return False
    kinds = [tf.as_dtype(array.dtype) for array in arrays]
    return (
        len({len(array) for array in arrays}) == 1
        and all(kind.is_floating or kind.is_integer or kind.is_bool for kind in kinds)
        and (sample_weight is None or not keras.tree.is_nested(y))
    )


def _rows_to_train_on(n, options):
    """Return how many of n instances are left beside those for validation, rounded as Keras does."""
    split = options.get("validation_split", 0.0) if options.get("validation_data") is None else 0.0
    return math.floor(n * (1.0 - split))


def _tensors(x, y=None, sample_weight=None):
    """Return what a training step takes, in the precision in which Keras computes."""

    def tensor(array):
        array = tf.convert_to_tensor(array)
        return tf.cast(array, keras.config.floatx()) if array.dtype.is_floating else array

    packed = keras.utils.pack_x_y_sample_weight(x, y, sample_weight)
    return keras.tree.map_structure(tensor, keras.tree.lists_to_tuples(packed))


def _number_of_instances(x):
    """Return the length of the first array in a collection of inputs."""
    first = x
    while isinstance(first, (dict, list, tuple)) and len(first):
        first = next(iter(first.values())) if isinstance(first, dict) else first[0]
    if not len(getattr(first, "shape", ())):
        hint = "; numpy.asarray makes one of lists" if isinstance(x, (list, tuple)) else ""
        raise TypeError(f"x must be an array, or a dict or tuple of arrays; got {shorten(x)}{hint}")
    if not first.shape[0]:
        raise ValueError(f"x must hold at least one instance; got an array of shape {tuple(first.shape)}")
    return first.shape[0]


def _output_text(layer):
    try:
        return _shape_text(layer.output)
    except AttributeError:  # a layer that was only called inside a subclassed model has no symbolic output
        return "–"


def _shape_text(variable):
    """Write (None, 300) as (n, 300): what Keras does not know yet is the number of instances."""
    shape = getattr(variable, "shape", None)
    if shape is None:
        return "–"
    return "(" + ", ".join("n" if size is None else str(size) for size in shape) + ")"
