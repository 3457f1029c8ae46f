"""Answers to the exercises on losses."""

from __future__ import annotations

import numpy as np
from scipy import special, stats

from coursepkg.exercises.answers import Answers, patches
from coursepkg.scratch.losses import CategoricalCrossentropy, Pinball

# --- losses/pinball -------------------------------------------------------------------------------------------------


def _by_package(y_true, y_pred, level):
    loss = Pinball(level)
    return loss(y_true, y_pred), loss.gradient(y_true, y_pred)


pinball = Answers(
    reference=_by_package,
    mistakes=patches(
        """
        the sides exchanged: too low, a negative error, costs `level` per unit; too high costs `1 - level`
        - (1 - level) * e, -level * e
        + level * e, -(1 - level) * e
        - e > 0, 1 - level, -level
        + e > 0, level, -(1 - level)
        the gradient of the sum: the loss is a mean over n rows, so its gradient has the factor 1/n
        -  / len(e)
        +
        a sum: return the mean over the rows, and its gradient
        - np.mean(
        + np.sum(
        -  / len(e)
        +
        the gradient by the target: a higher prediction makes an error that is too high dearer: its slope is 1 - level
        - 1 - level, -level)
        + level - 1, level)
        the level ignored: half of the absolute error is right for the level 0.5 only
        - np.maximum((1 - level) * e, -level * e)
        + np.abs(e) / 2
        the smaller side: costs are never negative: take the maximum of the two sides
        - np.maximum
        + np.minimum
        one slope: the gradient is not the same on both sides of the target
        - np.where(e > 0, 1 - level, -level)
        + np.where(e > 0, 1 - level, 1 - level)
        """
    ),
)


# --- losses/repair-smoothing ----------------------------------------------------------------------------------------


def _with_targets(labels, Z, epsilon):
    K = Z.shape[1]
    return CategoricalCrossentropy(from_logits=True)((1 - epsilon) * np.eye(K)[labels] + epsilon / K, Z)


repair_smoothing = Answers(
    reference=_with_targets,
    mistakes=patches(
        """
        the other version: Keras shares epsilon among all K classes, the true one too: epsilon / K for each
        - epsilon / K
        + epsilon / (K - 1) * (1 - Y)
        the mean over all numbers: add up the classes of a row, and average over the rows only
        - np.mean(np.sum(targets * log_P, axis=1))
        + np.mean(targets * log_P)
        a small number added: adding a small number hides the overflow, and is wrong for large logits: subtract the
          largest logit of the row, and never form the probability
        - Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
        + np.log(np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True) + 1e-12)
        the true class keeps all: the true class has to give epsilon away before it gets its share: (1 - epsilon) * Y
        - (1 - epsilon) * Y
        + Y
        a sum over the rows: return the mean over the rows
        - np.mean(np.sum
        + np.sum(np.sum
        the sign: a loss of probabilities below 1 is positive: mind the minus
        - return -np
        + return np
        columns normalized: a softmax goes over the classes of a row, axis 1
        - np.log(np.exp(Z).sum(axis=1, keepdims=True))
        + np.log(np.exp(Z).sum(axis=0))
        """
    ),
)


# --- losses/poisson -------------------------------------------------------------------------------------------------


def _by_scipy(y, z):
    rates = np.exp(z)
    value = -(stats.poisson.logpmf(y, rates) + special.gammaln(y + 1)).mean()
    return value, rates * (1 - y / rates) / len(y)


poisson = Answers(
    reference=_by_scipy,
    mistakes=patches(
        """
        the gradient by the rate: 1 - y/rate is the slope by the rate; by z, the chain rule multiplies with the rate
        - (rates - y) / len(y)
        + (1 - y / rates) / len(y)
        the gradient of the sum: the loss is a mean over n rows, so its gradient has the factor 1/n
        - (rates - y) / len(y)
        + rates - y
        a sum: return the mean over the rows, and its gradient
        - np.mean(rates - y * z), (rates - y) / len(y)
        + np.sum(rates - y * z), rates - y
        the sign of the gradient: it is prediction minus target: a rate that is too high must be pulled down
        - (rates - y) / len(y)
        + (y - rates) / len(y)
        the rate in place of its logarithm: y is multiplied with the logarithm of the rate, which is z
        - y * z
        + y * rates
        a likelihood in place of a loss: the loss is minus the log-likelihood
        - np.mean(rates - y * z)
        + np.mean(y * z - rates)
        the squared error: that is the loss of Gaussian noise; take minus the logarithm of the Poisson probability
        - np.mean(rates - y * z)
        + np.mean((rates - y) ** 2)
        """
    ),
)
