"""Recurrent layers against central differences, loops and Keras."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from coursepkg.scratch.gradcheck import check_gradients, relative_error
from coursepkg.scratch.layers import Dense
from coursepkg.scratch.recurrent import GRU, LSTM, Recurrent, SimpleRNN
from coursepkg.scratch.sequential import Sequential
from tests.scratch.differences import layer_differences

CELLS = {"simple": SimpleRNN, "lstm": LSTM, "gru": GRU}
KERAS = {"simple": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}
SHAPE = (4, 7, 3)  # sequences, steps, features: all different
BOTH = list(itertools.product(CELLS, (False, True)))


def shaken(layer, seed=3):
    rng = np.random.default_rng(seed)
    for array in layer.parameters:
        array += rng.normal(0, 0.3, array.shape)
    return layer


@pytest.mark.parametrize(("name", "return_sequences"), BOTH)
def test_gradients_equal_central_differences(name, return_sequences):
    layer, rng = shaken(CELLS[name](3, 5, return_sequences=return_sequences, seed=1)), np.random.default_rng(0)
    X = rng.normal(size=SHAPE)
    G = rng.normal(size=layer.forward(X).shape)

    expected, wanted = layer_differences(layer, X, G)
    assert layer.backward(G).shape == X.shape
    assert relative_error(layer.backward(G), expected) < 1e-8
    for ours, numerical in zip(layer.gradients, wanted, strict=True):
        assert ours.shape == numerical.shape
        assert relative_error(ours, numerical) < 1e-8
    assert layer.backward(G, input_gradient=False) is None


@pytest.fixture
def keras_layers():
    import keras

    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    return keras.layers


@pytest.mark.parametrize(("name", "return_sequences"), BOTH)
def test_outputs_and_gradients_equal_those_of_keras(keras_layers, name, return_sequences):
    import tensorflow as tf

    ours = shaken(CELLS[name](3, 5, return_sequences=return_sequences, seed=1))
    theirs = getattr(keras_layers, KERAS[name])(5, return_sequences=return_sequences)
    theirs.build((None, *SHAPE[1:]))
    theirs.set_weights(ours.weights)
    rng = np.random.default_rng(0)
    X = tf.constant(rng.normal(size=SHAPE))
    with tf.GradientTape() as tape:
        tape.watch(X)
        Y = theirs(X)
    np.testing.assert_allclose(ours.forward(X.numpy()), Y, rtol=0, atol=1e-12)
    G = rng.normal(size=Y.shape)
    expected = tape.gradient(Y, [X, *theirs.trainable_variables], output_gradients=tf.constant(G))
    for a, b in zip([ours.backward(G), *ours.gradients], expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", CELLS)
def test_weights_start_as_those_of_keras(keras_layers, name):
    ours, theirs = CELLS[name](30, 20, seed=1), getattr(keras_layers, KERAS[name])(20)
    theirs.build((None, 7, 30))
    W, U, b = (variable.numpy() for variable in theirs.trainable_variables)
    assert [array.shape for array in ours.weights] == [W.shape, U.shape, b.shape]
    assert ours.W.std() == pytest.approx(W.std(), rel=0.1)
    np.testing.assert_allclose(ours.U @ ours.U.T, np.eye(20), atol=1e-12)
    np.testing.assert_allclose(U @ U.T, np.eye(20), atol=1e-6)
    np.testing.assert_array_equal(ours.b, b)


def test_the_bias_that_forgets_can_be_chosen():
    layer = LSTM(1, 2, forget_bias=3.0)
    np.testing.assert_array_equal(layer.b, [0, 0, 3, 3, 0, 0, 0, 0])


def test_a_network_trains_as_that_of_keras(keras_layers):
    import keras

    ours = Sequential([GRU(2, 4, return_sequences=True, seed=1), LSTM(4, 3, seed=2), Dense(3, 1, seed=3)])
    theirs = keras.Sequential([
        keras.Input((6, 2)), keras_layers.GRU(4, return_sequences=True), keras_layers.LSTM(3), keras_layers.Dense(1)
    ])  # fmt: skip
    theirs.set_weights(shaken(ours).weights)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(16, 6, 2)), rng.normal(size=16)
    theirs.compile(loss="mse", optimizer=keras.optimizers.SGD(0.125))
    theirs.fit(X, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    ours.fit(X, y, loss="mean_squared_error", schedule=lambda t: 0.125, batch_size=4, epochs=2, shuffle=False)
    for a, b in zip(ours.weights, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", CELLS)
def test_gradient_check_of_a_network(name):
    model = Sequential([CELLS[name](2, 3, return_sequences=True, seed=1), CELLS[name](3, 4, seed=2),
                        Dense(4, 3, activation="softmax", seed=3)], loss="sparse_categorical_crossentropy")  # fmt: skip
    rng = np.random.default_rng(0)
    report = check_gradients(model, rng.normal(size=(5, 6, 2)), rng.integers(3, size=5))
    assert max(report.values()) < 1e-7


@pytest.mark.parametrize("name", CELLS)
def test_the_past_is_all_that_an_output_depends_on(name):
    layer, rng = CELLS[name](3, 5, return_sequences=True, seed=1), np.random.default_rng(0)
    X = rng.normal(size=SHAPE)
    before = layer.forward(X)
    X[:, 4:] += 1
    after = layer.forward(X)
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert np.abs(before[:, 4:] - after[:, 4:]).min() > 0


@pytest.mark.parametrize("name", CELLS)
def test_float32_stays_float32(name):
    layer = CELLS[name](3, 5, dtype="float32")
    Y = layer.forward(np.ones(SHAPE, "float32"))
    G = layer.backward(np.ones_like(Y))
    assert {Y.dtype, G.dtype, *(array.dtype for array in layer.gradients)} == {np.dtype("float32")}


def test_a_layer_of_ones_own_defines_one_step_and_its_way_back():
    class Sum(Recurrent):
        def step(self, t, Z):
            self.H[t + 1] = self.H[t] + Z

        def step_back(self, t, G):
            self.delta[t] = G
            return G

    layer, X = Sum(1, 1), np.arange(6.0).reshape(2, 3, 1)
    layer.W[...] = 1
    np.testing.assert_array_equal(layer.forward(X), [[3], [12]])
    np.testing.assert_array_equal(layer.backward(np.ones((2, 1))), np.ones((2, 3, 1)))
    np.testing.assert_array_equal(layer.grad_W, [[15]])


def test_arguments_are_checked_at_the_door():
    with pytest.raises(ValueError, match="units must be an integer >= 1; got 0"):
        LSTM(1, 0)
    with pytest.raises(TypeError, match="features must be an integer >= 1; got 1.5"):
        GRU(1.5, 2)
    with pytest.raises(ValueError, match=r"shape \(n, steps, 1\); got \(5, 12\); one feature more is X\[..., None\]"):
        SimpleRNN(1, 8).forward(np.ones((5, 12)))
    with pytest.raises(ValueError, match=r"shape \(n, steps, 3\); got \(5, 12, 1\)$"):
        SimpleRNN(3, 8).forward(np.ones((5, 12, 1)))
