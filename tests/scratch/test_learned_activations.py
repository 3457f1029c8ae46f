from functools import partial

import keras
import numpy as np
import pytest

from coursepkg.scratch.gradcheck import numerical_gradient
from coursepkg.scratch.learned_activations import PReLU, Swish
from coursepkg.scratch.mlp import MLP

CLASSIFIER = {"output_activation": "softmax", "loss": "sparse_categorical_crossentropy"}
HE = {"initializer": "he_normal"}


def _data(n=40):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 4)), rng.integers(3, size=n)


@pytest.mark.parametrize("layer", [PReLU, Swish])
def test_gradients_equal_central_differences(layer):
    X, y = _data()
    model = MLP([4, 6, 5, 3], hidden_activation=partial(layer, start=0.7), **HE, seed=1, **CLASSIFIER)
    _, gradients = model.loss_and_gradients(X, y)
    for index, gradient in enumerate(gradients):

        def loss(value, index=index):
            kept = model.get_parameters()
            model.set_parameters([*kept[:index], value, *kept[index + 1 :]])
            found = model.evaluate(X, y)["loss"]
            model.set_parameters(kept)
            return found

        numerical = numerical_gradient(loss, model.get_parameters()[index])
        np.testing.assert_allclose(gradient, numerical, rtol=1e-6, atol=1e-9)


def test_prelu_equals_keras_step_for_step():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    X, y = _data(60)
    ours = MLP([4, 6, 5, 3], hidden_activation=PReLU, **HE, seed=1, **CLASSIFIER)
    layers = [keras.Input((4,))]
    for units in (6, 5):
        layers += [keras.layers.Dense(units), keras.layers.PReLU()]
    theirs = keras.Sequential([*layers, keras.layers.Dense(3, activation="softmax")])
    theirs.set_weights(ours.get_parameters())
    theirs.compile(loss=CLASSIFIER["loss"], optimizer=keras.optimizers.SGD(0.125, momentum=0.875))
    theirs.fit(X, y, epochs=5, batch_size=20, shuffle=False, verbose=0)
    ours.fit(X, y, epochs=5, batch_size=20, shuffle=False, learning_rate=0.125, momentum=0.875)
    for a, b in zip(ours.parameters, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    assert np.ptp(ours.layers[1].p) > 0.01


def test_a_start_of_zero_is_relu_at_the_beginning():
    X, _ = _data()
    learned = MLP([4, 6, 5, 3], hidden_activation=partial(PReLU, start=0), **HE, seed=3)
    plain = MLP([4, 6, 5, 3], **HE, seed=3)
    np.testing.assert_array_equal(learned.predict(X), plain.predict(X))


def test_options_reach_the_layers():
    model = MLP([4, 6, 3], hidden_activation=Swish, dtype="float32", initializer="lecun_normal")
    assert {array.dtype for array in model.parameters} == {np.dtype("float32")}
    np.testing.assert_array_equal(model.layers[1].p, 1)
    assert PReLU(3).p.tolist() == [0.25] * 3
    assert [array.shape for array in model.get_parameters()] == [(4, 6), (6,), (6,), (6, 3), (3,)]


def test_bad_arguments():
    with pytest.raises(ValueError, match="units must be an integer >= 1; got 0"):
        PReLU(0)
    with pytest.raises(TypeError, match="start must be a number; got '0'"):
        PReLU(6, start="0")
