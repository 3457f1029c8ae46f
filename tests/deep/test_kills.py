"""Whenever a search or a training with a backup is killed, the same command ends as an undisturbed run does."""

from __future__ import annotations

import os
import shutil
import sys

import pytest

from tests.kills import KILLS, killed, run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
HEAD = """
import hashlib, json, os, sys, time

import psutil

from coursepkg.deep import Backup, seed_everything
import keras, keras_tuner, numpy as np
from coursepkg.deep.tuning import open_search, run_search

print(time.time() - psutil.Process().create_time())  # until here it only imports
X = np.random.default_rng(0).normal(size=(48, 4))
y = X.sum(axis=1)


def digest(weights):
    return hashlib.sha256(b"".join(np.ascontiguousarray(weight).tobytes() for weight in weights)).hexdigest()
"""
SEARCHES = """
def build(hp):
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Dense(hp.Int(f"units_{i}", 1, 8)) for i in range(hp.Int("layers", 1, 2))]
    model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(hp.Float("rate", 1e-3, 0.1, sampling="log")))
    return model


def space():
    hp = keras_tuner.HyperParameters()
    hp.Float("a", -1.0, 1.0, step=0.1)
    hp.Int("b", 0, 4)
    return hp


def quick(kind):
    class Quick(kind):
        def run_trial(self, trial, *args, **options):
            return {"score": trial.hyperparameters.get("a") ** 2 + trial.hyperparameters.get("b")}

    return Quick


def search(name, kind, model=None, data=(), **options):
    tuner = open_search(kind, model, directory=sys.argv[1], project_name=name, seed=3, **options)
    fit = {"validation_data": data} if data else {}
    print(name, run_search(tuner, *data, progress=False, **fit).to_json(), tuner.oracle.end_order)
    print(tuner.get_best_hyperparameters()[0].values)
    return tuner


lowest = {"objective": keras_tuner.Objective("score", "min")}
for kind, options in (
    (keras_tuner.RandomSearch, {"max_trials": 40}),
    (keras_tuner.GridSearch, {"max_trials": 60}),
    (keras_tuner.Hyperband, {"max_epochs": 9}),
    (keras_tuner.BayesianOptimization, {"max_trials": 6, "num_initial_points": 3}),
):
    search(kind.__name__, quick(kind), hyperparameters=space(), **lowest, **options)
tuner = search("trained", keras_tuner.Hyperband, build, (X, y), objective="val_loss", max_epochs=2, factor=2)
print(digest(tuner.get_best_models()[0].get_weights()))
"""

TRAINING = """
seed_everything(1)
layers = [keras.layers.Dense(64, activation="relu"), keras.layers.Dropout(0.3)]
model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(1)])
model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.01))
path = sys.argv[1] + "/training.npz"
history = model.fit(X, y, epochs=40, batch_size=4, verbose=0, callbacks=[Backup(path)])
print(json.dumps(history.history), digest(model.get_weights()), digest(v.numpy() for v in model.optimizer.variables))
print(os.path.exists(path))
"""


def test_killed_searches_and_trainings_end_as_undisturbed_ones(tmp_path):
    """The same trials, scores, best values and weights; the same weights, history and optimizer."""
    command = [sys.executable, "-c", HEAD + TRAINING + SEARCHES]

    def printed(folder):
        text, seconds = run([*command, str(folder)])
        ready, _, rest = text.partition("\n")
        return rest, float(ready), seconds

    expected, ready, seconds = printed(tmp_path / "undisturbed")
    for number in range(max(1, KILLS // 2)):
        folder = tmp_path / f"disturbed-{number}"
        killed([*command, str(folder)], seconds, seed=number, after=ready, kills=2)
        assert printed(folder)[0] == expected
        shutil.rmtree(folder)
