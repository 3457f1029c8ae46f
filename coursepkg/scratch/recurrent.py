"""Recurrent layers: one small network, used again at every step of a sequence.

A sequence of T steps with d features each comes in as an array of shape (n, T, d), as in Keras. At step t = 1 … T a
layer with u units computes its output H_t, (n, u), from the features X_t, (n, d), and from its own output H_{t−1}
one step before (H_0 = 0). All steps share the weights W (d, g·u), U (u, g·u) and b, where g is the number of blocks:
1 for `SimpleRNN`, 4 for `LSTM`, 3 for `GRU`. Pre-activations and error signals, for one block:

    Z_t = X_t W + H_{t−1} U + b             (n, u)      H_t = tanh(Z_t)
    Δ_t = ∂L/∂H_t ∘ (1 − H_t²) = ∂L/∂Z_t    (n, u)      ∂L/∂H_{t−1} gets Δ_t Uᵀ, beside what the layer above sends
    ∇W = Σ_t X_tᵀ Δ_t      ∇U = Σ_t H_{t−1}ᵀ Δ_t      ∇b = Σ_t 1ᵀ Δ_t

The way back runs from the last step to the first: backpropagation through time (Werbos, 1990). A weight was used at
every step, so its gradient is a sum over the steps. Weights, their order and their start are those of Keras's layers.
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_int
from coursepkg.scratch.initializers import glorot_uniform, orthogonal
from coursepkg.scratch.layers import Layer


class Recurrent(Layer):
    """What the three layers share: the loops over time. A layer of one's own defines `step` and `step_back`.

    Parameters
    ----------
    features, units : int >= 1
        d and u.
    return_sequences : bool, keyword-only
        Whether the outputs of all steps go on, (n, T, u), or only those of the last, (n, u).
    seed, dtype
        As for `Dense`. W is Glorot-uniform, U orthogonal, b zero, but for `LSTM`.

    Attributes
    ----------
    W, U, b : numpy.ndarray, (d, g·u), (u, g·u) and (g·u,), but for `GRU`
    H : numpy.ndarray, (T + 1, n, u)
        H[t] is the output after t steps of the last `forward`, time first; H[0] is 0.

    Examples
    --------
    >>> issubclass(GRU, Recurrent), LSTM(3, 4).forward(np.ones((2, 5, 3))).shape
    (True, (2, 4))
    """

    learned = ("W", "U", "b")
    blocks = 1

    def __init__(self, features, units, *, return_sequences=False, seed=0, dtype="float64"):
        features, self.units = as_int(features, "features", low=1), as_int(units, "units", low=1)
        self.return_sequences, rng, width = bool(return_sequences), np.random.default_rng(seed), self.blocks * units
        self.W = glorot_uniform(features, width, seed=rng).astype(dtype)
        self.U = orthogonal(units, width, seed=rng).astype(dtype)
        self.b = np.zeros(width, dtype)

    def forward(self, X, **options):
        """Return the outputs, (n, T, u) or (n, u), for ``X`` of shape (n, T, d); ``ValueError`` for another shape."""
        features = self.W.shape[-2]
        if np.ndim(X) < 3 or X.shape[-1] != features:
            hint = "; one feature more is X[..., None]" if np.ndim(X) == 2 and features == 1 else ""
            raise ValueError(f"X must have the shape (n, steps, {features}); got {np.shape(X)}{hint}")
        self.X = np.ascontiguousarray(np.moveaxis(X, -2, 0))  # time first: X[t] is one step of all sequences
        Z = self.X @ self.W + self.input_bias  # of all steps at once
        self.H = np.zeros((len(Z) + 1, *Z.shape[1:-1], self.units), self.W.dtype)
        self.begin(Z.shape)
        for t in range(len(Z)):
            self.step(t, Z[t])
        return np.moveaxis(self.H[1:], 0, -2) if self.return_sequences else self.H[-1]

    def backward(self, G, *, input_gradient=True):
        """Set the gradients of W, U and b; return ∂L/∂X, (n, T, d), or None without ``input_gradient``.

        ``G`` has the shape of the output.
        """
        n_steps, from_later = len(self.X), np.zeros_like(self.H[0])
        self.delta = np.empty((n_steps, *self.H.shape[1:-1], self.W.shape[-1]), self.W.dtype)
        for t in reversed(range(n_steps)):
            above = G[..., t, :] if self.return_sequences else G if t == n_steps - 1 else 0.0
            from_later = self.step_back(t, from_later + above)
        self.grad_W = (transpose(self.X) @ self.delta).sum(axis=0)
        self.set_gradients()
        return np.moveaxis(self.delta @ transpose(self.W), 0, -2) if input_gradient else None

    input_bias = property(lambda self: self.b)

    def set_gradients(self):
        """Set ``grad_U`` and ``grad_b``."""
        self.grad_U = (transpose(self.H[:-1]) @ self.delta).sum(axis=0)
        self.grad_b = self.delta.sum(axis=(0, -2)).reshape(self.b.shape)

    def begin(self, shape):
        """Make room for what the steps keep; ``shape`` is that of all pre-activations, (T, n, g·u)."""

    def step(self, t, Z):
        """Set ``H[t + 1]`` from ``H[t]`` and ``Z`` = X_t W + b, (n, g·u), which may be overwritten."""
        raise NotImplementedError

    def step_back(self, t, G):
        """Set ``delta[t]`` for ``G`` = ∂L/∂H[t + 1], (n, u); return what goes on to ∂L/∂H[t]."""
        raise NotImplementedError


def by_block(A, blocks):
    """Return the blocks of ``A``, (n, blocks·u), a list of views of shape (n, u)."""
    u = A.shape[-1] // blocks
    return [A[..., j * u : (j + 1) * u] for j in range(blocks)]


def transpose(A):
    """Return ``A`` with its last two axes exchanged, a view."""
    return A.swapaxes(-1, -2)


class SimpleRNN(Recurrent):
    """H_t = tanh(X_t W + H_{t−1} U + b) (Elman, 1990).

    >>> layer = SimpleRNN(1, 8)
    >>> layer.forward(np.ones((5, 12, 1))).shape, layer.backward(np.ones((5, 8))).shape
    ((5, 8), (5, 12, 1))
    """

    def step(self, t, Z):
        self.H[t + 1] = np.tanh(Z + self.H[t] @ self.U)

    def step_back(self, t, G):
        self.delta[t] = G * (1 - self.H[t + 1] ** 2)
        return self.delta[t] @ transpose(self.U)


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter & Schmidhuber, 1997) with a gate that forgets (Gers et al., 2000).

    Beside H_t it carries a cell C_t, (n, u). The four blocks of W, U and b are, in Keras's order, the gates i (input)
    and f (forget), the new content g, and the gate o (output):

        i, f, o = σ(Z_i), σ(Z_f), σ(Z_o)      g = tanh(Z_g)
        C_t = f ∘ C_{t−1} + i ∘ g             H_t = o ∘ tanh(C_t)

    Parameters
    ----------
    features, units, return_sequences, seed, dtype
        See `Recurrent`.
    forget_bias : float, keyword-only
        Where the biases of f start; the others start at 0. Keras's ``unit_forget_bias`` is this 1.

    Examples
    --------
    >>> layer = LSTM(3, 8, return_sequences=True)
    >>> layer.forward(np.ones((5, 12, 3))).shape, sum(array.size for array in layer.parameters)
    ((5, 12, 8), 384)
    """

    blocks = 4

    def __init__(self, features, units, *, forget_bias=1.0, **options):
        super().__init__(features, units, **options)
        self.b[units : 2 * units] = forget_bias

    def begin(self, shape):
        self.gates, self.C, self.from_later = np.empty(shape, self.W.dtype), np.zeros_like(self.H), 0.0

    def step(self, t, Z):
        Z = Z + self.H[t] @ self.U
        self.gates[t] = (1 + np.tanh(Z / 2)) / 2  # σ(Z), in the form that NumPy computes fastest
        i, f, g, o = by_block(self.gates[t], 4)  # views: what is written into g stands in the gates
        g[...] = np.tanh(by_block(Z, 4)[2])
        self.C[t + 1] = f * self.C[t] + i * g
        self.H[t + 1] = o * np.tanh(self.C[t + 1])

    def step_back(self, t, G):
        i, f, g, o = by_block(self.gates[t], 4)
        delta_i, delta_f, delta_g, delta_o = by_block(self.delta[t], 4)
        tanh_C = np.tanh(self.C[t + 1])
        G_C = self.from_later + G * o * (1 - tanh_C**2)  # ∂L/∂C_t: by way of C_{t+1}, and of H_t
        delta_i[...] = G_C * g * i * (1 - i)
        delta_f[...] = G_C * self.C[t] * f * (1 - f)
        delta_g[...] = G_C * i * (1 - g**2)
        delta_o[...] = G * tanh_C * o * (1 - o)
        self.from_later = G_C * f if t else 0.0
        return self.delta[t] @ transpose(self.U)


class GRU(Recurrent):
    """Gated recurrent unit (Cho et al., 2014), in the form that is Keras's default, ``reset_after=True``.

    The three blocks are, in Keras's order, the gates k (keep; most papers write z) and r (reset), and the new content
    g. The part from the past, P_t = H_{t−1} U + b[1], has biases of its own, so b has the shape (2, 3·u):

        k, r = σ(Z_k + P_k), σ(Z_r + P_r)     g = tanh(Z_g + r ∘ P_g)     with Z = X_t W + b[0]
        H_t = k ∘ H_{t−1} + (1 − k) ∘ g

    In the later version of the paper r multiplies H_{t−1} before the product with U instead.

    >>> layer = GRU(3, 8)
    >>> layer.forward(np.ones((5, 12, 3))).shape, sum(array.size for array in layer.parameters)
    ((5, 8), 312)
    """

    blocks = 3

    def __init__(self, features, units, **options):
        super().__init__(features, units, **options)
        self.b = np.zeros((2, 3 * units), self.W.dtype)

    def begin(self, shape):
        self.gates, self.delta_past = np.empty(shape, self.W.dtype), np.empty(shape, self.W.dtype)
        self.P_g = np.empty_like(self.H[1:])

    def step(self, t, Z):
        P = self.H[t] @ self.U + self.b[1]
        self.gates[t] = (1 + np.tanh((Z + P) / 2)) / 2  # σ
        k, r, g = by_block(self.gates[t], 3)
        self.P_g[t] = by_block(P, 3)[2]
        g[...] = np.tanh(by_block(Z, 3)[2] + r * self.P_g[t])
        self.H[t + 1] = k * self.H[t] + (1 - k) * g

    def step_back(self, t, G):
        k, r, g = by_block(self.gates[t], 3)
        delta_k, delta_r, delta_g = by_block(self.delta[t], 3)
        delta_k[...] = G * (self.H[t] - g) * k * (1 - k)
        delta_g[...] = G * (1 - k) * (1 - g**2)
        delta_r[...] = delta_g * self.P_g[t] * r * (1 - r)
        self.delta_past[t] = self.delta[t]  # ∂L/∂P_t, which differs in the last block
        by_block(self.delta_past[t], 3)[2][...] *= r
        return G * k + self.delta_past[t] @ transpose(self.U)

    input_bias = property(lambda self: self.b[0])

    def set_gradients(self):
        self.grad_U = (transpose(self.H[:-1]) @ self.delta_past).sum(axis=0)
        sums = [delta.sum(axis=(0, -2)) for delta in (self.delta, self.delta_past)]
        self.grad_b = np.stack(sums).reshape(self.b.shape)
