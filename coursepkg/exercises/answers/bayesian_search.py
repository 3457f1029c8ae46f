"""Answers to the exercises on Bayesian optimization."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.special import ndtr

from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference

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
