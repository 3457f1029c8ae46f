"""Cases of the exercises on activation functions."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def stable_softmax(rng):
    moderate = rng.normal(size=(4, 3))
    large = 1000 + 10 * rng.normal(size=(3, 3))
    small = -1000 + 10 * rng.normal(size=(3, 5))
    spread = rng.normal(size=(3, 3)) + np.array([-400.0, 0.0, 400.0])
    apart = rng.normal(size=(3, 4)) + np.array([[0.0], [5000.0], [-5000.0]])
    for shown, Z in (
        ("4 instances, 3 classes", moderate),
        ("numbers about 1000", large),
        ("numbers about −1000", small),
        ("rows from −400 to 400", spread),
        ("rows of very different size", apart),
        ("one instance, one class", np.array([[float(rng.normal())]])),
    ):
        yield function_case(f"stable_softmax(Z): {shown}", (Z,))


def tanh_to_sigmoid(rng):
    for n_in, n_hidden, n_out in ((2, 3, 2), (4, 8, 3), (1, 1, 2)):
        parts = ((n_in, n_hidden), (n_hidden,), (n_hidden, n_out), (n_out,))
        shown = f"a network {n_in}-{n_hidden}-{n_out}, the same outputs on 20 inputs"
        yield function_case(f"to_sigmoid(W1, b1, W2, b2): {shown}", tuple(rng.normal(size=shape) for shape in parts))
