"""A classifier with dropout, in training always, in prediction whenever samples are wanted."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_float, as_int
from coursepkg.scratch.mlp import MLP


class DropoutMLP(MLP):
    """An `MLP` with softmax outputs and `Dropout` behind every hidden layer, that predicts with and without.

    ``rate``, in [0, 1), is the share of the hidden units that is dropped. `predict_proba` predicts without dropout, as
    Keras does at inference; the mean of the samples is the prediction of Gal and Ghahramani (2016), Dropout as a
    Bayesian approximation, section 4.

    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> model = DropoutMLP([2, 16, 2], rate=0.2, seed=1)
    >>> history = model.fit(X, X[:, 0] > 0, epochs=30, learning_rate=0.1)
    >>> samples = model.sample([[3.0, 0.0], [0.05, 0.0]], 100, seed=2)
    >>> samples.shape, [bool(spread > 0.02) for spread in samples.std(axis=0)[:, 0]]
    ((100, 2, 2), [False, True])
    """

    def __init__(self, sizes, *, rate, **options):
        rate = as_float(rate, "rate", low=0, high=1, open_high=True)
        head = {"output_activation": "softmax", "loss": "sparse_categorical_crossentropy"}
        super().__init__(sizes, dropout=rate, **head, **options)

    def sample(self, X, n_samples, *, seed=0):
        """Return probabilities, shape (n_samples, n, sizes[-1]), each sample with masks of its own.

        ``X`` has shape (n, sizes[0]); ``seed``, an integer or a ``Generator``, is that of the masks.
        """
        X, n_samples = self._checked(X), as_int(n_samples, "n_samples", low=1)
        rng = np.random.default_rng(seed)
        return np.stack([self.forward(X, rng=rng) for _ in range(n_samples)])
