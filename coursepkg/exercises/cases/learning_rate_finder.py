"""Cases of the exercises on finding the learning rate."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def batch_losses(rng):
    for shown, full, rest in (
        ("all batches full", 6, 0),
        ("the last batch smaller", 5, 3),
        ("many batches", 40, 1),
        ("a single batch", 1, 0),
    ):
        batch_size = int(rng.integers(4, 20))
        sizes = np.array([batch_size] * full + [rest] * (rest > 0))
        means = rng.uniform(0.5, 3.0, len(sizes))  # losses of the batches at first; they are not kept
        means *= sizes
        means = np.cumsum(means, out=means) / np.cumsum(sizes)
        yield function_case(f"undo_mean(means, n, batch_size): {shown}", (means, full * batch_size + rest, batch_size))


def rules(rng):
    for shown, n in (("a curve of 60 steps", 60), ("another curve", 80), ("a fine curve", 150)):
        yield function_case(f"three_rules(rates, smoothed): {shown}", _curve(rng, n))


def _curve(rng, n):
    """Return rates and smoothed losses: flat with a bump, falling, a spike with its fall, exploding."""
    rates = np.geomspace(10.0 ** rng.uniform(-6, -4), 10.0 ** rng.uniform(0.5, 1.5), n)
    # Rates in a geometric series with steps that differ, so that a slope per step is not one per decade.
    rates = rates * np.exp(rng.uniform(-0.2, 0.2, n) * np.log(rates[1] / rates[0]))
    place = np.linspace(0, 1, n)
    middle, turn = rng.uniform(0.35, 0.5), rng.uniform(0.68, 0.75)
    smoothed = 2.3 - 1.4 / (1 + np.exp(-(place - middle) * 18)) + 0.05 * np.exp(-(((place - 0.1) / 0.03) ** 2))
    smoothed += np.where(place > turn, 60 * (place - turn) ** 2, 0)
    smoothed[int(0.93 * n)] += 4.0
    return rates, smoothed
