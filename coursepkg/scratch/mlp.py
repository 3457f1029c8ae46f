"""The multilayer perceptron: dense layers one behind the other."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_int, one_of, shorten
from coursepkg.scratch.layers import Dense, Dropout
from coursepkg.scratch.optimizers import SGD
from coursepkg.scratch.sequential import Sequential


class MLP(Sequential):
    """A stack of `Dense` layers with a loss.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of units in every hidden layer, and of outputs: [784, 300, 100, 10].
    hidden_activation, output_activation, loss, initializer : str or object
        See `ACTIVATIONS`, `LOSSES` and `INITIALIZERS`. A hidden activation with weights of its own is a function
        ``(units, *, dtype)`` that returns a layer, such as `PReLU`.
    dropout : float in [0, 1)
        Share of the hidden units that training drops, by a `Dropout` layer behind each hidden layer.
    seed, dtype : int, {"float64", "float32"}
        Of the initial weights; of all computations.

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> model = MLP([2, 4, 1], output_activation="sigmoid", loss="binary_crossentropy", seed=1)
    >>> history = model.fit(X, y, epochs=500, batch_size=4, learning_rate=0.5, momentum=0.9)
    >>> model.predict(X)
    array([0, 1, 1, 0])
    """

    def __init__(self, sizes, *, hidden_activation="relu", output_activation="identity", loss="half_squared_error",
                 initializer="glorot_uniform", dropout=0.0, seed=0, dtype="float64"):  # fmt: skip
        if not isinstance(sizes, (list, tuple, range, np.ndarray)) or not np.shape(sizes):
            raise TypeError(f"sizes must be a list of integers, from the inputs to the outputs; got {shorten(sizes)}")
        self.sizes = [as_int(n, "sizes", low=1) for n in sizes]
        if len(self.sizes) < 2:
            raise ValueError(f"sizes must hold at least the numbers of inputs and outputs; got {shorten(sizes)}")
        options = {"initializer": initializer, "seed": np.random.default_rng(seed)}
        options["dtype"] = np.dtype(one_of(dtype, "dtype", ("float64", "float32")))
        layers = []
        for pair in zip(self.sizes[:-2], self.sizes[1:-1], strict=True):
            if callable(hidden_activation):
                layers += [Dense(*pair, **options), hidden_activation(pair[1], dtype=dtype)]
            else:
                layers += [Dense(*pair, activation=hidden_activation, **options)]
            layers += [Dropout(dropout)] if dropout else []
        self.input_shape = {"ndim": 2, "columns": self.sizes[0]}
        super().__init__([*layers, Dense(*self.sizes[-2:], activation=output_activation, **options)], loss=loss)
        one_of(getattr(self.loss, "from_logits", False), "loss.from_logits", (False,))  # chosen by the pair instead

    def backward(self, y, *, alpha=0.0):
        """Return [∇W_0, ∇b_0, ∇W_1, …] of the loss for the targets ``y`` of the batch of the last `forward`."""
        y = self.loss.targets(y, self.output.shape, dtype=self.dtype)
        return self.backward_from_loss(y, alpha=alpha)

    def _output_shape(self, X):
        return (self.sizes[-1],)

    def predict_proba(self, X):
        """Return probabilities, shape (n, sizes[-1]), or (n, 2) for a single sigmoid, as in scikit-learn."""
        if not self.classifies:
            raise ValueError(f"predict_proba needs a cross-entropy loss; this model has {type(self.loss).__name__}")
        p = self.forward(self._checked(X))
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p

    def fit(self, X, y, *, learning_rate=None, momentum=0.0, optimizer=None, callback=None, **options):
        """Train by gradient descent, v ← momentum·v − learning_rate·∇, parameter ← parameter + v, or an ``optimizer``.

        ``learning_rate`` is a float > 0 (by default 0.01) or a schedule; ``callback`` is one of ``callbacks``. Other
        arguments, the result and the errors are those of `Sequential.fit`.
        """
        if learning_rate is not None and options.get("schedule") is not None:
            raise ValueError("learning_rate and schedule name the same thing: give one of them")
        if optimizer is None:
            optimizer = SGD(0.01 if learning_rate is None else learning_rate, momentum=momentum)
        elif learning_rate is not None or momentum:
            raise ValueError("an optimizer has its own learning_rate and momentum: give them to it, or a schedule")
        if callback is not None:
            options["callbacks"] = [*options.get("callbacks", ()), callback]
        return super().fit(X, y, optimizer=optimizer, **options)
