"""Answers to the exercises on search strategies."""

from __future__ import annotations

from coursepkg.exercises.answers import Answers, patches

log_uniform = Answers(
    reference=lambda u, low, high: low * (high / low) ** u,
    mistakes=patches(
        """
        a linear scale: the values are spread evenly over the numbers; spread their logarithms evenly
        - np.exp(logarithms)
        + low + u * (high - low)
        the logarithm itself: this is the logarithm of the value; turn it back into the value
        - np.exp(logarithms)
        + logarithms
        the wrong base on the way back: np.log is the natural logarithm; 10 ** undoes np.log10, not np.log
        - np.exp(logarithms)
        + 10**logarithms
        counted from the upper bound: u = 0 must give low and u = 1 must give high; yours is the other way round
        - np.exp(logarithms)
        + high * (low / high) ** u
        the range instead of the ratio: at u = 1 the factor must be high / low, so that low times it is high
        - np.exp(logarithms)
        + low * (high - low) ** u
        """
    ),
)

repair_the_search = Answers(
    mistakes=patches(
        """
        a linear scale: the rates are spread evenly over the numbers; their logarithms should be
        - low * (high / low) ** number
        + low + number * (high - low)
        a failed trial wins: every comparison with NaN is false, so "not best_loss < loss" lets a failed trial win
        - if loss < best_loss:
        + if not best_loss < loss:
        the last loss: this returns the loss of the last trial, not the best one
        - return best_rate, best_loss
        + return best_rate, loss
        the first rate for good: the best loss was never remembered, so every trial that is finite looks better
        - best_rate, best_loss = rate, loss
        + best_rate = rate
        the highest loss: a loss is better when it is lower
        - best_rate, best_loss = None, np.inf
        + best_rate, best_loss = None, -np.inf
        - if loss < best_loss:
        + if loss > best_loss:
        counted from the upper bound: u = 0 must give low and u = 1 must give high
        - low * (high / low) ** number
        + high * (low / high) ** number
        """
    ),
)

second_look = Answers(
    mistakes=patches(
        """
        a place in the short list: np.argmin counts within the k best; look up which row of `first` it is
        - rows[np.argmin(means[rows])]
        + np.argmin(means[rows])
        the first look again: this is the best of the search, which the new seeds should judge
        - rows[np.argmin(means[rows])]
        + rows[0]
        all compete: only the k best of the search may be chosen
        - rows[np.argmin(means[rows])]
        + np.argmin(means)
        the selecting loss counts again: the loss that selected a configuration is lucky; take the mean over the new
          seeds only
        - again.mean(axis=1)
        + np.column_stack([first, again]).mean(axis=1)
        the lowest of the new seeds: take the mean over the new seeds, not the lowest
        - again.mean(axis=1)
        + again.min(axis=1)
        the mean over configurations: each configuration has a mean of its own, over axis 1
        - means = again.mean(axis=1)
        + means = np.resize(again.mean(axis=0), len(first))
        the difference the other way round: the mean over the new seeds minus the loss in the search
        - means[row] - first[row]
        + first[row] - means[row]
        """
    ),
)
