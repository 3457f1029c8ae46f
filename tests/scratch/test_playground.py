"""The playground: what a run records is recomputed here from its parts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from coursepkg.data import load_playground
from coursepkg.scratch.losses import BinaryCrossentropy
from coursepkg.scratch.playground import FEATURES, explore, features_of

SHORT = {"epochs": 3, "n": 40, "n_snapshots": 2, "resolution": 5}


def test_the_points_are_those_of_the_data_set_one_half_for_each_use():
    run = explore("spiral", noise=0.2, data_seed=7, **SHORT)
    X, y = load_playground("spiral", n=40, noise=0.2, seed=7)
    np.testing.assert_array_equal(np.vstack([run.X_train, run.X_valid]), X)
    np.testing.assert_array_equal(np.concatenate([run.y_train, run.y_valid]), y)
    assert len(run.X_train) == len(run.X_valid) == 20


def test_features_are_the_named_functions():
    x1, x2 = np.random.default_rng(0).normal(size=(2, 9))
    columns = features_of(np.column_stack([x1, x2]), tuple(FEATURES))
    expected = np.column_stack([x1, x2, x1**2, x2**2, x1 * x2, np.sin(x1), np.sin(x2)])
    np.testing.assert_allclose(columns, expected)


def test_pictures_are_the_networks_answers_at_the_places_of_the_grid():
    run = explore("xor", features=("x1", "x1*x2"), hidden=(3, 2), activation="tanh", **SHORT)
    row, column = 1, 4
    place = np.array([[run.grid[column], run.grid[row]]])
    assert run.boundaries[-1, row, column] == pytest.approx(run.model.predict_proba(run.inputs(place))[0, 1])
    signal = run.inputs(place)
    for layer, pictures in zip(run.model.layers[:-1], run.hidden_units, strict=True):
        signal = np.tanh(signal @ layer.W + layer.b)
        np.testing.assert_allclose(pictures[-1, :, row, column], signal[0])
    assert [pictures.shape for pictures in run.hidden_units] == [(2, 3, 5, 5), (2, 2, 5, 5)]
    assert run.grid[[0, -1]].tolist() == [-6, 6]


def test_the_first_picture_is_taken_before_training():
    first = explore("circle", seed=5, **SHORT).boundaries[0]
    again = explore("circle", seed=5, **(SHORT | {"epochs": 9, "learning_rate": 1.0})).boundaries[0]
    np.testing.assert_array_equal(first, again)


def test_snapshots_begin_at_zero_end_at_the_last_epoch_and_thin_out():
    assert explore("gauss", hidden=(), epochs=100, n=10, n_snapshots=5, resolution=2).epochs == (0, 3, 10, 32, 100)
    assert explore("gauss", hidden=(), epochs=2, n=10, n_snapshots=5, resolution=2).epochs == (0, 1, 2)
    run = explore("gauss", hidden=(), epochs=2, n=10, n_snapshots=0, resolution=2)
    assert run.epochs == ()
    assert run.boundaries.shape == (0, 2, 2)
    assert run.hidden_units == []


def test_gradient_sizes_are_those_of_the_loss_on_all_training_points():
    run = explore("circle", hidden=(4,), activation="sigmoid", regularization=0.1, **SHORT)
    assert run.gradient_sizes.shape == (4, 2)
    X, loss, h = run.inputs(run.X_train), BinaryCrossentropy(), 1e-6

    def value():
        return loss(run.y_train[:, None], run.model.forward(X))

    for number, layer in enumerate(run.model.layers):
        squares = []
        for index in np.ndindex(layer.W.shape):
            kept = layer.W[index]
            layer.W[index] = kept + h
            above = value()
            layer.W[index] = kept - h
            squares.append(((above - value()) / (2 * h)) ** 2)
            layer.W[index] = kept
        assert run.gradient_sizes[-1, number] == pytest.approx(np.sqrt(np.mean(squares)), rel=1e-5)


@pytest.mark.parametrize("batch_size", [5, 20])
def test_the_penalty_does_not_depend_on_the_batch_size(batch_size):
    settings = {"hidden": (3,), "epochs": 1, "n": 40, "learning_rate": 1e-12, "batch_size": batch_size}
    plain, penalized = (explore("circle", regularization=weight, **settings) for weight in (0.0, 0.5))
    squares = sum((layer.W**2).sum() for layer in plain.model.layers)
    assert penalized.history["loss"][0] - plain.history["loss"][0] == pytest.approx(0.25 * squares)


def test_one_full_step_with_the_l1_penalty_is_that_of_its_definition():
    settings = {"hidden": (3,), "epochs": 1, "n": 40, "batch_size": 20, "learning_rate": 0.1, "seed": 4}
    plain, penalized = (explore("circle", regularization=weight, penalty="l1", **settings) for weight in (0.0, 0.5))
    start = explore("circle", **(settings | {"learning_rate": 1e-12})).model.parameters
    for W, with_penalty, before in zip(plain.model.parameters, penalized.model.parameters, start, strict=True):
        pull = 0.1 * 0.5 * np.sign(before) if W.ndim == 2 else 0.0
        np.testing.assert_allclose(with_penalty, W - pull, atol=1e-9)
    size = sum(np.abs(W).sum() for W in start[0::2])
    assert penalized.history["loss"][0] - plain.history["loss"][0] == pytest.approx(0.5 * size)
    assert penalized.gradient_sizes[0] == pytest.approx(plain.gradient_sizes[0])


def test_the_l1_penalty_brings_weights_of_useless_features_near_zero():
    options = {"features": ("x1", "x2", "sin(x1)"), "hidden": (), "learning_rate": 0.03, "epochs": 200, "n": 200}
    options |= {"noise": 0.4, "n_snapshots": 0, "regularization": 0.1}
    sizes = {p: np.abs(explore("gauss", penalty=p, **options).model.parameters[0]).ravel() for p in ("l1", "l2")}
    assert sizes["l1"][2] < 0.02 < sizes["l2"][2]
    assert sizes["l1"][:2].min() > 0.2


def test_a_plane_is_fitted_by_a_line_as_by_least_squares():
    run = explore("plane", hidden=(), noise=0.3, epochs=100, n=200, n_snapshots=2, resolution=3)
    assert set(run.history) == {"loss", "val_loss"}
    A = np.column_stack([run.X_train, np.ones(100)])
    best = np.linalg.lstsq(A, run.y_train, rcond=None)[0]
    np.testing.assert_allclose(run.predict(run.X_valid), run.X_valid @ best[:2] + best[2], atol=0.05)
    assert np.abs(run.X_train).max() < 5
    clean = explore("plane", noise=0.0, **SHORT)
    np.testing.assert_allclose(clean.y_train, clean.X_train.sum(axis=1) / 10)
    noisy = explore("plane", noise=0.3, **SHORT)
    np.testing.assert_array_equal(noisy.X_train, clean.X_train)
    assert 0.1 < np.abs(noisy.y_train - clean.y_train).max() <= 0.3
    place = np.array([[run.grid[2], run.grid[0]]])
    assert run.boundaries[-1, 0, 2] == pytest.approx(run.predict(place)[0])


def test_no_hidden_layer_is_logistic_regression_as_in_scikit_learn():
    run = explore("gauss", hidden=(), noise=0.5, epochs=300, learning_rate=0.1, n=200, n_snapshots=0)
    linear = MLPClassifier((1,), activation="identity", alpha=0, max_iter=3000, solver="lbfgs", random_state=0)
    linear.fit(run.X_train, run.y_train)
    assert (run.predict(run.X_valid) == linear.predict(run.X_valid)).mean() > 0.97


def test_a_run_repeats_and_each_seed_changes_only_its_part():
    first, again = explore("xor", **SHORT), explore("xor", **SHORT)
    np.testing.assert_array_equal(first.boundaries, again.boundaries)
    assert first.history == again.history
    other_weights, other_points = explore("xor", seed=1, **SHORT), explore("xor", data_seed=1, **SHORT)
    np.testing.assert_array_equal(other_weights.X_train, first.X_train)
    assert not np.array_equal(other_weights.boundaries[0], first.boundaries[0])
    assert not np.array_equal(other_points.X_train, first.X_train)
    np.testing.assert_array_equal(other_points.boundaries[0], first.boundaries[0])


def test_settings_tell_everything_that_was_chosen():
    run = explore("xor", hidden=(3,), activation="relu", **SHORT)
    again = explore(**run.settings)
    np.testing.assert_array_equal(again.boundaries, run.boundaries)


def test_relu_networks_start_from_wider_weights():
    spread = {}
    for activation in ("tanh", "relu"):
        run = explore("xor", hidden=(50, 50), activation=activation, learning_rate=1e-12, **SHORT)
        spread[activation] = run.model.layers[1].W.std()
    assert spread["tanh"] == pytest.approx(np.sqrt(2 / 100), rel=0.05)
    assert spread["relu"] == pytest.approx(np.sqrt(2 / 50), rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"data_set": "moons"}, ValueError, "data_set must be one of 'circle', 'xor', 'gauss', 'spiral', 'plane'; got"),
        ({"features": ("x3",)}, ValueError, r"features\[0\] must be one of 'x1'.*got 'x3'"),
        ({"features": "x1"}, TypeError, "features must be a sequence of names"),
        ({"features": ()}, TypeError, "features must be a sequence of names"),
        ({"hidden": 4}, TypeError, "hidden must be a sequence of integers"),
        ({"hidden": (4, 0)}, ValueError, r"hidden\[1\] must be an integer >= 1; got 0"),
        ({"activation": "softmax"}, ValueError, "activation must be one of"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate must be a finite number > 0"),
        ({"regularization": -1}, ValueError, "regularization must be a finite number >= 0"),
        ({"penalty": "l0"}, ValueError, "penalty must be one of 'l2', 'l1'; got 'l0'"),
        ({"noise": 2}, ValueError, r"noise must be a finite number in \[0.0, 1.0\]"),
        ({"batch_size": 0}, ValueError, "batch_size must be an integer >= 1; got 0"),
        ({"epochs": 0}, ValueError, "epochs must be an integer >= 1; got 0"),
        ({"n": 3}, ValueError, "n must be an integer >= 4; got 3"),
        ({"n_snapshots": -1}, ValueError, "n_snapshots must be an integer >= 0"),
        ({"resolution": 1}, ValueError, "resolution must be an integer >= 2"),
        ({"seed": -1}, ValueError, "seed must be an integer >= 0"),
        ({"data_seed": 0.5}, TypeError, "data_seed must be an integer"),
    ],
)
def test_bad_settings_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        explore(**({"data_set": "xor"} | arguments))
