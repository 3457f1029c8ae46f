"""Answers to the exercises on XOR."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches

# --- xor/by-hand ----------------------------------------------------------------------------------------------------

BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR, OR, AND, NAND = (0, 1, 1, 0), (0, 1, 1, 1), (0, 0, 0, 1), (1, 1, 1, 0)
SHAPES = {"W1": (2, 2), "b1": (2,), "w2": (2,), "b2": ()}


def _parse(got):
    """Return the network as arrays, or what is wrong with its parts."""
    network = {}
    for name, shape in SHAPES.items():
        try:
            network[name] = np.asarray(got[name], dtype=float)
        except (TypeError, ValueError):
            return None, f"{name} must hold numbers; got {shorten(got[name])}"
        if network[name].shape != shape:
            wanted = f"shape {shape}" if shape else "one number"
            return None, f"{name} must be {wanted}; got shape {network[name].shape}: {shorten(got[name])}"
    return network, None


def _run(network):
    """Return the hidden values [4, 2], the output sums [4] and the outputs [4] for all four inputs."""
    hidden = (BITS @ network["W1"] + network["b1"] >= 0).astype(int)
    sums = hidden @ network["w2"] + network["b2"]
    return hidden, sums, tuple((sums >= 0).astype(int).tolist())


def _judge_output(got, *, row):
    network, problem = _parse(got)
    if problem:
        return problem
    hidden, sums, outputs = _run(network)
    if outputs[row] == XOR[row]:
        return None
    return (
        f"hidden units {hidden[row].tolist()}, output sum {sums[row]:g}, so the output is {outputs[row]}, "
        f"but XOR is {XOR[row]}\nhint: {_network_hint(network, hidden, outputs)}"
    )


def _network_hint(network, hidden, outputs):
    if _run({**network, "W1": network["W1"].T})[2] == XOR:
        return "W1 is transposed: column j holds the weights of hidden unit j, row i those of input i"
    if outputs == tuple(1 - wanted for wanted in XOR):
        return "this network computes the opposite of XOR for every input: turn the signs of w2 and b2 around"
    if (hidden[:, 0] == hidden[:, 1]).all():
        return "both hidden units always agree; two equal units cut the square only once"
    if len(set(outputs)) == 1:
        return f"the output is {outputs[0]} for every input; look at b2 and at the signs in w2"
    if outputs == OR:
        return "this network computes OR; the output must also listen to the unit that is silent for (1, 1)"
    return "the output must fire where OR and NAND both fire: it is an AND of the hidden units"


def _judge_hidden(got):
    network, problem = _parse(got)
    if problem:
        return problem
    units = [tuple(column.tolist()) for column in _run(network)[0].T]
    if set(units) == {OR, NAND}:
        return None
    if set(units) == {OR, AND}:
        return "hint: this is the chapter's network, with OR and AND; here the hidden units must be OR and NAND"
    names = {OR: "OR", NAND: "NAND", AND: "AND"}
    listed = [names.get(unit, f"{list(unit)} for the four inputs") for unit in units]
    return f"the hidden units compute {listed[0]} and {listed[1]}"


by_hand = Answers(
    judge={"output": _judge_output, "hidden": _judge_hidden},
    mistakes=patches(
        """
        signs of the output turned around: the opposite of XOR
        - "w2": [1, 1]
        + "w2": [-1, -1]
        - "b2": -1.5
        + "b2": 1.4
        two equal hidden units: both hidden units always agree
        - "W1": [[1, -1], [1, -1]]
        + "W1": [[1, 1], [1, 1]]
        - "b1": [-0.5, 1.5]
        + "b1": [-0.5, -0.5]
        NAND is ignored: this network computes OR
        - "w2": [1, 1]
        + "w2": [1, 0]
        - "b2": -1.5
        + "b2": -0.5
        no output bias: the output is 1 for every input
        - "b2": -1.5
        + "b2": 0
        W1 transposed: W1 is transposed
        - "W1": [[1, -1], [1, -1]]
        + "W1": [[1, 1], [-1, -1]]
        the chapter's network: this is the chapter's network
        - "W1": [[1, -1], [1, -1]]
        + "W1": [[1, 1], [1, 1]]
        - "b1": [-0.5, 1.5]
        + "b1": [-0.5, -1.5]
        - "w2": [1, 1]
        + "w2": [1, -1]
        - "b2": -1.5
        + "b2": -0.5
        """
    ),
)

# --- xor/count-parameters -------------------------------------------------------------------------------------------


def _judge_count(got, *, sizes):
    if isinstance(got, bool) or not isinstance(got, (int, np.integer)):
        return f"expected a whole number; got {shorten(got)}"
    weights = [a * b for a, b in zip(sizes[:-1], sizes[1:], strict=True)]
    right = sum(weights) + sum(sizes[1:])
    if got == right:
        return None
    # The neighbors of the right answer name the mistake; the right number itself is never shown.
    if got == sum(weights):
        return "got the weights alone; hint: each neuron has a bias as well"
    if got == sum(weights) + sum(sizes):
        return "hint: the inputs are no neurons: they have no bias"
    if got == sum(weights) + len(weights):
        return "hint: each *neuron* has a bias of its own, not each layer one"
    if got == sum(sizes):
        return "got the number of units; hint: count the connections and the biases"
    if got == right - weights[-1] - sizes[-1] and len(weights) > 1:
        return "hint: the output layer has weights and biases too"
    return f"got {got}; hint: a layer with n inputs and m neurons has n·m weights and m biases"


count_parameters = Answers(
    judge=_judge_count,
    mistakes=patches(
        """
        no biases: each neuron has a bias as well
        - (n_in + 1)
        + n_in
        biases of the inputs: the inputs are no neurons
        - sum((n_in + 1) * n_out for n_in, n_out in zip(sizes[:-1], sizes[1:]))
        + sum((n_in + 1) * n_out for n_in, n_out in zip(sizes[:-1], sizes[1:])) + sizes[0]
        one bias a layer: not each layer one
        - (n_in + 1) * n_out
        + n_in * n_out + 1
        units instead of parameters: count the connections
        - sum((n_in + 1) * n_out for n_in, n_out in zip(sizes[:-1], sizes[1:]))
        + sum(sizes)
        output layer forgotten: the output layer has weights
        - (sizes[:-1], sizes[1:])
        + (sizes[:-2], sizes[1:-1])
        """
    ),
)

# --- xor/window -----------------------------------------------------------------------------------------------------

WINDOW_SHAPES = {"w1": (2,), "b1": (2,), "w2": (2,), "b2": ()}


def _judge_window(got, *, low, high):
    if not isinstance(got, dict) or set(got) != set(WINDOW_SHAPES):
        return f"return a dictionary with the keys {sorted(WINDOW_SHAPES)}; got {shorten(got)}"
    parts = {}
    for name, shape in WINDOW_SHAPES.items():
        try:
            parts[name] = np.asarray(got[name], dtype=float)
        except (TypeError, ValueError):
            return f"{name} must hold numbers; got {shorten(got[name])}"
        if parts[name].shape != shape:
            wanted = f"shape {shape}" if shape else "one number"
            return f"{name} must be {wanted}; got shape {parts[name].shape}: {shorten(got[name])}"
    middle, gap = (low + high) / 2, high - low
    for place, x, wanted in (
        ("left of the window", low - gap, 0),
        ("at its lower end", low, 1),
        ("in its middle", middle, 1),
        ("just below its upper end", high - gap / 1000, 1),
        ("at its upper end", high, 0),
        ("right of it", high + gap, 0),
    ):
        output = (x * parts["w1"] + parts["b1"] >= 0) @ parts["w2"] + parts["b2"]
        if not np.isclose(output, wanted):
            return (
                f"{place}, at x = {x:g}, the output is {output:g}, but must be {wanted}\n"
                f"hint: {_window_hint(parts, low, high, place)}"
            )
    return None


def _window_hint(parts, low, high, place):
    b1 = parts["b1"]
    if np.allclose(np.sort(b1), np.sort([low, high])) and (parts["w1"] > 0).all():
        return "b1 has the wrong sign: with the weight 1, a unit switches on at minus its bias"
    if np.isclose(b1[0], b1[1]) and np.isclose(*parts["w1"]):
        return "both units switch at the same place; one belongs to the lower end, the other to the upper"
    if (parts["w2"] > 0).all():
        return "both output weights add; from the upper end on, the second unit must take away what the first added"
    if np.allclose(np.abs(parts["b2"]), 0.5):
        return "the output has no step here, so it needs no bias of a half"
    if place == "left of the window":
        return "left of the window no unit should count: which units fire there, and what do they add?"
    if place in ("at its upper end", "at its lower end"):
        return "at the ends it matters what happens at a sum of exactly 0; with a positive weight the unit fires there"
    return "follow x from left to right: which unit switches on where, and by how much does the output change?"


window = Answers(
    judge=_judge_window,
    mistakes=patches(
        """
        the biases have the wrong sign: b1 has the wrong sign
        - [-low, -high]
        + [low, high]
        both output weights add: both output weights add
        - "w2": [1, -1]
        + "w2": [1, 1]
        an output with a step in mind: the output has no step here
        - "b2": 0
        + "b2": -0.5
        the ends exchanged: left of the window no unit should count
        - "w1": [1, 1], "b1": [-low, -high]
        + "w1": [-1, 1], "b1": [low, -high]
        twice the same unit: both units switch at the same place
        - [-low, -high]
        + [-low, -low]
        a column in place of a vector: w1 must be shape (2,)
        - "w1": [1, 1]
        + "w1": [[1], [1]]
        """
    ),
)
