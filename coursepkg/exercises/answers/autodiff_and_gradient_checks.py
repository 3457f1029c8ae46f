"""Answers to the exercises on automatic differentiation and gradient checks."""

from __future__ import annotations

import functools

import numpy as np

from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference
from coursepkg.scratch.gradcheck import numerical_gradient

# --- autodiff-and-gradient-checks/walk-back -------------------------------------------------------------------------


def _by_solving(tape):
    """Solve the linear equations of all derivatives at once: g = e + P g, where P holds the partial derivatives."""
    n = len(tape)
    partials, last = np.zeros((n, n)), np.zeros(n)
    last[-1] = 1.0
    for child, edges in enumerate(tape):
        for parent, partial in edges:
            partials[parent, child] += partial
    return np.linalg.solve(np.eye(n) - partials, last).tolist()


walk_back = Answers(
    reference=_by_solving,
    compare=functools.partial(difference, name="the derivatives"),
    mistakes=patches(
        """
        the last contribution wins: a number that is used twice acts on the result in two ways: add (+=), do not assign
        - gradients[parent] += gradients[i] * partial
        + gradients[parent] = gradients[i] * partial
        from the first to the last: walk from the last number to the first; else a node passes on a derivative that it
          has not got yet
        - reversed(range(len(tape)))
        + range(len(tape))
        no 1 to begin with: the derivative of the last number with respect to itself is 1; without it all others are 0
        -     gradients[-1] = 1.0
        -
        +
        the partial derivatives alone: multiply each partial derivative by the derivative of the node: the chain rule
        - gradients[i] * partial
        + partial
        added instead of multiplied: along a way the derivatives are multiplied; only different ways are added
        - gradients[i] * partial
        + gradients[i] + partial
        ones everywhere: begin with zeros; only the last number has the derivative 1 from the start
        - [0.0] * len(tape)
        + [1.0] * len(tape)
        the result is turned around: entry i of the result belongs to entry i of the tape; do not turn the list around
        - return gradients
        + return gradients[::-1]
        """
    ),
)

# --- autodiff-and-gradient-checks/repair-measure --------------------------------------------------------------------

_STEP = "with so small a step the difference is mostly rounding; near 1e-5 central differences are best"
_APART = "the two places are 2 eps apart, so divide by 2 * eps"
_SPOILED = "theta keeps the changes of the earlier k, so f is called at another place; work on a copy"

repair_measure = Answers(
    reference=numerical_gradient,
    compare=functools.partial(difference, rtol=1e-5, atol=1e-7, name="the gradient"),
    mistakes=patches(
        f"""
        the step is left: {_STEP}
        - eps = 1e-5
        + eps = 1e-13
        the divisor is left: {_APART}
        - (2 * eps)
        + eps
        theta is changed: {_SPOILED}
        - (f(above) - f(below))
        + (f(above) - f(below))
        -         above, below = theta.copy(), theta.copy()
        +         above = below = theta
        a step of zero width: after += and -= theta is back at its place, so f is called at theta itself; go down by
          2 * eps, or use two copies
        - below[k] -= eps
        + below[k] -= 0
        one-sided: both places must lie eps away from theta, one on each side; this is right to five digits only
        -         below[k] -= eps
        -         gradient[k] = (f(above) - f(below)) / (2 * eps)
        +         gradient[k] = (f(above) - f(theta)) / eps
        a step that is too large: with so large a step the formula leaves out too much; near 1e-5 it is best
        - eps = 1e-5
        + eps = 0.1
        """
    ),
)

# --- autodiff-and-gradient-checks/poisson ---------------------------------------------------------------------------


def _measured(Z, Y):
    return numerical_gradient(lambda Z: float(np.mean(np.exp(Z) - Y * Z)), Z)


poisson = Answers(
    reference=_measured,
    compare=functools.partial(difference, rtol=1e-5, atol=1e-7, name="the gradient"),
    mistakes=patches(
        """
        at the output: this is the derivative with respect to ŷ; the pre-activation also
          needs the factor dŷ/dz = ŷ
        - (np.exp(Z) - Y)
        + (1 - Y / np.exp(Z))
        the output taken for z: Z holds the pre-activations; the outputs are e^Z
        - np.exp(Z) - Y
        + Z - Y
        the sign: the sign is turned around: it is what was said minus what was right
        - np.exp(Z) - Y
        + Y - np.exp(Z)
        no mean: the loss is the mean over the batch: divide by the number of instances
        -  / len(Z)
        +
        the slope of the exponential once more: dŷ/dz has canceled already; do not multiply by it again
        - (np.exp(Z) - Y)
        + (np.exp(Z) - Y) * np.exp(Z)
        the sum over the batch: each instance has an error signal of its own, so the result has the shape of Z: no sum
        - (np.exp(Z) - Y) / len(Z)
        + (np.exp(Z) - Y).mean()
        """
    ),
)
