"""Answers to the exercises on backpropagation."""

from __future__ import annotations

import functools

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, Mistake, patch, patches
from coursepkg.exercises.compare import difference
from coursepkg.scratch.activations import sigmoid, sigmoid_derivative
from coursepkg.scratch.gradcheck import numerical_gradient

# --- backprop/by-hand -----------------------------------------------------------------------------------------------

W1 = np.array([[0.5, -0.5], [0.3, 0.8]])
W2 = np.array([[1.0], [-1.0]])


def _gradients(x=(1.0, 0.0), y=1.0, *, factor=1, slope=sigmoid_derivative, back=W2.T, output=np.positive):
    """Return what the exercise asks for; the keywords make mistakes."""
    x = np.array([x])
    h = sigmoid(x @ W1)
    delta2 = factor * (output(h @ W2) - y)
    return {"W1": x.T @ (delta2 * back * slope(x @ W1)), "W2": h.T @ delta2}


CHAPTER = _gradients((2.0, 1.0), 0.0, output=sigmoid)  # of the chapter's example, for the same weights
WRONG = (
    (
        "y − ŷ in place of ŷ − y",
        {"factor": -1},
        "all signs are turned around: the derivative of ½(ŷ − y)² with respect to ŷ is ŷ − y",
    ),
    (
        "twice the error",
        {"factor": 2},
        "everything is twice too large: the ½ of the loss cancels the 2 of the square, so start with ŷ − y",
    ),
    (
        "σ' forgotten",
        {"slope": np.ones_like},
        "the way back through the hidden units lacks the factor σ'(z) = σ(z)(1 − σ(z))",
    ),
    (
        "σ' taken at the output of the unit",
        {"slope": lambda z: sigmoid_derivative(sigmoid(z))},
        "σ' is taken at the wrong place: at the pre-activation z it is σ(z)(1 − σ(z)); with h = σ(z) in hand, h(1 − h)",
    ),
    (
        "W2 forgotten on the way back",
        {"back": 1},
        "the error reaches the hidden units through the output weights: multiply δ2 by the weight of each",
    ),
    (
        "a sigmoid at the output, as in the chapter",
        {"output": sigmoid},
        "here the output is linear: ŷ is the sum itself, without a sigmoid",
    ),
)


def _judge_shape(got, *, name):
    try:
        shape = np.asarray(got, dtype=float).shape
    except (TypeError, ValueError):
        return f"the gradient of {name} must hold numbers; got {shorten(got)}"
    wanted = _gradients()[name].shape
    if shape != wanted:
        return f"expected shape {wanted}, that of {name} itself; got shape {shape}"
    return None


def _judge_values(got, *, name):
    if problem := _judge_shape(got, name=name):
        return problem
    right = _gradients()[name]
    if _near(got, right):
        return None
    for _, wrong, hint in WRONG:
        if _near(got, _gradients(**wrong)[name]):
            return f"hint: {hint}"
    if _near(got, right, digits=2):
        return "hint: as far as it goes this is right; give at least three decimals"
    if name == "W1" and _near(np.transpose(got), right):
        return "hint: it is transposed: row k belongs to input k, column j to hidden unit j"
    if _near(got, CHAPTER[name]):
        return "hint: these are the numbers of the chapter's example x = (2, 1), y = 0; here x = (1, 0), y = 1"
    weights = {"W1": W1, "W2": W2}[name]
    if any(_near(weights - got, rate * right) for rate in (0.1, 1.0)):
        return "hint: these are the weights after a step; asked for is the gradient itself"
    return "hint: compute z1, h, ŷ, δ2 = ŷ − y first and compare each with the same line of the chapter's example"


def _near(got, wanted, *, digits=3):
    # An answer may be rounded to this many decimals.
    return np.allclose(np.asarray(got, dtype=float), wanted, rtol=0, atol=6 * 10 ** -(digits + 1.0))


def _rounded(W1, W2, digits=4):
    return {"W1": W1.round(digits).tolist(), "W2": W2.round(digits).tolist()}


by_hand = Answers(
    judge={"shape": _judge_shape, "values": _judge_values},
    mistakes=(
        *(Mistake(name, _rounded(**_gradients(**wrong)), hint) for name, wrong, hint in WRONG),
        patch(
            "the gradient of W1 transposed",
            "[[-0.1774, 0.1774], [0.0, 0.0]]",
            "[[-0.1774, 0.0], [0.1774, 0.0]]",
            "it is transposed",
        ),
        patch(
            "a row in place of a column",
            "[[-0.4700], [-0.2851]]",
            "[-0.4700, -0.2851]",
            "expected shape (2, 1), that of W2 itself",
        ),
        Mistake("two decimals", _rounded(**_gradients(), digits=2), "give at least three decimals"),
        Mistake("the chapter's example", _rounded(**CHAPTER), "these are the numbers of the chapter's example"),
        Mistake(
            "the weights after a step",
            _rounded(W1 - _gradients()["W1"], W2 - _gradients()["W2"]),
            "these are the weights after a step",
        ),
    ),
)

# --- backprop/in-code -----------------------------------------------------------------------------------------------


def _measured_gradients(X, Y, *parameters):
    """Return the gradients as central differences of the loss."""
    found = {}
    for position, name in enumerate(("W1", "b1", "W2", "b2")):

        def loss_at(value, position=position):
            W1, b1, W2, b2 = (*parameters[:position], value, *parameters[position + 1 :])
            return np.mean((sigmoid(X @ W1 + b1) @ W2 + b2 - Y) ** 2) / 2

        found[name] = numerical_gradient(loss_at, parameters[position])
    return found


in_code = Answers(
    reference=_measured_gradients,
    compare=functools.partial(difference, atol=1e-7, name="the gradients"),
    mistakes=patches(
        """
        y − ŷ in place of ŷ − y: all signs are turned around: the derivative of ½(ŷ − y)² with respect to ŷ is ŷ − y
        - (H1 @ W2 + b2 - Y)
        + (Y - H1 @ W2 - b2)
        twice the error: everything is twice too large: the ½ of the loss cancels the 2 of the square, so start with ŷ
          − y
        - (H1 @ W2 + b2 - Y)
        + 2 * (H1 @ W2 + b2 - Y)
        σ' forgotten: the way back through the hidden units lacks the factor σ'(Z1) = σ(Z1)(1 − σ(Z1))
        -  * sigmoid_derivative(Z1)
        σ' taken at the output of the unit: σ' is taken at the wrong place: at the pre-activation z it is σ(z)(1 −
          σ(z)); with h = σ(z) in hand, h(1 − h)
        - sigmoid_derivative(Z1)
        + sigmoid_derivative(H1)
        W2 forgotten on the way back: the error reaches the hidden units through the output weights: G1 = δ2 W2ᵀ
        - delta2 @ W2.T
        + delta2
        not divided by the number of instances: the loss is the mean over the batch, so divide by the number of
          instances, once: in δ2
        -  / len(X)
        the mean of δ for the biases: δ2 holds the factor 1/n already: the gradient of a bias is the *sum* of δ over
          the batch, not its mean
        - .sum(
        + .mean(
        targets without their second axis: ŷ − y was broadcast to a square matrix: Y has shape (n, 1); do not flatten
          it
        - - Y)
        + - Y.ravel())
        the transpose of W2 forgotten: the error signals must come out with a column for each hidden unit: δ2 W2ᵀ
        - delta2 @ W2.T
        + delta2 @ W2
        entry by entry instead of a product of matrices: * works entry by entry; the sum over the next units is a
          product of matrices, δ2 W2ᵀ, in Python delta2 @ W2.T
        - delta2 @ W2.T
        + delta2 * W2
        all factors without transposes: * works entry by entry; the sums of the rule are products of matrices: Xᵀ δ1,
          with δ1 = (δ2 W2ᵀ) ∘ σ'(Z1)
        - X.T @ delta1
        + delta2 * W2 * sigmoid_derivative(Z1) * X
        the transpose of X forgotten: the gradient of W1 sums over the instances: Xᵀ δ1, so transpose X
        - X.T @ delta1
        + X @ delta1
        the transpose of H forgotten: the gradient of W2 sums over the instances: Hᵀ δ2, so transpose H
        - H1.T @ delta2
        + H1 @ delta2
        the product the other way around: δ1ᵀ X has the shape of the transposed W1: the inputs belong to the rows, Xᵀ δ1
        - X.T @ delta1
        + delta1.T @ X
        """
    ),
)

# --- backprop/repair-step -------------------------------------------------------------------------------------------


def _loss(X, Y, W1, b1, W2, b2):
    z = sigmoid(X @ W1 + b1) @ W2 + b2
    return np.mean(np.logaddexp(0, z) - Y * z)


def _measured_step(X, Y, *rest):
    """Make the same step with central differences in place of a way back."""
    *parameters, rate = rest
    moved = []
    for position, value in enumerate(parameters):

        def loss_at(changed, position=position):
            return _loss(X, Y, *parameters[:position], changed, *parameters[position + 1 :])

        moved.append(value - rate * numerical_gradient(loss_at, value))
    return tuple(moved)


_TWICE = "for a sigmoid with cross-entropy Y_hat - Y is the error signal at the pre-activation; σ' has canceled there"
_EARLY = "the way back needs the W2 of the way forward; here delta1 is computed with the W2 that was changed already"
_SLOPE = "σ'(z) is h (1 − h) with the *output* h of the unit: H1, not Z1"

repair_step = Answers(
    reference=_measured_step,
    compare=functools.partial(difference, atol=1e-7, name="the parameters"),
    mistakes=patches(
        f"""
        the slope of the output is left: {_TWICE}
        - (Y_hat - Y) / len(X)
        + (Y_hat - Y) * Y_hat * (1 - Y_hat) / len(X)
        W2 is still changed too early: {_EARLY}
        -     delta1 = delta2 @ W2.T * H1 * (1 - H1)
        -     W2 = W2 - rate * H1.T @ delta2
        +     W2 = W2 - rate * H1.T @ delta2
        +     delta1 = delta2 @ W2.T * H1 * (1 - H1)
        the slope of the hidden units is left: {_SLOPE}
        - H1 * (1 - H1)
        + Z1 * (1 - Z1)
        only the output is mended: two faults are left; first, {_SLOPE}
        -     delta1 = delta2 @ W2.T * H1 * (1 - H1)
        -     W2 = W2 - rate * H1.T @ delta2
        +     W2 = W2 - rate * H1.T @ delta2
        +     delta1 = delta2 @ W2.T * Z1 * (1 - Z1)
        only the order is mended: two faults are left; first, {_TWICE}
        - (Y_hat - Y) / len(X)
        + (Y_hat - Y) * Y_hat * (1 - Y_hat) / len(X)
        - H1 * (1 - H1)
        + Z1 * (1 - Z1)
        only the hidden slope is mended: two faults are left; first, {_TWICE}
        - (Y_hat - Y) / len(X)
        + (Y_hat - Y) * Y_hat * (1 - Y_hat) / len(X)
        -     delta1 = delta2 @ W2.T * H1 * (1 - H1)
        -     W2 = W2 - rate * H1.T @ delta2
        +     W2 = W2 - rate * H1.T @ delta2
        +     delta1 = delta2 @ W2.T * H1 * (1 - H1)
        the order of the results: return the four arrays in the order W1, b1, W2, b2
        - return W1, b1, W2, b2
        + return W1, W2, b1, b2
        """
    ),
)
