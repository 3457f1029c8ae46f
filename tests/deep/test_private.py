"""What is not promised: each test fails when a new release of Keras or KerasTuner changes what stands behind it."""

from __future__ import annotations

import json

import keras
import keras_tuner
import numpy as np
import pytest

from coursepkg.deep import _private

layers = keras.layers


class Block(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.first, self.rest = layers.Dense(2), [layers.Dense(2), {"deep": layers.ReLU()}]
        self.again = self.first

    def call(self, x):
        return self.rest[1]["deep"](self.rest[0](self.again(self.first(x))))


def test_sublayers_are_found_in_attributes_lists_and_wrappers_once_each():
    block = Block()
    block(np.ones((1, 2)))
    assert _private.sublayers(block) == [block.first, block.rest[0], block.rest[1]["deep"]]
    assert _private.sublayers(layers.TimeDistributed(block)) == [block]
    assert _private.sublayers(block.first) == []


def test_calls_and_origins_lead_from_the_output_to_the_input():
    start, dense = keras.Input((2,)), layers.Dense(2)
    end = dense(dense(start), training=True)
    assert _private.origin(end) == (dense, 1)
    first, second = _private.calls(dense)
    assert second.output_tensors == [end]
    assert second.input_tensors == first.output_tensors
    assert second.arguments.kwargs == {"training": True}
    assert first.input_tensors == [start]


def test_positions_of_variables_hold_in_the_compiled_step_too():
    seen = []

    class Noting(keras.optimizers.SGD):
        def update_step(self, gradient, variable, learning_rate):
            seen.append(_private.position_of_variable(self, variable))
            super().update_step(gradient, variable, learning_rate)

    model = keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.Dense(1)])
    model.compile(loss="mse", optimizer=Noting())
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    assert seen == [0, 1, 2, 3]


def test_the_order_of_the_instances_is_that_of_fit():
    taken = []

    class Noting(keras.Model):
        def train_step(self, batch):
            taken.extend(np.asarray(batch[0]).ravel().astype(int))
            return {"loss": 0.0}

    for seed in (0, 1):
        keras.utils.set_random_seed(seed)
        model = Noting()
        model.compile(run_eagerly=True)
        model.fit(np.arange(50.0), np.zeros(50), batch_size=7, verbose=0)
        keras.utils.set_random_seed(seed)
        assert next(iter(_private.order_of_fit(50))).numpy().tolist() == taken[-50:]
    assert taken[:50] != taken[50:]


def test_the_counter_of_batches_goes_on_where_gradients_accumulate():
    optimizer = keras.optimizers.SGD(gradient_accumulation_steps=3)
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile(loss="mse", optimizer=optimizer)
    model.fit(np.ones((7, 2)), np.ones(7), batch_size=1, verbose=0)
    assert (int(_private.step_counter(optimizer)), int(optimizer.iterations)) == (7, 2)


@pytest.mark.parametrize("shape", [None, (3,), lambda shape: shape])
def test_a_lambda_layer_gives_its_shape_as_it_got_it(shape):
    assert _private.shape_of_lambda(layers.Lambda(lambda x: x, output_shape=shape)) == shape


class Parabola(keras_tuner.RandomSearch):
    def run_trial(self, trial):
        x = trial.hyperparameters.get("x")
        if x > 0.5:
            raise ValueError("too large")
        return x**2


class Square(keras_tuner.RandomSearch):
    made = 0

    def run_trial(self, trial):
        Square.made += 1
        return trial.hyperparameters.get("x") ** 2


def searched(tuner_class, folder, **options):
    space = keras_tuner.HyperParameters()
    space.Float("x", 0, 1, step=0.25)
    return tuner_class(hyperparameters=space, directory=str(folder), **options)


def test_all_files_go_through_one_function_and_failures_print_no_traceback(tmp_path, capsys):
    written = []

    def save(path, obj):
        written.append(path)
        with open(path, "w") as file:
            file.write(json.dumps(obj))

    with _private.stored_by(save):
        searched(Parabola, tmp_path, max_trials=4, seed=1).search()
    names = {path.rsplit("/", 1)[-1] for path in written}
    assert names == {"trial.json", "oracle.json", "tuner0.json"}
    assert "Traceback" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["lr=[0.1]", "a?b*c"])
def test_trials_are_found_in_folders_with_characters_of_patterns(tmp_path, name):
    folder = tmp_path / name
    Square.made = 0
    searched(Square, folder, max_trials=2, seed=1).search()
    with _private.plain_glob():
        searched(Square, folder, max_trials=3, seed=1).search()
    assert Square.made == 3


def test_each_question_for_a_hyperparameter_is_noted_with_its_conditions():
    hp = _private.watched_hyperparameters()
    hp.Choice("kind", ["a", "b"])
    with hp.conditional_scope("kind", ["a"]):
        hp.Int("units", 1, 3)
        hp.Int("units", 1, 3)
    (first, none), (second, conditions), third = hp.asked
    assert (first, none, second) == ("kind", (), "units")
    assert "'kind'" in conditions[0]
    assert third == (second, conditions)


def test_a_grid_goes_on_at_its_place(tmp_path):
    class Grid(keras_tuner.GridSearch):
        def run_trial(self, trial):
            return trial.hyperparameters.get("x") ** 2

    searched(Grid, tmp_path, max_trials=2).search()
    again = searched(Grid, tmp_path, max_trials=10)
    with open(tmp_path / "untitled_project/oracle.json") as file:
        _private.resume(again.oracle, json.load(file))
    again.search()
    values = [trial.hyperparameters.get("x") for trial in again.oracle.trials.values()]
    assert sorted(values) == [0, 0.25, 0.5, 0.75, 1.0]


def test_the_trials_of_hyperband_are_counted(tmp_path):
    class Band(keras_tuner.Hyperband):
        def run_trial(self, trial):
            return trial.hyperparameters.get("x") ** 2

    space = keras_tuner.HyperParameters()
    space.Float("x", 0, 1)
    tuner = Band(hyperparameters=space, directory=str(tmp_path), max_epochs=5, factor=2, hyperband_iterations=2, seed=1)
    tuner.search()
    assert _private.trials_of_hyperband(tuner.oracle) == len(tuner.oracle.trials)


def test_a_training_can_be_told_where_to_begin():
    class Begin(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            _private.begin_at(self.model, 2)

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    x = np.ones((2, 1))
    assert model.fit(x, x, epochs=4, verbose=0, callbacks=[Begin()]).epoch == [2, 3]
    _private.begin_at(model, 0)
    assert model.fit(x, x, epochs=2, verbose=0).epoch == [0, 1]
