"""Which of KerasTuner's tuners finds the better network for the same number of epochs, compared in pairs over seeds.

    python -m benchmarks.tuners [--write] [--seeds 20]     five to ten minutes

The task is that of the chapter beyond the defaults: a network from scratch on 300 digits, four hyperparameters, 120
epochs for each search. What a tuner calls its best is trained again with three other seeds, and judged by the test
images, which no tuner saw. --write stores the table that the book shows.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from pathlib import Path

import keras_tuner
import numpy as np
from scipy.stats import qmc

from coursepkg.comparison import paired
from coursepkg.data import load_digits
from coursepkg.deep.tuning import open_search, run_search
from coursepkg.scratch.mlp import MLP

TABLE = Path(__file__).parents[1] / "book/tables/tuners.csv"
HEADER = ["search", "trials", "median test loss", "better than random search", "median gain", "p"]
EPOCHS, BATCH, WORST = 10, 50, np.log(10)
APART = 1000  # KerasTuner adds 1 to its seed for each value that it draws, so seeds nearby give the same trials


def digits():
    """Return images and labels for training (300), validation and testing."""
    (X, y), *others = load_digits()
    return [(images.reshape(-1, 64) / 16, labels) for images, labels in ((X[:300], y[:300]), *others)]


def train(data, values, epochs, seed):
    """Return a network, or None if it diverged."""
    sizes, head = [64, values["units"], 10], "sparse_categorical_crossentropy"
    kinds = {"hidden_activation": values["activation"], "output_activation": "softmax", "loss": head}
    settings = {"learning_rate": values["rate"], "alpha": values["alpha"], "batch_size": BATCH}
    model = MLP(sizes, **kinds, seed=seed)
    try:
        model.fit(*data[0], epochs=epochs, **settings, seed=seed)
    except FloatingPointError:
        return None
    return model


def loss(model, images):
    """Return the loss on some images, at most that of a guess."""
    return WORST if model is None else min(model.evaluate(*images)["loss"], WORST)


class NumPyTrials:
    """What a trial is: put before a class of tuners."""

    def run_trial(self, trial, data, seed):
        values = trial.hyperparameters.values
        return {"val_loss": loss(train(data, values, values.get("tuner/epochs", EPOCHS), seed), data[1])}


class SobolOracle(keras_tuner.Oracle):
    """Sobol's points, which fill the unit cube evenly, in place of random ones."""

    def populate_space(self, trial_id):
        space = self.get_space().space
        place = qmc.Sobol(len(space), rng=self.seed).random_base2(7)[len(self.start_order)]
        values = {p.name: p.prob_to_value(u) for p, u in zip(space, place, strict=True)}
        return {"status": "RUNNING", "values": values}


def space(*, rates=None, fixed=False):
    """Return the four hyperparameters; fixed are units and alpha, in the middle of their ranges, as in the grid."""
    hp = keras_tuner.HyperParameters()
    if rates is None:
        hp.Float("rate", 1e-3, 3.0, sampling="log")
    else:
        hp.Choice("rate", rates)
    if fixed:
        hp.Fixed("units", 16)
        hp.Fixed("alpha", 0.01)
    else:
        hp.Int("units", 4, 64, sampling="log")
        hp.Float("alpha", 1e-5, 10.0, sampling="log")
    hp.Choice("activation", ["sigmoid", "tanh", "relu"])
    return hp


MIDDLES = (1e-3 * 3000 ** (np.arange(1, 8, 2) / 8)).round(4).tolist()  # of four equal parts of the rates
ENDS = (1e-3 * 3000 ** (np.arange(4) / 3)).round(4).tolist()  # four rates from bound to bound
RANDOM, GRID = "`RandomSearch`", "`GridSearch`, 4 rates × 3 activations"
OTHER_GRID, SMALL = "the same grid with rates from bound to bound", "`RandomSearch` in the space of the grids"
SPACES = {
    GRID: {"rates": MIDDLES, "fixed": True},
    OTHER_GRID: {"rates": ENDS, "fixed": True},
    SMALL: {"fixed": True},
}
LAST = "the first grid against random search in its space"
SEARCHES = {
    RANDOM: (keras_tuner.RandomSearch, {"max_trials": 12}),
    "`BayesianOptimization` as it comes": (keras_tuner.BayesianOptimization, {"max_trials": 12}),
    "`BayesianOptimization`, 4 initial points": (
        keras_tuner.BayesianOptimization,
        {"max_trials": 12, "num_initial_points": 4},
    ),
    GRID: (keras_tuner.GridSearch, {}),
    OTHER_GRID: (keras_tuner.GridSearch, {}),
    SMALL: (keras_tuner.RandomSearch, {"max_trials": 12}),
    "`Hyperband`, `max_epochs=10`": (keras_tuner.Hyperband, {"max_epochs": EPOCHS}),
    "Sobol's points": (None, {}),
}


def search(name, seed, data, folder):
    """Return the trials of one search, a table."""
    base, settings = SEARCHES[name]
    options = {"directory": folder, "project_name": f"{list(SEARCHES).index(name)}-{seed}"}
    if base is None:
        base, common = keras_tuner.Tuner, {"objective": "val_loss", "seed": seed, "max_trials": 12}
        options["oracle"] = SobolOracle(hyperparameters=space(), **common)
    else:
        own = space(**SPACES.get(name, {}))
        options |= settings | {"objective": "val_loss", "seed": seed, "hyperparameters": own}
    tuner = open_search(type("NumPyTuner", (NumPyTrials, base), {}), **options)
    return run_search(tuner, data, seed, progress=False)


def spent(trials):
    """Return how many epochs a search has trained; a trial of Hyperband that goes on costs its new ones."""
    if "tuner/epochs" in trials:
        return int((trials["tuner/epochs"] - trials["tuner/initial_epoch"]).sum())
    return EPOCHS * len(trials)


def judged(trials, data):
    """Return the mean test loss of what the search calls its best, trained with three seeds that it did not use."""
    best = trials.loc[trials["score"].idxmin()]
    return float(np.mean([loss(train(data, best, EPOCHS, 1000 + seed), data[2]) for seed in range(3)]))


def run(names, seeds):
    """Return for each search the numbers of trials and epochs, and the test loss for each seed."""
    data, found = digits(), {}
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            tables = [search(name, seed, data, folder) for seed in seeds]
            found[name] = len(tables[0]), spent(tables[0]), [judged(table, data) for table in tables]
    return found


def line(name, n_trials, losses, against):
    """Return a row of the table."""
    verdict = ["–"] * 3
    if losses is not against:
        pair = paired(losses, against, lower_is_better=True)
        ties = f" ({n} equal)" if (n := pair.n - pair.wins - pair.losses) else ""
        verdict = [f"{pair.wins} of {pair.n}{ties}", f"{pair.median:+.2f}", str(pair).rpartition("= ")[2]]
    return [name, n_trials, f"{np.median(losses):.2f}", *verdict]


def rows_of(found):
    """Return the rows of the table: each search against random search, and last the grid in its own space."""
    *_, random = found[RANDOM]
    rows = [line(name, n_trials, losses, random) for name, (n_trials, _, losses) in found.items()]
    return [*rows, line(LAST, found[GRID][0], found[GRID][-1], found[SMALL][-1])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = rows_of(run(SEARCHES, [APART * (i + 1) for i in range(options.seeds)]))
    for row in rows:
        sys.stdout.write(f"{row}\n")
    if options.write:
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER, *rows])


if __name__ == "__main__":
    main()
