"""Answers to the exercises on the whole workflow of tuning."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch

ADVICE = ("learning rate", "enlarge", "regularize", "tune")


def _compare_advice(got, expected):
    if got not in ADVICE:
        return f"expected one of {', '.join(map(repr, ADVICE))}; got {shorten(got)}"
    return None if got == expected else f"expected {expected!r}; got {got!r}"


diagnose = Answers(
    compare=_compare_advice,
    mistakes=(
        patch(
            "the guess is not looked at",
            '    if train_loss > 0.9 * guess:\n        return "learning rate"\n',
            "",
            "a network that is hardly better than a guess has not learned: first its learning rate is in question",
        ),
        patch(
            "the validation loss against the guess",
            "train_loss > 0.9 * guess",
            "valid_loss > 0.9 * guess",
            "a validation loss as high as a guess may be overfitting; whether the network learns, the training loss "
            "says",
        ),
        patch(
            "validation first",
            "    if train_loss > goal:",
            '    if valid_loss > goal:\n        return "regularize"\n    if train_loss > goal:',
            "ask for the training loss first: where it is too high, the validation loss is, too",
        ),
        patch(
            "enlarge and regularize exchanged",
            '"enlarge"',
            '"other"',
            "a network that does not even fit its training data is too small, not too free",
            ('"regularize"', '"enlarge"'),
            ('"other"', '"regularize"'),
        ),
        patch(
            "always something to repair",
            '"tune"',
            '"regularize"',
            "both losses have reached the goal: what is left is to tune",
        ),
    ),
)

# --- workflow/refine ------------------------------------------------------------------------------------------------


def _compare_bounds(got, expected):
    try:
        bounds = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"expected two numbers (low, high); got {shorten(got)}"
    if bounds.shape != (2,):
        return f"expected two numbers (low, high); got {shorten(got)}"
    if np.allclose(bounds, expected, rtol=1e-6):
        return None
    return f"expected ({expected[0]:.4g}, {expected[1]:.4g}); got ({bounds[0]:.4g}, {bounds[1]:.4g})"


BEST = "rates[np.argsort(losses)[:k]]"
refine = Answers(
    compare=_compare_bounds,
    mistakes=(
        patch("the highest losses", "[:k]", "[-k:]", "these are the k worst trials: low losses are good"),
        patch("the smallest rates", BEST, "np.sort(rates)[:k]", "sort the trials by their losses, not by their rates"),
        patch(
            "the first k",
            BEST,
            "rates[:k]",
            "the trials come in any order: choose those with the lowest losses",
        ),
        patch(
            "diverged trials fill up",
            "    rates, losses = rates[finished], losses[finished]\n",
            "",
            "a trial with the loss NaN has diverged; leave it out even if fewer than k trials remain",
        ),
        patch(
            "NaN is taken for 0",
            "    finished =",
            "    losses = np.nan_to_num(losses)\n    finished =",
            "a loss of NaN is no loss of 0: that trial has diverged and must be left out",
        ),
        patch(
            "no margin",
            "** 0.25",
            "** 0",
            "the box must reach beyond the best trials by the margin, on both sides",
        ),
        patch(
            "a margin in the wrong scale",
            "(best.max() / best.min()) ** 0.25",
            "(best.max() - best.min()) / 4",
            "on a logarithmic scale the margin is a factor: divide the lower bound by it, multiply the upper one",
            ("best.min() / margin, best.max() * margin", "best.min() - margin, best.max() + margin"),
        ),
        patch(
            "upper bound first",
            "best.min() / margin, best.max() * margin",
            "best.max() * margin, best.min() / margin",
            "the lower bound comes first",
        ),
    ),
)
