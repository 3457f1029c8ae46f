"""What the exercises on custom training call right is what TensorFlow and Keras do."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.exercises import find, grade
from coursepkg.exercises.answers.custom_training import TRACES, fit_line

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")


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
