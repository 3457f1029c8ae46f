"""Batch normalization (Ioffe & Szegedy, 2015): forward, backward and at inference.

For a batch X of shape (n, d), with one μ, σ², γ and β for each of the d columns:

    μ = mean of X over the rows       σ² = mean of (X − μ)² over the rows       (d,)
    X̂ = (X − μ)/√(σ² + ε)             Y = γ ∘ X̂ + β                             (n, d)
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, as_int
from coursepkg.scratch.layers import Layer


class BatchNormalization(Layer):
    """Standardize every column with the statistics of the batch, then scale and shift it by what is learned.

    At inference the moving averages stand in for the statistics of the batch, so that the answer for an instance does
    not depend on what else is in its batch. Of an array with more axes every one but the last counts as rows.

    Parameters
    ----------
    n_features : int >= 1
        d, the number of columns.
    momentum : float in [0, 1), keyword-only
        How much of the moving averages a batch leaves as it was: moving ← momentum · moving + (1 − momentum) · batch.
    epsilon : float > 0, keyword-only
        ε, added to the variance. Keras's default.
    dtype : {"float64", "float32"}, keyword-only

    Attributes
    ----------
    gamma, beta : numpy.ndarray, (d,)
        Learned: scale and shift, at first 1 and 0; `backward` sets ``grad_gamma`` and ``grad_beta``.
    moving_mean, moving_variance : numpy.ndarray, (d,)
        Not learned, but updated by every forward pass in training; at first 0 and 1.

    Examples
    --------
    >>> layer = BatchNormalization(2)
    >>> layer.forward(np.array([[1.0, 10.0], [3.0, 50.0]]), training=True).round(2)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> layer.moving_mean  # 0.99 · 0 + 0.01 · (2, 30)
    array([0.02, 0.3 ])
    """

    learned, averaged = ("gamma", "beta"), ("moving_mean", "moving_variance")

    def __init__(self, n_features, *, momentum=0.99, epsilon=1e-3, dtype="float64"):
        d = as_int(n_features, "n_features", low=1)
        self.momentum = as_float(momentum, "momentum", low=0, high=1, open_high=True)
        self.epsilon = as_float(epsilon, "epsilon", low=0, open_low=True)
        self.gamma, self.beta = np.ones(d, dtype), np.zeros(d, dtype)
        self.moving_mean, self.moving_variance = np.zeros(d, dtype), np.ones(d, dtype)
        self._batch = None

    def forward(self, X, *, training=False, rng=None):
        """Return Y, of the shape of ``X``, (…, d) with at least one row; ``training`` says whose statistics are used.

        Raises ``ValueError`` if ``X`` has another number of columns or no row.
        """
        X = np.asarray(X)
        if X.ndim < 2 or X.shape[-1] != self.gamma.shape[-1] or not X.size:
            raise ValueError(
                f"X must have the shape (..., {self.gamma.shape[-1]}) with at least one row; got {X.shape}"
            )
        mean, variance = self.moving_mean, self.moving_variance
        if training:
            mean, variance = self._mean(X), X.var(axis=self._axes(X), keepdims=self._keepdims)
            self.moving_mean = self.momentum * self.moving_mean + (1 - self.momentum) * mean
            self.moving_variance = self.momentum * self.moving_variance + (1 - self.momentum) * variance
        std = np.sqrt(variance + self.epsilon)
        X_hat = (X - mean) / std
        self._batch = (X_hat, std, training)
        return self.gamma * X_hat + self.beta

    def backward(self, G, **options):
        """Set ``grad_gamma`` and ``grad_beta``; return ∂L/∂X for ``G`` = ∂L/∂Y of the last batch, all of one shape.

        In training μ and σ depend on every row, and two terms answer for that: with Ĝ = γ ∘ G,
        ∂L/∂X = (Ĝ − mean(Ĝ) − X̂ ∘ mean(Ĝ ∘ X̂)) / √(σ² + ε), means over the rows (from the paper's section 3).

        Raises ``RuntimeError`` before the first `forward`.
        """
        if self._batch is None:
            raise RuntimeError("backward() needs a forward pass first")
        X_hat, std, training = self._batch
        axes, keepdims = self._axes(G), self._keepdims
        self.grad_gamma = (G * X_hat).sum(axis=axes, keepdims=keepdims)
        self.grad_beta = G.sum(axis=axes, keepdims=keepdims)
        G_hat = self.gamma * G
        if training:
            G_hat = G_hat - self._mean(G_hat) - X_hat * self._mean(G_hat * X_hat)
        return G_hat / std

    _keepdims = False

    def _axes(self, X):
        return tuple(range(X.ndim - 1))

    def _mean(self, X):
        return X.mean(axis=self._axes(X), keepdims=self._keepdims)


def fold(W, b, layer):
    """Return the weights and biases of a dense layer that does its own work and that of the normalization behind it.

    At inference a normalization is a fixed scale and shift of every column, s = γ/√(σ² + ε), so that
    γ (XW + b − μ)/√(σ² + ε) + β = X (W s) + (b − μ) s + β.

    ``W`` has the shape (fan_in, d), ``b`` (d,); ``layer`` is applied to XW + b, before any activation.

    Examples
    --------
    >>> layer = BatchNormalization(1, epsilon=1e-9)
    >>> layer.moving_mean, layer.moving_variance = np.array([3.0]), np.array([4.0])
    >>> W, b = fold([[2.0]], [1.0], layer)
    >>> W.round(4), b.round(4)
    (array([[1.]]), array([-1.]))
    """
    if not isinstance(layer, BatchNormalization):
        raise TypeError(f"layer must be a BatchNormalization; got {type(layer).__name__}")
    d = len(layer.gamma)
    W, b = as_array(W, "W", ndim=2, columns=d), as_array(b, "b", ndim=1, length=d)
    scale = layer.gamma / np.sqrt(layer.moving_variance + layer.epsilon)
    return W * scale, (b - layer.moving_mean) * scale + layer.beta
