"""Cases of the exercises on transfer learning."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coursepkg.exercises.cases import function_case


def transplant(rng):
    for shown, sizes, n_layers in (
        ("one of two layers", [4, 5, 3], 1),
        ("two of three layers", [6, 4, 5, 3], 2),
        ("two of four layers", [3, 4, 5, 4, 2], 2),
    ):
        case = function_case(
            f"transplant(trained, fresh, {n_layers}): {shown}", (_network(rng, sizes), _network(rng, sizes), n_layers)
        )
        yield replace(case, run=lambda function, case=case: case.run(_watched(function)))


def _network(rng, sizes):
    pairs = zip(sizes[:-1], sizes[1:], strict=True)
    return [array for a, b in pairs for array in (rng.normal(size=(a, b)), rng.normal(size=b))]


def _watched(function):
    """Return the function that says as well whether its result shares memory with its arguments."""

    def run(trained, fresh, n_layers):
        given = [*trained, *fresh]
        got = function(trained, fresh, n_layers)
        arrays = [a for a in got if isinstance(a, np.ndarray)] if isinstance(got, (list, tuple)) else []
        return None if got is None else (got, any(np.shares_memory(a, b) for a in arrays for b in given))

    return run


def layer_rates(rng):
    for n_layers, n_frozen in ((5, 2), (6, 1), (4, 0)):
        rate, decay = round(float(rng.uniform(0.01, 0.5)), 3), round(float(rng.uniform(2.1, 4.0)), 1)
        yield function_case(f"layer_rates({n_layers}, rate, decay, {n_frozen})", (n_layers, rate, decay, n_frozen))
