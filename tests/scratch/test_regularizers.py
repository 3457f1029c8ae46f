"""Regularizers against Keras, finite differences, a numerical minimum and expectations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from coursepkg.scratch.gradcheck import numerical_gradient
from coursepkg.scratch.regularizers import (
    SELU_ALPHA,
    SELU_SCALE,
    alpha_dropout,
    dropout,
    l1,
    l2,
    max_norm,
    soft_threshold,
    spatial_dropout,
)


@pytest.fixture
def W():
    return np.random.default_rng(0).normal(size=(4, 3))


@pytest.mark.parametrize(("ours", "name"), [(l1, "L1"), (l2, "L2")])
def test_penalties(W, ours, name):
    import keras

    penalty, gradient = ours(W, 0.25)
    assert penalty == pytest.approx(float(getattr(keras.regularizers, name)(0.25)(W)), rel=1e-6)
    np.testing.assert_allclose(gradient, numerical_gradient(lambda V: ours(V, 0.25)[0], W), rtol=1e-6)


def test_l1_has_no_gradient_at_zero():
    assert l1(np.zeros(3), 1.0)[1].tolist() == [0, 0, 0]


@pytest.mark.parametrize("w", [-1.3, -0.2, 0.0, 0.1, 0.7])
def test_soft_threshold_is_the_minimum(w):
    best = minimize_scalar(lambda v: (v - w) ** 2 / 2 + 0.4 * abs(v), bounds=(-3, 3), method="bounded")
    assert soft_threshold([w], 0.4)[0] == pytest.approx(best.x, abs=1e-5)


def test_max_norm_is_that_of_keras(W):
    import keras

    W[:, 2] = 0
    expected = np.asarray(keras.constraints.MaxNorm(1.5, axis=0)(W))
    np.testing.assert_allclose(max_norm(W, 1.5), expected, rtol=1e-6)
    assert np.linalg.norm(max_norm(W, 0.5), axis=0).max() == pytest.approx(0.5)
    np.testing.assert_array_equal(max_norm(W, 100.0), W)


def test_dropout_keeps_the_expectation():
    X = np.full((20_000, 3), 2.0)
    output, mask = dropout(X, 0.25, seed=0)
    np.testing.assert_allclose(output.mean(axis=0), 2, atol=0.03)
    np.testing.assert_allclose((mask == 0).mean(), 0.25, atol=0.01)
    np.testing.assert_allclose(np.unique(mask), [0, 4 / 3])
    np.testing.assert_array_equal(output, X * mask)
    assert not np.array_equal(mask[0], mask[1]) or not np.array_equal(mask[1], mask[2])  # one mask an instance


def test_dropout_of_nothing_changes_nothing(W):
    np.testing.assert_array_equal(dropout(W, 0, seed=0)[0], W)
    np.testing.assert_allclose(alpha_dropout(W, 0, seed=0), W)


@pytest.mark.parametrize(("shape", "name"), [((300, 4, 5), "SpatialDropout1D"), ((300, 2, 3, 5), "SpatialDropout2D")])
def test_spatial_dropout_drops_what_keras_drops(shape, name):
    import keras

    X = np.random.default_rng(0).uniform(1, 2, size=shape)
    theirs = np.asarray(getattr(keras.layers, name)(0.25, seed=0, dtype="float64")(X, training=True))
    ours, mask = spatial_dropout(X, 0.25, seed=0)
    np.testing.assert_array_equal(ours, X * mask)
    for output in (ours, theirs):
        factors = (output / X).reshape(len(X), -1, shape[-1])
        np.testing.assert_allclose(factors, np.repeat(factors[:, :1], factors.shape[1], axis=1))  # one for a channel
        np.testing.assert_allclose(np.unique(factors.round(6)), [0, 1.333333])
        np.testing.assert_allclose(factors.mean(), 1, atol=0.06)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_alpha_dropout_keeps_mean_and_variance(rate):
    X = np.random.default_rng(1).normal(size=200_000)
    output = alpha_dropout(X, rate, seed=2)
    assert output.mean() == pytest.approx(0, abs=0.01)
    assert output.var() == pytest.approx(1, abs=0.02)
    assert dropout(X, rate, seed=2)[0].var() == pytest.approx(1 / (1 - rate), rel=0.03)  # ordinary dropout does not


def test_the_values_of_alpha_dropout_are_those_of_keras():
    import keras

    theirs = np.asarray(keras.layers.AlphaDropout(0.25, seed=0, dtype="float64")(np.zeros((100, 3)), training=True))
    ours = alpha_dropout(np.zeros((100, 3)), 0.25, seed=0)
    np.testing.assert_allclose(np.unique(ours.round(6)), np.unique(theirs.round(6)))


def test_the_constants_of_selu():
    import keras

    assert float(keras.activations.selu(np.array(1.0))) == pytest.approx(SELU_SCALE)
    assert float(keras.activations.selu(np.array(-50.0))) == pytest.approx(-SELU_SCALE * SELU_ALPHA)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: l1([1.0], -1), "strength must be .*; got -1"),
        (lambda: soft_threshold([1.0], -0.1), "threshold must be .*; got -0.1"),
        (lambda: max_norm([[1.0]], 0), "radius must be .*; got 0"),
        (lambda: max_norm([1.0], 1.0), r"W .*\(1,\)"),
        (lambda: dropout([1.0], 1, seed=0), "rate must be .*; got 1"),
        (lambda: spatial_dropout(np.ones((2, 3)), 0.5, seed=0), r"at least three axes; got shape \(2, 3\)"),
        (lambda: alpha_dropout([np.nan], 0.5, seed=0), "X"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
