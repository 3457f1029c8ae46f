"""Cases of the exercises on the training loop."""

from __future__ import annotations

import copy

import numpy as np

from coursepkg.exercises.cases import Case, function_case


def count_steps(rng):
    for letter in "ABCD":
        yield Case(f"setting {letter}", lambda answer, letter=letter: answer[letter], facts={"letter": letter})


def _unit(rng, n, d, batch_size):
    """Draw a data set and a unit: X [n, d], y [n], w [d], b, and how to train it, without the generator."""
    X = rng.normal(size=(n, d)) + 0.5
    y = (X[:, 0] + rng.normal(size=n) > 0.5).astype(float)
    return X, y, rng.normal(size=d), float(rng.normal()), batch_size, float(rng.uniform(0.5, 1.5))


def one_epoch(rng):
    call = "one_epoch(X, y, w, b, batch_size, learning_rate, rng)"
    for shown, n, d, batch_size in (
        ("23 instances in batches of 10, so that the last one is smaller", 23, 3, 10),
        ("24 instances in batches of 6", 24, 2, 6),
        ("9 instances in batches of 1", 9, 4, 1),
    ):
        unit = _unit(rng, n, d, batch_size)
        yield function_case(f"{call}: {shown}", (*unit, np.random.default_rng(int(rng.integers(10**6)))))
    unit, seed = _unit(rng, 31, 3, 8), int(rng.integers(10**6))
    yield Case(
        f"{call}: the package's own training says the same",
        lambda function: function(*copy.deepcopy(unit), np.random.default_rng(seed)),
        facts={"unit": unit, "seed": seed},
    )
