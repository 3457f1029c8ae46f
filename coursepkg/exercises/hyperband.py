"""Exercises of the chapter on giving up early: epochs of successive halving, brackets of Hyperband."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, function_case, prose

# --- hyperband/epochs-given -----------------------------------------------------------------------------------------


def epochs_given(losses, eta):
    """The reference: epochs that successive halving gives to each configuration."""
    return _variant()(losses, eta)


def _variant(
    *, judged=lambda budget, last: budget - 1, sign=1, kept=lambda n, eta: n // eta, rows_kept=True, add=False
):
    """Return successive halving on recorded losses, as it should be or with one thing wrong."""

    def answer(losses, eta):
        given = np.zeros(len(losses), dtype=int)
        rows, budget = np.arange(len(losses)), 1
        while len(rows) and budget <= losses.shape[1]:
            given[rows] = budget + (given[rows] if add else 0)
            order = np.argsort(sign * losses[rows, judged(budget, losses.shape[1] - 1)])
            order = order[: kept(len(rows), eta)]
            rows = rows[order] if rows_kept else order
            budget *= eta
        return given

    return answer


def _nan_is_best(losses, eta):
    return epochs_given(np.nan_to_num(losses, nan=-1.0), eta)


EPOCHS_MISTAKES = (
    Mistake("the worst go on", _variant(sign=-1), "a loss is better when it is lower; yours keeps the highest"),
    Mistake(
        "judged one epoch late",
        _variant(judged=lambda budget, last: min(budget, last)),
        "column 0 is the loss after one epoch, so the loss after `budget` epochs is in column budget - 1",
    ),
    Mistake(
        "judged by the last epoch",
        _variant(judged=lambda budget, last: last),
        "a rung knows only the losses after the epochs that were trained so far, not those of the last column",
    ),
    Mistake(
        "one half goes on",
        _variant(kept=lambda n, eta: n // 2),
        "each rung keeps one configuration in eta, which is one half for eta = 2 only",
    ),
    Mistake(
        "one in eta is dropped",
        _variant(kept=lambda n, eta: n - max(1, n // eta)),
        "one configuration in eta goes on; yours drops one in eta",
    ),
    Mistake(
        "places instead of rows",
        _variant(rows_kept=False),
        "np.argsort numbers the configurations of this rung; look up which rows of `losses` they are",
    ),
    Mistake(
        "the rungs added up",
        _variant(add=True),
        "a configuration that goes on continues its training: its epochs are the budget of its last rung, not the sum",
    ),
    Mistake("NaN is the best", _nan_is_best, "NaN is the loss of a training that failed; it must not go on"),
)


def _curves(rng, n, n_epochs):
    """Return falling losses that cross each other, shape [n, n_epochs]."""
    end, start = rng.uniform(0.2, 1.0, (n, 1)), rng.uniform(0.5, 2.0, (n, 1))
    speed = rng.uniform(0.5, 4.0, (n, 1)) / n_epochs
    return end + start * np.exp(-speed * np.arange(1, n_epochs + 1)) + rng.normal(0, 0.02, (n, n_epochs))


def _epochs_cases(rng):
    for n, n_epochs, eta, failed in ((27, 27, 3, 0), (16, 8, 2, 0), (11, 10, 3, 0), (9, 9, 3, 3)):
        losses = _curves(rng, n, n_epochs)
        losses[rng.permutation(n)[:failed]] = np.nan
        shown = f"{n} configurations, {n_epochs} epochs, eta = {eta}" + (f", {failed} failed" if failed else "")
        yield function_case(
            f"epochs_given(losses, eta): {shown}", (losses, eta), reference=epochs_given, mistakes=EPOCHS_MISTAKES
        )


# --- hyperband/bracket ----------------------------------------------------------------------------------------------


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
        label="hyperband/epochs-given",
        title="Who gets how many epochs",
        points=5,
        difficulty=2,
        minutes=20,
        prerequisites=("hyperband",),
        statement=prose(r"""
            Write a function `epochs_given(losses, eta)`. It gets the validation losses of $n$ recorded trainings, an
            array of shape $[n, R]$: column 0 holds the losses after one epoch, column $R - 1$ those after $R$ epochs.
            Replay successive halving with the reduction factor `eta`. The first rung trains all $n$ configurations
            for one epoch. Each further rung keeps, of the $m$ configurations of the rung before, the
            $\lfloor m / \eta \rfloor$ with the lowest losses after the epochs trained so far, and multiplies the
            epochs by $\eta$; trainings go on where they stopped. The rungs end when no configuration is left or the
            epochs would exceed $R$. A row of NaN is a training that failed; it is worse than any other. There are
            always enough others. Return a whole number for each row, shape $[n]$: after how many epochs its training
            was stopped.
        """),
        answer_name="epochs_given",
        stub="""\
import numpy as np


def epochs_given(losses, eta):
    \"\"\"Return after how many epochs each training is stopped.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def epochs_given(losses, eta):
    n, R = losses.shape
    given, rows, budget = np.zeros(n, dtype=int), np.arange(n), 1
    while len(rows) > 0 and budget <= R:
        given[rows] = budget
        order = np.argsort(losses[rows, budget - 1])  # puts NaN last
        rows = rows[order[: len(rows) // eta]]
        budget *= eta
    return given
""",
        cases=_epochs_cases,
        mistakes=EPOCHS_MISTAKES,
        hints=(
            "Keep an array `rows` with the numbers of the rows that are still trained, and the budget of this rung.",
            "A loop does the rungs: note the budget for all `rows`, sort them by their losses, keep the first few.",
            "np.argsort puts NaN last, which is where failed trainings belong.",
        ),
    ),
    Exercise(
        label="hyperband/bracket",
        title="A bracket of Hyperband",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("hyperband",),
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
