"""Many small networks side by side: a comparison over seeds and learning rates for the price of a few trainings.

On a network of a few thousand weights NumPy spends most of its time between the products, not in them. Here k networks
of the same shape are kept in arrays with one more axis in front, weights of shape (k, fan_in, fan_out), so that one
call computes a layer of all of them.
"""

from __future__ import annotations

import copy

import numpy as np

from coursepkg._validation import as_array, as_float, as_int, one_of, shorten
from coursepkg.scratch.activations import softmax
from coursepkg.scratch.attention import LayerNormalization
from coursepkg.scratch.batchnorm import BatchNormalization
from coursepkg.scratch.layers import Activation, Container, Dense, Dropout
from coursepkg.scratch.learned_activations import LearnedActivation
from coursepkg.scratch.losses import CategoricalCrossentropy
from coursepkg.scratch.sequential import Sequential


class ManyDense(Dense):
    """k dense layers: W has the shape (k, fan_in, fan_out), b (k, 1, fan_out); sums over a batch run along axis 1."""

    def __init__(self, layers):
        super().__init__(1, 1, activation=layers[0].activation)
        self.W, self.learned = np.stack([layer.W for layer in layers]), layers[0].learned
        self.b = np.stack([layer.b for layer in layers])[:, None]

    def backward(self, G, *, at_preactivation=False, input_gradient=True):
        delta = G if at_preactivation else self.activation.backward(self.Z, G)
        self.grad_W = self.X.swapaxes(1, 2) @ delta
        self.grad_b = delta.sum(axis=1, keepdims=True)
        return delta @ self.W.swapaxes(1, 2) if input_gradient else None


class ManyBatchNormalization(BatchNormalization):
    """k normalizations: every array has the shape (k, 1, d)."""

    _keepdims = True

    def __init__(self, k, d, *, momentum):
        super().__init__(d, momentum=momentum)
        for name in (*self.learned, *self.averaged):
            setattr(self, name, np.repeat(getattr(self, name)[None, None], k, axis=0))

    def _axes(self, X):
        return 1


def many_recurrent(layers):
    """Return one recurrent layer of k: W (k, d, g·u), U (k, u, g·u), b with the axes k and 1 before its last."""
    many = copy.copy(layers[0])
    many.W, many.U = (np.stack([getattr(layer, name) for layer in layers]) for name in ("W", "U"))
    many.b = np.stack([layer.b[..., None, :] for layer in layers], axis=-3)
    return many


def side_by_side(layers):
    """Return one layer that computes what each of ``layers`` does, which are of the same kind and size.

    Shapes get an axis in front, as above; what the layers hold is copied.
    """
    first = layers[0]
    if isinstance(first, Dense):
        return ManyDense(layers)
    if isinstance(first, BatchNormalization):
        return ManyBatchNormalization(len(layers), len(first.gamma), momentum=first.momentum)
    if not isinstance(first, (Activation, Container, Dropout, LayerNormalization, LearnedActivation)):
        raise TypeError(f"replicas hold dense layers, normalizations and activations; got {type(first).__name__}")
    together = copy.copy(first)
    if isinstance(first, (LayerNormalization, LearnedActivation)):
        for name in first.learned:
            setattr(together, name, np.stack([getattr(layer, name) for layer in layers])[:, None])
    if isinstance(first, Container):
        together.layers = [side_by_side(group) for group in zip(*(layer.layers for layer in layers), strict=True)]
    return together


class Replicas:
    """Classifiers of the same shape that differ in their seed; softmax outputs, cross-entropy loss.

    Replica j starts with the weights of ``MLP(sizes, seed=seeds[j])`` and draws its batches as ``MLP.fit`` does with
    that seed. Without normalization it therefore takes the same steps. A replica that diverges stays visible: its
    weights, loss and accuracy become NaN.

    Parameters
    ----------
    sizes : sequence of int >= 1
        Numbers of inputs, of units in every hidden layer, and of classes: [784, 300, 100, 10].
    seeds : sequence of int >= 0, length k, keyword-only
        One a replica; equal seeds make equal replicas.
    hidden_activation, initializer : str or object, keyword-only
        See `ACTIVATIONS` and `INITIALIZERS`.
    normalize : bool, keyword-only
        Batch normalization between the sums and the activation of every hidden layer; its β takes the place of the
        biases.
    momentum : float in [0, 1), keyword-only
        Of the moving averages of the normalization.

    Examples
    --------
    >>> from coursepkg.scratch.optimizers import SGD
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> nets = Replicas([2, 8, 2], seeds=[0, 1, 2])
    >>> nets.fit(X, y, optimizer=SGD(0.1, momentum=0.9), epochs=200, batch_size=4).evaluate(X, y)["accuracy"]
    array([1., 1., 1.])
    """

    def __init__(self, sizes, *, seeds, hidden_activation="relu", initializer="he_normal", normalize=False,
                 momentum=0.9):  # fmt: skip
        self.sizes = [as_int(n, "sizes", low=1) for n in sizes]
        if len(self.sizes) < 2:
            raise ValueError(f"sizes must hold at least the numbers of inputs and classes; got {shorten(sizes)}")
        self.seeds = [as_int(seed, "seeds", low=0) for seed in seeds]
        if not self.seeds:
            raise ValueError("seeds must hold at least one seed; got none")
        one_of(normalize, "normalize", (True, False))
        momentum = as_float(momentum, "momentum", low=0, high=1, open_high=True)
        rngs, layers = [np.random.default_rng(seed) for seed in self.seeds], []

        def many(pair, **options):
            return ManyDense([Dense(*pair, initializer=initializer, seed=rng, **options) for rng in rngs])

        for pair in zip(self.sizes[:-2], self.sizes[1:-1], strict=True):
            layers += [many(pair, use_bias=not normalize)]
            layers += [ManyBatchNormalization(len(rngs), pair[1], momentum=momentum)] if normalize else []
            layers += [Activation(hidden_activation)]
        self.network = Sequential([*layers, many(self.sizes[-2:])])

    @classmethod
    def of(cls, networks, *, seeds):
        """Return replicas that start as ``networks`` do, and draw their batches with ``seeds``, one for each.

        Parameters
        ----------
        networks : sequence of Sequential, length k
            New ones, alike but for their weights: dense layers, normalizations and activations, also inside of
            `Residual` and `Concatenate`. The first and the last layer are dense; the last has no activation, its
            outputs are logits.
        seeds : sequence of int >= 0, length k, keyword-only

        Examples
        --------
        >>> from coursepkg.scratch import Adam, Residual
        >>> def network(seed):
        ...     block = Residual([Activation("relu"), Dense(8, 8, seed=seed)])
        ...     return Sequential([Dense(2, 8, seed=seed), block, Dense(8, 2, seed=seed)])
        >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
        >>> nets = Replicas.of([network(seed) for seed in range(3)], seeds=range(3))
        >>> nets.fit(X, y, optimizer=Adam(0.03), epochs=200, batch_size=4).evaluate(X, y)["accuracy"]
        array([1., 1., 1.])
        """
        networks, replicas = list(networks), cls.__new__(cls)
        replicas.seeds = [as_int(seed, "seeds", low=0) for seed in seeds]
        if not networks or len(networks) != len(replicas.seeds):
            raise ValueError(
                f"networks must hold one for each seed; got {len(networks)} networks, {len(replicas.seeds)} seeds"
            )
        weights = [array for array in networks[0].parameters if array.ndim == 2]
        replicas.sizes = [len(weights[0]), weights[-1].shape[1]]
        replicas.network = side_by_side(networks)
        return replicas

    @property
    def parameters(self):
        """The arrays that are learned, themselves; the first axis is that of the replicas."""
        return self.network.parameters

    def fit(self, X, y, *, optimizer, epochs=1, batch_size=32, temperature=1.0, validation_data=None, patience=None):
        """Train all replicas and return self.

        Parameters
        ----------
        X : array_like, shape (n, sizes[0])
        y : array_like of int in [0, sizes[-1]), shape (n,), or of float, shape (n, sizes[-1])
            Classes, or a probability for each class, such as what a teacher says.
        optimizer : Optimizer, keyword-only
            Of `coursepkg.scratch.optimizers`, new. If its learning rate is a callable that returns an array of shape
            (k, 1, 1), each replica has its own rate.
        epochs, batch_size : int >= 1, keyword-only
        temperature : float > 0, keyword-only
            T: the loss is T² times the cross-entropy of ``y`` and softmax(logits/T), for targets that were softened by
            the same T (Hinton, Vinyals & Dean, 2015, section 2).
        validation_data, patience : tuple (X, y), int >= 1, keyword-only, optional
            Early stopping, each replica for itself, as in ``MLP.fit``: it ends with the weights of the epoch after
            which its loss on these instances was lowest, and looks no further than ``patience`` epochs behind it.
            Those epochs, from 0 on, are kept as ``best_epochs``, shape (k,).
        """
        X, y = self._checked(X, y)
        if (patience is None) != (validation_data is None):
            raise ValueError("validation_data and patience belong together; got one of them only")
        best = _Best(self, self._checked(*validation_data), patience) if patience is not None else None
        epochs, batch_size = as_int(epochs, "epochs", low=1), as_int(batch_size, "batch_size", low=1)
        T = as_float(temperature, "temperature", low=0, open_low=True)
        network = self.network
        optimizer.check(network.parameters)
        draws = [np.random.default_rng(seed) for seed in self.seeds]
        with np.errstate(over="ignore", invalid="ignore"):
            for epoch in range(epochs):
                orders = np.stack([draw.permutation(len(X)) for draw in draws])
                for batch in np.split(orders, np.arange(batch_size, len(X), batch_size), axis=1):
                    logits = network.forward(X[batch], training=True)
                    network.backward(T * (softmax(logits / T) - y[batch]) / batch.shape[1], input_gradient=False)
                    optimizer.apply(network.parameters, network.gradients)
                if best and best.is_over(epoch):
                    break
        if best:
            best.restore()
        return self

    def evaluate(self, X, y):
        """Return {"loss": …, "accuracy": …}, each of shape (k,); arguments as in `fit`."""
        X, y = self._checked(X, y)
        with np.errstate(over="ignore", invalid="ignore"):
            logits = self.network.forward(X[None])
            loss = CategoricalCrossentropy(from_logits=True).terms(y, logits).mean(axis=1)
        accuracy = (logits.argmax(axis=2) == y.argmax(axis=1)).mean(axis=1)
        return {"loss": loss, "accuracy": np.where(np.isfinite(loss), accuracy, np.nan)}

    def keras_weights(self, j):
        """Return the weights of replica j, a list of arrays in the order of Keras's ``set_weights``.

        They are those of a sequential model of ``Dense`` layers; with normalization of ``Dense(…, use_bias=False)``,
        ``BatchNormalization()`` and ``Activation(…)`` in turn, then a last ``Dense`` layer. Not for networks of `of`.
        """
        layers = self.network.layers
        named = [(name, getattr(layer, name)) for layer in layers for name in (*layer.learned, *layer.averaged)]
        return [array[j].copy() if name == "W" else array[j, 0].copy() for name, array in named]

    def _checked(self, X, y):
        X = as_array(X, "X", ndim=2, columns=self.sizes[0])
        return X, self._one_hot(X, y)

    def _one_hot(self, X, y):
        y, classes = as_array(y, "y", ndim=(1, 2), length=len(X)), self.sizes[-1]
        if y.ndim == 2:
            return CategoricalCrossentropy().targets(y, (len(X), classes))
        if not np.isin(y, np.arange(classes)).all():
            raise ValueError(f"y must hold integers from 0 to {classes - 1}; got {shorten(np.unique(y))}")
        return np.eye(classes)[y.astype(int)]


class _Best:
    """The weights with which each replica had its lowest validation loss."""

    def __init__(self, replicas, data, patience):
        self.replicas, self.data, self.patience = replicas, data, as_int(patience, "patience", low=1)
        self.kept, k = replicas.network.get_parameters(), len(replicas.seeds)
        self.losses, replicas.best_epochs = np.full(k, np.inf), np.zeros(k, dtype=int)

    def is_over(self, epoch):
        """Keep what is better than before; whether all replicas have run out of patience."""
        epochs = self.replicas.best_epochs
        losses = self.replicas.evaluate(*self.data)["loss"]
        better = (losses < self.losses) & (epoch - epochs <= self.patience)
        self.losses[better], epochs[better] = losses[better], epoch
        changed = (better | (epoch == 0))[:, None, None]  # what diverges at once has no better weights
        for kept, live in zip(self.kept, self.replicas.network.weights, strict=True):
            np.copyto(kept, live, where=changed)
        return (epoch - epochs >= self.patience).all()

    def restore(self):
        self.replicas.network.set_parameters(self.kept)


class RecurrentReplicas(Replicas):
    """The same for sequences: a recurrent layer, whose last output goes to a dense layer with softmax.

    Parameters
    ----------
    cell : callable
        `SimpleRNN`, `LSTM`, `GRU`, or a function ``(features, units, *, seed)`` that returns such a layer.
    sizes : sequence of three int >= 1
        Numbers of features, units and classes.
    seeds : sequence of int >= 0, length k, keyword-only

    Examples
    --------
    >>> from coursepkg.scratch.optimizers import Adam
    >>> from coursepkg.scratch.recurrent import GRU
    >>> X = np.random.default_rng(0).normal(size=(64, 4, 1))
    >>> nets = RecurrentReplicas(GRU, [1, 4, 2], seeds=[0, 1]).fit(X, X[:, 0, 0] > 0, optimizer=Adam(0.1), epochs=20)
    >>> nets.evaluate(X, X[:, 0, 0] > 0)["accuracy"] > 0.95
    array([ True,  True])
    """

    def __init__(self, cell, sizes, *, seeds):
        super().__init__(sizes[-2:], seeds=seeds, initializer="glorot_uniform")
        features, units, classes = self.sizes = [as_int(n, "sizes", low=1) for n in sizes]
        rngs = [np.random.default_rng(seed) for seed in self.seeds]
        recurrent = many_recurrent([cell(features, units, seed=rng) for rng in rngs])
        dense = ManyDense([Dense(units, classes, seed=rng) for rng in rngs])
        self.network = Sequential([recurrent, dense])

    def keras_weights(self, j):
        """Return the weights of replica j, in the order of a Keras model with this recurrent layer and ``Dense``."""
        pairs = [(name, getattr(layer, name)) for layer in self.network.layers for name in layer.learned]
        return [np.take(a, j, axis=-3)[..., 0, :] if name == "b" else a[j].copy() for name, a in pairs]

    def _checked(self, X, y):
        X = as_array(X, "X", ndim=3, columns=self.sizes[0])
        return X, self._one_hot(X, y)
