"""Signals of a model against backpropagation in NumPy and finite differences; units that were killed on purpose."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from coursepkg.deep import seed_everything
from coursepkg.deep.signals import LayerSignal, dead_units, layer_signals, signal_table
from coursepkg.scratch.mlp import MLP


@pytest.fixture
def rng():
    generator = seed_everything(0)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")  # a test that ran before may have fixed another one
    yield generator
    keras.config.set_dtype_policy(before)


def dense_model(sizes, activation="tanh"):
    hidden = [keras.layers.Dense(n, activation=activation, name=f"h{i}") for i, n in enumerate(sizes[1:-1], start=1)]
    return keras.Sequential([keras.Input((sizes[0],)), *hidden, keras.layers.Dense(sizes[-1], name="output")])


def by_name(signals):
    return {signal.name: signal for signal in signals}


def test_every_layer_as_in_numpy(rng):
    sizes = [5, 8, 7, 2]
    model, reference = dense_model(sizes), MLP(sizes, hidden_activation="tanh", loss="mean_squared_error", seed=1)
    model.set_weights(reference.get_parameters())
    X, y = rng.normal(size=(20, 5)), rng.normal(size=(20, 2))
    signals = layer_signals(model, X, y, loss="mean_squared_error")
    _, gradients = reference.loss_and_gradients(X, y)
    assert [signal.name for signal in signals] == ["h1", "h2", "output"]
    outputs = [layer.X for layer in reference.layers[1:]] + [reference.output]
    for i, signal in enumerate(signals):
        np.testing.assert_allclose(signal.output, outputs[i], rtol=1e-12)
        np.testing.assert_allclose(signal.weight_gradients["kernel"], gradients[2 * i], rtol=1e-10)
        np.testing.assert_allclose(signal.weight_gradients["bias"], gradients[2 * i + 1], rtol=1e-10)
    # ∂L/∂Z of the output is 2 (Z − y) / number of entries; one layer further back, times the slope, times Wᵀ.
    delta = 2 * (reference.output - y) / y.size
    np.testing.assert_allclose(signals[2].gradient, delta, rtol=1e-10)
    np.testing.assert_allclose(signals[1].gradient, delta @ reference.layers[2].W.T, rtol=1e-10)


def test_the_loss_of_compile_with_its_penalty(rng):
    model = dense_model([3, 4, 1])
    penalized = keras.layers.Dense(4, kernel_regularizer=keras.regularizers.L2(0.5), name="h1")
    model = keras.Sequential([keras.Input((3,)), penalized, keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    X, y = rng.normal(size=(10, 3)), rng.normal(size=(10, 1))
    with_penalty = layer_signals(model, X, y)[0].weight_gradients["kernel"]
    without = layer_signals(model, X, y, loss="mse")[0].weight_gradients["kernel"]
    np.testing.assert_allclose(with_penalty - without, 2 * 0.5 * penalized.kernel.numpy(), rtol=1e-9)


def test_a_skip_connection_and_a_layer_that_returns_its_input(rng):
    inputs = keras.Input((4,))
    hidden = keras.layers.Dense(4, activation="tanh", name="hidden")(inputs)
    same = keras.layers.Dropout(0.5, name="same")(hidden)  # not in training: its very input
    inner = keras.layers.Dense(4, activation="tanh", name="inner")(same)
    model = keras.Model(inputs, keras.layers.Add(name="sum")([hidden, inner]))
    X, y = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    found = by_name(layer_signals(model, X, y, loss="mean_squared_error"))
    direct = 2 * (found["sum"].output - y) / y.size
    W = model.get_layer("inner").kernel.numpy()
    through_inner = (direct * (1 - found["inner"].output ** 2)) @ W.T
    np.testing.assert_allclose(found["same"].gradient, through_inner, rtol=1e-9)
    np.testing.assert_allclose(found["hidden"].gradient, direct + through_inner, rtol=1e-9)


def test_weight_gradients_of_a_convolution_by_finite_differences(rng):
    layers = [
        keras.layers.Conv2D(3, 2, activation="tanh", name="conv"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential([keras.Input((5, 5, 2)), *layers])
    X, y = rng.normal(size=(4, 5, 5, 2)), rng.normal(size=(4, 1))
    found = by_name(layer_signals(model, X, y, loss="mse"))["conv"]
    assert found.output.shape == found.gradient.shape == (4, 4, 4, 3)
    kernel, losses = layers[0].kernel.numpy(), []
    for step in (1e-6, -1e-6):
        moved = kernel.copy()
        moved[1, 0, 1, 2] += step
        layers[0].kernel.assign(moved)
        losses.append(((model(X).numpy() - y) ** 2).mean())
    assert found.weight_gradients["kernel"][1, 0, 1, 2] == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-5)


class Twice(keras.Model):
    """A model whose graph only Python knows; one layer is called twice."""

    def __init__(self):
        super().__init__()
        self.shared = keras.layers.Dense(3, activation="relu", name="shared")
        self.inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, name="deep inside")])

    def call(self, inputs):
        return self.inner(self.shared(self.shared(inputs)))


def test_subclassed_shared_and_nested(rng):
    model, X = Twice(), rng.normal(size=(5, 3))
    model(X)
    signals = layer_signals(model, X)
    assert [signal.name for signal in signals] == ["shared", "shared (call 2)", "deep inside"]
    W, b = model.shared.get_weights()
    first = np.maximum(X @ W + b, 0)
    np.testing.assert_allclose(signals[1].output, np.maximum(first @ W + b, 0))
    assert signals[0].gradient is None
    assert signals[0].weight_gradients == {}


def test_the_model_is_as_before_also_after_an_error(rng):
    model, X = dense_model([3, 4, 1]), rng.normal(size=(5, 3))
    before, weights = model(X).numpy(), model.get_weights()
    layer_signals(model, X, np.ones((5, 1)), loss="mse")
    with pytest.raises(Exception, match="shape"):
        layer_signals(model, rng.normal(size=(5, 7)))
    assert not any("call" in vars(layer) for layer in model.layers)
    np.testing.assert_array_equal(model(X), before)
    for old, new in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


@pytest.mark.parametrize("training", [False, True])
def test_batch_normalization_in_both_modes(rng, training):
    norm = keras.layers.BatchNormalization(name="norm")
    model = keras.Sequential([keras.Input((3,)), norm])
    (signal,) = layer_signals(model, rng.normal(size=(50, 3)) + 10, training=training)
    assert abs(signal.output.mean()) < 1e-6 if training else signal.output.mean() > 9
    assert bool((norm.moving_mean.numpy() != 0).all()) == training


def test_the_table_holds_the_statistics_of_numpy(rng):
    model = dense_model([3, 40, 1], "relu")
    X, y = rng.normal(size=(30, 3)), rng.normal(size=(30, 1))
    signals = layer_signals(model, X, y, loss="mse")
    table, first = signal_table(signals), signals[0]
    assert table.loc["h1", "spread"] == pytest.approx(first.output.std(axis=0).mean())
    assert table.loc["h1", "zeros"] == pytest.approx((first.output == 0).mean())
    assert table.loc["h1", "gradient"] == pytest.approx(first.gradient.std())
    assert table.loc["h1", "weight gradient"] == pytest.approx(np.sqrt((first.weight_gradients["kernel"] ** 2).mean()))
    assert signal_table(layer_signals(model, X))[["gradient", "weight gradient"]].isna().all(axis=None)


@pytest.mark.parametrize("batch_size", [7, 1000])
def test_dead_units_are_those_that_never_answer(rng, batch_size):
    model, X = dense_model([3, 10, 5, 1], "relu"), rng.normal(size=(100, 3))
    kernel, bias = model.layers[0].get_weights()
    bias[:4] = -1000
    X[-1, 0], kernel[0, 0] = 5e6, 1.0  # one instance, the last, wakes the first unit
    kernel[0, 1:4] = 0.0
    model.layers[0].set_weights([kernel, bias])
    table = dead_units(model, X, batch_size=batch_size)
    assert table.index.tolist() == ["h1", "h2"]
    assert table.loc["h1"].tolist() == [10, 3]
    answers = np.maximum(X @ kernel + bias, 0)
    assert ((answers == 0).all(axis=0)).sum() == 3


def test_channels_and_layers_that_are_activations(rng):
    conv = keras.layers.Conv2D(3, 1, name="conv")
    model = keras.Sequential([keras.Input((4, 4, 1)), conv, keras.layers.ReLU(name="relu")])
    conv.set_weights([np.zeros((1, 1, 1, 3)), np.array([1.0, -1.0, 0.0])])
    table = dead_units(model, rng.normal(size=(8, 4, 4, 1)))
    assert table.to_dict("index") == {"relu": {"units": 3, "dead": 2}}


def test_wrong_use_is_named(rng):
    model, X = dense_model([3, 2, 1]), np.ones((4, 3))
    with pytest.raises(TypeError, match=r"model must be a keras.Model; got str"):
        layer_signals("model", X)
    with pytest.raises(ValueError, match="is not built"):
        dead_units(keras.Sequential([keras.layers.Dense(1)]), X)
    with pytest.raises(ValueError, match="y is given, but no loss"):
        layer_signals(model, X, np.ones((4, 1)))
    with pytest.raises(ValueError, match="loss is given without y"):
        layer_signals(model, X, loss="mse")
    with pytest.raises(ValueError, match="batch_size must be an integer >= 1; got 0"):
        dead_units(model, X, batch_size=0)
    linear = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="has an activation"):
        dead_units(linear, X)
    with pytest.raises(ValueError, match="signals is empty"):
        signal_table([])
    with pytest.raises(TypeError, match="must hold LayerSignal objects"):
        signal_table(["h1"])
    assert LayerSignal("a", "Dense", np.ones(2)).gradient is None


def test_inputs_come_as_a_reader_has_them():
    hidden = keras.layers.Dense(4, activation="relu", name="hidden")
    model = keras.Sequential([keras.Input((2,)), hidden, keras.layers.Dense(1)])
    x = np.random.default_rng(0).normal(size=(6, 2))
    for given in (x.tolist(), x.astype(object), pd.DataFrame(x), tf.constant(x)):
        np.testing.assert_allclose(layer_signals(model, given)[0].output, layer_signals(model, x)[0].output)
        assert dead_units(model, given).equals(dead_units(model, x))
    for call in (layer_signals, dead_units):
        for wrong in (x[:0], np.array(1.0), []):
            with pytest.raises(ValueError, match="x must hold at least one instance, as many in each array"):
                call(model, wrong)
        for wrong in (x.astype(str), np.array([["a", None]], dtype=object), np.array([[1, None, {}]], dtype=object)):
            with pytest.raises(TypeError, match="x must hold numbers; got dtype"):
                call(model, wrong)
