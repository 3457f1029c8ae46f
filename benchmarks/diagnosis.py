"""Judge `coursepkg.deep.diagnose` on training runs with a known fault: precision and recall of each finding.

    python -m benchmarks.diagnosis                   # the runs that judge (ten minutes)
    python -m benchmarks.diagnosis --split tune      # runs on which thresholds were chosen; tune-2 to tune-4 are more
    python -m benchmarks.diagnosis --curves          # without model and data: what the curves alone say
    python -m benchmarks.diagnosis --write           # stores the table that the book shows
    python -m benchmarks.diagnosis --wrong           # lists every run whose findings are not exactly its fault

Each of seventeen faults is built into ten networks of four sizes; further runs are healthy. Splits differ in data,
seeds and rates, the last two also in the sizes. Most faults are there by construction. One that only shows in what the
run does (a rate too high or too low, too few units) must show by a definition of its own, mostly by what a second run
does: see `shows`. A run that does not show its fault, or is not healthy, is drawn again with another seed (for a rate
too high or too low, with another rate as well), before `diagnose` sees it; after six draws it is left out.

A finding is right if it is a label of the run: the fault that was built in, or one whose definition holds as well, such
as overfitting beside shuffled labels. Recall counts only what was built in.

The runs of the split "judge" were looked at once; no threshold was changed after that. Those of "tune-4" had judged an
earlier version, which missed the goal for two findings; they have chosen thresholds since.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from coursepkg.deep import seed_everything
from coursepkg.deep.diagnosis import CURVES, FAULTS, diagnose
from coursepkg.deep.training import fit_fast

import keras  # isort: skip (after coursepkg.deep, which silences TensorFlow)
import numpy as np  # isort: skip

from coursepkg.data import (
    WORDS,
    generate_fashion,
    generate_housing,
    generate_words,
    load_digits,
    load_playground,
    load_series,
)

layers = keras.layers
HEALTHY = "healthy"
SIZES = ((16,), (32, 16), (64, 64), (32, 32, 32, 32))
SPLITS = {  # points and their noise; first garment and distance of its pixels, or digits; of the houses; sizes
    "tune": (("circle", 0.1), None, np.log1p, SIZES),
    "tune-2": (("xor", 0.1), (20_000, 2), None, SIZES),  # a series instead of houses
    "tune-3": (("xor", 0.2), (40_000, 1), np.cbrt, SIZES),
    "tune-4": (("circle", 0.2), (30_000, 2), np.arcsinh, ((24,), (48, 24), (80, 40), (40, 40, 40, 40))),
    "judge": (("xor", 0.15), (10_000, 3), np.positive, ((20,), (40, 20), (96, 48), (28, 28, 28, 28))),
}
TRIES = 6
BEYOND = {"oscillating": "exploding", "exploding": "NaN"}  # what a rate does that is too high even for that
TABLE = Path(__file__).parents[1] / "book/tables/diagnosis.csv"


@dataclass
class Plan:
    """How a run is made; every field of a healthy one has a sensible value."""

    fault: str
    data: str  # a key of `data_sets`
    sizes: tuple
    n: int = 800  # training rows
    epochs: int = 0  # 0: as the data set needs
    batch_size: int = 32
    rate: float = 0.0  # up to a random factor of 0.75 to 1.33
    optimizer: Any = keras.optimizers.Adam
    hidden: dict = field(default_factory=dict)  # options of the hidden layers
    between: Any = None  # makes a layer behind each hidden one
    last: str = ""  # last activation
    behind: Any = None  # makes a layer behind the last
    loss: Any = None
    prepare: Any = None  # changes (X, y), (X_valid, y_valid), given a generator
    freeze: Any = None  # changes the model before it is compiled
    callbacks: tuple = ()


@dataclass
class Judged:
    """A run that was carried out, and what `diagnose` found; `labels` are all faults that it has."""

    plan: Plan
    labels: set
    history: dict
    model: Any = None
    sets: Any = None
    tries: int = 1  # runs that were drawn until one showed its fault
    findings: list = field(default_factory=list)


def data_sets(split):
    """Return four small data sets by name, X and y of each; those of the last split choose no threshold."""
    seed = _number(split) + 1
    points, garments, change, _ = SPLITS[split]
    words = generate_words(1200 * 8 + 1, seed=seed)
    text = (words[:-1].reshape(-1, 8), words[1:].reshape(-1, 8))
    X, y = load_playground(points[0], n=1200, noise=points[1], seed=seed)
    pictures = _garments(*garments) if garments else _digits()
    quantities = _houses(seed, change) if change else _series(seed)
    return {"points": (X / 3, y), "pictures": pictures, "quantities": quantities, "text": text}


def _number(split):
    return list(SPLITS).index(split)


def _digits():
    (X, y), (X_valid, y_valid), _ = load_digits(seed=1)
    return np.concatenate([X, X_valid]).reshape(-1, 64) / 16, np.concatenate([y, y_valid])


def _garments(start, step):
    X, y = generate_fashion("train", 1200, start=start)
    return X[:, ::step, ::step].reshape(1200, -1) / 255, y.astype(int)


def _series(seed):
    (windows, following), (more, and_more), _ = load_series(n_months=1500, seed=seed)
    return _standard(np.concatenate([windows, more])[:1200, :, 0], np.concatenate([following, and_more])[:1200])


def _houses(seed, change):
    X, y = generate_housing(seed=seed)
    return _standard(change(np.abs(X[:1200])), y[:1200])


def _standard(X, y):
    return (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean()) / y.std()


EPOCHS = {"points": 25, "pictures": 8, "quantities": 20, "text": 8}
RATES = {"points": 0.01, "pictures": 0.003, "quantities": 0.003, "text": 0.01}


def plans(split):
    """Yield the plans of all runs: each fault ten times, in four sizes, then the healthy ones."""
    shift, sizes = _number(split), SPLITS[split][-1]
    for fault, makers in BUILT_IN.items():
        for i in range(10):  # no pair of maker and size twice
            yield makers[(i + i // 4 + shift) % len(makers)](Plan(fault, "points", sizes[i % 4]))
    for maker in WELL:
        for size in sizes * (2 if split == "judge" else 1):
            yield maker(Plan(HEALTHY, "points", size))


def build(plan, width, outputs):
    """Return the network of a plan, not compiled."""
    options = {"activation": "relu", "kernel_initializer": "he_normal"} | plan.hidden
    if plan.data == "text":
        stack = [keras.Input((8,), dtype="int64"), layers.Embedding(len(WORDS), 16)]
        stack += [layers.Conv1D(units, 3, **({"padding": "causal"} | options)) for units in plan.sizes]
    else:
        stack = [keras.Input((width,))]
        for units in plan.sizes:
            stack.append(layers.Dense(units, **options))
            if plan.between:
                stack.append(plan.between())
    last = plan.last or {"points": "sigmoid", "quantities": "linear"}.get(plan.data, "softmax")
    stack.append(layers.Dense(outputs, activation=last))
    return keras.Sequential(stack + ([plan.behind()] if plan.behind else []))


def train(plan, data, seed):
    """Carry out a plan; return history, model and data."""
    X, y = data
    rng = np.random.default_rng(seed)
    rate = (plan.rate or RATES[plan.data]) * np.exp(rng.uniform(-0.29, 0.29))
    rows = rng.permutation(len(X))
    held, kept = rows[:400], rows[400 : 400 + plan.n]
    sets = (X[kept], y[kept]), (X[held], y[held])
    if plan.prepare:
        sets = plan.prepare(sets, rng)
    keras.utils.set_random_seed(seed)
    outputs = {"points": 1, "quantities": 1, "pictures": 10, "text": len(WORDS)}[plan.data]
    model = build(plan, sets[0][0].shape[1], outputs)
    loss = {"points": "binary_crossentropy", "quantities": "mse"}.get(plan.data, "sparse_categorical_crossentropy")
    metrics = [] if plan.data == "quantities" else ["accuracy"]
    epochs = plan.epochs or EPOCHS[plan.data]

    def fit(epochs):
        model.compile(loss=plan.loss or loss, optimizer=plan.optimizer(learning_rate=rate), metrics=metrics)
        options = {"batch_size": plan.batch_size, "validation_data": sets[1], "callbacks": list(plan.callbacks)}
        return fit_fast(model, *sets[0], epochs=epochs, **options).history

    if plan.freeze == "after training":  # on purpose: what was learned is kept, the last layer learns anew
        fit(epochs)
        for layer in model.layers[:-1]:
            layer.trainable = False
        return fit(5), model, sets
    if plan.freeze:
        plan.freeze(model)
    return fit(epochs), model, sets


# ---- whether a run has the fault that is written on it ---------------------------------------------------------------


def seen_in_curves(history):
    """Return the faults whose definition holds for the curves alone."""
    loss, val_loss = np.array(history["loss"]), np.array(history["val_loss"])
    finite = loss[: np.argmin(np.isfinite(loss))] if not np.isfinite(loss).all() else loss
    found = {"NaN"} if len(finite) < len(loss) else set()
    if len(finite) > 1:
        lowest = int(finite.argmin())
        if finite[lowest:].max() > 10 * finite[lowest] and finite.max() > 2 * finite[0]:
            found.add("exploding")
        if np.ptp(finite) < 0.01 * finite[0]:
            found.add("loss flat")
    best = int(val_loss.argmin())
    if val_loss[-1] > 1.2 * val_loss[best] and loss[-1] < loss[best]:
        found.add("overfitting")
    return found


def rises(loss):
    """Whether the loss rose in a quarter of the epochs or more, after the first quarter of them."""
    return np.mean(np.diff(loss[len(loss) // 4 :]) > 0) >= 0.25


def _moved(loss):
    return np.ptp(loss) > 0.02 * loss[0]


def shows(chosen, history, again):
    """Whether a run has its fault, by a definition that does not ask `diagnose`.

    ``again`` repeats the run with changes, from the same seed, and returns its history. Faults that are not named here
    are there by construction, such as shuffled labels.
    """
    curves, loss = seen_in_curves(history), np.array(history["loss"])
    if chosen.fault in ("NaN", "exploding", "loss flat", "overfitting"):
        return chosen.fault in curves
    if chosen.fault == "oscillating":  # a tenth of the rate ends lower
        ends = min(np.median(loss[len(loss) // 4 :]), loss[-1])
        return rises(loss) and "exploding" not in curves and again(rate=chosen.rate / 10)["loss"][-1] < 0.9 * ends
    if chosen.fault == "slow":  # ten times the rate ends much lower
        return _moved(loss) and again(rate=10 * chosen.rate)["loss"][-1] < 0.7 * loss[-1]
    if chosen.fault == "underfitting":  # without what limits it, the network tells many more rows right
        free = again(sizes=(64, 32), hidden={}, between=None, rate=0.0)
        return history["accuracy"][-1] < free["accuracy"][-1] - 0.1
    if chosen.fault == HEALTHY:
        return not curves and (chosen.freeze or loss[-1] < 0.9 * loss[0])
    return True


# ---- what is built in ------------------------------------------------------------------------------------------------


def plan(**changes):
    """Return a maker of plans that differ from the usual one in ``changes``."""
    return lambda usual: replace(usual, **changes)


def sgd(momentum=0.0):
    return lambda learning_rate: keras.optimizers.SGD(learning_rate, momentum=momentum)


def rising(factor):
    """A schedule in the wrong direction."""
    return keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * factor)


def on_train(change):
    return lambda sets, rng: (change(*sets[0], rng), sets[1])


def on_valid(change):
    return lambda sets, rng: (sets[0], change(*sets[1], rng))


def on_both(change):
    return lambda sets, rng: (change(*sets[0], rng), change(*sets[1], rng))


def shuffled(X, y, rng):
    return X, rng.permutation(y)


def with_holes(X, y, rng):
    X = X.copy()
    X[rng.integers(len(X), size=3), 0] = np.nan
    return X, y


def copies(share):
    """Put a share of the training rows in place of validation rows."""

    def prepare(sets, rng):
        (X, y), (X_valid, y_valid) = sets
        n = int(share * len(X_valid))
        rows = rng.choice(len(X), n, replace=False)
        return (X, y), (np.concatenate([X[rows], X_valid[n:]]), np.concatenate([y[rows], y_valid[n:]]))

    return prepare


def bare_log(y, p):
    """A cross-entropy of one's own, which forgets that p may be small."""
    p = keras.ops.sum(keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(y, (-1,)), "int32"), 10) * p, axis=-1)
    return -keras.ops.log(keras.ops.relu(p - 0.02))


@keras.saving.register_keras_serializable("benchmark")
class Noise(layers.Layer):
    """Dropout that somebody forgot to switch off in use."""

    def __init__(self):
        super().__init__()
        self.dropout = layers.Dropout(0.4)

    def call(self, x):
        return self.dropout(x, training=True)


@keras.saving.register_keras_serializable("benchmark")
class Stop(layers.Layer):
    def call(self, x):
        return keras.ops.stop_gradient(x)


def freeze_all(model):
    model.trainable = False


def freeze_hidden(model):
    for layer in model.layers[:-1]:
        layer.trainable = False


def narrow(usual):
    return replace(usual, data="pictures", sizes=(1, *usual.sizes), hidden={"activation": "tanh"})


def deep_sigmoid(usual):
    hidden = {"activation": "sigmoid", "kernel_initializer": keras.initializers.RandomNormal(stddev=0.05)}
    return replace(usual, data="pictures", sizes=(32,) * 8, hidden=hidden)


def constant(value):
    return keras.initializers.Constant(value)


def noisy(X, y, rng):
    """Add noise to quantities, and give a fifth of the labels another class."""
    if y.dtype.kind == "f":
        return X, y + rng.normal(0, 0.5, len(y))
    return X, np.where(rng.random(len(y)) < 0.2, rng.integers(0, y.max() + 1, len(y)), y)


LINEAR, TANH, NOISY = {"activation": "linear"}, {"activation": "tanh"}, on_both(noisy)


def too_few(data, n, epochs):
    return plan(data=data, n=n, epochs=epochs, rate=0.01, prepare=NOISY)


BUILT_IN = {
    "loss flat": [
        plan(optimizer=sgd(), rate=1e-6),
        plan(data="pictures", optimizer=sgd(0.9), rate=1e-7),
        plan(data="quantities", rate=1e-8),
        plan(data="pictures", rate=1e-8),
    ],
    "oscillating": [
        plan(data="quantities", loss="mae", optimizer=sgd(0.9), rate=0.4, batch_size=200, epochs=30, hidden=TANH),
        plan(data="pictures", prepare=NOISY, optimizer=sgd(), rate=1.5, batch_size=200, epochs=20, hidden=TANH),
        plan(prepare=NOISY, optimizer=sgd(), rate=8.0, batch_size=400, epochs=30, hidden=TANH),
        plan(data="pictures", prepare=NOISY, optimizer=sgd(0.9), rate=0.4, batch_size=200, epochs=20, hidden=TANH),
    ],
    "exploding": [
        plan(data="quantities", optimizer=sgd(), rate=0.3, batch_size=800, hidden=LINEAR),
        plan(data="quantities", optimizer=sgd(), rate=0.01, batch_size=400, callbacks=(rising(1.4),), hidden=LINEAR),
        plan(data="quantities", optimizer=sgd(), rate=0.2, batch_size=800, hidden=LINEAR),
        plan(data="quantities", rate=0.003, epochs=10, callbacks=(rising(3.0),), hidden=LINEAR),
    ],
    "NaN": [
        plan(data="quantities", prepare=on_train(with_holes)),
        plan(data="pictures", loss=bare_log, rate=0.01),
        plan(data="quantities", optimizer=sgd(), rate=1e6),
        plan(data="quantities", prepare=on_train(lambda X, y, rng: (X, np.where(y > 1, np.nan, y)))),
    ],
    "overfitting": [
        too_few("pictures", 100, 100),
        too_few("quantities", 60, 150),
        too_few("pictures", 100, 80),
        too_few("quantities", 60, 150),
    ],
    "underfitting": [
        plan(sizes=(), epochs=40, rate=0.03),
        plan(data="pictures", hidden={"kernel_regularizer": keras.regularizers.L2(3.0)}),
        plan(data="pictures", between=lambda: layers.Dropout(0.97)),
        narrow,
    ],
    "slow": [
        plan(data="pictures", rate=1e-4),
        plan(data="quantities", optimizer=sgd(), rate=2e-4),
        plan(rate=3e-4),
        plan(data="pictures", optimizer=sgd(), rate=1e-3),
    ],
    "zero gradients": [
        plan(between=Stop),
        plan(data="pictures", hidden={"activation": keras.ops.sign}),
        plan(data="pictures", between=Stop),
        deep_sigmoid,
    ],
    "dead units": [
        plan(hidden={"bias_initializer": constant(-20.0)}),
        plan(data="pictures", hidden={"bias_initializer": constant(-20.0)}),
        plan(data="pictures", hidden={"kernel_initializer": keras.initializers.RandomUniform(-0.5, -0.1)}),
        plan(data="quantities", hidden={"bias_initializer": constant(-30.0)}),
    ],
    "leaking validation data": [
        plan(data="pictures", prepare=copies(1.0)),
        plan(prepare=copies(0.3)),
        plan(data="quantities", prepare=on_both(lambda X, y, rng: (np.column_stack([X, 2 * y]), y))),
        plan(data="pictures", prepare=copies(0.2)),
    ],
    "wrong or shuffled labels": [
        plan(prepare=on_train(shuffled)),
        plan(data="pictures", prepare=on_train(shuffled)),
        plan(data="pictures", prepare=on_valid(lambda X, y, rng: (X, (y + 1) % 10))),
        plan(data="quantities", prepare=on_train(shuffled)),
    ],
    "forgotten scaling": [
        plan(data="pictures", prepare=on_both(lambda X, y, rng: (255 * X, y))),
        plan(data="quantities", prepare=on_both(lambda X, y, rng: (X * np.geomspace(1, 1e4, X.shape[1]), y))),
        plan(data="quantities", prepare=on_both(lambda X, y, rng: (X, 2e5 * (y + 2)))),
        plan(prepare=on_both(lambda X, y, rng: (X / 1e4, y))),
    ],
    "double softmax": [
        plan(data="pictures", behind=layers.Softmax),
        plan(data="pictures", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)),
        plan(data="pictures", behind=lambda: layers.Activation("softmax")),
        plan(data="pictures", behind=layers.Softmax),
    ],
    "wrong loss": [
        plan(last="linear"),
        plan(data="pictures", loss="mse", prepare=on_both(lambda X, y, rng: (X, y[:, None]))),
        plan(data="quantities", last="sigmoid"),
        plan(data="pictures", last="linear"),
    ],
    "train/inference mismatch": [
        plan(data="pictures", between=lambda: layers.BatchNormalization(momentum=0.9999)),
        plan(data="pictures", prepare=on_valid(lambda X, y, rng: (255 * X, y))),
        plan(data="pictures", between=Noise),
        plan(data="quantities", between=lambda: layers.BatchNormalization(momentum=0.9999)),
    ],
    "frozen layers": [
        plan(data="pictures", freeze=freeze_all),
        plan(freeze=freeze_hidden),
        plan(data="quantities", freeze=freeze_all),
        plan(data="pictures", freeze=freeze_hidden),
    ],
    "a bug in the mask": [plan(data="text", hidden={"padding": "same"})],
}

WELL = [
    plan(),
    plan(optimizer=sgd(0.9), rate=0.05, hidden={"activation": "tanh", "kernel_initializer": "glorot_uniform"}),
    plan(batch_size=8, epochs=12),
    plan(data="pictures"),
    plan(data="pictures", between=lambda: layers.Dropout(0.2)),
    plan(data="pictures", between=lambda: layers.BatchNormalization(momentum=0.9), epochs=5),
    plan(data="pictures", optimizer=sgd(0.9), rate=0.03, hidden={"activation": "elu"}),
    plan(data="pictures", freeze="after training"),
    plan(data="quantities"),
    plan(data="quantities", optimizer=sgd(0.9), rate=0.01, epochs=15),
    plan(data="quantities", optimizer=keras.optimizers.RMSprop, rate=0.001, epochs=25),
    plan(data="text"),
]


# ---- judging ---------------------------------------------------------------------------------------------------------


def carry_out(split, *, only=None):
    """Yield the runs of a split, each drawn again until it shows its fault; `diagnose` has not seen them."""
    data = data_sets(split)
    for number, chosen in enumerate(plans(split)):
        if only is not None and not only(chosen, number):
            continue
        for attempt in range(TRIES):
            seed = 10_000 * _number(split) + 1000 * attempt + number
            history, model, sets = train(chosen, data[chosen.data], seed)
            again = lambda chosen=chosen, seed=seed, **changes: train(  # noqa: E731
                replace(chosen, **changes), data[chosen.data], seed
            )[0]
            if shows(chosen, history, again):
                break
            if chosen.fault in BEYOND:  # which rate is a little too high depends on data and sizes
                too_high = BEYOND[chosen.fault] in seen_in_curves(history)
                chosen = replace(chosen, rate=chosen.rate * (0.5 if too_high else 1.7))
            if chosen.fault == "slow":  # and which one is a little too low
                chosen = replace(chosen, rate=chosen.rate * (0.5 if _moved(history["loss"]) else 2.0))
        else:
            print(f"left out, since {TRIES} runs do not show their fault: {chosen}", file=sys.stderr)
            continue
        labels = seen_in_curves(history) | {chosen.fault}
        if chosen.fault == "exploding" and rises(np.nan_to_num(history["loss"], nan=1e300, posinf=1e300)):
            labels.add("oscillating")
        yield Judged(chosen, labels, history, model, sets, attempt + 1)


def judge(split, *, curves=False, only=None):
    """Return the runs of a split with the findings of `diagnose`; models and data are let go."""
    found = []
    for run in carry_out(split, only=only):
        given = {} if curves else {"model": run.model, "data": run.sets}
        findings = diagnose(run.history, **given)
        found.append(replace(run, model=None, sets=None, findings=findings))
        print(".", end="", file=sys.stderr, flush=True)
    return found


def table(found, names):
    """Return a row a fault: runs with it built in, findings, how many of these are right, precision, recall."""
    rows = []
    for name in names:
        built_in = [run for run in found if run.plan.fault == name]
        named = [run for run in found if name in (finding.fault for finding in run.findings)]
        right = sum(name in run.labels for run in named)
        noticed = sum(run in named for run in built_in)
        precision = right / len(named) if named else float("nan")
        rows.append((name, len(built_in), len(named), right, precision, noticed / max(len(built_in), 1)))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=SPLITS, default="judge")
    parser.add_argument("--curves", action="store_true", help="give diagnose the histories only")
    parser.add_argument("--wrong", action="store_true", help="list the runs that were not named exactly")
    parser.add_argument("--write", action="store_true", help=f"store the table in {TABLE.name}")
    parser.add_argument("--only", nargs="+", metavar="FAULT", help="only runs of these faults")
    options = parser.parse_args()
    seed_everything(0)
    start = time.process_time()
    wanted = (lambda chosen, number: chosen.fault in options.only) if options.only else None
    found = judge(options.split, curves=options.curves, only=wanted)
    rows = table(found, CURVES if options.curves else FAULTS)
    print(f"\n{'finding':26} {'runs':>5} {'found':>6} {'right':>6} {'precision':>10} {'recall':>7}")
    for name, *counts, precision, recall in rows:
        print(f"{name:26} {counts[0]:5} {counts[1]:6} {counts[2]:6} {precision:10.2f} {recall:7.2f}")
    healthy = [run for run in found if run.plan.fault == HEALTHY]
    sick = [run for run in found if run.plan.fault != HEALTHY]
    first = sum(bool(run.findings) and run.findings[0].fault in run.labels for run in sick)
    print(f"healthy runs: {len(healthy)}, with a finding: {sum(bool(run.findings) for run in healthy)}")
    print(f"runs with a fault: {len(sick)}, named first: {first}; drawn again: {sum(run.tries - 1 for run in found)}")
    print(f"{time.process_time() - start:.0f} s of processor time")
    if options.write:
        with TABLE.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("finding", "runs with it", "found", "right", "precision", "recall"))
            writer.writerows((*row[:4], f"{row[4]:.2f}", f"{row[5]:.2f}") for row in rows)
    if options.wrong:
        for run in found:
            if {finding.fault for finding in run.findings} != {run.plan.fault} - {HEALTHY}:
                step = max(len(run.history["loss"]) // 8, 1)
                losses = (np.array(run.history[key])[::step] for key in ("loss", "val_loss"))
                print(f"\n{run.plan.fault}, {run.plan.data}, {run.plan.sizes}, {run.labels}:", *losses)
                print(*(f"    {str(finding).splitlines()[0]}" for finding in run.findings), sep="\n")


if __name__ == "__main__":
    main()
