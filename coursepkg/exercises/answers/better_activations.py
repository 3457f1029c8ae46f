"""Answers to the exercises on better activations."""

from __future__ import annotations

import functools

import numpy as np
from scipy.special import erf, expit

from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference
from coursepkg.scratch.activations import selu

# --- better-activations/try-three -----------------------------------------------------------------------------------

FUNCTIONS = {
    "gelu": lambda a, slope: a * (1 + erf(a / np.sqrt(2))) / 2,
    "swish": lambda a, slope: a * expit(a),
    "prelu": lambda a, slope: np.where(a > 0, a, slope * a),
}
# What a wrong model may compute between the two layers, and what to say to that.
WRONG = (
    (lambda a, slope: a, "the hidden units have no activation"),
    (lambda a, slope: np.maximum(a, 0), "the hidden units compute ReLU"),
    (
        lambda a, slope: a * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3))) / 2,
        "this is the tanh approximation of GELU; without `approximate=True` Keras computes the exact one",
    ),
    (lambda a, slope: expit(a), "this is the sigmoid; Swish multiplies it with the pre-activation"),
    (FUNCTIONS["gelu"], "this is GELU"),
    (FUNCTIONS["swish"], "this is Swish"),
)


def _judge_outputs(got, *, name, X, weights):
    shapes, outputs = got
    if outputs is None:
        wanted = [weight.shape for weight in weights]
        return f"expected weights of the shapes {wanted}; got {shapes}\nhint: {_hint_about(name, shapes, wanted)}"
    W1, b1, *slope, W2, b2 = weights
    A, slope = X @ W1 + b1, slope[0] if slope else 0.0

    def network(function):
        return function(A, slope) @ W2 + b2

    right = network(FUNCTIONS[name])
    if _near(outputs, right):
        return None
    apart = f"the outputs differ by up to {np.abs(outputs - right).max():.3g}"
    for function, hint in WRONG:
        if _near(outputs, network(function)):
            return f"{apart}\nhint: {hint}"
    if any(_near(outputs, FUNCTIONS[known](right, 0.0)) for known in ("gelu", "swish")):
        return f"{apart}\nhint: the output has an activation too; the last layer must be linear"
    return f"{apart}\nhint: Dense, then {name}, then Dense without an activation"


def _hint_about(name, shapes, wanted):
    if name == "prelu" and shapes == wanted[:2] + wanted[3:]:
        return "there is no slope to learn; PReLU is a layer, not the leaky ReLU with a fixed slope"
    if name == "prelu" and (1,) in shapes[2:3]:
        return "all units share one slope; here each has a slope of its own"
    return "8 inputs, one hidden layer of 10 units, one output"


def _near(outputs, wanted):
    return np.allclose(outputs, wanted, rtol=1e-4, atol=1e-4)


try_three = Answers(
    judge=_judge_outputs,
    mistakes=patches(
        """
        ReLU for all: the hidden units compute ReLU
        - activation=name
        + activation="relu"
        no activation: the hidden units have no activation
        - , activation=name
        the approximation of GELU: this is the tanh approximation of GELU
        - activation=name
        + activation=lambda a: keras.activations.gelu(a, approximate=True)
        the sigmoid for Swish: this is the sigmoid; Swish multiplies it
        - activation=name
        + activation="sigmoid" if name == "swish" else name
        a fixed slope: there is no slope to learn
        - PReLU()
        + LeakyReLU()
        a shared slope: all units share one slope
        - PReLU()
        + PReLU(shared_axes=[1])
        an activation on the output: the last layer must be linear
        - Dense(1)
        + Dense(1, activation=None if name == "prelu" else name)
        """
    ),
)

# --- better-activations/prelu-backward ------------------------------------------------------------------------------

prelu_backward = Answers(
    mistakes=patches(
        """
        the mean over the batch: add the instances up; where the loss is a mean, dH holds the 1/n already
        - .sum(axis=0)
        + .mean(axis=0)
        not summed: all instances of the batch share a unit's slope: sum over them, one number a unit remains
        - .sum(axis=0)
        summed over the units: sum over the instances, axis 0; each unit has a slope of its own
        - axis=0
        + axis=1
        the slope is not multiplied with Z: the output slope · z changes by z, not by 1, when the slope changes by 1
        - np.minimum(Z, 0)
        + (Z < 0)
        the wrong half: the slope matters where Z is negative; this is the sum over the positive half
        - np.minimum
        + np.maximum
        ReLU's gradient: this is the gradient of ReLU: where Z is negative, the slope is passed on, not 0
        - np.where(Z > 0, 1.0, slopes)
        + (Z > 0)
        without dH: chain rule: multiply the derivative by the gradient dH that comes back
        - dH * np.where
        + np.where
        halves exchanged: the two halves are exchanged: the derivative is 1 where Z is positive
        - 1.0, slopes
        + slopes, 1.0
        the other order: return the gradient by Z first, then that by the slopes
        - return delta, dslopes
        + return dslopes, delta
        """
    )
)

# --- better-activations/gain ----------------------------------------------------------------------------------------

gain = Answers(
    compare=functools.partial(difference, rtol=0.02),  # what the statement accepts
    mistakes=patches(
        """
        the mean square itself: this is the mean square that arrives; the scale must make up for it: divide by it
        - 1 / (weight @ function(z) ** 2)
        + weight @ function(z) ** 2
        the variance of the outputs: the mean of the outputs counts too: take the mean of the squares, without
          subtracting the mean
        - weight @ function(z) ** 2
        + weight @ (function(z) - weight @ function(z)) ** 2
        the square root: this is the factor of the standard deviation; the variance needs its square
        - 1 / (weight @ function(z) ** 2)
        + (1 / (weight @ function(z) ** 2)) ** 0.5
        uniform pre-activations: these pre-activations fill [−1, 1] evenly; take normal ones with mean 0 and variance
          1
        - -8, 8
        + -1, 1
        - np.exp(-(z**2) / 2)
        + np.ones_like(z)
        every point counts alike: the points must be weighted with the normal density, or drawn from it
        - np.exp(-(z**2) / 2)
        + np.ones_like(z)
        always He's: 2 is right for ReLU; other functions need other scales
        - 1 / (weight @ function(z) ** 2)
        + 2.0
        """
    ),
)

# --- better-activations/repair-selu ---------------------------------------------------------------------------------


def _selu_stack(X, draws):
    H = (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0).mean())
    for draw in draws:
        H = selu(H @ draw / draw.shape[0] ** 0.5)
    return H


repair_selu = Answers(
    reference=_selu_stack,
    mistakes=patches(
        """
        one mean for all columns: subtract from each column its own mean: axis=0
        - X.mean(axis=0)
        + X.mean()
        one divisor a column: divide by one number, the standard deviation of all entries
        - centered.std()
        + centered.std(axis=0)
        not divided: divide by the standard deviation, so that the inputs have variance 1
        -  / centered.std()
        the spread before the columns were centered: take the standard deviation after the means were subtracted
        - centered.std()
        + X.std()
        units for inputs: fan_in is the number of rows of the weights, len(draw)
        - len(draw)
        + draw.shape[1]
        He's factor: LeCun's variance is 1 / fan_in, not 2 / fan_in
        - np.sqrt(len(draw))
        + np.sqrt(len(draw) / 2)
        the variance as a factor: the factor of the weights is the root of the variance
        - np.sqrt(len(draw))
        + len(draw)
        the positive half is not scaled: λ multiplies both halves of SELU
        - scale * np.where(Z > 0, Z, alpha * np.expm1(np.minimum(Z, 0)))
        + np.where(Z > 0, Z, scale * alpha * np.expm1(np.minimum(Z, 0)))
        ELU: this is ELU; SELU multiplies it by λ
        - scale * np.where
        + np.where
        """
    ),
)
