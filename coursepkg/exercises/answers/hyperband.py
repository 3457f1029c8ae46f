"""Answers to the exercises on giving up early."""

from __future__ import annotations

from coursepkg.exercises.answers import Answers, patches

epochs_given = Answers(
    mistakes=patches(
        """
        the worst go on: a loss is better when it is lower; yours keeps the highest
        - np.argsort(
        + np.argsort(-
        judged one epoch late: column 0 is the loss after one epoch, so the loss after `budget` epochs is in column
          budget - 1
        - budget - 1
        + min(budget, R - 1)
        judged by the last epoch: a rung knows only the losses after the epochs that were trained so far, not those of
          the last column
        - budget - 1
        + -1
        one half goes on: each rung keeps one configuration in eta, which is one half for eta = 2 only
        - // eta
        + // 2
        one in eta is dropped: one configuration in eta goes on; yours drops one in eta
        - len(rows) // eta
        + len(rows) - max(1, len(rows) // eta)
        places instead of rows: np.argsort numbers the configurations of this rung; look up which rows of `losses`
          they are
        - rows[order[: len(rows) // eta]]
        + order[: len(rows) // eta]
        the rungs added up: a configuration that goes on continues its training: its epochs are the budget of its last
          rung, not the sum
        - given[rows] =
        + given[rows] +=
        NaN is the best: NaN is the loss of a training that failed; it must not go on
        - np.argsort(losses
        + np.argsort(np.nan_to_num(losses, nan=-1.0)
        """
    )
)

bracket = Answers(
    mistakes=patches(
        """
        one half goes on: each rung keeps one configuration in eta, which is one half for eta = 2 only
        - n // eta**i
        + n // 2**i
        sizes rounded up: the sizes of the later rungs are rounded down (KerasTuner rounds them up; the paper does
          not)
        - n // eta**i
        + -(-n // eta**i)
        the start rounded down: the first rung's size n is rounded up
        - -(-(s_max + 1) * eta**s // (s + 1))
        + (s_max + 1) * eta**s // (s + 1)
        all brackets without their share: without the factor (s_max + 1) / (s + 1) the brackets do not spend the same
        - -(-(s_max + 1) * eta**s // (s + 1))
        + eta**s
        budgets backwards: the budget grows from rung to rung: the first is R / eta**s, the last is R
        - R // eta ** (s - i)
        + R // eta**i
        s_max instead of s_max + 1: there are s_max + 1 brackets, since s runs from s_max down to 0; the formula needs
          their number
        - -(-(s_max + 1) * eta**s // (s + 1))
        + -(-s_max * eta**s // (s + 1))
        epochs of the whole rung: the budget is that of one configuration, not of the whole rung
        - R // eta ** (s - i)
        + sizes[i] * (R // eta ** (s - i))
        """
    )
)

repair_the_winner = Answers(
    mistakes=patches(
        """
        all budgets compete: a loss after few epochs does not compete with one after many; compare those with the
          largest number of epochs
        - epochs == largest and loss < best_loss
        + loss < best_loss
        failed trainings set the budget: the largest number of epochs must be that of a training that did not fail
        - for number, epochs, loss in finished)
        + for number, epochs, loss in trials)
        a failed one wins: no comparison with NaN is true, so "not loss >= best_loss" lets a failed training win
        - in finished:
        + in trials:
        - loss < best_loss
        + not loss >= best_loss
        the wrong order: the number of the configuration comes first, then its loss
        - return best_number, best_loss
        + return best_loss, best_number
        the highest loss: a loss is better when it is lower
        - best_number, best_loss = None, np.inf
        + best_number, best_loss = None, -np.inf
        - loss < best_loss
        + loss > best_loss
        the last of them: the best loss so far must be remembered and compared with
        - epochs == largest and loss < best_loss
        + epochs == largest
        """
    )
)
