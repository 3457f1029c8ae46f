"""Exercises of the chapter on the playground."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_int, shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, difference, function_case, prose
from coursepkg.scratch.playground import explore

# --- playground/session ---------------------------------------------------------------------------------------------

SETTINGS = ("features", "hidden", "activation", "learning_rate", "regularization", "batch_size")
# What each task fixes, and what it asks for.
TASKS = {
    "circle": {"n": 400, "epochs": 30, "most_layers": 0, "most_units": 0, "loss": 0.1},
    "xor": {"n": 400, "epochs": 60, "most_layers": 1, "most_units": 8, "loss": 0.1},
    "spiral": {"n": 600, "epochs": 120, "most_layers": 3, "most_units": 16, "loss": 0.25},
}
TRIES = 3
FEWEST_IN_A_BATCH = 20  # with smaller batches a check would take too long


def _session_cases(rng):
    for task, rule in TASKS.items():
        seeds = rng.integers(1_000_000, size=(TRIES, 2))
        yield Case(
            f"{task}: validation loss at most {rule['loss']} after {rule['epochs']} epochs, in 2 of {TRIES} tries",
            run=lambda answer, task=task, seeds=seeds: _try(task, answer[task], seeds),
            judge=lambda got, task=task: _judge_session(task, *got),
        )


def _try(task, settings, seeds):
    """Train with the settings until two tries ended alike; return the settings and the runs, None where it overflowed.

    What breaks a rule is returned in place of the runs.
    """
    if problem := _broken_rule(task, settings):
        return settings, problem
    rule, runs = TASKS[task], []
    for seed, data_seed in seeds.tolist():
        try:
            fixed = {"n": rule["n"], "epochs": rule["epochs"], "n_snapshots": 0, "seed": seed, "data_seed": data_seed}
            run = explore(task, **({"batch_size": FEWEST_IN_A_BATCH} | settings | fixed))
        except FloatingPointError:
            run = None
        runs.append(run)
        reached = [_reached(run, rule) for run in runs]
        if max(sum(reached), len(reached) - sum(reached)) == 2:
            break
    return settings, runs


def _broken_rule(task, settings):
    rule = TASKS[task]
    if not isinstance(settings, dict):
        return f"expected a dictionary of settings for {task}; got {shorten(settings)}"
    if unknown := sorted(set(map(str, settings)) - set(SETTINGS)):
        return f"unknown setting {unknown[0]!r}\nhint: you may set {', '.join(SETTINGS)}; the rest is fixed"
    hidden = settings.get("hidden", (4, 2))
    if not isinstance(hidden, (tuple, list)):
        return f"hidden must be a tuple of whole numbers, such as (8,) or (); got {shorten(hidden)}"
    if len(hidden) > rule["most_layers"]:
        return f"{len(hidden)} hidden layers\nhint: {task} allows at most {rule['most_layers']} hidden layers"
    if any(as_int(units, "hidden") > rule["most_units"] for units in hidden):
        return f"hidden layers {tuple(hidden)}\nhint: {task} allows at most {rule['most_units']} units a layer"
    if task == "xor" and set(settings.get("features", ("x1", "x2"))) - {"x1", "x2"}:
        return "hint: xor is to be solved with the features x1 and x2 alone; the hidden units must do the work"
    if as_int(settings.get("batch_size", FEWEST_IN_A_BATCH), "batch_size") < FEWEST_IN_A_BATCH:
        return f"hint: batch_size must be at least {FEWEST_IN_A_BATCH} here, so that the check stays short"
    return None


def _reached(run, rule):
    return run is not None and run.history["val_loss"][-1] <= rule["loss"]


def _judge_session(task, settings, runs):
    if isinstance(runs, str):
        return runs
    rule = TASKS[task]
    if sum(_reached(run, rule) for run in runs) == 2:
        return None
    found = ", ".join("overflow" if run is None else f"{run.history['val_loss'][-1]:.2f}" for run in runs)
    return f"validation losses of the tries: {found}\nhint: {_session_hint(task, settings, runs)}"


def _session_hint(task, settings, runs):
    if None in runs:
        return "the loss overflowed: the learning rate is far too large"
    hidden, activation = settings.get("hidden", (4, 2)), settings.get("activation", "tanh")
    if task == "circle" and not {"x1^2", "x2^2"} <= set(settings.get("features", ())):
        return "one unit can only draw a straight line through its features: in which features is a circle straight?"
    if activation == "identity" and task != "circle":
        return "without a nonlinear activation all layers together are one linear layer"
    if activation == "sigmoid" and len(hidden) > 1:
        return "deep sigmoid layers pass on tiny gradients; look at gradient_sizes, or take another activation"
    if settings.get("regularization", 0) >= 0.01:
        return "the penalty keeps the weights too small to fit these points: lower the regularization"
    losses = np.array([run.history["loss"] for run in runs])
    if (losses[:, -10:].max(axis=1) > 1.5 * losses[:, -20:-10].min(axis=1) + 0.1).any():
        return "the training loss jumps: lower the learning rate"
    if task != "circle" and max(hidden, default=0) < 4:
        return "too few units: count how many straight pieces the boundary needs"
    if (losses[:, -1] < 0.95 * losses[:, -10]).any() or settings.get("learning_rate", 0.03) < 0.01:
        return "the training loss still falls at the end: steps are too few or too small; raise the learning rate"
    return "try more units, ReLU, or features in which the classes are easier to part"


SESSION_SOLUTION = {
    "circle": {"features": ("x1^2", "x2^2"), "hidden": (), "learning_rate": 0.2},
    "xor": {"hidden": (8,), "activation": "relu", "learning_rate": 0.2},
    "spiral": {
        "features": ("x1", "x2", "sin(x1)", "sin(x2)"),
        "hidden": (16, 16),
        "activation": "relu",
        "learning_rate": 0.1,
    },
}


def _session(task, **changed):
    return {**SESSION_SOLUTION, task: {**SESSION_SOLUTION[task], **changed}}


SESSION_MISTAKES = (
    Mistake("a line for the circle", _session("circle", features=("x1", "x2")), "in which features is a circle"),
    Mistake("linear units", _session("spiral", activation="identity"), "all layers together are one linear layer"),
    Mistake("two units for xor", _session("xor", hidden=(2,)), "too few units"),
    Mistake("steps too small", _session("xor", learning_rate=1e-5), "raise the learning rate"),
    Mistake("steps far too large", _session("xor", learning_rate=1e200), "the loss overflowed"),
    Mistake("deep sigmoids", _session("spiral", activation="sigmoid"), "deep sigmoid layers pass on tiny gradients"),
    Mistake("a heavy penalty", _session("spiral", regularization=0.3), "lower the regularization"),
    Mistake("a hidden layer for the circle", _session("circle", hidden=(4,)), "circle allows at most 0 hidden layers"),
    Mistake("too many units", _session("spiral", hidden=(64, 64)), "spiral allows at most 16 units a layer"),
    Mistake("a setting that does not exist", _session("xor", lr=0.1), "you may set features, hidden"),
)


# --- playground/kinks -----------------------------------------------------------------------------------------------


def kinks(w, b, low, high):
    """The reference: where the output of hidden ReLU units bends between low and high, sorted."""
    w, b = w[w != 0], b[w != 0]
    places = np.sort(-b / w)
    return places[(places > low) & (places < high)]


def _inside(places, low, high):
    places = np.sort(places)
    return places[(places > low) & (places < high)]


def _constant_units(w, b, low, high):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sort(-b / w)


KINK_MISTAKES = (
    Mistake(
        "sign", lambda w, b, low, high: _inside(b[w != 0] / w[w != 0], low, high), "a sign is missing: w x + b = 0 at"
    ),
    Mistake(
        "w over b",
        lambda w, b, low, high: _inside(-w[w != 0] / b[w != 0], low, high),
        "solve w x + b = 0 for x: divide by w, not by b",
    ),
    Mistake(
        "bias alone",
        lambda w, b, low, high: _inside(-b[w != 0], low, high),
        "the place of a kink depends on the weight too: divide by w",
    ),
    Mistake(
        "outside the interval",
        lambda w, b, low, high: np.sort(-b[w != 0] / w[w != 0]),
        "keep only the places between low and high",
    ),
    Mistake(
        "not sorted",
        lambda w, b, low, high: [x for x in (-b[w != 0] / w[w != 0]).tolist() if low < x < high],
        "the right places, but not in ascending order",
    ),
    Mistake("constant units", _constant_units, "a unit with weight 0 is constant and has no kink: leave it out"),
)


def _kink_cases(rng):
    for shown, n, constant in (
        ("6 units", 6, False),
        ("40 units", 40, False),
        ("10 units, one with weight 0", 10, True),
    ):
        # Kinks inside in no order, and two outside, so that every mistake gives another answer.
        places = np.concatenate([rng.uniform(-0.9, 1.9, n - 2), [-4.0, 3.5]])
        places[:2] = 1.5, 0.2
        w = rng.uniform(0.6, 2.0, n) * rng.choice([-1.0, 1.0], n)
        b = -w * places
        if constant:
            w[-3], b[-3] = 0.0, 0.4
        yield function_case(
            f"kinks(w, b, low, high): {shown}",
            (w, b, -1.0, 2.0),
            reference=kinks,
            mistakes=KINK_MISTAKES,
            compare=_compare_kinks,
        )


def _compare_kinks(got, expected):
    problem = difference(got, expected)
    if problem and not np.isfinite(np.asarray(got, dtype=float)).all():
        return f"{problem}\nhint: {KINK_MISTAKES[-1].hint}"
    return problem


EXERCISES = (
    Exercise(
        label="playground/session",
        title="A guided playground session",
        points=6,
        difficulty=2,
        minutes=30,
        seconds=20.0,
        prerequisites=("playground",),
        statement=prose(r"""
            Find settings for three data sets, with which training reaches a validation loss in 2 of 3 tries on fresh
            points with fresh weights. Give a dictionary with the keys `"circle"`, `"xor"` and `"spiral"`; each value is
            a dictionary of settings for `explore`. You may set `features`, `hidden`, `activation`, `learning_rate`,
            `regularization` and `batch_size` (at least 20, and 20 if you leave it out); whatever else you leave out
            keeps its default. Number of points, epochs and noise (none) are fixed:

            | data set | points | epochs | validation loss at most | hidden layers |
            | --- | --- | --- | --- | --- |
            | circle | 400 | 30 | 0.1 | none: `hidden=()` |
            | xor | 400 | 60 | 0.1 | at most one, of at most 8 units; features `x1` and `x2` only |
            | spiral | 600 | 120 | 0.25 | at most three, of at most 16 units each |
        """),
        answer_name="my_session",
        stub="""\
from coursepkg.scratch.playground import explore

# Try settings first, e.g.: explore("circle", epochs=30, batch_size=20, hidden=())
my_session = {"circle": ..., "xor": ..., "spiral": ...}
""",
        solution_source="""\
# A circle is a straight line in the squares; four ReLU lines part xor, eight do so
# reliably; the arms of the spiral need two layers, and sines bring them closer.
my_session = {
    "circle": {"features": ("x1^2", "x2^2"), "hidden": (), "learning_rate": 0.2},
    "xor": {"hidden": (8,), "activation": "relu", "learning_rate": 0.2},
    "spiral": {
        "features": ("x1", "x2", "sin(x1)", "sin(x2)"),
        "hidden": (16, 16),
        "activation": "relu",
        "learning_rate": 0.1,
    },
}
""",
        cases=_session_cases,
        mistakes=SESSION_MISTAKES,
        hints=(
            "Circle: the points of a circle fulfill x1² + x2² = r². Which features make that a linear equation?",
            "Xor: the third to fifth experiment tell how many units are reliable; ReLU learns it in few epochs.",
            "Spiral: two layers of ReLU units, the sine features as well, and a learning rate between 0.1 and 0.2.",
        ),
    ),
    Exercise(
        label="playground/kinks",
        title="Where the boundary bends",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("playground",),
        statement=prose(r"""
            A network with one input $x$ and a hidden layer of ReLU units is a line that bends where one of its units
            switches on or off. Write a function `kinks(w, b, low, high)` for the hidden weights `w` and biases `b`,
            both of shape $[m]$: unit $j$ computes $\operatorname{relu}(w_j x + b_j)$. Return the places
            $x$ between `low` and `high` at which a unit switches, in ascending order, as an array. A unit with weight 0
            never switches. No two units switch at the same place.
        """),
        answer_name="kinks",
        stub="""\
import numpy as np


def kinks(w, b, low, high):
    \"\"\"Return the places between low and high where a unit switches.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def kinks(w, b, low, high):
    switching = w != 0
    places = np.sort(-b[switching] / w[switching])
    return places[(places > low) & (places < high)]
""",
        cases=_kink_cases,
        mistakes=KINK_MISTAKES,
        hints=(
            "A ReLU unit switches where its pre-activation w x + b is zero.",
            "`places[(places > low) & (places < high)]` keeps what lies inside; `np.sort` sorts.",
            "Drop the units with w == 0 before you divide.",
        ),
    ),
)
