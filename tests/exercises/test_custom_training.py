"""What the exercises on custom training call right is what TensorFlow and Keras do."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.exercises import find, grade
from coursepkg.exercises.answers.custom_training import TRACES, fit_line

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")
NOT_IN_GRAPH = tf.errors.OperatorNotAllowedInGraphError


def number_of_traces(calls, **options):
    traced = []

    def square(x):
        traced.append(x)
        return x * x

    function = tf.function(square, **options)
    for argument in calls:
        function(argument)
    return len(traced)


def test_the_traces_are_those_that_tensorflow_makes():
    batches = [tf.zeros((size, 5)) for _ in range(3) for size in (32, 32, 32, 4)]
    found = {
        "A": number_of_traces([tf.constant(value) for value in (1.0, 2.0, 3.0)]),
        "B": number_of_traces([1.0, 2.0, 3.0]),
        "C": number_of_traces([tf.constant(1), tf.constant(1.0)]),
        "D": number_of_traces(batches),
        "E": number_of_traces(batches, input_signature=[tf.TensorSpec([None, 5], tf.float32)]),
    }
    assert found == {letter: right for letter, (right, _) in TRACES.items()}


def test_the_loop_of_the_exercise_is_that_of_fit():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(25, 3)), rng.normal(size=25)
    dense = keras.layers.Dense(1, kernel_initializer="zeros", dtype="float64")
    model = keras.Sequential([keras.Input((3,), dtype="float64"), dense])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.05))
    history = model.fit(X, y[:, None], epochs=3, batch_size=10, shuffle=False, verbose=0).history["loss"]
    w, b, losses = fit_line(X, y, 3, 10, 0.05)
    np.testing.assert_allclose(losses, history, rtol=1e-6)
    np.testing.assert_allclose(dense.get_weights()[0].ravel(), w, rtol=1e-5)
    np.testing.assert_allclose(dense.get_weights()[1], b, rtol=1e-5)


def test_other_ways_to_differentiate_pass_as_well():
    def with_variables(f, x):
        x = tf.Variable(x)
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = f(x)
            first = inner.gradient(y, x)
        second = outer.gradient(first, x)
        return first.numpy(), np.zeros_like(x) if second is None else second.numpy()

    report = grade("custom-training/derivatives", with_variables)
    assert report.passed, str(report)


def test_float32_is_precise_enough():
    def in_float32(*arguments):
        return tuple(np.asarray(part, dtype="float32") for part in fit_line(*arguments))

    report = grade("custom-training/loop", in_float32)
    assert report.passed, str(report)


def test_the_label_of_a_program_is_found_in_its_statement():
    statement = find("custom-training/traces").statement
    assert all(f"**{letter}**" in statement for letter in TRACES)


# What the chapter says of Keras and TensorFlow, beyond what its cells show.


def one_step(kind=keras.Sequential, *, layer=None, **options):
    model = kind([keras.Input((2,)), layer or keras.layers.Identity(), keras.layers.Dense(1)])
    model.compile(**({"loss": "mse", "optimizer": "sgd"} | options))
    model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)


def branch(*tensors):
    return tensors[-1] if keras.ops.sum(tensors[0]) > 0 else -tensors[-1]


class Branching(keras.layers.Layer):
    def call(self, inputs):
        return branch(inputs)


class BranchingStep(keras.Sequential):
    def train_step(self, data):
        return {"loss": branch(data[0])}


class BranchingMetric(keras.metrics.Mean):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(branch(y_true, y_pred))


def test_an_if_on_a_tensor_fails_wherever_keras_calls_it_and_not_in_a_function_of_your_own():
    assert float(tf.function(branch)(tf.constant(-1.0))) == 1.0
    assert float(Branching()(np.full((1, 1), -1.0))[0, 0]) == 1.0
    for options in (
        {"loss": branch},
        {"metrics": [BranchingMetric()]},
        {"kind": BranchingStep},
    ):
        with pytest.raises(NOT_IN_GRAPH, match="Python `bool` is not allowed"):
            one_step(**options)
    with pytest.raises(Exception, match="bool"):
        one_step(layer=Branching())
    with pytest.raises(NOT_IN_GRAPH):
        tf.function(Branching())(tf.ones((1, 1)))


def test_momentum_is_frozen_in_a_compiled_step_and_the_rate_is_not():
    optimizer, position = keras.optimizers.SGD(learning_rate=0.1, momentum=0.5), keras.Variable(0.0)
    move = tf.function(lambda: optimizer.apply([tf.ones_like(position.value)], [position]))
    move()
    optimizer.learning_rate, optimizer.momentum = 1.0, 0.9
    move()
    assert float(position) == pytest.approx(-0.1 - (1.0 + 0.5 * 0.1), rel=1e-5)


def test_one_optimizer_refuses_a_second_list_of_weights():
    optimizer = keras.optimizers.Adam()
    first, second = keras.Variable(0.0), keras.Variable(0.0)
    optimizer.build([first])
    with pytest.raises(ValueError, match="(?i)unknown variable"):
        optimizer.apply([tf.ones_like(second.value)], [second])


def test_variables_cannot_be_made_in_a_compiled_function():
    with pytest.raises(ValueError, match="singleton tf.Variable"):
        tf.function(lambda x: tf.Variable(1.0) * x)(tf.constant(2.0))


def test_a_model_without_call_trains_and_does_not_predict():
    class Model(keras.Model):
        def train_step(self, data):
            assert not isinstance(data, tuple)
            return {"loss": 0.0}

    model = Model()
    model.compile()
    model.fit(np.ones((4, 2)), verbose=0)
    with pytest.raises(NotImplementedError):
        model.predict(np.ones((4, 2)), verbose=0)


def test_a_new_python_number_is_a_new_trace_that_tensorflow_warns_of(caplog):
    function = tf.function(lambda x: 2 * x)
    with caplog.at_level("WARNING", logger="tensorflow"):  # the package silences it where it was imported before
        for number in range(8):
            function(float(number))
    assert "retracing" in caplog.text


def test_each_new_python_number_is_traced_once():
    traced = []
    function = tf.function(lambda x: traced.append(x) or 2 * x)
    for number in (0.0, 1.0, 2.0, 1.0):
        function(number)
    assert traced == [0.0, 1.0, 2.0]


def test_two_parts_cannot_be_unpacked_from_weighted_data():
    class TwoParts(keras.Sequential):
        def train_step(self, data):
            x, y = data
            return {"loss": 0.0}

    model = TwoParts([keras.Input((2,))])
    model.compile(loss="mse")
    model.fit(np.ones((4, 2)), np.ones((4, 2)), verbose=0)
    with pytest.raises(ValueError, match=r"too many values to unpack \(expected 2\)"):
        model.fit(np.ones((4, 2)), np.ones((4, 2)), sample_weight=np.ones(4), verbose=0)


@pytest.mark.parametrize(("key", "shown"), [("loss", 0.0), ("batch_loss", 0.25)])
def test_fit_shows_a_returned_loss_only_under_a_name_of_its_own(key, shown):
    class OnlyReturned(keras.Sequential):
        def train_step(self, data):
            return {key: tf.constant(0.25)}

    model = OnlyReturned([keras.Input((2,))])
    model.compile(loss="mse")
    assert model.fit(np.ones((4, 2)), np.ones((4, 2)), verbose=0).history == {key: [shown]}
