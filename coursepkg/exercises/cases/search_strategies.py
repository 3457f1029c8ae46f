"""Cases of the exercises on search strategies."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def log_uniform(rng):
    for shown, low_exponent, orders in (
        ("learning rates over four orders of magnitude", -5, 4),
        ("widths over two orders of magnitude", 0, 2),
        ("a narrow range", -1, 0.3),
    ):
        low = 10.0 ** (low_exponent + rng.uniform(0.1, 0.9))
        u = np.concatenate([[0.0, 1.0], rng.random(8)])
        yield function_case(f"log_scale(u, low, high): {shown}", (u, low, low * 10.0**orders))


def repair_the_search(rng):
    for shown, n, n_failed in (
        ("eight trials", 8, 0),
        ("six trials, two of which diverge", 6, 2),
        ("six trials, the last of which diverges", 6, 1),
    ):
        u = rng.permutation((np.arange(n) + rng.uniform(0.2, 0.8, n)) / n)
        low, high = 10.0 ** -rng.uniform(3, 4), 10.0 ** rng.uniform(0, 0.5)
        bowl = _Bowl(low * (high / low) ** rng.uniform(0.3, 0.6), rng.uniform(0.1, 0.5))
        if n_failed:
            bowl.limit = low * (high / low) ** np.sort(u)[-n_failed]
            u = np.append(np.delete(u, u.argmax()), u.max())  # the last trial fails
        yield function_case(f"search(train, low, high, u): {shown}", (bowl, low, high, u))


class _Bowl:
    """A loss with one best rate; from a limit on, trainings diverge."""

    def __init__(self, best, lowest):
        self.best, self.lowest, self.limit = best, lowest, np.inf

    def __call__(self, rate):
        if rate >= self.limit * (1 - 1e-12):
            return np.nan
        return self.lowest + 0.1 * np.log(rate / self.best) ** 2


def second_look(rng):
    for shown, n, m, k in (
        ("six configurations, four new seeds, k = 3", 6, 4, 3),
        ("twenty configurations, eight new seeds, k = 5", 20, 8, 5),
        ("five configurations, two new seeds, k = 5", 5, 2, 5),
        ("ten configurations, three new seeds, k = 1", 10, 3, 1),
    ):
        true = rng.uniform(0.3, 0.5, n)
        first, again = true + rng.normal(0, 0.1, n), true[:, None] + rng.normal(0, 0.1, (n, m))
        first[again.mean(axis=1).argmin()] = first.max() + 0.05  # the luckiest later on was the worst at first
        yield function_case(f"second_look(first, again, k): {shown}", (first, again, k))
