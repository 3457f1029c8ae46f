"""Layers that compose; `coursepkg.scratch.sequential` makes a network of them.

Samples are rows. A layer computes its output Y from its input X in `Layer.forward`, and, on the way back, ∂L/∂X from
G = ∂L/∂Y in `Layer.backward`, together with the gradients of what it learns. A dense layer with weights W, shape
(fan_in, fan_out), biases b, shape (fan_out,), and activation φ has pre-activations Z and error signals Δ = ∂L/∂Z:

    Z  = X W + b          Y = φ(Z)             both (n, fan_out), from X of shape (n, fan_in)
    Δ  = G ∘ φ'(Z)        where G = ∂L/∂Y      (n, fan_out)
    ∇W = Xᵀ Δ             ∇b = 1ᵀ Δ            (fan_in, fan_out) and (fan_out,)
    Δ Wᵀ                  = ∂L/∂X              (n, fan_in), which is G for the layer before

For layer ℓ of a network X is H^(ℓ−1) and Y is H^(ℓ).
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_float
from coursepkg.scratch.activations import get_activation
from coursepkg.scratch.initializers import get_initializer


class Layer:
    """What a network is made of; a layer of one's own defines `forward`, `backward` and the names of its arrays.

    ``learned`` names the attributes that an optimizer changes; for each `backward` sets another, ``grad_`` + name.
    ``averaged`` names those that are kept, but not learned.

    >>> class Negation(Layer):
    ...     def forward(self, X, **options):
    ...         return -X
    ...
    ...     def backward(self, G, **options):
    ...         return -G
    """

    learned, averaged = (), ()

    def forward(self, X, *, training=False, rng=None):
        """Return the output for ``X`` of any rank, samples first; keep what `backward` needs.

        ``training`` is True while the network is fitted; what is drawn comes from ``rng``, a ``Generator``.
        """
        raise NotImplementedError

    def backward(self, G, *, input_gradient=True):
        """Set the gradients of what is learned; return ∂L/∂X of the last `forward`, or None if nobody needs it."""
        raise NotImplementedError

    @property
    def parameters(self):
        """The arrays that are learned, themselves: a change in place changes the layer."""
        return [getattr(self, name) for name in self.learned]

    @property
    def gradients(self):
        """The gradients of the last `backward`, in the order of `parameters`."""
        return [getattr(self, "grad_" + name) for name in self.learned]

    @property
    def weights(self):
        """All arrays, those that are only averaged too, in the order of Keras's ``get_weights``."""
        return self.parameters + [getattr(self, name) for name in self.averaged]


class Container(Layer):
    """A layer that is made of others, its ``layers``; what they learn is what it learns, in their order.

    >>> pair = Container()
    >>> pair.layers = [Dense(2, 3), Dense(3, 1)]
    >>> [array.shape for array in pair.parameters]
    [(2, 3), (3,), (3, 1), (1,)]
    """

    layers = ()
    learned = property(lambda self: [name for layer in self.layers for name in layer.learned])
    parameters = property(lambda self: [array for layer in self.layers for array in layer.parameters])
    gradients = property(lambda self: [array for layer in self.layers for array in layer.gradients])
    weights = property(lambda self: [array for layer in self.layers for array in layer.weights])


class Dense(Layer):
    """A fully connected layer, φ(X W + b), with biases that start at zero; for more axes, along the last one.

    ``activation``, ``initializer``: see `ACTIVATIONS`, `INITIALIZERS`. ``seed`` is an integer or a ``Generator``.

    >>> layer = Dense(2, 3, activation="relu")
    >>> layer.forward(np.ones((5, 2))).shape, layer.backward(np.ones((5, 3))).shape, layer.grad_W.shape
    ((5, 3), (5, 2), (2, 3))
    """

    def __init__(self, fan_in, fan_out, *, activation="identity", initializer="glorot_uniform", use_bias=True, seed=0,
                 dtype="float64"):  # fmt: skip
        self.activation = get_activation(activation)
        self.W = get_initializer(initializer)(fan_in, fan_out, seed=seed).astype(dtype)
        self.b = np.zeros(fan_out, dtype)
        self.learned = ("W", "b") if use_bias else ("W",)

    def forward(self, X, **options):
        """Return φ(X W + b), shape (n, fan_out), for ``X`` of shape (n, fan_in)."""
        self.X = X
        self.Z = X @ self.W
        self.Z += self.b
        return self.activation.value(self.Z)

    def backward(self, G, *, at_preactivation=False, input_gradient=True):
        """Set ``grad_W`` and ``grad_b``; return ∂L/∂X, shape (n, fan_in), or None without ``input_gradient``.

        ``G``, shape (n, fan_out), is ∂L/∂φ(Z), or already Δ = ∂L/∂Z if ``at_preactivation``.
        """
        delta = G if at_preactivation else self.activation.backward(self.Z, G)
        self.grad_W = rows(self.X).T @ rows(delta)
        self.grad_b = rows(delta).sum(axis=0)
        return delta @ self.W.T if input_gradient else None


class Activation(Layer):
    """An activation by itself, φ(Z): behind a dense layer with the identity it does what that layer's own would do.

    >>> Activation("relu").forward(np.array([[-1.0, 1.0]]))
    array([[0., 1.]])
    """

    def __init__(self, activation):
        self.activation = get_activation(activation)

    def forward(self, Z, **options):
        self.Z = Z
        return self.activation.value(Z)

    def backward(self, G, *, at_preactivation=False, **options):
        return G if at_preactivation else self.activation.backward(self.Z, G)


class Dropout(Layer):
    """Set a share ``rate`` of all values to 0 and divide the others by 1 − rate, whenever there is an ``rng`` to draw.

    Every instance has its own mask (Srivastava et al., 2014). Training without ``rng`` raises ``ValueError``.

    >>> Dropout(0.5).forward(np.ones((2, 4)), rng=np.random.default_rng(1))
    array([[2., 2., 0., 2.],
           [0., 0., 2., 0.]])
    """

    def __init__(self, rate):
        self.rate = as_float(rate, "rate", low=0, high=1, open_high=True)

    def forward(self, X, *, training=False, rng=None):
        if training and rng is None:
            raise ValueError("dropout in training draws masks: forward(X, training=True) needs rng=, a Generator")
        self.mask = 1.0
        if rng is not None:
            self.mask = (rng.random(X.shape) >= self.rate).astype(X.dtype) / X.dtype.type(1 - self.rate)
        return X * self.mask

    def backward(self, G, **options):
        return G * self.mask


def rows(X):
    """Return ``X`` of shape (…, d) as a matrix of shape (n, d)."""
    return X.reshape(-1, X.shape[-1])


def summed_like(values, parameter):
    """Return ``values`` (…, d) summed to the shape of a parameter: (d,), or (k, 1, d) of k replicas (k, n, d).

    >>> summed_like(np.ones((5, 3)), np.zeros(3)), summed_like(np.ones((2, 5, 3)), np.zeros((2, 1, 3))).shape
    (array([5., 5., 5.]), (2, 1, 3))
    """
    return rows(values).sum(axis=0) if parameter.ndim == 1 else values.sum(axis=1, keepdims=True)
