"""Activation functions and their derivatives.

Every function takes an array ``z`` of pre-activations of any shape and works element by element, so that the result
has the shape of ``z``; only `softmax` mixes numbers, those of the last axis (one row a sample). float32 stays float32,
everything else becomes float64. Input that does not hold real numbers raises ``TypeError``. No form overflows, however
large ``|z|`` is. A kink at 0 gets the derivative from the left.

A new activation is two functions and a line in `ACTIVATIONS`; every network then takes its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coursepkg._validation import as_array, as_float, one_of

# Fixed points of SELU (Klambauer et al., 2017, equation 14): mean 0 and variance 1 pass through unchanged.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def as_floats(value, name="z"):
    """Return ``value`` as an array that keeps float32 and float64 and turns other real numbers into float64.

    NaN and infinity pass: they are legal values of a pre-activation.

    >>> as_floats([1, 2]).dtype, as_floats(np.float32(1)).dtype
    (dtype('float64'), dtype('float32'))
    """
    if type(value) is np.ndarray and value.dtype.char in "fd":
        return value  # as it is inside a network, where checks would cost more than the function
    return as_array(value, name, finite=False, empty=True, keep_float32=True)


# The classical ones


def identity(z):
    """z itself (a copy): the output activation of a regression. Range (−∞, ∞).

    >>> identity([-2, 0, 2])
    array([-2.,  0.,  2.])
    """
    return as_floats(z).copy()


def identity_derivative(z):
    """1 everywhere.

    >>> identity_derivative([-2, 0, 2])
    array([1., 1., 1.])
    """
    return np.ones_like(as_floats(z))


def heaviside(z):
    """1 where z >= 0, else 0 (McCulloch & Pitts, 1943); finite z only.

    >>> heaviside([-2.0, 0.0, 3.0])
    array([0., 1., 1.])
    """
    return np.heaviside(as_array(z, "z", keep_float32=True), 1)


def sign(z):
    """−1, 0 or 1 where z is negative, zero or positive; finite z only.

    >>> sign([-2.0, 0.0, 3.0])
    array([-1.,  0.,  1.])
    """
    return np.sign(as_array(z, "z", keep_float32=True))


def step_derivative(z):
    """0 everywhere, for `heaviside` and `sign`; at the jump, where no derivative exists, 0 by convention.

    >>> step_derivative([-2, 0, 2])
    array([0., 0., 0.])
    """
    return np.zeros_like(as_floats(z))


def sigmoid(z):
    """σ(z) = 1 / (1 + e^(−z)), the logistic function. Range (0, 1).

    >>> sigmoid([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    z = as_floats(z)
    e = np.exp(-np.abs(z))  # never overflows
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_derivative(z):
    """σ'(z) = σ(z) (1 − σ(z)). Range (0, 1/4].

    >>> sigmoid_derivative([0, 40])
    array([2.50000000e-01, 4.24835426e-18])
    """
    z = as_floats(z)
    return sigmoid(z) * sigmoid(-z)  # 1 − σ(z) = σ(−z) keeps its digits where σ(z) rounds to 1


def tanh(z):
    """Hyperbolic tangent: tanh(z) = 2σ(2z) − 1. Range (−1, 1).

    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    """
    return np.tanh(as_floats(z))


def tanh_derivative(z):
    """tanh'(z) = 1 − tanh²(z). Range (0, 1]; in float64 it is 0 from |z| = 20 on, where tanh(z) rounds to ±1.

    >>> tanh_derivative([0, 1])
    array([1.        , 0.41997434])
    """
    return 1 - np.tanh(as_floats(z)) ** 2


def relu(z):
    """max(z, 0), the rectified linear unit (Nair & Hinton, 2010). Range [0, ∞).

    >>> relu([-2, 0, 2])
    array([0., 0., 2.])
    """
    return np.maximum(as_floats(z), 0)


def relu_derivative(z):
    """1 where z > 0, else 0; at the kink, where no derivative exists, 0 by convention.

    >>> relu_derivative([-2, 0, 2])
    array([0., 0., 1.])
    """
    z = as_floats(z)
    return (z > 0).astype(z.dtype)


def softplus(z):
    """ln(1 + e^z), a smooth ReLU (Dugas et al., 2001). Range (0, ∞).

    >>> softplus([-1000, 0, 1000])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return np.logaddexp(0, as_floats(z))  # ln(e^0 + e^z), which NumPy computes without overflow


def softplus_derivative(z):
    """σ(z). Range (0, 1).

    >>> softplus_derivative([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    return sigmoid(z)


def softmax(z):
    """p_k = e^(z_k) / Σ_j e^(z_j) along the last axis. Range (0, 1); every row sums to 1 (Bridle, 1990).

    >>> softmax([[0, 0], [1000, 0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    z = as_floats(z)
    e = np.exp(z - z.max(axis=-1, keepdims=True))  # shifting a row changes nothing, and now nothing overflows
    return e / e.sum(axis=-1, keepdims=True)


def softmax_jvp(z, v):
    """J v for every row, with the Jacobian J_kj = ∂p_k/∂z_j = p_k ([k = j] − p_j) that is never built.

    ``z`` and ``v`` have shape (..., n_classes), and so has the result: p ∘ (v − pᵀv). J is symmetric, hence the same
    product carries a gradient backwards: δ = Jᵀ G = J G.

    >>> softmax_jvp([[0, 0]], [[1, 0]])
    array([[ 0.25, -0.25]])
    """
    p, v = softmax(z), as_floats(v, "v")
    return p * (v - (p * v).sum(axis=-1, keepdims=True))


# After ReLU


def leaky_relu(z, slope=0.2):
    """z where z > 0, else slope · z (Maas et al., 2013, with slope 0.01; 0.2 is Keras's default). Range (−∞, ∞).

    ``slope`` is a number or an array that broadcasts with ``z``: one learned slope a unit makes it a PReLU (He et al.,
    2015, eq. 1). max(z, slope · z) is the same for slopes up to 1 only.

    >>> leaky_relu([-2, 0, 2]), leaky_relu([[-2, -2]], [0.1, 0.5])
    (array([-0.4,  0. ,  2. ]), array([[-0.2, -1. ]]))
    """
    z = as_floats(z)
    return np.where(z > 0, z, _like(slope, z, "slope") * z)


def leaky_relu_derivative(z, slope=0.2):
    """1 where z > 0, else ``slope``.

    >>> leaky_relu_derivative([-2, 0, 2])
    array([0.2, 0.2, 1. ])
    """
    z = as_floats(z)
    return np.where(z > 0, np.ones_like(z), _like(slope, z, "slope"))


def leaky_relu_by_slope(z):
    """The derivative of `leaky_relu` with respect to its slope: min(z, 0) (He et al., 2015, eq. 3).

    >>> leaky_relu_by_slope([-2, 0, 2])
    array([-2.,  0.,  0.])
    """
    return np.minimum(as_floats(z), 0)


def rrelu(z, *, seed, low=1 / 8, high=1 / 3):
    """Randomized leaky ReLU in training (Xu et al., 2015, section 2.4): return its values and its slopes.

    Each element's slope is drawn uniformly from ``low`` to ``high``; ``leaky_relu_derivative(z, slopes)`` is the way
    back. For predictions use `leaky_relu` with the slope (low + high)/2, as PyTorch does. (The paper draws the divisor
    1/slope uniformly from 3 to 8.)

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

    >>> elu([-1000, 0, 2])
    array([-1.,  0.,  2.])
    """
    z = as_floats(z)
    return np.where(z > 0, z, as_float(alpha, "alpha") * np.expm1(np.minimum(z, 0)))


def elu_derivative(z, alpha=1.0):
    """1 where z > 0, else α e^z: with α = 1 there is no kink.

    >>> elu_derivative([-1000, 0, 2])
    array([0., 1., 1.])
    """
    z = as_floats(z)
    return np.where(z > 0, np.ones_like(z), as_float(alpha, "alpha") * np.exp(np.minimum(z, 0)))


def selu(z):
    """λ · elu(z, α) with the constants `SELU_SCALE` = λ and `SELU_ALPHA` = α (Klambauer et al., 2017, eq. 2).

    >>> selu([-1000, 0, 1])
    array([-1.75809934,  0.        ,  1.05070099])
    """
    return SELU_SCALE * elu(z, SELU_ALPHA)


def selu_derivative(z):
    """λ where z > 0, else λα e^z: 1.758 just left of 0, 1.051 on the right.

    >>> selu_derivative([-1000, 0, 1])
    array([0.        , 1.75809934, 1.05070099])
    """
    return SELU_SCALE * elu_derivative(z, SELU_ALPHA)


def gelu(z):
    """z Φ(z), with Φ the distribution function of the standard normal (Hendrycks & Gimpel, 2016). Range [−0.17, ∞).

    >>> gelu([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.84134475])
    """
    z = as_floats(z)
    return z * _Phi(z) if not np.isinf(z).any() else _ends(z, gelu)


def gelu_derivative(z):
    """Φ(z) + z φ(z), with φ the density of the standard normal. Range [−0.13, 1.13].

    >>> gelu_derivative([-1000, 0, 1])
    array([0.        , 0.5       , 1.08331547])
    """
    z = np.clip(as_floats(z), -100, 100)  # beyond, the result is exactly 0 or 1
    return _Phi(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi).astype(z.dtype)


def gelu_tanh(z):
    """The approximation z/2 · (1 + tanh(√(2/π)(z + 0.044715 z³))) of GELU (Hendrycks & Gimpel, 2016, section 2).

    >>> gelu_tanh([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.84119199])
    """
    z = as_floats(z)
    # 1 + tanh(u) = 2σ(2u) keeps its digits where tanh(u) rounds to −1.
    return z * sigmoid(2 * _gelu_inner(z)) if not np.isinf(z).any() else _ends(z, gelu_tanh)


def gelu_tanh_derivative(z):
    """σ(2u) + 2z σ'(2u) u' with u = √(2/π)(z + 0.044715 z³).

    >>> gelu_tanh_derivative([-1000, 0, 1])
    array([0.        , 0.5       , 1.08296408])
    """
    z = np.clip(as_floats(z), -100, 100)
    u = 2 * _gelu_inner(z)
    inner_slope = float(np.sqrt(2 / np.pi)) * (1 + 3 * 0.044715 * z**2)
    return sigmoid(u) + 2 * z * sigmoid_derivative(u) * inner_slope


def gelu_sigmoid(z):
    """The approximation z σ(1.702 z) of GELU (Hendrycks & Gimpel, 2016, section 2): Swish with β = 1.702.

    >>> gelu_sigmoid([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.84579577])
    """
    return swish(z, 1.702)


def gelu_sigmoid_derivative(z):
    """The derivative of `swish` with β = 1.702.

    >>> gelu_sigmoid_derivative([-1000, 0, 1])
    array([0.        , 0.5       , 1.06777961])
    """
    return swish_derivative(z, 1.702)


def swish(z, beta=1.0):
    """z σ(βz) (Ramachandran et al., 2017, eq. 1). With β = 1 it is also called SiLU (Elfwing et al., 2018).

    ``beta`` is a number or an array that broadcasts with ``z``. β = 0 gives z/2; large β come near ReLU.

    >>> swish([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.73105858])
    """
    z = as_floats(z)
    return z * sigmoid(_like(beta, z, "beta") * z) if not np.isinf(z).any() else _ends(z, swish, beta)


def swish_derivative(z, beta=1.0):
    """σ(βz) + βz σ'(βz). Range [−0.10, 1.10] for β > 0.

    >>> swish_derivative([-1000, 0, 1])
    array([0.        , 0.5       , 0.92767051])
    """
    z = as_floats(z)
    u = np.clip(_like(beta, z, "beta") * np.clip(z, -1e30, 1e30), -1000, 1000)  # beyond, it is exactly 0 or 1
    return sigmoid(u) + u * sigmoid_derivative(u)


def swish_by_beta(z, beta=1.0):
    """The derivative of `swish` with respect to β: z² σ'(βz), which tends to 0 for large |z| if β is not 0.

    >>> swish_by_beta([-1000, 0, 1])
    array([0.        , 0.        , 0.19661193])
    """
    z = np.clip(as_floats(z), -1e15, 1e15)  # the square shall not overflow in float32
    return z**2 * sigmoid_derivative(_like(beta, z, "beta") * z)


def mish(z):
    """z tanh(softplus(z)) (Misra, 2020, eq. 1). Range [−0.31, ∞).

    >>> mish([-1000, 0, 1])
    array([-0.        ,  0.        ,  0.86509839])
    """
    z = as_floats(z)
    return z * np.tanh(softplus(z)) if not np.isinf(z).any() else _ends(z, mish)


def mish_derivative(z):
    """t + z (1 − t²) σ(z) with t = tanh(softplus(z)).

    >>> mish_derivative([-1000, 0, 1])
    array([0.        , 0.6       , 1.04903622])
    """
    z = np.clip(as_floats(z), -1000, 1000)
    t = np.tanh(softplus(z))
    return t + z * (1 - t**2) * sigmoid(z)


def _like(parameter, z, name):
    if type(parameter) is np.ndarray and parameter.dtype == z.dtype:
        return parameter  # as it is inside a network, where it may diverge with the rest
    return as_array(parameter, name).astype(z.dtype, copy=False)


def _Phi(z):
    from scipy.special import ndtr  # here, so that the other functions need NumPy only

    return ndtr(z)


def _gelu_inner(z):
    z = np.clip(z, -100, 100)  # tanh is ±1 long before, and z³ shall not overflow
    return float(np.sqrt(2 / np.pi)) * (z + 0.044715 * z**3)


def _ends(z, function, *arguments):
    """Extend a function that is 0 at −∞ and z at ∞ to infinite z, where its formula says 0 · ∞; NaN stays NaN."""
    infinite = np.isinf(z)
    return np.where(infinite, np.maximum(z, 0), function(np.where(infinite, z.dtype.type(0), z), *arguments))


# By name


@dataclass(frozen=True)
class ActivationFunction:
    """An activation as a layer uses it: its name, its value φ(z) and its element-wise ``derivative`` φ'(z).

    One that is not element-wise has a product ``jvp(z, v)`` with its Jacobian in place of the derivative.

    Examples
    --------
    >>> get_activation("relu").backward([-1.0, 1.0], np.array([5.0, 5.0]))
    array([0., 5.])
    """

    name: str
    value: Callable
    derivative: Callable | None = None
    jvp: Callable | None = None

    def backward(self, z, G):
        """Return G ∘ φ'(z), the loss gradient at ``z``, from ``G``, that at φ(z); all of one shape."""
        return G * self.derivative(z) if self.jvp is None else self.jvp(z, G)


ACTIVATIONS = {
    function.name: function
    for function in (
        ActivationFunction("identity", identity, identity_derivative),
        ActivationFunction("heaviside", heaviside, step_derivative),
        ActivationFunction("sign", sign, step_derivative),
        ActivationFunction("sigmoid", sigmoid, sigmoid_derivative),
        ActivationFunction("tanh", tanh, tanh_derivative),
        ActivationFunction("relu", relu, relu_derivative),
        ActivationFunction("softplus", softplus, softplus_derivative),
        ActivationFunction("leaky_relu", leaky_relu, leaky_relu_derivative),
        ActivationFunction("elu", elu, elu_derivative),
        ActivationFunction("selu", selu, selu_derivative),
        ActivationFunction("gelu", gelu, gelu_derivative),
        ActivationFunction("gelu_tanh", gelu_tanh, gelu_tanh_derivative),
        ActivationFunction("gelu_sigmoid", gelu_sigmoid, gelu_sigmoid_derivative),
        ActivationFunction("swish", swish, swish_derivative),
        ActivationFunction("mish", mish, mish_derivative),
        ActivationFunction("softmax", softmax, jvp=softmax_jvp),
    )
}


def get_activation(name):
    """Return the `ActivationFunction` of that name; an `ActivationFunction` passes through.

    Examples
    --------
    >>> get_activation("tanh").value([0.0]), get_activation("tanh").derivative([0.0])
    (array([0.]), array([1.]))
    """
    return name if isinstance(name, ActivationFunction) else ACTIVATIONS[one_of(name, "activation", ACTIVATIONS)]
