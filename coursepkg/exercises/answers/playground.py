"""Answers to the exercises on the playground."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_int, shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases.playground import TASKS
from coursepkg.exercises.compare import difference
from coursepkg.scratch.playground import FEATURES, explore

# --- playground/session ---------------------------------------------------------------------------------------------

SETTINGS = ("features", "hidden", "activation", "learning_rate", "regularization", "batch_size")
FEWEST_IN_A_BATCH = 20  # with smaller batches a check would take too long


def _judge_session(settings, *, task, seeds):
    """Train with the settings, here and not beside the student's code: losses from there could be made up."""
    try:
        if problem := _broken_rule(task, settings):
            return problem
        runs = _runs(task, settings, seeds)
    except (TypeError, ValueError, ArithmeticError) as error:  # as in the student's own call of `explore`
        return f"it raised {type(error).__name__}: {error}"
    if sum(_reached(run, task) for run in runs) == 2:
        return None
    found = ", ".join("overflow" if run is None else f"{run['val_loss'][-1]:.2f}" for run in runs)
    return f"validation losses of the tries: {found}\nhint: {_session_hint(task, settings, runs)}"


def _runs(task, settings, seeds):
    """Train until two tries ended alike; return the histories, None where the loss overflowed."""
    fixed, runs = {name: TASKS[task][name] for name in ("n", "epochs")}, []
    for seed, data_seed in seeds:
        given = {"batch_size": FEWEST_IN_A_BATCH, **settings, **fixed, "seed": seed, "data_seed": data_seed}
        try:
            runs.append(explore(task, n_snapshots=0, **given).history)
        except FloatingPointError:
            runs.append(None)
        reached = sum(_reached(run, task) for run in runs)
        if 2 in (reached, len(runs) - reached):
            break
    return runs


def _reached(run, task):
    return run is not None and run["val_loss"][-1] <= TASKS[task]["loss"]


def _broken_rule(task, settings):
    rule = TASKS[task]
    if not isinstance(settings, dict):
        return f"expected a dictionary of settings for {task}; got {shorten(settings)}"
    if unknown := sorted(set(map(str, settings)) - set(SETTINGS)):
        return f"unknown setting {unknown[0]!r}\nhint: you may set {', '.join(SETTINGS)}; the rest is fixed"
    hidden, features = settings.get("hidden", (4, 2)), settings.get("features", ("x1", "x2"))
    if not isinstance(hidden, (tuple, list)):
        return f"hidden must be a tuple of whole numbers, such as (8,) or (); got {shorten(hidden)}"
    if len(hidden) > rule["most_layers"]:
        return f"{len(hidden)} hidden layers\nhint: {task} allows at most {rule['most_layers']} hidden layers"
    if any(as_int(units, "hidden") > rule["most_units"] for units in hidden):
        return f"hidden layers {tuple(hidden)}\nhint: {task} allows at most {rule['most_units']} units a layer"
    if task == "xor" and set(features) - {"x1", "x2"}:
        return "hint: xor is to be solved with the features x1 and x2 alone; the hidden units must do the work"
    if np.size(features) > len(FEATURES):  # so that no list fills the memory
        return f"{np.size(features)} features\nhint: name each feature once"
    if as_int(settings.get("batch_size", FEWEST_IN_A_BATCH), "batch_size") < FEWEST_IN_A_BATCH:
        return f"hint: batch_size must be at least {FEWEST_IN_A_BATCH} here, so that the check stays short"
    return None


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
    losses = np.array([run["loss"] for run in runs])
    if (losses[:, -10:].max(axis=1) > 1.5 * losses[:, -20:-10].min(axis=1) + 0.1).any():
        return "the training loss jumps: lower the learning rate"
    if task != "circle" and max(hidden, default=0) < 4:
        return "too few units: count how many straight pieces the boundary needs"
    if (losses[:, -1] < 0.95 * losses[:, -10]).any() or settings.get("learning_rate", 0.03) < 0.01:
        return "the training loss still falls at the end: steps are too few or too small; raise the learning rate"
    return "try more units, ReLU, or features in which the classes are easier to part"


session = Answers(
    judge=_judge_session,
    mistakes=patches(
        """
        a line for the circle: in which features is a circle
        - ("x1^2", "x2^2")
        + ("x1", "x2")
        linear units: all layers together are one linear layer
        - "learning_rate": 0.1
        + "learning_rate": 0.1, "activation": "identity"
        two units for xor: too few units
        - (8,)
        + (2,)
        steps too small: raise the learning rate
        - "hidden": (8,), "activation": "relu", "learning_rate": 0.2
        + "hidden": (8,), "activation": "relu", "learning_rate": 1e-5
        steps far too large: the loss overflowed
        - "hidden": (8,), "activation": "relu", "learning_rate": 0.2
        + "hidden": (8,), "activation": "relu", "learning_rate": 1e200
        deep sigmoids: deep sigmoid layers pass on tiny gradients
        - "learning_rate": 0.1
        + "learning_rate": 0.1, "activation": "sigmoid"
        a heavy penalty: lower the regularization
        - "learning_rate": 0.1
        + "learning_rate": 0.1, "regularization": 0.3
        a hidden layer for the circle: circle allows at most 0 hidden layers
        - "hidden": ()
        + "hidden": (4,)
        too many units: spiral allows at most 16 units a layer
        - (16, 16)
        + (64, 64)
        a setting that does not exist: you may set features, hidden
        - "hidden": (8,), "activation": "relu", "learning_rate": 0.2
        + "hidden": (8,), "activation": "relu", "learning_rate": 0.2, "lr": 0.1
        """
    ),
)

# --- playground/kinks -----------------------------------------------------------------------------------------------


def _one_by_one(w, b, low, high):
    places = [-bias / weight for weight, bias in zip(w, b, strict=True) if weight]
    return np.array(sorted(place for place in places if low < place < high))


def _compare_kinks(got, expected):
    problem = difference(got, expected)
    if problem and not np.isfinite(np.asarray(got, dtype=float)).all():
        return f"{problem}\nhint: {CONSTANT}"
    return problem


CONSTANT = "a unit with weight 0 is constant and has no kink: leave it out"
kinks = Answers(
    reference=_one_by_one,
    compare=_compare_kinks,
    mistakes=patches(
        """
        sign: a sign is missing: w x + b = 0 at
        - -b
        + b
        w over b: solve w x + b = 0 for x: divide by w, not by b
        - -b[switching] / w[switching]
        + -w[switching] / b[switching]
        bias alone: the place of a kink depends on the weight too: divide by w
        -  / w[switching]
        outside the interval: keep only the places between low and high
        - places[(places > low) & (places < high)]
        + places
        not sorted: the right places, but not in ascending order
        - np.sort
        constant units: a unit with weight 0 is constant and has no kink: leave it out
        - [switching]
        +
        - places[(places > low) & (places < high)]
        + places
        - def kinks
        + @np.errstate(all="ignore")
        + def kinks
        """
    ),
)
