"""A multilayer perceptron with dropout, in training always, in prediction whenever samples are wanted."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np

from coursepkg._validation import as_float, as_int
from coursepkg.scratch.mlp import MLP, Dense


class DropoutDense(Dense):
    """A dense layer that drops a share ``rate`` of its outputs while ``draw``, a ``numpy.random.Generator``, is set.

    The mask is that of :func:`~coursepkg.scratch.regularizers.dropout`, without its checks in each step.

    Examples
    --------
    >>> layer = DropoutDense(2, 4, activation="identity", rate=0.5)
    >>> layer.b += 1
    >>> layer.forward(np.zeros((1, 2)))
    array([[1., 1., 1., 1.]])
    >>> layer.draw = np.random.default_rng(1)
    >>> layer.forward(np.zeros((2, 2)))
    array([[2., 2., 0., 2.],
           [0., 0., 2., 0.]])
    """

    def __init__(self, fan_in, fan_out, *, rate, **options):
        super().__init__(fan_in, fan_out, **options)
        self.rate, self.draw, self.mask = rate, None, 1.0

    def forward(self, Z):
        """Return the outputs, shape (n, fan_out), times a mask of that shape: every instance has its own."""
        output, self.mask = super().forward(Z), 1.0
        if self.draw is not None:
            self.mask = (self.draw.random(output.shape) >= self.rate) / (1 - self.rate)
        return output * self.mask

    def backward(self, G, **options):
        """Send the gradient back through the mask of the last `forward`; see `Dense.backward`."""
        return super().backward(G * self.mask, **options)


class DropoutMLP(MLP):
    """A classifier with dropout after every hidden layer.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of units in every hidden layer, and of classes.
    rate : float in [0, 1), keyword-only
        Share of the hidden units that is dropped; with 0 this is `MLP`.
    hidden_activation, initializer : str or object, keyword-only
        See `MLP`.
    seed : int, keyword-only
        Of the initial weights.

    Raises
    ------
    TypeError, ValueError
        If ``rate`` is out of range, or `MLP` rejects an argument.

    Notes
    -----
    Gal and Ghahramani (2016), Dropout as a Bayesian approximation, section 4: predict with the mean of the samples.
    `predict_proba` predicts without dropout, as Keras does at inference.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> model = DropoutMLP([2, 16, 2], rate=0.2, seed=1)
    >>> model.fit(X, X[:, 0] > 0, epochs=30, learning_rate=0.1)
    >>> samples = model.sample([[3.0, 0.0], [0.05, 0.0]], 100, seed=2)
    >>> samples.shape, [bool(spread > 0.02) for spread in samples.std(axis=0)[:, 0]]
    ((100, 2, 2), [False, True])
    """

    def __init__(self, sizes, *, rate, hidden_activation="relu", initializer="glorot_uniform", seed=0):
        rate = as_float(rate, "rate", low=0, high=1, open_high=True)
        options = {"initializer": initializer, "output_activation": "softmax"}
        super().__init__(
            sizes, hidden_activation=hidden_activation, loss="sparse_categorical_crossentropy", seed=seed, **options
        )
        rng = np.random.default_rng(seed)  # the same numbers once more, so that the weights are those of MLP
        self.layers[:-1] = [
            DropoutDense(*pair, rate=rate, activation=hidden_activation, initializer=initializer, seed=rng)
            for pair in zip(self.sizes[:-2], self.sizes[1:-1], strict=True)
        ]

    def fit(self, X, y, *, epochs=10, batch_size=32, learning_rate=0.01, momentum=0.0, seed=0):
        """Train with dropout; arguments as in `MLP.fit`. ``seed`` is that of the orders and of the masks.

        Nothing is returned: a training loss under dropout says little. Use `evaluate`, which predicts without it.
        """
        with self._dropping(np.random.default_rng([seed, 1])):
            super().fit(
                X,
                np.asarray(y, dtype=int),
                epochs=epochs,
                batch_size=batch_size,
                learning_rate=learning_rate,
                momentum=momentum,
                seed=seed,
            )

    def sample(self, X, n_samples, *, seed=0):
        """Predict with as many masks as wanted.

        Parameters
        ----------
        X : array_like, shape (n, sizes[0])
        n_samples : int >= 1
        seed : int or numpy.random.Generator, keyword-only
            Of the masks.

        Returns
        -------
        numpy.ndarray, shape (n_samples, n, sizes[-1])
            Probabilities.

        Raises
        ------
        TypeError, ValueError
            If ``X`` does not fit or ``n_samples`` is below 1.
        """
        X, n_samples = self._checked(X), as_int(n_samples, "n_samples", low=1)
        with self._dropping(np.random.default_rng(seed)):
            return np.stack([self.forward(X) for _ in range(n_samples)])

    @contextmanager
    def _dropping(self, draw):
        for layer in self.layers[:-1]:
            layer.draw = draw
        try:
            yield
        finally:
            for layer in self.layers[:-1]:
                layer.draw = None
