"""Exercises of the chapter on learning rate schedules. The student's callback gets a stand-in for the model."""

from __future__ import annotations

import bisect
import math

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, function_case, prose

# --- learning-rate-schedules/piecewise ------------------------------------------------------------------------------

SOLUTION = Source("""\
import keras


class PiecewiseConstant(keras.callbacks.Callback):
    def __init__(self, boundaries, values):
        super().__init__()
        self.boundaries, self.values = boundaries, values

    def on_train_batch_begin(self, batch, logs=None):
        step = int(self.model.optimizer.iterations)
        position = sum(step > boundary for boundary in self.boundaries)
        self.model.optimizer.learning_rate = self.values[position]
""")


def reference(step, boundaries, values):
    """Return the learning rate of a step as Keras's PiecewiseConstantDecay: a boundary belongs to what is before it."""
    return values[bisect.bisect_left(boundaries, step)]


class _Variable:
    """A number that behaves as a variable of Keras, as far as a callback needs it."""

    def __init__(self, value):
        self.value = value

    def assign(self, value):
        self.value = value

    def assign_add(self, value):
        self.value += value

    def numpy(self):
        return np.asarray(self.value)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype=dtype)

    def __float__(self):
        return float(self.value)

    def __int__(self):
        return int(self.value)

    __index__ = __int__

    def __eq__(self, other):
        return self.value == other

    __hash__ = None

    def __lt__(self, other):
        return self.value < other

    def __le__(self, other):
        return self.value <= other

    def __gt__(self, other):
        return self.value > other

    def __ge__(self, other):
        return self.value >= other


class _Optimizer:
    def __init__(self):
        self._learning_rate, self.iterations = _Variable(123.0), _Variable(0)

    @property
    def learning_rate(self):
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._learning_rate.assign(float(value))


class _Model:
    """What a callback sees of a model that is being trained."""

    def __init__(self):
        self.optimizer = _Optimizer()
        self.stop_training = False


def train(callback, fits):
    """Call a callback's methods as ``fit`` does and return the learning rate that each step is taken with.

    Parameters
    ----------
    callback : keras.callbacks.Callback
    fits : sequence of (int, int)
        Epochs, and steps an epoch, of each call of ``fit``; the optimizer counts on from one to the next.
    """
    model = _Model()
    rates = []
    callback.set_model(model)
    for epochs, steps in fits:
        callback.set_params({"epochs": epochs, "steps": steps, "verbose": 0})
        callback.on_train_begin({})
        for epoch in range(epochs):
            callback.on_epoch_begin(epoch, {})
            for batch in range(steps):
                callback.on_train_batch_begin(batch, {})
                rates.append(float(model.optimizer.learning_rate))
                model.optimizer.iterations.assign_add(1)
                callback.on_train_batch_end(batch, {"loss": 1.0})
            callback.on_epoch_end(epoch, {"loss": 1.0})
        callback.on_train_end({})
    return rates


def _piecewise_cases(rng):
    for shown, n_boundaries, fits in (
        ("one epoch of 30 steps", 1, ((1, 30),)),
        ("three boundaries, 5 epochs of 12 steps", 3, ((5, 12),)),
        ("two calls of fit", 2, ((2, 10), (3, 10))),
    ):
        n_steps = sum(epochs * steps for epochs, steps in fits)
        first = fits[0][1]  # one boundary lies within the first epoch, the others behind it
        later = (
            rng.choice(np.arange(first + 1, n_steps - 1), n_boundaries - 1, replace=False) if n_boundaries > 1 else []
        )
        boundaries = sorted([int(rng.integers(2, first - 2)), *map(int, later)])
        values = sorted(rng.uniform(0.0001, 0.1, n_boundaries + 1).round(5).tolist(), reverse=True)
        yield Case(
            f"PiecewiseConstant(boundaries, values): {shown}",
            run=lambda cls, b=boundaries, v=values, fits=fits: train(cls(list(b), list(v)), fits),
            judge=lambda got, b=boundaries, v=values, fits=fits: _judge(got, b, v, fits),
        )


def _judge(got, boundaries, values, fits):
    n_steps = sum(epochs * steps for epochs, steps in fits)
    batches = [batch for epochs, steps in fits for _ in range(epochs) for batch in range(steps)]
    epochs = [epoch for epochs, steps in fits for epoch in range(epochs) for _ in range(steps)]
    steps_of_fit = [step for epochs, steps in fits for step in range(epochs * steps)]
    right = [reference(step, boundaries, values) for step in range(n_steps)]
    if np.allclose(got, right, rtol=1e-5):
        return None
    step = int(np.argmin(np.isclose(got, right, rtol=1e-5)))
    problem = (
        f"boundaries {boundaries}, values {values}: step {step} must be taken with the learning rate {right[step]:g}; "
        f"it was taken with {shorten(got[step])}"
    )
    if np.allclose(got, 123.0):
        return f"{problem}\nhint: the learning rate was never set: self.model.optimizer.learning_rate = …"
    for steps, hint in (
        ([step + 1 for step in range(n_steps)], "this is one step late or early: step 0 is the first, and a boundary "
         "belongs to the value before it"),
        (batches, "the number of the batch starts again in each epoch; use self.model.optimizer.iterations"),
        (epochs, "the boundaries count steps, not epochs"),
        (steps_of_fit, "your count starts again with each call of fit; use self.model.optimizer.iterations"),
    ):  # fmt: skip
        if np.allclose(got, [reference(step, boundaries, values) for step in steps], rtol=1e-5):
            return f"{problem}\nhint: {hint}"
    if np.allclose(got[1:], right[:-1], rtol=1e-5):
        return f"{problem}\nhint: the rate is set after the step; set it before, in on_train_batch_begin"
    if np.allclose(got, [values[::-1][values.index(rate)] for rate in right], rtol=1e-5):
        return f"{problem}\nhint: the values come in the reverse order"
    return problem


STEP = "step = int(self.model.optimizer.iterations)"

PIECEWISE_MISTAKES = (
    Mistake(
        "a boundary belongs to the next value", SOLUTION.edited(("step > b", "step >= b")), "one step late or early"
    ),
    Mistake("the number of the batch", SOLUTION.edited((STEP, "step = batch")), "starts again in each epoch"),
    Mistake(
        "steps of this call of fit",
        SOLUTION.edited(
            (STEP, "step = self.step = self.step + 1"),
            (
                "    def on_train_batch",
                "    def on_train_begin(self, logs=None):\n        self.step = -1\n\n    def on_train_batch",
            ),
        ),
        "starts again with each call of fit",
    ),
    Mistake(
        "after the step",
        SOLUTION.edited(("on_train_batch_begin", "on_train_batch_end"), (STEP, f"{STEP} - 1")),
        "the rate is set after the step",
    ),
    Mistake(
        "epochs in place of steps",
        SOLUTION.edited(("on_train_batch_begin(self, batch,", "on_epoch_begin(self, epoch,"), (STEP, "step = epoch")),
        "the boundaries count steps, not epochs",
    ),
    Mistake(
        "never set",
        SOLUTION.edited(("self.model.optimizer.learning_rate =", "rate =")),
        "the learning rate was never set",
    ),
    Mistake(
        "values in reverse",
        SOLUTION.edited(("self.values[position]", "self.values[-1 - position]")),
        "in the reverse order",
    ),
)


# --- learning-rate-schedules/warm-up --------------------------------------------------------------------------------


def warm_up_cosine(step, maximum, warmup, total):
    """The reference: a straight line up, then half a cosine down to 0."""
    if step < warmup:
        return maximum * step / warmup
    progress = min((step - warmup) / (total - warmup), 1.0)
    return maximum * (1 + math.cos(math.pi * progress)) / 2


def _warm_up_variant(*, half=0.5, over="rest", clipped=True, turn=math.pi, offset=0, degrees=False):
    def schedule(step, maximum, warmup, total):
        if step < warmup:
            return maximum * (step + offset) / warmup
        progress = step / total if over == "all" else (step - warmup) / (total if over == "total" else total - warmup)
        if clipped:
            progress = min(progress, 1.0)
        angle = 180 * progress if degrees else turn * progress
        return maximum * (1 + math.cos(angle)) * half

    return schedule


WARM_UP_MISTAKES = (
    Mistake("no one half", _warm_up_variant(half=1.0), "1 + cos goes from 2 to 0; half of it goes from 1 to 0"),
    Mistake(
        "the cosine does not wait",
        _warm_up_variant(over="all"),
        "the cosine begins at the end of the warm-up: its progress is (step - warmup) / (total - warmup)",
    ),
    Mistake(
        "the cosine is too long",
        _warm_up_variant(over="total"),
        "the cosine has only the steps after the warm-up: divide by total - warmup",
    ),
    Mistake(
        "the rate rises again",
        _warm_up_variant(clipped=False),
        "after the last step the rate must stay 0; limit the progress to 1",
    ),
    Mistake("a whole cosine", _warm_up_variant(turn=2 * math.pi), "half a cosine goes from 0 to pi, not to 2 pi"),
    Mistake(
        "one step early",
        _warm_up_variant(offset=1),
        "step 0 has the rate 0, and step number warmup the full rate: maximum * step / warmup",
    ),
    Mistake("degrees", _warm_up_variant(degrees=True), "math.cos takes radians: half a turn is pi, not 180"),
)


def _warm_up_cases(rng):
    for shown, place in (
        ("at the first step", 0.0),
        ("during the warm-up", 0.05),
        ("when the warm-up ends", 0.1),
        ("half-way down", 0.5),
        ("near the end", 0.9),
        ("after the end", 1.7),
    ):
        total = 10 * int(rng.integers(10, 40))
        step, maximum = round(place * total), float(rng.uniform(0.01, 0.5))
        yield function_case(
            f"warm_up_cosine(step, maximum, warmup, total): {shown}",
            (step, maximum, total // 10, total),
            reference=warm_up_cosine,
            mistakes=WARM_UP_MISTAKES,
        )


EXERCISES = (
    Exercise(
        label="learning-rate-schedules/piecewise",
        title="A piecewise constant schedule as a callback",
        points=3,
        difficulty=2,
        minutes=20,
        statement=prose("""
            Write a callback that sets the learning rate step by step exactly as the schedule
            `keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)` does. The class
            `PiecewiseConstant(boundaries, values)` gets an increasing list of steps and a list of learning rates, one
            longer. Before each training step it sets `self.model.optimizer.learning_rate`: to `values[0]` as long as
            the number of the step is at most `boundaries[0]`, then to `values[1]` as long as it is at most
            `boundaries[1]`, and so on; after the last boundary to the last value. Steps are those that the optimizer
            counts in `self.model.optimizer.iterations`: the first has the number 0, and counting goes on from epoch to
            epoch and from one call of `fit` to the next. Keras calls `.on_train_batch_begin(batch, logs)` before each
            step, where `batch` is the number within the epoch.
        """),
        answer_name="PiecewiseConstant",
        stub='''\
import keras


class PiecewiseConstant(keras.callbacks.Callback):
    """Set the learning rate before each step: values[0] until boundaries[0], …."""

    def __init__(self, boundaries, values): ...

    def on_train_batch_begin(self, batch, logs=None): ...
''',
        solution_source=str(SOLUTION),
        cases=_piecewise_cases,
        mistakes=PIECEWISE_MISTAKES,
        hints=(
            "`__init__` calls super().__init__() and keeps both lists; the other method finds the value and sets it.",
            "int(self.model.optimizer.iterations) is the number of the step.",
            "The position of the value is the number of boundaries that lie below the step.",
        ),
        seconds=30.0,
    ),
    Exercise(
        label="learning-rate-schedules/warm-up",
        title="Warm up, then cosine",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("learning-rate-schedules",),
        statement=prose(r"""
            Write a function `warm_up_cosine(step, maximum, warmup, total)` that returns the learning rate of a step,
            a number. Steps are counted from 0. Up to step `warmup` the rate rises in a straight line from 0 at step 0
            to `maximum` at step `warmup`. From there it falls along half a cosine, and reaches 0 at step `total`. At
            all later steps it is 0. `warmup` and `total` are whole numbers with $0 < \text{warmup} < \text{total}$.
        """),
        answer_name="warm_up_cosine",
        stub="""\
import math


def warm_up_cosine(step, maximum, warmup, total):
    \"\"\"Return the learning rate of this step.\"\"\"
    ...
""",
        solution_source="""\
import math


def warm_up_cosine(step, maximum, warmup, total):
    if step < warmup:
        return maximum * step / warmup
    progress = min((step - warmup) / (total - warmup), 1.0)
    return maximum * (1 + math.cos(math.pi * progress)) / 2
""",
        cases=_warm_up_cases,
        mistakes=WARM_UP_MISTAKES,
        hints=(
            "Treat the two parts separately: first ask whether the step lies within the warm-up.",
            "For the second part compute the progress, 0 at the end of the warm-up and 1 at the last step.",
            "The rate is maximum * (1 + cos(pi * progress)) / 2; keep the progress from growing beyond 1.",
        ),
    ),
)
