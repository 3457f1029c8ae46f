"""Activations with a parameter of their own that is learned like a weight: PReLU and Swish with trained β.

To the equations of `coursepkg.scratch.mlp` one line is added. With the parameter p, one number a unit, of shape
(fan_out,), and the activation σ(A, p):

    ∇p_i = Σ over the batch of G_{i+1} ∘ ∂σ/∂p (A_i, p_i)        (fan_out,)
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_float, one_of
from coursepkg.scratch.activations import Activation
from coursepkg.scratch.mlp import MLP, Dense
from coursepkg.scratch.modern_activations import (
    leaky_relu,
    leaky_relu_by_slope,
    leaky_relu_derivative,
    swish,
    swish_by_beta,
    swish_derivative,
)

# Value, its derivative by the pre-activation and by the parameter, and the usual start of the parameter.
SHAPES = {
    "prelu": (leaky_relu, leaky_relu_derivative, lambda A, p: leaky_relu_by_slope(A), 0.25),
    "swish": (swish, swish_derivative, swish_by_beta, 1.0),
}


class LearnedDense(Dense):
    """A `Dense` layer whose activation has one parameter a unit.

    Parameters
    ----------
    fan_in, fan_out : int >= 1
    shape : {"prelu", "swish"}, keyword-only
        The slope for z < 0 (He et al., 2015, eq. 1), or β in z σ(βz) (Ramachandran et al., 2017, eq. 1).
    start : float, optional
        Where all parameters begin: by default 0.25 for the slopes, as in the paper (Keras: 0), and 1 for β.
    initializer, seed, dtype
        As for `Dense`.

    Examples
    --------
    >>> layer = LearnedDense(2, 3, shape="prelu")
    >>> layer.forward(-np.ones((5, 2))).shape, layer.backward(np.ones((5, 3))).shape, layer.grad_p.shape
    ((5, 3), (5, 2), (3,))
    """

    def __init__(self, fan_in, fan_out, *, shape, start=None, initializer="he_normal", seed=0, dtype="float64"):
        value, derivative, self._by_parameter, usual = SHAPES[one_of(shape, "shape", SHAPES)]
        start = usual if start is None else as_float(start, "start")
        activation = Activation(shape, lambda A: value(A, self.p), lambda A: derivative(A, self.p))
        super().__init__(fan_in, fan_out, activation=activation, initializer=initializer, seed=seed, dtype=dtype)
        self.p = np.full(fan_out, start, dtype)

    def backward(self, G, **options):
        """Set ``grad_p``, ``grad_W`` and ``grad_b``, and return ∂L/∂Z, as `Dense` does."""
        self.grad_p = (G * self._by_parameter(self.A, self.p)).sum(axis=0)
        return super().backward(G, **options)


class LearnedMLP(MLP):
    """An `MLP` whose hidden layers are `LearnedDense` layers; `fit` trains their parameters with the weights.

    ``shape`` and ``start``: see `LearnedDense`; ``**options``: those of `MLP`. `parameters` holds W, b and p of each
    hidden layer in turn, then W and b of the output: the order of Keras's ``get_weights`` for Dense and PReLU layers.

    Examples
    --------
    >>> model = LearnedMLP([2, 4, 1], shape="swish", seed=1)
    >>> history = model.fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], epochs=100, learning_rate=0.1)
    >>> [array.shape for array in model.parameters], bool(np.ptp(model.layers[0].p) > 0)
    ([(2, 4), (4,), (4,), (4, 1), (1,)], True)
    """

    def __init__(self, sizes, *, shape, start=None, initializer="he_normal", seed=0, **options):
        super().__init__(sizes, initializer=initializer, seed=seed, **options)
        rng = np.random.default_rng(seed)
        made = {"shape": shape, "start": start, "initializer": initializer, "seed": rng, "dtype": self.dtype}
        pairs = zip(self.sizes[:-2], self.sizes[1:-1], strict=True)
        self.layers[:-1] = [LearnedDense(*pair, **made) for pair in pairs]  # the weights that MLP drew, once more

    @property
    def parameters(self):
        """W_0, b_0, p_0, W_1, b_1, p_1, …: the arrays themselves."""
        return [array for layer in self.layers for array in _of(layer)]

    def backward(self, y, **options):
        """Return [∇W_0, ∇b_0, ∇p_0, …]; see `MLP`."""
        super().backward(y, **options)
        return [array for layer in self.layers for array in _of(layer, "grad_")]


def _of(layer, prefix=""):
    names = ("W", "b", "p") if isinstance(layer, LearnedDense) else ("W", "b")
    return [getattr(layer, prefix + name) for name in names]
