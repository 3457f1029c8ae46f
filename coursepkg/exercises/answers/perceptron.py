"""Answers to the exercises on the perceptron."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, Mistake, patches
from coursepkg.exercises.compare import difference

# --- perceptron/gates -----------------------------------------------------------------------------------------------

GATES = {"AND": lambda a, b: a & b, "OR": lambda a, b: a | b, "NAND": lambda a, b: 1 - (a & b)}
BITS = ((0, 0), (0, 1), (1, 0), (1, 1))


def _fires(weights, bias):
    return [int(a * weights[0] + b * weights[1] + bias >= 0) for a, b in BITS]


def _judge_gate(got, *, gate):
    try:
        w1, w2, b = (float(number) for number in got)
    except (TypeError, ValueError):
        return f"expected three numbers (w1, w2, b) for {gate}; got {shorten(got)}"
    outputs, wanted = _fires((w1, w2), b), [GATES[gate](*bits) for bits in BITS]
    if outputs == wanted:
        return None
    position = next(i for i in range(4) if outputs[i] != wanted[i])
    a, c = BITS[position]
    z = a * w1 + c * w2 + b
    problem = (
        f"for the input ({a}, {c}): z = {a}·({w1:g}) + {c}·({w2:g}) + ({b:g}) = {z:g}, so the unit gives "
        f"{outputs[position]}, but {gate} is {wanted[position]}"
    )
    return f"{problem}\nhint: {_gate_hint(gate, (w1, w2, b), outputs, wanted)}"


def _gate_hint(gate, numbers, outputs, wanted):
    w1, w2, b = numbers
    if outputs == [1 - w for w in wanted]:
        return f"these numbers give the opposite of {gate}: all signs are turned around"
    if _fires((w1, w2), -b) == wanted:
        return "b has the wrong sign; it is added to the sum, so b = -1.5 means a threshold of 1.5"
    if len(set(outputs)) == 1:
        return f"the unit gives {outputs[0]} for every input; change the bias so that its line cuts the square"
    for other, function in GATES.items():
        if other != gate and outputs == [function(*bits) for bits in BITS]:
            return f"these numbers make {other}, not {gate}; move the line by changing b"
    if w1 == 0 or w2 == 0 or (w1 > 0) != (w2 > 0):
        return f"{gate} treats both inputs alike; give them the same weight"
    return "compute w1 + w2 + b, w1 + b, w2 + b and b: which of the four must be negative?"


gates = Answers(
    judge=_judge_gate,
    mistakes=patches(
        """
        threshold instead of bias: b has the wrong sign
        - (1, 1, -1.5)
        + (1, 1, 1.5)
        OR's numbers for AND: these numbers make OR, not AND
        - (1, 1, -1.5)
        + (1, 1, -0.5)
        AND's numbers for NAND: these numbers give the opposite of NAND
        - (-1, -1, 1.5)
        + (1, 1, -1.5)
        a line that misses the square: the unit gives 0 for every input
        - (1, 1, -0.5)
        + (1, 1, -3)
        one input ignored: treats both inputs alike
        - (1, 1, -0.5)
        + (1, 0, -0.5)
        """
    ),
)

# --- perceptron/learning-rule ---------------------------------------------------------------------------------------


def _compare_training(got, expected):
    if not isinstance(got, (tuple, list)) or len(got) != 3:
        return f"return three values: weights, bias, mistakes (one count an epoch); got {shorten(got)}"
    for name, value, wanted in zip(("weights", "bias", "mistakes"), got, expected, strict=True):
        value = np.asarray(value).reshape(np.shape(wanted)) if np.size(value) == np.size(wanted) == 1 else value
        if problem := difference(value, wanted, name=name):
            return problem
    return None


def _whole_epoch(X, y, epochs):
    weights, bias, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        wrong = y * (X @ weights + bias) <= 0
        weights, bias = weights + y[wrong] @ X[wrong], bias + y[wrong].sum()
        mistakes.append(int(wrong.sum()))
    return weights, bias, mistakes


learning_rule = Answers(
    compare=_compare_training,
    mistakes=(
        *patches(
            """
            the bias is never corrected: the bias stays where it began; each mistake must correct it too, as a weight
              whose input is always 1
            - bias + target
            + bias
            the correction has the wrong sign: the correction has the wrong sign: it must turn the boundary toward the
              mistaken point, so *add* target * x
            - + target
            + - target
            every instance corrects: every instance corrects the weights; only a mistaken one may (target * (x @
              weights +
              bias) <= 0)
            - if target * (x @ weights + bias) <= 0:
            + if True:
            a point on the boundary counts as right: a point exactly on the boundary must count as a mistake (<= 0,
              not <
              0): with zero weights all points lie on it
            - <= 0
            + < 0
            (t − ŷ) x with outputs of −1 and 1: (t − ŷ) is 2 t where the unit is wrong with an output of −1 or 1, so
              this corrects twice too much; the rule adds t x, also on the boundary
            -             if target * (x @ weights + bias) <= 0:
            -                 weights = weights + target * x
            -                 bias = bias + target
            +             error = target - (1 if x @ weights + bias >= 0 else -1)
            +             if error:
            +                 weights = weights + error * x
            +                 bias = bias + error
            twice the correction: (t − ŷ) is 2 t where the unit is wrong with an output of −1 or 1, so
              this corrects twice too much; the rule adds t x, also on the boundary
            - weights + target * x
            + weights + 2 * target * x
            - bias + target
            + bias + 2 * target
            it stops after an epoch without a mistake: run all epochs, even after one without a mistake; the list has
              one count for each
            - mistakes.append(count)
            + mistakes.append(count)
            +         if count == 0:
            +             break
            """
        ),
        Mistake(
            "corrections wait for the end of the epoch",
            _whole_epoch,
            "mistakes are counted with the weights from the start of the epoch; each instance must be tested with "
            "the weights that the one before it left",
        ),
    ),
)

# --- perceptron/averaged --------------------------------------------------------------------------------------------


def _mean_of_all(X, y, epochs):
    """Keep the weights of every step in a table, with the bias as the weight of a constant 1, and average the table."""
    inputs = np.column_stack([X, np.ones(len(X))])
    table = [np.zeros(inputs.shape[1])]
    for i in np.tile(np.arange(len(X)), epochs):
        wrong = y[i] * (inputs[i] @ table[-1]) <= 0
        table.append(table[-1] + y[i] * inputs[i] if wrong else table[-1])
    mean = np.mean(table[1:], axis=0)
    return mean[:-1], mean[-1]


averaged = Answers(
    reference=_mean_of_all,
    mistakes=patches(
        """
        the last weights: these are the weights of the last step; return the mean over all steps
        - weight_sum / steps, bias_sum / steps
        + weights, bias
        the sums: divide the sums by the number of steps
        - weight_sum / steps, bias_sum / steps
        + weight_sum, bias_sum
        only the mistakes count: the weights count after each instance, also where there was no mistake: weights
          that stay right for long count more
        -             weight_sum = weight_sum + weights
        -             bias_sum = bias_sum + bias
        +                 weight_sum = weight_sum + weights
        +                 bias_sum = bias_sum + bias
        before the correction: add to the sums after the correction, not before it
        -             if target * (x @ weights + bias) <= 0:
        +             weight_sum = weight_sum + weights
        +             bias_sum = bias_sum + bias
        +             if target * (x @ weights + bias) <= 0:
        -                 bias = bias + target
        -             weight_sum = weight_sum + weights
        -             bias_sum = bias_sum + bias
        +                 bias = bias + target
        once an epoch: the weights count after each instance, not after each epoch
        -             weight_sum = weight_sum + weights
        -             bias_sum = bias_sum + bias
        +         weight_sum = weight_sum + len(X) * weights
        +         bias_sum = bias_sum + len(X) * bias
        divided by one epoch: there were n steps in each epoch, so divide by epochs times n
        - epochs * len(X)
        + len(X)
        the bias is not averaged: the bias is averaged, too
        - bias_sum / steps
        + bias
        """
    ),
)
