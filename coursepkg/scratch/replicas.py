"""Many small networks side by side: a comparison over seeds and learning rates for the price of a few trainings.

On a network of a few thousand weights NumPy spends most of its time between the products, not in them. Here k networks
of the same shape are kept in arrays with one more axis in front, weights of shape (k, fan_in, fan_out), so that one
call computes a layer of all of them.
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, as_int, one_of, shorten
from coursepkg.scratch.activations import get_activation
from coursepkg.scratch.initializers import get_initializer


class Replicas:
    """Classifiers of the same shape that differ in their seed; softmax outputs, cross-entropy loss.

    Replica j starts with the weights of ``MLP(sizes, seed=seeds[j])`` and draws its batches as ``MLP.fit`` does with
    that seed. Without normalization it therefore takes the same steps.

    Parameters
    ----------
    sizes : sequence of int >= 1
        Numbers of inputs, of units in every hidden layer, and of classes: [784, 300, 100, 10].
    seeds : sequence of int >= 0, length k, keyword-only
        One a replica; equal seeds make equal replicas.
    hidden_activation, initializer : str or object, keyword-only
        See `ACTIVATIONS` and `INITIALIZERS`.
    normalize : bool, keyword-only
        Batch normalization between the sums and the activation of every hidden layer, with ε = 0.001; its β takes the
        place of the biases.
    momentum : float in [0, 1), keyword-only
        Of the moving averages of the normalization.

    Attributes
    ----------
    parameters : list of numpy.ndarray
        For each layer W, shape (k, fan_in, fan_out), and b, shape (k, 1, fan_out); after each b of a normalized layer
        its γ, of the shape of b.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of its range.

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
        self.activation, draw = get_activation(hidden_activation), get_initializer(initializer)
        self.normalize = one_of(normalize, "normalize", (True, False))
        self.momentum = as_float(momentum, "momentum", low=0, high=1, open_high=True)
        pairs = list(zip(self.sizes[:-1], self.sizes[1:], strict=True))
        nets = [[draw(*pair, seed=rng) for pair in pairs] for rng in map(np.random.default_rng, self.seeds)]
        self.parameters, self._averages = [], []
        for W in map(np.stack, zip(*nets, strict=True)):
            b = np.zeros((len(W), 1, W.shape[2]))
            is_last = len(self.parameters) // (2 + self.normalize) == len(pairs) - 1
            self.parameters += [W, b] if is_last or not self.normalize else [W, b, np.ones_like(b)]
            self._averages.append((np.zeros_like(b), np.ones_like(b)))

    def fit(self, X, y, *, optimizer, epochs=1, batch_size=32):
        """Train all replicas and return self.

        Parameters
        ----------
        X : array_like, shape (n, sizes[0])
        y : array_like of int in [0, sizes[-1]), shape (n,)
        optimizer : Optimizer, keyword-only
            Of `coursepkg.scratch.optimizers`, new. If its learning rate is a callable that returns an array of shape
            (k, 1, 1), each replica has its own rate.
        epochs, batch_size : int >= 1, keyword-only

        Returns
        -------
        Replicas
            The object itself. A replica whose gradient overflows stops to learn; it is no error.

        Raises
        ------
        TypeError, ValueError
            If an argument does not fit, before training begins.
        """
        X, y = self._checked(X, y)
        epochs, batch_size = as_int(epochs, "epochs", low=1), as_int(batch_size, "batch_size", low=1)
        draws = [np.random.default_rng(seed) for seed in self.seeds]
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(epochs):
                orders = np.stack([draw.permutation(len(X)) for draw in draws])
                for batch in np.split(orders, np.arange(batch_size, len(X), batch_size), axis=1):
                    optimizer.step(self.parameters, self.gradients(X[batch], y[batch]))
        return self

    def evaluate(self, X, y):
        """Return {"loss": …, "accuracy": …}, each of shape (k,); arguments as in `fit`."""
        X, y = self._checked(X, y)
        with np.errstate(over="ignore", invalid="ignore"):
            log_p = _log_softmax(self.logits(X))
        return {
            "loss": -log_p[:, np.arange(len(y)), y].mean(axis=1),
            "accuracy": (log_p.argmax(axis=2) == y).mean(axis=1),
        }

    def logits(self, X, *, training=False):
        """Return the sums of the last layer, shape (k, n, sizes[-1]), for ``X`` of shape (n, d) or (k, n, d).

        ``training`` normalizes with the statistics of the batch and updates the moving averages.
        """
        self._steps = []  # what the backward pass needs of each layer
        for i, (W, b, *gamma) in enumerate(self._layers()):
            A, x_hat, std = X @ W, None, None
            if gamma:
                x_hat, std = self._standardized(A, i, training)
                A = gamma[0] * x_hat
            self._steps.append((X, A := A + b, x_hat, std))
            X = self.activation.value(A)
        return A

    def keras_weights(self, j):
        """Return the weights of replica j, a list of arrays in the order of Keras's ``set_weights``.

        They are those of a sequential model of ``Dense`` layers; with normalization of ``Dense(…, use_bias=False)``,
        ``BatchNormalization()`` and ``Activation(…)`` in turn, then a last ``Dense`` layer.
        """
        found = []
        for (W, b, *gamma), averages in zip(self._layers(), self._averages, strict=True):
            arrays = [W, gamma[0], b, *averages] if gamma else [W, b]
            found += [array[j].copy() if array is W else array[j, 0].copy() for array in arrays]
        return found

    def gradients(self, X, y):
        """Return the gradients of each replica's mean loss, in the order of ``parameters``.

        ``X`` of shape (k, n, sizes[0]) and ``y`` of shape (k, n) hold one batch a replica.
        """
        p = np.exp(_log_softmax(self.logits(X, training=True)))
        delta = (p - (y[..., None] == np.arange(self.sizes[-1]))) / y.shape[1]
        found = []
        for W, _, *gamma in reversed(list(self._layers())):
            Z, A, x_hat, std = self._steps.pop()
            delta = delta if not found else self.activation.backward(A, delta)
            grad = [delta.sum(axis=1, keepdims=True)]
            if gamma:
                grad.append((delta * x_hat).sum(axis=1, keepdims=True))
                delta = gamma[0] * delta
                shared = delta.mean(axis=1, keepdims=True) + x_hat * (delta * x_hat).mean(axis=1, keepdims=True)
                delta = (delta - shared) / std
            found = [Z.swapaxes(1, 2) @ delta, *grad, *found]
            delta = delta @ W.swapaxes(1, 2)
        return [np.nan_to_num(g, nan=0.0, posinf=0.0, neginf=0.0) for g in found]

    def _layers(self):
        """Yield the parameters of each layer."""
        size = 2 + self.normalize
        for start in range(0, len(self.parameters), size):
            yield self.parameters[start : start + size]

    def _standardized(self, A, i, training):
        """Return the sums of layer i with mean 0 and variance 1, and what they were divided by."""
        mean, variance = self._averages[i]
        if training:
            batch = A.mean(axis=1, keepdims=True), A.var(axis=1, keepdims=True)
            for average, value in zip(self._averages[i], batch, strict=True):
                average[...] = self.momentum * average + (1 - self.momentum) * value
            mean, variance = batch
        std = np.sqrt(variance + 1e-3)
        return (A - mean) / std, std

    def _checked(self, X, y):
        X = as_array(X, "X", ndim=2, columns=self.sizes[0])
        y = np.asarray(as_array(y, "y", ndim=1, length=len(X)))
        if (y != y.astype(int)).any() or y.min() < 0 or y.max() >= self.sizes[-1]:
            raise ValueError(f"y must hold integers from 0 to {self.sizes[-1] - 1}; got {shorten(np.unique(y))}")
        return X, y.astype(int)


def _log_softmax(logits):
    shifted = logits - logits.max(axis=2, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
