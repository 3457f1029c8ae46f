"""Answers to the exercises on logistic regression."""

from __future__ import annotations

import math

import numpy as np

from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference

# --- logistic-regression/stable-loss ----------------------------------------------------------------------------------


def _exact_loss(z, y):
    """Compute each instance's loss by itself, from the side where the exponential is small."""
    signed = [float(value) if target == 1 else -float(value) for value, target in zip(z, y, strict=True)]
    return math.fsum(math.log1p(math.exp(-abs(s))) + max(-s, 0.0) for s in signed) / len(signed)


def _compare_losses(got, expected):
    """As usual, but NaN equals NaN, so that a mistake that gives it can be named."""
    if np.ndim(got) == np.ndim(expected) == 0 and isinstance(got, float) and got != got and expected != expected:
        return None
    return difference(got, expected)


_LATE = "for |z| above 37 the probability is rounded to 0 or 1; do not compute it at all, write the loss in terms of z"
_OVERFLOW = "e^|z| is infinite for |z| above 709; let np.logaddexp take the logarithm of the sum without computing it"

stable_loss = Answers(
    reference=_exact_loss,
    compare=_compare_losses,
    mistakes=patches(
        f"""
        the formula with the probability: {_LATE}
        -     return np.mean(np.logaddexp(0, z) - y * z)
        +     with np.errstate(all="ignore"):
        +         p = 1 / (1 + np.exp(-z))
        +         return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        the logarithm of the probability of the right class: {_OVERFLOW}
        -     return np.mean(np.logaddexp(0, z) - y * z)
        +     with np.errstate(all="ignore"):
        +         return -np.mean(np.log(1 / (1 + np.exp(-np.where(y == 1, z, -z)))))
        the formula in z with an exponential: {_OVERFLOW}
        -     return np.mean(np.logaddexp(0, z) - y * z)
        +     with np.errstate(all="ignore"):
        +         return np.mean(np.log(1 + np.exp(z)) - y * z)
        clipped probabilities: clipping puts a ceiling on the loss; an instance that is wrong by 1000 costs 1000
        -     return np.mean(np.logaddexp(0, z) - y * z)
        +     with np.errstate(all="ignore"):
        +         p = np.clip(1 / (1 + np.exp(-z)), 1e-12, 1 - 1e-12)
        +         return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        the sum: divide by the number of instances; the loss is a mean
        - np.mean
        + np.sum
        no mean: return one number, the mean over the instances
        - np.mean
        +
        the sign: this is the logarithm of the likelihood; the loss is minus that
        - np.mean
        + -np.mean
        class 0 costs nothing: instances with y = 0 cost something, too: ln(1 + e^z)
        - np.logaddexp(0, z) - y * z
        + y * np.logaddexp(0, -z)
        the classes are exchanged: y = 1 must be cheap for a large z; you exchanged the classes
        - np.logaddexp(0, z)
        + np.logaddexp(0, -z)
        - - y * z
        + + y * z
        bits: use the natural logarithm, not the one to the base 2
        - np.mean(np.logaddexp(0, z) - y * z)
        + np.mean(np.logaddexp(0, z) - y * z) / np.log(2)
        """
    ),
)

# --- logistic-regression/repair-softmax -------------------------------------------------------------------------------


def _trained(X, Y, rate, steps):
    """Follow the same descent instance by instance and class by class, without matrix products."""
    (n, d), n_classes = X.shape, Y.shape[1]
    W, b = np.zeros((d, n_classes)), np.zeros(n_classes)
    for _ in range(steps):
        grad_W, grad_b = np.zeros_like(W), np.zeros_like(b)
        for x, target in zip(X, Y, strict=True):
            z = [math.fsum(x[j] * W[j, k] for j in range(d)) + b[k] for k in range(n_classes)]
            total = math.fsum(math.exp(value) for value in z)
            for k in range(n_classes):
                gap = math.exp(z[k]) / total - target[k]
                grad_W[:, k] += gap * x / n
                grad_b[k] += gap / n
        W, b = W - rate * grad_W, b - rate * grad_b
    return W, b


_AXIS = "the probabilities of one instance, a row, must sum to 1; axis=0 sums over the instances"
_SIGN = "the model walks uphill: the error in the gradient is what was said minus what was right, Y_hat - Y"
_BIAS = "the mean of all errors is one number for all classes, and it is 0; each class needs the mean of its own column"

repair_softmax = Answers(
    reference=_trained,
    mistakes=patches(
        f"""
        the axis is left: {_AXIS}
        - axis=1
        + axis=0
        the sign is left: {_SIGN}
        - Y_hat - Y
        + Y - Y_hat
        the biases are left: {_BIAS}
        - .mean(axis=0)
        + .mean()
        only the axis is mended: two faults are left; {_SIGN}
        - Y_hat - Y
        + Y - Y_hat
        - .mean(axis=0)
        + .mean()
        only the sign is mended: two faults are left; {_AXIS}
        - axis=1
        + axis=0
        - .mean(axis=0)
        + .mean()
        only the biases are mended: two faults are left; first, {_AXIS}
        - axis=1
        + axis=0
        - Y_hat - Y
        + Y - Y_hat
        the sum of the errors for the biases: the loss is a mean over the instances, so the gradient of a bias is the
          mean of its column, not the sum
        - .mean(axis=0)
        + .sum(axis=0)
        the mean over the classes: error.mean(axis=1) has one number an instance; a bias belongs to a class, a column
        - .mean(axis=0)
        + .mean(axis=1)
        """
    ),
)

# --- logistic-regression/odds-factor ----------------------------------------------------------------------------------


def _by_newton(X, y, j, change):
    """Fit by Newton's method, on centered columns divided by their largest number."""
    X = np.asarray(X, dtype=float)
    shifted = X - X.mean(axis=0)
    sizes = np.abs(shifted).max(axis=0)
    A, theta = np.column_stack([shifted / sizes, np.ones(len(X))]), np.zeros(X.shape[1] + 1)
    for _ in range(50):
        p = 1 / (1 + np.exp(-A @ theta))
        theta = theta - np.linalg.solve((A.T * (p * (1 - p))) @ A, A.T @ (p - y))
    return math.exp(theta[j] / sizes[j] * change)


def _compare_factors(got, expected):
    return difference(got, expected, rtol=0.01)


odds_factor = Answers(
    reference=_by_newton,
    compare=_compare_factors,
    mistakes=patches(
        """
        the penalty stays on: LogisticRegression() has a penalty, C=1; switch it off
        - C=np.inf, tol=1e-8
        + tol=1e-8
        standardized units: the weight belongs to the standardized feature; divide it by the feature's standard
          deviation
        -  / fitted[0].scale_[j]
        +
        multiplied by the deviation: the weight belongs to the standardized feature; a unit of X is 1 / scale_ standard
          deviations, so divide
        -  / fitted[0].scale_[j]
        +  * fitted[0].scale_[j] / 100
        the change is left out: this is the factor for a growth by 1; the feature grows by change
        - slope * change
        + slope
        the factor multiplied: log-odds are added, odds multiplied: two units more give the square of the factor, so
          multiply inside np.exp
        - np.exp(slope * change)
        + np.exp(slope) * change
        the log-odds: this is what is added to the log-odds; np.exp makes a factor of the odds of it
        - np.exp(slope * change)
        + slope * change
        the other class: this is the factor for the odds of class 0; turn the sign around
        - np.exp(slope * change)
        + np.exp(-slope * change)
        a probability: the sigmoid gives a probability; the factor of the odds needs np.exp alone
        - np.exp(slope * change)
        + 1 / (1 + np.exp(-slope * change))
        the bias is added: the bias is in the odds before and after; the factor does not contain it
        - np.exp(slope * change)
        + np.exp(slope * change + fitted[-1].intercept_[0])
        the first feature: use the weight of feature j, not of feature 0
        - coef_[0, j]
        + coef_[0, 0]
        - scale_[j]
        + scale_[0]
        """
    ),
)
