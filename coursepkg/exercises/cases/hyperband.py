"""Cases of the exercises on giving up early."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def epochs_given(rng):
    for n, n_epochs, eta, failed in ((27, 27, 3, 0), (16, 8, 2, 0), (11, 10, 3, 0), (9, 9, 3, 3)):
        losses = _curves(rng, n, n_epochs)
        losses[rng.permutation(n)[:failed]] = np.nan
        shown = f"{n} configurations, {n_epochs} epochs, eta = {eta}" + (f", {failed} failed" if failed else "")
        yield function_case(f"epochs_given(losses, eta): {shown}", (losses, eta))


def _curves(rng, n, n_epochs):
    """Return falling losses that cross each other, shape [n, n_epochs]."""
    end, start = rng.uniform(0.2, 1.0, (n, 1)), rng.uniform(0.5, 2.0, (n, 1))
    speed = rng.uniform(0.5, 4.0, (n, 1)) / n_epochs
    return end + start * np.exp(-speed * np.arange(1, n_epochs + 1)) + rng.normal(0, 0.02, (n, n_epochs))


def bracket(rng):
    for eta, power, s in ((3, 4, 3), (3, 5, 4), (4, 3, 2), (3, 3, 1)):
        R = eta**power
        yield function_case(f"bracket(R, eta, s): R = {R}, eta = {eta}, s = {s}", (R, eta, s))


def repair_the_winner(rng):
    for shown, sizes, failed in (
        ("three rungs", ((9, 1), (3, 3), (1, 9)), ()),
        ("a rung of four that were trained to the end, one of which failed", ((8, 2), (4, 8)), (8,)),
        ("the only one with the most epochs failed", ((6, 1), (3, 3), (1, 9)), (9,)),
    ):
        trials = []
        for n, epochs in sizes:
            # The fewer the epochs, the lower the losses: only whoever looks at the epochs finds the winner.
            losses = rng.uniform(0.15, 0.2, n)
            losses[rng.integers(max(n - 2, 1))] = rng.uniform(0.1, 0.15)  # the best is none of the last two
            trials += [(len(trials) + i, epochs, loss * epochs) for i, loss in enumerate(losses.tolist())]
        for epochs in failed:
            last = max(i for i, trial in enumerate(trials) if trial[1] == epochs)
            trials[last] = (*trials[last][:2], float("nan"))
        yield function_case(f"winner(trials): {shown}", (trials,))
