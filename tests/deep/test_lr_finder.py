"""The range test against gradient descent in NumPy, and the model as it was before."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest

from coursepkg.deep import seed_everything
from coursepkg.deep.lr_finder import REGIONS, RULES, RangeTest, batch_losses, range_test, smoothed_losses
from coursepkg.scratch.mlp import MLP
from coursepkg.scratch.optimizers import SGD

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 3))
Y = X @ [1.0, -2.0, 0.5] + RNG.normal(scale=0.1, size=70)


def linear(optimizer="sgd", **options):
    seed_everything(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=optimizer, **options)
    return model


def state(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [variable.numpy() for variable in variables]


def assert_equal(before, after):
    assert len(before) == len(after)
    for expected, got in zip(before, after, strict=True):
        np.testing.assert_array_equal(got, expected)


def test_rates_and_losses_are_those_of_gradient_descent_in_numpy():
    """Two epochs and a half, the last batch of each smaller than the others."""
    model = linear(keras.optimizers.SGD(0.01))
    twin = MLP([3, 1], loss="mean_squared_error")
    twin.set_parameters(model.get_weights())
    test = range_test(model, X, Y, lowest=1e-4, highest=0.1, n_steps=12, batch_size=16, shuffle=False)
    np.testing.assert_allclose(test.rates, np.geomspace(1e-4, 0.1, 12))
    sgd, expected = SGD(1.0), []
    for k, rate in enumerate(test.rates):
        rows = slice(16 * (k % 5), 16 * (k % 5) + 16)
        loss, gradients = twin.loss_and_gradients(X[rows], Y[rows])
        expected.append(loss)
        sgd.learning_rate = rate
        sgd.step(twin.parameters, gradients)
    np.testing.assert_allclose(test.losses, expected, rtol=1e-6)
    assert test.divergence == np.inf


def test_batch_losses_are_those_without_a_running_mean():
    class Alone(keras.callbacks.Callback):
        """Logs of a metric that is reset before each batch."""

        def __init__(self):
            super().__init__()
            self.losses = []

        def on_train_batch_begin(self, batch, logs=None):
            self.model.reset_metrics()

        def on_train_batch_end(self, batch, logs=None):
            self.losses.append(float(logs["loss"]))

    class Running(Alone):
        def on_train_batch_begin(self, batch, logs=None):
            pass

    alone, running = Alone(), Running()
    for callback in (alone, running):
        linear().fit(X, Y, batch_size=16, shuffle=False, verbose=0, callbacks=[callback])
    np.testing.assert_allclose(batch_losses(running.losses, [16] * 4 + [6]), alone.losses, rtol=1e-9)
    assert abs(running.losses[-1] - alone.losses[-1]) > 1e-3


def test_smoothing_is_a_weighted_mean():
    losses, w = RNG.normal(size=30), 0.8
    for k in (1, 2, 30):
        weights = w ** np.arange(k)[::-1]
        np.testing.assert_allclose(smoothed_losses(losses, w)[k - 1], np.average(losses[:k], weights=weights))
    np.testing.assert_array_equal(smoothed_losses(losses, 0), losses)


def test_the_average_lags_as_the_docstring_says():
    line = smoothed_losses(np.arange(500.0), 0.9)
    assert abs(line[-1] - (499 - 9)) < 1e-6


def dropout_model(optimizer):
    seed_everything(0)
    layers = [
        keras.Input((3,)),
        keras.layers.Dense(8, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.3, seed=1),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential(layers)
    model.compile(loss="mse", optimizer=optimizer, metrics=["mae"])
    return model


@pytest.mark.parametrize("name", ["SGD", "Adagrad", "Adam", "AdamW"])
@pytest.mark.parametrize("trained", [False, True])
def test_everything_is_restored(name, trained):
    model = dropout_model(getattr(keras.optimizers, name)(0.05))
    model.optimizer.build(model.trainable_variables)
    if trained:
        model.fit(X, Y, verbose=0)
    before = state(model)
    range_test(model, X, Y, n_steps=20, highest=0.1)
    assert_equal(before, state(model))
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)


def test_training_goes_on_as_if_there_had_been_no_test():
    weights = []
    for tested in (False, True):
        model = dropout_model(keras.optimizers.Adam(0.01))
        if tested:
            range_test(model, X, Y, n_steps=20)
        model.fit(X, Y, epochs=2, shuffle=False, verbose=0)
        weights.append(model.get_weights())
    for expected, got in zip(*weights, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6)  # Keras rounds rates to 32 bits


def test_it_stops_at_the_rate_that_makes_the_quadratic_diverge():
    """For a quadratic loss with the largest curvature h, rates above 2/h diverge."""
    model = linear(keras.optimizers.SGD(0.01))
    test = range_test(model, X, Y, lowest=0.1, highest=10, n_steps=400, batch_size=70)
    inputs = np.hstack([X, np.ones((70, 1))])
    limit = 2 / np.linalg.eigvalsh(2 * inputs.T @ inputs / 70).max()
    assert limit < test.divergence < 3 * limit
    assert len(test.losses) < 400
    assert test.rates[-1] == test.divergence


def test_a_loss_that_is_not_finite_stops_it():
    seed_everything(0)
    model = linear()
    test = range_test(model, X, np.where(np.arange(70) == 69, np.nan, Y), n_steps=10, batch_size=32, shuffle=False)
    assert len(test.losses) == 3
    assert np.isnan(test.losses[-1])
    assert np.isfinite(model.get_weights()[0]).all()


def test_noise_does_not_stop_it_where_the_rates_are_harmless():
    noise = np.random.default_rng(1).normal(size=70)
    test = range_test(linear(), X, noise, lowest=1e-6, highest=1e-4, n_steps=200, batch_size=8)
    assert len(test.losses) == 200


def test_inputs_by_name_models_without_input_and_several_steps_a_call():
    seed_everything(0)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd", steps_per_execution=4)
    assert len(range_test(model, X, Y, n_steps=5, highest=0.01).losses) == 5
    assert model.steps_per_execution == 4
    a, b = keras.Input((2,), name="a"), keras.Input((1,), name="b")
    model = keras.Model({"a": a, "b": b}, keras.layers.Dense(1)(keras.layers.Concatenate()([a, b])))
    model.compile(loss="mse", optimizer="sgd")
    assert len(range_test(model, {"a": X[:, :2], "b": X[:, 2:]}, Y, n_steps=5, highest=0.01).losses) == 5


def test_the_model_is_restored_after_an_error():
    model = linear()
    model.optimizer.build(model.trainable_variables)
    before = state(model)

    with pytest.raises(TypeError, match="no_such_option"):
        range_test(model, X, Y, no_such_option=1)
    assert_equal(before, state(model))


def test_the_three_rules_on_a_curve_drawn_by_hand():
    rates = np.geomspace(1e-4, 10, 51)
    middle = np.log10(rates)
    losses = 2 - 1 / (1 + np.exp(-4 * (middle + 2))) + np.where(middle > 0, 5 * middle**2, 0)
    test = RangeTest(rates=rates, losses=losses, smoothed=losses, divergence=10.0)
    found = test.suggestions()
    assert tuple(found) == RULES
    assert found["steepest descent"] == pytest.approx(0.01)
    assert found["a tenth of the turning point"] == pytest.approx(rates[losses.argmin()] / 10)
    assert found["half of the divergence"] == 5


@pytest.mark.parametrize("weight", [0.0, 0.8, 0.95])
def test_smoothing_does_not_move_what_is_read_off_the_curve(weight):
    rates = np.geomspace(1e-4, 10, 501)
    middle = np.log10(rates)
    losses = 2 - 1 / (1 + np.exp(-4 * (middle + 2))) + np.where(middle > -1, (middle + 1) ** 2, 0)
    smoothed = smoothed_losses(losses, weight)
    test = RangeTest(rates, losses, smoothed, divergence=10.0, lag=weight / (1 - weight))
    plain = RangeTest(rates, losses, losses, divergence=10.0)
    assert test.turning_point == pytest.approx(plain.turning_point, rel=0.15)
    assert test.steepest == pytest.approx(plain.steepest, rel=0.1)
    if weight > 0.9:  # without the correction both are off by a factor that nobody would overlook
        late = RangeTest(rates, losses, smoothed, divergence=10.0)
        assert late.turning_point > 1.2 * plain.turning_point
        assert late.steepest > 1.4 * plain.steepest


def test_the_range_test_knows_its_lag():
    assert range_test(linear(), X, Y, n_steps=10, highest=0.01, weight=0.75).lag == 3.0


def test_the_four_regions_are_bounded_by_shares_of_the_fall():
    rates = np.geomspace(1e-4, 10, 501)
    middle = np.log10(rates)
    losses = np.interp(middle, [-4, -3, -1, 0, 1], [2.0, 2.0, 1.0, 1.0, 2.0])  # falls in a line, and rises in one
    regions = RangeTest(rates, losses, losses, divergence=10.0).regions()
    assert tuple(regions) == REGIONS
    ends = np.log10([high for _, high in regions.values()])
    np.testing.assert_allclose(ends, [-2.8, -1.2, 0.5, 1.0], atol=0.02)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(regions.values()))
    part = slice(0, 400)
    assert tuple(RangeTest(rates[part], losses[part], losses[part]).regions()) == REGIONS[:3]
    with pytest.raises(ValueError, match="never fell; it was lowest at the rate 0.0001: start lower"):
        RangeTest(rates, rates, rates).regions()


def test_rules_that_cannot_be_applied_say_why():
    rates = np.geomspace(1e-3, 1, 10)
    falling, rising = np.linspace(2, 1, 10), np.linspace(1, 2, 10)
    assert set(RangeTest(rates, falling, falling).suggestions()) == set(RULES[:2])  # only the third needs a divergence
    with pytest.raises(ValueError, match="never fell; it was lowest at the rate 0.001: start lower"):
        RangeTest(rates, rising, rising, 1.0).suggestions()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lowest": 0}, "lowest must be a finite number > 0; got 0"),
        ({"lowest": 1, "highest": 0.1}, "highest must be a finite number > 1"),
        ({"n_steps": 1}, "n_steps must be an integer >= 2; got 1"),
        ({"batch_size": 0}, "batch_size must be an integer >= 1; got 0"),
        ({"weight": 1}, r"weight must be a finite number in \[0, 1\); got 1"),
        ({"stop_at": 0}, "stop_at must be a finite number > 0; got 0"),
    ],
    ids=str,
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        range_test(linear(), X, Y, **options)


def test_bad_models_and_inputs():
    with pytest.raises(TypeError, match="model must be a keras.Model; got str"):
        range_test("model", X, Y)
    with pytest.raises(ValueError, match="is not compiled"):
        range_test(keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]), X, Y)
    with pytest.raises(TypeError, match="x must be an array"):
        range_test(linear(), 3, Y)
    falling = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    with pytest.raises(ValueError, match="the optimizer has a schedule"):
        range_test(linear(keras.optimizers.SGD(falling)), X, Y)
    with pytest.raises(ValueError, match="sizes must have length 2"):
        batch_losses([1, 2], [3])
    with pytest.raises(ValueError, match="sizes must be >= 1; got 0 at index 1"):
        batch_losses([1, 2], [3, 0])
    with pytest.raises(ValueError, match="weight must be"):
        smoothed_losses([1.0], -0.1)


@pytest.mark.parametrize("what", ["turning_point", "steepest", "suggestions"])
def test_a_loss_that_is_nan_from_the_beginning_is_an_error_that_says_where_to_look(what):
    sentence = "the loss was nan before the first step, which no learning rate mends: look for NaN"
    model = linear()
    with pytest.raises(ValueError, match=sentence):
        range_test(model, np.full((70, 3), np.nan), Y, n_steps=20)
    assert np.isfinite(model.get_weights()[0]).all()
    lost = np.full(5, np.nan)
    test = RangeTest(np.geomspace(1e-3, 1, 5), lost, lost)
    with pytest.raises(ValueError, match=sentence):
        test.suggestions() if what == "suggestions" else getattr(test, what)


def test_mixed_precision_gives_the_losses_of_single_precision():
    before, losses = keras.config.dtype_policy(), []
    x, y = np.round(X, 1).astype("float32"), np.round(Y, 1).astype("float32")
    for policy in ("float32", "mixed_float16"):
        model = linear()
        keras.config.set_dtype_policy(policy)
        try:
            keras.utils.set_random_seed(1)
            model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
            model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.03))
            model.optimizer.build(model.trainable_variables)
            state_before = state(model)
            losses.append(range_test(model, x, y, n_steps=10, lowest=1e-6, highest=1e-5, shuffle=False).losses)
            assert_equal(state_before, state(model))
        finally:
            keras.config.set_dtype_policy(before)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.03)
    np.testing.assert_allclose(losses[1], losses[0], rtol=0.01)


def test_rows_that_are_split_off_for_validation_change_nothing():
    options = {"n_steps": 9, "batch_size": 32, "lowest": 1e-12, "highest": 1e-11, "shuffle": False}
    alone = range_test(linear(), X[:49], Y[:49], **options)
    split = range_test(linear(), X, Y, validation_split=0.3, validation_batch_size=5, **options)
    assert len(split.losses) == 9
    np.testing.assert_array_equal(split.losses, alone.losses)
    given = range_test(linear(), X[:49], Y[:49], validation_data=(X, Y), **options)
    np.testing.assert_array_equal(given.losses, alone.losses)


def test_weighted_rows_give_the_weighted_loss_of_the_batch():
    weights, model = np.linspace(0.1, 2, 70), linear()
    error = (model.predict(X, verbose=0)[:, 0] - Y) ** 2
    options = {"n_steps": 5, "batch_size": 16, "lowest": 1e-12, "highest": 1e-11, "shuffle": False}
    found = range_test(model, X, Y, sample_weight=weights, **options).losses
    expected = [(weights[i : i + 16] * error[i : i + 16]).mean() for i in range(0, 70, 16)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


class Own(keras.Model):
    """Reports the loss of the batch itself, or as a mean of its own."""

    kind = "batch"

    def train_step(self, batch):
        x, y = batch
        logs = super().train_step(batch)
        loss = self.compute_loss(x=x, y=y, y_pred=self(x))
        if self.kind == "mean":
            self.mean.update_state(loss)
            return {"loss": self.mean.result()}
        return {"loss": loss} if self.kind == "batch" else {"error": logs["loss"]}


@pytest.mark.parametrize("kind", ["batch", "mean"])
def test_a_train_step_of_ones_own_may_report_the_loss_or_a_running_mean(kind):
    plain = linear()
    own = Own(plain.inputs, plain.outputs)
    own.kind, own.mean = kind, keras.metrics.Mean(name="own")
    own.compile(loss="mse", optimizer="sgd")
    options = {"n_steps": 8, "batch_size": 16, "lowest": 1e-12, "highest": 1e-11, "shuffle": False}
    np.testing.assert_allclose(
        range_test(own, X, Y, **options).losses, range_test(plain, X, Y, **options).losses, rtol=1e-6
    )


def test_a_train_step_without_a_loss_and_other_options_of_fit_are_refused():
    base = linear()
    own = Own(base.inputs, base.outputs)
    own.kind = "other"
    own.compile(loss="mse", optimizer="sgd")
    with pytest.raises(ValueError, match=r"Own\.train_step reports \['error'\]; the range test needs the loss"):
        range_test(own, X, Y)
    for name in ("callbacks", "epochs", "initial_epoch", "steps_per_epoch"):
        with pytest.raises(TypeError, match=f"range_test takes no '{name}'; of the options of fit it takes sample"):
            range_test(linear(), X, Y, **{name: 1})


class BuiltByShape(keras.Model):
    """Keras calls it built after build(shape), though its layer has no weights before the first call."""

    def __init__(self):
        super().__init__()
        self.out = keras.layers.Dense(1)

    def call(self, inputs):
        return self.out(inputs)


@pytest.mark.filterwarnings("ignore:.build... was called on layer")
def test_a_subclass_that_was_built_by_a_shape_is_tested_like_others():
    model = BuiltByShape()
    model.build((None, 3))
    model.compile(loss="mse", optimizer="sgd")
    x = np.ones((20, 3))
    assert len(range_test(model, x, x.sum(axis=1), n_steps=5).rates) == 5


def test_no_instance_is_an_error():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    with pytest.raises(ValueError, match=r"x must hold at least one instance; got an array of shape \(0, 3\)"):
        range_test(model, np.ones((0, 3)), np.ones(0))
