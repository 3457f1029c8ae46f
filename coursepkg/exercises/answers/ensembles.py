"""Answers to the exercises on ensembles."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy.special import log_softmax, softmax

from coursepkg.exercises.answers import Answers, patches
from coursepkg.scratch.schedules import cosine

# --- ensembles/agree ------------------------------------------------------------------------------------------------


def _one_by_one(P):
    by_mean, by_vote = [], []
    for rows in P.swapaxes(0, 1):
        counts = Counter(int(k) for k in rows.argmax(axis=1))
        mean = rows.mean(axis=0)
        by_mean.append(int(mean.argmax()))
        by_vote.append(max(counts, key=lambda k, counts=counts, mean=mean: (counts[k], mean[k])))
    return np.array(by_mean), np.array(by_vote)


agree = Answers(
    reference=_one_by_one,
    mistakes=patches(
        """
        ties to the lower class: argmax takes the first of equal numbers; a tie goes to the class with the higher
          average
        - (votes + mean / 2)
        + votes
        the average twice: the second array counts votes: each member gives one, however sure it is
        - (votes + mean / 2)
        + mean
        the results exchanged: return the classes by average first, those by vote second
        - mean.argmax(axis=1), (votes + mean / 2).argmax(axis=1)
        + (votes + mean / 2).argmax(axis=1), mean.argmax(axis=1)
        the product of the members: the average is wanted, not the product of the probabilities
        - P.mean(axis=0)
        + P.prod(axis=0)
        the surest member decides: the average over the members is wanted, not their maximum
        - P.mean(axis=0)
        + P.max(axis=0)
        probabilities in place of classes: return whole numbers, the classes: argmax, not max
        - mean.argmax(axis=1), (votes + mean / 2).argmax(axis=1)
        + mean.max(axis=1), (votes + mean / 2).max(axis=1)
        """
    ),
)


# --- ensembles/ambiguity --------------------------------------------------------------------------------------------


def _by_moments(predictions, y):
    diversity = predictions.var(axis=0).mean()
    members = ((predictions - y) ** 2).sum() / predictions.size
    return members - diversity, members, diversity


ambiguity = Answers(
    reference=_by_moments,
    mistakes=patches(
        """
        the mean over the instances: average over the members, axis 0; axis 1 holds the instances
        - predictions.mean(axis=0)
        + predictions.mean(axis=1, keepdims=True)
        one mean for all: the mean of the members is one number for each instance: axis=0
        - predictions.mean(axis=0)
        + predictions.mean()
        divided by m - 1: the identity holds for the plain mean over m members
        - np.mean((predictions - mean) ** 2)
        + np.mean(predictions.var(axis=0, ddof=1))
        sums over the members: the second and the third number are means over the members too
        - np.mean((predictions - y) ** 2)
        + np.sum((predictions - y) ** 2) / len(y)
        - np.mean((predictions - mean) ** 2)
        + np.sum((predictions - mean) ** 2) / len(y)
        the distance from the target: diversity compares the members with their own mean; the target does not occur
          in it
        - (predictions - mean) ** 2
        + (predictions - y) ** 2
        no square: square the errors before you average, or errors of both signs cancel
        - np.mean((predictions - y) ** 2)
        + np.mean(predictions - y)
        squared too late: the mean of squares is wanted, not the square of the mean
        - np.mean((mean - y) ** 2)
        + np.mean(mean - y) ** 2
        """
    ),
)


# --- ensembles/repair-distillation ----------------------------------------------------------------------------------


def _by_logarithms(Z, U, T):
    logs, Q = log_softmax(Z / T, axis=1), softmax(U / T, axis=1)
    return -T * T * (Q * logs).sum(axis=1).mean(), T / len(Z) * (np.exp(logs) - Q)


repair_distillation = Answers(
    reference=_by_logarithms,
    mistakes=patches(
        """
        softmax twice: Z holds logits; a second softmax makes all classes nearly equal
        - softmax(Z / T)
        + softmax(softmax(Z) / T)
        no factor at all: the loss has the factor T squared, and its gradient the factor T
        - -(T**2) *
        + -
        - T * (P - Q)
        + (P - Q)
        no factor in the loss: multiply the mean by T squared; with T = 1 you cannot see that it is missing
        - -(T**2) *
        + -
        the gradient without its factor: T squared from the loss times 1 / T from the inner derivative leaves T
        - T * (P - Q)
        + (P - Q)
        the inner derivative forgotten: the inner derivative of Z / T is 1 / T, so of T squared only T is left
        - T * (P - Q)
        + T**2 * (P - Q)
        only the teacher is softened: the student's logits are divided by T as well
        - softmax(Z / T)
        + softmax(Z)
        the mean over all numbers: add up the classes of a row, and average over the rows only
        - np.mean(np.sum(Q * np.log(P), axis=1))
        + np.mean(Q * np.log(P))
        the roles exchanged: the teacher's probabilities stand before the logarithm, the student's inside
        - Q * np.log(P)
        + P * np.log(Q)
        """
    ),
)


# --- ensembles/snapshot-steps ---------------------------------------------------------------------------------------


def _cycle_by_cycle(rate, steps, cycles):
    one = cosine(rate, steps=steps // cycles)(np.arange(steps // cycles))
    return np.tile(one, cycles), np.flatnonzero(np.diff([*np.tile(one, cycles), np.inf]) > 0)


snapshot_steps = Answers(
    reference=_cycle_by_cycle,
    mistakes=patches(
        """
        the first steps of the next cycles: a copy belongs to the end of a cycle, where the rate is low, not to the step
          after it
        - np.arange(1, cycles + 1) * period - 1
        + np.arange(1, cycles + 1) * period
        the first steps of the cycles: a cycle ends with its step period - 1; its first step has the highest rate
        - np.arange(1, cycles + 1) * period - 1
        + np.arange(cycles) * period
        one long cosine: in each cycle the rate starts anew: use t % period
        - (t % period) / period
        + t / steps
        a whole cosine wave: half a cosine takes the rate from full to 0: the angle goes from 0 to pi, not to 2 pi
        - np.pi *
        + 2 * np.pi *
        no half: 1 + cos goes from 2 to 0, so the factor is rate / 2
        - rate / 2 *
        + rate *
        cycles for the period: a cycle has steps // cycles steps
        - period = steps // cycles
        + period = cycles
        the rate rises: the cosine of 0 is 1, and the rate must be highest at the start of a cycle
        - (1 + np.cos
        + (1 - np.cos
        """
    ),
)
