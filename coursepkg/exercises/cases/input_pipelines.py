"""Cases of the exercises on input pipelines."""

from __future__ import annotations

from itertools import islice

import numpy as np

from coursepkg.exercises.cases import Case


def repair_split(rng):
    for n, n_valid, size in ((40, 10, 7), (60, 15, 8)):
        seed, y = int(rng.integers(1000)), rng.permutation(n)
        X = np.stack([y, -y], axis=1).astype(float)
        yield Case(
            f"make_datasets(X, y, {n_valid}, {size}, seed): the rows of {n} in three epochs",
            lambda f, a=(X, y, n_valid, size, seed): _epochs(*f(*a)),
            judge="epochs",
            facts={"y": y, "n_valid": n_valid, "size": size},
        )


def _epochs(train, valid):
    return [_batches(train) for _ in range(3)], [_batches(valid) for _ in range(2)]


def _batches(dataset):
    """Go through a dataset, but not for ever."""
    return [(np.array(X), np.array(y)) for X, y in islice(dataset, 100)]


def balanced(rng):
    for shown, counts, per_class in (
        ("three classes, the rarest of 6 rows", (14, 6, 9), 2),
        ("two classes, per_class does not divide the rarest", (11, 20), 3),
    ):
        y = rng.permutation(np.repeat(np.arange(len(counts)) * 2 + 1, counts))
        X, seed = np.arange(len(y), dtype=float)[:, None] * [1.0, 10.0], int(rng.integers(1000))
        yield Case(
            f"BalancedBatches(X, y, {per_class}, seed): {shown}",
            lambda f, a=(X, y, per_class, seed): _two_epochs(f(*a)),
            judge="balanced",
            facts={"y": y, "per_class": per_class},
        )


def _two_epochs(data):
    first, again = ([data[i] for i in range(len(data))] for _ in range(2))
    data.on_epoch_end()
    return first, again, [data[i] for i in range(len(data))]
