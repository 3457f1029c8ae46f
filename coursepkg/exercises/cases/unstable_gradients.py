"""Cases of the exercises on unstable gradients."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def scales(rng):
    for shown, dims, mode in (
        ("a dense kernel, fan_in", 2, "fan_in"),
        ("a dense kernel, fan_avg", 2, "fan_avg"),
        ("a convolution, fan_out", 4, "fan_out"),
        ("a convolution, fan_avg", 4, "fan_avg"),
    ):
        shape = (*(3, 5)[: dims - 2], int(rng.integers(5, 20)), int(rng.integers(30, 90)))
        yield function_case(f"scales(shape, scale, mode): {shown}", (shape, float(rng.uniform(1.2, 2.5)), mode))


def unit_variance(rng):
    for shown, sizes, std in (
        ("one layer", (8, 12), 1.0),
        ("four layers, weights too small", (10, 14, 9, 20, 6), 0.05),
        ("30 layers, weights too large", (10,) + (20,) * 30, 1.0),
    ):
        X = rng.normal(size=(40, sizes[0]))
        weights = [std * rng.normal(size=pair) for pair in zip(sizes[:-1], sizes[1:], strict=True)]
        yield function_case(f"unit_variance(X, weights): {shown}", (X, weights))


def dead_units(rng):
    for shown, sizes in (("one layer", (6, 30)), ("three layers", (6, 40, 30, 20)), ("six layers", (5,) + (30,) * 6)):
        X = rng.normal(size=(60, sizes[0]))
        weights = [rng.normal(size=pair) * np.sqrt(2 / pair[0]) for pair in zip(sizes[:-1], sizes[1:], strict=True)]
        # Some units never answer, some only for their single luckiest instance, the others often.
        biases, H = [], X
        for W in weights:
            Z, kind = H @ W, rng.integers(4, size=W.shape[1])
            top = np.sort(Z, axis=0)
            b = np.where(kind == 0, -top[-1] - 1, np.where(kind == 1, -(top[-1] + top[-2]) / 2, -np.median(Z, axis=0)))
            biases.append(b)
            H = np.maximum(Z + b, 0)
        yield function_case(f"count_dead(X, weights, biases): {shown}", (X, weights, biases))


def repair_initial(rng):
    for shown, widths in (("two layers", (9, 6, 4)), ("wide to narrow", (40, 20, 10, 3)), ("one layer", (7, 5))):
        draws = [rng.normal(size=pair) for pair in zip(widths[:-1], widths[1:], strict=True)]
        yield function_case(f"initial({list(widths)}, draws): {shown}", (widths, draws))
