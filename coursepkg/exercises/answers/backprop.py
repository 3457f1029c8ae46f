"""Answers to the exercises on backpropagation."""

from __future__ import annotations

import functools

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, Mistake, patch, patches
from coursepkg.exercises.compare import difference
from coursepkg.scratch.activations import sigmoid, sigmoid_derivative
from coursepkg.scratch.gradcheck import numerical_gradient

# Mistakes of both exercises: by hand as keywords of `_gradients`, in code as a patch.
WRONG = (
    (
        "y − ŷ in place of ŷ − y",
        {"factor": -1},
        ("(Z2 @ W2 + b2 - Y)", "(Y - Z2 @ W2 - b2)"),
        "all signs are turned around: the derivative of ½(ŷ − y)² with respect to ŷ is ŷ − y",
    ),
    (
        "twice the error",
        {"factor": 2},
        ("(Z2 @ W2 + b2 - Y)", "2 * (Z2 @ W2 + b2 - Y)"),
        "everything is twice too large: the ½ of the loss cancels the 2 of the square, so start with ŷ − y",
    ),
    (
        "σ' forgotten",
        {"slope": np.ones_like},
        (" * sigmoid_derivative(A1)", ""),
        "the way back through the hidden units lacks the factor σ'(A1) = σ(A1)(1 − σ(A1))",
    ),
    (
        "σ' taken at the output of the unit",
        {"slope": lambda a: sigmoid_derivative(sigmoid(a))},
        ("sigmoid_derivative(A1)", "sigmoid_derivative(Z2)"),
        "σ' is taken at the wrong place: at the pre-activation a it is σ(a)(1 − σ(a)); with h = σ(a) in hand, h(1 − h)",
    ),
    (
        "W2 forgotten on the way back",
        {"back": 1},
        ("delta2 @ W2.T", "delta2"),
        "the error reaches the hidden units through the output weights: G2 = δ2 W2ᵀ",
    ),
)

# --- backprop/by-hand -----------------------------------------------------------------------------------------------

W1 = np.array([[0.5, -0.5], [0.3, 0.8]])
W2 = np.array([[1.0], [-1.0]])


def _gradients(x=(1.0, 0.0), y=1.0, *, factor=1, slope=sigmoid_derivative, back=W2.T):
    """Return what the exercise asks for; the keywords make mistakes."""
    x = np.array([x])
    h = sigmoid(x @ W1)
    delta2 = factor * (h @ W2 - y)
    return {"W1": x.T @ (delta2 * back * slope(x @ W1)), "W2": h.T @ delta2}


CHAPTER = _gradients((2.0, 1.0), 0.0)  # of the chapter's instance, for the same network


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
    for _, wrong, _, hint in WRONG:
        if _near(got, _gradients(**wrong)[name]):
            return f"hint: {hint}"
    if name == "W1" and _near(np.transpose(got), right):
        return "hint: it is transposed: row k belongs to input k, column j to hidden unit j"
    if _near(got, CHAPTER[name]):
        return "hint: these are the numbers of the chapter's instance x = (2, 1), y = 0; here x = (1, 0), y = 1"
    weights = {"W1": W1, "W2": W2}[name]
    if any(_near(weights - got, rate * right) for rate in (0.1, 1.0)):
        return "hint: these are the weights after a step; asked for is the gradient itself"
    return "hint: compute a1, h, ŷ, δ2 = ŷ − y first and compare each with the same line of the chapter's example"


def _near(got, wanted):
    # An answer may be rounded to three decimals.
    return np.allclose(np.asarray(got, dtype=float), wanted, rtol=0, atol=6e-4)


def _rounded(W1, W2):
    return {"W1": W1.round(4).tolist(), "W2": W2.round(4).tolist()}


by_hand = Answers(
    judge={"shape": _judge_shape, "values": _judge_values},
    mistakes=(
        *(Mistake(name, _rounded(**_gradients(**wrong)), hint) for name, wrong, _, hint in WRONG),
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
        Mistake("the chapter's instance", _rounded(**CHAPTER), "these are the numbers of the chapter's instance"),
        Mistake(
            "the weights after a step",
            _rounded(W1 - _gradients()["W1"], W2 - _gradients()["W2"]),
            "these are the weights after a step",
        ),
    ),
)

# --- backprop/in-code -----------------------------------------------------------------------------------------------


def _judge_numerically(got, *, arguments):
    X, Y, *parameters = arguments
    for position, name in enumerate(("W1", "b1", "W2", "b2")):

        def loss_at(value, position=position):
            W1, b1, W2, b2 = (*parameters[:position], value, *parameters[position + 1 :])
            return np.mean((sigmoid(X @ W1 + b1) @ W2 + b2 - Y) ** 2) / 2

        if not isinstance(got, dict) or name not in got:
            return f"the result must be a dictionary with the key {name!r}; got {shorten(got)}"
        if problem := difference(got[name], numerical_gradient(loss_at, parameters[position]), name=repr(name)):
            return problem
    return None


in_code = Answers(
    compare=functools.partial(difference, name="the gradients"),
    judge=_judge_numerically,
    mistakes=patches(
        """
        y − ŷ in place of ŷ − y: all signs are turned around: the derivative of ½(ŷ − y)² with respect to ŷ is ŷ − y
        - (Z2 @ W2 + b2 - Y)
        + (Y - Z2 @ W2 - b2)
        twice the error: everything is twice too large: the ½ of the loss cancels the 2 of the square, so start with ŷ
          − y
        - (Z2 @ W2 + b2 - Y)
        + 2 * (Z2 @ W2 + b2 - Y)
        σ' forgotten: the way back through the hidden units lacks the factor σ'(A1) = σ(A1)(1 − σ(A1))
        -  * sigmoid_derivative(A1)
        σ' taken at the output of the unit: σ' is taken at the wrong place: at the pre-activation a it is σ(a)(1 −
          σ(a)); with h = σ(a) in hand, h(1 − h)
        - sigmoid_derivative(A1)
        + sigmoid_derivative(Z2)
        W2 forgotten on the way back: the error reaches the hidden units through the output weights: G2 = δ2 W2ᵀ
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
        """
    ),
)
