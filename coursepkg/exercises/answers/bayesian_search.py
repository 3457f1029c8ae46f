"""Answers to the exercises on Bayesian optimization."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.special import ndtr

from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference
from coursepkg.search.gaussian_process import GaussianProcess

# --- bayesian-search/expected-improvement -------------------------------------------------------------------------


def _integrated(mean, std, best):
    """The distribution function, integrated up to ``best``: the mean of how far a loss lies below it."""
    return np.array(
        [
            s * quad(ndtr, -40, (best - m) / s, epsabs=1e-13, epsrel=1e-11)[0] if s else max(best - m, 0.0)
            for m, s in zip(mean, std, strict=True)
        ]
    )


def _compare_improvements(got, expected):
    problem = difference(got, expected)
    if problem and np.isnan(np.asarray(got, dtype=float)).any():
        hint = "where std is 0 the loss is known: the improvement is best - mean, or 0 if that is negative"
        return f"{problem}\nhint: {hint}"
    return problem


expected_improvement = Answers(
    reference=_integrated,
    compare=_compare_improvements,
    mistakes=patches(
        """
        for a score to maximize: losses are minimized: a point whose mean lies below best is the good one
        - best - mean
        + mean - best
        the density in both terms: the first term needs the distribution function, norm.cdf
        - cdf
        + pdf
        the second term is missing: the second term, std times the density, is missing
        -  + std * norm.pdf(z)
        the density is not scaled: the second term is the density times std
        - std * norm.pdf
        + norm.pdf
        the probability of an improvement: this is the probability that the loss improves, not by how much it does
        - gain * norm.cdf(z) + std * norm.pdf(z)
        + norm.cdf(z)
        - np.maximum(gain, 0.0)
        + gain > 0
        only the mean: this ignores std; an uncertain point can improve even if its mean does not
        - gain * norm.cdf(z) + std * norm.pdf(z)
        + np.maximum(gain, 0.0)
        the variance for the deviation: std already is the standard deviation: do not square it
        - gain = best - mean
        + gain, std = best - mean, std**2
        """
    ),
)

# --- bayesian-search/posterior --------------------------------------------------------------------------------------


def _as_process(places, losses, new, scale):
    """The process of the course, which solves by a Cholesky factor and not by an inverse."""
    process = GaussianProcess("rbf", length_scale=scale, variance=1.0, noise=0.0)
    return process.fit(places[:, None], losses).predict(new[:, None])


def _compare_beliefs(got, expected):
    """Deviations near 0 are roots of rounded numbers: 1e-8 is 0 there."""
    if isinstance(got, (list, tuple)) and len(got) == 2:
        got = (got[0], np.where(np.abs(got[1]) < 1e-6, 0.0, got[1]))
    return difference(got, (expected[0], np.where(expected[1] < 1e-6, 0.0, expected[1])))


posterior = Answers(
    reference=_as_process,
    compare=_compare_beliefs,
    mistakes=patches(
        """
        distances not squared: the kernel needs the squared difference of the places
        - ((a[:, None] - b[None, :]) ** 2)
        + np.abs(a[:, None] - b[None, :])
        the scale not squared: the kernel divides by twice the square of the length scale
        - scale**2
        + scale
        the 2 forgotten: the kernel divides by twice the square of the length scale
        - (2 * scale**2)
        + scale**2
        the variance: the standard deviation is the root of the variance
        - np.sqrt(np.maximum(1 - explained, 0))
        + np.maximum(1 - explained, 0)
        the mean not added again: the process predicts differences from m; add m at the end
        - m + k @
        + k @
        around zero: subtract m from the losses first; far from all trials the mean must be m, not 0
        - m = losses.mean()
        + m = 0.0
        no matrix inverted: the kernel between the trials is missing; without it near trials count twice
        - np.linalg.solve(K, losses - m)
        + (losses - m)
        what is known, not what is unknown: the variance is 1 minus what the trials explain
        - 1 - explained
        + explained
        """
    ),
)

# --- bayesian-search/repair-the-proposal ----------------------------------------------------------------------------

repair_the_proposal = Answers(
    mistakes=patches(
        """
        the deviation repels: the bound is what we may hope for, the mean minus beta deviations
        - mean - beta
        + mean + beta
        the variance: std is the standard deviation already: do not square it
        - beta * std
        + beta * std**2
        what was tried is chosen again: the lowest bound wins, so what was tried needs the bound +inf
        - tried, np.inf
        + tried, -np.inf
        the highest bound: the next trial is where the bound is lowest
        - np.where(tried, np.inf, bound)
        + np.where(tried, -np.inf, bound)
        - np.argmin
        + np.argmax
        tried or not: a candidate that was tried must not be proposed again
        - np.where(tried, np.inf, bound)
        + bound
        only the mean: this ignores the deviation; an uncertain candidate may be better than its mean
        - mean - beta * std
        + mean + 0 * std
        """
    ),
)
