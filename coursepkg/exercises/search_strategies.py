"""Exercises of the chapter on search strategies: a logarithmic scale, expected improvement."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from coursepkg.exercises.checking import Exercise, Mistake, difference, function_case, prose

# --- search-strategies/log-uniform ----------------------------------------------------------------------------------


def log_scale(u, low, high):
    """The reference: values whose logarithm is as far between the bounds as u is between 0 and 1."""
    return low * (high / low) ** u


LOG_MISTAKES = (
    Mistake(
        "a linear scale",
        lambda u, low, high: low + u * (high - low),
        "the values are spread evenly over the numbers; spread their logarithms evenly",
    ),
    Mistake(
        "the logarithm itself",
        lambda u, low, high: np.log(low) + u * (np.log(high) - np.log(low)),
        "this is the logarithm of the value; turn it back into the value",
    ),
    Mistake(
        "the wrong base on the way back",
        lambda u, low, high: 10 ** (np.log(low) + u * (np.log(high) - np.log(low))),
        "np.log is the natural logarithm; 10 ** undoes np.log10, not np.log",
    ),
    Mistake(
        "counted from the upper bound",
        lambda u, low, high: high * (low / high) ** u,
        "u = 0 must give low and u = 1 must give high; yours is the other way round",
    ),
    Mistake(
        "the range instead of the ratio",
        lambda u, low, high: low * (high - low) ** u,
        "at u = 1 the factor must be high / low, so that low times it is high",
    ),
)


def _log_cases(rng):
    for shown, low_exponent, orders in (
        ("learning rates over four orders of magnitude", -5, 4),
        ("widths over two orders of magnitude", 0, 2),
        ("a narrow range", -1, 0.3),
    ):
        low = 10.0 ** (low_exponent + rng.uniform(0.1, 0.9))
        u = np.concatenate([[0.0, 1.0], rng.random(8)])
        yield function_case(
            f"log_scale(u, low, high): {shown}",
            (u, low, low * 10.0**orders),
            reference=log_scale,
            mistakes=LOG_MISTAKES,
        )


# --- search-strategies/expected-improvement -------------------------------------------------------------------------


def improvement(mean, std, best):
    """The reference: expected improvement below the best loss; without uncertainty, the plain improvement."""
    z = (best - mean) / np.where(std > 0, std, 1.0)
    formula = (best - mean) * norm.cdf(z) + std * norm.pdf(z)
    return np.where(std > 0, formula, np.maximum(best - mean, 0.0))


def _for_maximization(mean, std, best):
    return improvement(-mean, std, -best)


def _density_twice(mean, std, best):
    z = (best - mean) / np.where(std > 0, std, 1.0)
    return np.where(std > 0, (best - mean) * norm.pdf(z) + std * norm.pdf(z), np.maximum(best - mean, 0.0))


def _no_second_term(mean, std, best):
    z = (best - mean) / np.where(std > 0, std, 1.0)
    return np.where(std > 0, (best - mean) * norm.cdf(z), np.maximum(best - mean, 0.0))


def _density_not_scaled(mean, std, best):
    z = (best - mean) / np.where(std > 0, std, 1.0)
    return np.where(std > 0, (best - mean) * norm.cdf(z) + norm.pdf(z), np.maximum(best - mean, 0.0))


def _probability(mean, std, best):
    z = (best - mean) / np.where(std > 0, std, 1.0)
    return np.where(std > 0, norm.cdf(z), (best > mean).astype(float))


def _only_the_mean(mean, std, best):
    return np.maximum(best - mean, 0.0)


def _variance(mean, std, best):
    return improvement(mean, std**2, best)


CERTAIN_HINT = "where std is 0 the loss is known: the improvement is best - mean, or 0 if that is negative"


def _divided_by_zero(mean, std, best):
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (best - mean) / std
        return (best - mean) * norm.cdf(z) + std * norm.pdf(z)


EI_MISTAKES = (
    Mistake(
        "for a score to maximize",
        _for_maximization,
        "losses are minimized: a point whose mean lies below best is the good one",
    ),
    Mistake("the density in both terms", _density_twice, "the first term needs the distribution function, norm.cdf"),
    Mistake("the second term is missing", _no_second_term, "the second term, std times the density, is missing"),
    Mistake("the density is not scaled", _density_not_scaled, "the second term is the density times std"),
    Mistake(
        "the probability of an improvement",
        _probability,
        "this is the probability that the loss improves, not by how much it does",
    ),
    Mistake(
        "only the mean", _only_the_mean, "this ignores std; an uncertain point can improve even if its mean does not"
    ),
    Mistake("the variance for the deviation", _variance, "std already is the standard deviation: do not square it"),
)


def _compare_improvements(got, expected):
    problem = difference(got, expected)
    if problem and np.isnan(np.asarray(got, dtype=float)).any():
        return f"{problem}\nhint: {CERTAIN_HINT}"
    return problem


def _ei_cases(rng):
    for shown, n, certain in (
        ("four points", 4, False),
        ("twenty points, most of them worse than the best", 20, False),
        ("six points, two of them known exactly", 6, True),
    ):
        mean, std = rng.normal(0.3 * (n > 4), 0.5, n), rng.uniform(0.2, 0.8, n)
        best = 0.1
        if certain:
            std[:2], mean[0], mean[1] = 0.0, best - 0.3, best + 0.4
        yield function_case(
            f"improvement(mean, std, best): {shown}",
            (mean, std, best),
            reference=improvement,
            mistakes=EI_MISTAKES,
            compare=_compare_improvements,
        )


EXERCISES = (
    Exercise(
        label="search-strategies/log-uniform",
        title="A logarithmic scale",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("search-strategies",),
        statement=prose(r"""
            Write a function `log_scale(u, low, high)` that gets numbers `u` from 0 to 1, shape $[n]$, and two bounds
            $0 <$ `low` $<$ `high`. Return an array of shape $[n]$ with values from `low` (at 0) to `high` (at 1) whose
            *logarithms* are spread as evenly as `u`: the value at $u = 0.5$ is as many times larger than `low` as it
            is smaller than `high`. Use NumPy only.
        """),
        answer_name="log_scale",
        stub="""\
import numpy as np


def log_scale(u, low, high):
    \"\"\"Return values between low and high, evenly spread on a logarithmic scale.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def log_scale(u, low, high):
    logarithms = np.log(low) + u * (np.log(high) - np.log(low))
    return np.exp(logarithms)
""",
        cases=_log_cases,
        mistakes=LOG_MISTAKES,
        hints=(
            "What is the value halfway between 1 and 100 on this scale? Not 50.5.",
            "Go from the logarithm of low to the logarithm of high in a straight line.",
            "Undo the logarithm at the end: np.exp undoes np.log.",
        ),
    ),
    Exercise(
        label="search-strategies/expected-improvement",
        title="Expected improvement",
        points=5,
        difficulty=2,
        minutes=15,
        prerequisites=("search-strategies",),
        statement=prose(r"""
            A model predicts the loss at $n$ points: normal distributions with the means `mean` and the standard
            deviations `std`, both of shape $[n]$. The lowest loss so far is the number `best`. Write a function
            `improvement(mean, std, best)` that returns an array of shape $[n]$: by how much the loss at each point is
            expected to be below `best`, where being above counts as 0. With $z = (y_\text{best} - \mu) / \sigma$ that
            is $(y_\text{best} - \mu)\, \Phi(z) + \sigma\, \varphi(z)$, where $\Phi$ is `norm.cdf` and $\varphi$ is
            `norm.pdf` of `scipy.stats`. Where `std` is 0 the loss is known: the result there is
            $\max(0, y_\text{best} - \mu)$.
        """),
        answer_name="improvement",
        stub="""\
import numpy as np
from scipy.stats import norm


def improvement(mean, std, best):
    \"\"\"Return the expected improvement at each point.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np
from scipy.stats import norm


def improvement(mean, std, best):
    gain = best - mean
    z = gain / np.where(std > 0, std, 1.0)
    formula = gain * norm.cdf(z) + std * norm.pdf(z)
    return np.where(std > 0, formula, np.maximum(gain, 0.0))
""",
        cases=_ei_cases,
        mistakes=EI_MISTAKES,
        hints=(
            "Write gain = best - mean once; it occurs three times.",
            "Divide by np.where(std > 0, std, 1.0), so that nothing is divided by 0.",
            "At the end choose with np.where between the formula and the case that std is 0.",
        ),
    ),
)
