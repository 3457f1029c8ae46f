"""What the exercises on KerasTuner say about it is what it does: files, answers of `hp`, cost of Hyperband, seeds."""

from __future__ import annotations

import pytest

from coursepkg.exercises import find
from coursepkg.exercises.cases.keras_tuner import Asked, write_trials

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
    hyperband_cost = find("beyond-the-defaults/hyperband-cost").model_answer()
    assert hyperband_cost(max_epochs, factor) == (trials, epochs)


ANSWERS = ("keras-tuner/widths", "keras-tuner/repair-space")
VALUES = (
    {},
    {"layers": 1, "width_1": 99},
    {"layers": 3, "width_1": 99, "width_2": 20, "width_3": 256},
    {"optimizer": "sgd", "sgd_rate": 0.5},
    {"optimizer": "adam", "adam_rate": 0.02, "dropout": 0.1},
)


@pytest.mark.parametrize("label", ANSWERS)
@pytest.mark.parametrize("values", VALUES)
def test_what_stands_for_hp_answers_as_it_does(label, values):
    function, stands, hp = find(label).model_answer(), Asked(values), keras_tuner.HyperParameters()
    hp.values = dict(values)
    assert function(stands) == function(hp)
    kept = []
    for parameter in hp.space:
        config = parameter.get_config()
        conditions = [[c["config"]["name"], c["config"]["values"]] for c in config["conditions"]]
        facts = {"choices": config.get("values")} if "values" in config else {}
        if "min_value" in config:
            facts = {"low": config["min_value"], "high": config["max_value"], "step": config["step"]}
            facts["sampling"] = config["sampling"]
        kept.append({"name": parameter.name, "kind": type(parameter).__name__, "conditions": conditions, **facts})
    assert stands.asked == kept
    assert stands.values == hp.values


def test_a_logarithmic_range_from_zero_is_refused_by_both():
    for hp in (Asked({}), keras_tuner.HyperParameters()):
        with pytest.raises(ValueError, match="log"):
            hp.Float("dropout", 0.0, 0.5, sampling="log")


@pytest.mark.parametrize(("a", "b", "n_parameters"), [(1, 5, 4), (1, 2, 4), (3, 9, 3), (9, 3, 2), (1, 1000, 4)])
def test_searches_share_as_many_trials_as_the_exercise_says(a, b, n_parameters):
    def drawn(seed):
        hp = keras_tuner.HyperParameters()
        for i in range(n_parameters):
            hp.Float(f"x{i}", 0, 1)
        oracle = keras_tuner.oracles.RandomSearchOracle("val_loss", max_trials=12, seed=seed, hyperparameters=hp)
        return {tuple(oracle.populate_space(str(k))["values"].values()) for k in range(12)}

    shared_trials = find("beyond-the-defaults/shared-trials").model_answer()
    assert shared_trials(a, b, 12, n_parameters) == len(drawn(a) & drawn(b))
