"""Answers to the exercises on giving up early."""

from __future__ import annotations

from coursepkg.exercises.answers import Answers, patch

ONE_IN_ETA = "each rung keeps one configuration in eta, which is one half for eta = 2 only"

epochs_given = Answers(
    mistakes=(
        patch(
            "the worst go on",
            "np.argsort(",
            "np.argsort(-",
            "a loss is better when it is lower; yours keeps the highest",
        ),
        patch(
            "judged one epoch late",
            "budget - 1",
            "min(budget, R - 1)",
            "column 0 is the loss after one epoch, so the loss after `budget` epochs is in column budget - 1",
        ),
        patch(
            "judged by the last epoch",
            "budget - 1",
            "-1",
            "a rung knows only the losses after the epochs that were trained so far, not those of the last column",
        ),
        patch("one half goes on", "// eta", "// 2", ONE_IN_ETA),
        patch(
            "one in eta is dropped",
            "len(rows) // eta",
            "len(rows) - max(1, len(rows) // eta)",
            "one configuration in eta goes on; yours drops one in eta",
        ),
        patch(
            "places instead of rows",
            "rows[order[: len(rows) // eta]]",
            "order[: len(rows) // eta]",
            "np.argsort numbers the configurations of this rung; look up which rows of `losses` they are",
        ),
        patch(
            "the rungs added up",
            "given[rows] =",
            "given[rows] +=",
            "a configuration that goes on continues its training: its epochs are the budget of its last rung, not the "
            "sum",
        ),
        patch(
            "NaN is the best",
            "np.argsort(losses",
            "np.argsort(np.nan_to_num(losses, nan=-1.0)",
            "NaN is the loss of a training that failed; it must not go on",
        ),
    )
)

N = "-(-(s_max + 1) * eta**s // (s + 1))"
bracket = Answers(
    mistakes=(
        patch("one half goes on", "n // eta**i", "n // 2**i", ONE_IN_ETA),
        patch(
            "sizes rounded up",
            "n // eta**i",
            "-(-n // eta**i)",
            "the sizes of the later rungs are rounded down (KerasTuner rounds them up; the paper does not)",
        ),
        patch(
            "the start rounded down",
            N,
            "(s_max + 1) * eta**s // (s + 1)",
            "the first rung's size n is rounded up",
        ),
        patch(
            "all brackets without their share",
            N,
            "eta**s",
            "without the factor (s_max + 1) / (s + 1) the brackets do not spend the same",
        ),
        patch(
            "budgets backwards",
            "R // eta ** (s - i)",
            "R // eta**i",
            "the budget grows from rung to rung: the first is R / eta**s, the last is R",
        ),
        patch(
            "s_max instead of s_max + 1",
            N,
            "-(-s_max * eta**s // (s + 1))",
            "there are s_max + 1 brackets, since s runs from s_max down to 0; the formula needs their number",
        ),
        patch(
            "epochs of the whole rung",
            "R // eta ** (s - i)",
            "sizes[i] * (R // eta ** (s - i))",
            "the budget is that of one configuration, not of the whole rung",
        ),
    )
)
