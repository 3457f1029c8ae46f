"""Cases of the exercises on backpropagation."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, function_case


def by_hand(rng):
    for name in ("W2", "W1"):
        for what in ("shape", "values"):
            yield Case(
                f"the gradient of {name}: its {what}",
                lambda answer, name=name: answer[name],
                judge=what,
                facts={"name": name},
            )


def _network(rng, n, n_in, n_hidden):
    """Draw a batch and a network: X [n, n_in], Y [n, 1], W1, b1, W2, b2."""
    parts = ((n, n_in), (n, 1), (n_in, n_hidden), (n_hidden,), (n_hidden, 1), (1,))
    return tuple(rng.normal(size=shape) for shape in parts)


def in_code(rng):
    W1, W2 = np.array([[0.5, -0.5], [0.3, 0.8]]), np.array([[1.0], [-1.0]])
    example = (np.array([[2.0, 1.0]]), np.array([[0.0]]), W1, np.zeros(2), W2, np.zeros(1))
    for shown, arguments in (
        ("a batch of one, with the numbers of the chapter", example),
        ("a batch of 5 for a network 2-2-1", _network(rng, 5, 2, 2)),
        ("a batch of 8 for a network 4-3-1", _network(rng, 8, 4, 3)),
        ("a batch of one for a network 3-6-1", _network(rng, 1, 3, 6)),
        ("a batch of 6 for a network 3-4-1", _network(rng, 6, 3, 4)),
    ):
        yield function_case(f"gradients(X, Y, W1, b1, W2, b2): {shown}", arguments)


def repair_step(rng):
    for shown, n, n_in, n_hidden in (
        ("a batch of one for a network 2-2-1", 1, 2, 2),
        ("a batch of 6 for a network 2-3-1", 6, 2, 3),
        ("a batch of 9 for a network 4-5-1", 9, 4, 5),
    ):
        X, _, *parameters = _network(rng, n, n_in, n_hidden)
        Y = (np.arange(n) % 2).astype(float)[:, None]
        arguments = (X, Y, *parameters, float(rng.uniform(0.5, 2)))
        yield function_case(f"step(X, Y, W1, b1, W2, b2, rate): {shown}", arguments)
