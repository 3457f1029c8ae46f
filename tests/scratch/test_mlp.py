import keras
import numpy as np
import pytest
import tensorflow as tf

from coursepkg.scratch.activations import ACTIVATIONS
from coursepkg.scratch.gradcheck import check_gradients, numerical_gradient, relative_error
from coursepkg.scratch.layers import Dense
from coursepkg.scratch.losses import LOSSES, BinaryCrossentropy
from coursepkg.scratch.mlp import MLP
from tests.scratch.mlps import SIGMOID, SOFTMAX, assert_parameters_equal, data, keras_twin, model_with_biases

CROSSENTROPIES = [name for name in LOSSES if name.endswith("crossentropy")]


# Gradients


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_gradients_equal_central_differences_for_every_activation_and_loss(hidden, loss):
    X, y = data(5, loss=loss)
    for output in ("sigmoid", "softmax") if loss in CROSSENTROPIES else ACTIVATIONS:
        model = model_with_biases([3, 4, 4, 3], hidden_activation=hidden, output_activation=output, loss=loss)
        report = check_gradients(model, X, y)
        assert max(report.values()) < 1e-7, (output, report)


def test_gradient_of_the_penalty_equals_central_differences():
    X, y = data(5)
    model = model_with_biases([3, 4, 3], hidden_activation="tanh")
    _, gradients = model.loss_and_gradients(X, y, alpha=0.3)
    for parameter, gradient in zip(model.parameters, gradients, strict=True):

        def loss_at(value, parameter=parameter):
            parameter[...] = value
            return model.loss_and_gradients(X, y, alpha=0.3)[0]

        original = parameter.copy()
        numerical = numerical_gradient(loss_at, original)
        parameter[...] = original
        assert relative_error(gradient, numerical) < 1e-8


@pytest.mark.parametrize("hidden", ["identity", "sigmoid", "tanh", "relu", "softplus", "softmax"])
@pytest.mark.parametrize(
    ("output", "loss", "theirs"),
    [
        ("identity", "mean_squared_error", keras.losses.mean_squared_error),
        ("relu", "huber", keras.losses.huber),
        ("tanh", "log_cosh", keras.losses.log_cosh),
        ("sigmoid", "binary_crossentropy", keras.losses.binary_crossentropy),
        ("softmax", "categorical_crossentropy", keras.losses.categorical_crossentropy),
        ("softmax", "sparse_categorical_crossentropy", keras.losses.sparse_categorical_crossentropy),
    ],
)
def test_losses_and_gradients_equal_those_of_tensorflow(hidden, output, loss, theirs):
    X, y = data(7, loss=loss)
    model = model_with_biases([3, 5, 4, 3], hidden_activation=hidden, output_activation=output, loss=loss)
    twin = keras_twin(model)
    with tf.GradientTape() as tape:
        expected_loss = tf.reduce_mean(theirs(y, twin(X)))
    expected = tape.gradient(expected_loss, twin.trainable_variables)
    value, gradients = model.loss_and_gradients(X, y)
    assert value == pytest.approx(float(expected_loss), rel=1e-7)  # Keras rounds constants of log-cosh to float32
    for ours, other in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(ours, other, rtol=1e-9, atol=1e-13)


def test_dense_layer_by_hand():
    layer = Dense(2, 2, activation="relu")
    layer.W[...], layer.b[...] = [[1, -1], [2, 3]], [0.5, -1]
    np.testing.assert_array_equal(layer.forward(np.array([[1.0, 0.0], [0.0, 1.0]])), [[1.5, 0], [2.5, 2]])
    np.testing.assert_array_equal(layer.backward(np.array([[1.0, 10.0], [100.0, 1000.0]])), [[1, 2], [-900, 3200]])
    np.testing.assert_array_equal(layer.grad_W, [[1, 0], [100, 1000]])
    np.testing.assert_array_equal(layer.grad_b, [101, 1000])
    assert layer.backward(np.ones((2, 2)), input_gradient=False) is None
    layer.backward(np.ones((2, 2)), at_preactivation=True)
    np.testing.assert_array_equal(layer.grad_b, [2, 2])


def test_gradient_with_respect_to_the_input():
    layer, x = Dense(3, 2, activation="tanh", seed=4), np.random.default_rng(0).normal(size=(4, 3))
    numerical = numerical_gradient(lambda x: float(layer.forward(x).sum()), x)
    layer.forward(x)
    assert relative_error(layer.backward(np.ones((4, 2))), numerical) < 1e-9


# Shapes, predictions, parameters


def test_one_output_takes_and_gives_one_dimension():
    X, y = data(n_outputs=1)
    model = MLP([3, 4, 1])
    assert model.predict(X).shape == (20,)
    assert model.evaluate(X, y) == model.evaluate(X, y[:, 0])
    binary = MLP([3, 4, 1], **SIGMOID)
    p = binary.predict_proba(X)
    assert p.shape == (20, 2)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_array_equal(binary.predict(X), p[:, 1] > 0.5)


def test_predictions_of_classes_and_labels():
    X, labels = data(loss="sparse_categorical_crossentropy")
    model = model_with_biases([3, 4, 3], **SOFTMAX)
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X).argmax(axis=1))
    one_hot = model_with_biases([3, 4, 3], output_activation="softmax", loss="categorical_crossentropy")
    assert one_hot.evaluate(X, np.eye(3)[labels]) == model.evaluate(X, labels)
    multilabel = model_with_biases([3, 4, 3], **SIGMOID)
    assert multilabel.predict(X).shape == (20, 3)
    y = data(loss="binary_crossentropy")[1]
    assert multilabel.evaluate(X, y)["accuracy"] == np.mean(multilabel.predict(X) == y)


def test_no_hidden_layer():
    X, y = data()
    model = MLP([3, 3])
    np.testing.assert_allclose(model.predict(X), X @ model.layers[0].W)


def test_a_matched_pair_does_not_saturate():
    model = MLP([1, 1], **SIGMOID)
    model.set_parameters([np.array([[1000.0]]), np.zeros(1)])
    loss, (grad_W, _) = model.loss_and_gradients([[1.0]], [0])
    assert (loss, grad_W.item()) == (1000.0, 1.0)


def test_parameters():
    model = MLP([2, 3, 1])
    assert [array.shape for array in model.parameters] == [(2, 3), (3,), (3, 1), (1,)]
    copies = model.get_parameters()
    copies[0][...] = 7
    assert not (model.layers[0].W == 7).any()
    model.set_parameters(copies)
    assert (model.layers[0].W == 7).all()
    copies[0][...] = 8
    assert (model.layers[0].W == 7).all()
    with pytest.raises(ValueError, match=r"values must have the shapes \[\(2, 3\), .*\]; got \[\(3, 2\)"):
        model.set_parameters([copies[0].T, *copies[1:]])
    with pytest.raises(ValueError, match="values must have the shapes"):
        model.set_parameters(copies[:2])


# Errors


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"sizes": [3]}, ValueError, r"sizes must hold at least .* inputs and outputs; got \[3\]"),
        ({"sizes": [3, 0, 1]}, ValueError, "sizes must be an integer >= 1; got 0"),
        ({"sizes": [3, 2.5]}, TypeError, "sizes must be an integer >= 1; got 2.5"),
        ({"hidden_activation": "rellu"}, ValueError, "activation must be one of .*; got 'rellu'"),
        ({"loss": "mse"}, ValueError, "loss must be one of .*; got 'mse'"),
        ({"loss": BinaryCrossentropy(from_logits=True)}, ValueError, "loss.from_logits must be one of False; got True"),
        ({"initializer": "xavier"}, ValueError, "initializer must be one of .*; got 'xavier'"),
        ({"dtype": "float16"}, ValueError, "dtype must be one of 'float64', 'float32'; got 'float16'"),
    ],
)
def test_wrong_constructions_are_named(options, error, message):
    with pytest.raises(error, match=message):
        MLP(**{"sizes": [3, 4, 3]} | options)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"X": np.ones((20, 2))}, ValueError, r"X must have 3 column\(s\); got shape \(20, 2\)"),
        ({"X": np.ones(20)}, ValueError, r"X must have 2 dimension\(s\); got shape \(20,\)"),
        ({"X": np.full((20, 3), np.nan)}, ValueError, "X must be finite; found nan"),
        ({"y": np.ones(19)}, ValueError, r"y must have length 20; got shape \(19,\)"),
        (
            {"y": np.ones(20)},
            ValueError,
            r"y_true must have the shape of the predictions, \(20, 3\); got shape \(20,\)",
        ),
        ({"y": ["a"] * 20}, TypeError, "y must hold real numbers"),
        ({"epochs": 0}, ValueError, "epochs must be an integer >= 1; got 0"),
        ({"batch_size": 2.0}, TypeError, "batch_size must be an integer >= 1; got 2.0"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be a finite number > 0; got 0.0"),
        ({"momentum": 1}, ValueError, r"momentum must be a finite number in \[0, 1\); got 1.0"),
        ({"alpha": -1}, ValueError, "alpha must be a finite number >= 0; got -1.0"),
        ({"patience": 3}, ValueError, "patience needs validation_data"),
        ({"patience": 0}, ValueError, "patience must be an integer >= 1; got 0"),
        ({"validation_data": (np.ones((2, 3)), np.ones((3, 3)))}, ValueError, "y must have length 2"),
    ],
)
def test_wrong_arguments_are_named_before_any_work(options, error, message):
    X, y = data()
    model = MLP([3, 4, 3])
    before = model.get_parameters()
    with pytest.raises(error, match=message):
        model.fit(**{"X": X, "y": y} | options)
    assert_parameters_equal(model, before, rtol=0)


def test_a_wrong_label_in_a_late_batch_is_found_before_training():
    X, y = data(100, loss="sparse_categorical_crossentropy")
    y[-1] = 3
    model = MLP([3, 4, 3], **SOFTMAX)
    before = model.get_parameters()
    with pytest.raises(ValueError, match="y_true must hold integers from 0 to 2"):
        model.fit(X, y, batch_size=10)
    assert_parameters_equal(model, before, rtol=0)


def test_probabilities_need_a_cross_entropy():
    with pytest.raises(ValueError, match="predict_proba needs a cross-entropy loss; this model has HalfSquaredError"):
        MLP([3, 3]).predict_proba(np.ones((1, 3)))


def test_a_cross_entropy_of_something_that_is_no_probability_is_refused():
    X, y = data(loss="binary_crossentropy")
    with pytest.raises(ValueError, match=r"y_pred must lie in \[0, 1\]"):
        MLP([3, 4, 3], loss="binary_crossentropy").fit(X, y)
