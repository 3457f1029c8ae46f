"""Exercises of the chapter on activation functions."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Exercise, Mistake, difference, function_case, prose
from coursepkg.scratch.activations import sigmoid, softmax

# --- activations/stable-softmax -------------------------------------------------------------------------------------


def _quietly(function):
    """A wrong answer that overflows does so on purpose; NumPy need not warn of it."""

    def quiet(Z):
        with np.errstate(all="ignore"):
            return function(Z)

    return quiet


def _naive(Z):
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


def _columns(Z):
    e = np.exp(Z - Z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


def _one_maximum(Z):
    return _naive(Z - Z.max())


def _minimum(Z):
    return _naive(Z - Z.min(axis=1, keepdims=True))


def _over_all(Z):
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    return e / e.sum()


def _not_divided(Z):
    return np.exp(Z - Z.max(axis=1, keepdims=True))


def _clipped(Z):
    return _naive(np.clip(Z, -500, 500))


SOFTMAX_MISTAKES = tuple(
    Mistake(name, _quietly(answer), hint)
    for name, answer, hint in (
        (
            "the formula as it stands",
            _naive,
            "e to the power of a large number overflows to inf, and inf / inf is nan: subtract the largest number of "
            "each row first",
        ),
        ("normalized over the columns", _columns, "the *rows* must sum to 1: one row is one instance; use axis=1"),
        (
            "one maximum for all rows",
            _one_maximum,
            "the largest number of the *whole* matrix was subtracted: a row far below it becomes 0 / 0; each row "
            "needs its own",
        ),
        (
            "the minimum is subtracted",
            _minimum,
            "subtracting the smallest number leaves large ones behind: subtract the largest, so that no exponent is "
            "above 0",
        ),
        (
            "divided by the sum over everything",
            _over_all,
            "all numbers together sum to 1, but each row must: use axis=1 in the sum as well",
        ),
        ("not divided at all", _not_divided, "the rows do not sum to 1 yet: divide by the sum of each row"),
        (
            "large numbers cut off",
            _clipped,
            "cutting off large numbers changes the answer: two different numbers beyond the limit become equal",
        ),
    )
)


def _softmax_cases(rng):
    moderate = rng.normal(size=(4, 3))
    large = 1000 + 10 * rng.normal(size=(3, 3))
    small = -1000 + 10 * rng.normal(size=(3, 5))
    spread = rng.normal(size=(3, 3)) + np.array([-400.0, 0.0, 400.0])
    apart = rng.normal(size=(3, 4)) + np.array([[0.0], [5000.0], [-5000.0]])
    for shown, Z in (
        ("4 instances, 3 classes", moderate),
        ("numbers about 1000", large),
        ("numbers about −1000", small),
        ("rows from −400 to 400", spread),
        ("rows of very different size", apart),
        ("one instance, one class", np.array([[float(rng.normal())]])),
    ):
        yield function_case(
            f"stable_softmax(Z): {shown}",
            (Z,),
            reference=softmax,
            mistakes=SOFTMAX_MISTAKES,
            compare=_compare_probabilities,
        )


def _compare_probabilities(got, expected):
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        array = None
    if array is None or array.shape != expected.shape or np.isfinite(array).all():
        return difference(got, expected, name="the probabilities")
    # nan equals nan here, so that a mistake that overflows is recognized by the same overflow.
    if np.isnan(expected).any() and np.allclose(array, expected, equal_nan=True):
        return None
    return f"expected the probabilities: {shorten(expected.round(4).tolist())}\ngot:      {shorten(array.tolist())}"


# --- activations/tanh-to-sigmoid ------------------------------------------------------------------------------------


def to_sigmoid(W1, b1, W2, b2):
    """The reference: with tanh(a) = 2σ(2a) − 1, H W2 + b2 = σ(2A)(2 W2) + (b2 − 1ᵀ W2)."""
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=0)


CONVERSION_MISTAKES = (
    Mistake("nothing changed", lambda W1, b1, W2, b2: (W1, b1, W2, b2), "these are the weights of the tanh network"),
    Mistake(
        "the inner 2 forgotten",
        lambda W1, b1, W2, b2: (W1, b1, 2 * W2, b2 - W2.sum(axis=0)),
        "the 2 inside σ(2a) is missing: a = x W1 + b1 must be doubled",
    ),
    Mistake(
        "the hidden biases not doubled",
        lambda W1, b1, W2, b2: (2 * W1, b1, 2 * W2, b2 - W2.sum(axis=0)),
        "only W1 is doubled, but a = x W1 + b1 has two parts",
    ),
    Mistake(
        "the outer 2 forgotten",
        lambda W1, b1, W2, b2: (2 * W1, 2 * b1, W2, b2 - W2.sum(axis=0)),
        "the 2 in front of σ is missing: it belongs to the output weights",
    ),
    Mistake(
        "the −1 forgotten",
        lambda W1, b1, W2, b2: (2 * W1, 2 * b1, 2 * W2, b2),
        "the −1 is missing: each hidden unit now gives 1 more (after the factor 2), and the output bias must take "
        "that back, times its weight",
    ),
    Mistake(
        "the sum over the outputs",
        lambda W1, b1, W2, b2: (2 * W1, 2 * b1, 2 * W2, b2 - W2.sum()),
        "the output bias must take back the sum of its *own* column of W2, not of the whole matrix",
    ),
    Mistake(
        "the −1 with the new weights",
        lambda W1, b1, W2, b2: (2 * W1, 2 * b1, 2 * W2, b2 - 2 * W2.sum(axis=0)),
        "the −1 is counted twice: it is multiplied by the old output weights, not by the doubled ones",
    ),
)


def _conversion_cases(rng):
    for shown, n_in, n_hidden, n_out in (
        ("a network 2-3-2", 2, 3, 2),
        ("a network 4-8-3", 4, 8, 3),
        ("a network 1-1-2", 1, 1, 2),
    ):
        parts = ((n_in, n_hidden), (n_hidden,), (n_hidden, n_out), (n_out,))
        network = tuple(rng.normal(size=shape) for shape in parts)
        X = rng.normal(size=(20, n_in))
        yield function_case(
            f"to_sigmoid(W1, b1, W2, b2): {shown}, the same outputs on 20 inputs",
            network,
            reference=to_sigmoid,
            mistakes=CONVERSION_MISTAKES,
            # Judged by what the network computes: other weights with the same outputs are right as well.
            compare=lambda got, expected, X=X: _compare_networks(got, expected, X),
        )


def _compare_networks(got, expected, X):
    if not isinstance(got, (tuple, list)) or len(got) != 4:
        return f"return four values: W1, b1, W2, b2; got {shorten(got)}"
    parts = []
    for name, part, wanted in zip(("W1", "b1", "W2", "b2"), got, expected, strict=True):
        try:
            parts.append(np.asarray(part, dtype=float))
        except (TypeError, ValueError):
            return f"{name} must hold numbers; got {shorten(part)}"
        if parts[-1].shape != wanted.shape:
            return f"{name} must have shape {wanted.shape}; got shape {parts[-1].shape}"
    apart = np.abs(_outputs(sigmoid, parts, X) - _outputs(sigmoid, expected, X)).max()
    if apart < 1e-9:
        return None
    return f"the outputs of the sigmoid network and of the tanh network differ by up to {apart:.3g}"


def _outputs(activation, parameters, X):
    W1, b1, W2, b2 = parameters
    return activation(X @ W1 + b1) @ W2 + b2


EXERCISES = (
    Exercise(
        label="activations/stable-softmax",
        title="A softmax that never overflows",
        points=4,
        difficulty=2,
        minutes=10,
        statement=prose(r"""
            Write `stable_softmax(Z)` for an array `Z` of shape $[n, m]$, one instance a row. Return the probabilities
            $p_k = e^{z_k} / \sum_j e^{z_j}$ of each row in the same shape, so that each row sums to 1. Your function
            must be right for any finite numbers, also for thousands, and when the rows differ by thousands. Use NumPy
            only, and leave `Z` unchanged.
        """),
        answer_name="stable_softmax",
        stub='''\
import numpy as np


def stable_softmax(Z):
    """Return the softmax of each row."""
    ...
''',
        solution_source="""\
import numpy as np


def stable_softmax(Z):
    exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))  # largest exponent: 0
    return exponentials / exponentials.sum(axis=1, keepdims=True)
""",
        cases=_softmax_cases,
        mistakes=SOFTMAX_MISTAKES,
        hints=(
            "What happens to the probabilities if you subtract the same number from a whole row?",
            "Subtract Z.max(axis=1, keepdims=True): then the largest exponent of each row is 0.",
            "Divide by the sum of each row; keepdims=True keeps the shape [n, 1], which fits every row.",
        ),
    ),
    Exercise(
        label="activations/tanh-to-sigmoid",
        title="Turn tanh units into sigmoid units",
        points=4,
        difficulty=2,
        minutes=15,
        statement=prose(r"""
            A network computes $\tanh(X W_1 + \mathbf{b}_1) W_2 + \mathbf{b}_2$. Find the weights of a network of the
            same size that computes the same outputs with the sigmoid $\sigma$ in place of $\tanh$. Write
            `to_sigmoid(W1, b1, W2, b2)` for `W1` of shape $[n, h]$, `b1` of shape $[h]$, `W2` of shape $[h, m]$ and
            `b2` of shape $[m]$; return the four new arrays in the same order. Use $\tanh(z) = 2\sigma(2z) - 1$.
        """),
        answer_name="to_sigmoid",
        stub='''\
def to_sigmoid(W1, b1, W2, b2):
    """Return the parameters of the sigmoid network with the same outputs."""
    ...
''',
        solution_source="""\
# tanh(A) W2 + b2 = (2σ(2A) − 1) W2 + b2 = σ(2A) (2 W2) + (b2 − 1ᵀ W2)
def to_sigmoid(W1, b1, W2, b2):
    return 2 * W1, 2 * b1, 2 * W2, b2 - W2.sum(axis=0)
""",
        cases=_conversion_cases,
        mistakes=CONVERSION_MISTAKES,
        hints=(
            "Write tanh(a) as 2σ(2a) − 1 in the formula of the output.",
            "The inner 2 goes into W1 and b1, the outer 2 into W2.",
            "What is left is −1 times each output weight: a constant, so it goes into b2.",
        ),
    ),
)
