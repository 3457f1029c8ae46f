"""Exercises of the chapter on XOR."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake

BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR = (0, 1, 1, 0)
SHAPES = {"W1": (2, 2), "b1": (2,), "w2": (2,), "b2": ()}


# --- xor/by-hand ----------------------------------------------------------------------------------------------------


def _by_hand_cases(rng):
    for row, (a, b) in enumerate(BITS):
        yield Case(
            f"the input ({a}, {b})",
            run=lambda answer: {name: answer[name] for name in SHAPES},
            judge=lambda got, row=row: _judge_network(got, row),
        )


def _judge_network(got, row):
    network = {}
    for name, shape in SHAPES.items():
        try:
            network[name] = np.asarray(got[name], dtype=float)
        except (TypeError, ValueError):
            return f"{name} must hold numbers; got {shorten(got[name])}"
        if network[name].shape != shape:
            wanted = f"shape {shape}" if shape else "one number"
            return f"{name} must be {wanted}; got shape {network[name].shape}: {shorten(got[name])}"
    z1 = BITS @ network["W1"] + network["b1"]
    hidden = (z1 >= 0).astype(int)
    z2 = hidden @ network["w2"] + network["b2"]
    outputs = (z2 >= 0).astype(int)
    if outputs[row] == XOR[row]:
        return None
    lines = [
        f"hidden sums {z1[row].tolist()}, so hidden units {hidden[row].tolist()}; output sum {z2[row]:g}, so the "
        f"output is {outputs[row]}, but XOR is {XOR[row]}"
    ]
    return "\n".join([*lines, f"hint: {_network_hint(network, hidden, outputs)}"])


def _network_hint(network, hidden, outputs):
    transposed = ((BITS @ network["W1"].T + network["b1"] >= 0) @ network["w2"] + network["b2"] >= 0).astype(int)
    if (outputs == 1 - np.array(XOR)).all():
        return "this network computes the opposite of XOR for every input: turn the signs of w2 and b2 around"
    if (hidden[:, 0] == hidden[:, 1]).all():
        return "both hidden units always agree; two equal units cut the square only once, so give them other biases"
    if (outputs == outputs[0]).all():
        return f"the output is {outputs[0]} for every input; look at b2 and at the signs in w2"
    if (transposed == np.array(XOR)).all():
        return "W1 is transposed: column j holds the weights of hidden unit j, row i those of input i"
    if tuple(outputs) == (0, 1, 1, 1):
        return "this network computes OR; the unit that fires for (1, 1) alone must get a negative output weight"
    return "let one hidden unit be OR, the other AND, and let the output fire for OR but not AND"


XOR_SOLUTION = {"W1": [[1, 1], [1, 1]], "b1": [-0.5, -1.5], "w2": [1, -1], "b2": -0.5}


def _network(**changed):
    return {**XOR_SOLUTION, **changed}


XOR_MISTAKES = (
    Mistake("signs of the output turned around", _network(w2=[-1, 1], b2=0.4), "the opposite of XOR"),
    Mistake("two equal hidden units", _network(b1=[-0.5, -0.5]), "both hidden units always agree"),
    Mistake("AND is not subtracted", _network(w2=[1, 1]), "this network computes OR"),
    Mistake("no output bias", _network(b2=0), "the output is 1 for every input"),
    Mistake("W1 transposed", _network(W1=[[1, 1], [2, 2]], b1=[-0.5, -3.5]), "W1 is transposed"),
)


# --- xor/count-parameters -------------------------------------------------------------------------------------------


def n_parameters(sizes):
    """Return the number of weights and biases of a fully connected network."""
    return sum((n_in + 1) * n_out for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True))


COUNTED = {name: [int(size) for size in name.split("-")] for name in ("2-2-1", "4-3-3", "784-300-100-10")}


def _count_cases(rng):
    for name, sizes in COUNTED.items():
        yield Case(
            f"the network {name}",
            run=lambda answer, name=name: answer[name],
            judge=lambda got, sizes=sizes: _judge_count(got, sizes),
        )


def _judge_count(got, sizes):
    if isinstance(got, bool) or not isinstance(got, (int, np.integer)):
        return f"expected a whole number; got {shorten(got)}"
    right, pairs = n_parameters(sizes), list(zip(sizes[:-1], sizes[1:], strict=True))
    weights = sum(a * b for a, b in pairs)
    if got == right:
        return None
    # The neighbours of the right answer name the mistake; the right number itself is never shown.
    if got == weights:
        return "got the weights alone; hint: each neuron has a bias as well"
    if got == weights + sum(sizes):
        return "hint: the inputs are no neurons: they have no bias"
    if got == weights + len(pairs):
        return "hint: each *neuron* has a bias of its own, not each layer one"
    if got == sum(sizes):
        return "got the number of units; hint: count the connections and the biases"
    if got == right - (pairs[-1][0] + 1) * pairs[-1][1] and len(pairs) > 1:
        return "hint: the output layer has weights and biases too"
    return f"got {got}; hint: a layer with n inputs and m neurons has n·m weights and m biases"


def _counted(count):
    return {name: count(sizes) for name, sizes in COUNTED.items()}


def _n_weights(sizes):
    return n_parameters(sizes) - sum(sizes[1:])


COUNT_MISTAKES = (
    Mistake("no biases", _counted(_n_weights), "each neuron has a bias as well"),
    Mistake("biases of the inputs", _counted(lambda s: _n_weights(s) + sum(s)), "the inputs are no neurons"),
    Mistake("one bias a layer", _counted(lambda s: _n_weights(s) + len(s) - 1), "not each layer one"),
    Mistake("units instead of parameters", _counted(sum), "count the connections"),
    Mistake("output layer forgotten", _counted(lambda s: n_parameters(s[:-1])), "the output layer has weights"),
)


EXERCISES = (
    Exercise(
        label="xor/by-hand",
        title="The XOR network by hand",
        points=4,
        difficulty=2,
        minutes=10,
        cases=_by_hand_cases,
        solution=XOR_SOLUTION,
        mistakes=XOR_MISTAKES,
        hints=(
            "XOR is true where OR is true and AND is not.",
            "Give the hidden layer one OR unit and one AND unit; you built both before.",
            "The output must fire for hidden values (1, 0) and stay silent for (0, 0) and (1, 1).",
        ),
    ),
    Exercise(
        label="xor/count-parameters",
        title="Count parameters",
        points=3,
        difficulty=1,
        minutes=5,
        cases=_count_cases,
        solution=_counted(n_parameters),
        mistakes=COUNT_MISTAKES,
        hints=(
            "Each connection has a weight. What else does each neuron have?",
            "A layer with n inputs and m neurons has (n + 1)·m parameters. Add up the layers.",
        ),
    ),
)
