"""Answers to the exercises on optimizers."""

from __future__ import annotations

import math

import numpy as np

from coursepkg.exercises.answers import Answers, patches

adam_step = Answers(
    mistakes=patches(
        """
        no correction: the averages start at 0 and are too small at first; divide m by 1 - 0.9**t and s by 1 -
          0.999**t
        - m / (1 - 0.9**t), s / (1 - 0.999**t)
        + m, s
        only the mean is corrected: the average of the squares starts at 0 too; divide s by 1 - 0.999**t
        - s / (1 - 0.999**t)
        + s
        no root: the step is divided by the root of s, not by s itself
        - np.sqrt(s_hat)
        + s_hat
        uphill: the step must go against the gradient; check the sign
        - theta - eta
        + theta + eta
        gradients that are not squared: s is the average of the squared gradients, not of their sizes
        - g**2
        + np.abs(g)
        the betas are exchanged: m forgets fast (0.9), s forgets slowly (0.999); you exchanged the two
        - 0.9 * m + 0.1 * g
        + 0.999 * m + 0.001 * g
        - 0.999 * s + 0.001 * g**2
        + 0.9 * s + 0.1 * g**2
        - m / (1 - 0.9**t), s / (1 - 0.999**t)
        + m / (1 - 0.999**t), s / (1 - 0.9**t)
        the corrected averages are kept: return m and s as they were before the correction: the next step would
          correct them a second time
        - 1e-7), m, s
        + 1e-7), m_hat, s_hat
        steps counted from 0: the first step has t = 1, and the correction of step t uses the power t
        - **t)
        + **max(t - 1, 1))
        """
    )
)


# --- optimizers/steps-needed ----------------------------------------------------------------------------------------


def _count_steps(curvatures, eta, goal):
    """Simulate the descent from 1 in every direction, which is independent of the solution's logarithms."""
    sizes, factors = np.ones(len(curvatures)), np.abs(1 - eta * curvatures)
    if factors.max() >= 1:
        return math.inf
    steps = 0
    while steps == 0 or sizes.max() > goal:
        sizes, steps = sizes * factors, steps + 1
    return steps


def _compare_counts(got, expected):
    if isinstance(got, (bool, np.bool_)) or not isinstance(got, (int, float, np.integer, np.floating)):
        return f"expected one number; got {type(got).__name__}"
    if got == expected:
        return None
    return f"expected {expected}; got {got}"


steps_needed = Answers(
    reference=_count_steps,
    compare=_compare_counts,
    mistakes=patches(
        """
        the fastest direction: every direction must reach the goal, so the slowest one decides: the largest |1 - eta *
          h|
        - .max()
        + .min()
        no absolute value: 1 - eta * h can be negative: the coordinate then jumps to the other side; its size |1 - eta
          * h| counts
        - np.abs(1 - eta * np.asarray(curvatures)).max()
        + (1 - eta * np.asarray(curvatures)).max()
        rounded down: one step less does not reach the goal yet; round up
        - math.ceil
        + math.floor
        the loss instead of the coordinates: the goal is about the coordinates; the loss shrinks by the square of
          their factor
        - math.log(factor)
        + (2 * math.log(factor))
        the mean direction: a mean over the directions says nothing about the slowest one
        - .max()
        + .mean()
        no word of divergence: if some |1 - eta * h| is 1 or more, the goal is never reached: return math.inf
        -     if factor >= 1:
        -         return math.inf
        -
        +
        """
    ),
)
