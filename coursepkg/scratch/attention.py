"""Attention: a soft look-up, in which what stands in a sequence decides who listens to whom.

Sequences are arrays X of shape (n, m, d): n instances, m places, d features. A head projects them to queries, keys and
values, compares every query with every key, and mixes the values (Vaswani et al., 2017, eq. 1):

    Q = X W_Q + b_Q     K = X W_K + b_K     V = X W_V + b_V      (n, m, d_k) each
    S = Q Kᵀ / √d_k     scores, (n, m, m): row i holds how well the query of place i fits each key
    P = softmax of every row of S                                 shares: each row sums to 1
    H = P V                                                       (n, m, d_k)

On the way back, with G = ∂L/∂H and Δ = ∂L/∂S:

    ∂L/∂V = Pᵀ G        Δ = P ∘ (∂L/∂P − row sums of P ∘ ∂L/∂P),  ∂L/∂P = G Vᵀ
    ∂L/∂Q = Δ K / √d_k  ∂L/∂K = Δᵀ Q / √d_k

Several heads side by side are one more axis, (n, h, m, d_k). A mask is True where a place may look.
"""

from __future__ import annotations

import math

import numpy as np

from coursepkg._validation import as_float, as_int, one_of
from coursepkg.scratch.initializers import get_initializer
from coursepkg.scratch.layers import Container, Dense, Dropout, Layer, rows, summed_like


def attend(Q, K, V, mask=None):
    """Return the mixed values H and the shares P of every query.

    Parameters
    ----------
    Q : numpy.ndarray, (…, m_q, d_k)
    K, V : numpy.ndarray, (…, m, d_k) and (…, m, d_v)
    mask : numpy.ndarray of bool that broadcasts to (…, m_q, m), optional
        False where a query must not look. A query that may look nowhere gets equal shares; do not use what it says.

    Returns
    -------
    H, P : numpy.ndarray, (…, m_q, d_v) and (…, m_q, m)

    Examples
    --------
    >>> H, P = attend(np.array([[9.0, 0.0]]), np.array([[9.0, 0.0], [0.0, 9.0]]), np.array([[1.0], [2.0]]))
    >>> H.round(4), P.round(4)
    (array([[1.]]), array([[1., 0.]]))
    """
    S = Q @ K.swapaxes(-1, -2) / math.sqrt(K.shape[-1])
    if mask is not None:
        S = np.where(mask, S, np.finfo(S.dtype).min)
    P = np.exp(S - S.max(axis=-1, keepdims=True))
    P /= P.sum(axis=-1, keepdims=True)
    return P @ V, P


def attend_backward(G, Q, K, V, P):
    """Return ∂L/∂Q, ∂L/∂K and ∂L/∂V for G = ∂L/∂H, the arguments of `attend` and its shares P.

    >>> Q, K, V = np.ones((1, 2)), np.eye(2), np.array([[1.0], [3.0]])
    >>> H, P = attend(Q, K, V)  # both keys fit equally, so each value has the share ½
    >>> attend_backward(np.ones((1, 1)), Q, K, V, P)[2]
    array([[0.5],
           [0.5]])
    """
    G_P = G @ V.swapaxes(-1, -2)
    delta = P * (G_P - (P * G_P).sum(axis=-1, keepdims=True)) / math.sqrt(K.shape[-1])
    return delta @ K, delta.swapaxes(-1, -2) @ Q, P.swapaxes(-1, -2) @ G


def causal_mask(m):
    """Return the mask, (m, m), with which every place sees itself and what came before it.

    >>> causal_mask(3).astype(int)
    array([[1, 0, 0],
           [1, 1, 0],
           [1, 1, 1]])
    """
    return np.tri(as_int(m, "m", low=1), dtype=bool)


def sinusoids(m, d):
    """Return positions as rows of sines and cosines, (m, d): wavelengths from 2π to 10,000 · 2π (Vaswani et al., 3.5).

    >>> sinusoids(3, 4).round(2)
    array([[ 0.  ,  1.  ,  0.  ,  1.  ],
           [ 0.84,  0.54,  0.01,  1.  ],
           [ 0.91, -0.42,  0.02,  1.  ]])
    """
    m, columns = as_int(m, "m", low=1), np.arange(as_int(d, "d", low=1))
    angles = np.arange(m)[:, None] / 10_000 ** (columns // 2 * 2 / d)
    return np.where(columns % 2 == 0, np.sin(angles), np.cos(angles))


class MultiHeadAttention(Layer):
    """Self-attention with h heads, (n, m, d) → (n, m, d), with the weights of Keras's layer of that name.

    Parameters
    ----------
    d, heads : int >= 1
    key_dim : int >= 1, keyword-only
        d_k, the width of queries, keys and values of a head; by default d // heads.
    causal : bool, keyword-only
        Whether every place sees only itself and earlier ones.
    initializer, seed, dtype : keyword-only
        As for `Dense`; fan_in and fan_out are d and h · d_k, for W_O the other way round.

    Attributes
    ----------
    W_Q, W_K, W_V : numpy.ndarray, (d, h, d_k)
    b_Q, b_K, b_V : numpy.ndarray, (h, d_k)
    W_O, b_O : numpy.ndarray, (h, d_k, d) and (d,)
    P : numpy.ndarray, (n, h, m, m)
        The shares of the last `forward`.

    Examples
    --------
    >>> layer = MultiHeadAttention(8, 2)
    >>> layer.forward(np.ones((5, 3, 8))).shape, layer.P.shape, layer.backward(np.ones((5, 3, 8))).shape
    ((5, 3, 8), (5, 2, 3, 3), (5, 3, 8))
    """

    learned = ("W_Q", "b_Q", "W_K", "b_K", "W_V", "b_V", "W_O", "b_O")

    def __init__(self, d, heads, *, key_dim=None, causal=False, initializer="glorot_uniform", seed=0,
                 dtype="float64"):  # fmt: skip
        d, h = as_int(d, "d", low=1), as_int(heads, "heads", low=1)
        d_k = as_int(d // h if key_dim is None else key_dim, "key_dim", low=1)
        self.causal, rng, draw = causal, np.random.default_rng(seed), get_initializer(initializer)
        for name in "QKV":
            setattr(self, f"W_{name}", draw(d, h * d_k, seed=rng).reshape(d, h, d_k).astype(dtype))
            setattr(self, f"b_{name}", np.zeros((h, d_k), dtype))
        self.W_O, self.b_O = draw(h * d_k, d, seed=rng).reshape(h, d_k, d).astype(dtype), np.zeros(d, dtype)

    def project(self, X, name):
        """Return the queries ("Q"), keys ("K") or values ("V") of ``X``, (n, m, d), as (n, h, m, d_k)."""
        W, b = getattr(self, f"W_{name}"), getattr(self, f"b_{name}")
        return (X @ W.reshape(len(W), -1)).reshape(*X.shape[:2], *b.shape).swapaxes(1, 2) + b[:, None]

    def join(self, H):
        """Return what the heads say together, (n, m, d), for the mixed values ``H``, (n, h, m, d_k)."""
        self.joined = H.swapaxes(1, 2).reshape(len(H), H.shape[2], -1)
        return self.joined @ self.W_O.reshape(-1, len(self.b_O)) + self.b_O

    def forward(self, X, *, mask=None, **options):
        """Return an array of the shape of ``X``; raises ``ValueError`` if that is not (n, m, d).

        ``mask``, bool, broadcasts to (n, m, m), and is True where a place may look: ``real[:, None]`` for padding,
        where ``real``, (n, m), says which places hold something.
        """
        if np.ndim(X) != 3 or X.shape[2] != len(self.W_Q):
            raise ValueError(f"X must have the shape (n, m, {len(self.W_Q)}); got {np.shape(X)}")
        mask = None if mask is None else np.expand_dims(mask, -3)  # the same for all heads
        if self.causal:
            mask = causal_mask(X.shape[1]) if mask is None else mask & causal_mask(X.shape[1])
        self.X, (self.Q, self.K, self.V) = X, (self.project(X, name) for name in "QKV")
        H, self.P = attend(self.Q, self.K, self.V, mask)
        return self.join(H)

    def backward(self, G, *, input_gradient=True):
        """Set the gradients of all weights; return ∂L/∂X of the last `forward` for ``G``, (n, m, d)."""
        self.grad_W_O, self.grad_b_O = (rows(self.joined).T @ rows(G)).reshape(self.W_O.shape), rows(G).sum(axis=0)
        n, h, m, d_k = self.Q.shape
        G_H = (G @ self.W_O.reshape(-1, G.shape[2]).T).reshape(n, m, h, d_k).swapaxes(1, 2)
        total = 0.0
        for name, G_part in zip("QKV", attend_backward(G_H, self.Q, self.K, self.V, self.P), strict=True):
            delta, W = G_part.swapaxes(1, 2).reshape(n, m, -1), getattr(self, f"W_{name}")
            setattr(self, f"grad_W_{name}", (rows(self.X).T @ rows(delta)).reshape(W.shape))
            setattr(self, f"grad_b_{name}", rows(delta).sum(axis=0).reshape(h, d_k))
            if input_gradient:
                total = total + delta @ W.reshape(len(W), -1).T
        return total if input_gradient else None


class LayerNormalization(Layer):
    """Standardize every row by its own mean and variance, then scale and shift each column (Ba et al., 2016).

    With x a row of d features: x̂ = (x − mean(x))/√(var(x) + ε), y = γ ∘ x̂ + β. Unlike in `BatchNormalization`, no
    instance and no place depends on another, and training and inference are the same. With ``groups`` > 1, a divisor
    of d, each of so many parts of a row has a mean and a variance of its own: group normalization (Wu & He, 2018), here
    without a mean over places.

    >>> X = np.array([[1.0, 3.0, 10.0, 50.0]])
    >>> LayerNormalization(4).forward(X).round(2), LayerNormalization(4, groups=2).forward(X).round(2)
    (array([[-0.75, -0.65, -0.3 ,  1.71]]), array([[-1.,  1., -1.,  1.]]))
    """

    learned = ("gamma", "beta")

    def __init__(self, d, *, groups=1, epsilon=1e-3, dtype="float64"):
        d, self.epsilon = as_int(d, "d", low=1), as_float(epsilon, "epsilon", low=0, open_low=True)
        self.groups = as_int(groups, "groups", low=1)
        if d % groups:
            raise ValueError(f"groups must divide d = {d}; got {groups}")
        self.gamma, self.beta = np.ones(d, dtype), np.zeros(d, dtype)

    def forward(self, X, **options):
        """Return an array of the shape of ``X``, (…, d)."""
        parts = self._parts(X)
        centered = parts - parts.mean(axis=-1, keepdims=True)
        self.std = np.sqrt((centered**2).mean(axis=-1, keepdims=True) + self.epsilon)
        self.X_hat = (centered / self.std).reshape(X.shape)
        return self.gamma * self.X_hat + self.beta

    def backward(self, G, **options):
        """Set ``grad_gamma`` and ``grad_beta``; return ∂L/∂X, as in `BatchNormalization` with means along the row."""
        self.grad_gamma = summed_like(G * self.X_hat, self.gamma)
        self.grad_beta = summed_like(G, self.beta)
        X_hat, G_hat, along = self._parts(self.X_hat), self._parts(self.gamma * G), {"axis": -1, "keepdims": True}
        G_hat = G_hat - G_hat.mean(**along) - X_hat * (G_hat * X_hat).mean(**along)
        return (G_hat / self.std).reshape(G.shape)

    def _parts(self, X):
        return X.reshape(*X.shape[:-1], self.groups, -1)


class Embedding(Layer):
    """A learned row for each of n_symbols symbols: integers (n, m) → (n, m, d), uniform in ±0.05 at first, as in Keras.

    >>> Embedding(10, 4).forward(np.array([[3, 3, 7]])).shape
    (1, 3, 4)
    """

    learned = ("W",)

    def __init__(self, n_symbols, d, *, seed=0, dtype="float64"):
        shape = as_int(n_symbols, "n_symbols", low=1), as_int(d, "d", low=1)
        self.W = np.random.default_rng(seed).uniform(-0.05, 0.05, shape).astype(dtype)

    def forward(self, X, **options):
        """Return the rows of the symbols; raises ``ValueError`` for one that is no integer from 0 to n_symbols − 1."""
        self.symbols = np.asarray(X).astype(int)
        if (self.symbols != X).any() or self.symbols.min(initial=0) < 0 or self.symbols.max(initial=0) >= len(self.W):
            raise ValueError(f"X must hold integers from 0 to {len(self.W) - 1}; got {np.min(X)} to {np.max(X)}")
        return self.W[self.symbols]

    def backward(self, G, **options):
        """Set ``grad_W``; there is no gradient by a symbol, hence None."""
        self.grad_W = np.zeros_like(self.W)
        np.add.at(self.grad_W, self.symbols, G)


class Positions(Layer):
    """Add to each place a row that says which place it is, (n, m, d) → (n, m, d), for m up to ``length``.

    ``kind`` is "sinusoidal" (`sinusoids`, not learned) or "learned", which starts uniform in ±0.05.

    >>> Positions(16, 4).forward(np.zeros((1, 2, 4))).round(2)
    array([[[0.  , 1.  , 0.  , 1.  ],
            [0.84, 0.54, 0.01, 1.  ]]])
    """

    def __init__(self, length, d, *, kind="sinusoidal", seed=0, dtype="float64"):
        shape = as_int(length, "length", low=1), as_int(d, "d", low=1)
        if one_of(kind, "kind", ("sinusoidal", "learned")) == "learned":
            self.learned = ("table",)
            self.table = np.random.default_rng(seed).uniform(-0.05, 0.05, shape).astype(dtype)
        else:
            self.table = sinusoids(*shape).astype(dtype)

    def forward(self, X, **options):
        """Return X plus the rows of its places; raises ``ValueError`` if it has more places than the table has rows."""
        if np.ndim(X) != 3 or X.shape[1] > len(self.table) or X.shape[2] != self.table.shape[1]:
            length, d = self.table.shape
            raise ValueError(f"X must have the shape (n, m, {d}) with m up to {length}; got {np.shape(X)}")
        return X + self.table[: X.shape[1]]

    def backward(self, G, **options):
        """Set ``grad_table``, used where the table is learned; return ∂L/∂X = ``G``."""
        self.grad_table = np.zeros_like(self.table)
        self.grad_table[: G.shape[1]] = G.sum(axis=0)
        return G


class LastPlace(Layer):
    """Keep only what the last place says: (n, m, d) → (n, d).

    >>> LastPlace().forward(np.arange(6.0).reshape(1, 3, 2))
    array([[4., 5.]])
    """

    def forward(self, X, **options):
        self.shape = X.shape
        return X[:, -1]

    def backward(self, G, **options):
        G_X = np.zeros(self.shape, G.dtype)
        G_X[:, -1] = G
        return G_X


class TransformerBlock(Container):
    """Attention, then a dense layer for each place alone, both added to what came in: (n, m, d) → (n, m, d).

    With N for a layer normalization and F for two dense layers, d → hidden → d, with an activation between:

        "pre"   U = X + Attention(N₁(X))       Y = U + F(N₂(U))       (Xiong et al., 2020)
        "post"  U = N₁(X + Attention(X))       Y = N₂(U + F(U))       (Vaswani et al., 2017)

    Parameters
    ----------
    d, heads : int >= 1
    hidden : int >= 1, keyword-only
        By default 4 d.
    norm : {"pre", "post"}, keyword-only
    causal : bool, keyword-only
        As for `MultiHeadAttention`: without it this is the block of an encoder, with it that of a decoder.
    activation, seed, dtype : keyword-only
        As for `Dense`.
    dropout : float in [0, 1), keyword-only
        Share of what attention and dense layers say that is set to 0 in training.

    Attributes
    ----------
    attention : MultiHeadAttention

    Examples
    --------
    >>> block = TransformerBlock(8, 2)
    >>> block.forward(np.ones((5, 3, 8))).shape, sum(array.size for array in block.parameters)
    ((5, 3, 8), 872)
    """

    def __init__(self, d, heads, *, hidden=None, norm="pre", causal=False, activation="gelu", dropout=0.0, seed=0,
                 dtype="float64"):  # fmt: skip
        self.norm, rng = one_of(norm, "norm", ("pre", "post")), np.random.default_rng(seed)
        hidden = 4 * d if hidden is None else hidden
        self.attention = MultiHeadAttention(d, heads, causal=causal, seed=rng, dtype=dtype)
        self.feed_forward = (
            Dense(d, hidden, activation=activation, seed=rng, dtype=dtype), Dense(hidden, d, seed=rng, dtype=dtype)
        )  # fmt: skip
        drops = [[Dropout(dropout)] if dropout else [] for _ in range(2)]
        self.branches = [self.attention, *drops[0]], [*self.feed_forward, *drops[1]]
        self.norms = LayerNormalization(d, dtype=dtype), LayerNormalization(d, dtype=dtype)
        self.layers = [self.attention, self.norms[0], *self.feed_forward, self.norms[1]]

    def forward(self, X, *, mask=None, **options):
        """Return an array of the shape of ``X``; ``mask`` as in `MultiHeadAttention.forward`."""
        for branch, norm in zip(self.branches, self.norms, strict=True):
            H = norm.forward(X) if self.norm == "pre" else X
            for layer in branch:
                H = layer.forward(H, **({"mask": mask} if layer is self.attention else options))
            X = X + H if self.norm == "pre" else norm.forward(X + H)
        return X

    def backward(self, G, **options):
        """Set the gradients of all parts; return ∂L/∂X."""
        for branch, norm in zip(self.branches[::-1], self.norms[::-1], strict=True):
            G_H = G = G if self.norm == "pre" else norm.backward(G)
            for layer in reversed(branch):
                G_H = layer.backward(G_H)
            G = G + (norm.backward(G_H) if self.norm == "pre" else G_H)
        return G
