"""Exercises of the chapter on depth and width: the width for a budget, and two networks joined into a deeper one."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, difference, function_case, prose

# --- depth-and-width/width-for-budget -------------------------------------------------------------------------------


def _count(n_inputs, n_hidden, n_outputs, w, *, biases=True):
    one = 1 if biases else 0
    return (n_inputs + one) * w + (n_hidden - 1) * (w + one) * w + (w + one) * n_outputs


def _widest(count, budget):
    w = 0
    while count(w + 1) <= budget:
        w += 1
    return w


def widest(n_inputs, n_hidden, n_outputs, budget):
    """The reference: the largest width whose network stays within the budget."""
    return _widest(lambda w: _count(n_inputs, n_hidden, n_outputs, w), budget)


WIDTH_MISTAKES = (
    Mistake(
        "no biases",
        lambda n_inputs, n_hidden, n_outputs, budget: _widest(
            lambda w: _count(n_inputs, n_hidden, n_outputs, w, biases=False), budget
        ),
        "each unit has a bias, too: a layer has (fan_in + 1) * fan_out parameters",
    ),
    Mistake(
        "one hidden matrix too many",
        lambda n_inputs, n_hidden, n_outputs, budget: widest(n_inputs, n_hidden + 1, n_outputs, budget),
        "between n_hidden layers there are n_hidden - 1 matrices from a hidden layer to the next",
    ),
    Mistake(
        "the output layer is missing",
        lambda n_inputs, n_hidden, n_outputs, budget: _widest(
            lambda w: (n_inputs + 1) * w + (n_hidden - 1) * (w + 1) * w, budget
        ),
        "the output layer has parameters as well: (w + 1) * n_outputs",
    ),
    Mistake(
        "only hidden matrices",
        lambda n_inputs, n_hidden, n_outputs, budget: _widest(lambda w: n_hidden * (w + 1) * w, budget),
        "the first layer reads n_inputs numbers and the last one gives n_outputs; count these two by themselves",
    ),
    Mistake(
        "one unit too many",
        lambda *arguments: widest(*arguments) + 1,
        "this width already exceeds the budget; return the last one that does not",
    ),
    Mistake(
        "one unit too few",
        lambda *arguments: widest(*arguments) - 1,
        "one unit a layer more still fits; a network that uses up the budget exactly is allowed",
    ),
)


def _width_cases(rng):
    for shown, n_hidden, n_inputs, n_outputs in (
        ("one hidden layer", 1, int(rng.integers(3, 8)), int(rng.integers(2, 5))),
        ("three hidden layers", 3, int(rng.integers(20, 90)), 10),
        ("eight hidden layers", 8, int(rng.integers(100, 300)), 5),
    ):
        w = int(rng.integers(40, 60))
        exact = _count(n_inputs, n_hidden, n_outputs, w)
        for kind, budget in (("used up exactly", exact), ("one parameter short of it", exact - 1)):
            yield function_case(
                f"widest(n_inputs, n_hidden, n_outputs, budget): {shown}, a budget {kind}",
                (n_inputs, n_hidden, n_outputs, budget),
                reference=widest,
                mistakes=WIDTH_MISTAKES,
            )


# --- depth-and-width/compose ----------------------------------------------------------------------------------------


def compose(first, second):
    """The reference: the layers of second(first(x)); the two linear layers that meet become one."""
    (W_out, b_out), (W_in, b_in) = first[-1], second[0]
    return [*first[:-1], (W_out @ W_in, b_out @ W_in + b_in), *second[1:]]


def _joined(weights, biases):
    def wrong(first, second):
        (W_out, b_out), (W_in, b_in) = first[-1], second[0]
        return [*first[:-1], (weights(W_out, W_in), biases(b_out, W_in, b_in)), *second[1:]]

    return wrong


COMPOSE_MISTAKES = (
    Mistake(
        "one list after the other",
        lambda first, second: [*first, *second],
        "a ReLU now stands between the two networks, where the output of the first may be negative",
    ),
    Mistake(
        "the other order",
        lambda first, second: compose(second, first),
        "this is first(second(x)); the input must go through `first` first",
    ),
    Mistake(
        "the first bias is lost",
        _joined(lambda W_out, W_in: W_out @ W_in, lambda b_out, W_in, b_in: b_in),
        "the output bias of `first` is lost: it goes through the weights of `second` as well",
    ),
    Mistake(
        "the biases are added",
        _joined(lambda W_out, W_in: W_out @ W_in, lambda b_out, W_in, b_in: b_out + b_in),
        "the output bias of `first` must go through the first weights of `second` before you add the other bias",
    ),
    Mistake(
        "the second bias is lost",
        _joined(lambda W_out, W_in: W_out @ W_in, lambda b_out, W_in, b_in: b_out @ W_in),
        "the first bias of `second` is missing in the joint layer",
    ),
    Mistake(
        "the output layer of the first is dropped",
        lambda first, second: [*first[:-1], *second],
        "the layers do not fit: the output layer of `first` belongs to the joint layer",
    ),
)


def apply(layers, x):
    """Return the outputs [n] of a network given as pairs (W, b), with ReLU after all layers but the last."""
    Z = np.asarray(x, dtype=float)[:, None]
    for i, (W, b) in enumerate(layers):
        Z = Z @ W + b
        Z = np.maximum(Z, 0) if i < len(layers) - 1 else Z
    return Z[:, 0]


def _random_network(rng, hidden):
    sizes = [1, *hidden, 1]
    return [(rng.normal(size=(m, n)), rng.normal(size=n)) for m, n in zip(sizes[:-1], sizes[1:], strict=True)]


def _compose_cases(rng):
    x = np.linspace(-2, 2, 41)
    for shown, hidden_first, hidden_second in (
        ("one hidden layer each", (3,), (4,)),
        ("two and three hidden layers", (4, 3), (2, 5, 3)),
        ("`first` has no hidden layer", (), (4,)),
    ):
        first, second = _random_network(rng, hidden_first), _random_network(rng, hidden_second)
        n_layers = len(first) + len(second) - 1

        def run(answer, first=first, second=second):
            before = [array.copy() for layer in [*first, *second] for array in layer]
            got = answer(list(first), list(second))
            after = [array for layer in [*first, *second] for array in layer]
            changed = any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
            return got, changed

        def judge(result, first=first, second=second, n_layers=n_layers):
            got, changed = result
            if got is None:
                return "got None (did you forget the `return` statement?)"
            if changed:
                return "your function changed the arrays of one of the two networks; make new ones"
            return _differs(got, first, second, x, n_layers)

        yield Case(f"compose(first, second): {shown}", run, judge)


def _differs(got, first, second, x, n_layers):
    try:
        values = apply(got, x)
    except (TypeError, ValueError, IndexError):
        hint = _known_hint(got, first, second)
        return f"expected a list of {n_layers} pairs (W, b) that fit; got {shorten(got)}" + hint
    problem = difference(values, apply(second, apply(first, x)), name="the output of the joint network")
    if problem:
        return problem + _known_hint(got, first, second)
    if len(got) != n_layers:
        return f"the function is right, but there are {len(got)} layers; expected {n_layers}: two of them become one"
    return None


def _known_hint(got, first, second):
    for mistake in COMPOSE_MISTAKES:
        try:
            if _equal(got, mistake.answer(first, second)):
                return f"\nhint: {mistake.hint}"
        except (TypeError, ValueError):
            continue
    return ""


def _equal(one, other):
    arrays = [[array for layer in layers for array in layer] for layers in (one, other)]
    return all(np.shape(a) == np.shape(b) and np.allclose(a, b) for a, b in zip(*arrays, strict=True))


EXERCISES = (
    Exercise(
        label="depth-and-width/width-for-budget",
        title="The width for a budget",
        points=3,
        difficulty=1,
        minutes=10,
        statement=prose(r"""
            Networks are compared at equal numbers of parameters. Write a function
            `widest(n_inputs, n_hidden, n_outputs, budget)`: the network has `n_hidden` $\ge 1$ hidden layers of the
            same width $w$. Return the largest whole number $w$ for which all weights and biases together are at most
            `budget`. The budget always suffices for $w = 1$.
        """),
        answer_name="widest",
        stub='''\
def widest(n_inputs, n_hidden, n_outputs, budget):
    """Return the largest width that stays within the budget of parameters."""
    ...
''',
        solution_source="""\
def widest(n_inputs, n_hidden, n_outputs, budget):
    def count(w):
        hidden = (n_hidden - 1) * (w + 1) * w
        return (n_inputs + 1) * w + hidden + (w + 1) * n_outputs

    w = 1
    while count(w + 1) <= budget:
        w += 1
    return w
""",
        cases=_width_cases,
        mistakes=WIDTH_MISTAKES,
        hints=(
            "Write a function that counts the parameters for a given width first.",
            "First layer, n_hidden - 1 layers in between, output layer: each (fan_in + 1) * fan_out.",
            "Start at w = 1 and go up as long as the count of w + 1 stays within the budget.",
        ),
    ),
    Exercise(
        label="depth-and-width/compose",
        title="Join two networks into a deeper one",
        points=4,
        difficulty=2,
        minutes=20,
        statement=prose(r"""
            A network with one input and one output is a list of pairs `(W, b)`, one a layer: `W` of shape
            $[m, n]$, `b` of shape $[n]$. After each layer but the last comes a ReLU. Write a function
            `compose(first, second)` that returns the list of layers of the network
            $x \mapsto \text{second}(\text{first}(x))$. The last layer of `first` and the first layer of `second` are
            both linear with nothing between them: they must become *one* layer. Do not change the arrays you are given.
        """),
        answer_name="compose",
        stub='''\
def compose(first, second):
    """Return the layers of second(first(x)), as a list of pairs (W, b)."""
    ...
''',
        solution_source="""\
def compose(first, second):
    (W_out, b_out), (W_in, b_in) = first[-1], second[0]
    joint = (W_out @ W_in, b_out @ W_in + b_in)
    return [*first[:-1], joint, *second[1:]]
""",
        cases=_compose_cases,
        mistakes=COMPOSE_MISTAKES,
        hints=(
            "Write down (h W_out + b_out) W_in + b_in and multiply out.",
            "The joint weights are a product of two matrices; which shape must it have?",
            "All layers of `first` but its last, the joint layer, all layers of `second` but its first.",
        ),
    ),
)
