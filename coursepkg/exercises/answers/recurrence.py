"""Answers to the exercises on recurrence."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches
from coursepkg.scratch.activations import sigmoid
from coursepkg.scratch.recurrent import LSTM, SimpleRNN

# --- recurrence/own-end ---------------------------------------------------------------------------------------------


def _one_by_one(X, W, U, b, lengths):
    """Each sequence by itself, cut to its length, with the package's layer."""
    layer = SimpleRNN(*W.shape)
    layer.W, layer.U, layer.b = W, U, b
    rows = [layer.forward(x[None, :n])[0] if n else np.zeros(len(U)) for x, n in zip(X, lengths, strict=True)]
    return np.array(rows)


own_end = Answers(
    reference=_one_by_one,
    mistakes=patches(
        """
        the padding read: a sequence that has ended keeps its state; choose row by row with np.where
        - H = np.where(real[:, None], new, H)
        + H = new
        one step too many: step t counts from 0, so it is real where t < lengths
        - real = t < lengths
        + real = t <= lengths
        one step too few: the last real step is lengths - 1, and it counts
        - real = t < lengths
        + real = t < lengths - 1
        the state set to zero: a sequence that has ended keeps its state; zeros would forget it
        - np.where(real[:, None], new, H)
        + np.where(real[:, None], new, 0)
        the input set to zero: zeros as input still change the state, through U and b; keep the state itself
        - new = np.tanh(X[:, t] @ W + H @ U + b)
        -         real = t < lengths
        -         H = np.where(real[:, None], new, H)
        + real = t < lengths
        +         H = np.tanh(np.where(real[:, None], X[:, t], 0) @ W + H @ U + b)
        padding taken to be in front: the real steps stand at the beginning: the first lengths steps
        - real = t < lengths
        + real = t >= X.shape[1] - lengths
        no tanh: the next state is tanh of the sum
        - np.tanh(X[:, t] @ W + H @ U + b)
        + X[:, t] @ W + H @ U + b
        U transposed: rows are states, so the product is H @ U
        - H @ U + b
        + H @ U.T + b
        """
    ),
)


# --- recurrence/repair-lstm -----------------------------------------------------------------------------------------


def _layer(X, W, U, b):
    layer = LSTM(X.shape[2], len(U))
    layer.W, layer.U, layer.b = W, U, b
    return layer.forward(X), layer.C[-1]


repair_lstm = Answers(
    reference=_layer,
    mistakes=patches(
        """
        forget and input gate exchanged: Keras's order is input gate, forget gate, new content, output gate
        - z_i, z_f, z_g, z_o = np.split
        + z_f, z_i, z_g, z_o = np.split
        content through the logistic function: the new content is no gate; it goes through tanh, from -1 to 1
        - np.tanh(z_g)
        + sigmoid(z_g)
        the cell shown as it is: the output gate multiplies tanh of the cell
        - sigmoid(z_o) * np.tanh(c)
        + sigmoid(z_o) * c
        one gate for both: an LSTM has a gate of its own for what is written; 1 - forget is another cell
        - sigmoid(z_i) * np.tanh(z_g)
        + (1 - sigmoid(z_f)) * np.tanh(z_g)
        the old cell overwritten: the forget gate multiplies the old cell, and the new content is added
        - c = sigmoid(z_f) * c + sigmoid(z_i) * np.tanh(z_g)
        + c = sigmoid(z_i) * np.tanh(z_g)
        the cell fed back: what enters the next step through U is the output h, not the cell
        - h @ U + b
        + c @ U + b
        output and cell exchanged: return the output first, then the cell
        - return h, c
        + return c, h
        """
    ),
)


# --- recurrence/reset-before ----------------------------------------------------------------------------------------


def _block_by_block(x, h, W, U, b):
    u = len(U)

    def block(j, state):
        part = slice(j * u, (j + 1) * u)
        return x @ W[:, part] + state @ U[:, part] + b[part]

    keep = sigmoid(block(0, h))
    return h + (1 - keep) * (np.tanh(block(2, sigmoid(block(1, h)) * h)) - h)


reset_before = Answers(
    reference=_block_by_block,
    mistakes=patches(
        """
        reset after the product: here the reset gate multiplies the state before the product with U
        - (reset * h) @ U_g
        + reset * (h @ U_g)
        keep and write exchanged: what the gate keeps is the old state: keep * h + (1 - keep) * content
        - keep * h + (1 - keep) * content
        + (1 - keep) * h + keep * content
        gates in another order: the blocks stand in the order keep, reset, content
        - keep, reset = sigmoid
        + reset, keep = sigmoid
        no reset: the content sees the state through the reset gate
        - (reset * h) @ U_g
        + h @ U_g
        the reset state kept: only the content sees the reset state; what is kept is h itself
        - return keep * h
        + return keep * reset * h
        content through the logistic function: the content goes through tanh
        - np.tanh(z_g
        + sigmoid(z_g
        """
    ),
)
