"""Answers to the exercises on the whole workflow of tuning."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches

ADVICE = ("learning rate", "enlarge", "regularize", "tune")


def _compare_advice(got, expected):
    if got not in ADVICE:
        return f"expected one of {', '.join(map(repr, ADVICE))}; got {shorten(got)}"
    return None if got == expected else f"expected {expected!r}; got {got!r}"


diagnose = Answers(
    compare=_compare_advice,
    mistakes=patches(
        """
        the guess is not looked at: a network that is hardly better than a guess has not learned: first its learning
          rate is in question
        -     if train_loss > 0.9 * guess:
        -         return "learning rate"
        -
        +
        the validation loss against the guess: a validation loss as high as a guess may be overfitting; whether the
          network learns, the training loss says
        - train_loss > 0.9 * guess
        + valid_loss > 0.9 * guess
        validation first: ask for the training loss first: where it is too high, the validation loss is, too
        -     if train_loss > goal:
        +     if valid_loss > goal:
        +         return "regularize"
        +     if train_loss > goal:
        enlarge and regularize exchanged: a network that does not even fit its training data is too small, not too
          free
        - "enlarge"
        + "other"
        - "regularize"
        + "enlarge"
        - "other"
        + "regularize"
        always something to repair: both losses have reached the goal: what is left is to tune
        - "tune"
        + "regularize"
        """
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


refine = Answers(
    compare=_compare_bounds,
    mistakes=patches(
        """
        the highest losses: these are the k worst trials: low losses are good
        - [:k]
        + [-k:]
        the smallest rates: sort the trials by their losses, not by their rates
        - rates[np.argsort(losses)[:k]]
        + np.sort(rates)[:k]
        the first k: the trials come in any order: choose those with the lowest losses
        - rates[np.argsort(losses)[:k]]
        + rates[:k]
        diverged trials fill up: a trial with the loss NaN has diverged; leave it out even if fewer than k trials
          remain
        -     rates, losses = rates[finished], losses[finished]
        -
        +
        NaN is taken for 0: a loss of NaN is no loss of 0: that trial has diverged and must be left out
        -     finished =
        +     losses = np.nan_to_num(losses)
        +     finished =
        no margin: the box must reach beyond the best trials by the margin, on both sides
        - ** 0.25
        + ** 0
        a margin in the wrong scale: on a logarithmic scale the margin is a factor: divide the lower bound by it,
          multiply the upper one
        - (best.max() / best.min()) ** 0.25
        + (best.max() - best.min()) / 4
        - best.min() / margin, best.max() * margin
        + best.min() - margin, best.max() + margin
        upper bound first: the lower bound comes first
        - best.min() / margin, best.max() * margin
        + best.max() * margin, best.min() / margin
        """
    ),
)

# --- workflow/compare-models ----------------------------------------------------------------------------------------


def _paired_error(first, second, labels):
    """From the table of who is right, counted image by image."""
    gains = [(a == y) - (b == y) for a, b, y in zip(first.tolist(), second.tolist(), labels.tolist(), strict=True)]
    return sum(gains) / len(gains), sum(gain**2 for gain in gains) ** 0.5 / len(gains)


def _compare_pair(got, expected):
    try:
        pair = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"expected two numbers (difference, standard error); got {shorten(got)}"
    if pair.shape != (2,):
        return f"expected two numbers (difference, standard error); got {shorten(got)}"
    if np.allclose(pair, expected, rtol=1e-6, atol=1e-9):
        return None
    return f"expected ({expected[0]:.5f}, {expected[1]:.5f}); got ({pair[0]:.5f}, {pair[1]:.5f})"


compare_models = Answers(
    reference=_paired_error,
    compare=_compare_pair,
    mistakes=patches(
        """
        all images on which they differ: two different answers may both be wrong: count images on which exactly one
          is right
        - np.sum(one & ~other), np.sum(other & ~one)
        + np.sum(one & (first != second)), np.sum(first != second) - np.sum(one & (first != second))
        all that each has right: n_1 and n_2 count images on which ONLY one is right; leave out those that both have
          right
        - np.sum(one & ~other), np.sum(other & ~one)
        + np.sum(one), np.sum(other)
        the second minus the first: the difference is first minus second: positive if the first is better
        - (n_1 - n_2) / len(labels)
        + (n_2 - n_1) / len(labels)
        no root: take the square root of n_1 + n_2 before you divide by n
        - np.sqrt(n_1 + n_2)
        + (n_1 + n_2)
        the root of all: only the counts stand under the root, n does not
        - np.sqrt(n_1 + n_2) / len(labels)
        + np.sqrt((n_1 + n_2) / len(labels))
        the error of the difference of the counts: the errors of the two counts add: n_1 + n_2 under the root, not
          their difference
        - np.sqrt(n_1 + n_2)
        + np.sqrt(abs(n_1 - n_2))
        counts instead of shares: divide both by the number of images
        - (n_1 - n_2) / len(labels), np.sqrt(n_1 + n_2) / len(labels)
        + (n_1 - n_2), np.sqrt(n_1 + n_2)
        """
    ),
)
