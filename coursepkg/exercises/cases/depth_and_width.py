"""Cases of the exercises on depth and width."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def width_for_budget(rng):
    for shown, n_hidden, n_inputs, n_outputs in (
        ("one hidden layer", 1, int(rng.integers(3, 8)), int(rng.integers(2, 5))),
        ("three hidden layers", 3, int(rng.integers(20, 90)), 10),
        ("eight hidden layers", 8, int(rng.integers(100, 300)), 5),
    ):
        # A network is made and counted, since a formula for the number of parameters would be half of the solution.
        sizes = n_inputs, *[int(rng.integers(40, 60))] * n_hidden, n_outputs
        exact = sum(array.size for layer in _network(np.random.default_rng(0), *sizes) for array in layer)
        for kind, budget in (("used up exactly", exact), ("one parameter short of it", exact - 1)):
            yield function_case(
                f"widest(n_inputs, n_hidden, n_outputs, budget): {shown}, a budget {kind}",
                (n_inputs, n_hidden, n_outputs, budget),
            )


def compose(rng):
    for shown, hidden_first, hidden_second in (
        ("one hidden layer each", (3,), (4,)),
        ("two and three hidden layers", (4, 3), (2, 5, 3)),
        ("`first` has no hidden layer", (), (4,)),
    ):
        yield function_case(
            f"compose(first, second): {shown}",
            (_network(rng, 1, *hidden_first, 1), _network(rng, 1, *hidden_second, 1)),
        )


def _network(rng, *sizes):
    return [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in zip(sizes[:-1], sizes[1:], strict=True)]
