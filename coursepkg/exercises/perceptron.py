"""Exercises of the chapter on the perceptron."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_iris

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, difference, function_case, prose

GATES = {"AND": lambda a, b: a & b, "OR": lambda a, b: a | b, "NAND": lambda a, b: 1 - (a & b)}
BITS = ((0, 0), (0, 1), (1, 0), (1, 1))


# --- perceptron/learning-rule ---------------------------------------------------------------------------------------


def train_perceptron(X, y, epochs):
    """The reference: the rule, one instance after the other, from zero weights."""
    weights, bias, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        count = 0
        for x, target in zip(X, y, strict=True):
            if target * (x @ weights + bias) <= 0:
                weights = weights + target * x
                bias += target
                count += 1
        mistakes.append(count)
    return weights, bias, mistakes


def _variant(*, sign=1.0, use_bias=True, always=False, strict=False, whole_epoch=False):
    """Return the rule with one thing wrong."""

    def train(X, y, epochs):
        weights, bias, mistakes = np.zeros(X.shape[1]), 0.0, []
        for _ in range(epochs):
            count, frozen_weights, frozen_bias = 0, weights.copy(), bias
            for x, target in zip(X, y, strict=True):
                w, b = (frozen_weights, frozen_bias) if whole_epoch else (weights, bias)
                margin = target * (x @ w + b)
                if always or margin < 0 or (margin == 0 and not strict):
                    weights = weights + sign * target * x
                    bias += sign * target * use_bias
                    count += 1
            mistakes.append(count)
        return weights, bias, mistakes

    return train


LEARNING_RULE_MISTAKES = (
    Mistake(
        "the bias is never corrected",
        _variant(use_bias=False),
        "the bias stays where it began; each mistake must correct it too, as a weight whose input is always 1",
    ),
    Mistake(
        "the correction has the wrong sign",
        _variant(sign=-1.0),
        "the correction has the wrong sign: it must turn the boundary toward the mistaken point, so *add* target * x",
    ),
    Mistake(
        "every instance corrects",
        _variant(always=True),
        "every instance corrects the weights; only a mistaken one may (target * (x @ weights + bias) <= 0)",
    ),
    Mistake(
        "a point on the boundary counts as right",
        _variant(strict=True),
        "a point exactly on the boundary must count as a mistake (<= 0, not < 0): with zero weights all points lie "
        "on it",
    ),
    Mistake(
        "corrections wait for the end of the epoch",
        _variant(whole_epoch=True),
        "mistakes are counted with the weights from the start of the epoch; each instance must be tested with the "
        "weights that the one before it left",
    ),
)


def _learning_rule_cases(rng):
    for shown, n, features, epochs in (
        ("one epoch on 2 points of a line", 2, 1, 1),
        ("one epoch on 20 points of the plane", 20, 2, 1),
        ("10 epochs on 40 points of the plane", 40, 2, 10),
        ("5 epochs on 30 points with 4 features", 30, 4, 5),
    ):
        X = rng.normal(size=(n, features)) + 0.5
        y = np.where(X @ rng.normal(size=features) + rng.normal() * 0.5 > 0, 1.0, -1.0)
        yield _learning_rule_case(shown, X, y, epochs)
    iris = load_iris()
    order = rng.permutation(len(iris.target))
    y = np.where(iris.target[order] == 0, 1.0, -1.0)
    yield _learning_rule_case("10 epochs on the petals of 150 irises", iris.data[order][:, 2:], y, 10)


def _learning_rule_case(shown, X, y, epochs):
    return function_case(
        f"train_perceptron(X, y, epochs): {shown}",
        (X, y, epochs),
        reference=train_perceptron,
        mistakes=LEARNING_RULE_MISTAKES,
        compare=_compare_training,
    )


def _compare_training(got, expected):
    if not isinstance(got, (tuple, list)) or len(got) != 3:
        return f"return three values: weights, bias, mistakes (one count an epoch); got {shorten(got)}"
    for name, value, wanted in zip(("weights", "bias", "mistakes"), got, expected, strict=True):
        value = np.asarray(value).reshape(np.shape(wanted)) if np.size(value) == np.size(wanted) == 1 else value
        if problem := difference(value, wanted, name=name):
            return problem
    return None


# --- perceptron/gates -----------------------------------------------------------------------------------------------


def _fires(weights, bias):
    return [int(a * weights[0] + b * weights[1] + bias >= 0) for a, b in BITS]


def _gate_cases(rng):
    for gate, function in GATES.items():
        yield Case(
            f"{gate}: all four inputs",
            run=lambda answer, gate=gate: answer[gate],
            judge=lambda got, gate=gate, function=function: _judge_gate(gate, function, got),
        )


def _judge_gate(gate, function, got):
    if not isinstance(got, (tuple, list)) or len(got) != 3:
        return f"expected three numbers (w1, w2, b) for {gate}; got {shorten(got)}"
    try:
        w1, w2, b = (float(number) for number in got)
    except (TypeError, ValueError):
        return f"expected three numbers (w1, w2, b) for {gate}; got {shorten(got)}"
    outputs, wanted = _fires((w1, w2), b), [function(*bits) for bits in BITS]
    if outputs == wanted:
        return None
    position = next(i for i in range(4) if outputs[i] != wanted[i])
    a, c = BITS[position]
    z = a * w1 + c * w2 + b
    lines = [
        f"for the input ({a}, {c}): z = {a}·({w1:g}) + {c}·({w2:g}) + ({b:g}) = {z:g}, so the unit gives "
        f"{outputs[position]}, but {gate} is {wanted[position]}"
    ]
    return "\n".join([*lines, *_gate_hint(gate, (w1, w2, b), outputs, wanted)])


def _gate_hint(gate, numbers, outputs, wanted):
    w1, w2, b = numbers
    if outputs == [1 - w for w in wanted]:
        return [f"hint: these numbers give the opposite of {gate}: all signs are turned around"]
    if _fires((w1, w2), -b) == wanted:
        return ["hint: b has the wrong sign; it is added to the sum, so b = -1.5 means a threshold of 1.5"]
    if len(set(outputs)) == 1:
        return [f"hint: the unit gives {outputs[0]} for every input; change the bias so that its line cuts the square"]
    for other, function in GATES.items():
        if other != gate and outputs == [function(*bits) for bits in BITS]:
            return [f"hint: these numbers make {other}, not {gate}; move the line by changing b"]
    if w1 == 0 or w2 == 0 or (w1 > 0) != (w2 > 0):
        return [f"hint: {gate} treats both inputs alike; give them the same weight"]
    return ["hint: compute w1 + w2 + b, w1 + b, w2 + b and b: which of the four must be negative?"]


GATE_SOLUTION = {"AND": (1, 1, -1.5), "OR": (1, 1, -0.5), "NAND": (-1, -1, 1.5)}


def _with_gate(gate, numbers):
    return {**GATE_SOLUTION, gate: numbers}


GATE_MISTAKES = (
    Mistake("threshold instead of bias", _with_gate("AND", (1, 1, 1.5)), "b has the wrong sign"),
    Mistake("OR's numbers for AND", _with_gate("AND", (1, 1, -0.5)), "these numbers make OR, not AND"),
    Mistake("AND's numbers for NAND", _with_gate("NAND", (1, 1, -1.5)), "these numbers give the opposite of NAND"),
    Mistake("a line that misses the square", _with_gate("OR", (1, 1, -3)), "the unit gives 0 for every input"),
    Mistake("one input ignored", _with_gate("OR", (1, 0, -0.5)), "treats both inputs alike"),
)


EXERCISES = (
    Exercise(
        label="perceptron/gates",
        title="AND, OR and NAND by hand",
        points=3,
        difficulty=1,
        minutes=5,
        statement=prose(r"""
            Find numbers $w_1$, $w_2$, $b$ for which a Heaviside unit, with the output 1 if
            $w_1 x_1 + w_2 x_2 + b \ge 0$ and 0 otherwise, computes each of three functions of two bits: AND is 1 only
            for (1, 1); OR is 0 only for (0, 0); NAND is the opposite of AND. A sum of exactly 0 gives the output 1.
            Replace each `...` by three numbers `(w1, w2, b)`.
        """),
        answer_name="my_gates",
        stub='my_gates = {"AND": ..., "OR": ..., "NAND": ...}\n',
        solution_source="""\
# Both weights 1: z is the number of ones plus the bias.
# AND needs two ones, OR needs one; NAND is AND with all signs turned around.
my_gates = {"AND": (1, 1, -1.5), "OR": (1, 1, -0.5), "NAND": (-1, -1, 1.5)}
""",
        cases=_gate_cases,
        mistakes=GATE_MISTAKES,
        hints=(
            "Write down z = w1·x1 + w2·x2 + b for each of the four inputs.",
            "Choose w1 = w2 = 1. Between which two values of x1 + x2 must the output change?",
        ),
    ),
    Exercise(
        label="perceptron/learning-rule",
        title="Train a perceptron on iris petals",
        points=5,
        difficulty=2,
        minutes=15,
        prerequisites=("perceptron/gates",),
        statement=prose(r"""
            Write the perceptron learning rule with the learning rate 1: if
            $t\,(\mathbf{x} \cdot \mathbf{w} + b) \le 0$, add $t\,\mathbf{x}$ to the weights and $t$ to the bias. Your
            function `train_perceptron(X, y, epochs)` gets `X` of shape $[n_\text{samples}, n]$, targets `y` of shape
            $[n_\text{samples}]$ with the values −1 and 1, and a number of `epochs`. Start from zero weights and a zero
            bias. Present the instances in their order; test each one with the weights that the one before it left; an
            instance on the boundary counts as a mistake. Run all epochs, even when one brings no mistake. Return three
            values: the weights (shape $[n]$), the bias (one number), and the list of the number of mistakes in each
            epoch. Leave `X` and `y` unchanged.
        """),
        answer_name="train_perceptron",
        stub='''\
import numpy as np


def train_perceptron(X, y, epochs):
    """Return weights, bias and the number of mistakes in each epoch."""
    ...
''',
        solution_source="""\
import numpy as np


def train_perceptron(X, y, epochs):
    weights, bias, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        count = 0
        for x, target in zip(X, y):
            if target * (x @ weights + bias) <= 0:
                weights = weights + target * x
                bias = bias + target
                count = count + 1
        mistakes.append(count)
    return weights, bias, mistakes
""",
        cases=_learning_rule_cases,
        mistakes=LEARNING_RULE_MISTAKES,
        hints=(
            "Two loops: one over the epochs, one over the instances in their order.",
            "An instance is mistaken if target * (x @ weights + bias) <= 0.",
            "On a mistake add target * x to the weights and target to the bias, and count it.",
        ),
    ),
)
