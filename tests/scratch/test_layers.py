"""Every layer against central differences and against Keras, alone and one behind the other."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.scratch.activations import ACTIVATIONS, get_activation
from coursepkg.scratch.batchnorm import BatchNormalization
from coursepkg.scratch.gradcheck import check_gradients, relative_error
from coursepkg.scratch.layers import Activation, Dense, Dropout, Layer
from coursepkg.scratch.learned_activations import PReLU, Swish
from coursepkg.scratch.sequential import Sequential
from tests.scratch.differences import layer_differences

LAYERS = {
    "dense": lambda: Dense(4, 3, activation="tanh", seed=1),
    "dense without biases": lambda: Dense(4, 3, use_bias=False, seed=1),
    "activation": lambda: Activation("gelu"),
    "softmax": lambda: Activation("softmax"),
    "dropout": lambda: Dropout(0.4),
    "batch normalization": lambda: BatchNormalization(4),
    "prelu": lambda: PReLU(4),
    "swish": lambda: Swish(4, start=0.7),
    "sequential": lambda: Sequential(
        [Dense(4, 5, use_bias=False), BatchNormalization(5), PReLU(5), Dropout(0.2), Dense(5, 2, activation="swish")]
    ),
}
SHAPES = [(6, 4), (3, 2, 4), (2, 2, 3, 4)]


def shaken(layer, seed=3):
    """Move every parameter: fresh biases and shifts are zero, which would hide mistakes."""
    rng = np.random.default_rng(seed)
    for array in layer.parameters:
        array += rng.normal(0, 0.3, array.shape)
    return layer


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_gradients_equal_central_differences(name, shape, training):
    layer, rng = shaken(LAYERS[name]()), np.random.default_rng(0)
    X = rng.normal(size=shape)
    G = rng.normal(size=layer.forward(X).shape)

    def forward(X):
        draws = np.random.default_rng(7) if training else None  # the same masks in each call
        return layer.forward(X, training=training, rng=draws)

    expected, wanted = layer_differences(layer, X, G, forward=forward)
    assert relative_error(layer.backward(G), expected) < 1e-6
    assert [g.shape for g in layer.gradients] == [array.shape for array in layer.parameters]
    for ours, numerical in zip(layer.gradients, wanted, strict=True):
        assert relative_error(ours, numerical) < 1e-6


def keras_layer(name):
    import keras

    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    layers = keras.layers
    return {
        "dense": lambda: layers.Dense(3, activation="tanh"),
        "dense without biases": lambda: layers.Dense(3, use_bias=False),
        "softmax": lambda: layers.Softmax(),
        "batch normalization": lambda: layers.BatchNormalization(),
        "prelu": lambda: layers.PReLU(shared_axes=[1]),
        "sequential": lambda: keras.Sequential(
            [
                layers.Dense(5, use_bias=False),
                layers.BatchNormalization(),
                layers.PReLU(shared_axes=[1]),
                layers.Dense(2, activation="swish"),
            ]
        ),
    }[name]()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    "name", ["dense", "dense without biases", "softmax", "batch normalization", "prelu", "sequential"]
)
def test_outputs_and_gradients_equal_those_of_keras(name, training):
    import tensorflow as tf

    ours, theirs, rng = LAYERS[name](), keras_layer(name), np.random.default_rng(0)
    if name == "sequential":
        del ours.layers[3]  # the dropout: Keras draws other masks
    shaken(ours)
    X = tf.constant(rng.normal(size=(3, 2, 4)))
    theirs.build((None, 2, 4))
    slopes = {array.shape: array[None] for array in ours.weights if name in ("prelu", "sequential")}
    theirs.set_weights(
        [slopes[w.shape[1:]] if w.ndim == 2 and w.shape[0] == 1 else a
         for w, a in zip(theirs.get_weights(), ours.weights, strict=True)]
    )  # fmt: skip
    with tf.GradientTape() as tape:
        tape.watch(X)
        Y = theirs(X, training=training)
    np.testing.assert_allclose(ours.forward(X.numpy(), training=training, rng=rng), Y, rtol=1e-9, atol=1e-12)
    G = rng.normal(size=Y.shape)
    found = tape.gradient(Y, [X, *theirs.trainable_variables], output_gradients=tf.constant(G))
    np.testing.assert_allclose(ours.backward(G), found[0], rtol=1e-7, atol=1e-10)
    for a, b in zip(ours.gradients, found[1:], strict=True):
        np.testing.assert_allclose(a, np.reshape(b, a.shape), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_behind_a_dense_layer_is_that_of_the_layer(name):
    X, G = np.random.default_rng(0).normal(size=(5, 4)), np.random.default_rng(1).normal(size=(5, 3))
    one = Dense(4, 3, activation=name, seed=2)
    two = Sequential([Dense(4, 3, seed=2), Activation(get_activation(name))])
    np.testing.assert_array_equal(one.forward(X), two.forward(X))
    np.testing.assert_array_equal(one.backward(G), two.backward(G))
    for a, b in zip(one.gradients, two.gradients, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", LAYERS)
def test_float32_stays_float32(name):
    layer = LAYERS[name]()
    for part in getattr(layer, "layers", [layer]):
        for attribute in (*part.learned, *part.averaged):
            setattr(part, attribute, getattr(part, attribute).astype("float32"))
    X = np.ones((6, 4), "float32")
    Y = layer.forward(X, training=True, rng=np.random.default_rng(0))
    G = layer.backward(np.ones_like(Y))
    assert {Y.dtype, G.dtype, *(array.dtype for array in layer.gradients)} == {np.dtype("float32")}


def test_dropout_draws_only_from_what_it_is_given():
    X = np.ones((200, 50))
    layer = Dropout(0.3)
    np.testing.assert_array_equal(layer.forward(X), X)
    Y = layer.forward(X, training=True, rng=np.random.default_rng(0))
    assert np.unique(Y).tolist() == [0.0, 1 / 0.7]
    assert (Y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert (Y.mean(axis=1) != Y.mean()).any()
    with pytest.raises(ValueError, match="dropout in training draws masks: .* needs rng="):
        layer.forward(X, training=True)
    with pytest.raises(ValueError, match=r"rate must be a finite number in \[0, 1\); got 1.0"):
        Dropout(1)


def test_a_layer_of_ones_own_learns():
    class Scale(Layer):
        learned = ("factor",)

        def __init__(self):
            self.factor = np.ones(1)

        def forward(self, X, **options):
            self.X = X
            return self.factor * X

        def backward(self, G, **options):
            self.grad_factor = (G * self.X).sum(keepdims=True).ravel()
            return self.factor * G

    X = np.random.default_rng(0).normal(size=(50, 1))
    model = Sequential([Scale()])
    model.fit(X, 3 * X, loss="half_squared_error", optimizer="Adam", schedule=lambda t: 0.1, epochs=100)
    np.testing.assert_allclose(model.layers[0].factor, 3, atol=1e-3)


def test_a_network_is_a_layer_and_nests():
    inner = Sequential([Dense(4, 4, activation="tanh", seed=1), Dense(4, 4, seed=2)])
    model = Sequential([inner, Activation("relu"), Dense(4, 3, activation="softmax", seed=3)],
                       loss="sparse_categorical_crossentropy")  # fmt: skip
    flat = Sequential([*inner.layers, *model.layers[1:]], loss=model.loss)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(20, 4)), rng.integers(3, size=20)
    loss, gradients = model.loss_and_gradients(X, y, alpha=0.1)
    wanted, theirs = flat.loss_and_gradients(X, y, alpha=0.1)
    assert loss == wanted
    for a, b in zip(gradients, theirs, strict=True):
        np.testing.assert_array_equal(a, b)
    assert max(check_gradients(flat, X, y).values()) < 1e-7
