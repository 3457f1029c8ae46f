"""Activation functions and their derivatives.

Every function takes an array ``z`` of pre-activations of any shape and works element by element, so that the result
has the shape of ``z``; only `softmax` mixes numbers, those of the last axis (one row a sample). float32 stays float32,
everything else becomes float64. Input that does not hold real numbers raises ``TypeError``. No form overflows, however
large ``|z|`` is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coursepkg._validation import as_array, one_of
from coursepkg.scratch.threshold import heaviside, sign


def as_floats(value, name="z"):
    """Return ``value`` as an array that keeps float32 and float64 and turns other real numbers into float64.

    NaN and infinity pass: they are legal values of a pre-activation.

    Examples
    --------
    >>> as_floats([1, 2]).dtype, as_floats(np.float32(1)).dtype
    (dtype('float64'), dtype('float32'))
    """
    return as_array(value, name, finite=False, empty=True, keep_float32=True)


def identity(z):
    """z itself (a copy): the output activation of a regression. Range (−∞, ∞).

    Examples
    --------
    >>> identity([-2, 0, 2])
    array([-2.,  0.,  2.])
    """
    return as_floats(z).copy()


def identity_derivative(z):
    """1 everywhere.

    Examples
    --------
    >>> identity_derivative([-2, 0, 2])
    array([1., 1., 1.])
    """
    return np.ones_like(as_floats(z))


def step_derivative(z):
    """0 everywhere, for `heaviside` and `sign`; at the jump, where no derivative exists, 0 by convention.

    Examples
    --------
    >>> step_derivative([-2, 0, 2])
    array([0., 0., 0.])
    """
    return np.zeros_like(as_floats(z))


def sigmoid(z):
    """σ(z) = 1 / (1 + e^(−z)), the logistic function. Range (0, 1).

    Written with e^(−|z|), which never overflows.

    Examples
    --------
    >>> sigmoid([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    z = as_floats(z)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_derivative(z):
    """σ'(z) = σ(z) (1 − σ(z)). Range (0, 1/4].

    1 − σ(z) is written σ(−z), which keeps its digits where σ(z) rounds to 1.

    Examples
    --------
    >>> sigmoid_derivative([0, 40])
    array([2.50000000e-01, 4.24835426e-18])
    """
    z = as_floats(z)
    return sigmoid(z) * sigmoid(-z)


def tanh(z):
    """Hyperbolic tangent: tanh(z) = 2σ(2z) − 1. Range (−1, 1).

    Examples
    --------
    >>> tanh([-1000, 0, 1000])
    array([-1.,  0.,  1.])
    """
    return np.tanh(as_floats(z))


def tanh_derivative(z):
    """tanh'(z) = 1 − tanh²(z). Range (0, 1]; in float64 it is 0 from |z| = 20 on, where tanh(z) rounds to ±1.

    Examples
    --------
    >>> tanh_derivative([0, 1])
    array([1.        , 0.41997434])
    """
    return 1 - np.tanh(as_floats(z)) ** 2


def relu(z):
    """max(z, 0), the rectified linear unit (Nair & Hinton, 2010). Range [0, ∞).

    Examples
    --------
    >>> relu([-2, 0, 2])
    array([0., 0., 2.])
    """
    return np.maximum(as_floats(z), 0)


def relu_derivative(z):
    """1 where z > 0, else 0; at the kink, where no derivative exists, 0 by convention.

    Examples
    --------
    >>> relu_derivative([-2, 0, 2])
    array([0., 0., 1.])
    """
    z = as_floats(z)
    return (z > 0).astype(z.dtype)


def softplus(z):
    """ln(1 + e^z), a smooth ReLU (Dugas et al., 2001). Range (0, ∞).

    Written as the logarithm of e^0 + e^z, which NumPy computes without overflow.

    Examples
    --------
    >>> softplus([-1000, 0, 1000])
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return np.logaddexp(0, as_floats(z))


def softplus_derivative(z):
    """σ(z). Range (0, 1).

    Examples
    --------
    >>> softplus_derivative([-1000, 0, 1000])
    array([0. , 0.5, 1. ])
    """
    return sigmoid(z)


def softmax(z):
    """p_k = e^(z_k) / Σ_j e^(z_j) along the last axis. Range (0, 1); every row sums to 1 (Bridle, 1990).

    A number added to a whole row changes nothing, so the row's largest is subtracted: no exponential overflows.

    Examples
    --------
    >>> softmax([[0, 0], [1000, 0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    z = as_floats(z)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_jvp(z, v):
    """J v for every row, with the Jacobian J_kj = ∂p_k/∂z_j = p_k ([k = j] − p_j) that is never built.

    ``z`` and ``v`` have shape (..., n_classes), and so has the result: p ∘ (v − pᵀv). J is symmetric, hence the same
    product carries a gradient backwards: δ = Jᵀ G = J G.

    Examples
    --------
    >>> softmax_jvp([[0, 0]], [[1, 0]])
    array([[ 0.25, -0.25]])
    """
    p, v = softmax(z), as_floats(v, "v")
    return p * (v - (p * v).sum(axis=-1, keepdims=True))


@dataclass(frozen=True)
class Activation:
    """An activation as a layer uses it: its name, its value σ(z) and its element-wise ``derivative`` σ'(z).

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
        """Return δ = G ∘ σ'(z), the loss gradient at ``z``, from ``G``, that at σ(z); all of one shape."""
        return G * self.derivative(z) if self.jvp is None else self.jvp(z, G)


ACTIVATIONS = {
    activation.name: activation
    for activation in (
        Activation("identity", identity, identity_derivative),
        Activation("heaviside", heaviside, step_derivative),
        Activation("sign", sign, step_derivative),
        Activation("sigmoid", sigmoid, sigmoid_derivative),
        Activation("tanh", tanh, tanh_derivative),
        Activation("relu", relu, relu_derivative),
        Activation("softplus", softplus, softplus_derivative),
        Activation("softmax", softmax, jvp=softmax_jvp),
    )
}


def get_activation(name):
    """Return the `Activation` of that name; an `Activation` passes through. Other values raise ``ValueError``.

    Examples
    --------
    >>> get_activation("tanh").value([0.0]), get_activation("tanh").derivative([0.0])
    (array([0.]), array([1.]))
    """
    if isinstance(name, Activation):
        return name
    return ACTIVATIONS[one_of(name, "activation", ACTIVATIONS)]
