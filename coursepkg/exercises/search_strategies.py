"""Exercises of the chapter on search strategies: a logarithmic scale, expected improvement, brackets of Hyperband."""

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


# --- search-strategies/bracket --------------------------------------------------------------------------------------


def bracket(R, eta, s):
    """The reference: sizes and budgets of the rungs of bracket s."""
    s_max = 0
    while eta ** (s_max + 1) <= R:
        s_max += 1
    n = -(-(s_max + 1) * eta**s // (s + 1))
    return [n // eta**i for i in range(s + 1)], [R // eta ** (s - i) for i in range(s + 1)]


def _bracket_variant(*, kept=None, up=False, start_down=False, equal=True, backwards=False, brackets=1):
    """Return the bracket with one thing wrong."""

    def answer(R, eta, s):
        s_max = 0
        while eta ** (s_max + 1) <= R:
            s_max += 1
        share = (s_max + brackets) / (s + 1) if equal else 1.0
        n = int(share * eta**s) if start_down else int(np.ceil(round(share * eta**s, 9)))
        factor = kept or eta
        sizes = [int(np.ceil(n / factor**i)) if up else n // factor**i for i in range(s + 1)]
        budgets = [R // eta ** (s - i) for i in range(s + 1)]
        return sizes, budgets[::-1] if backwards else budgets

    return answer


def _one_number_a_rung(R, eta, s):
    sizes, budgets = bracket(R, eta, s)
    return sizes, [n * r for n, r in zip(sizes, budgets, strict=True)]


BRACKET_MISTAKES = (
    Mistake(
        "one half goes on",
        _bracket_variant(kept=2),
        "each rung keeps one configuration in eta, which is one half for eta = 2 only",
    ),
    Mistake(
        "sizes rounded up",
        _bracket_variant(up=True),
        "the sizes of the later rungs are rounded down (KerasTuner rounds them up; the paper does not)",
    ),
    Mistake("the start rounded down", _bracket_variant(start_down=True), "the first rung's size n is rounded up"),
    Mistake(
        "all brackets without their share",
        _bracket_variant(equal=False),
        "without the factor (s_max + 1) / (s + 1) the brackets do not spend the same",
    ),
    Mistake(
        "budgets backwards",
        _bracket_variant(backwards=True),
        "the budget grows from rung to rung: the first is R / eta**s, the last is R",
    ),
    Mistake(
        "s_max instead of s_max + 1",
        _bracket_variant(brackets=0),
        "there are s_max + 1 brackets, since s runs from s_max down to 0; the formula needs their number",
    ),
    Mistake(
        "epochs of the whole rung", _one_number_a_rung, "the budget is that of one configuration, not of the whole rung"
    ),
)


def _bracket_cases(rng):
    for shown, eta, power, s in (
        ("R = 81, eta = 3, s = 3", 3, 4, 3),
        ("R = 243, eta = 3, s = 4", 3, 5, 4),
        ("R = 64, eta = 4, s = 2", 4, 3, 2),
        ("R = 27, eta = 3, s = 1", 3, 3, 1),
    ):
        yield function_case(
            f"bracket(R, eta, s): {shown}", (eta**power, eta, s), reference=bracket, mistakes=BRACKET_MISTAKES
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
    Exercise(
        label="search-strategies/bracket",
        title="A bracket of Hyperband",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("search-strategies",),
        statement=prose(r"""
            Write a function `bracket(R, eta, s)` for whole numbers: the largest budget `R`, a power of the reduction
            factor `eta`, and the number of a bracket `s`, from 0 to $s_\text{max}$. Here $s_\text{max}$ is the largest
            whole number with $\eta^{s_\text{max}} \le R$. The bracket begins with
            $n = \lceil (s_\text{max} + 1)\, \eta^s / (s + 1) \rceil$ configurations. Its rungs are numbered
            $i = 0, \dots, s$; rung $i$ has $\lfloor n / \eta^i \rfloor$ configurations, each with the budget
            $R / \eta^{s - i}$. Return two lists of whole numbers, one entry a rung: the numbers of configurations, and
            the budgets of one configuration.
        """),
        answer_name="bracket",
        stub="""\
def bracket(R, eta, s):
    \"\"\"Return the sizes and the budgets of the rungs, as two lists.\"\"\"
    ...
""",
        solution_source="""\
def bracket(R, eta, s):
    s_max = 0
    while eta ** (s_max + 1) <= R:
        s_max += 1
    n = -(-(s_max + 1) * eta**s // (s + 1))  # rounds up in whole numbers
    sizes = [n // eta**i for i in range(s + 1)]
    budgets = [R // eta ** (s - i) for i in range(s + 1)]
    return sizes, budgets
""",
        cases=_bracket_cases,
        mistakes=BRACKET_MISTAKES,
        hints=(
            "Find s_max with a loop over whole powers; a logarithm may come out a little too small.",
            "In whole numbers, a // b rounds down, and -(-a // b) rounds up.",
            "Check yourself with R = 81, eta = 3, s = 3: sizes 34, 11, 3, 1 and budgets 3, 9, 27, 81.",
        ),
    ),
)
