"""Cases of the exercises on optimizers."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def adam_step(rng):
    for shown, t, size in (("the first step, t = 1", 1, 3.0), ("t = 2", 2, 0.3), ("t = 40", 40, 10.0)):
        d = int(rng.integers(3, 6))
        m = np.zeros(d) if t == 1 else size * rng.normal(size=d)
        s = np.zeros(d) if t == 1 else size**2 * rng.uniform(0.2, 2.0, d)
        arguments = (rng.normal(size=d), size * rng.normal(size=d), m, s, t, float(rng.uniform(0.01, 0.1)))
        yield function_case(f"adam_step(theta, g, m, s, t, eta): {shown}", arguments)


def steps_needed(rng):
    steep = float(rng.integers(20, 80))
    low = float(rng.uniform(0.3, 0.9))
    for shown, curvatures, eta, goal in (
        ("a long valley, a small rate", [low, 1.0, steep], 0.6 / steep, 0.01),
        ("a rate near the limit, where the steep direction is the slow one", [1.0, 1.3], 1.47, 0.001),
        ("a rate beyond the limit", [low, steep], 2.4 / steep, 0.01),
    ):
        yield function_case(f"steps_needed(curvatures, eta, {goal}): {shown}", (np.array(curvatures), eta, goal))
