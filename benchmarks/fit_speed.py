"""The ways to make Keras's `fit` fast on a CPU, side by side; the losses that must be equal are compared.

    python -m benchmarks.fit_speed [--cpu] [--write] [--epochs 6] [--repeats 3]     two to four minutes

A 784-300-100-10 network learns from 4,000 generated images in batches of 32, in their order (no shuffling), and is
tried on 1,000 validation images after each epoch. Each way begins with the same weights. All ways take turns, each
time in one call; the first epoch counts apart, since it holds tracing and compilation. Ratios are medians over the
turns, in units of plain `fit` of the same precision. --cpu measures the time of the processor on one thread instead
of the time that passes: the steadier ratio on a machine that is busy with other work. --write stores the table that
the book shows.

Operations are not made deterministic here: Keras refuses `jit_compile` when they are.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from benchmarks.timing import REPEATS, cpu, row, wall
from coursepkg.data import load_fashion
from coursepkg.deep import fit_fast

import keras  # isort: skip (after coursepkg.deep, which keeps TensorFlow's notices out)
import tensorflow as tf  # isort: skip

TABLE = Path(__file__).parents[1] / "book/tables/fit_speed.csv"
N_TRAIN, N_VALID, BATCH = 4000, 1000, 32
# How far the last losses may lie from those of plain fit, relative to them; compiled by XLA, sums are reordered.
SAME = {"float64": 1e-9, "float32": 1e-3}
SAME_JIT = {"float64": 1e-6, "float32": 1e-2}


class Clock(keras.callbacks.Callback):
    """Note the time after each epoch. Without hooks of batches, so that it costs nothing."""

    def __init__(self, now):
        super().__init__()
        self.now, self.times = now, [now()]

    def on_epoch_end(self, epoch, logs=None):
        self.times.append(self.now())

    def seconds(self):
        """Return the seconds of the first epoch and the median of the others."""
        first, *others = np.diff(self.times)
        return first, np.median(others)


def new_model(**options):
    keras.utils.clear_session()
    keras.utils.set_random_seed(42)
    hidden = [keras.layers.Dense(units, activation="relu") for units in (300, 100)]
    outputs = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), *hidden, outputs])
    # "auto" would compile by XLA where there is a graphics card.
    model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd", **{"jit_compile": False} | options)
    return model


def by_fit(fit=keras.Model.fit, *, compiled=(), **options):
    """Return a way that calls `fit` with other options."""

    def train(training, validation, epochs, clock):
        model, settings = new_model(**dict(compiled)), {"batch_size": BATCH, "shuffle": False, "verbose": 0}
        settings |= {"epochs": epochs, "validation_data": validation, "callbacks": [clock]}
        history = fit(model, *training, **settings | options).history
        return history["loss"][-1], history["val_loss"][-1]

    return train


def by_dataset(training, validation, epochs, clock):
    """Cached batches of tf.data instead of arrays."""
    model, cached = new_model(), []
    for arrays in (training, validation):
        dataset = tf.data.Dataset.from_tensor_slices(arrays).batch(BATCH)
        cached.append(dataset.cache().prefetch(tf.data.AUTOTUNE))
    settings = {"epochs": epochs, "validation_data": cached[1], "callbacks": [clock], "shuffle": False, "verbose": 0}
    history = model.fit(cached[0], **settings).history
    return history["loss"][-1], history["val_loss"][-1]


def by_hand(whole_epoch):
    """Return a loop of one's own around `tf.function`: a call for each batch, or one for a whole epoch."""

    def train(training, validation, epochs, clock):
        model = new_model()
        loss_of = keras.losses.SparseCategoricalCrossentropy()
        model.optimizer.build(model.trainable_variables)
        (x, y), (x_valid, y_valid) = (tuple(map(tf.constant, arrays)) for arrays in (training, validation))

        def step(start):
            with tf.GradientTape() as tape:
                loss = loss_of(y[start : start + BATCH], model(x[start : start + BATCH], training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply(gradients, model.trainable_variables)
            return loss

        def epoch_in_graph():
            total = tf.zeros((), x.dtype)
            for start in tf.range(0, len(x), BATCH):
                total += step(start)
            return total

        step_in_graph, epoch_in_graph = tf.function(step), tf.function(epoch_in_graph)
        validate = tf.function(lambda: loss_of(y_valid, model(x_valid)))
        starts = tf.range(0, len(x), BATCH)
        for epoch in range(epochs):
            total = epoch_in_graph() if whole_epoch else sum(step_in_graph(start) for start in starts)
            valid_loss = float(validate())
            clock.on_epoch_end(epoch)
        return float(total) / len(starts), valid_loss

    return train


N_STEPS = -(-N_TRAIN // BATCH)
WAYS = {
    "fit": by_fit(),
    "validation_batch_size=1000": by_fit(validation_batch_size=1000),
    "cached tf.data": by_dataset,
    "jit_compile=True": by_fit(compiled={"jit_compile": True}),
    "steps_per_execution=16": by_fit(compiled={"steps_per_execution": 16}),
    f"steps_per_execution={N_STEPS} (an epoch)": by_fit(compiled={"steps_per_execution": N_STEPS}),
    "coursepkg.deep.fit_fast": by_fit(fit_fast),
    "own loop, tf.function for a batch": by_hand(whole_epoch=False),
    "own loop, tf.function for an epoch": by_hand(whole_epoch=True),
}


def measure(dtype, epochs, repeats, now, ways=WAYS, n_train=N_TRAIN):
    """Return seconds, shape [turns, ways, 2] (first epoch, each further one); stop if losses are not those of fit."""
    keras.config.set_floatx(dtype)
    (x, y), (x_valid, y_valid), _ = load_fashion(n_train=n_train, n_valid=N_VALID, n_test=0)
    training, validation = ((x / 255).astype(dtype), y), ((x_valid / 255).astype(dtype), y_valid)
    times, losses = np.empty((repeats, len(ways), 2)), {}
    for turn in range(repeats):  # in turns, so that a busy moment hits all alike
        for k, (name, train) in enumerate(ways.items()):
            clock = Clock(now)
            losses[name] = np.array(train(training, validation, epochs, clock))
            times[turn, k] = clock.seconds()
            limit = (SAME_JIT if "jit" in name else SAME)[dtype]
            if not np.allclose(losses[name], losses["fit"], rtol=limit, atol=0):
                raise SystemExit(f"{dtype}, {name}: losses {losses[name]}, but those of fit are {losses['fit']}")
    return times


def rows(*, quick=False, repeats=REPEATS, now=wall):
    """Return rows for the first epoch and the further ones in both precisions: fit_fast, fit, and a loop by hand."""
    by_hand = "a loop by hand, without metrics"
    names = {
        "fit_fast": "coursepkg.deep.fit_fast",
        "fit of Keras": "fit",
        by_hand: "own loop, tf.function for an epoch",
    }
    ways, found = {name: WAYS[name] for name in ("fit", *names.values())}, []
    notes = {
        "first epoch": "It holds the compilation.",
        "each further epoch": "Losses and weights are the same; saved is the way from Python to TensorFlow and back.",
    }
    n, before = 2 * BATCH if quick else N_TRAIN, keras.config.floatx()
    for dtype in ("float64", "float32"):
        times = measure(dtype, 2 if quick else 6, repeats, now, ways, n)
        for k, (what, note) in enumerate(notes.items()):
            seconds = {label: times[:, list(ways).index(name), k] for label, name in names.items()}
            title = f"784-300-100-10, {n:,} images, {dtype}: {what}"
            found.append(row(title, seconds, note, ours="fit_fast", theirs="fit of Keras", limit=by_hand))
    keras.config.set_floatx(before)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=6, help="at least 2")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="measure the time of the processor, on one thread")
    parser.add_argument("--write", action="store_true", help=f"store the table as {TABLE.name}")
    options = parser.parse_args()
    tf.get_logger().setLevel("ERROR")  # not its notice that functions are traced anew: each turn builds new models
    if options.cpu:
        tf.config.threading.set_intra_op_parallelism_threads(1)
    now = cpu if options.cpu else wall
    times = {dtype: measure(dtype, options.epochs, options.repeats, now) for dtype in ("float64", "float32")}
    table = [("way", *(f"{dtype}: {what}" for dtype in times for what in ("first epoch", "each further")))]
    for k, name in enumerate(WAYS):
        # A ratio within each turn, then the median: the speed of the machine at that time cancels.
        ratios = [np.median(seconds[:, k] / seconds[:, 0], axis=0) for seconds in times.values()]
        table.append((name, *(f"{ratio:.2f}" for ratio in np.concatenate(ratios))))
    for line in table:
        print(f"{line[0]:36}" + "".join(f"{field:>23}" for field in line[1:]))
    dearer = np.median(times["float64"][:, :, 1] / times["float32"][:, :, 1], axis=0)
    print("\nSeconds of float64 in units of float32, each further epoch:")
    for name, ratio in zip(WAYS, dearer, strict=True):
        print(f"{name:36}{ratio:.2f}")
    if options.write:
        with TABLE.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(table)


if __name__ == "__main__":
    main()
