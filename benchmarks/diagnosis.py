"""Judge `coursepkg.deep.diagnose` on training runs with a known fault: precision and recall of each finding.

    python -m benchmarks.diagnosis                   # the runs that judge (minutes)
    python -m benchmarks.diagnosis --split tune      # runs on which the thresholds were chosen; tune-2 are more
    python -m benchmarks.diagnosis --curves          # without model and data: what the curves alone say
    python -m benchmarks.diagnosis --write           # stores the table that the book shows
    python -m benchmarks.diagnosis --wrong           # lists every run whose findings are not exactly its fault

Each of seventeen faults is built into networks of four sizes; 32 further runs are healthy. The splits differ in their
data and in their seeds. A finding is right if it names the fault that was built in, and wrong otherwise,
even where it describes what anybody would see: a network that cannot learn because of shuffled labels underfits, too.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections import Counter
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
SIZES = ((16,), (32, 16), (64, 64), (32, 32, 32, 32))
HEALTHY = "healthy"
SPLITS = ("tune", "tune-2", "judge")
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
    rate: float = 0.0
    optimizer: Any = keras.optimizers.Adam
    hidden: dict = field(default_factory=dict)  # options of the hidden layers
    between: Any = None  # makes a layer behind each hidden one
    last: str = ""  # last activation
    behind: Any = None  # makes a layer behind the last
    loss: Any = None
    prepare: Any = None  # changes (X, y), (X_valid, y_valid), given a generator
    freeze: Any = None  # changes the model before it is compiled
    callbacks: tuple = ()


def data_sets(split):
    """Return four small data sets by name, X and y of each; those of the last split choose no threshold."""
    make = {"tune": _digits_and_houses, "tune-2": _garments_and_series, "judge": _other_garments_and_houses}
    points, pictures, quantities, seed = make[split]()
    words = generate_words(1200 * 8 + 1, seed=seed)
    text = (words[:-1].reshape(-1, 8), words[1:].reshape(-1, 8))
    return {"points": points, "pictures": pictures, "quantities": quantities, "text": text}


def _digits_and_houses():
    (X, y), (X_valid, y_valid), _ = load_digits(seed=1)
    digits = np.concatenate([X, X_valid]).reshape(-1, 64) / 16, np.concatenate([y, y_valid])
    return _points("circle", 0.1, 1), digits, _houses(1, np.log1p), 1


def _garments_and_series():
    X, y = generate_fashion("train", 1200, start=20_000)
    X = X[:, ::2, ::2].reshape(-1, 14 * 14) / 255
    (windows, following), (more, and_more), _ = load_series(n_months=1500, seed=3)
    series = np.concatenate([windows, more])[:1200, :, 0], np.concatenate([following, and_more])[:1200]
    return _points("xor", 0.1, 2), (X, y.astype(int)), _standard(*series), 2


def _other_garments_and_houses():
    X, y = generate_fashion("train", 1200, start=40_000)
    return _points("xor", 0.2, 9), (X.reshape(-1, 784) / 255, y.astype(int)), _houses(7, np.cbrt), 9


def _points(name, noise, seed):
    X, y = load_playground(name, n=1200, noise=noise, seed=seed)
    return X / 3, y


def _houses(seed, transform):
    X, y = generate_housing()
    rows = np.random.default_rng(seed).permutation(len(X))[:1200]
    return _standard(transform(np.abs(X[rows])), y[rows])


def _standard(X, y):
    return (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean()) / y.std()


EPOCHS = {"points": 25, "pictures": 10, "quantities": 20, "text": 8}
RATES = {"points": 0.01, "pictures": 0.003, "quantities": 0.003, "text": 0.01}


def plans():
    """Yield the plans of all runs: each fault in four sizes, then the healthy ones."""
    for fault, makers in BUILT_IN.items():
        for i, sizes in enumerate(SIZES):
            yield makers[i % len(makers)](Plan(fault, "points", sizes))
    for maker in WELL:
        for sizes in SIZES:
            yield maker(Plan(HEALTHY, "points", sizes))


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
        optimizer = plan.optimizer(learning_rate=plan.rate or RATES[plan.data])
        model.compile(loss=plan.loss or loss, optimizer=optimizer, metrics=metrics)
        options = {"batch_size": plan.batch_size, "validation_data": sets[1], "callbacks": list(plan.callbacks)}
        return fit_fast(model, *sets[0], epochs=epochs, **options)

    if plan.freeze == "after training":  # on purpose: what was learned is kept, the last layer learns anew
        fit(epochs)
        for layer in model.layers[:-1]:
            layer.trainable = False
        return fit(5), model, sets
    if plan.freeze:
        plan.freeze(model)
    return fit(epochs), model, sets


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
    return X, y + rng.normal(0, 0.5, len(y)) if y.dtype.kind == "f" else y


def too_few(data, n, epochs):
    return plan(data=data, n=n, epochs=epochs, rate=0.01, prepare=on_both(noisy))


BUILT_IN = {
    "loss flat": [
        plan(optimizer=sgd(), rate=1e-6),
        plan(data="pictures", optimizer=sgd(0.9), rate=1e-7),
        plan(data="quantities", rate=1e-8),
        plan(data="pictures", rate=1e-8),
    ],
    "oscillating": [
        plan(data="quantities", optimizer=sgd(0.9), rate=0.25, hidden={"activation": "tanh"}),
        plan(data="pictures", rate=0.2, hidden={"activation": "tanh"}),
        plan(rate=1.0, hidden={"activation": "tanh"}),
        plan(data="pictures", rate=0.1, hidden={"activation": "tanh"}),
    ],
    "exploding": [
        plan(data="quantities", optimizer=sgd(), rate=1.0, batch_size=800, hidden={"activation": "linear"}),
        plan(data="quantities", optimizer=sgd(), rate=0.003, callbacks=(rising(1.6),), hidden={"activation": "linear"}),
        plan(data="quantities", optimizer=sgd(), rate=0.5, batch_size=800, hidden={"activation": "linear"}),
        plan(data="pictures", rate=0.001, callbacks=(rising(3.0),)),
    ],
    "NaN": [
        plan(data="quantities", prepare=on_train(with_holes)),
        plan(data="pictures", loss=bare_log, rate=0.01),
        plan(data="quantities", optimizer=sgd(), rate=1e6),
        plan(data="quantities", prepare=on_train(lambda X, y, rng: (X, np.where(y > 2, np.nan, y)))),
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
        plan(rate=1e-5),
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
    plan(data="pictures"),
    plan(data="pictures", between=lambda: layers.Dropout(0.2)),
    plan(data="pictures", between=lambda: layers.BatchNormalization(momentum=0.9), epochs=8),
    plan(data="quantities"),
    plan(data="text"),
    plan(data="pictures", freeze="after training"),
]


# ---- judging ---------------------------------------------------------------------------------------------------------


def judge(split, *, curves=False, only=None):
    """Carry out the plans; return (plan, data set, findings) of each."""
    found, data = [], data_sets(split)
    for number, chosen in enumerate(plans()):
        if only is None or only(chosen, number):
            history, model, sets = train(chosen, data[chosen.data], seed=number + 1000 * SPLITS.index(split))
            given = {} if curves else {"model": model, "data": sets}
            found.append((chosen, history.history, diagnose(history, **given)))
            print(".", end="", file=sys.stderr, flush=True)
    return found


def table(found, names):
    """Return a row a fault: runs with it, findings of it, how many of these are right, precision, recall."""
    built_in = Counter(chosen.fault for chosen, _, _ in found)
    named = Counter(finding.fault for *_, findings in found for finding in findings)
    right = Counter(f.fault for chosen, _, findings in found for f in findings if f.fault == chosen.fault)
    rows = []
    for name in names:
        precision = right[name] / named[name] if named[name] else float("nan")
        recall = right[name] / built_in[name] if built_in[name] else float("nan")
        rows.append((name, built_in[name], named[name], right[name], precision, recall))
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
    print(f"{'finding':26} {'runs':>5} {'found':>6} {'right':>6} {'precision':>10} {'recall':>7}")
    rows = table(found, CURVES if options.curves else FAULTS)
    for name, *counts, precision, recall in rows:
        print(f"{name:26} {counts[0]:5} {counts[1]:6} {counts[2]:6} {precision:10.2f} {recall:7.2f}")
    healthy = [findings for chosen, _, findings in found if chosen.fault == HEALTHY]
    sick = [(chosen.fault, findings) for chosen, _, findings in found if chosen.fault != HEALTHY]
    first = sum(bool(findings) and findings[0].fault == name for name, findings in sick)
    print(f"healthy runs: {len(healthy)}, with a finding: {sum(map(bool, healthy))}")
    print(
        f"runs with a fault: {len(sick)}, named first: {first}; {time.process_time() - start:.0f} s of processor time"
    )
    if options.write:
        with TABLE.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("finding", "runs with it", "found", "right", "precision", "recall"))
            writer.writerows((*row[:4], f"{row[4]:.2f}", f"{row[5]:.2f}") for row in rows)
    if options.wrong:
        for chosen, history, findings in found:
            if [finding.fault for finding in findings] != [chosen.fault] * (chosen.fault != HEALTHY):
                step = max(len(history["loss"]) // 8, 1)
                curves = [np.array2string(np.array(history[key])[::step], precision=3) for key in ("loss", "val_loss")]
                print(f"\n{chosen.fault}, {chosen.data}, {chosen.sizes}:", *curves)
                print(*(f"    {str(finding).splitlines()[0]}" for finding in findings), sep="\n")


if __name__ == "__main__":
    main()
