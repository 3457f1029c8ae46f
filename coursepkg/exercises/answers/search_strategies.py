"""Answers to the exercises on search strategies."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.special import ndtr

from coursepkg.exercises.answers import Answers, patch
from coursepkg.exercises.compare import difference

log_uniform = Answers(
    reference=lambda u, low, high: low * (high / low) ** u,
    mistakes=[
        patch(name, "np.exp(logarithms)", after, hint)
        for name, after, hint in (
            (
                "a linear scale",
                "low + u * (high - low)",
                "the values are spread evenly over the numbers; spread their logarithms evenly",
            ),
            (
                "the logarithm itself",
                "logarithms",
                "this is the logarithm of the value; turn it back into the value",
            ),
            (
                "the wrong base on the way back",
                "10**logarithms",
                "np.log is the natural logarithm; 10 ** undoes np.log10, not np.log",
            ),
            (
                "counted from the upper bound",
                "high * (low / high) ** u",
                "u = 0 must give low and u = 1 must give high; yours is the other way round",
            ),
            (
                "the range instead of the ratio",
                "low * (high - low) ** u",
                "at u = 1 the factor must be high / low, so that low times it is high",
            ),
        )
    ],
)

# --- search-strategies/expected-improvement -------------------------------------------------------------------------


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


FORMULA = "gain * norm.cdf(z) + std * norm.pdf(z)"
expected_improvement = Answers(
    reference=_integrated,
    compare=_compare_improvements,
    mistakes=(
        patch(
            "for a score to maximize",
            "best - mean",
            "mean - best",
            "losses are minimized: a point whose mean lies below best is the good one",
        ),
        patch("the density in both terms", "cdf", "pdf", "the first term needs the distribution function, norm.cdf"),
        patch(
            "the second term is missing",
            " + std * norm.pdf(z)",
            "",
            "the second term, std times the density, is missing",
        ),
        patch("the density is not scaled", "std * norm.pdf", "norm.pdf", "the second term is the density times std"),
        patch(
            "the probability of an improvement",
            FORMULA,
            "norm.cdf(z)",
            "this is the probability that the loss improves, not by how much it does",
            ("np.maximum(gain, 0.0)", "gain > 0"),
        ),
        patch(
            "only the mean",
            FORMULA,
            "np.maximum(gain, 0.0)",
            "this ignores std; an uncertain point can improve even if its mean does not",
        ),
        patch(
            "the variance for the deviation",
            "gain = best - mean",
            "gain, std = best - mean, std**2",
            "std already is the standard deviation: do not square it",
        ),
    ),
)
