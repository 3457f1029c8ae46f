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


def repair_loop(rng):
    call = "train_two_layers(X, Y, W1, b1, W2, b2, rate, batch_size)"
    for shown, n, d, h, batch_size in (
        ("one batch of 8 instances", 8, 2, 3, 8),
        ("12 instances in batches of 4", 12, 3, 4, 4),
        ("14 instances in batches of 4, so that the last one is smaller", 14, 2, 5, 4),
    ):
        shapes = ((d, h), (h,), (h, 1), (1,))
        X, parts = rng.normal(size=(n, d)), [rng.normal(size=shape) for shape in shapes]
        Y = rng.normal(size=(n, 1)) + 2
        yield function_case(f"{call}: {shown}", (X, Y, *parts, 0.3, batch_size))
