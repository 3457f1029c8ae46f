"""Answers to the exercises on KerasTuner."""

from __future__ import annotations

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases import Caught

UNFINISHED = "only trials whose status is COMPLETED have a score that counts"
TURNED = "the best trial must come first: for 'max' the highest score, for 'min' the lowest"
EXCHANGED = "each pair is (trial_id, score), in this order"
UNSORTED = "the trials stand in the order of their names: sort them by score"
NUMBERS = "the name of a trial is a text with leading zeros, as in the file: do not turn it into a number"
ONE = "expected a list with one pair for each finished trial, not the best one alone"


def _judge_trials(got, *, scores, statuses, direction):
    if isinstance(got, tuple) and len(got) == 2 and isinstance(got[0], str):
        return f"got {shorten(got)}\nhint: {ONE}"
    try:
        pairs = [(name, score) for name, score in got]
    except (TypeError, ValueError):
        return f"expected a list of (trial_id, score); got {shorten(got)}"
    finished = [(f"{i:02d}", x) for i, (x, s) in enumerate(zip(scores, statuses, strict=True)) if s == "COMPLETED"]
    expected = sorted(finished, key=lambda pair: pair[1], reverse=direction == "max")
    if pairs == expected:
        return None
    wrong = (
        (len(pairs) > len(expected), UNFINISHED),
        (pairs == expected[::-1], TURNED),
        ([pair[::-1] for pair in pairs] == expected, EXCHANGED),
        (pairs == finished, UNSORTED),
        ([(f"{name:02d}" if isinstance(name, int) else name, score) for name, score in pairs] == expected, NUMBERS),
    )
    hint = next((f"\nhint: {text}" for applies, text in wrong if applies), "")
    return f"expected {len(expected)} pairs, the first one {expected[0]}; got {shorten(got)}{hint}"


read_trials = Answers(
    judge=_judge_trials,
    mistakes=patches(
        """
        trials that did not finish: only trials whose status is COMPLETED have a score that counts
        -         if trial["status"] == "COMPLETED":
        -             finished
        +         finished
        - pair[1], reverse
        + pair[1] or 0, reverse
        always the highest first: the best trial must come first: for 'max' the highest score, for 'min' the lowest
        - direction == "max"
        + True
        the worst first: the best trial must come first: for 'max' the highest score, for 'min' the lowest
        - direction == "max"
        + direction == "min"
        score before name: each pair is (trial_id, score), in this order
        - (trial["trial_id"], trial["score"])
        + (trial["score"], trial["trial_id"])
        - pair[1]
        + pair[0]
        sorted by name: the trials stand in the order of their names: sort them by score
        - pair[1], reverse=direction == "max"
        + pair[0]
        names as numbers: the name of a trial is a text with leading zeros, as in the file: do not turn it into a
          number
        - (trial["trial_id"],
        + (int(trial["trial_id"]),
        only the best: expected a list with one pair for each finished trial, not the best one alone
        - reverse=direction == "max")
        + reverse=direction == "max")[0]
        """
    ),
)

# --- keras-tuner/widths ---------------------------------------------------------------------------------------------

ONE_NAME = "one name is one hyperparameter with one value: put the number of the layer into the name"
NOT_ALL = "ask for all four widths in every trial; what is in a closed scope KerasTuner cannot find by itself"
NO_SCOPE = "a trial with one layer would hold widths of layers that do not exist: ask in a conditional scope"
WHEN = "layer i exists for every value of layers from i on, not for i alone"
EVENLY = 'sizes and rates differ by factors: sampling="log"'
CLOSED = "a closed scope answers None: return only the widths that exist"
COUNTED = "the names go from width_1 to width_4"


def _space(asked):
    return {entry["name"]: entry for entry in asked}


def _judge_widths(got, *, values):
    if isinstance(got, Caught):
        return f"expected a list of widths; your function raised {got.type}: {got}"
    answer, asked = got
    space, wanted = _space(asked), [f"width_{i}" for i in range(1, 5)]
    expected = [values[name] for name in wanted if name in values]
    names = [name for name in space if name != "layers"]
    wrong = (
        (isinstance(answer, list) and None in answer, CLOSED),
        (len(names) == 1 and values["layers"] > 1, ONE_NAME),
        ("width_0" in names, COUNTED),
        (0 < len(names) < 4 and set(names) < set(wanted), NOT_ALL),
        (sorted(names) == wanted and not all(space[name]["conditions"] for name in wanted), NO_SCOPE),
        (sorted(names) == wanted and any(space[n]["sampling"] != "log" for n in wanted), EVENLY),
        (sorted(names) == wanted and any(_open(space[n]) != _from(i) for i, n in enumerate(wanted, start=1)), WHEN),
    )
    hint = next((f"\nhint: {text}" for applies, text in wrong if applies), "")
    layers = space.get("layers", {})
    if (layers.get("kind"), layers.get("low"), layers.get("high")) != ("Int", 1, 4):
        return f"expected layers to be a whole number from 1 to 4; hp was asked for {shorten(layers or names)}"
    if not isinstance(answer, (list, tuple)) or list(answer) != expected:
        return f"expected {expected}; got {shorten(answer)}{hint}"
    if sorted(names) != wanted:
        return f"expected the names {', '.join(wanted)}; hp was asked for {', '.join(names)}{hint}"
    for i, name in enumerate(wanted, start=1):
        entry, full = space[name], ("Int", 16, 256, "log", _from(i))
        found = (entry["kind"], entry.get("low"), entry.get("high"), entry.get("sampling"), _open(entry))
        if found != full:
            return f"expected for {name} kind, bounds, sampling and values of layers {full}; got {found}{hint}"
    return None


def _from(layer):
    return list(range(layer, 5))


def _open(entry):
    """Return the values of layers for which a hyperparameter exists."""
    return [n for n in range(1, 5) if all(n in values for _, values in entry["conditions"])]


widths = Answers(
    judge=_judge_widths,
    mistakes=patches(
        """
        one name: one name is one hyperparameter with one value: put the number of the layer into the name
        - f"width_{layer}"
        + "width"
        only the layers of this trial: ask for all four widths in every trial; what is in a closed scope KerasTuner
          cannot find by itself
        - in range(1, 5):
        + in range(1, n_layers + 1):
        no condition: a trial with one layer would hold widths of layers that do not exist: ask in a conditional scope
        - with hp.conditional_scope("layers", list(range(layer, 5))):
        + if True:
        for one number of layers: layer i exists for every value of layers from i on, not for i alone
        - list(range(layer, 5))
        + [layer]
        - layer <= n_layers
        + width is not None
        evenly: sizes and rates differ by factors: sampling="log"
        - , sampling="log"
        +
        closed scopes: a closed scope answers None: return only the widths that exist
        - if layer <= n_layers:
        + if True:
        from zero: the names go from width_1 to width_4
        - f"width_{layer}"
        + f"width_{layer - 1}"
        """
    ),
)

# --- keras-tuner/repair-space ---------------------------------------------------------------------------------------

SHARED = "one name is one hyperparameter: the rate of SGD and that of Adam need a name each"
LAST = "the scope of the other optimizer is closed and answers None: keep the rate that belongs to this optimizer"
LINEAR = 'the rates are on a logarithmic scale: sampling="log"'
ZERO = "a logarithmic range cannot begin at 0; the dropout is spread evenly"
ALWAYS = "each rate exists only for its optimizer: ask for it in its conditional scope"
RANGES = "SGD from 0.001 to 1, Adam from 0.0001 to 0.1"


def _judge_space(got, *, values):
    kind = values["optimizer"]
    if isinstance(got, Caught):
        return f"expected a dictionary; your function raised {got.type}: {got}\nhint: {ZERO}"
    answer, asked = got
    space = _space(asked)
    expected = {"optimizer": kind, "rate": values[f"{kind}_rate"], "dropout": values["dropout"]}
    rates = {"sgd_rate": (0.001, 1.0), "adam_rate": (0.0001, 0.1)}
    there = all(name in space for name in rates)
    conditions = {name: [["optimizer", [name.removesuffix("_rate")]]] for name in rates}
    wrong = (
        ("rate" in space, SHARED),
        (there and any(space[name]["conditions"] != conditions[name] for name in rates), ALWAYS),
        (isinstance(answer, dict) and answer.get("rate", 0) is None, LAST),
        (there and any((space[n].get("low"), space[n].get("high")) != bounds for n, bounds in rates.items()), RANGES),
        (there and any(space[name].get("sampling") != "log" for name in rates), LINEAR),
        (space.get("dropout", {}).get("sampling") == "log", ZERO),
    )
    hint = next((f"\nhint: {text}" for applies, text in wrong if applies), "")
    if answer != expected:
        return f"expected {expected}; got {shorten(answer)}{hint}"
    facts = {name: ("Float", *bounds, "log", conditions[name]) for name, bounds in rates.items()}
    facts["dropout"] = ("Float", 0.0, 0.5, "linear", [])
    for name, wanted in facts.items():
        entry = space.get(name, {})
        found = tuple(entry.get(key) for key in ("kind", "low", "high", "sampling", "conditions"))
        if found != wanted:
            return f"expected for {name} kind, bounds, sampling and conditions {wanted}; got {found}{hint}"
    return None


repair_space = Answers(
    judge=_judge_space,
    mistakes=patches(
        """
        one rate for both: one name is one hyperparameter: the rate of SGD and that of Adam need a name each
        - "sgd_rate"
        + "rate"
        - "adam_rate"
        + "rate"
        the last scope: the scope of the other optimizer is closed and answers None: keep the rate that belongs to this
          optimizer
        - rate = sgd_rate if kind == "sgd" else adam_rate
        + rate = adam_rate
        evenly: the rates are on a logarithmic scale: sampling="log"
        - , sampling="log"
        +
        dropout by factors: a logarithmic range cannot begin at 0; the dropout is spread evenly
        - "dropout", 0.0, 0.5
        + "dropout", 0.0, 0.5, sampling="log"
        another range for the dropout: a logarithmic range cannot begin at 0; the dropout is spread evenly
        - "dropout", 0.0, 0.5
        + "dropout", 0.001, 0.5, sampling="log"
        without scopes: each rate exists only for its optimizer: ask for it in its conditional scope
        - with hp.conditional_scope("optimizer", ["sgd"]):
        + if True:
        - with hp.conditional_scope("optimizer", ["adam"]):
        + if True:
        one range: SGD from 0.001 to 1, Adam from 0.0001 to 0.1
        - 0.0001, 0.1
        + 0.001, 1.0
        """
    ),
)
