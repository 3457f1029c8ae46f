"""Cases of the exercises on XOR."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case


def by_hand(rng):
    for row, bits in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
        yield Case(f"the input {bits}", _parts, judge="output", facts={"row": row})
    yield Case("one hidden unit is OR, the other NAND", _parts, judge="hidden")


def _parts(answer):
    return {name: answer[name] for name in ("W1", "b1", "w2", "b2")}


def count_parameters(rng):
    for name in ("2-2-1", "4-3-3", "784-300-100-10"):
        sizes = [int(size) for size in name.split("-")]
        yield Case(f"the network {name}", lambda answer, name=name: answer[name], facts={"sizes": sizes})


def window(rng):
    for low, high in ((0.0, 1.0), *np.sort(rng.uniform(-3, 3, size=(3, 2)), axis=1).round(2).tolist()):
        high += 0.5 * (high - low < 0.5)
        yield Case(
            f"window({low:g}, {high:g})" if (low, high) == (0, 1) else "window(low, high): random ends",
            lambda function, low=low, high=high: {**function(low, high)},
            facts={"low": low, "high": high},
        )
