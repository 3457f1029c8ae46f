"""Exercises of the chapter on backpropagation."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, difference, function_case, prose
from coursepkg.scratch.activations import sigmoid, sigmoid_derivative
from coursepkg.scratch.gradcheck import numerical_gradient

X, Y = np.array([[1.0, 0.0]]), np.array([[1.0]])  # the instance of the exercise
X_CHAPTER, Y_CHAPTER = np.array([[2.0, 1.0]]), np.array([[0.0]])  # that of the chapter, for the same network
W1 = np.array([[0.5, -0.5], [0.3, 0.8]])
W2 = np.array([[1.0], [-1.0]])
_ROUNDING = 6e-4  # an answer may be rounded to three decimals


# --- the reference, and the reference with one thing wrong ----------------------------------------------------------


def gradients(X, Y, W1, b1, W2, b2):
    """Return the gradients of the mean of ½(ŷ − y)² over the batch, for sigmoid hidden units and a linear output."""
    return _gradients(X, Y, W1, b1, W2, b2)


def _gradients(
    X, Y, W1, b1, W2, b2, *, sign=1.0, factor=1.0, average=True, slope=sigmoid_derivative, use_W2=True, mean_bias=False
):
    A1 = X @ W1 + b1
    Z2 = sigmoid(A1)
    delta2 = sign * factor * (Z2 @ W2 + b2 - Y) / (len(X) if average else 1)
    G2 = delta2 @ (W2 if use_W2 else np.ones_like(W2)).T
    delta1 = G2 * slope(A1)
    add = np.mean if mean_bias else np.sum
    return {"W1": X.T @ delta1, "b1": add(delta1, axis=0), "W2": Z2.T @ delta2, "b2": add(delta2, axis=0)}


def _variant(**wrong):
    def gradients(X, Y, W1, b1, W2, b2):
        return _gradients(X, Y, W1, b1, W2, b2, **wrong)

    return gradients


def _slope_of_the_output(A):
    return sigmoid_derivative(sigmoid(A))  # σ'(σ(a)): the derivative taken at the wrong place


def _no_slope(A):
    return np.ones_like(A)


WRONG = (
    (
        "y − ŷ in place of ŷ − y",
        {"sign": -1.0},
        "all signs are turned around: the derivative of ½(ŷ − y)² with respect to ŷ is ŷ − y",
    ),
    (
        "twice the error",
        {"factor": 2.0},
        "everything is twice too large: the ½ of the loss cancels the 2 of the square, so start with ŷ − y",
    ),
    (
        "σ' forgotten",
        {"slope": _no_slope},
        "the way back through the hidden units lacks the factor σ'(A1) = σ(A1)(1 − σ(A1))",
    ),
    (
        "σ' taken at the output of the unit",
        {"slope": _slope_of_the_output},
        "σ' is taken at the wrong place: at the pre-activation a it is σ(a)(1 − σ(a)); with h = σ(a) in hand, h(1 − h)",
    ),
    (
        "W2 forgotten on the way back",
        {"use_W2": False},
        "the error reaches the hidden units through the output weights: G2 = δ2 W2ᵀ",
    ),
)


# --- backprop/by-hand -----------------------------------------------------------------------------------------------


def _matrices(X, Y, **wrong):
    found = _gradients(X, Y, W1, np.zeros(2), W2, np.zeros(1), **wrong)
    return {"W1": found["W1"], "W2": found["W2"]}


BY_HAND_SOLUTION = {name: value.round(4).tolist() for name, value in _matrices(X, Y).items()}


def _by_hand_cases(rng):
    for name, shown in (("W2", "the gradient of W2"), ("W1", "the gradient of W1")):
        yield Case(f"{shown}: its shape", run=_read(name), judge=lambda got, name=name: _judge_shape(got, name))
        yield Case(f"{shown}: its values", run=_read(name), judge=lambda got, name=name: _judge_values(got, name))


def _read(name):
    return lambda answer: answer[name]


def _judge_shape(got, name):
    try:
        shape = np.asarray(got, dtype=float).shape
    except (TypeError, ValueError):
        return f"the gradient of {name} must hold numbers; got {shorten(got)}"
    wanted = _matrices(X, Y)[name].shape
    if shape != wanted:
        return f"expected shape {wanted}, that of {name} itself; got shape {shape}"
    return None


def _judge_values(got, name):
    if problem := _judge_shape(got, name):
        return problem
    if _near(got, _matrices(X, Y)[name]):
        return None
    for _, wrong, hint in WRONG:
        if _near(got, _matrices(X, Y, **wrong)[name]):
            return f"hint: {hint}"
    if name == "W1" and _near(np.transpose(got), _matrices(X, Y)[name]):
        return "hint: it is transposed: row k belongs to input k, column j to hidden unit j"
    if _near(got, _matrices(X_CHAPTER, Y_CHAPTER)[name]):
        return "hint: these are the numbers of the chapter's instance x = (2, 1), y = 0; here x = (1, 0), y = 1"
    weights = {"W1": W1, "W2": W2}[name]
    if any(_near(weights - got, rate * _matrices(X, Y)[name]) for rate in (0.1, 1.0)):
        return "hint: these are the weights after a step; asked for is the gradient itself"
    return "hint: compute a1, h, ŷ, δ2 = ŷ − y first and compare each with the same line of the chapter's example"


def _near(got, wanted):
    return np.allclose(np.asarray(got, dtype=float), wanted, rtol=0, atol=_ROUNDING)


BY_HAND_MISTAKES = (
    *(
        Mistake(name, {key: value.round(4).tolist() for key, value in _matrices(X, Y, **wrong).items()}, hint)
        for name, wrong, hint in WRONG
    ),
    Mistake(
        "the gradient of W1 transposed",
        {**BY_HAND_SOLUTION, "W1": np.transpose(BY_HAND_SOLUTION["W1"]).tolist()},
        "it is transposed",
    ),
    Mistake(
        "a row in place of a column",
        {**BY_HAND_SOLUTION, "W2": np.ravel(BY_HAND_SOLUTION["W2"]).tolist()},
        "expected shape (2, 1), that of W2 itself",
    ),
    Mistake(
        "the chapter's instance",
        {key: value.round(4).tolist() for key, value in _matrices(X_CHAPTER, Y_CHAPTER).items()},
        "these are the numbers of the chapter's instance",
    ),
    Mistake(
        "the weights after a step",
        {"W1": (W1 - _matrices(X, Y)["W1"]).tolist(), "W2": (W2 - _matrices(X, Y)["W2"]).tolist()},
        "these are the weights after a step",
    ),
)


# --- backprop/in-code -----------------------------------------------------------------------------------------------


def _broadcast(X, Y, W1, b1, W2, b2):
    """The targets lost their second axis, so that ŷ − y became a square matrix."""
    Z2 = sigmoid(X @ W1 + b1)
    delta2 = (Z2 @ W2 + b2 - Y.ravel()).sum(axis=1, keepdims=True) / len(X)
    return {**_gradients(X, Y, W1, b1, W2, b2), "W2": Z2.T @ delta2, "b2": delta2.sum(axis=0)}


IN_CODE_MISTAKES = (
    *(Mistake(name, _variant(**wrong), hint) for name, wrong, hint in WRONG),
    Mistake(
        "not divided by the number of instances",
        _variant(average=False),
        "the loss is the mean over the batch, so divide by the number of instances, once: in δ2",
    ),
    Mistake(
        "the mean of δ for the biases",
        _variant(mean_bias=True),
        "δ2 holds the factor 1/n already: the gradient of a bias is the *sum* of δ over the batch, not its mean",
    ),
    Mistake(
        "targets without their second axis",
        _broadcast,
        "ŷ − y was broadcast to a square matrix: Y has shape (n, 1); do not flatten it",
    ),
)

_SHOWN = "gradients(X, Y, W1, b1, W2, b2)"


def _network(rng, n, n_in, n_hidden):
    """Draw a batch and a network: X [n, n_in], Y [n, 1], W1, b1, W2, b2."""
    parts = ((n, n_in), (n, 1), (n_in, n_hidden), (n_hidden,), (n_hidden, 1), (1,))
    return tuple(rng.normal(size=shape) for shape in parts)


def _in_code_cases(rng):
    example = (X_CHAPTER, Y_CHAPTER, W1, np.zeros(2), W2, np.zeros(1))
    for shown, arguments in (
        ("the chapter's example, a batch of one", example),
        ("a batch of 5 for a network 2-2-1", _network(rng, 5, 2, 2)),
        ("a batch of 8 for a network 4-3-1", _network(rng, 8, 4, 3)),
        ("a batch of one for a network 3-6-1", _network(rng, 1, 3, 6)),
    ):
        yield function_case(
            f"{_SHOWN}: {shown}",
            arguments,
            reference=gradients,
            mistakes=IN_CODE_MISTAKES,
            compare=lambda got, expected: difference(got, expected, name="the gradients"),
        )
    arguments = _network(rng, 6, 3, 4)
    yield Case(
        f"{_SHOWN}: central differences say the same",
        run=lambda function: function(*(array.copy() for array in arguments)),
        judge=lambda got: _judge_numerically(got, arguments),
    )


def _judge_numerically(got, arguments):
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


EXERCISES = (
    Exercise(
        label="backprop/by-hand",
        title="One step of backpropagation by hand",
        points=4,
        difficulty=1,
        minutes=15,
        statement=prose(r"""
            A network has two inputs, two sigmoid hidden units and one linear output. Its hidden weights are
            $W_1 = \begin{pmatrix} 0.5 & -0.5 \\ 0.3 & 0.8 \end{pmatrix}$ (row $k$ belongs to input $k$, column $j$ to
            hidden unit $j$), its output weights $W_2 = (1, -1)^\top$; all biases are 0. The loss is
            $L = \frac{1}{2} (\hat{y} - y)^2$. For the instance $\mathbf{x} = (1, 0)$ with target $y = 1$, compute the
            gradients of both weight matrices with paper and a calculator, by one pass forward and one backward. Give
            `"W1"` as two rows of two numbers and `"W2"` as two rows of one number, rounded to at least three decimals.
        """),
        answer_name="my_gradients",
        stub='my_gradients = {"W1": ..., "W2": ...}\n',
        solution_source="""\
# a = (1·0.5 + 0·0.3, 1·(−0.5) + 0·0.8) = (0.5, −0.5), h = (0.6225, 0.3775)
# ŷ = 0.6225 − 0.3775 = 0.2449, so δ2 = ŷ − 1 = −0.7551
# h(1 − h) = (0.2350, 0.2350), so δ1 = (−0.7551·0.2350, 0.7551·0.2350)
#    = (−0.1774, 0.1774); row 1 of W1's gradient is that, times 1, row 2 times 0
my_gradients = {
    "W1": [[-0.1774, 0.1774], [0.0, 0.0]],
    "W2": [[-0.4700], [-0.2851]],
}
""",
        cases=_by_hand_cases,
        mistakes=BY_HAND_MISTAKES,
        hints=(
            "Forward first: a1 = x W1, h = σ(a1), ŷ = h · w2. Write the numbers down.",
            "Backward: δ2 = ŷ − y. The gradient of W2 is h times δ2, as a column.",
            "δ1 = δ2 · w2 · h(1 − h), one number for each hidden unit. The gradient of W1 has the entries x_k δ1_j.",
        ),
    ),
    Exercise(
        label="backprop/in-code",
        title="Backpropagation in code",
        points=5,
        difficulty=2,
        minutes=20,
        prerequisites=("backprop/by-hand",),
        statement=prose(r"""
            Write backpropagation for any batch and any sizes: sigmoid hidden units, one linear output, and the mean
            over the batch of $\frac{1}{2}(\hat{y} - y)^2$. Your function `gradients(X, Y, W1, b1, W2, b2)` gets `X` of
            shape $[n, n_\text{in}]$, `Y` of shape $[n, 1]$, `W1` of shape $[n_\text{in}, h]$, `b1` of shape $[h]$, `W2`
            of shape $[h, 1]$ and `b2` of shape $[1]$. Return a dictionary with the gradients `"W1"`, `"b1"`, `"W2"` and
            `"b2"`, each with the shape of its parameter. Use `sigmoid` and `sigmoid_derivative` of
            `coursepkg.scratch.activations`. Compare your gradients with central differences
            (`coursepkg.scratch.gradcheck.numerical_gradient`) before you hand them to the check, which does so too.
        """),
        answer_name="gradients",
        stub='''\
from coursepkg.scratch.activations import sigmoid, sigmoid_derivative


def gradients(X, Y, W1, b1, W2, b2):
    """Return the gradients of the loss with respect to W1, b1, W2 and b2."""
    ...
''',
        solution_source="""\
from coursepkg.scratch.activations import sigmoid, sigmoid_derivative


def gradients(X, Y, W1, b1, W2, b2):
    A1 = X @ W1 + b1
    Z2 = sigmoid(A1)
    delta2 = (Z2 @ W2 + b2 - Y) / len(X)
    delta1 = delta2 @ W2.T * sigmoid_derivative(A1)
    return {
        "W1": X.T @ delta1,
        "b1": delta1.sum(axis=0),
        "W2": Z2.T @ delta2,
        "b2": delta2.sum(axis=0),
    }
""",
        cases=_in_code_cases,
        mistakes=IN_CODE_MISTAKES,
        hints=(
            "Compute A1, Z2 and the output first; keep A1 and Z2.",
            "δ2 = (output − Y) / n. From it come the gradients of W2 and b2, and G2 = δ2 W2ᵀ.",
            "δ1 = G2 ∘ Z2 ∘ (1 − Z2); the gradients of W1 and b1 follow as those of W2 and b2 did.",
        ),
    ),
)
