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
