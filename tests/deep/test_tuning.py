"""Searches that fail, are killed or run out of disk, against searches that nothing disturbs."""

from __future__ import annotations

import csv
import errno
import json
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import keras_tuner
import numpy as np
import pytest

from benchmarks import tuners
from coursepkg.deep import tuning
from coursepkg.deep.tuning import open_search, run_search, trials_frame

X = np.random.default_rng(0).normal(size=(64, 4))
y = (X.sum(axis=1) > 0).astype(float)
FIT = {"x": X[:48], "y": y[:48], "validation_data": (X[48:], y[48:]), "epochs": 2}
NO_GRAPH = {"run_eagerly": True}  # of a few batches, compiling them takes longest


def build(hp):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(hp.Int("units", 1, 64)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(hp.Float("rate", 1e-4, 0.1, sampling="log")), **NO_GRAPH)
    return model


def space(**bounds):
    hp = keras_tuner.HyperParameters()
    for name, (low, high) in (bounds or {"a": (0, 4), "b": (0, 4)}).items():
        hp.Int(name, low, high)
    return hp


def quick(tuner_class, score=lambda hp: hp.get("a") + hp.get("b") / 10):
    """Return tuners that train nothing."""

    class Quick(tuner_class):
        def run_trial(self, trial, *args, **options):
            return float(score(trial.hyperparameters))

    return Quick


def interrupt_at(number, score=lambda hp: hp.get("a") + hp.get("b") / 10):
    """Return a score that is interrupted in one trial, as by the keyboard."""
    calls = []

    def scored(hp):
        calls.append(hp)
        if len(calls) == number:
            raise KeyboardInterrupt
        return score(hp)

    return scored


def test_a_real_search_and_its_table(tmp_path):
    tuner = open_search(keras_tuner.RandomSearch, build, objective="val_loss", max_trials=3, seed=1, directory=tmp_path)
    frame = run_search(tuner, **FIT, progress=False)
    assert frame["status"].tolist() == ["COMPLETED"] * 3
    assert frame.columns.tolist() == [
        "status",
        "score",
        "best_epoch",
        "units",
        "rate",
        "loss",
        "val_loss",
        "reason",
    ]
    best = tuner.oracle.get_best_trials()[0]
    assert frame["score"].idxmin() == best.trial_id
    np.testing.assert_array_equal(frame["score"], frame["val_loss"])
    model = tuner.get_best_models()[0]
    np.testing.assert_allclose(model.evaluate(X[48:], y[48:], verbose=0), best.score, rtol=1e-6)
    assert trials_frame(tmp_path / "search").equals(frame)


CHILD = """
import os, sys
sys.path.insert(0, {root!r})
from tests.deep import test_tuning as t

class Mortal(t.keras_tuner.RandomSearch):
    def on_epoch_end(self, trial, model, epoch, logs=None):
        if len(self.oracle.end_order) == 2 and epoch == 1:
            os.kill(os.getpid(), 9)  # no clean-up of any kind

options = dict(objective="val_loss", max_trials=5, seed=1, directory={folder!r})
t.run_search(t.open_search(Mortal, t.build, **options), **t.FIT, progress=False)
"""


def test_a_search_goes_on_after_its_process_was_killed(tmp_path):
    child = CHILD.format(root=str(Path(__file__).parents[2]), folder=str(tmp_path / "killed"))
    process = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=False)
    assert process.returncode != 0, process.stderr
    assert "Error" not in process.stderr
    left = trials_frame(tmp_path / "killed" / "search")
    assert left["status"].tolist() == ["COMPLETED", "COMPLETED", "RUNNING"]

    options = {"objective": "val_loss", "max_trials": 5, "seed": 1}
    tuner = open_search(keras_tuner.RandomSearch, build, directory=tmp_path / "killed", **options)
    resumed = run_search(tuner, **FIT, progress=False)
    whole = open_search(keras_tuner.RandomSearch, build, directory=tmp_path / "whole", **options)
    unbroken = run_search(whole, **FIT, progress=False)
    assert (resumed["status"] == "COMPLETED").all()
    assert resumed["units"].tolist() == unbroken["units"].tolist()
    np.testing.assert_allclose(resumed["rate"], unbroken["rate"], rtol=1e-12)
    np.testing.assert_allclose(resumed["score"], unbroken["score"], rtol=1e-4)


@pytest.mark.parametrize("stopped_at", [1, 2, 5])
@pytest.mark.parametrize(
    ("tuner_class", "options"),
    [
        (keras_tuner.RandomSearch, {"max_trials": 6}),
        (keras_tuner.GridSearch, {}),
        (keras_tuner.Hyperband, {"max_epochs": 3}),
    ],
)
def test_each_strategy_goes_on_where_it_was(tmp_path, tuner_class, options, stopped_at):
    def start(folder, score):
        bounds = {"a": (0, 2), "b": (0, 1)} if tuner_class is keras_tuner.GridSearch else {}
        cls = quick(tuner_class, score)
        common = {"objective": "val_loss"} if tuner_class is keras_tuner.Hyperband else {}
        return open_search(
            cls, directory=tmp_path / folder, hyperparameters=space(**bounds), seed=3, **common, **options
        )

    def score(hp):
        return hp.get("a") + hp.get("b") / 10

    unbroken = run_search(start("whole", score), progress=False)
    with pytest.raises(KeyboardInterrupt):
        run_search(start("broken", interrupt_at(stopped_at)), progress=False)
    resumed = run_search(start("broken", score), progress=False)
    columns = ["status", "score", "a", "b"]
    assert resumed[columns].equals(unbroken[columns])


@pytest.mark.parametrize(
    ("tuner_class", "options"),
    [
        (keras_tuner.RandomSearch, {"max_trials": 4}),
        (keras_tuner.GridSearch, {"max_trials": 4}),
        (keras_tuner.Hyperband, {"max_epochs": 3}),
        (keras_tuner.BayesianOptimization, {"max_trials": 3, "num_initial_points": 2}),
    ],
)
def test_whichever_file_is_the_last_that_was_written_the_search_ends_as_an_unbroken_one(
    tmp_path, monkeypatch, tuner_class, options
):
    save, written, last = tuning._save_json, [], None

    def mortal(path, obj):
        text = save(path, obj)
        written.append(path)
        if len(written) == last:
            raise KeyboardInterrupt
        return text

    def searched(folder):
        space_ = {"hyperparameters": space(a=(0, 9), b=(0, 9))}
        objective = {"objective": "val_loss"} if tuner_class is keras_tuner.Hyperband else {}
        scored = quick(tuner_class, lambda hp: hp.get("a") % 2)  # with ties
        tuner = open_search(scored, directory=tmp_path / folder, seed=3, **space_, **objective, **options)
        frame = run_search(tuner, progress=False)
        return frame.to_json(), tuner.oracle.end_order, tuner.get_best_hyperparameters()[0].values

    monkeypatch.setattr(tuning, "_save_json", mortal)
    unbroken = searched("whole")
    for number in range(1, len(written) + 1):
        written, last = [], number
        with pytest.raises(KeyboardInterrupt):
            searched(str(number))
        last = None
        assert searched(str(number)) == unbroken, number


def test_keras_tuner_alone_cannot_go_on_with_a_grid(tmp_path):
    """If this fails, KerasTuner has learned it, and _restore_grid can go."""
    options = {"directory": str(tmp_path), "project_name": "search", "hyperparameters": space(a=(0, 2), b=(0, 1))}
    with pytest.raises(KeyboardInterrupt):
        quick(keras_tuner.GridSearch, interrupt_at(3))(None, **options).search(verbose=0)
    with pytest.raises(KeyError):
        quick(keras_tuner.GridSearch)(None, **options).search(verbose=0)


def test_bayesian_optimization_goes_on(tmp_path):
    def start(score):
        cls = quick(keras_tuner.BayesianOptimization, score)
        options = {"max_trials": 5, "num_initial_points": 3, "seed": 1}
        return open_search(cls, directory=tmp_path, hyperparameters=space(a=(0, 40)), **options)

    with pytest.raises(KeyboardInterrupt):
        run_search(start(interrupt_at(4, lambda hp: hp.get("a"))), progress=False)
    frame = run_search(start(lambda hp: hp.get("a")), progress=False)
    assert frame["status"].tolist() == ["COMPLETED"] * 5


def test_a_finished_search_makes_no_new_trial_unless_overwritten(tmp_path):
    options = {"directory": tmp_path, "hyperparameters": space(), "max_trials": 3}
    run_search(open_search(quick(keras_tuner.RandomSearch), **options), progress=False)

    def forbidden(hp):
        raise AssertionError("no trial is left to run")

    frame = run_search(open_search(quick(keras_tuner.RandomSearch, forbidden), **options), progress=False)
    assert frame["status"].tolist() == ["COMPLETED"] * 3
    again = open_search(quick(keras_tuner.RandomSearch), overwrite=True, **options)
    assert not again.oracle.trials


def test_another_space_in_the_same_folder_is_refused(tmp_path):
    options = {"directory": tmp_path, "max_trials": 2}
    run_search(open_search(quick(keras_tuner.RandomSearch), hyperparameters=space(), **options), progress=False)
    with pytest.raises(ValueError, match=r"another space: \['b'\] differ"):
        open_search(quick(keras_tuner.RandomSearch), hyperparameters=space(a=(0, 4), b=(0, 5)), **options)
    with pytest.raises(ValueError, match=r"another space: \['b', 'c'\] differ"):
        open_search(quick(keras_tuner.RandomSearch), hyperparameters=space(a=(0, 4), c=(0, 4)), **options)


def test_a_damaged_folder_is_named_and_its_trials_can_be_read(tmp_path):
    options = {"directory": tmp_path, "hyperparameters": space(), "max_trials": 2}
    run_search(open_search(quick(keras_tuner.RandomSearch), **options), progress=False)
    file = tmp_path / "search" / "oracle.json"
    file.write_text(file.read_text()[:40])
    with pytest.raises(ValueError, match=r"'search' is damaged \(oracle.json: .*overwrite=True"):
        open_search(quick(keras_tuner.RandomSearch), **options)
    assert trials_frame(tmp_path / "search")["status"].tolist() == ["COMPLETED"] * 2


def test_an_objective_that_no_metric_has(tmp_path):
    objective = keras_tuner.Objective("val_los", "min")
    tuner = open_search(keras_tuner.RandomSearch, build, objective=objective, max_trials=5, directory=tmp_path)
    with pytest.raises(ValueError, match="no metric .*'val_los'; there are loss, val_loss; did you mean 'val_loss'"):
        run_search(tuner, **FIT, progress=False)
    assert len(tuner.oracle.trials) == 1


def test_trials_that_fail_are_kept_with_their_reason(tmp_path):
    def sometimes(hp):
        size = hp.Int("units", 1, 60)
        rate = hp.Choice("rate", [0.01, 1e300])
        hp.Boolean("bad")
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(size), keras.layers.Dense(1)])
        model.compile(loss="mse", optimizer=keras.optimizers.SGD(rate), **NO_GRAPH)
        return model

    class Given(keras_tuner.RandomSearch):
        """The configurations that the test needs, in turn."""

        def on_trial_begin(self, trial):
            number = len(self.oracle.end_order)
            trial.hyperparameters.values = [
                {"units": 2, "rate": 0.01, "bad": False},
                {"units": 2, "rate": 1e300, "bad": False},
                {"units": 60, "rate": 0.01, "bad": False},
                {"units": 2, "rate": 0.01, "bad": True},
            ][number]

        def _build_hypermodel(self, hp):
            if hp.values["bad"]:
                raise ArithmeticError("no such layer")
            return super()._build_hypermodel(hp)

    options = {"objective": "val_loss", "max_trials": 4, "max_model_size": 100, "max_consecutive_failed_trials": 9}
    tuner = open_search(Given, sometimes, directory=tmp_path, **options)
    frame = run_search(tuner, **FIT, progress=False)
    assert frame["status"].tolist() == ["COMPLETED", "FAILED", "FAILED", "FAILED"]
    assert frame["reason"].iloc[0] == ""
    reasons = frame["reason"].iloc[1:].tolist()
    assert reasons[0] == "the objective is NaN"
    assert reasons[1] == "FailedTrialError: Oversized model: 361 parameters. Skip model."
    assert reasons[2] == "ArithmeticError: no such layer"


def test_several_failures_in_a_row_end_the_search(tmp_path):
    calls = []

    def fails_later(hp):
        calls.append(hp)
        if len(calls) > 2:
            raise ArithmeticError("no such layer")
        return 1.0

    tuner = open_search(
        quick(keras_tuner.RandomSearch, fails_later), directory=tmp_path, hyperparameters=space(), max_trials=9
    )
    with pytest.raises(RuntimeError, match="3 trials in a row failed, .*ArithmeticError: no such layer.* 2 finished"):
        run_search(tuner, progress=False)
    assert (trials_frame(tmp_path / "search")["status"] == "COMPLETED").sum() == 2


def test_a_full_disk_while_the_trials_are_written(tmp_path, monkeypatch):
    options = {"directory": tmp_path, "hyperparameters": space(), "max_trials": 6, "seed": 2}
    tuner = open_search(quick(keras_tuner.RandomSearch), **options)
    real = tuning.os.fsync

    def full(descriptor):
        if len(tuner.oracle.end_order) >= 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(tuning.os, "fsync", full)
    with pytest.raises(OSError, match="the disk is full; finished trials are kept"):
        run_search(tuner, progress=False)
    monkeypatch.undo()
    assert not list((tmp_path / "search").rglob("*.new"))
    for file in (tmp_path / "search").rglob("*.json"):
        json.loads(file.read_text())
    resumed = run_search(open_search(quick(keras_tuner.RandomSearch), **options), progress=False)
    unbroken = run_search(
        open_search(quick(keras_tuner.RandomSearch), **options | {"directory": tmp_path / "other"}), progress=False
    )
    assert resumed.equals(unbroken)


def test_a_full_disk_while_the_weights_are_saved_fails_no_trial(tmp_path):
    def full(hp):
        raise OSError(errno.ENOSPC, "No space left on device")

    options = {"directory": tmp_path, "hyperparameters": space(), "max_trials": 3}
    with pytest.raises(OSError, match="the disk is full in trial 0; make room"):
        run_search(open_search(quick(keras_tuner.RandomSearch, full), **options), progress=False)
    frame = run_search(open_search(quick(keras_tuner.RandomSearch), **options), progress=False)
    assert frame["status"].tolist() == ["COMPLETED"] * 3


def test_keras_tuner_writes_as_before_after_the_search(tmp_path):
    from keras_tuner.src import utils

    before = utils.save_json
    options = {"directory": tmp_path, "hyperparameters": space(), "max_trials": 1}
    tuner = open_search(quick(keras_tuner.RandomSearch), **options)
    run_search(tuner, progress=False)
    assert utils.save_json is before
    assert "on_trial_end" not in vars(tuner)


def test_the_progress_line_counts_and_names_the_best(tmp_path, capsys):
    options = {"directory": tmp_path, "hyperparameters": space(a=(7, 7), b=(0, 9)), "max_trials": 4, "seed": 2}
    frame = run_search(open_search(quick(keras_tuner.RandomSearch), **options))
    lines = capsys.readouterr().out.split("\r")
    assert "[....................] 0/4 trials" in lines[1]
    assert f"[{'#' * 20}] 4/4 trials, best default_objective {frame['score'].min():.4g}" in lines[-1]
    assert "0 s left" in lines[-1]


def test_the_length_of_a_search_with_hyperband_is_known(tmp_path):
    options = {"directory": tmp_path, "hyperparameters": space(a=(0, 99), b=(0, 99)), "objective": "val_loss"}
    tuner = open_search(quick(keras_tuner.Hyperband), max_epochs=9, **options)
    assert tuning._trials_of_hyperband(tuner.oracle) == len(run_search(tuner, progress=False))


def test_bad_arguments(tmp_path):
    with pytest.raises(TypeError, match="class of tuners.*got 'random'"):
        open_search("random", build, directory=tmp_path)
    with pytest.raises(ValueError, match="seed must not be 0"):
        open_search(keras_tuner.RandomSearch, build, directory=tmp_path, seed=0)
    with pytest.raises(ValueError, match="without a hypermodel"):
        open_search(quick(keras_tuner.RandomSearch), directory=tmp_path)
    with pytest.raises(TypeError, match="must be a keras_tuner.Tuner; got str"):
        run_search("tuner")
    with pytest.raises(TypeError, match="tuner or the folder of a search; got int"):
        trials_frame(3)
    with pytest.raises(ValueError, match="no trial in .*nothing"):
        trials_frame(tmp_path / "nothing")
    with pytest.raises(ValueError, match="min_value 9 is greater"):
        open_search(keras_tuner.RandomSearch, lambda hp: hp.Int("units", 9, 1), directory=tmp_path)
    assert not list(tmp_path.iterdir())


def test_it_keeps_away_from_a_distributed_search(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker-1")
    with pytest.raises(RuntimeError, match="'worker-1'.*overwrite=False"):
        open_search(keras_tuner.RandomSearch, build, objective="val_loss", max_trials=3, seed=1, directory=tmp_path)
    assert not list(tmp_path.iterdir())


# --- what a folder holds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lr=[0.1]", "a\\b", "what?*", "space and ü"])
def test_any_name_of_a_folder_can_be_resumed(tmp_path, name):
    for n_trials in (2, 4):
        options = {"directory": tmp_path / name, "hyperparameters": space(), "max_trials": n_trials, "seed": 1}
        frame = run_search(open_search(quick(keras_tuner.RandomSearch), **options), progress=False)
    assert frame["status"].tolist() == ["COMPLETED"] * 4
    assert trials_frame(tmp_path / name / "search").equals(frame)


def test_a_search_by_several_processes_is_kept_and_goes_on(tmp_path):
    options = {"directory": tmp_path, "hyperparameters": space(), "seed": 1}
    before = run_search(open_search(quick(keras_tuner.RandomSearch), max_trials=3, **options), progress=False)
    folder = tmp_path / "search"
    (folder / "tuner0.json").rename(folder / "chief.json")  # so the chief leaves it, and nothing of ours
    (folder / tuning.STORED).unlink()
    tuner = open_search(quick(keras_tuner.RandomSearch), max_trials=6, **options)
    assert len(tuner.oracle.trials) == 3
    after = run_search(tuner, progress=False)
    assert len(after) == 6
    assert after.iloc[:3].equals(before)


def test_a_trial_that_its_process_did_not_note_is_begun_again(tmp_path):
    """Killed between the file of a trial and that of the oracle."""
    options = {"directory": tmp_path, "hyperparameters": space(), "seed": 1}
    run_search(open_search(quick(keras_tuner.RandomSearch), max_trials=2, **options), progress=False)
    folder = tmp_path / "search"
    noted = {name: (folder / name).read_text() for name in ("oracle.json", "tuner0.json")}
    with pytest.raises(KeyboardInterrupt):
        run_search(
            open_search(quick(keras_tuner.RandomSearch, interrupt_at(1)), max_trials=3, **options), progress=False
        )
    for name, text in noted.items():
        (folder / name).write_text(text)
    assert trials_frame(folder)["status"].tolist() == ["COMPLETED", "COMPLETED", "RUNNING"]
    frame = run_search(open_search(quick(keras_tuner.RandomSearch), max_trials=3, **options), progress=False)
    assert frame["status"].tolist() == ["COMPLETED"] * 3


def test_a_search_that_died_before_its_first_trial_was_noted_begins_without_a_word(tmp_path):
    options = {"directory": tmp_path, "hyperparameters": space(), "max_trials": 2, "seed": 1}
    with pytest.raises(KeyboardInterrupt):
        run_search(open_search(quick(keras_tuner.RandomSearch, interrupt_at(1)), **options), progress=False)
    for name in ("oracle.json", "tuner0.json"):
        (tmp_path / "search" / name).unlink(missing_ok=True)
    assert len(run_search(open_search(quick(keras_tuner.RandomSearch), **options), progress=False)) == 2


def net(sizes):
    model = keras.Sequential([keras.Input((4,)), *map(keras.layers.Dense, sizes), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd", metrics=["mae"], **NO_GRAPH)
    return model


def counted(highest=8):
    return lambda hp: net([hp.Int(f"units_{i}", 1, highest) for i in range(hp.Int("n", 1, 3))])


class WithFit(keras_tuner.HyperModel):
    def build(self, hp):
        return net([hp.Int("units", 1, 8)])

    def fit(self, hp, model, *args, **options):
        return model.fit(*args, batch_size=hp.Choice("batch", [8, 16]), **options)


class OwnRun(keras_tuner.RandomSearch):
    def run_trial(self, trial, *args, **options):
        hp = trial.hyperparameters
        return float(hp.Int("rounds", 1, 9) + self.hypermodel.build(hp).count_params())


@pytest.mark.parametrize(
    ("tuner_class", "make"),
    [
        (keras_tuner.RandomSearch, counted),
        (keras_tuner.RandomSearch, WithFit),
        (OwnRun, lambda: lambda hp: net([hp.Int("a", 1, 3)])),
    ],
)
def test_a_space_that_grows_in_the_search_can_be_resumed(tmp_path, tuner_class, make):
    for n_trials in (4, 6):
        options = {"objective": "val_loss"} if tuner_class is not OwnRun else {}
        tuner = open_search(tuner_class, make(), directory=tmp_path, max_trials=n_trials, seed=1, **options)
        frame = run_search(tuner, FIT["x"], FIT["y"], validation_data=FIT["validation_data"], progress=False)
    assert len(frame) == 6
    assert len({"units_1", "batch", "rounds"} & set(frame)) == 1, "the space did not grow"


def test_a_space_with_conditions_can_be_resumed(tmp_path):
    def conditional(hp):
        kind = hp.Choice("kind", ["relu", "leaky"])
        with hp.conditional_scope("kind", ["leaky"]):
            if kind == "leaky":
                hp.Float("slope", 0.1, 0.9)
        return net([hp.Int("units", 1, 8)])

    class Sized(keras_tuner.RandomSearch):
        def run_trial(self, trial, *args, **options):
            return float(self.hypermodel.build(trial.hyperparameters).count_params())

    for tuner_class in (Sized, Sized, keras_tuner.RandomSearch):  # the last one asks for nothing in run_trial
        tuner = open_search(tuner_class, conditional, directory=tmp_path, max_trials=6, seed=1)
        if tuner_class is Sized:
            frame = run_search(tuner, progress=False)
    assert frame["slope"].notna().any()
    assert len(tuner.oracle.trials) == 6


def test_a_space_that_grew_otherwise_is_refused(tmp_path):
    options = {"directory": tmp_path, "max_trials": 4, "seed": 1}

    class Sized(keras_tuner.RandomSearch):
        def run_trial(self, trial, *args, **options):
            return float(self.hypermodel.build(trial.hyperparameters).count_params())

    frame = run_search(open_search(Sized, counted(), **options), progress=False)
    assert frame["n"].max() > 1

    def changed(hp):
        return net([hp.Int(f"units_{i}", 1, 8 if i == 0 else 9) for i in range(hp.Int("n", 1, 3))])

    with pytest.raises(ValueError, match=r"another space: \['units_1'.*\] differ"):
        open_search(Sized, changed, **options)


HYPERBAND = {"objective": "val_loss", "max_epochs": 3, "seed": 1}
RANDOM = {"objective": keras_tuner.Objective("score", "min"), "max_trials": 2, "seed": 1}


@pytest.mark.parametrize("own_file", [True, False])
@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ((keras_tuner.Hyperband, HYPERBAND), {"max_epochs": 9}, "max_epochs was 3 and is now 9"),
        ((keras_tuner.Hyperband, HYPERBAND), {"factor": 4}, "factor was 3 and is now 4"),
        ((keras_tuner.Hyperband, HYPERBAND), {"seed": 2}, "seed was 1 and is now 2"),
        ((keras_tuner.BayesianOptimization, RANDOM), {"alpha": 0.5}, "alpha was 0.0001 and is now 0.5"),
        (
            (keras_tuner.RandomSearch, RANDOM),
            {"objective": keras_tuner.Objective("loss", "min")},
            "objective was .*'loss'",
        ),
        ((keras_tuner.RandomSearch, RANDOM), {"seed": 7}, "seed was 1 and is now 7"),
    ],
)
def test_other_settings_are_an_error_that_names_them(tmp_path, before, after, message, own_file):
    tuner_class, options = before

    class Scored(tuner_class):
        def run_trial(self, trial, *args, **options):
            return {self.oracle.objective.name: float(trial.hyperparameters.get("a"))}

    common = {"directory": tmp_path, "hyperparameters": space()}
    frame = run_search(open_search(Scored, **common, **options), progress=False)
    if not own_file:
        (tmp_path / "search" / tuning.STORED).unlink()
    with pytest.raises(ValueError, match=message) as error:
        open_search(Scored, **common, **(options | after))
    assert "take the old ones to go on with it, or another project_name or overwrite=True" in str(error.value)
    assert trials_frame(tmp_path / "search").equals(frame)
    assert len(open_search(Scored, **common, **options).oracle.trials) == len(frame)


def test_another_class_is_refused_and_defaults_that_are_written_out_are_not(tmp_path):
    options = {"directory": tmp_path, "hyperparameters": space()}
    run_search(open_search(quick(keras_tuner.RandomSearch), max_trials=2, seed=1, **options), progress=False)
    with pytest.raises(ValueError, match="class was 'RandomSearch' and is now 'BayesianOptimization'"):
        open_search(quick(keras_tuner.BayesianOptimization), max_trials=2, seed=1, **options)
    more = {"max_trials": 9, "max_retries_per_trial": 2, "tune_new_entries": True, "allow_new_entries": True, "seed": 1}
    assert len(open_search(quick(keras_tuner.RandomSearch), **more, **options).oracle.trials) == 2


def test_an_oracle_of_ones_own_is_compared_too(tmp_path):
    def opened(**options):
        oracle = keras_tuner.oracles.HyperbandOracle(
            objective=keras_tuner.Objective("score", "min"), hyperparameters=space(), seed=1, **options
        )
        return open_search(Dictated, oracle=oracle, directory=tmp_path)

    class Dictated(keras_tuner.Tuner):
        def run_trial(self, trial, *args, **options):
            return {"score": float(trial.hyperparameters.get("a"))}

    run_search(opened(max_epochs=3), progress=False)
    with pytest.raises(ValueError, match="max_epochs was 3 and is now 9"):
        opened(max_epochs=9)


def test_a_search_that_died_before_its_first_trial_was_stored_begins(tmp_path):
    (tmp_path / "search/trial_0").mkdir(parents=True)
    (tmp_path / "search/trial_0/.trial.json.1-ab.part").write_text("{")
    options = {"directory": tmp_path, "project_name": "search", "hyperparameters": space(), "max_trials": 2}
    assert len(run_search(open_search(quick(keras_tuner.RandomSearch), **options), progress=False)) == 2


def emptied(folder):
    (folder / "trial_1/trial.json").write_text("")


def half(folder):
    file = folder / "trial_1/trial.json"
    file.write_text(file.read_text()[:30])


def shapeless(folder):
    (folder / "trial_1/trial.json").write_text("[1]")


def deleted(folder):
    shutil.rmtree(folder / "trial_1")


@pytest.mark.parametrize(
    ("harm", "named", "readable"),
    [
        (emptied, r"trial_1/trial.json: it is empty", 2),
        (half, r"trial_1/trial.json: JSONDecodeError", 2),
        (shapeless, r"trial_1/trial.json: ", 2),
        (deleted, r"trial_1/trial.json: it is missing", 2),
        (lambda folder: (folder / "oracle.json").write_text("{}"), "oracle.json: it has another shape, KeyError", 3),
        (lambda folder: (folder / "oracle.json").write_text("[]"), "oracle.json: it holds list, no object", 3),
        (lambda folder: (folder / "oracle.json").unlink(), "oracle.json: it is missing", 3),
        (lambda folder: (folder / "tuner0.json").write_text(""), "tuner0.json: Expecting value", 3),
        (lambda folder: (folder / "search.json").write_text("{}"), "search.json: it has another shape", 3),
    ],
)
def test_damaged_files_are_named_and_the_others_stay_readable(tmp_path, harm, named, readable):
    options = {"directory": tmp_path, "hyperparameters": space(), "max_trials": 3, "seed": 1}
    run_search(open_search(quick(keras_tuner.RandomSearch), **options), progress=False)
    folder = tmp_path / "search"
    harm(folder)
    left = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    with pytest.raises(ValueError, match=rf"'search' is damaged \({named}.*another project_name.*overwrite=True"):
        open_search(quick(keras_tuner.RandomSearch), **options)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == left
    frame = trials_frame(folder)
    assert (frame["status"] == "COMPLETED").sum() == readable
    for name, reason in frame.loc[frame["status"] == "DAMAGED", "reason"].items():
        assert reason.startswith(f"trial_{name}/trial.json: ")


@pytest.mark.parametrize(
    "names",
    [
        ["score", "status", "reason", "best_epoch", "trial"],
        ["score (hyperparameter)", "score", "score (metric)"],
        ["default_objective", "reason (hyperparameter)", "reason"],
    ],
)
def test_columns_never_collide_whatever_a_hyperparameter_is_called(tmp_path, names):
    hp = keras_tuner.HyperParameters()
    for i, name in enumerate(names):
        hp.Int(name, 10 * i + 1, 10 * i + 9)
    scored = quick(keras_tuner.RandomSearch, lambda hp: -sum(hp.get(name) for name in names))
    options = {"directory": tmp_path, "max_trials": 4, "seed": 1, "hyperparameters": hp}
    frame = run_search(open_search(scored, **options), progress=False)
    assert frame.columns.is_unique
    assert frame["status"].tolist() == ["COMPLETED"] * 4
    assert frame["reason"].tolist() == [""] * 4
    assert frame["best_epoch"].tolist() == [1] * 4
    parameters = frame[frame.columns[3 : 3 + len(names)]]
    assert (
        parameters.mean()
        .between([10 * i + 1 for i in range(len(names))], [10 * i + 9 for i in range(len(names))])
        .all()
    )
    np.testing.assert_allclose(frame["score"], -parameters.sum(axis=1))


def test_a_metric_called_like_a_column_has_one_of_its_own(tmp_path):
    class Scored(keras_tuner.RandomSearch):
        def run_trial(self, trial):
            return {"score": 1.0, "reason": 2.0, "status": 3.0}

    objective = keras_tuner.Objective("score", "min")
    options = {"directory": tmp_path, "max_trials": 2, "objective": objective, "hyperparameters": space()}
    frame = run_search(open_search(Scored, **options), progress=False)
    assert frame.columns.is_unique
    assert frame["status"].tolist() == ["COMPLETED"] * 2
    assert (
        frame[["score", "score (metric)", "reason (metric)", "status (metric)"]].to_numpy().tolist()
        == [[1, 1, 2, 3]] * 2
    )


def test_the_order_stays_that_of_the_beginning_when_the_names_of_trials_grow_longer(tmp_path):
    options = {"directory": tmp_path, "hyperparameters": space(a=(0, 9), b=(0, 9)), "seed": 1}
    whole = run_search(open_search(quick(keras_tuner.RandomSearch), max_trials=9, **options), progress=False)
    longer = run_search(open_search(quick(keras_tuner.RandomSearch), max_trials=12, **options), progress=False)
    assert longer.index.tolist() == [*map(str, range(9)), "09", "10", "11"]
    assert longer.iloc[:9].equals(whole)
    (tmp_path / "search/trial_09/trial.json").write_text("")
    assert trials_frame(tmp_path / "search")["status"].tolist() == ["COMPLETED"] * 9 + ["DAMAGED"] + ["COMPLETED"] * 2


def test_the_last_line_says_that_the_space_is_exhausted(tmp_path, capsys):
    options = {"hyperparameters": space(a=(0, 2)), "seed": 1}
    score = {"score": lambda hp: hp.get("a")}
    for tuner_class, more in ((keras_tuner.RandomSearch, {"max_trials": 50}), (keras_tuner.GridSearch, {})):
        search = open_search(quick(tuner_class, **score), directory=tmp_path / tuner_class.__name__, **more, **options)
        run_search(search)
        last = capsys.readouterr().out.split("\r")[-1]
        assert "the space is exhausted: no other configuration was found" in last
        assert " s left" not in last
    run_search(open_search(quick(keras_tuner.RandomSearch, **score), directory=tmp_path, max_trials=2, **options))
    assert "exhausted" not in capsys.readouterr().out
    broken = quick(keras_tuner.RandomSearch, interrupt_at(2, **score))
    with pytest.raises(KeyboardInterrupt):
        run_search(open_search(broken, directory=tmp_path / "broken", max_trials=50, **options))
    assert "exhausted" not in capsys.readouterr().out


def test_the_stored_comparison_of_tuners_is_what_its_program_gives():
    with tuners.TABLE.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == tuners.HEADER
    assert [row[0] for row in rows] == [*tuners.SEARCHES, tuners.LAST]
    names = [tuners.RANDOM, tuners.GRID, tuners.SMALL]  # quick, and the row of the verdict in one space
    found = tuners.run(names, [tuners.APART * (i + 1) for i in range(20)])
    assert {epochs for _, epochs, _ in found.values()} == {120}
    stored = {row[0]: row for row in rows}
    for name, n_trials, median, wins, *_ in tuners.rows_of(found):
        assert n_trials == int(stored[name][1])
        assert float(median) == pytest.approx(float(stored[name][2]), abs=0.02)
        if wins != "–":
            assert int(wins.split()[0]) == pytest.approx(int(stored[name][3].split()[0]), abs=1)


def test_all_tuners_are_compared_with_as_many_epochs(tmp_path):
    data = tuners.digits()
    for name in tuners.SEARCHES:
        if "Bayesian" not in name:  # its Gaussian process takes a second a trial; it has max_trials=12 as well
            assert tuners.spent(tuners.search(name, 1000, data, tmp_path)) == 120
