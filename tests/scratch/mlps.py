"""Data, models and twins in Keras for the tests of the multilayer perceptron."""

import keras
import numpy as np

from coursepkg.scratch.mlp import MLP

SIGMOID = {"output_activation": "sigmoid", "loss": "binary_crossentropy"}
SOFTMAX = {"output_activation": "softmax", "loss": "sparse_categorical_crossentropy"}


def data(n=20, n_features=3, n_outputs=3, *, loss="half_squared_error", seed=0):
    rng = np.random.default_rng(seed)
    X, labels = rng.normal(size=(n, n_features)), rng.integers(0, n_outputs, n)
    if loss == "sparse_categorical_crossentropy":
        return X, labels
    if loss == "categorical_crossentropy":
        return X, np.eye(n_outputs)[labels]
    if loss == "binary_crossentropy":
        return X, rng.integers(0, 2, (n, n_outputs))
    return X, rng.normal(size=(n, n_outputs))


def model_with_biases(sizes, **options):
    """Fresh biases are zero, which would hide mistakes."""
    model, rng = MLP(sizes, **options), np.random.default_rng(9)
    model.set_parameters([rng.normal(0, 0.7, array.shape) for array in model.parameters])
    return model


def keras_twin(model):
    """The same layers and weights in Keras, in float64."""
    twin = keras.Sequential([keras.Input((model.sizes[0],), dtype="float64")])
    for layer in model.layers:
        activation = layer.activation.name.replace("identity", "linear")
        twin.add(keras.layers.Dense(layer.W.shape[1], activation=activation, dtype="float64"))
    twin.set_weights(model.parameters)
    return twin


def assert_parameters_equal(model, expected, **tolerance):
    for ours, theirs in zip(model.parameters, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, **tolerance)
