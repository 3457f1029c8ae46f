"""Cases of the exercises on batch normalization."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, function_case


def running_mean(rng):
    for shown, sizes, n_features in (
        ("before the first batch", (), 3),
        ("after one batch of 8", (8,), 4),
        ("after 5 batches of 16", (16,) * 5, 3),
        ("after 20 batches of different sizes", tuple(rng.integers(2, 40, size=20).tolist()), 2),
    ):
        scale, shift = rng.uniform(0.5, 20, size=n_features), rng.normal(size=n_features) * 5
        batches = [rng.normal(size=(size, n_features)) * scale + shift for size in sizes]
        facts = {"batches": batches, "n_features": n_features, "momentum": float(rng.uniform(0.6, 0.95))}
        yield Case(
            f"RunningMoments(n_features, momentum): {shown}", lambda cls, facts=facts: feed(cls, **facts), facts=facts
        )


def feed(cls, batches, n_features, momentum):
    """Return mean and variance after all batches; each comes in the same buffer, as from a data loader."""
    moments, buffer = cls(n_features, momentum), np.empty((64, n_features))
    for batch in batches:
        view = buffer[: len(batch)]
        view[:] = batch
        moments.update(view)
        if not np.array_equal(view, batch):
            return None
    return moments.mean, moments.variance


def fold_forward(rng):
    for shown, d, m in (
        ("4 units before, 4 after", 4, 4),
        ("6 units before, 3 after", 6, 3),
        ("1 unit, 5 after", 1, 5),
    ):
        gamma, beta, mean = (rng.normal(size=d) for _ in range(3))
        variance, epsilon = rng.uniform(0.2, 3, size=d), float(rng.uniform(0.01, 0.1))
        arguments = (gamma, beta, mean, variance, epsilon, rng.normal(size=(d, m)), rng.normal(size=m))
        yield function_case(f"fold_forward(…): {shown}", arguments)


def repair_modes(rng):
    for shown, n, d, training in (
        ("training, a batch of 6", 6, 3, True),
        ("inference, a batch of 6", 6, 3, False),
        ("inference, one instance", 1, 4, False),
        ("training, values close together", 20, 2, True),
    ):
        Z = rng.normal(size=(n, d)) * (0.05 if "close" in shown else rng.uniform(1, 6)) + rng.uniform(-3, 3, d)
        gamma, beta, mean = rng.normal(size=(3, d))
        arguments = (Z, gamma, beta, mean, rng.uniform(0.01, 3, d), float(rng.uniform(0.6, 0.95)), training)
        yield function_case(f"normalize(…): {shown}", arguments)
