"""Cases of the exercises on ensembles."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def agree(rng):
    for shown, m, n, K in (("five members", 5, 8, 3), ("three members, more classes", 3, 7, 4)):
        P = rng.dirichlet(np.ones(K), size=(m, n))
        P[:, 0] = np.eye(K)[0] * 0.1 + 0.9 / K  # most name class 0, hesitating; the last is sure of class 1
        P[-1, 0] = np.where(np.arange(K) == 1, 0.97, 0.03 / (K - 1))
        yield function_case(f"agree(P): {shown}", (P,))
    P = rng.dirichlet(np.ones(4), size=(4, 6))
    for i in range(6):  # two votes for each of two classes; the second pair is surer, and has the higher number
        low, high = sorted(rng.choice(4, 2, replace=False))
        for j, (k, p) in enumerate([(low, 0.4), (low, 0.42), (high, 0.8), (high, 0.7)]):
            P[j, i] = np.where(np.arange(4) == k, p, (1 - p) / 3)
    yield function_case("agree(P): two votes against two", (P,))


def ambiguity(rng):
    for shown, m, n in (("four members", 4, 9), ("two members", 2, 6), ("six members", 6, 6)):
        y = rng.normal(size=n)
        yield function_case(f"ambiguity(predictions, y): {shown}", (y + 0.5 + rng.normal(size=(m, n)), y))


def repair_distillation(rng):
    for shown, n, K, T in (("T = 2", 5, 4, 2.0), ("T = 4", 6, 3, 4.0), ("T = 1", 4, 5, 1.0)):
        Z, U = rng.normal(size=(2, n, K)) * 3
        yield function_case(f"distillation(Z, U, T): {shown}", (Z, U, T))


def snapshot_steps(rng):
    for cycles, period in ((3, 4), (5, 10), (1, 6)):
        rate = float(rng.uniform(0.01, 0.5))
        yield function_case(f"snapshot_plan(rate, {cycles * period}, {cycles})", (rate, cycles * period, cycles))
