"""Converted models against Keras, their integers against the formula, and the silence of the converter."""

from __future__ import annotations

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from coursepkg.deep import quantization
from coursepkg.deep.quantization import LiteModel, n_bytes, to_lite

layers = keras.layers
X = np.random.default_rng(0).random((200, 12))


def net(dtype="float32"):
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            keras.Input((12,), dtype=dtype),
            layers.Dense(64, activation="relu", dtype=dtype),
            layers.Dropout(0.5, dtype=dtype),
            layers.Dense(40, activation="relu", dtype=dtype),
            layers.Dense(3, activation="softmax", dtype=dtype),
        ]
    )


def branches():
    inputs = keras.Input((8, 8, 1), dtype="float64")
    x = layers.Conv2D(4, 3, padding="same", dtype="float64")(inputs)
    x = layers.BatchNormalization(dtype="float64")(x)
    x = layers.ReLU(dtype="float64")(x)
    x = layers.GlobalAveragePooling2D(dtype="float64")(layers.Add(dtype="float64")([x, inputs]))
    return keras.Model(inputs, layers.Dense(3, dtype="float64")(x))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("precision", "limit"), [("float32", 1e-6), ("float16", 1e-3), ("int8 weights", 0.01)])
def test_outputs_are_those_of_keras(dtype, precision, limit):
    model = net(dtype)
    weights = model.get_weights()
    error = abs(to_lite(model, precision).predict(X) - model.predict(X, verbose=0)).max()
    assert error < limit
    assert (error > 1e-7) == (precision != "float32")
    assert model.get_weights()[0].dtype == dtype
    np.testing.assert_array_equal(weights[0], model.get_weights()[0])


def test_functional_model():
    model, images = branches(), np.random.default_rng(1).random((5, 8, 8, 1))
    np.testing.assert_allclose(to_lite(model).predict(images), model.predict(images, verbose=0), atol=1e-5)


def test_all_integers():
    model = net()
    lite = to_lite(model, "int8", samples=X[:100])
    assert {tensor["dtype"] for tensor in lite.tensors()} <= {"int8", "int32"}
    wanted = model.predict(X, verbose=0)
    assert abs(lite.predict(X) - wanted).max() < 0.05
    # Outputs are integers times a scale, 1/256 for a softmax.
    np.testing.assert_allclose(lite.predict(X) * 256, np.rint(lite.predict(X) * 256), atol=1e-4)


def test_int8_weights_are_the_rounded_weights():
    model = net()
    stored = [tensor for tensor in to_lite(model, "int8", samples=X).tensors() if tensor["shape"] == (64, 12)]
    (tensor,) = stored  # transposed: one row a unit
    kernel = np.asarray(model.layers[0].kernel).T
    scale = abs(kernel).max(axis=1 if len(tensor["scales"]) > 1 else None) / 127
    np.testing.assert_allclose(tensor["scales"], np.atleast_1d(scale), rtol=1e-5)
    np.testing.assert_array_equal(tensor["value"], np.rint(kernel / np.reshape(scale, (-1, 1))))


def test_sizes_fall_with_the_bits():
    model = keras.Sequential([keras.Input((100,)), layers.Dense(300), layers.Dense(50)])
    assert n_bytes(model) == 4 * (100 * 300 + 300 + 300 * 50 + 50)
    sizes = [to_lite(model, precision).n_bytes for precision in ("float32", "float16", "int8 weights")]
    for size, share in zip(sizes, (1, 1 / 2, 1 / 4), strict=True):
        assert abs(size - share * n_bytes(model)) < 6000


def test_a_file_is_its_content(tmp_path):
    lite = to_lite(net())
    (tmp_path / "net.tflite").write_bytes(lite.content)
    again = LiteModel((tmp_path / "net.tflite").read_bytes())
    np.testing.assert_array_equal(again.predict(X[:7]), lite.predict(X)[:7])  # another number of rows as well


def test_nothing_is_written_and_nothing_warns(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        to_lite(net(), "int8", samples=X[:10]).predict(X)
    assert capfd.readouterr() == ("", "")


class WithoutLite:
    __version__ = "9.9"


def test_without_tf_lite_errors_say_so(monkeypatch):
    content = to_lite(net()).content
    monkeypatch.setattr(quantization, "tf", WithoutLite)
    monkeypatch.setitem(__import__("sys").modules, "ai_edge_litert", None)
    with pytest.raises(RuntimeError, match=r"TensorFlow 9\.9 has no converter to LiteRT"):
        to_lite(net())
    with pytest.raises(RuntimeError, match="no interpreter .* ai-edge-litert is not installed"):
        LiteModel(content)


def test_the_package_litert_is_preferred(monkeypatch):
    package = type(tf)("ai_edge_litert")
    module = type(tf)("ai_edge_litert.interpreter")
    module.Interpreter = object
    monkeypatch.setitem(__import__("sys").modules, "ai_edge_litert", package)
    monkeypatch.setitem(__import__("sys").modules, "ai_edge_litert.interpreter", module)
    assert quantization._interpreter_class() is object


class Hidden(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: to_lite("net"), TypeError, "model must be a keras.Model; got str"),
        (lambda: to_lite(keras.Sequential([layers.Dense(2)], name="raw")), ValueError, "'raw' is not built"),
        (lambda: to_lite(net(), "int4"), ValueError, "precision must be one of 'float32', 'float16', 'int8 weights'"),
        (lambda: to_lite(net(), "int8"), ValueError, 'samples are needed for precision="int8".*got none'),
        (lambda: to_lite(net(), "float16", samples=X), ValueError, "precision='float16' takes none"),
        (lambda: to_lite(net(), "int8", samples=X[0]), ValueError, "samples must have 2 dimension"),
        (lambda: to_lite(net()).predict(X[:, :5]), ValueError, r"shape \(n, 12\) with n >= 1; got \(200, 5\)"),
        (lambda: LiteModel("net.tflite"), TypeError, "content must be bytes; got str"),
        (lambda: LiteModel(b"no model at all"), ValueError, "content is no LiteRT model"),
        (lambda: n_bytes(None), TypeError, "model must be a keras.Model; got NoneType"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_two_inputs_are_refused():
    inputs = [keras.Input((2,)), keras.Input((2,))]
    with pytest.raises(ValueError, match="one input and one output; got 2 and 1"):
        to_lite(keras.Model(inputs, layers.Add()(inputs)))


def test_models_in_code_are_refused():
    model = Hidden()
    model(np.ones((1, 2), dtype="float32"))
    with pytest.raises(ValueError, match=r"connected by code in Hidden\.call"):
        to_lite(model)
