"""Cases of the last project."""

from __future__ import annotations

from functools import partial

from coursepkg.data import generate_shop
from coursepkg.exercises.cases import Case

BARS = (0.45, 0.57)  # share of pictures to be named right, each on a draw of its own


def name_pictures(rng):
    seeds = rng.integers(1_000_000, size=len(BARS) + 1).tolist()
    few = {"n": 60, "n_valid": 20, "n_test": 30}
    yield _case("a small shop: one label from 0 to 9 for each of 30 pictures", "labels", seeds[0], few)
    for bar, seed in zip(BARS, seeds[1:], strict=True):
        yield _case(f"at least {bar:.2f} of 500 pictures named right", "share", seed, {}, bar=bar)


def _case(shown, judge, seed, sizes, **facts):
    return Case(shown, partial(_run, seed, sizes), judge, {"seed": seed, "sizes": sizes, **facts})


def _run(seed, sizes, answer):
    data = generate_shop(seed, **sizes)
    return answer(*(data[name].copy() for name in ("X", "y", "X_valid", "y_valid", "X_test")))
