import warnings

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits, make_moons
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from coursepkg.scratch.losses import Huber
from coursepkg.scratch.mlp import MLP
from tests.scratch.mlps import SIGMOID, SOFTMAX, assert_parameters_equal, data, keras_twin, model_with_biases


def scikit_learn_twin(kind, model, X, y, **options):
    """Train scikit-learn's network from the model's weights in the order of the samples; return its parameters."""
    hidden = model.layers[0].activation.name.replace("sigmoid", "logistic")
    sizes = tuple(model.sizes[1:-1])
    options |= {"shuffle": False, "nesterovs_momentum": False, "warm_start": True, "n_iter_no_change": 10_000}
    twin = kind(hidden_layer_sizes=sizes, activation=hidden, solver="sgd", max_iter=1, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        twin.fit(X, y)  # creates the arrays; a warm start then goes on from those below, with a new optimizer
        twin.coefs_ = model.get_parameters()[0::2]
        twin.intercepts_ = model.get_parameters()[1::2]
        twin.set_params(max_iter=3).fit(X, y)
    parameters = [array for pair in zip(twin.coefs_, twin.intercepts_, strict=True) for array in pair]
    return twin, parameters


@pytest.mark.parametrize("hidden", ["identity", "sigmoid", "tanh", "relu"])
@pytest.mark.parametrize(("momentum", "alpha"), [(0.0, 0.0), (0.0, 0.5), (0.9, 1e-4)])
@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_three_epochs_equal_scikit_learn(task, hidden, momentum, alpha):
    X, y = data(50, n_features=6, loss="sparse_categorical_crossentropy")
    outputs, options, kind = {
        "regression": (1, {}, MLPRegressor),
        "binary": (1, SIGMOID, MLPClassifier),
        "multiclass": (3, SOFTMAX, MLPClassifier),
    }[task]
    y = X[:, 0] * X[:, 1] if task == "regression" else y % 2 if task == "binary" else y
    model = model_with_biases([6, 8, 5, outputs], hidden_activation=hidden, **options)
    twin, expected = scikit_learn_twin(
        kind, model, X, y, batch_size=16, learning_rate_init=0.05, momentum=momentum, alpha=alpha
    )
    start = model.get_parameters()
    history = model.fit(
        X, y, epochs=3, batch_size=16, learning_rate=0.05, momentum=momentum, alpha=alpha, shuffle=False
    )
    assert_parameters_equal(model, expected, rtol=1e-9, atol=1e-12)
    assert np.abs(start[0] - model.layers[0].W).max() > 1e-3  # they did move
    np.testing.assert_allclose(history["loss"], twin.loss_curve_[-3:], rtol=1e-9)
    np.testing.assert_allclose(model.predict(X), twin.predict(X), rtol=1e-9)
    if task != "regression":
        np.testing.assert_allclose(model.predict_proba(X), twin.predict_proba(X), rtol=1e-9)
        assert model.evaluate(X, y)["accuracy"] == pytest.approx(twin.score(X, y))


@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_several_outputs_equal_scikit_learn_but_for_the_mean(task):
    """scikit-learn's gradient sums over the outputs, ours (like Keras's) averages: a factor of 3 in the step."""
    X, y = data(50, loss="binary_crossentropy" if task == "multilabel" else "half_squared_error")
    model = model_with_biases([3, 8, 3], hidden_activation="tanh", **(SIGMOID if task == "multilabel" else {}))
    kind = MLPClassifier if task == "multilabel" else MLPRegressor
    twin, expected = scikit_learn_twin(kind, model, X, y, batch_size=16, learning_rate_init=0.05, momentum=0, alpha=0.3)
    model.fit(X, y, epochs=3, batch_size=16, learning_rate=0.15, alpha=0.1, shuffle=False)
    assert_parameters_equal(model, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(model.predict(X), twin.predict(X), rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "theirs"),
    [
        ({"loss": "mean_squared_error"}, "mean_squared_error"),
        ({"loss": Huber(0.5)}, keras.losses.Huber(0.5, dtype="float64")),
        (SIGMOID, "binary_crossentropy"),
        (SOFTMAX, "sparse_categorical_crossentropy"),
    ],
)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_steps_equal_keras(options, theirs, momentum):
    loss = options["loss"] if isinstance(options["loss"], str) else "huber"
    X, y = data(12, loss=loss)
    model = model_with_biases([3, 5, 3], hidden_activation="tanh", **options)
    twin = keras_twin(model)
    twin.compile(keras.optimizers.SGD(0.1, momentum=momentum), loss=theirs)
    for step in range(0, 12, 4):
        twin.train_on_batch(X[step : step + 4], y[step : step + 4])
    model.fit(X, y, epochs=1, batch_size=4, learning_rate=0.1, momentum=momentum, shuffle=False)
    # Keras keeps the learning rate and the momentum in float32.
    assert_parameters_equal(model, twin.get_weights(), rtol=1e-6, atol=1e-7)


# The training loop


def test_shuffling_draws_a_new_order_for_every_epoch_from_the_seed():
    X, y = data(10)
    shuffled, by_hand = MLP([3, 4, 3]), MLP([3, 4, 3])
    shuffled.fit(X, y, epochs=2, batch_size=4, seed=3)
    rng = np.random.default_rng(3)
    for _ in range(2):
        order = rng.permutation(10)
        by_hand.fit(X[order], y[order], epochs=1, batch_size=4, shuffle=False)
    assert_parameters_equal(shuffled, by_hand.parameters, rtol=1e-13)


def test_same_seeds_same_result_other_seeds_another():
    X, y = data()

    def trained(seed, order):
        model = MLP([3, 4, 3], seed=seed)
        model.fit(X, y, epochs=2, batch_size=4, seed=order)
        return model.parameters[0]

    np.testing.assert_array_equal(trained(1, 2), trained(1, 2))
    assert not np.allclose(trained(1, 2), trained(1, 3))
    assert not np.allclose(trained(1, 2), trained(4, 2))


def test_layers_of_the_same_size_start_different():
    model = MLP([4, 4, 4])
    assert not np.allclose(model.layers[0].W, model.layers[1].W)


def test_learns_moons():
    X, y = make_moons(400, noise=0.15, random_state=0)
    model = MLP([2, 16, 16, 1], **SIGMOID)
    history = model.fit(
        X[:300], y[:300], epochs=100, learning_rate=0.1, momentum=0.9, validation_data=(X[300:], y[300:])
    )
    assert {name: len(values) for name, values in history.items()} == {
        "loss": 100, "accuracy": 100, "val_loss": 100, "val_accuracy": 100
    }  # fmt: skip
    assert history["loss"][-1] < 0.1 < history["loss"][0]
    assert history["val_accuracy"][-1] > 0.95
    assert np.mean(model.predict(X[300:]) == y[300:]) == pytest.approx(history["val_accuracy"][-1])


def test_learns_digits_in_float32():
    X, y = load_digits(return_X_y=True)
    model = MLP([64, 50, 10], **SOFTMAX, dtype="float32")
    model.fit(X[:1400] / 16, y[:1400], epochs=15, learning_rate=0.1, momentum=0.9)
    assert model.evaluate(X[1400:] / 16, y[1400:])["accuracy"] > 0.9
    assert model.predict_proba(X / 16).dtype == np.float32
    assert {array.dtype.name for array in model.parameters} == {"float32"}


def test_float32_starts_and_steps_like_float64():
    X, y = data()
    small, large = MLP([3, 4, 3], dtype="float32"), MLP([3, 4, 3])
    np.testing.assert_array_equal(small.layers[0].W, large.layers[0].W.astype(np.float32))
    for model in (small, large):
        model.fit(X, y, epochs=1, learning_rate=0.1, momentum=0.5, alpha=0.1)
    assert_parameters_equal(small, large.parameters, rtol=1e-4, atol=1e-6)


def test_history_holds_the_loss_before_each_step():
    X, y = data()
    model = model_with_biases([3, 4, 3])
    before = model.evaluate(X, y)["loss"]
    penalty = 0.2 / (2 * 20) * sum((layer.W**2).sum() for layer in model.layers)
    history = model.fit(X, y, epochs=2, batch_size=20, alpha=0.2, learning_rate=1e-3, validation_data=(X, y))
    assert history["loss"][0] == pytest.approx(before + penalty, rel=1e-12)
    assert history["loss"][1] > history["val_loss"][0]  # the same parameters, with and without the penalty
    assert "accuracy" not in history


def test_early_stopping_restores_the_best_parameters():
    X, y = data(30, loss="binary_crossentropy")
    snapshots = []
    model = model_with_biases([3, 30, 3], **SIGMOID)
    history = model.fit(
        X[:15], y[:15], epochs=500, batch_size=5, learning_rate=0.5, validation_data=(X[15:], y[15:]), patience=4,
        callback=lambda epoch, model: snapshots.append((epoch, model.get_parameters())),
    )  # fmt: skip
    best = int(np.argmin(history["val_loss"]))
    assert len(history["loss"]) == best + 4 + 1 < 500
    assert [epoch for epoch, _ in snapshots] == list(range(best + 5))
    assert_parameters_equal(model, snapshots[best][1], rtol=0)
    assert model.evaluate(X[15:], y[15:])["loss"] == pytest.approx(min(history["val_loss"]), rel=1e-14)


def test_best_parameters_are_restored_when_the_epochs_run_out_too():
    X, y = data(30, loss="binary_crossentropy")
    model = model_with_biases([3, 30, 3], **SIGMOID)
    options = {"batch_size": 5, "learning_rate": 0.5, "validation_data": (X[15:], y[15:])}
    history = model.fit(X[:15], y[:15], epochs=30, patience=30, **options)
    assert history["val_loss"][-1] > min(history["val_loss"])
    assert model.evaluate(X[15:], y[15:])["loss"] == pytest.approx(min(history["val_loss"]), rel=1e-14)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_divergence_names_the_epoch_and_the_learning_rate(dtype):
    X, y = data()
    with pytest.raises(FloatingPointError, match=r"loss became (nan|inf) in epoch \d+ with learning_rate=500.0: try"):
        MLP([3, 10, 3], dtype=dtype).fit(X, y, epochs=200, learning_rate=500.0)


def test_equal_weights_stay_equal():
    X, y = data(loss="binary_crossentropy")
    model = MLP([3, 4, 3], hidden_activation="tanh", initializer=lambda n, m, *, seed: np.full((n, m), 0.5), **SIGMOID)
    model.fit(X, y, epochs=5, learning_rate=0.5)
    np.testing.assert_allclose(model.layers[0].W, model.layers[0].W[:, :1] * np.ones(4), rtol=1e-12)
    zero = MLP([3, 4, 3], initializer="zeros", **SIGMOID)
    zero.fit(X, y, epochs=5, learning_rate=0.5)
    assert not zero.layers[0].W.any()
    assert zero.layers[1].b.any()


def test_inputs_are_not_changed_and_lists_work():
    X, y = data()
    copies = X.copy(), y.copy()
    MLP([3, 4, 3]).fit(X, y, epochs=1)
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(y, copies[1])
    assert MLP([1, 1]).fit([[0], [1]], [0, 1], epochs=1)["loss"][0] > 0
