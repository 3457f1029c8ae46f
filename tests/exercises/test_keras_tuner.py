"""What the exercises on KerasTuner say about it is what it does: the files of a search, and the cost of Hyperband."""

from __future__ import annotations

import pytest

from coursepkg.exercises import find
from coursepkg.exercises.cases.keras_tuner import write_trials

keras_tuner = pytest.importorskip("keras_tuner")


def space():
    hp = keras_tuner.HyperParameters()
    hp.Float("x", 0, 1)
    return hp


def test_the_solution_reads_what_keras_tuner_writes(tmp_path):
    class Quick(keras_tuner.RandomSearch):
        def run_trial(self, trial, **options):
            x = trial.hyperparameters.get("x")
            return x if x > 0.2 else float("nan")

    options = {"max_trials": 12, "seed": 1, "max_consecutive_failed_trials": 12, "project_name": "search"}
    tuner = Quick(hyperparameters=space(), directory=str(tmp_path), **options)
    tuner.search(verbose=0)
    found = find("keras-tuner/read-trials").model_answer()(tmp_path / "search", "min")
    best = tuner.oracle.get_best_trials(12)
    assert found == [(trial.trial_id, trial.score) for trial in best if trial.status == "COMPLETED"]
    assert 0 < len(found) < 12


def test_keras_tuner_reads_what_the_exercise_writes(tmp_path):
    write_trials(tmp_path, [0.5, 0.25, 0.1], ["COMPLETED", "FAILED", "RUNNING"])
    trial = keras_tuner.engine.trial.Trial.load(str(tmp_path / "trial_00" / "trial.json"))
    assert (trial.trial_id, trial.status, trial.score) == ("00", "COMPLETED", 0.5)


@pytest.mark.parametrize(
    ("max_epochs", "factor"), [(9, 3), (27, 3), (10, 3), (14, 3), (23, 3), (20, 4), (50, 4), (59, 4)]
)
def test_the_cost_is_what_the_oracle_plans(max_epochs, factor):
    oracle = keras_tuner.oracles.HyperbandOracle(objective="val_loss", max_epochs=max_epochs, factor=factor)
    trials = epochs = 0
    for bracket in range(oracle._get_num_brackets()):
        for i in range(bracket + 1):
            size = oracle._get_size(bracket, i)
            before = oracle._get_epochs(bracket, i - 1) if i else 0
            trials += size
            epochs += size * (oracle._get_epochs(bracket, i) - before)
    hyperband_cost = find("keras-tuner/hyperband-cost").model_answer()
    assert hyperband_cost(max_epochs, factor) == (trials, epochs)
