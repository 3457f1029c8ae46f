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


def fair_shapes(rng):
    for shown, m, r, tempting in (
        ("3 shapes, 4 rates", 3, 4, None),
        ("2 shapes, some trainings diverge", 2, 5, "diverged"),
        ("5 shapes, one seed is lucky", 5, 6, "lucky"),
        ("3 shapes, the test losses prefer other rates", 3, 5, "test"),
    ):
        centers = rng.permutation(r)[:m]  # where each shape has its best rate
        valley = 0.5 + 0.3 * abs(np.arange(r) - centers[:, None]) + rng.uniform(0, 0.2, (m, 1))
        valid = valley[:, :, None] + rng.normal(0, 0.02, (m, r, 3))
        test = valley[:, :, None] + 0.05 + rng.normal(0, 0.02, (m, r, 4))
        for i, center in enumerate(centers):
            j, k = int(rng.choice(np.delete(np.arange(r), center))), int(rng.integers(3))
            if tempting == "diverged":
                # The first is chosen where NaN is left out, the others only where it counts as 0.
                valid[i, j] = rng.uniform(0.2, 0.3, 3) if i == 0 else valley[i, center] + 0.1
                valid[i, j, k] = np.nan
            elif tempting == "lucky":
                valid[i, j] = valley[i, center] + 0.4
                valid[i, j, k] = valley[i, center] - 0.2
            elif tempting == "test":
                test[i, j] = valley[i, center] - rng.uniform(0.1, 0.2, 4)
        yield function_case(f"compare_shapes(valid, test): {shown}", (valid.round(4), test.round(4)))


def _network(rng, *sizes):
    return [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in zip(sizes[:-1], sizes[1:], strict=True)]
