"""Answers to the exercises on attention."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference
from coursepkg.scratch.attention import MultiHeadAttention


def _compare(got, expected):
    """As `difference`, but nan equals nan where a mistake is meant to overflow, so that it is recognized by that."""
    array = np.asarray(got) if isinstance(got, np.ndarray) else None
    if array is None or array.shape != np.shape(expected) or np.isfinite(array).all():
        return difference(got, expected)
    if np.isnan(expected).any() and np.allclose(array, expected, equal_nan=True):
        return None
    return f"expected the result: {shorten(expected.round(4).tolist())}\ngot:      {shorten(array.round(4).tolist())}"


# --- attention/causal -----------------------------------------------------------------------------------------------


def _place_by_place(Q, K, V):
    root = np.sqrt(K.shape[1])
    return np.array([softmax(K[: i + 1] @ Q[i] / root) @ V[: i + 1] for i in range(len(Q))])


causal = Answers(
    reference=_place_by_place,
    compare=_compare,
    mistakes=patches(
        """
        no mask: each place sees the future too; hide the places after i with a mask
        -     S = np.where(np.tri(len(S), dtype=bool), S, -np.inf)
        +
        the mask turned: place i must see the places up to i: the mask is True on and below the diagonal
        - np.tri(len(S), dtype=bool)
        + np.tri(len(S), dtype=bool).T
        itself hidden: a place sees itself too; the diagonal belongs to the past
        - S = np.where(np.tri(len(S), dtype=bool), S, -np.inf)
        + S = np.where(np.tri(len(S), k=-1, dtype=bool), S, -1e30)
        hidden scores of 0: a score of 0 still gets a share; hide it with a score of minus infinity
        - S, -np.inf)
        + S, 0.0)
        masked after softmax: the shares that are left no longer sum to 1; hide places before softmax
        -     S = np.where(np.tri(len(S), dtype=bool), S, -np.inf)
        -     P = np.exp(S - S.max(axis=1, keepdims=True))
        -     P = P / P.sum(axis=1, keepdims=True)
        +     P = np.exp(S - S.max(axis=1, keepdims=True))
        +     P = P / P.sum(axis=1, keepdims=True) * np.tri(len(S))
        no root: divide the scores by the root of d_k
        -  / np.sqrt(K.shape[1])
        +
        d_k without the root: divide the scores by the root of d_k, not by d_k
        - np.sqrt(K.shape[1])
        + K.shape[1]
        softmax along the columns: each row of shares belongs to one query, and must sum to 1
        -     P = P / P.sum(axis=1, keepdims=True)
        +     P = P / P.sum(axis=0, keepdims=True)
        overflow: subtract the largest score of each row before the exponential, or it overflows
        - np.exp(S - S.max(axis=1, keepdims=True))
        + np.exp(S)
        - def causal_attention
        + @np.errstate(all="ignore")
        + def causal_attention
        """
    ),
)


# --- attention/kernel -----------------------------------------------------------------------------------------------


def _by_softmax(x, places, values, width):
    return np.array([softmax(-0.5 * ((place - places) / width) ** 2) @ values for place in x])


kernel = Answers(
    reference=_by_softmax,
    compare=_compare,
    mistakes=patches(
        """
        no largest exponent subtracted: far from all places every weight rounds to 0, and 0/0 is NaN; subtract the
          largest exponent of the row first
        - np.exp(S - S.max(axis=1, keepdims=True))
        + np.exp(S)
        - def kernel_average
        + @np.errstate(all="ignore")
        + def kernel_average
        the wrong sign: weights must fall with the distance: the exponent is negative
        - -((x[:, None] - places) ** 2)
        + ((x[:, None] - places) ** 2)
        the width not squared: divide by 2 times the square of the width
        - (2 * width**2)
        + (2 * width)
        without the 2: divide by 2 times the square of the width
        - (2 * width**2)
        + (width**2)
        the distance not squared: the exponent holds the square of the distance
        - -((x[:, None] - places) ** 2)
        + -np.abs(x[:, None] - places)
        not divided by the sum: the weights of each new place must sum to 1
        -     P = P / P.sum(axis=1, keepdims=True)
        +
        divided along the wrong axis: the weights of each new place, a row, must sum to 1
        - P / P.sum(axis=1, keepdims=True)
        + P / P.sum(axis=0, keepdims=True)
        the nearest only: take all values with their weights, not only that of the nearest place
        - return P @ values
        + return values[P.argmax(axis=1)]
        """
    ),
)


# --- attention/repair-heads -----------------------------------------------------------------------------------------


def _as_layer(X, W_Q, W_K, W_V, W_O, h):
    m, d = X.shape
    layer = MultiHeadAttention(d, h)
    layer.W_Q, layer.W_K, layer.W_V = (W.reshape(d, h, -1) for W in (W_Q, W_K, W_V))
    layer.W_O = W_O.reshape(h, -1, d)
    return layer.forward(X[None])[0]


repair_heads = Answers(
    reference=_as_layer,
    mistakes=patches(
        """
        the rows still split: reshape(h, m, d // h) cuts rows into pieces; split the columns into heads first, then
          exchange the axes
        - A.reshape(m, h, d // h).swapaxes(0, 1)
        + A.reshape(h, m, d // h)
        the root of d: a key of one head has d // h components; divide by the root of that
        - np.sqrt(d // h)
        + np.sqrt(d)
        softmax along the queries: the shares of each query, the last axis, must sum to 1
        - P.sum(axis=2, keepdims=True)
        + P.sum(axis=1, keepdims=True)
        one softmax for everything: each row of each head has a softmax of its own
        - P.sum(axis=2, keepdims=True)
        + P.sum()
        heads joined without exchanging the axes: bring the heads back behind the places before you join them
        - (P @ V).swapaxes(0, 1).reshape(m, d)
        + (P @ V).reshape(m, d)
        W_O forgotten: the heads are put together, and then multiplied with W_O
        - return H @ W_O
        + return H
        no root: divide the scores by the root of d // h
        -  / np.sqrt(d // h)
        +
        """
    ),
)
