"""Pruning: set the smallest weights of a Keras model to zero, and keep them there while the others learn on."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd

from coursepkg._validation import as_float, as_int, one_of, shorten
from coursepkg.deep.layers import check_model, labels, walk

# Their kernels multiply inputs. Biases and normalizations are few, and each of them matters: they stay.
PRUNABLE = (
    keras.layers.Dense,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.DepthwiseConv2D,
)


def sparsity_table(model):
    """Return how many weights of each kernel are exactly zero.

    Parameters
    ----------
    model : keras.Model
        Built, with at least one layer of `PRUNABLE`; models, wrappers and layers of one's own are searched as well.

    Returns
    -------
    pandas.DataFrame
        One row a kernel and a last row "all"; columns weights and zeros (counts) and sparsity, their quotient in
        [0, 1]. Biases and other weights are not counted.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no built Keras model, or has no kernel.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="out")])
    >>> model.set_weights([np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 3.0]]), np.zeros(2)])
    >>> sparsity_table(model)
         weights  zeros  sparsity
    out        6      3       0.5
    all        6      3       0.5
    """
    arrays = {name: np.asarray(kernel) for name, kernel in _kernels(model).items()}
    rows = {name: (array.size, int((array == 0).sum())) for name, array in arrays.items()}
    rows["all"] = tuple(map(sum, zip(*rows.values(), strict=True)))
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["weights", "zeros"])
    return frame.assign(sparsity=frame["zeros"] / frame["weights"])


def magnitude_masks(model, sparsity, *, scope="layer"):
    """Return which weights stay if the smallest ones are removed.

    Parameters
    ----------
    model : keras.Model
        Built; it is not changed.
    sparsity : float in [0, 1)
        Share of the weights to remove, rounded to a whole number of weights.
    scope : {"layer", "global"}, keyword-only
        Remove this share in each kernel, or of all kernels together: then one limit holds for all of them, and layers
        with small weights lose more.

    Returns
    -------
    dict of str to numpy.ndarray of bool
        For each kernel, by the name of its layer, an array of its shape; False marks a weight to be removed.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of its range.

    Notes
    -----
    Removing the smallest weights goes back to Han and others (2015), Learning both weights and connections for
    efficient neural networks, section 3. Of equal weights those with the smaller index are removed first.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="out")])
    >>> model.set_weights([np.array([[1.0, -0.1], [0.2, -2.0], [0.3, 3.0]]), np.zeros(2)])
    >>> magnitude_masks(model, 0.5)["out"].astype(int)
    array([[1, 0],
           [0, 1],
           [0, 1]])
    """
    sparsity = _share(sparsity, "sparsity")
    one_of(scope, "scope", ("layer", "global"))
    sizes = {name: abs(np.asarray(kernel)) for name, kernel in _kernels(model).items()}
    if scope == "layer":
        return {name: _largest(size.ravel(), sparsity).reshape(size.shape) for name, size in sizes.items()}
    kept = _largest(np.concatenate([size.ravel() for size in sizes.values()]), sparsity)
    parts = np.split(kept, np.cumsum([size.size for size in sizes.values()])[:-1])
    return {name: part.reshape(size.shape) for (name, size), part in zip(sizes.items(), parts, strict=True)}


def prune(model, sparsity, *, scope="layer"):
    """Set the smallest weights of a model to zero, once; parameters and errors as in `magnitude_masks`.

    Returns
    -------
    keras.Model
        ``model`` itself, changed. Further training fills the gaps again; `MagnitudePruning` keeps them.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(20)])
    >>> sparsity_table(prune(model, 0.9))["zeros"].tolist()
    [180, 180]
    """
    kernels = _kernels(model)
    for name, mask in magnitude_masks(model, sparsity, scope=scope).items():
        kernels[name].assign(np.asarray(kernels[name]) * mask)
    return model


def threshold(model, limit):
    """Set every weight of a kernel whose absolute value is below a limit to zero.

    What to do after training with an ℓ1 penalty: gradient descent steps across zero, and leaves weights near it, but
    hardly one on it.

    Parameters
    ----------
    model : keras.Model
        Built.
    limit : float >= 0
        In units of the weights.

    Returns
    -------
    keras.Model
        ``model`` itself, changed.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.set_weights([np.array([[1.0], [-0.001], [0.002]]), np.zeros(1)])
    >>> threshold(model, 0.01).get_weights()[0].ravel()
    array([1., 0., 0.], dtype=float32)
    """
    kernels, limit = _kernels(model), as_float(limit, "limit", low=0)
    for kernel in kernels.values():
        values = np.asarray(kernel)
        kernel.assign(np.where(abs(values) < limit, 0, values))
    return model


def cubic_sparsity(final, *, epochs, begin=0, initial=0.0):
    """Return the sparsity s(t) that rises fast at first and slowly at the end, for `MagnitudePruning`.

    s(t) = final + (initial − final)(1 − (t − begin)/epochs)³ between the epochs ``begin`` and ``begin + epochs``,
    ``initial`` before and ``final`` after (Zhu and Gupta, 2017, To prune, or not to prune, equation 1).

    Parameters
    ----------
    final : float in [0, 1)
    epochs : int >= 1, keyword-only
        How many epochs the rise takes; leave some more for training at the end.
    begin : int >= 0, keyword-only
        The first epoch whose sparsity is above ``initial`` is the one after this.
    initial : float in [0, final], keyword-only

    Returns
    -------
    callable
        From the epoch, 0 at first, to the sparsity.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> schedule = cubic_sparsity(0.8, epochs=4)
    >>> [round(schedule(epoch), 4) for epoch in (0, 1, 2, 3, 4, 9)]
    [0.0, 0.4625, 0.7, 0.7875, 0.8, 0.8]
    """
    final = _share(final, "final")
    epochs, begin = as_int(epochs, "epochs", low=1), as_int(begin, "begin", low=0)
    initial = as_float(initial, "initial", low=0, high=final)

    def schedule(epoch):
        progress = min(max((epoch - begin) / epochs, 0.0), 1.0)
        return final + (initial - final) * (1 - progress) ** 3

    return schedule


class MagnitudePruning(keras.callbacks.Callback):
    """Remove the smallest weights at the beginning of each epoch, and hold them at zero in each step of it.

    Masks work as constraints of the kernels: the optimizer applies them inside the compiled step, so that `fit_fast`
    stays fast and no momentum brings a weight back. A constraint that a kernel has already is applied first. When the
    training ends, the weights stay zero and the constraints are again what they were: pass the callback to each further
    call of ``fit`` as well, with the last sparsity.

    Parameters
    ----------
    sparsity : float in [0, 1), or callable
        A number, or a function from the epoch, 0 at first, to such a number, as `cubic_sparsity` returns it.
    scope : {"layer", "global"}, keyword-only
        As in `magnitude_masks`.

    Attributes
    ----------
    history : list of float
        The share of zeros in the kernels at the end of each epoch.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of its range; when training begins, if the model has no kernel.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(20), keras.layers.Dense(1)])
    >>> model.compile(loss="mse", optimizer="adam")
    >>> x, pruning = np.ones((8, 10)), MagnitudePruning(cubic_sparsity(0.9, epochs=2))
    >>> history = model.fit(x, x[:, :1], epochs=3, callbacks=[pruning], verbose=0)
    >>> [round(share, 2) for share in pruning.history]
    [0.0, 0.79, 0.9]
    """

    def __init__(self, sparsity, *, scope="layer"):
        super().__init__()
        self.schedule = sparsity if callable(sparsity) else lambda epoch: sparsity
        if not callable(sparsity):
            _share(sparsity, "sparsity")
        self.scope = one_of(scope, "scope", ("layer", "global"))
        self.history = []

    def on_train_begin(self, logs=None):
        self._masked = _kernels(self.model)
        self._before = {name: kernel.constraint for name, kernel in self._masked.items()}
        self._masks = {
            name: keras.Variable(np.ones(kernel.shape), dtype=kernel.dtype, trainable=False)
            for name, kernel in self._masked.items()
        }
        for name, kernel in self._masked.items():
            kernel.constraint = _Masked(self._masks[name], self._before[name])
        self.model.make_train_function(force=True)  # a step that was compiled earlier knows nothing of constraints

    def on_epoch_begin(self, epoch, logs=None):
        for name, mask in magnitude_masks(self.model, self.schedule(epoch), scope=self.scope).items():
            self._masks[name].assign(mask)
            self._masked[name].assign(np.asarray(self._masked[name]) * mask)

    def on_epoch_end(self, epoch, logs=None):
        self.history.append(float(sparsity_table(self.model)["sparsity"]["all"]))

    def on_train_end(self, logs=None):
        for name, kernel in self._masked.items():
            kernel.constraint = self._before[name]
        self.model.make_train_function(force=True)


class _Masked(keras.constraints.Constraint):
    """Multiply by a mask, after the constraint that was there before."""

    def __init__(self, mask, first):
        self.mask, self.first = mask, first

    def __call__(self, w):
        return (w if self.first is None else self.first(w)) * self.mask


def _kernels(model):
    """Return the kernels that can be pruned, each once, by the path of their layer, such as "model/layer"."""
    check_model(model)
    layers = [(path, layer) for path, layer in walk(model) if isinstance(layer, PRUNABLE)]
    names, found = labels(layers, short=False), {}
    for _, layer in layers:
        if getattr(layer, "quantization_mode", None) or getattr(layer, "lora_enabled", False):
            raise ValueError(f"{names[id(layer)]} is quantized or has low-rank weights, and cannot be pruned")
        if not any(layer.kernel is kernel for kernel in found.values()):
            found[names[id(layer)]] = layer.kernel
    if not found:
        kinds = ", ".join(kind.__name__ for kind in PRUNABLE)
        raise ValueError(f"the model {model.name!r} has no layer that can be pruned; expected one of {kinds}")
    return found


def _largest(values, sparsity):
    """Mark all values but the smallest ones; shape (n,)."""
    kept = np.ones(len(values), dtype=bool)
    kept[np.argsort(values, kind="stable")[: round(sparsity * len(values))]] = False
    return kept


def _share(value, name):
    if not isinstance(value, (int, float, np.floating)):
        raise TypeError(f"{name} must be a number in [0, 1), or a function of the epoch; got {shorten(value)}")
    return as_float(value, name, low=0, high=1, open_high=True)
