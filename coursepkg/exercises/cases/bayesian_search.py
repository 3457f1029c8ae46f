"""Cases of the exercises on Bayesian optimization."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def expected_improvement(rng):
    for shown, n, certain in (
        ("four points", 4, False),
        ("twenty points, most of them worse than the best", 20, False),
        ("six points, two of them known exactly", 6, True),
    ):
        mean, std = rng.normal(0.3 * (n > 4), 0.5, n), rng.uniform(0.2, 0.8, n)
        best = 0.1
        if certain:
            std[:2], mean[0], mean[1] = 0.0, best - 0.3, best + 0.4
        yield function_case(f"improvement(mean, std, best): {shown}", (mean, std, best))


def posterior(rng):
    for shown, n, m, low in (
        ("two trials, three new places", 2, 3, 0.2),
        ("five trials, eight new places", 5, 8, 0.1),
        ("four trials, and two of the places were tried", 4, 2, 0.15),
    ):
        scale = rng.uniform(low, 1.3 * low)
        places = rng.permutation((np.arange(n) + rng.uniform(0.2, 0.8, n)) / n)
        losses = rng.uniform(0.2, 2.0, n)
        new = places[:2].copy() if "were tried" in shown else rng.uniform(0, 1, m)
        yield function_case(f"posterior(places, losses, new, scale): {shown}", (places, losses, new, scale))


def repair_the_proposal(rng):
    for shown, n_others, beta in (
        ("ten candidates, beta = 2", 4, 2.0),
        ("twenty candidates, beta = 3", 14, 3.0),
        ("eight candidates, beta = 0: only the mean counts", 2, 0.0),
    ):
        # Some stand out by their mean, some by their deviation, and some by both; two were tried.
        known = np.array([[0.35, 0.02], [0.353, 0.001], [0.36, 0.12], [0.55, 0.25]])
        others = np.column_stack([rng.uniform(0.6, 0.7, n_others), rng.uniform(0.02, 0.05, n_others)])
        fresh = rng.permutation(np.concatenate([known, others]))
        mean, std = np.concatenate([[[0.5, 0.03]], fresh, [[0.3, 0.3]]]).T * rng.uniform(0.98, 1.02)
        tried = np.zeros(len(mean), dtype=bool)
        tried[[0, -1]] = True
        yield function_case(f"propose(mean, std, tried, beta): {shown}", (mean.copy(), std.copy(), tried, beta))
