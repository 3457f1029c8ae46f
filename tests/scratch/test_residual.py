"""Residual and concatenating blocks against central differences and Keras, alone, nested and trained."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.scratch.batchnorm import BatchNormalization
from coursepkg.scratch.conv import Conv2D, Flatten
from coursepkg.scratch.gradcheck import check_gradients, relative_error
from coursepkg.scratch.layers import Activation, Container, Dense, Dropout
from coursepkg.scratch.optimizers import Adam
from coursepkg.scratch.replicas import Replicas
from coursepkg.scratch.residual import Concatenate, Residual
from coursepkg.scratch.sequential import Sequential
from tests.scratch.differences import layer_differences


def body(d=4, out=4):
    return [
        BatchNormalization(d),
        Activation("tanh"),
        Dense(d, 5, seed=1),
        Activation("tanh"),
        Dense(5, out, seed=2),
    ]


LAYERS = {
    "identity": lambda: Residual(body()),
    "projection": lambda: Residual(body(out=3), shortcut=[Dense(4, 3, use_bias=False, seed=3)]),
    "nothing in it": lambda: Residual([]),
    "nested": lambda: Residual([Residual([Dense(4, 4, activation="tanh", seed=1)]), Dense(4, 4, seed=2)]),
    "concatenate": lambda: Concatenate(body(out=2)),
    "dense block": lambda: Sequential([Concatenate([Dense(4, 2, seed=1)]), Concatenate([Dense(6, 2, seed=2)])]),
}
WIDTHS = {"identity": 4, "projection": 3, "nothing in it": 4, "nested": 4, "concatenate": 6, "dense block": 8}


def shaken(layer, seed=3):
    rng = np.random.default_rng(seed)
    for array in layer.parameters:
        array += rng.normal(0, 0.3, array.shape)
    return layer


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(6, 4), (3, 2, 4)], ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_gradients_equal_central_differences(name, shape, training):
    layer, rng = shaken(LAYERS[name]()), np.random.default_rng(0)
    X = rng.normal(size=shape)
    G = rng.normal(size=layer.forward(X).shape)
    assert G.shape == (*shape[:-1], WIDTHS[name])

    def forward(X):
        return layer.forward(X, training=training)

    expected, wanted = layer_differences(layer, X, G, forward=forward)
    assert relative_error(layer.backward(G), expected) < 1e-6
    for ours, numerical in zip(layer.gradients, wanted, strict=True):
        assert relative_error(ours, numerical) < 1e-6
    assert layer.backward(G, input_gradient=False) is None or not layer.parameters or name == "dense block"
    for ours, numerical in zip(layer.gradients, wanted, strict=True):  # still there, without the gradient of X
        assert relative_error(ours, numerical) < 1e-6


@pytest.mark.parametrize("kind", ["identity", "projection", "concatenate"])
def test_outputs_and_gradients_equal_those_of_keras(kind):
    import keras
    import tensorflow as tf

    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    out = 4 if kind == "identity" else 3
    F = [Activation("relu"), Dense(4, 5, seed=1), Activation("relu"), Dense(5, out, seed=2)]
    ours = {
        "identity": lambda: Residual(F),
        "projection": lambda: Residual(F, shortcut=[Dense(4, 3, use_bias=False, seed=3)]),
        "concatenate": lambda: Concatenate(F),
    }[kind]()
    shaken(ours)
    inputs = keras.Input((4,))
    first, second = keras.layers.Dense(5), keras.layers.Dense(out)
    outputs = second(keras.layers.ReLU()(first(keras.layers.ReLU()(inputs))))
    parts = [first, second]
    if kind == "concatenate":
        outputs = keras.layers.Concatenate()([inputs, outputs])
    else:
        way = keras.layers.Dense(3, use_bias=False) if kind == "projection" else keras.layers.Identity()
        outputs, parts = keras.layers.Add()([outputs, way(inputs)]), [*parts, way]
    theirs, values = keras.Model(inputs, outputs), iter(ours.weights)
    for part in parts:
        part.set_weights([next(values) for _ in part.weights])
    rng = np.random.default_rng(0)
    X = tf.constant(rng.normal(size=(7, 4)))
    with tf.GradientTape() as tape:
        tape.watch(X)
        Y = theirs(X)
    np.testing.assert_allclose(ours.forward(X.numpy()), Y, rtol=1e-12, atol=1e-12)
    G = rng.normal(size=Y.shape)
    variables = [weight.value for part in parts for weight in part.trainable_weights]
    found = tape.gradient(Y, [X, *variables], output_gradients=tf.constant(G))
    for a, b in zip([ours.backward(G), *ours.gradients], found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


def test_it_holds_pictures_too():
    X = np.random.default_rng(0).normal(size=(2, 6, 6, 3))
    way = [Conv2D(3, 4, 1, stride=2, seed=1)]
    block = Residual([Conv2D(3, 4, 3, stride=2, padding="same", seed=2)], shortcut=way)
    np.testing.assert_allclose(block.forward(X), block.layers[0].forward(X) + way[0].forward(X))
    assert block.backward(np.ones((2, 3, 3, 4))).shape == X.shape


def test_training_and_the_generator_reach_the_layers():
    block = Residual([Dropout(0.5)])
    X = np.ones((3, 4))
    np.testing.assert_array_equal(block.forward(X), 2 * X)
    assert set(np.unique(block.forward(X, training=True, rng=np.random.default_rng(1)))) == {1.0, 3.0}


def test_paths_that_do_not_add_up_are_named():
    with pytest.raises(ValueError, match=r"return the shape \(5, 3\), the shortcut \(5, 4\): .* give shortcut="):
        Residual([Dense(4, 3)]).forward(np.ones((5, 4)))
    with pytest.raises(ValueError, match=r"shape \(5, 1\), the shortcut \(5, 4\)"):  # NumPy would broadcast it
        Residual([Dense(4, 1)]).forward(np.ones((5, 4)))


def network(seed, d=3):
    rng = np.random.default_rng(seed)
    return Sequential(
        [
            Dense(d, 6, seed=rng),
            Residual([BatchNormalization(6, momentum=0.9), Activation("relu"), Dense(6, 6, seed=rng)]),
            Concatenate([Activation("tanh"), Dense(6, 2, seed=rng)]),
            Residual([Dense(8, 4, seed=rng)], shortcut=[Dense(8, 4, use_bias=False, seed=rng)]),
            Dense(4, 3, seed=rng),
        ]
    )


def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(70, 3)), rng.integers(3, size=70)


def test_a_model_with_blocks_is_checked_array_by_array():
    model, (X, y) = network(1), data()
    model.loss = Sequential([], loss="sparse_categorical_crossentropy").loss
    model.layers.append(Activation("softmax"))
    report = check_gradients(model, X, y)
    assert max(report.values()) < 1e-7
    block = model.layers[3]  # two dense layers, both named "W": the worse of both counts
    original = block.layers[0].layers[0].backward
    try:
        block.layers[0].layers[0].backward = lambda G, **options: 2 * original(2 * G, **options)
        assert check_gradients(model, X, y)["W_3"] > 0.1
    finally:
        block.layers[0].layers[0].backward = original


def test_replicas_of_networks_take_their_steps():
    from coursepkg.scratch.losses import SparseCategoricalCrossentropy

    (X, y), seeds = data(), [4, 0, 7]
    nets = Replicas.of([network(seed) for seed in seeds], seeds=seeds)
    rates = np.array([0.01, 0.02, 0.03])[:, None, None]
    found = nets.fit(X, y, optimizer=Adam(lambda t: rates), epochs=3, batch_size=16).evaluate(X, y)
    for j, seed in enumerate(seeds):
        single = network(seed)
        loss = SparseCategoricalCrossentropy(from_logits=True)
        single.fit(X, y, loss=loss, optimizer=Adam(0.01 * (j + 1)), epochs=3, batch_size=16, seed=seed)
        wanted = single.evaluate(X, y)
        assert found["loss"][j] == pytest.approx(wanted["loss"], abs=1e-9)
        assert found["accuracy"][j] == wanted["accuracy"]
        for ours, theirs in zip(nets.parameters, single.parameters, strict=True):
            np.testing.assert_allclose(ours[j].reshape(theirs.shape), theirs, atol=1e-9)


def test_replicas_of_what_they_cannot_hold_are_refused():
    with pytest.raises(TypeError, match="replicas hold dense layers, normalizations and activations; got Flatten"):
        Replicas.of([Sequential([Dense(2, 2), Flatten()])], seeds=[0])
    # `fit` draws no masks; a loop of one's own passes rng= to `forward`
    nets = Replicas.of([Sequential([Dense(2, 2), Dropout(0.5), Dense(2, 2)])], seeds=[0])
    with pytest.raises(ValueError, match="dropout in training draws masks"):
        nets.fit(np.ones((4, 2)), np.zeros(4), optimizer=Adam(0.01))
    with pytest.raises(ValueError, match="one for each seed; got 1 networks, 2 seeds"):
        Replicas.of([network(0)], seeds=[0, 1])


def test_a_container_lists_what_its_layers_learn():
    block = Residual([Dense(2, 3)], shortcut=[Dense(2, 3, use_bias=False)])
    assert isinstance(block, Container)
    assert block.learned == ["W", "b", "W"]
    assert [array.shape for array in block.parameters] == [(2, 3), (3,), (2, 3)]
