"""Folded models against the models that they come from, and against the formula in NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from coursepkg.deep.folding import fold_batch_normalization
from coursepkg.scratch.batchnorm import BatchNormalization as ByHand
from coursepkg.scratch.batchnorm import fold

BatchNormalization, Conv1D, Conv2D, Dense = (
    getattr(keras.layers, name) for name in ("BatchNormalization", "Conv1D", "Conv2D", "Dense")
)


@pytest.fixture(params=["float32", "float64"])
def precision(request):
    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx(request.param)
    keras.config.set_dtype_policy(request.param)
    yield 1e-5 if request.param == "float32" else 1e-12
    keras.config.set_floatx(before[0])
    keras.config.set_dtype_policy(before[1])


def shaken(model, seed=0):
    """Give every weight, moving averages included, a random value, so that nothing is 0 or 1 by chance."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.1, 0.9, size=weight.shape) for weight in model.get_weights()])
    return model


def normalizations(model):
    inner = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    own = [layer.name for layer in model.layers if isinstance(layer, BatchNormalization)]
    return sum(map(normalizations, inner), own)


def dense_net():
    layers = [keras.Input((5,))]
    for i, (bias, options) in enumerate([(False, {}), (True, {"scale": False}), (True, {"center": False})]):
        layers += [Dense(4, use_bias=bias), BatchNormalization(**options, name=f"norm{i}"), keras.layers.ReLU()]
    return keras.Sequential([*layers, keras.layers.Dropout(0.5), Dense(2, activation="softmax")])


def conv_net():
    inputs = keras.Input((8, 8, 2))
    x = Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    first = keras.layers.Activation("relu")(BatchNormalization()(x))
    x = BatchNormalization()(Conv2D(4, 3, padding="same", strides=1)(first))
    x = keras.layers.Add()([x, first]) * 2.0  # a residual connection, and an operation that is no layer
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, {"code": x, "class": BatchNormalization()(Dense(3)(x))})


def sequence_net():
    return keras.Sequential([keras.Input((9, 2)), Conv1D(4, 3), BatchNormalization(), Dense(3), BatchNormalization()])


def nested_net():
    inner = keras.Sequential([keras.Input((4,)), Dense(4), BatchNormalization(), keras.layers.ReLU()], name="inner")
    left, right = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    both = keras.layers.Concatenate()([inner(left), inner(right)])  # shared
    return keras.Model({"left": left, "right": right}, BatchNormalization()(Dense(2)(both)))


@pytest.mark.parametrize("build", [dense_net, conv_net, sequence_net, nested_net])
def test_the_outputs_stay_the_same_and_no_normalization_is_left(precision, build):
    model = shaken(build())
    before = [weight.copy() for weight in model.get_weights()]
    rng = np.random.default_rng(1)
    drawn = {t.name: rng.normal(size=(6, *t.shape[1:])).astype(t.dtype) for t in model.inputs}
    x = drawn if len(drawn) > 1 else next(iter(drawn.values()))
    folded = fold_batch_normalization(model)
    expected, got = model(x, training=False), folded(x, training=False)
    keras.tree.map_structure(
        lambda a, b: np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=precision, atol=precision),
        expected,
        got,
    )
    assert normalizations(model)
    assert not normalizations(folded)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_weights_are_those_of_the_formula():
    model = shaken(keras.Sequential([keras.Input((3,)), Dense(4), BatchNormalization(epsilon=0.01)]))
    W, b, *normalization = model.get_weights()
    layer = ByHand(4, epsilon=0.01)
    layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance = normalization
    for ours, theirs in zip(fold(W, b, layer), fold_batch_normalization(model).get_weights(), strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=1e-5)


def test_the_copy_keeps_names_configuration_and_survives_saving(tmp_path):
    model = shaken(dense_net())
    folded = fold_batch_normalization(model)
    assert [layer.name for layer in folded.layers] == [
        layer.name for layer in model.layers if not layer.name.startswith("norm")
    ]
    assert folded.name == model.name
    assert folded.layers[-2].rate == 0.5
    folded.save(tmp_path / "folded.keras")
    x = np.random.default_rng(0).normal(size=(4, 5))
    loaded = keras.models.load_model(tmp_path / "folded.keras")
    np.testing.assert_allclose(loaded.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-5)


def test_a_model_without_normalization_is_copied():
    model = shaken(keras.Sequential([keras.Input((3,)), Dense(2)]))
    folded = fold_batch_normalization(model)
    assert folded is not model
    folded.set_weights([0 * weight for weight in folded.get_weights()])
    assert np.abs(model.get_weights()[0]).min() > 0


def functional(connect, shape=(4,)):
    inputs = keras.Input(shape, name="features")
    return keras.Model(inputs, connect(inputs))


def shared_normalization(x):
    norm = BatchNormalization(name="norm")
    return norm(Dense(4)(norm(Dense(4)(x))))


def shared_dense(x):
    dense = Dense(4, name="dense")
    return dense(BatchNormalization(name="norm")(dense(x)))


def branch(x):
    h = Dense(4, name="dense")(x)
    return BatchNormalization(name="norm")(h) + h


def two_outputs(x):
    h = Dense(4, name="dense")(x)
    return [h, BatchNormalization(name="norm")(h)]


class OwnDense(Dense):
    def call(self, inputs):
        return 2 * super().call(inputs)


OBSTACLES = {
    "first": (lambda x: BatchNormalization(name="norm")(x), "norm: it follows features, of type InputLayer; expected"),
    "activation": (
        lambda x: BatchNormalization(name="norm")(Dense(4, activation="relu", name="dense")(x)),
        "norm: dense has the activation relu; put it behind",
    ),
    "dropout": (lambda x: BatchNormalization(name="norm")(keras.layers.Dropout(0.5)(Dense(4)(x))), "of type Dropout"),
    "operation": (lambda x: BatchNormalization(name="norm")(Dense(4)(x) + 1.0), "of type Add"),
    "subclass": (lambda x: BatchNormalization(name="norm")(OwnDense(4)(x)), "of type OwnDense"),
    "shared normalization": (shared_normalization, "norm: norm is called 2 times"),
    "shared dense": (shared_dense, "norm: dense is called 2 times"),
    "branch": (branch, "norm: the output of dense is used elsewhere too"),
    "output": (two_outputs, "norm: the output of dense is used elsewhere too"),
    "training": (
        lambda x: BatchNormalization(name="norm")(Dense(4)(x), training=True),
        "norm: it was called with training=True",
    ),
}


@pytest.mark.parametrize("kind", OBSTACLES)
def test_what_cannot_be_folded_is_named_with_the_reason_or_left_alone(kind):
    connect, message = OBSTACLES[kind]
    model = shaken(functional(connect))
    with pytest.raises(ValueError, match="strict=False leaves such layers") as error:
        fold_batch_normalization(model)
    assert message in str(error.value)
    kept = fold_batch_normalization(model, strict=False)
    assert normalizations(kept)
    x = np.random.default_rng(0).normal(size=(5, 4))
    for a, b in zip(keras.tree.flatten(model(x)), keras.tree.flatten(kept(x)), strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=1e-5)


def test_another_axis_is_refused():
    model = functional(lambda x: BatchNormalization(axis=1, name="norm")(Conv2D(4, 3, name="conv")(x)), (8, 8, 1))
    with pytest.raises(ValueError, match="it works along axis 1; the channels of conv are on axis 3"):
        fold_batch_normalization(model)


def test_low_rank_weights_are_refused():
    model = functional(lambda x: BatchNormalization(name="norm")(Dense(4, name="dense")(x)))
    model.get_layer("dense").enable_lora(2)
    with pytest.raises(ValueError, match="dense is quantized or has low-rank weights"):
        fold_batch_normalization(model)


class Subclassed(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fold_batch_normalization("model"), TypeError, "must be a keras.Model; got str"),
        (lambda: fold_batch_normalization(keras.Sequential([Dense(3)])), ValueError, "is not built"),
        (lambda: fold_batch_normalization(Subclassed()), ValueError, "connected by code in Subclassed.call"),
        (lambda: fold_batch_normalization(dense_net(), strict="yes"), ValueError, "strict must be one of True, False"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
