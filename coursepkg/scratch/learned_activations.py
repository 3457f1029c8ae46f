"""Activations with a parameter of their own that is learned like a weight: PReLU and Swish with trained β.

They follow a dense layer without activation. With the parameter p, one number a unit, and the activation φ(Z, p):

    ∇p_i = Σ over the batch of G_i ∘ ∂φ/∂p (Z_i, p_i)        (units,), for each unit i
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_float, as_int
from coursepkg.scratch import activations
from coursepkg.scratch.layers import Layer, summed_like


class LearnedActivation(Layer):
    """What both share: one parameter ``p`` a unit, at first ``start``; ``units`` is the size of the last axis."""

    learned = ("p",)

    def __init__(self, units, *, start, dtype="float64"):
        self.p = np.full(as_int(units, "units", low=1), as_float(start, "start"), dtype)

    def forward(self, Z, **options):
        self.Z = Z
        return self.value(Z, self.p)

    def backward(self, G, **options):
        self.grad_p = summed_like(G * self.by_parameter(self.Z, self.p), self.p)
        return G * self.derivative(self.Z, self.p)


class PReLU(LearnedActivation):
    """p is the slope for z < 0 (He et al., 2015, eq. 1), which starts at 0.25 as in the paper (Keras: 0).

    Examples
    --------
    >>> layer = PReLU(3)
    >>> layer.forward(-np.ones((2, 3))), layer.backward(np.ones((2, 3))), layer.grad_p
    (array([[-0.25, -0.25, -0.25],
           [-0.25, -0.25, -0.25]]), array([[0.25, 0.25, 0.25],
           [0.25, 0.25, 0.25]]), array([-2., -2., -2.]))
    >>> from coursepkg.scratch.mlp import MLP
    >>> [array.shape for array in MLP([2, 4, 1], hidden_activation=PReLU).parameters]
    [(2, 4), (4,), (4,), (4, 1), (1,)]
    """

    value = staticmethod(activations.leaky_relu)
    derivative = staticmethod(activations.leaky_relu_derivative)

    def __init__(self, units, *, start=0.25, dtype="float64"):
        super().__init__(units, start=start, dtype=dtype)

    def by_parameter(self, Z, p):
        return activations.leaky_relu_by_slope(Z)


class Swish(LearnedActivation):
    """p is β in z σ(βz) (Ramachandran et al., 2017, eq. 1), which starts at 1.

    >>> Swish(2).forward(np.array([[-1.0, 1.0]])).round(2)
    array([[-0.27,  0.73]])
    """

    value = staticmethod(activations.swish)
    derivative = staticmethod(activations.swish_derivative)
    by_parameter = staticmethod(activations.swish_by_beta)

    def __init__(self, units, *, start=1.0, dtype="float64"):
        super().__init__(units, start=start, dtype=dtype)
