"""Cases of the exercises on automatic differentiation and gradient checks."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def _tape(rng, n_inputs, n_steps):
    """Draw a tape: inputs, then numbers that each have one or two parents before them."""
    tape = [[] for _ in range(n_inputs)]
    for _ in range(n_steps):
        parents = rng.integers(len(tape), size=int(rng.integers(1, 3)))
        tape.append([(int(parent), round(float(rng.normal()), 3)) for parent in parents])
    return tape


def walk_back(rng):
    a, b, c = (float(number) for number in rng.uniform(1.5, 3, size=3).round(2))
    yield function_case("walk_back(tape): a chain of three numbers", ([[], [(0, a)], [(1, b)]],))
    yield function_case("walk_back(tape): a number that is used twice", ([[], [(0, a), (0, a)]],))
    fork = [[], [(0, a)], [(0, b)], [(1, c), (2, -a)], [(3, b), (0, c)]]
    yield function_case("walk_back(tape): ways that part and meet again", (fork,))
    yield function_case("walk_back(tape): a number that the last one does not need", ([[], [], [(0, a)], [(1, b)]],))
    yield function_case("walk_back(tape): 25 random steps from 3 inputs", (_tape(rng, 3, 25),))


def _quadratic(theta):
    return float(theta @ np.arange(1.0, 1 + len(theta)) + 0.5 * theta @ theta)


def _waves(theta):
    return float(np.sin(theta).sum() * np.cos(theta[0]))


def _logistic(theta):
    return float(np.logaddexp(0, np.linspace(-1, 2, len(theta)) @ theta))


def repair_measure(rng):
    for shown, f, p in (
        ("a sum of squares, one parameter", _quadratic, 1),
        ("a sum of squares, 4 parameters", _quadratic, 4),
        ("sines and cosines, 5 parameters", _waves, 5),
        ("a logistic unit, 8 parameters", _logistic, 8),
    ):
        yield function_case(f"measure(f, theta): {shown}", (f, rng.uniform(0.5, 1.5, size=p)))


def poisson(rng):
    for shown, n, size in (("one instance", 1, 0.5), ("6 instances", 6, 1.0), ("40 instances", 40, 1.5)):
        Z = rng.normal(0.5, size, size=(n, 1))
        Y = rng.poisson(np.exp(Z)).astype(float) + (n == 1)
        yield function_case(f"poisson_gradient(Z, Y): {shown}", (Z, Y))
