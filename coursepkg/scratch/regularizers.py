"""Regularizers: penalties on weights, limits on weights, and noise in the units."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float
from coursepkg.scratch.activations import SELU_ALPHA, SELU_SCALE


def l1(W, strength):
    """Return the penalty λ Σ|W| and its gradient λ sign(W), 0 where a weight is 0; ``strength`` = λ >= 0.

    >>> l1([[2.0, -3.0]], 0.1)
    (0.5, array([[ 0.1, -0.1]]))
    """
    W, strength = as_array(W, "W"), _strength(strength)
    return float(strength * np.abs(W).sum()), strength * np.sign(W)


def l2(W, strength):
    """Return the penalty λ ΣW², without the half that some books write, as in Keras, and its gradient 2λW.

    >>> l2([[2.0, -3.0]], 0.1)
    (1.3, array([[ 0.4, -0.6]]))
    """
    W, strength = as_array(W, "W"), _strength(strength)
    return float(strength * (W**2).sum()), 2 * strength * W


def soft_threshold(W, threshold):
    """Move every weight towards 0 by ``threshold`` >= 0, at most to 0: the step that makes ℓ1 sparse.

    It minimizes (V − W)²/2 + threshold · |V| over V (Parikh & Boyd, 2014, section 6.5.2). Gradient steps on the ℓ1
    penalty jump over 0; this step stops there.

    >>> soft_threshold([0.5, -0.03, 0.1], 0.1)
    array([ 0.4, -0. ,  0. ])
    """
    W, threshold = as_array(W, "W"), as_float(threshold, "threshold", low=0)
    return np.sign(W) * np.maximum(np.abs(W) - threshold, 0)


def max_norm(W, radius):
    """Return ``W`` with every column, the weights into one unit, scaled down to the norm ``radius`` if it is longer.

    ``W`` has shape (fan_in, fan_out), ``radius`` > 0 (Srivastava et al., 2014, section 5.1). Keras:
    ``keras.constraints.MaxNorm(radius)``.

    >>> max_norm([[3.0, 0.3], [4.0, 0.4]], 1.0)
    array([[0.6, 0.3],
           [0.8, 0.4]])
    """
    W, radius = as_array(W, "W", ndim=2), as_float(radius, "radius", low=0, open_low=True)
    norms = np.linalg.norm(W, axis=0)
    return W * (radius / np.maximum(norms, radius))


def dropout(X, rate, *, seed):
    """Set a share ``rate`` of all values to 0 and divide the others by 1 − rate, so that the expectation stays.

    Return output and mask, of the shape of ``X``: the mask is 0 or 1/(1 − rate), output = X · mask, and the gradient is
    multiplied by the same mask. Every instance has its own (Srivastava et al., 2014; the division is called inverted
    dropout). ``rate`` is in [0, 1), ``seed`` an integer or a ``Generator``.

    >>> dropout(np.ones(4), 0.5, seed=1)[0]
    array([2., 2., 0., 2.])
    """
    X, rate = as_array(X, "X"), _share(rate)
    mask = (np.random.default_rng(seed).random(X.shape) >= rate) / (1 - rate)
    return X * mask, mask


def spatial_dropout(X, rate, *, seed):
    """Dropout of whole channels, for maps whose neighboring values say nearly the same.

    ``X`` has shape (n, …, channels). A share ``rate`` of the pairs of an instance and a channel is set to 0 at every
    place, the others are divided by 1 − rate (Tompson et al., 2015, section 3.2). Arguments, result and errors as in
    `dropout`; the mask has the shape (n, 1, …, 1, channels). Keras: ``keras.layers.SpatialDropout2D(rate)``.

    >>> output, mask = spatial_dropout(np.ones((1, 2, 2, 4)), 0.5, seed=1)
    >>> output[0, 0, 0], mask.shape
    (array([2., 2., 0., 2.]), (1, 1, 1, 4))
    """
    X, rate = as_array(X, "X"), _share(rate)
    if X.ndim < 3:
        raise ValueError(f"X must have the shape (n, ..., channels), at least three axes; got shape {X.shape}")
    shape = (len(X), *[1] * (X.ndim - 2), X.shape[-1])
    _, mask = dropout(np.ones(shape), rate, seed=seed)
    return X * mask, mask


def alpha_dropout(X, rate, *, seed):
    """Dropout for SELU: mean 0 and variance 1 stay what they were (Klambauer et al., 2017, section "New dropout").

    A dropped value becomes α' = −scale · α, the lowest value of SELU, not 0; then a X + b restores mean and variance,
    with q = 1 − rate, a = (q + α'² q (1 − q))^(−1/2) and b = −a (1 − q) α'. Arguments as in `dropout`; returns the
    output only.

    >>> X = np.random.default_rng(0).normal(size=100_000)
    >>> output = alpha_dropout(X, 0.3, seed=1)
    >>> bool(abs(output.mean()) < 0.01 and abs(output.var() - 1) < 0.01)
    True
    """
    X, rate = as_array(X, "X"), _share(rate)
    lowest, keep = -SELU_SCALE * SELU_ALPHA, 1 - rate
    a = (keep + lowest**2 * keep * rate) ** -0.5
    b = -a * rate * lowest
    kept = np.random.default_rng(seed).random(X.shape) >= rate
    return a * np.where(kept, X, lowest) + b


def _strength(value):
    return as_float(value, "strength", low=0)


def _share(value):
    return as_float(value, "rate", low=0, high=1, open_high=True)
