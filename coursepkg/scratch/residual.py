"""Layers with a way around others: the sum of residual networks, and the concatenation of DenseNets.

Both lay two paths from X, shape (…, d), side by side; F is a chain of layers, and P another one, in most cases empty:

    Residual       H = F(X) + P(X)          P(X) = X, or a projection where F changes the shape
    Concatenate    H = [X, F(X)]            (…, d + width of F(X))

On the way back, each path gives its part of ∂L/∂X, and the parts add up. With G = ∂L/∂H of a residual layer

    ∂L/∂X = (∂F/∂X)ᵀ G + (∂P/∂X)ᵀ G        where P is empty, G itself: it arrives whatever F does

(He et al., 2016, for the sum; Huang et al., 2017, for the concatenation.)
"""

from __future__ import annotations

import numpy as np

from coursepkg.scratch.layers import Container
from coursepkg.scratch.sequential import Sequential


class Residual(Container):
    """Layers with a shortcut around them: H = F(X) + X, of the shape of X.

    Parameters
    ----------
    layers : sequence of Layer
        F, one behind the other.
    shortcut : sequence of Layer, keyword-only
        What X goes through before it is added: by default nothing. Where F changes the shape of its input, this must do
        the same, such as ``[Dense(16, 32, use_bias=False)]``, called a projection.

    Examples
    --------
    >>> from coursepkg.scratch import Dense
    >>> silent = Residual([Dense(2, 2, initializer="zeros")])
    >>> silent.forward(np.array([[3.0, -1.0]])), silent.backward(np.array([[1.0, 2.0]]))
    (array([[ 3., -1.]]), array([[1., 2.]]))
    """

    def __init__(self, layers, *, shortcut=()):
        self.layers = [Sequential(layers), Sequential(shortcut)]

    def forward(self, X, **options):
        """Return F(X) + P(X); ``training`` and ``rng`` go to every layer.

        Raises ``ValueError`` if the two paths end in different shapes.
        """
        F, P = (path.forward(X, **options) for path in self.layers)
        if F.shape != P.shape:
            raise ValueError(
                f"the layers return the shape {F.shape}, the shortcut {P.shape}: only equal shapes add up; "
                "give shortcut= a layer that brings X to the shape of the layers"
            )
        return F + P

    def backward(self, G, *, input_gradient=True):
        """Return ∂L/∂X, the sum of what both paths send back, for ``G`` of the shape of the output."""
        F, P = (path.backward(G, input_gradient=input_gradient) for path in self.layers)
        return F + P if input_gradient else None


class Concatenate(Container):
    """Layers whose output is put beside their input: H = [X, F(X)], shape (…, d + width of F(X)).

    Several of them one behind the other make a dense block: each sees what all before it have found.

    >>> from coursepkg.scratch import Dense
    >>> block = Sequential([Concatenate([Dense(2, 3)]), Concatenate([Dense(5, 3)])])
    >>> block.forward(np.ones((4, 2))).shape
    (4, 8)
    """

    def __init__(self, layers):
        self.layers = [Sequential(layers)]

    def forward(self, X, **options):
        self.width = X.shape[-1]
        return np.concatenate([X, self.layers[0].forward(X, **options)], axis=-1)

    def backward(self, G, *, input_gradient=True):
        back = self.layers[0].backward(G[..., self.width :], input_gradient=input_gradient)
        return G[..., : self.width] + back if input_gradient else None
