"""Answers to the exercises on Monte Carlo dropout."""

from __future__ import annotations

import numpy as np
from scipy.special import entr, rel_entr, softmax

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
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
    mistakes=patches(
        """
        total from single samples: total: first take the mean over the samples, then entropy
        - return total
        + return single
        second is the mean entropy: the second result is what remains: subtract
        - total - single
        + single
        base 2: use the natural logarithm, np.log
        - np.log(
        + np.log2(
        sign: the disagreement is the total minus the mean entropy of the samples, never below 0
        - total - single
        + single - total
        standard deviation: the disagreement is a difference of two entropies
        - total - single
        + samples.std(axis=0).mean(axis=1)
        0 ln 0: a probability can be 0: its term p ln p is 0, but NumPy's 0 · log(0) is NaN
        - logs = np.log(P, out=np.zeros_like(P), where=P > 0)
        + with np.errstate(all="ignore"):
        +             P = P * np.log(P)
        - P * logs
        + P
        """
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
    mistakes=patches(
        """
        unweighted: weight each bin by the share of the answers that it holds
        - inside.mean() * distance
        + distance / len(np.unique(bins))
        signed: take the distance in each bin before you add: otherwise errors cancel
        - abs
        the largest: add the distances of all bins, weighted; this is the largest one
        - error += inside.mean() * distance
        + error = max(error, distance)
        centers of the bins: the confidence of a bin is the mean of the confidences in it
        - confidence[inside].mean()
        + (b - 0.5) / n_bins
        the true class: the confidence is the highest probability, whichever class is true
        - P.max(axis=1)
        + P[np.arange(len(y)), y]
        single answers: take the distance between the means of a bin, not for each answer
        - return error
        + return np.abs(right - confidence).mean()
        """
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


one_call = Answers(
    judge=_judge_samples,
    mistakes=patches(
        """
        a loop over samples: put all copies of all instances into one batch, and call predict once
        - P = predict(copies)
        + P = np.concatenate([predict(X) for _ in range(n_samples)])
        a loop over instances: put all copies of all instances into one batch, and call predict once
        - P = predict(copies)
        + P = np.stack([predict(np.tile(row, (n_samples, 1))) for row in X], axis=1)
        - P.reshape(n_samples, len(X), P.shape[1])
        + P
        order of the copies: np.repeat puts the copies of one instance side by side, np.tile repeats the whole batch:
          the reshape must fit
        - np.tile(X, (n_samples, 1))
        + np.repeat(X, n_samples, axis=0)
        one prediction copied: all samples of an instance are equal: each copy must go through predict itself
        - P = predict(copies)
        + P = np.tile(predict(X), (n_samples, 1))
        instances first: the samples come first, then the instances
        - P.reshape(n_samples, len(X), P.shape[1])
        + P.reshape(n_samples, len(X), P.shape[1]).swapaxes(0, 1)
        the mean: return the samples themselves, not their mean
        - P.reshape(n_samples, len(X), P.shape[1])
        + P.reshape(n_samples, len(X), P.shape[1]).mean(axis=0)
        """
    ),
)

# --- monte-carlo-dropout/repair-samples -----------------------------------------------------------------------------


def _by_one_product(X, W1, b1, W2, b2, keep, rate):
    """All samples in one product over [T, n, h]."""
    H = np.maximum(X @ W1 + b1, 0) * keep / (1 - rate)
    P = softmax(np.einsum("tnh,hk->tnk", H, W2) + b2, axis=-1)
    return P.mean(axis=0), P.std(axis=0)


repair_samples = Answers(
    reference=_by_one_product,
    mistakes=patches(
        """
        one mask for all instances: each instance has a mask of its own: row i of keep[t] belongs to row i of X
        - H * mask
        + H * mask[0]
        no scaling: what is kept was divided by 1 - rate in training: do it here too
        -  / (1 - rate)
        times the share kept: divide by 1 - rate, the share that is kept: multiplying makes the outputs smaller still
        - / (1 - rate)
        + * (1 - rate)
        divided by the rate: 1 - rate is the share that is kept; rate is the share that is dropped
        - / (1 - rate)
        + / rate
        the dropped units: True in keep means that the unit stays
        - H * mask
        + H * ~mask
        the mean of the logits: average probabilities: softmax comes first, for each sample
        - return np.mean(samples, axis=0)
        + return softmax(np.mean(np.log(samples), axis=0), axis=1)
        softmax over the instances: probabilities sum to 1 over the classes, the last axis
        - axis=1
        + axis=0
        divided by T - 1: the standard deviation of the T samples themselves is asked for: np.std with its defaults
        - np.std(samples, axis=0)
        + np.std(samples, axis=0, ddof=1)
        """
    ),
)
