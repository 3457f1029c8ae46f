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
