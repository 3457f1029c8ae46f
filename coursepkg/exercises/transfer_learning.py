"""Exercises of the chapter on transfer learning."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, difference, function_case, prose
from coursepkg.exercises.sandbox import call

# --- transfer-learning/transplant -----------------------------------------------------------------------------------


def transplant(trained, fresh, n_layers):
    """The reference: copies of the first weights and biases of one network, and the rest of another."""
    return [array.copy() for array in [*trained[: 2 * n_layers], *fresh[2 * n_layers :]]]


def _shared(trained, fresh, n_layers):
    return [*trained[: 2 * n_layers], *fresh[2 * n_layers :]]


def _split_layer(trained, fresh, n):
    return [array.copy() for array in [*trained[:n], *fresh[n:]]]


def _other_way_round(trained, fresh, n_layers):
    return transplant(fresh, trained, n_layers)


def _no_biases(trained, fresh, n_layers):
    first = [(trained if i % 2 == 0 else fresh)[i].copy() for i in range(2 * n_layers)]
    return first + [array.copy() for array in fresh[2 * n_layers :]]


def _only_the_reused(trained, fresh, n_layers):
    return [array.copy() for array in trained[: 2 * n_layers]]


def _head_too(trained, fresh, n_layers):
    return [array.copy() for array in trained]


SHARED_HINT = "the result holds the same arrays as the arguments; training the new network would change the old one"
TRANSPLANT_MISTAKES = (
    Mistake("the arrays themselves", _shared, SHARED_HINT),
    Mistake(
        "arrays counted as layers",
        _split_layer,
        "a layer has two arrays, weights and biases: n layers are the first 2n arrays",
    ),
    Mistake("other way round", _other_way_round, "the first layers come from `trained`, the rest from `fresh`"),
    Mistake("no biases", _no_biases, "the biases belong to the features: reuse them with their weights"),
    Mistake("only the reused", _only_the_reused, "the layers behind the reused ones are missing"),
    Mistake("the head too", _head_too, "the last layers answer the old task; take them from `fresh`"),
)


def _transplant_cases(rng):
    for shown, sizes, n_layers in (
        ("one of two layers", [4, 5, 3], 1),
        ("two of three layers", [6, 4, 5, 3], 2),
        ("two of four layers", [3, 4, 5, 4, 2], 2),
    ):
        trained, fresh = (
            [
                array
                for a, b in zip(sizes[:-1], sizes[1:], strict=True)
                for array in (rng.normal(size=(a, b)), rng.normal(size=b))
            ]
            for _ in range(2)
        )
        arguments = trained, fresh, n_layers
        yield Case(
            f"transplant(trained, fresh, {n_layers}): {shown}",
            run=lambda f, arguments=arguments: _run_transplant(f, arguments),
            judge=lambda got, arguments=arguments: _judge_transplant(got, arguments),
        )


def _run_transplant(function, arguments):
    """Return the result, whether an argument was changed, and whether the result shares memory with one."""
    trained, fresh, n_layers = arguments
    given = [a.copy() for a in trained], [a.copy() for a in fresh]
    got = function(*given, n_layers)
    kept = all(
        len(now) == len(then) and all(map(np.array_equal, now, then))
        for now, then in zip(given, arguments[:2], strict=True)
    )
    arrays = [a for a in got if isinstance(a, np.ndarray)] if isinstance(got, (list, tuple)) else []
    return got, kept, any(np.shares_memory(a, b) for a in arrays for b in [*given[0], *given[1]])


def _judge_transplant(outcome, arguments):
    got, kept, shared = outcome
    if got is None:
        return "got None (did you forget the `return` statement?)"
    if not kept:
        return "your function changed its arguments; build a new list of copies: `array.copy()`"
    problem = _compare_lists(got, transplant(*arguments))
    if problem is None:
        return f"hint: {SHARED_HINT}; use `array.copy()`" if shared else None
    for mistake in TRANSPLANT_MISTAKES[1:]:
        outcome = call(mistake.answer, *arguments)
        if outcome.error is None and _compare_lists(got, outcome.value) is None:
            return f"{problem}\nhint: {mistake.hint}"
    return problem


def _compare_lists(got, expected):
    if not isinstance(got, (list, tuple)):
        return f"expected a list of arrays; got {shorten(got)}"
    if len(got) != len(expected):
        return f"expected a list of {len(expected)} arrays; got {len(got)}"
    problems = (difference(g, e, name=f"array {i}") for i, (g, e) in enumerate(zip(got, expected, strict=True)))
    return next(filter(None, problems), None)


# --- transfer-learning/layer-rates ----------------------------------------------------------------------------------


def layer_rates(n_layers, rate, decay, n_frozen):
    """The reference: the last layer has the full rate, each one before it a smaller one, the first ones none."""
    return [0.0 if i < n_frozen else rate / decay ** (n_layers - 1 - i) for i in range(n_layers)]


def _wrong_rates(rule, frozen=lambda i, n, k: i < k):
    def wrong(n_layers, rate, decay, n_frozen):
        return [
            0.0 if frozen(i, n_layers, n_frozen) else rule(rate, decay, n_layers - 1 - i, i, n_frozen, n_layers)
            for i in range(n_layers)
        ]

    return wrong


RATES_MISTAKES = (
    Mistake(
        "the largest rate first",
        _wrong_rates(lambda rate, decay, back, i, k, n: rate / decay**i),
        "the rates fall towards the output; the last layer must have the full rate",
    ),
    Mistake(
        "from the first trained layer",
        _wrong_rates(lambda rate, decay, back, i, k, n: rate / decay ** (i - k)),
        "the rates fall towards the output; the last layer must have the full rate",
    ),
    Mistake(
        "one division too many",
        _wrong_rates(lambda rate, decay, back, i, k, n: rate / decay ** (back + 1)),
        "the last layer is divided too; it must have the full rate",
    ),
    Mistake(
        "divided once",
        _wrong_rates(lambda rate, decay, back, i, k, n: rate if back == 0 else rate / decay),
        "divide once more for every layer further back, not only once",
    ),
    Mistake(
        "linear",
        _wrong_rates(lambda rate, decay, back, i, k, n: rate / (decay * back) if back else rate),
        "the rates shrink by the same factor from layer to layer: a power of `decay`",
    ),
    Mistake(
        "nothing frozen",
        _wrong_rates(lambda rate, decay, back, i, k, n: rate / decay**back, frozen=lambda i, n, k: False),
        "the first `n_frozen` layers must have the rate 0",
    ),
    Mistake(
        "the last layers frozen",
        _wrong_rates(lambda rate, decay, back, i, k, n: rate / decay**back, frozen=lambda i, n, k: i >= n - k),
        "you froze the last layers; frozen are the first, next to the input",
    ),
)


def _compare_rates(got, expected):
    if not isinstance(got, (list, tuple, np.ndarray)):
        return f"expected a list of {len(expected)} rates; got {shorten(got)}"
    return difference(np.asarray(got, dtype=float), np.asarray(expected), name="the list of rates")


def _rates_cases(rng):
    for n_layers, n_frozen in ((5, 2), (6, 1), (4, 0)):
        rate, decay = round(float(rng.uniform(0.01, 0.5)), 3), round(float(rng.uniform(2.1, 4.0)), 1)
        yield function_case(
            f"layer_rates({n_layers}, rate, decay, {n_frozen})",
            (n_layers, rate, decay, n_frozen),
            reference=layer_rates,
            mistakes=RATES_MISTAKES,
            compare=_compare_rates,
        )


EXERCISES = (
    Exercise(
        label="transfer-learning/transplant",
        title="Transplant layers",
        points=3,
        difficulty=1,
        minutes=10,
        statement=prose("""
            The weights of a network with $L$ layers are kept in a list of $2L$ NumPy arrays,
            $[W_1, \\mathbf{b}_1, W_2, \\mathbf{b}_2, \\dots]$. Write `transplant(trained, fresh, n_layers)`. Both lists
            belong to networks whose first `n_layers` layers have the same shapes; the others may differ. Return the
            list of the arrays of a new network: its first `n_layers` layers are those of `trained`, all others those
            of `fresh`. The new network must be independent: changing one of its arrays in place later must change
            neither `trained` nor `fresh`.
        """),
        answer_name="transplant",
        stub='''\
def transplant(trained, fresh, n_layers):
    """Return the arrays of a network that begins as `trained` and ends as `fresh`."""
    ...
''',
        solution_source="""\
def transplant(trained, fresh, n_layers):
    cut = 2 * n_layers
    return [array.copy() for array in trained[:cut] + fresh[cut:]]
""",
        cases=_transplant_cases,
        mistakes=TRANSPLANT_MISTAKES,
        hints=(
            "How many arrays do `n_layers` layers have?",
            "Two slices, added, make the list.",
            "A list of the same arrays shares them. `array.copy()` makes a new one.",
        ),
    ),
    Exercise(
        label="transfer-learning/layer-rates",
        title="A rate for each layer",
        points=3,
        difficulty=2,
        minutes=15,
        statement=prose("""
            Write `layer_rates(n_layers, rate, decay, n_frozen)`, which returns a list of `n_layers` learning rates, the
            layer next to the input first. The last layer has the rate `rate`. Going from it towards the input, each
            layer has a rate `decay` times smaller than the layer after it. The first `n_frozen` layers are frozen:
            their rate is 0.
        """),
        answer_name="layer_rates",
        stub='''\
def layer_rates(n_layers, rate, decay, n_frozen):
    """Return one learning rate a layer."""
    ...
''',
        solution_source="""\
def layer_rates(n_layers, rate, decay, n_frozen):
    rates = [rate / decay ** (n_layers - 1 - i) for i in range(n_layers)]
    return [0.0] * n_frozen + rates[n_frozen:]
""",
        cases=_rates_cases,
        mistakes=RATES_MISTAKES,
        hints=(
            "By which power of `decay` is the rate of the last layer divided? And that of the one before?",
            "Layer `i`, counted from 0, lies `n_layers - 1 - i` layers before the last one.",
        ),
    ),
)
