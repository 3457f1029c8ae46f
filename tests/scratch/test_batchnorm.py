"""Batch normalization against Keras, finite differences and itself unfolded."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.scratch.batchnorm import BatchNormalization, fold
from coursepkg.scratch.gradcheck import numerical_gradient


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def random_layer(rng, d, **options):
    layer = BatchNormalization(d, **options)
    layer.gamma, layer.beta = rng.normal(size=d), rng.normal(size=d)
    layer.moving_mean, layer.moving_variance = rng.normal(size=d), rng.uniform(0.5, 2, size=d)
    return layer


@pytest.mark.parametrize("n", [1, 2, 32])
def test_forward_and_moving_averages_are_those_of_keras(rng, n):
    import keras

    ours = random_layer(rng, 3, momentum=0.75, epsilon=0.0625)
    theirs = keras.layers.BatchNormalization(momentum=0.75, epsilon=0.0625, dtype="float64")
    theirs.build((None, 3))
    theirs.set_weights([ours.gamma, ours.beta, ours.moving_mean, ours.moving_variance])
    for _ in range(3):
        X = rng.normal(2, 3, size=(n, 3))
        np.testing.assert_allclose(ours.forward(X, training=True), theirs(X, training=True).numpy(), rtol=1e-9)
        np.testing.assert_allclose(ours.moving_mean, theirs.moving_mean.numpy(), rtol=1e-12)
        np.testing.assert_allclose(ours.moving_variance, theirs.moving_variance.numpy(), rtol=1e-12)
    np.testing.assert_allclose(ours.forward(X, training=False), theirs(X, training=False).numpy(), rtol=1e-9)


@pytest.mark.parametrize("training", [True, False])
def test_gradients_are_those_of_finite_differences(rng, training):
    layer = random_layer(rng, 3)
    X, weights = rng.normal(1, 2, size=(5, 3)), rng.normal(size=(5, 3))
    mean, variance, gamma, beta = layer.moving_mean, layer.moving_variance, layer.gamma, layer.beta

    def outputs(X=X, gamma=gamma, beta=beta):
        layer.moving_mean, layer.moving_variance = mean, variance  # a forward pass in training moves them
        layer.gamma, layer.beta = gamma, beta
        return layer.forward(X, training=training)

    def loss(**changed):
        return float((weights * outputs(**changed) ** 2).sum())

    expected = {
        "X": numerical_gradient(lambda X: loss(X=X), X),
        "gamma": numerical_gradient(lambda gamma: loss(gamma=gamma), gamma),
        "beta": numerical_gradient(lambda beta: loss(beta=beta), beta),
    }
    got = layer.backward(2 * weights * outputs())
    np.testing.assert_allclose(got, expected["X"], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(layer.grad_gamma, expected["gamma"], rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(layer.grad_beta, expected["beta"], rtol=1e-6, atol=1e-7)


def test_the_gradient_of_the_inputs_is_that_of_keras(rng):
    import keras
    import tensorflow as tf

    ours = random_layer(rng, 4, epsilon=0.0625)
    theirs = keras.layers.BatchNormalization(epsilon=0.0625, dtype="float64")
    theirs.build((None, 4))
    theirs.set_weights([ours.gamma, ours.beta, ours.moving_mean, ours.moving_variance])
    X, G = tf.constant(rng.normal(size=(6, 4))), rng.normal(size=(6, 4))
    with tf.GradientTape() as tape:
        tape.watch(X)
        loss = tf.reduce_sum(theirs(X, training=True) * G)
    ours.forward(X.numpy(), training=True)
    np.testing.assert_allclose(ours.backward(G), tape.gradient(loss, X).numpy(), rtol=1e-7, atol=1e-12)


def test_a_batch_of_one_tells_nothing_but_beta(rng):
    layer = random_layer(rng, 3)
    np.testing.assert_allclose(layer.forward(rng.normal(size=(1, 3)), training=True), layer.beta[None])
    np.testing.assert_allclose(layer.backward(np.ones((1, 3))), 0, atol=1e-12)


def test_folding_changes_nothing(rng):
    layer = random_layer(rng, 4)
    X, W, b = rng.normal(size=(7, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    W_folded, b_folded = fold(W, b, layer)
    np.testing.assert_allclose(X @ W_folded + b_folded, layer.forward(X @ W + b, training=False))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: BatchNormalization(0), ValueError, "n_features must be .*; got 0"),
        (lambda: BatchNormalization(2, momentum=1), ValueError, "momentum must be .*; got 1"),
        (lambda: BatchNormalization(2).forward(np.ones((3, 4)), training=True), ValueError, r"\(3, 4\)"),
        (lambda: BatchNormalization(2).forward(np.ones((0, 2)), training=True), ValueError, "X"),
        (lambda: BatchNormalization(2).backward(np.ones((3, 2))), RuntimeError, "forward pass first"),
        (lambda: fold(np.ones((2, 3)), np.ones(3), "layer"), TypeError, "got str"),
        (lambda: fold(np.ones((2, 3)), np.ones(3), BatchNormalization(2)), ValueError, r"W .*\(2, 3\)"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
