"""Activation functions after ReLU: leaky, randomized and parametric ReLU, ELU, SELU, GELU, Swish and Mish.

As in `coursepkg.scratch.activations`, a function takes an array ``z`` of pre-activations of any shape and works element
by element; float32 stays float32, everything else becomes float64; input that does not hold real numbers raises
``TypeError``. No form overflows, however large ``|z|`` is. A kink at 0 gets the derivative from the left.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import root
from scipy.special import ndtr

from coursepkg._validation import as_array, as_float
from coursepkg.scratch.activations import Activation, as_floats, sigmoid, sigmoid_derivative, softplus
from coursepkg.scratch.regularizers import SELU_ALPHA, SELU_SCALE


def leaky_relu(z, slope=0.2):
    """z where z > 0, else slope · z (Maas et al., 2013, with slope 0.01; 0.2 is Keras's default). Range (−∞, ∞).

    ``slope`` is a number or an array that broadcasts with ``z``: one learned slope a unit makes it a PReLU (He et al.,
    2015, eq. 1). max(z, slope · z) is the same for slopes up to 1 only.

    Examples
    --------
    >>> leaky_relu([-2, 0, 2]), leaky_relu([[-2, -2]], [0.1, 0.5])
    (array([-0.4,  0. ,  2. ]), array([[-0.2, -1. ]]))
    """
    z = as_floats(z)
    return np.where(z > 0, z, _slopes(slope, z) * z)


def leaky_relu_derivative(z, slope=0.2):
    """1 where z > 0, else ``slope``.

    Examples
    --------
    >>> leaky_relu_derivative([-2, 0, 2])
    array([0.2, 0.2, 1. ])
    """
    z = as_floats(z)
    return np.where(z > 0, np.ones_like(z), _slopes(slope, z))


def leaky_relu_by_slope(z):
    """The derivative of `leaky_relu` with respect to its slope: min(z, 0) (He et al., 2015, eq. 3).

    Examples
    --------
    >>> leaky_relu_by_slope([-2, 0, 2])
    array([-2.,  0.,  0.])
    """
    return np.minimum(as_floats(z), 0)


def rrelu(z, *, seed, low=1 / 8, high=1 / 3):
    """Randomized leaky ReLU in training (Xu et al., 2015, section 2.4).

    Parameters
    ----------
    z : array_like, any shape
    seed : int or numpy.random.Generator, keyword-only
    low, high : float, low <= high
        Each element's slope is drawn uniformly from this interval. Use `leaky_relu` with the slope (low + high)/2 for
        predictions, as PyTorch does. (The paper draws the divisor 1/slope uniformly from 3 to 8.)

    Returns
    -------
    output, slopes : numpy.ndarray, of the shape of ``z``
        The way back uses the same slopes: ``leaky_relu_derivative(z, slopes)``.

    Raises
    ------
    ValueError
        If ``low`` is above ``high``.

    Examples
    --------
    >>> output, slopes = rrelu([-2.0, 2.0], seed=0)
    >>> output, bool(1 / 8 <= slopes.min() <= slopes.max() <= 1 / 3)
    (array([-0.5154007,  2.       ]), True)
    """
    z, high = as_floats(z), as_float(high, "high")
    low = as_float(low, "low", high=high)
    slopes = np.random.default_rng(seed).uniform(low, high, z.shape).astype(z.dtype)
    return leaky_relu(z, slopes), slopes


def elu(z, alpha=1.0):
    """z where z > 0, else α(e^z − 1) (Clevert et al., 2016, eq. 13). Range (−α, ∞) for α > 0.

    Examples
    --------
    >>> elu([-1000, 0, 2])
    array([-1.,  0.,  2.])
    """
    z = as_floats(z)
    return np.where(z > 0, z, as_float(alpha, "alpha") * np.expm1(np.minimum(z, 0)))


def elu_derivative(z, alpha=1.0):
    """1 where z > 0, else α e^z: with α = 1 there is no kink.

    Examples
    --------
    >>> elu_derivative([-1000, 0, 2])
    array([0., 1., 1.])
    """
    z = as_floats(z)
    return np.where(z > 0, np.ones_like(z), as_float(alpha, "alpha") * np.exp(np.minimum(z, 0)))


def selu(z):
    """λ · elu(z, α) with the constants `SELU_SCALE` = λ and `SELU_ALPHA` = α (Klambauer et al., 2017, eq. 2).

    Examples
    --------
    >>> selu([-1000, 0, 1])
    array([-1.75809934,  0.        ,  1.05070099])
    """
    return SELU_SCALE * elu(z, SELU_ALPHA)


def selu_derivative(z):
    """λ where z > 0, else λα e^z: 1.758 just left of 0, 1.051 on the right.

    Examples
    --------
    >>> selu_derivative([-1000, 0, 1])
    array([0.        , 1.75809934, 1.05070099])
    """
    return SELU_SCALE * elu_derivative(z, SELU_ALPHA)


def gelu(z):
    """z Φ(z), with Φ the distribution function of the standard normal (Hendrycks & Gimpel, 2016). Range [−0.17, ∞).

    Examples
    --------
    >>> gelu([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.84134475])
    """
    z = as_floats(z)
    return z * ndtr(z) if not np.isinf(z).any() else _ends(z, gelu)


def gelu_derivative(z):
    """Φ(z) + z φ(z), with φ the density of the standard normal. Range [−0.13, 1.13].

    Examples
    --------
    >>> gelu_derivative([-1000, 0, 1])
    array([0.        , 0.5       , 1.08331547])
    """
    z = np.clip(as_floats(z), -100, 100)  # beyond, the result is exactly 0 or 1
    return ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi).astype(z.dtype)


def gelu_tanh(z):
    """The approximation z/2 · (1 + tanh(√(2/π)(z + 0.044715 z³))) of GELU (Hendrycks & Gimpel, 2016, section 2).

    Examples
    --------
    >>> gelu_tanh([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.84119199])
    """
    z = as_floats(z)
    # 1 + tanh(u) = 2σ(2u) keeps its digits where tanh(u) rounds to −1.
    return z * sigmoid(2 * _gelu_inner(z)) if not np.isinf(z).any() else _ends(z, gelu_tanh)


def gelu_tanh_derivative(z):
    """σ(2u) + 2z σ'(2u) u' with u = √(2/π)(z + 0.044715 z³).

    Examples
    --------
    >>> gelu_tanh_derivative([-1000, 0, 1])
    array([0.        , 0.5       , 1.08296408])
    """
    z = np.clip(as_floats(z), -100, 100)
    u = 2 * _gelu_inner(z)
    inner_slope = float(np.sqrt(2 / np.pi)) * (1 + 3 * 0.044715 * z**2)
    return sigmoid(u) + 2 * z * sigmoid_derivative(u) * inner_slope


def gelu_sigmoid(z):
    """The approximation z σ(1.702 z) of GELU (Hendrycks & Gimpel, 2016, section 2): Swish with β = 1.702.

    Examples
    --------
    >>> gelu_sigmoid([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.84579577])
    """
    return swish(z, 1.702)


def gelu_sigmoid_derivative(z):
    """The derivative of `swish` with β = 1.702.

    Examples
    --------
    >>> gelu_sigmoid_derivative([-1000, 0, 1])
    array([0.        , 0.5       , 1.06777961])
    """
    return swish_derivative(z, 1.702)


def swish(z, beta=1.0):
    """z σ(βz) (Ramachandran et al., 2017, eq. 1). With β = 1 it is also called SiLU (Elfwing et al., 2018).

    ``beta`` is a number or an array that broadcasts with ``z``. β = 0 gives z/2; large β come near ReLU.

    Examples
    --------
    >>> swish([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.73105858])
    """
    z = as_floats(z)
    return z * sigmoid(_betas(beta, z) * z) if not np.isinf(z).any() else _ends(z, swish, beta)


def swish_derivative(z, beta=1.0):
    """σ(βz) + βz σ'(βz). Range [−0.10, 1.10] for β > 0.

    Examples
    --------
    >>> swish_derivative([-1000, 0, 1])
    array([0.        , 0.5       , 0.92767051])
    """
    z = as_floats(z)
    u = np.clip(_betas(beta, z) * np.clip(z, -1e30, 1e30), -1000, 1000)  # beyond, the result is exactly 0 or 1
    return sigmoid(u) + u * sigmoid_derivative(u)


def swish_by_beta(z, beta=1.0):
    """The derivative of `swish` with respect to β: z² σ'(βz), which tends to 0 for large |z| if β is not 0.

    Examples
    --------
    >>> swish_by_beta([-1000, 0, 1])
    array([0.        , 0.        , 0.19661193])
    """
    z = np.clip(as_floats(z), -1e15, 1e15)  # the square shall not overflow in float32
    return z**2 * sigmoid_derivative(_betas(beta, z) * z)


def mish(z):
    """z tanh(softplus(z)) (Misra, 2020, eq. 1). Range [−0.31, ∞).

    Examples
    --------
    >>> mish([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.86509839])
    """
    z = as_floats(z)
    return z * np.tanh(softplus(z)) if not np.isinf(z).any() else _ends(z, mish)


def mish_derivative(z):
    """t + z (1 − t²) σ(z) with t = tanh(softplus(z)).

    Examples
    --------
    >>> mish_derivative([-1000, 0, 1])
    array([0.        , 0.6       , 1.04903622])
    """
    z = np.clip(as_floats(z), -1000, 1000)
    t = np.tanh(softplus(z))
    return t + z * (1 - t**2) * sigmoid(z)


def gaussian_moments(function, mean=0.0, *, variance=1.0):
    """Return the mean and the variance of ``function(a)`` for a normal ``a``: what a wide layer's units give.

    The integrals are sums over 40,001 points up to ten standard deviations from the mean (trapezoidal rule).

    Parameters
    ----------
    function : callable
        Takes and returns an array of one axis.
    mean, variance : float, float >= 0
        Of the pre-activation ``a``.

    Returns
    -------
    mean, variance : float

    Raises
    ------
    TypeError, ValueError
        If ``function`` cannot be called, or a number does not fit.

    Examples
    --------
    >>> mean, variance = gaussian_moments(leaky_relu)
    >>> round(mean, 4), round(variance, 4)
    (0.3192, 0.4181)
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

    def distance(constants):
        alpha, scale = map(float, constants)
        mean, variance = gaussian_moments(lambda a: scale * elu(a, alpha))
        return mean, variance - 1

    alpha, scale = root(distance, x0=(1.0, 1.0), tol=1e-12).x
    return float(alpha), float(scale)


def _slopes(slope, z):
    return as_array(slope, "slope").astype(z.dtype, copy=False)


def _betas(beta, z):
    return as_array(beta, "beta").astype(z.dtype, copy=False)


def _gelu_inner(z):
    z = np.clip(z, -100, 100)  # tanh is ±1 long before, and z³ shall not overflow
    return float(np.sqrt(2 / np.pi)) * (z + 0.044715 * z**3)


def _ends(z, function, *arguments):
    """Extend a function that is 0 at −∞ and z at ∞ to infinite z, where its formula says 0 · ∞; NaN stays NaN."""
    infinite = np.isinf(z)
    return np.where(infinite, np.maximum(z, 0), function(np.where(infinite, z.dtype.type(0), z), *arguments))


MODERN_ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation("leaky_relu", leaky_relu, leaky_relu_derivative),
        Activation("elu", elu, elu_derivative),
        Activation("selu", selu, selu_derivative),
        Activation("gelu", gelu, gelu_derivative),
        Activation("gelu_tanh", gelu_tanh, gelu_tanh_derivative),
        Activation("gelu_sigmoid", gelu_sigmoid, gelu_sigmoid_derivative),
        Activation("swish", swish, swish_derivative),
        Activation("mish", mish, mish_derivative),
    )
}
