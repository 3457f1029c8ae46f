"""Convolution and pooling against loops, SciPy, central differences and Keras."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.signal import correlate2d

from coursepkg.scratch.conv import (
    AveragePooling2D,
    Conv2D,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    add_windows,
    output_size,
    windows,
)
from coursepkg.scratch.gradcheck import check_gradients, relative_error
from coursepkg.scratch.layers import Activation, Dense, Dropout
from coursepkg.scratch.sequential import Sequential
from tests.scratch.differences import layer_differences

SHAPE = (2, 7, 6, 3)  # height and width differ, one is odd: "same" then pads unequally
CONVOLUTIONS = list(itertools.product((1, 2, 3, 4), (1, 2, 3), ("valid", "same")))
POOLINGS = {
    "max": (MaxPooling2D, "MaxPooling2D"),
    "average": (AveragePooling2D, "AveragePooling2D"),
}
SIZES = [(2, None), (3, None), (3, 1), (2, 3), (1, 1)]


def layers():
    for size, stride, padding in CONVOLUTIONS:
        yield (
            f"{size} {stride} {padding}",
            lambda k=size, s=stride, p=padding: Conv2D(3, 2, k, stride=s, padding=p, activation="tanh", seed=1),
        )
    for (name, (cls, _)), (size, stride) in itertools.product(POOLINGS.items(), SIZES):
        yield f"{name} {size} {stride}", lambda cls=cls, size=size, stride=stride: cls(size, stride=stride)
    yield "global average", GlobalAveragePooling2D
    yield "flatten", Flatten


LAYERS = dict(layers())


def shaken(layer, seed=3):
    rng = np.random.default_rng(seed)
    for array in layer.parameters:
        array += rng.normal(0, 0.3, array.shape)
    return layer


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_equal_central_differences(name):
    layer, rng = shaken(LAYERS[name]()), np.random.default_rng(0)
    X = rng.normal(size=SHAPE)
    G = rng.normal(size=layer.forward(X).shape)

    expected, wanted = layer_differences(layer, X, G)
    assert relative_error(layer.backward(G), expected) < 1e-8
    for ours, numerical in zip(layer.gradients, wanted, strict=True):
        assert ours.shape == numerical.shape
        assert relative_error(ours, numerical) < 1e-8


def keras_and_its_gradients(layer, X, G, weights=()):
    import tensorflow as tf

    layer.build(X.shape)
    layer.set_weights(weights)
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        Y = layer(X)
    return Y, tape.gradient(Y, [X, *layer.trainable_variables], output_gradients=tf.constant(G))


@pytest.fixture
def keras_layers():
    import keras

    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    return keras.layers


@pytest.mark.parametrize(("size", "stride", "padding"), CONVOLUTIONS)
def test_convolution_equals_that_of_keras(keras_layers, size, stride, padding):
    ours = shaken(Conv2D(3, 2, size, stride=stride, padding=padding, activation="tanh"))
    theirs = keras_layers.Conv2D(2, size, strides=stride, padding=padding, activation="tanh")
    rng = np.random.default_rng(0)
    X = rng.normal(size=SHAPE)
    Y = ours.forward(X)
    assert Y.shape[1:3] == tuple(output_size(n, size, stride=stride, padding=padding) for n in SHAPE[1:3])
    G = rng.normal(size=Y.shape)
    expected, gradients = keras_and_its_gradients(theirs, X, G, ours.weights)
    np.testing.assert_allclose(Y, expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours.backward(G), gradients[0], rtol=0, atol=1e-10)
    for a, b in zip(ours.gradients, gradients[1:], strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("size", "stride"), SIZES)
@pytest.mark.parametrize("name", POOLINGS)
def test_pooling_equals_that_of_keras(keras_layers, name, size, stride):
    cls, keras_name = POOLINGS[name]
    ours, rng = cls(size, stride=stride), np.random.default_rng(0)
    # Whole numbers: windows hold equal ones, and both give the gradient to the first.
    X = rng.integers(0, 3, SHAPE).astype(float)
    Y = ours.forward(X)
    G = rng.normal(size=Y.shape)
    expected, (gradient,) = keras_and_its_gradients(getattr(keras_layers, keras_name)(size, strides=stride), X, G)
    np.testing.assert_allclose(Y, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.backward(G), gradient, rtol=0, atol=1e-12)


def test_a_small_network_equals_that_of_keras(keras_layers):
    import keras

    ours = Sequential([
        Conv2D(1, 4, 3, padding="same", activation="relu", seed=1), MaxPooling2D(2),
        Conv2D(4, 6, 3, stride=2, activation="relu", seed=2), Flatten(), Dense(24, 3, activation="softmax", seed=3),
    ])  # fmt: skip
    theirs = keras.Sequential([
        keras.Input((11, 11, 1)), keras_layers.Conv2D(4, 3, padding="same", activation="relu"),
        keras_layers.MaxPooling2D(2), keras_layers.Conv2D(6, 3, strides=2, activation="relu"),
        keras_layers.Flatten(), keras_layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    theirs.set_weights(shaken(ours).weights)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(16, 11, 11, 1)), rng.integers(3, size=16)
    np.testing.assert_allclose(ours.forward(X), theirs(X), rtol=0, atol=1e-10)
    theirs.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1))
    theirs.fit(X, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    ours.fit(X, y, loss="sparse_categorical_crossentropy", schedule=lambda t: 0.1, batch_size=4, epochs=2,
             shuffle=False)  # fmt: skip
    for a, b in zip(ours.weights, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


def test_a_network_with_dropout_tells_upright_bars_from_lying_ones_anywhere():
    rng = np.random.default_rng(0)
    X, y = rng.normal(0, 0.1, (200, 8, 8, 1)), rng.integers(2, size=200)
    for picture, label in zip(X, y, strict=True):
        i, j = rng.integers(0, 5, 2)
        picture[i : i + (4 if label else 1), j : j + (1 if label else 4)] += 1  # an upright or a lying bar, anywhere
    model = Sequential([
        Conv2D(1, 8, 3, activation="relu", initializer="he_normal", seed=1), GlobalAveragePooling2D(), Dropout(0.1),
        Dense(8, 2, activation="softmax", seed=2),
    ], loss="sparse_categorical_crossentropy")  # fmt: skip
    history = model.fit(X, y, optimizer="Adam", schedule=lambda t: 0.03, epochs=30)
    assert history["accuracy"][-1] > 0.95


def test_gradient_check_of_a_network():
    model = Sequential([
        Conv2D(2, 3, 3, padding="same", seed=1), Activation("tanh"), MaxPooling2D(2), Conv2D(3, 2, 2, seed=2),
        AveragePooling2D(2, stride=1), Flatten(), Dense(4, 3, activation="softmax", seed=3),
    ], loss="sparse_categorical_crossentropy")  # fmt: skip
    rng = np.random.default_rng(0)
    report = check_gradients(model, rng.normal(size=(5, 8, 6, 2)), rng.integers(3, size=5))
    assert max(report.values()) < 1e-7


def test_one_channel_equals_scipy():
    rng = np.random.default_rng(0)
    X, layer = rng.normal(size=(1, 9, 8, 1)), shaken(Conv2D(1, 1, 4))
    expected = correlate2d(X[0, :, :, 0], layer.W[:, :, 0, 0], mode="valid") + layer.b
    np.testing.assert_allclose(layer.forward(X)[0, :, :, 0], expected, atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_adding_windows_is_the_transpose_of_taking_them(stride):
    rng = np.random.default_rng(0)
    X = rng.normal(size=SHAPE)
    seen = windows(X, 3, stride)
    for at in itertools.product(*map(range, seen.shape[:3])):
        n, i, j = at
        top, left = i * stride, j * stride
        np.testing.assert_array_equal(seen[at], X[n, top : top + 3, left : left + 3])
    G = rng.normal(size=seen.shape)
    assert (seen * G).sum() == pytest.approx((X * add_windows(G, SHAPE, stride)).sum(), rel=1e-12)


def test_kernels_start_with_the_spread_of_keras(keras_layers):
    layer = keras_layers.Conv2D(64, 3)
    layer.build((None, 8, 8, 32))
    for initializer, theirs in (("glorot_uniform", layer.kernel.numpy().std()), ("he_normal", np.sqrt(2 / (9 * 32)))):
        ours = Conv2D(32, 64, 3, initializer=initializer)
        assert ours.W.shape == layer.kernel.shape
        assert ours.W.std() == pytest.approx(theirs, rel=0.02)


def test_float32_stays_float32():
    layers = [
        Conv2D(3, 2, 3, padding="same", activation="relu", dtype="float32"), MaxPooling2D(2),
        AveragePooling2D(2, stride=1), GlobalAveragePooling2D(),
    ]  # fmt: skip
    model = Sequential(layers)
    Y = model.forward(np.ones(SHAPE, "float32"))
    G = model.backward(np.ones_like(Y))
    assert {Y.dtype, G.dtype, *(array.dtype for array in model.gradients)} == {np.dtype("float32")}


def test_arguments_are_checked_at_the_door():
    with pytest.raises(ValueError, match="kernel_size must be an integer >= 1; got 0"):
        Conv2D(1, 1, 0)
    with pytest.raises(ValueError, match="padding must be one of 'valid', 'same'; got 'full'"):
        Conv2D(1, 1, 3, padding="full")
    with pytest.raises(TypeError, match="stride must be an integer >= 1; got 1.5"):
        MaxPooling2D(2, stride=1.5)
    with pytest.raises(ValueError, match=r"shape \(n, height, width, 1\); got \(5, 28, 28\); one channel more is X"):
        Conv2D(1, 8, 3).forward(np.ones((5, 28, 28)))
    with pytest.raises(ValueError, match=r"shape \(n, height, width, 3\); got \(5, 28, 28, 1\)$"):
        Conv2D(3, 8, 3).forward(np.ones((5, 28, 28, 1)))
    with pytest.raises(ValueError, match="a kernel of 5 does not fit into 4 pixels"):
        Conv2D(1, 8, 5).forward(np.ones((5, 4, 4, 1)))
    with pytest.raises(ValueError, match="a kernel of 5 does not fit into 4 pixels"):
        MaxPooling2D(5).forward(np.ones((5, 4, 4, 1)))
