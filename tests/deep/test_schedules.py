"""1cycle in Keras against 1cycle in NumPy, in the compiled step, saved and resumed."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from coursepkg.deep import seed_everything
from coursepkg.deep.schedules import BatchLearningRate, OneCycle, OneCycleMomentum, ScheduledSGD
from coursepkg.scratch import schedules as scratch
from coursepkg.scratch.optimizers import SGD

STEPS = 20
X = np.random.default_rng(0).normal(size=(40, 3))
Y = X @ [[1.0], [-2.0], [0.5]]


@pytest.fixture(autouse=True)
def _precision():
    """Before any optimizer is made: its learning rate is a variable of the precision of that moment."""
    seed_everything(0)


def linear(optimizer, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=optimizer, **options)
    return model


def fit(model, epochs=2, **options):
    return model.fit(X, Y, batch_size=4, shuffle=False, epochs=epochs, verbose=0, **options)


@pytest.mark.parametrize("steps", [4, 5, 21, 100])
def test_equals_the_numpy_version(steps):
    keras.config.set_floatx("float64")
    t = np.arange(steps + 3)
    ours = [float(OneCycle(0.4, steps)(step)) for step in t]
    np.testing.assert_allclose(ours, scratch.one_cycle(0.4, steps=steps)(t), rtol=1e-12)
    ours = [float(OneCycleMomentum(steps, high=0.9, low=0.8)(step)) for step in t]
    np.testing.assert_allclose(ours, scratch.one_cycle_momentum(steps=steps, high=0.9, low=0.8)(t), rtol=1e-12)


class MomentumByCallback(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.momentum = 0.99 if batch else 0.01


def test_momentum_set_by_a_callback_is_ignored_by_the_compiled_step():
    """Why ScheduledSGD exists; when this fails, Keras has changed and the chapter must say so."""
    plain, changed, eager = (linear(keras.optimizers.SGD(0.01, momentum=0.01), run_eagerly=e) for e in (0, 0, 1))
    fit(plain)
    fit(changed, callbacks=[MomentumByCallback()])
    fit(eager, callbacks=[MomentumByCallback()])
    np.testing.assert_array_equal(plain.get_weights()[0], changed.get_weights()[0])
    assert np.abs(eager.get_weights()[0] - plain.get_weights()[0]).max() > 0.01


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_compiled_step_follows_both_schedules(nesterov):
    rate, momentum = OneCycle(0.05, STEPS), OneCycleMomentum(STEPS)
    model = linear(ScheduledSGD(rate, momentum=momentum, nesterov=nesterov))
    W, b = (array.copy() for array in model.get_weights())
    fit(model)
    by_hand = SGD(scratch.one_cycle(0.05, steps=STEPS), nesterov=nesterov)
    momenta = scratch.one_cycle_momentum(steps=STEPS)
    for step in range(STEPS):
        rows = slice(4 * (step % 10), 4 * (step % 10) + 4)
        error = 2 * (X[rows] @ W + b - Y[rows]) / 4
        by_hand.momentum = momenta(step)
        by_hand.step([W, b], [X[rows].T @ error, error.sum(axis=0)])
    np.testing.assert_allclose(model.get_weights()[0], W, rtol=1e-6)
    np.testing.assert_allclose(model.get_weights()[1], b, rtol=1e-6)


@pytest.mark.parametrize("accumulated", [None, 4])
def test_rate_and_momentum_turn_at_the_same_batch_with_accumulated_gradients(accumulated):
    optimizer = ScheduledSGD(OneCycle(0.1, 80), momentum=OneCycleMomentum(80), gradient_accumulation_steps=accumulated)
    model = linear(optimizer)
    model.fit(X[:35], Y[:35], batch_size=1, verbose=0)
    assert float(optimizer.learning_rate) == pytest.approx(0.1)
    assert float(optimizer.current_momentum()) == pytest.approx(0.85)


def test_the_callback_counts_batches_as_a_schedule_does_with_accumulated_gradients():
    by_schedule = linear(keras.optimizers.SGD(OneCycle(0.05, STEPS), gradient_accumulation_steps=2))
    by_callback = linear(keras.optimizers.SGD(1.0, gradient_accumulation_steps=2))
    fit(by_schedule)
    fit(by_callback, callbacks=[BatchLearningRate(scratch.one_cycle(0.05, steps=STEPS))])
    np.testing.assert_allclose(by_callback.get_weights()[0], by_schedule.get_weights()[0], rtol=1e-6)


@pytest.fixture
def _mixed():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.usefixtures("_mixed")
def test_the_callback_sets_the_rate_of_an_optimizer_that_is_wrapped_for_mixed_precision():
    assert type(linear("sgd").optimizer) is keras.optimizers.LossScaleOptimizer
    model = linear(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(), initial_scale=1.0))
    history = fit(model, callbacks=[BatchLearningRate(lambda step: 0.001 * (step + 1))])
    assert history.history["learning_rate"] == pytest.approx([0.01, 0.02], rel=1e-3)
    assert float(model.optimizer.inner_optimizer.learning_rate) == pytest.approx(0.02, rel=1e-3)


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (None, TypeError, r"schedule\(0\) must return a number >= 0; got None"),
        (np.ones(2), TypeError, r"schedule\(0\) must return a number >= 0; got array"),
        (-0.1, ValueError, r"schedule\(0\) must be a finite number >= 0; got -0.1"),
        (np.nan, ValueError, r"schedule\(0\) must be a finite number >= 0; got nan"),
    ],
)
def test_what_a_schedule_returns_is_checked(returned, error, message):
    with pytest.raises(error, match=message):
        fit(linear("sgd"), callbacks=[BatchLearningRate(lambda step: returned)])


def test_numbers_of_numpy_and_tensors_are_rates():
    history = fit(linear("sgd"), callbacks=[BatchLearningRate(lambda step: keras.ops.convert_to_tensor(0.25))])
    assert history.history["learning_rate"] == [0.25, 0.25]


def test_a_constant_momentum_is_that_of_keras():
    ours, theirs = linear(ScheduledSGD(0.01, momentum=0.9)), linear(keras.optimizers.SGD(0.01, momentum=0.9))
    fit(ours), fit(theirs)
    np.testing.assert_allclose(ours.get_weights()[0], theirs.get_weights()[0], rtol=1e-9)


def test_saved_in_the_middle_it_goes_on_where_it_was(tmp_path):
    def optimizer():
        return ScheduledSGD(OneCycle(0.05, STEPS), momentum=OneCycleMomentum(STEPS))

    through, stopped = linear(optimizer()), linear(optimizer())
    fit(through, epochs=2)
    fit(stopped, epochs=1)
    stopped.save(tmp_path / "model.keras")
    resumed = keras.models.load_model(tmp_path / "model.keras")
    assert float(resumed.optimizer.current_momentum()) < 0.9
    fit(resumed, epochs=1)
    np.testing.assert_allclose(resumed.get_weights()[0], through.get_weights()[0], rtol=1e-9)


def test_the_callback_equals_the_schedule():
    by_schedule = linear(keras.optimizers.SGD(OneCycle(0.05, STEPS)))
    by_callback = linear(keras.optimizers.SGD(1.0))
    fit(by_schedule)
    history = fit(by_callback, callbacks=[BatchLearningRate(scratch.one_cycle(0.05, steps=STEPS))])
    np.testing.assert_allclose(by_callback.get_weights()[0], by_schedule.get_weights()[0], rtol=1e-6)
    expected = scratch.one_cycle(0.05, steps=STEPS)([9, 19])
    np.testing.assert_allclose(history.history["learning_rate"], expected, rtol=1e-6)


def test_the_callback_goes_on_counting():
    asked, model = [], linear("sgd")
    callback = BatchLearningRate(lambda step: asked.append(step) or 0.01)
    fit(model, epochs=1, callbacks=[callback])
    fit(model, epochs=1, callbacks=[callback])
    assert asked == list(range(20))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: OneCycle(0, 10), ValueError, "maximum must be .*; got 0"),
        (lambda: OneCycle(0.1, 3), ValueError, "steps must be .*; got 3"),
        (lambda: OneCycleMomentum(10, low=0.99), ValueError, "low must be .*; got 0.99"),
        (lambda: ScheduledSGD(0.1, momentum=1.0), ValueError, "momentum must be .*; got 1"),
        (lambda: BatchLearningRate(0.1), TypeError, "callable .*; got 0.1"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_two_schedules_at_once():
    model = linear(keras.optimizers.SGD(OneCycle(0.05, STEPS)))
    with pytest.raises(TypeError, match="has a schedule already; compile the model with a number"):
        fit(model, callbacks=[BatchLearningRate(lambda step: 0.1)])
    by_function = linear(keras.optimizers.SGD(lambda: 0.1))
    with pytest.raises(TypeError, match="has a schedule already"):
        fit(by_function, callbacks=[BatchLearningRate(lambda step: 0.1)])


def test_several_batches_in_one_call_could_not_have_a_rate_each():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd", steps_per_execution=2)
    with pytest.raises(ValueError, match="compiled with steps_per_execution=2: .*compile it with 1, or give the sched"):
        model.fit(np.ones((4, 1)), np.ones(4), verbose=0, callbacks=[BatchLearningRate(lambda step: 0.1)])
