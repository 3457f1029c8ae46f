"""Exercises of the chapter on TensorBoard. Event files that the student's code reads are written here."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, difference, function_case, prose
from coursepkg.exercises.event_files import write_scalars

# --- tensorboard/learning-rates -------------------------------------------------------------------------------------

SOLUTION = Source("""\
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray


def compare_runs(log_dir):
    best = {}
    for run in Path(log_dir).iterdir():
        all_of_them = {"tensors": 0}  # without it, 10 events chosen at random
        events = EventAccumulator(str(run / "validation"), all_of_them)
        events.Reload()
        points = events.Tensors("epoch_loss")
        losses = [float(make_ndarray(point.tensor_proto)) for point in points]
        lowest = int(np.argmin(losses))
        best[run.name] = (points[lowest].step, losses[lowest])
    return best
""")


def _runs(rng):
    """Return the losses of two or three runs by name and part; the lowest is neither the first nor the last."""
    runs = {}
    for rate in rng.choice([0.001, 0.003, 0.01, 0.03, 0.1], size=rng.integers(2, 4), replace=False):
        epochs = int(rng.integers(30, 45))  # many more than the 10 that an EventAccumulator keeps by itself
        dip = (np.arange(epochs) - rng.integers(3, epochs - 2)) ** 2 / epochs
        validation = rng.uniform(0.3, 0.6) + 0.02 * dip + rng.uniform(0, 0.005, size=epochs)
        validation[1] = validation.max() + 0.1
        train = np.sort(rng.uniform(0.05, 0.9, size=epochs))[::-1]
        runs[f"rate-{rate}"] = {"train": train, "validation": validation}
    return runs


def _learning_rates_cases(rng):
    for shown in ("two or three runs", "other runs, of other lengths"):
        runs = _runs(rng)
        yield Case(
            f"compare_runs(log_dir): {shown}",
            run=lambda function, runs=runs: _call(function, runs),
            judge=lambda got, runs=runs: _judge(got, runs),
        )


def _call(function, runs):
    with tempfile.TemporaryDirectory() as folder:
        for name, parts in runs.items():
            for part, losses in parts.items():
                path = Path(folder, name, part)
                path.mkdir(parents=True)
                write_scalars(path / "events.out.tfevents.1700000000.course.1.0.v2", "epoch_loss", losses)
        return function(folder)


def _best(losses):
    return int(np.argmin(losses)), float(np.min(losses))


# What a wrong program may return for a run, and what to say to that.
WRONG = (
    (lambda run: _best(run["train"]), "these are the training losses; the validation losses lie in `validation`"),
    (
        lambda run: (len(run["validation"]) - 1, run["validation"][-1]),
        "this is the last epoch; asked for is the one with the lowest loss",
    ),
    (
        lambda run: (int(np.argmax(run["validation"])), run["validation"].max()),
        "this is the epoch with the highest loss",
    ),
    (
        lambda run: (_best(run["validation"])[0] + 1, run["validation"].min()),
        "epochs are counted from 0, as in the event file: take the `step` of the event",
    ),
    (lambda run: _best(run["validation"])[::-1], "the epoch comes first, then the loss"),
)
SAMPLED = "the epoch with the lowest loss was not read: without size_guidance the reader keeps 10 events by chance"


def _judge(got, runs):
    if not isinstance(got, dict) or set(got) != set(runs):
        keys = sorted(map(str, got)) if isinstance(got, dict) else shorten(got)
        return f"expected a dictionary with one key for each folder in log_dir, here {sorted(runs)}; got {keys}"
    for name, run in runs.items():
        if not isinstance(got[name], (tuple, list)) or len(got[name]) != 2:
            return f"expected (epoch, loss) for each run; got {shorten(got[name])} for {name!r}"
        try:
            pair = np.array(got[name], dtype=float)
        except (TypeError, ValueError):
            return f"expected (epoch, loss) for each run; got {shorten(got[name])} for {name!r}"
        if pair.shape == (2,) and _near(pair, _best(run["validation"])):
            continue
        hint = next((f"\nhint: {hint}" for wrong, hint in WRONG if _near(pair, wrong(run))), "")
        if not hint and any(_near(pair, point) for point in enumerate(run["validation"])):
            hint = f"\nhint: {SAMPLED}"
        return f"for {name!r} the epoch or the loss is not that of the lowest validation loss{hint}"
    return None


def _near(pair, wanted):
    return np.shape(pair) == (2,) and np.allclose(pair, wanted, rtol=1e-5, atol=1e-6)


LEARNING_RATES_MISTAKES = (
    Mistake("training losses", SOLUTION.edited(('"validation"', '"train"')), WRONG[0][1]),
    Mistake("the last epoch", SOLUTION.edited(("int(np.argmin(losses))", "-1")), WRONG[1][1]),
    Mistake("the highest loss", SOLUTION.edited(("argmin", "argmax")), WRONG[2][1]),
    Mistake("counted from 1", SOLUTION.edited(("points[lowest].step", "points[lowest].step + 1")), WRONG[3][1]),
    Mistake(
        "loss before epoch",
        SOLUTION.edited(("(points[lowest].step, losses[lowest])", "(losses[lowest], points[lowest].step)")),
        WRONG[4][1],
    ),
    Mistake("ten events by chance", SOLUTION.edited((", all_of_them", "")), SAMPLED),
    Mistake("one run only", SOLUTION.edited(("best[run.name]", 'best["best"]')), "one key for each folder in log_dir"),
)

# --- tensorboard/smoothing ------------------------------------------------------------------------------------------


def smooth(values, weight, *, start=None, correct=True, fed_back=False, gaps_count=False):
    """Smooth as TensorBoard's page does, with a switch for each typical mistake."""
    average, count, shown = 0.0 if start is None else values[0], 0, []
    for value in values:
        count += np.isfinite(value) or gaps_count
        if np.isfinite(value):
            average = weight * average + (1 - weight) * value
            value = average / (1 - weight**count) if correct else average
            average = value if fed_back else average
        shown.append(value)
    return np.array(shown)


SMOOTHING_MISTAKES = (
    Mistake(
        "not corrected",
        lambda values, weight: smooth(values, weight, correct=False),
        "the first values are pulled toward 0: divide by 1 - w^t, with t counted from 1",
    ),
    Mistake(
        "starts at the first value",
        lambda values, weight: smooth(values, weight, start="first", correct=False),
        "the average starts at 0, not at the first value; the division makes up for that",
    ),
    Mistake(
        "weights exchanged",
        lambda values, weight: smooth(values, 1 - weight),
        "w belongs to the average so far, 1 - w to the new value",
    ),
    Mistake(
        "the corrected value goes on",
        lambda values, weight: smooth(values, weight, fed_back=True),
        "keep the uncorrected average for the next step; the corrected one is only shown",
    ),
    Mistake(
        "gaps counted",
        lambda values, weight: smooth(values, weight, gaps_count=True),
        "t counts finite values only, not the gaps",
    ),
    Mistake(
        "gaps spread",
        lambda values, weight: np.where(np.cumsum(np.isnan(values)) > 0, np.nan, smooth(values, weight)),
        "after a gap everything is NaN: leave a value that is not finite out of the average",
    ),
)


def _compare_curves(got, expected):
    """Compare two curves; NaN must stand where it is expected."""
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"the result must be numeric; got {shorten(got)}"
    if array.shape != expected.shape:
        return f"the result must have shape {expected.shape}; got shape {array.shape}"
    gaps = np.isnan(expected)
    if not np.array_equal(np.isnan(array), gaps):
        got_at = np.flatnonzero(np.isnan(array)).tolist()
        return f"expected NaN at the positions {np.flatnonzero(gaps).tolist()}; got it at {got_at}"
    return difference(array[~gaps], expected[~gaps])


def _smoothing_cases(rng):
    for shown, with_gaps in (("a noisy curve", False), ("another weight", False), ("a curve with gaps (NaN)", True)):
        values = rng.uniform(1, 2) * np.exp(-np.arange(12) / 5) + rng.normal(scale=0.1, size=12) + 1
        if with_gaps:
            values[rng.choice(np.arange(2, 10), size=2, replace=False)] = np.nan
        yield function_case(
            f"smooth(values, weight): {shown}",
            (values, float(rng.uniform(0.6, 0.95))),
            reference=smooth,
            mistakes=SMOOTHING_MISTAKES,
            compare=_compare_curves,
        )


EXERCISES = (
    Exercise(
        label="tensorboard/learning-rates",
        title="Compare learning rates from their event files",
        points=4,
        difficulty=2,
        minutes=20,
        statement=prose("""
            TensorBoard draws what the callback `keras.callbacks.TensorBoard` wrote into event files. Read them
            yourself. A folder `log_dir` holds one folder for each run, named after its learning rate; in each run the
            callback made the folders `train` and `validation`, each with an event file in which the scalar
            "epoch_loss" has one value for each epoch. Write a function `compare_runs(log_dir)` that returns a
            dictionary: for each run, by the name of its folder, a pair of the epoch with the lowest *validation* loss
            (counted from 0, as the `step` of the event) and that loss.

            The class `EventAccumulator(folder, size_guidance={"tensors": 0})` reads a folder after a call of its
            method `Reload()`; without the guidance it keeps ten events, chosen at random. `Tensors("epoch_loss")`
            gives the events, `make_ndarray(event.tensor_proto)` the value of one. Then train a model of yours twice,
            with two learning rates, and compare: which rate reaches the lower loss, and which reaches it sooner?
        """),
        answer_name="compare_runs",
        stub='''\
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray


def compare_runs(log_dir):
    """Return {run: (epoch, loss)} of the lowest validation loss of each run."""
    ...
''',
        solution_source=str(SOLUTION),
        cases=_learning_rates_cases,
        mistakes=LEARNING_RATES_MISTAKES,
        hints=(
            'Path(log_dir).iterdir() lists the runs; run.name is the key, run / "validation" the folder to read.',
            "An event has a step and a tensor_proto. Make a list of the losses first.",
            "np.argmin(losses) is the position of the lowest; return the step of that event and its loss.",
        ),
        seconds=60.0,
    ),
    Exercise(
        label="tensorboard/smoothing",
        title="Smooth a curve as TensorBoard does",
        points=4,
        difficulty=2,
        minutes=15,
        statement=prose(r"""
            Write a function `smooth(values, weight)` that smooths a curve as the slider of TensorBoard's page does:
            `values` is an array of shape $[n]$, `weight` a number $w$ with $0 \le w < 1$. Start from the average
            $s_0 = 0$. For the values $x_1, x_2, \dots$ compute $s_t = w\, s_{t-1} + (1 - w)\, x_t$, and return
            $s_t / (1 - w^t)$ for each. A value that is not finite (NaN) is returned as it is; it changes neither the
            average nor the count $t$. The result has shape $[n]$. Use NumPy only.
        """),
        answer_name="smooth",
        stub='''\
import numpy as np


def smooth(values, weight):
    """Return the smoothed curve, shape [n]."""
    ...
''',
        solution_source="""\
import numpy as np


def smooth(values, weight):
    average, count, shown = 0.0, 0, []
    for value in values:
        if np.isfinite(value):
            average = weight * average + (1 - weight) * value
            count += 1
            value = average / (1 - weight**count)
        shown.append(value)
    return np.array(shown)
""",
        cases=_smoothing_cases,
        mistakes=SMOOTHING_MISTAKES,
        hints=(
            "Two numbers go from one value to the next: the uncorrected average, and how many values it holds.",
            "np.isfinite(value) tells a number from a gap; a gap is only appended.",
            "What is shown is the average divided by 1 - weight**count; what is kept is the average itself.",
        ),
    ),
)
