"""Answers to the exercises on Monte Carlo dropout."""

from __future__ import annotations

import numpy as np
from scipy.special import entr, rel_entr

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch
from coursepkg.exercises.compare import difference

# --- monte-carlo-dropout/split --------------------------------------------------------------------------------------

ZERO_HINT = "a probability can be 0: its term p ln p is 0, but NumPy's 0 · log(0) is NaN"


def _by_divergence(samples):
    """Return the disagreement as the mean divergence of the samples from their mean, not as a difference."""
    mean = samples.mean(axis=0)
    return entr(mean).sum(axis=-1), rel_entr(samples, mean).sum(axis=-1).mean(axis=0)


def _compare_split(got, expected):
    problem = difference(got, expected)
    if problem and isinstance(got, (tuple, list)) and any(np.isnan(np.asarray(p, dtype=float)).any() for p in got):
        return f"{problem}\nhint: {ZERO_HINT}"  # NaN equals nothing, so no mistake below would be recognized
    return problem


split = Answers(
    reference=_by_divergence,
    compare=_compare_split,
    mistakes=(
        patch(
            "total from single samples",
            "return total",
            "return single",
            "total: first take the mean over the samples, then entropy",
        ),
        patch(
            "second is the mean entropy",
            "total - single",
            "single",
            "the second result is what remains: subtract",
        ),
        patch("base 2", "np.log(", "np.log2(", "use the natural logarithm, np.log"),
        patch(
            "sign",
            "total - single",
            "single - total",
            "the disagreement is the total minus the mean entropy of the samples, never below 0",
        ),
        patch(
            "standard deviation",
            "total - single",
            "samples.std(axis=0).mean(axis=1)",
            "the disagreement is a difference of two entropies",
        ),
        patch(
            "0 ln 0",
            "logs = np.log(P, out=np.zeros_like(P), where=P > 0)",
            'with np.errstate(all="ignore"):\n            P = P * np.log(P)',
            ZERO_HINT,
            ("P * logs", "P"),
        ),
    ),
)

# --- monte-carlo-dropout/ece ----------------------------------------------------------------------------------------


def _by_sums(y, P, n_bins):
    """Return the error without a mean: a bin's share times its mean distance is its sum of differences over n."""
    confidence = P.max(axis=1)
    bins = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    return float(np.abs(np.bincount(bins, (P.argmax(axis=1) == y) - confidence)).sum() / len(y))


ece = Answers(
    reference=_by_sums,
    mistakes=(
        patch(
            "unweighted",
            "inside.mean() * distance",
            "distance / len(np.unique(bins))",
            "weight each bin by the share of the answers that it holds",
        ),
        patch("signed", "abs", "", "take the distance in each bin before you add: otherwise errors cancel"),
        patch(
            "the largest",
            "error += inside.mean() * distance",
            "error = max(error, distance)",
            "add the distances of all bins, weighted; this is the largest one",
        ),
        patch(
            "centers of the bins",
            "confidence[inside].mean()",
            "(b - 0.5) / n_bins",
            "the confidence of a bin is the mean of the confidences in it",
        ),
        patch(
            "the true class",
            "P.max(axis=1)",
            "P[np.arange(len(y)), y]",
            "the confidence is the highest probability, whichever class is true",
        ),
        patch(
            "single answers",
            "return error",
            "return np.abs(right - confidence).mean()",
            "take the distance between the means of a bin, not for each answer",
        ),
    ),
)

# --- monte-carlo-dropout/one-call -----------------------------------------------------------------------------------

CALLS = "put all copies of all instances into one batch, and call predict once"
MIXED = "np.repeat puts the copies of one instance side by side, np.tile repeats the whole batch: the reshape must fit"
COPIED = "all samples of an instance are equal: each copy must go through predict itself"
AXES = "the samples come first, then the instances"
MEAN = "return the samples themselves, not their mean"


def _judge_samples(got, *, X, n_samples):
    samples, n_calls = got
    n, shape = len(X), (n_samples, len(X), 3)
    if not isinstance(samples, np.ndarray):
        return f"expected an array; got {shorten(samples)}"
    if samples.shape != shape:
        hint = {(n, n_samples, 3): f"\nhint: {AXES}", (n, 3): f"\nhint: {MEAN}"}.get(samples.shape, "")
        return f"expected shape {shape}; got {samples.shape}{hint}"
    if not np.array_equal(samples[..., 0], np.tile(X[:, 0], (n_samples, 1))):
        return f"the answers belong to other instances than they should\nhint: {MIXED}"
    if len(np.unique(samples[..., 1])) < n_samples * n:
        return f"expected {n_samples} different samples for each instance\nhint: {COPIED}"
    if n_calls != 1:
        return f"predict was called {n_calls} times; expected once\nhint: {CALLS}"
    return None


PREDICTED = "P = predict(copies)"
RETURNED = "P.reshape(n_samples, len(X), P.shape[1])"
one_call = Answers(
    judge=_judge_samples,
    mistakes=(
        patch(
            "a loop over samples",
            PREDICTED,
            "P = np.concatenate([predict(X) for _ in range(n_samples)])",
            CALLS,
        ),
        patch(
            "a loop over instances",
            PREDICTED,
            "P = np.stack([predict(np.tile(row, (n_samples, 1))) for row in X], axis=1)",
            CALLS,
            (RETURNED, "P"),
        ),
        patch("order of the copies", "np.tile(X, (n_samples, 1))", "np.repeat(X, n_samples, axis=0)", MIXED),
        patch("one prediction copied", PREDICTED, "P = np.tile(predict(X), (n_samples, 1))", COPIED),
        patch("instances first", RETURNED, f"{RETURNED}.swapaxes(0, 1)", AXES),
        patch("the mean", RETURNED, f"{RETURNED}.mean(axis=0)", MEAN),
    ),
)
