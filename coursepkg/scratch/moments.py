"""Mean and variance of what an activation makes of normally distributed pre-activations, and SELU's two constants."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float
from coursepkg.scratch.activations import elu


def gaussian_moments(function, mean=0.0, *, variance=1.0):
    """Return the mean and the variance of ``function(a)`` for a normal ``a``: what a wide layer's units give.

    The integrals are sums over 40,001 points up to ten standard deviations from the mean (trapezoidal rule).

    ``function`` takes and returns an array of one axis; ``mean`` and ``variance`` >= 0 are those of ``a``.

    Examples
    --------
    >>> mean, variance = gaussian_moments(lambda a: np.maximum(a, 0))  # 1/√(2π), 1/2 − 1/(2π)
    >>> round(mean, 4), round(variance, 4)
    (0.3989, 0.3408)
    """
    if not callable(function):
        raise TypeError(f"function must be callable; got {function!r}")
    mean, variance = as_float(mean, "mean"), as_float(variance, "variance", low=0)
    x = np.linspace(-10, 10, 40_001)  # 0 is among them: a kink there costs no accuracy
    weight = np.exp(-(x**2) / 2)
    weight /= weight.sum()
    value = as_array(function(mean + np.sqrt(variance) * x), "function(a)", ndim=1, length=len(x))
    first = weight @ value
    return float(first), float(weight @ (value - first) ** 2)


def selu_constants():
    """Solve for the α and λ with which λ · elu(a, α) keeps mean 0 and variance 1 of a standard normal ``a``.

    Two equations with two unknowns, solved numerically (Klambauer et al., 2017, equations 4, 5 and 14).

    Examples
    --------
    >>> alpha, scale = selu_constants()
    >>> round(alpha, 6), round(scale, 6)
    (1.673263, 1.050701)
    """
    from scipy.optimize import root  # here, so that the other function needs NumPy only

    def distance(constants):
        alpha, scale = map(float, constants)
        mean, variance = gaussian_moments(lambda a: scale * elu(a, alpha))
        return mean, variance - 1

    alpha, scale = root(distance, x0=(1.0, 1.0), tol=1e-12).x
    return float(alpha), float(scale)
