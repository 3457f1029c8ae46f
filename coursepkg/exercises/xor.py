"""Exercises of the chapter on XOR."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, prose

BITS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR, OR, AND, NAND = (0, 1, 1, 0), (0, 1, 1, 1), (0, 0, 0, 1), (1, 1, 1, 0)
SHAPES = {"W1": (2, 2), "b1": (2,), "w2": (2,), "b2": ()}


# --- xor/by-hand ----------------------------------------------------------------------------------------------------


def _by_hand_cases(rng):
    for row, (a, b) in enumerate(BITS):
        yield Case(f"the input ({a}, {b})", run=_read, judge=lambda got, row=row: _judge_network(got, row))
    yield Case("one hidden unit is OR, the other NAND", run=_read, judge=_judge_hidden)


def _read(answer):
    return {name: answer[name] for name in SHAPES}


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


def _judge_network(got, row):
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


def _judge_hidden(got):
    network, problem = _parse(got)
    if problem:
        return problem
    hidden, _, _ = _run(network)
    units = {tuple(column.tolist()) for column in hidden.T}
    if units == {OR, NAND}:
        return None
    if units == {OR, AND}:
        return "hint: this is the chapter's network, with OR and AND; here the hidden units must be OR and NAND"
    names = {OR: "OR", NAND: "NAND", AND: "AND"}
    listed = [names.get(tuple(column.tolist()), f"{column.tolist()} for the four inputs") for column in hidden.T]
    return f"the hidden units compute {listed[0]} and {listed[1]}"


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


XOR_SOLUTION = {"W1": [[1, -1], [1, -1]], "b1": [-0.5, 1.5], "w2": [1, 1], "b2": -1.5}


def _network(**changed):
    return {**XOR_SOLUTION, **changed}


XOR_MISTAKES = (
    Mistake("signs of the output turned around", _network(w2=[-1, -1], b2=1.4), "the opposite of XOR"),
    Mistake("two equal hidden units", _network(W1=[[1, 1], [1, 1]], b1=[-0.5, -0.5]), "both hidden units always agree"),
    Mistake("NAND is ignored", _network(w2=[1, 0], b2=-0.5), "this network computes OR"),
    Mistake("no output bias", _network(b2=0), "the output is 1 for every input"),
    Mistake("W1 transposed", _network(W1=[[1, 1], [-1, -1]]), "W1 is transposed"),
    Mistake(
        "the chapter's network",
        {"W1": [[1, 1], [1, 1]], "b1": [-0.5, -1.5], "w2": [1, -1], "b2": -0.5},
        "this is the chapter's network",
    ),
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
    # The neighbors of the right answer name the mistake; the right number itself is never shown.
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
        points=5,
        difficulty=2,
        minutes=10,
        prerequisites=("perceptron/gates",),
        statement=prose(r"""
            Build a network with two inputs, two hidden units and one output that computes XOR (1 for (0, 1) and (1, 0),
            0 for (0, 0) and (1, 1)), in another way than the chapter: one hidden unit must be OR, the other NAND (in
            any order). Give a dictionary with the keys `"W1"` (shape $[2, 2]$, one hidden unit a column), `"b1"`
            (shape $[2]$), `"w2"` (shape $[2]$) and `"b2"` (one number). All units use Heaviside, and a sum of exactly 0
            gives the output 1.
        """),
        answer_name="my_network",
        stub='my_network = {"W1": ..., "b1": ..., "w2": ..., "b2": ...}\n',
        solution_source="""\
# OR and NAND both fire exactly for (0, 1) and (1, 0); the output is their AND.
my_network = {
    "W1": [[1, -1], [1, -1]],
    "b1": [-0.5, 1.5],
    "w2": [1, 1],
    "b2": -1.5,
}
""",
        cases=_by_hand_cases,
        mistakes=XOR_MISTAKES,
        hints=(
            "For which inputs do OR and NAND both fire?",
            "You built OR, NAND and AND in the chapter on the perceptron; use OR and NAND as the columns of W1.",
            "The output must fire for the hidden values (1, 1) only.",
        ),
    ),
    Exercise(
        label="xor/count-parameters",
        title="Count parameters",
        points=3,
        difficulty=1,
        minutes=5,
        statement=prose("""
            How many weights and biases have the fully connected networks 2-2-1 (the one for XOR), 4-3-3, and
            784-300-100-10? The first number is that of the inputs. Replace each `...` by a whole number.
        """),
        answer_name="my_counts",
        stub='my_counts = {"2-2-1": ..., "4-3-3": ..., "784-300-100-10": ...}\n',
        solution_source="""\
def count(*sizes):
    return sum((n_in + 1) * n_out for n_in, n_out in zip(sizes[:-1], sizes[1:]))


my_counts = {
    "2-2-1": count(2, 2, 1),
    "4-3-3": count(4, 3, 3),
    "784-300-100-10": count(784, 300, 100, 10),
}
""",
        cases=_count_cases,
        mistakes=COUNT_MISTAKES,
        hints=(
            "Each connection has a weight. What else does each neuron have?",
            "A layer with n inputs and m neurons has (n + 1)·m parameters. Add up the layers.",
        ),
    ),
)
