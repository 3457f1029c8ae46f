"""What `fit` of Keras lacks on small models: no waiting between batches, and a history as a table."""

from __future__ import annotations

from contextlib import contextmanager
from math import prod

import keras
import pandas as pd

from coursepkg._validation import as_int, as_records, shorten
from coursepkg.deep.layers import check_model, labels, leaves, walk

BATCH_HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")


def fit_fast(model, x, y=None, *, epochs=1, batch_size=None, validation_data=None, callbacks=(), verbose=0, **options):
    """Train like ``model.fit``, with the same result, without returning to Python after each batch.

    On small models most of the time goes to the way from Python to TensorFlow and back. Here one call runs all batches
    of an epoch (``steps_per_execution``), and the validation images go through the model a thousand at a time.

    Parameters
    ----------
    model : keras.Model
        Compiled. Its own ``steps_per_execution`` is in force again afterwards.
    x, y : numpy.ndarray, DataFrame or tensor, or dict or tuple of them; n instances each
        Inputs and targets. Use ``fit`` itself for a ``tf.data.Dataset``.
    epochs : int >= 1, keyword-only
    batch_size : int >= 1, keyword-only, optional
        By default 32 as in ``fit``; with ``steps_per_epoch``, what so many steps need for all instances.
    validation_data : tuple (x, y) or (x, y, sample_weight), keyword-only, optional
    callbacks : sequence of keras.callbacks.Callback, one of them or a CallbackList, keyword-only
        Hooks of epochs work as always. A callback with a hook of training batches makes every batch a call of its own
        again, as slow as ``fit``, so that it sees each of them.
    verbose : {0, 1, 2}, keyword-only
    **options
        Passed to ``model.fit``: ``initial_epoch``, ``class_weight``, ``sample_weight``, ``validation_split``… With
        ``validation_steps`` it is as slow as ``fit``.

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
    ``steps_per_execution`` is an argument of Keras's ``compile``; benchmarks/fit_speed.py compares it with other ways.
    Each call compiles the step anew, which takes about as long as some epochs: train many epochs in one call.

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
    steps = options.get("steps_per_epoch")
    if batch_size is None:
        batch_size = -(-n // as_int(steps, "steps_per_epoch", low=1)) if steps else 32
    batch_size = as_int(batch_size, "batch_size", low=1)
    if validation_data is not None:
        options.setdefault("validation_batch_size", max(batch_size, 1000))
    if isinstance(callbacks, keras.callbacks.CallbackList):
        watchers = callbacks.callbacks
    else:
        watchers = callbacks = keras.tree.flatten(list(callbacks) if isinstance(callbacks, tuple) else callbacks or [])
    steps = steps or -(-n // batch_size)
    alone = any(_overrides(callback, BATCH_HOOKS) for callback in watchers)
    alone = alone or options.get("validation_steps") is not None  # one call would evaluate more batches than asked for
    with _steps_per_execution(model, 1 if alone else steps):
        return model.fit(
            x,
            y,
            epochs=epochs,
            batch_size=batch_size,
            validation_data=validation_data,
            callbacks=callbacks,
            verbose=verbose,
            **options,
        )


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
        trainable = sum(prod(weight.shape) for weight in weights if weight.trainable)
        rows.append(
            {
                "layer": names[id(layer)],
                "type": type(layer).__name__,
                "output": _output_text(layer),
                "weights": " ".join(_shape_text(weight) for weight in weights) or "–",
                "trainable": trainable,
                "non-trainable": sum(prod(weight.shape) for weight in weights) - trainable,
            }
        )
    return pd.DataFrame(rows).set_index("layer")


@contextmanager
def _steps_per_execution(model, steps):
    """Run that many batches a call; afterwards the model has its own functions again. The optimizer keeps its state."""
    functions = ("train_function", "test_function", "predict_function")
    before = {name: getattr(model, name) for name in ("steps_per_execution", *functions)}
    if steps == model.steps_per_execution:
        yield
        return
    model.steps_per_execution = steps
    try:
        for name in functions:
            setattr(model, name, None)
        yield
    finally:
        for name, value in before.items():
            setattr(model, name, value)


def _overrides(callback, hooks):
    base = keras.callbacks.Callback
    return any(getattr(getattr(callback, hook), "__func__", None) is not getattr(base, hook) for hook in hooks)


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
