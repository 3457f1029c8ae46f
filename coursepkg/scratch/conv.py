"""Layers for pictures: convolution, pooling and what leads from there to a dense layer.

Pictures are arrays of shape (n, height, width, channels), channels last, as in Keras. A convolution lays its kernels,
(k, k, channels, filters), on every k × k window of a picture. Copy each window into a row of a matrix C ("im2col",
Chellapilla et al., 2006), and it is a dense layer that all places share; p numbers the n · rows · columns windows:

    Z  = C W + b       (p, filters)          C (p, k·k·channels),  W (k·k·channels, filters)
    ∇W = Cᵀ Δ          ∇b = 1ᵀ Δ             Δ = ∂L/∂Z (p, filters)
    ∂L/∂C = Δ Wᵀ       (p, k·k·channels): on the way back each entry is added to the pixel that it was copied from

What machine learning calls convolution is a cross-correlation: the kernel is not turned around.
"""

from __future__ import annotations

import math

import numpy as np

from coursepkg._validation import as_int, one_of
from coursepkg.scratch.activations import get_activation
from coursepkg.scratch.initializers import get_initializer
from coursepkg.scratch.layers import Layer, rows


def windows(X, size, stride=1):
    """Return all windows of pictures as a view, without a copy.

    ``X`` has the shape (n, height, width, channels); the result (n, rows, columns, size, size, channels), where
    rows = (height − size)//stride + 1. Shapes are not checked here, nor in `add_windows`.

    >>> X = np.arange(16).reshape(1, 4, 4, 1)
    >>> windows(X, 3).shape, windows(X, 3)[0, 1, 1, :, :, 0].tolist()
    ((1, 2, 2, 3, 3, 1), [[5, 6, 7], [9, 10, 11], [13, 14, 15]])
    """
    view = np.lib.stride_tricks.sliding_window_view(X, (size, size), axis=(1, 2))[:, ::stride, ::stride]
    return np.moveaxis(view, 3, -1)


def add_windows(G, shape, stride=1):
    """Return pictures of that ``shape``: each entry of the windows ``G`` is added to the pixel that it came from.

    This is the transpose of `windows`, as a linear map; both times ``stride`` is the same.

    >>> add_windows(np.ones((1, 2, 2, 3, 3, 1)), (1, 4, 4, 1))[0, :, :, 0]  # in how many windows does a pixel lie?
    array([[1., 2., 2., 1.],
           [2., 4., 4., 2.],
           [2., 4., 4., 2.],
           [1., 2., 2., 1.]])
    """
    X, (n_rows, n_columns, size) = np.zeros(shape, G.dtype), G.shape[1:4]
    for i in range(size):
        for j in range(size):
            X[:, i : i + stride * n_rows : stride, j : j + stride * n_columns : stride] += G[:, :, :, i, j]
    return X


def output_size(size, kernel_size, *, stride=1, padding="valid"):
    """Return how many places a kernel of ``kernel_size`` finds along an axis of ``size`` pixels.

    "valid" counts those where it lies inside, (size − kernel_size)//stride + 1; "same" adds zeros until there are
    ⌈size/stride⌉.

    >>> output_size(28, 3), output_size(28, 3, padding="same"), output_size(28, 5, stride=2)
    (26, 28, 12)
    """
    size, k = as_int(size, "size", low=1), as_int(kernel_size, "kernel_size", low=1)
    stride = as_int(stride, "stride", low=1)
    if one_of(padding, "padding", ("valid", "same")) == "same":
        return math.ceil(size / stride)
    if size < k:
        raise ValueError(f"a kernel of {k} does not fit into {size} pixels; make it smaller, or use padding='same'")
    return (size - k) // stride + 1


class Conv2D(Layer):
    """A convolution, φ(X ⋆ W + b), with the arguments of Keras's layer of that name.

    Parameters
    ----------
    channels, filters : int >= 1
        Of the pictures that come in, and that go out: one for each kernel.
    kernel_size : int >= 1
        k, height and width of the kernels.
    stride : int >= 1, keyword-only
        How many pixels from one window to the next.
    padding : {"valid", "same"}, keyword-only
        "same" adds zeros around, below and on the right one more where the number is odd; see `output_size`.
    activation, initializer, seed, dtype
        As for `Dense`; fan_in is k·k·channels, fan_out k·k·filters.

    Attributes
    ----------
    W : numpy.ndarray, (k, k, channels, filters)
    b : numpy.ndarray, (filters,)

    Examples
    --------
    >>> layer = Conv2D(1, 8, 3, activation="relu")
    >>> layer.forward(np.ones((5, 28, 28, 1))).shape, layer.backward(np.ones((5, 26, 26, 8))).shape
    ((5, 26, 26, 8), (5, 28, 28, 1))
    """

    learned = ("W", "b")

    def __init__(self, channels, filters, kernel_size, *, stride=1, padding="valid", activation="identity",
                 initializer="glorot_uniform", seed=0, dtype="float64"):  # fmt: skip
        channels, filters = as_int(channels, "channels", low=1), as_int(filters, "filters", low=1)
        self.kernel_size, self.stride = as_int(kernel_size, "kernel_size", low=1), as_int(stride, "stride", low=1)
        self.padding = one_of(padding, "padding", ("valid", "same"))
        self.activation = get_activation(activation)
        k = self.kernel_size
        W = get_initializer(initializer)(k * k * channels, k * k * filters, seed=seed)[:, :filters]
        self.W, self.b = W.reshape(k, k, channels, filters).astype(dtype), np.zeros(filters, dtype)

    def forward(self, X, **options):
        """Return the feature maps, (n, rows, columns, filters), of ``X``, (n, height, width, channels).

        Raises ``ValueError`` if ``X`` has another shape, or a kernel does not fit into it.
        """
        k, (*_, channels, filters) = self.kernel_size, self.W.shape
        _check_pictures(X, channels)
        before, after = np.transpose([self._zeros(size) for size in X.shape[1:3]])
        padded = np.pad(X, [(0, 0), *zip(before, after, strict=True), (0, 0)])
        self.shapes = X.shape, padded.shape, before
        seen = windows(padded, k, self.stride)
        self.C = seen.reshape(-1, k * k * channels)  # im2col: here the windows are copied
        self.Z = (self.C @ self.W.reshape(-1, filters) + self.b).reshape(*seen.shape[:3], filters)
        return self.activation.value(self.Z)

    def backward(self, G, *, at_preactivation=False, input_gradient=True):
        """Set ``grad_W`` and ``grad_b``; return ∂L/∂X of the last `forward`, or None without ``input_gradient``.

        ``G`` has the shape of the feature maps; it is ∂L/∂φ(Z), or already ∂L/∂Z if ``at_preactivation``.
        """
        delta = G if at_preactivation else self.activation.backward(self.Z, G)
        self.grad_W = (self.C.T @ rows(delta)).reshape(self.W.shape)
        self.grad_b = rows(delta).sum(axis=0)
        if not input_gradient:
            return None
        by_window = rows(delta) @ rows(self.W).T
        k, ((_, height, width, channels), padded, (top, left)) = self.kernel_size, self.shapes
        by_pixel = add_windows(by_window.reshape(*delta.shape[:3], k, k, channels), padded, self.stride)
        return by_pixel[:, top : top + height, left : left + width]

    def _zeros(self, size):
        """How many zeros stand before and after an axis of ``size`` pixels."""
        places = output_size(size, self.kernel_size, stride=self.stride, padding=self.padding)
        missing = max((places - 1) * self.stride + self.kernel_size - size, 0)
        return missing // 2, missing - missing // 2


class Pooling2D(Layer):
    """What both poolings share: ``size`` × ``size`` windows, ``stride`` apart (by default ``size``), no padding."""

    def __init__(self, size=2, *, stride=None):
        self.size = as_int(size, "size", low=1)
        self.stride = self.size if stride is None else as_int(stride, "stride", low=1)

    def forward(self, X, **options):
        """Return one number for each window and channel, (n, rows, columns, channels)."""
        _check_pictures(X)
        for length in X.shape[1:3]:
            output_size(length, self.size, stride=self.stride)
        self.shape, seen = X.shape, windows(X, self.size, self.stride)
        return self.pooled(seen.reshape(*seen.shape[:3], -1, X.shape[-1]))

    def backward(self, G, **options):
        """Return ∂L/∂X, of the shape of X, for ``G`` of the shape of the output."""
        return add_windows(self.shares(G).reshape(*G.shape[:3], self.size, self.size, -1), self.shape, self.stride)


class MaxPooling2D(Pooling2D):
    """The largest number of each window; the gradient goes to the pixel that was it, the first of equal ones.

    >>> layer = MaxPooling2D(2)
    >>> layer.forward(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 5.,  7.],
           [13., 15.]])
    """

    def pooled(self, cells):
        self.cells, self.best = cells.shape, cells.argmax(axis=3, keepdims=True)
        return np.take_along_axis(cells, self.best, axis=3)[:, :, :, 0]

    def shares(self, G):
        cells = np.zeros(self.cells, G.dtype)
        np.put_along_axis(cells, self.best, G[:, :, :, None], axis=3)
        return cells


class AveragePooling2D(Pooling2D):
    """The mean of each window; every pixel of it gets an equal share of the gradient.

    >>> AveragePooling2D(2).forward(np.arange(16.0).reshape(1, 4, 4, 1))[0, :, :, 0]
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """

    def pooled(self, cells):
        return cells.mean(axis=3)

    def shares(self, G):
        return np.repeat(G[:, :, :, None] / self.size**2, self.size**2, axis=3)


class GlobalAveragePooling2D(Layer):
    """The mean of each channel over all places: (n, height, width, channels) → (n, channels).

    >>> GlobalAveragePooling2D().forward(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[3., 4.]])
    """

    def forward(self, X, **options):
        _check_pictures(X)
        self.shape = X.shape
        return X.mean(axis=(1, 2))

    def backward(self, G, **options):
        return np.broadcast_to(G[:, None, None] / (self.shape[1] * self.shape[2]), self.shape)


class Flatten(Layer):
    """Each instance as one row: (n, …) → (n, d).

    >>> Flatten().forward(np.ones((5, 13, 13, 8))).shape
    (5, 1352)
    """

    def forward(self, X, **options):
        self.shape = X.shape
        return X.reshape(len(X), -1)

    def backward(self, G, **options):
        return G.reshape(self.shape)


def _check_pictures(X, channels=None):
    if np.ndim(X) != 4 or channels not in (None, X.shape[-1]):
        wanted = "channels" if channels is None else channels
        hint = "; one channel more is X[..., None]" if np.ndim(X) == 3 and channels in (None, 1) else ""
        raise ValueError(f"X must have the shape (n, height, width, {wanted}); got {np.shape(X)}{hint}")
