"""Walks and copies over generated nestings of wrappers, shared layers, layers and models of one's own."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import coursepkg.deep
from coursepkg.deep.folding import fold_batch_normalization
from coursepkg.deep.graph import layer_graph
from coursepkg.deep.layers import copy_model, labels, leaves, walk
from coursepkg.deep.pruning import sparsity_table
from coursepkg.deep.quantization import to_lite
from coursepkg.deep.signals import dead_units, layer_signals
from coursepkg.deep.training import param_table
from coursepkg.deep.transfer import freeze, reuse_layers, unfreeze
from coursepkg.deep.uncertainty import MCDropout, mc_samples, to_monte_carlo

layers = keras.layers
X = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


@pytest.fixture(autouse=True, scope="module")
def _float32():
    before = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    yield
    keras.config.set_dtype_policy(before[0])
    keras.config.set_floatx(before[1])


class Block(layers.Layer):
    """A layer of one's own, without get_config: Keras notes its arguments."""

    def __init__(self, units, rate=0.5, **options):
        super().__init__(**options)
        self.dense, self.norm = layers.Dense(units, activation="relu", name="hidden"), layers.BatchNormalization()
        self.more = [layers.Dropout(rate)]

    def call(self, x, training=False):
        return self.more[0](self.norm(self.dense(x), training=training), training=training)

    def compute_output_shape(self, shape):
        return (*shape[:-1], self.dense.units)


class Coded(keras.Model):
    """A model inside a model whose graph only its code knows."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.block, self.out = Block(units), layers.Dense(units)

    def call(self, x, training=False):
        return self.out(self.block(x, training=training))

    def get_config(self):
        return {"units": self.out.units, "name": self.name}


class Around(layers.Wrapper):
    def call(self, x, training=False):
        return 2 * self.layer(x, training=training)


def shaken(model, seed=0):
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.1, 0.9, size=weight.shape) for weight in model.get_weights()])
    return model


KINDS = (
    "dense",
    "block",
    "coded",
    "lambda",
    "wrapper",
    "norm",
    "dropout",
    "spatial",
    "sequential",
    "shared",
    "residual",
)


def built(plan, shape=(4,), name=None, pool=None):
    """Return a functional or sequential model that keeps the shape, from a list of kinds and lists."""
    pool, sequential = {} if pool is None else pool, "sequential" in plan[:1]
    inputs = x = keras.Input(shape)
    stack = []
    for number, kind in enumerate(plan):
        layer = made(kind, number, shape, pool)
        if layer is None:
            continue
        if kind == "shared":  # one layer, here and in other models
            layer = pool.setdefault("shared", layer)
        stack.append(layer)
        y = layer(x)
        x = layers.Add()([x, y]) * 0.5 if kind == "residual" else y
    if sequential and stack and len(set(map(id, stack))) == len(stack):
        return keras.Sequential([keras.Input(shape), *stack], name=name)
    return keras.Model(inputs, x, name=name)


def made(kind, number, shape, pool):
    if isinstance(kind, tuple):
        return built(list(kind), shape, name=f"inner{number}", pool=pool)
    return {
        "dense": lambda: layers.Dense(4, activation="relu", name=f"hidden{number}"),
        "block": lambda: Block(4),
        "coded": lambda: Coded(4),
        "lambda": lambda: layers.Lambda(lambda t, k=number: t + k),
        "wrapper": lambda: Around(Block(4, name="inside")),
        "norm": lambda: layers.BatchNormalization(),
        "dropout": lambda: layers.Dropout(0.5),
        "spatial": lambda: layers.Dropout(0.2, noise_shape=(None, 1)),
        "sequential": lambda: None,
        "shared": lambda: layers.Dense(4, name="shared"),
        "residual": lambda: layers.Dense(4),
    }[kind]()


plans = st.recursive(
    st.sampled_from(KINDS),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(tuple),
    max_leaves=5,
)
SOME = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@SOME
@given(st.lists(plans, min_size=1, max_size=4))
def test_outputs_stay_the_same_however_layers_are_nested(plan):
    model = shaken(built(plan))
    expected, before = np.asarray(model(X, training=False)), model.get_weights()
    same = {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(copy_model(model)(X, training=False), expected, **same)
    np.testing.assert_allclose(fold_batch_normalization(model, strict=False)(X, training=False), expected, **same)
    end = layer_graph(model)["nodes"][-1]
    if end["name"] == model.layers[-1].name and end["calls"] == 1:
        np.testing.assert_allclose(reuse_layers(model, -1)(X, training=False), expected, **same)
    if any(isinstance(layer, layers.Dropout) for _, layer in walk(model)):
        sampler = to_monte_carlo(model)
        dropped = [layer for _, layer in walk(sampler) if isinstance(layer, layers.Dropout)]
        assert all(isinstance(layer, MCDropout) for layer in dropped)
        samples = mc_samples(sampler, X, 40)
        assert np.ptp(samples, axis=0).max() > 0
        for layer in dropped:
            layer.rate = 0.0
        np.testing.assert_allclose(sampler(X, training=False), expected, **same)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(new, old)


@SOME
@given(st.lists(plans, min_size=1, max_size=4))
def test_counts_are_those_of_keras(plan):
    model = built(plan)
    table = param_table(model)
    assert table[["trainable", "non-trainable"]].to_numpy().sum() == model.count_params()
    assert table["trainable"].sum() == sum(np.size(weight) for weight in model.trainable_weights)
    assert table.index.is_unique
    found = [id(layer) for _, layer in walk(model)]
    assert len(found) == len(set(found))
    normalizations = [layer for _, layer in walk(model) if isinstance(layer, layers.BatchNormalization)]
    unfreeze(model)
    assert not any(layer.trainable for layer in normalizations)
    assert freeze(model) == 0
    kernels = {id(layer.kernel) for _, layer in walk(model) if isinstance(layer, layers.Dense)}
    assert len(sparsity_table(model)) - 1 == len(kernels) if kernels else True


@SOME
@given(st.lists(plans, min_size=1, max_size=4))
def test_signals_name_each_layer_once_a_call(plan):
    model = shaken(built([*plan, "block"]))
    names = [signal.name for signal in layer_signals(model, X)]
    assert len(names) == len(set(names))
    activated = [layer for _, layer in walk(model) if getattr(layer, "activation", None) is keras.activations.relu]
    assert len(dead_units(model, X)) == len(activated)


def chain(*stack):
    return keras.Sequential([keras.Input((4,)), *stack])


def test_dropout_in_a_layer_of_ones_own_stays_active_after_saving(tmp_path):
    sampler = to_monte_carlo(chain(Block(6), layers.Dense(2)))
    sampler.save(tmp_path / "sampler.keras")
    known = {"Block": Block}
    loaded = keras.saving.load_model(tmp_path / "sampler.keras", custom_objects=known)
    assert np.ptp(mc_samples(loaded, X, 50), axis=0).min() > 0
    zeros = np.asarray(sampler.layers[0](np.ones((300, 4)))) == 0
    assert 0.4 < zeros.mean() < 1


class OnlyInTraining(layers.Layer):
    def __init__(self, how, **options):
        super().__init__(**options)
        self.how, self.drop, self.seed = how, layers.Dropout(0.5), keras.random.SeedGenerator(0)

    def call(self, x, training=False):
        if not training:
            return x
        return self.drop(x) if self.how == "layer" else keras.random.dropout(x, 0.5, seed=self.seed)


class Always(layers.Dropout):
    def call(self, x, training=False):
        return super().call(x, training=True)


class Sometimes(layers.Dropout):
    pass


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (lambda: OnlyInTraining("layer", name="own"), r"in own/dropout\S* \(MCDropout\): .* in training only"),
        (lambda: OnlyInTraining("function", name="own"), r"in own \(OnlyInTraining\): .* in training only"),
        (lambda: Sometimes(0.5, name="own"), r"in own \(Sometimes\)"),
        (lambda: Around(layers.GaussianDropout(0.5, name="noise")), r"in noise \(GaussianDropout\)"),
        (lambda: layers.TimeDistributed(Block(4), name="each"), r"in each \(TimeDistributed\)"),
    ],
)
def test_what_drops_only_in_training_is_an_error_that_names_it(layer, message):
    inputs = keras.Input((3, 4))
    model = keras.Model(inputs, layers.Dropout(0.5)(layer()(inputs)))
    with pytest.raises(ValueError, match=message):
        to_monte_carlo(model)


def test_dropout_of_ones_own_that_is_always_active_is_taken_as_it_is():
    sampler = to_monte_carlo(chain(Always(0.5), layers.Dropout(0.1), layers.Dense(1)))
    assert type(sampler.layers[0]) is Always


def test_normalizations_inside_other_layers_are_named_and_left_alone():
    model = shaken(chain(Around(Block(4, name="inside"), name="around"), layers.Dense(3), layers.BatchNormalization()))
    with pytest.raises(ValueError, match=r"around/inside/batch_normalization\S*: it is inside around, of type Around"):
        fold_batch_normalization(model)
    kept = fold_batch_normalization(model, strict=False)
    np.testing.assert_allclose(kept(X), model(X), atol=1e-5)
    assert [type(layer).__name__ for layer in kept.layers] == ["Around", "Dense"]


def test_a_dense_layer_that_another_model_uses_too_is_not_changed():
    dense, norm = layers.Dense(4, name="dense"), layers.BatchNormalization(name="norm")
    inputs = keras.Input((4,))
    inner = keras.Sequential([keras.Input((4,)), dense, norm], name="inner")
    model = shaken(keras.Model(inputs, dense(inner(inputs))))
    with pytest.raises(ValueError, match="inner/norm: dense is used in several models"):
        fold_batch_normalization(model)
    np.testing.assert_allclose(fold_batch_normalization(model, strict=False)(X), model(X), rtol=1e-5)


def test_a_subclass_of_batch_normalization_is_not_taken_for_it():
    class Halved(layers.BatchNormalization):
        def call(self, x, training=False):
            return super().call(x, training=training) / 2

    model = shaken(chain(layers.Dense(3), Halved(name="half")))
    with pytest.raises(ValueError, match="half: its type Halved may compute something else"):
        fold_batch_normalization(model)
    np.testing.assert_allclose(fold_batch_normalization(model, strict=False)(X), model(X), rtol=1e-5)


def test_an_adapted_normalization_is_copied_with_what_it_learned():
    first = layers.Normalization()
    first.adapt(10 + 3 * X)
    model = chain(first, layers.Dense(3), layers.BatchNormalization())
    for copy in (copy_model(model), fold_batch_normalization(model), reuse_layers(model, -1)):
        np.testing.assert_allclose(copy(X), model(X), rtol=1e-4, atol=1e-5)


def test_vocabularies_are_copied():
    words = layers.StringLookup(output_mode="one_hot")
    words.adapt(np.array(["wool", "silk", "wool"]))
    inputs = keras.Input((1,), dtype="string")
    model = keras.Model(inputs, layers.Dense(2)(words(inputs)))
    x = keras.ops.convert_to_tensor(np.array([["silk"], ["wool"], ["?"]]))
    np.testing.assert_allclose(copy_model(model)(x), model(x))


def test_lambda_layers_keep_their_function_arguments_and_what_they_see():
    scale = np.float32(3)
    model = chain(layers.Lambda(lambda t, power: scale * t**power, arguments={"power": 2}), layers.Dense(2))
    np.testing.assert_allclose(copy_model(model)(X), model(X), rtol=1e-5)
    np.testing.assert_allclose(to_lite(model).predict(X), model(X), rtol=1e-4, atol=1e-4)


class Closed(layers.Layer):
    def __init__(self, function, **options):
        super().__init__(**options)
        self.function = function

    def call(self, x):
        return self.function(x)


class Forgetful(layers.Layer):
    def __init__(self, units=2, **options):
        super().__init__(**options)
        self.dense = layers.Dense(units)

    def call(self, x):
        return self.dense(x)

    def get_config(self):
        return {"name": self.name}


class Sharing(layers.Layer):
    def __init__(self, dense, **options):
        super().__init__(**options)
        self.dense = dense

    def call(self, x):
        return self.dense(x)

    def get_config(self):
        return {**super().get_config(), "dense": keras.saving.serialize_keras_object(self.dense)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "dense": keras.saving.deserialize_keras_object(config["dense"])})


def shared_inside():
    dense = layers.Dense(4, name="dense")
    return chain(dense, Sharing(dense, name="own"))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: chain(Closed(lambda t: 2 * t, name="own")), r"'own' \(Closed\) cannot be copied: NotImplementedError"),
        (lambda: chain(Forgetful(5, name="own")), r"'own' \(Forgetful\) cannot be copied: .* has other weights"),
        (shared_inside, r"'own' \(Sharing\) cannot be copied: it shares '\S*dense/kernel' with the layer 'dense'"),
        (
            lambda: chain(chain(Around(layers.Lambda(lambda t: t), name="own"), layers.ReLU())),
            r"'sequential\S*/own' \(Around\) cannot be copied: ",
        ),
    ],
)
def test_what_cannot_be_copied_is_named_with_the_reason(build, message):
    model = build()
    for call in (copy_model, fold_batch_normalization, to_lite, lambda m: reuse_layers(m, -1)):
        with pytest.raises(ValueError, match=message):
            call(model)


def test_a_graph_that_a_method_call_of_ones_own_hides_is_refused():
    class Twice(keras.Model):
        def call(self, x, training=None):
            return 2 * super().call(x, training=training)

    inputs = keras.Input((4,))
    with pytest.raises(ValueError, match=r"connected by code in Twice\.call"):
        copy_model(Twice(inputs, layers.Dense(2)(inputs)))


def test_a_model_that_was_compiled_with_a_loss_of_ones_own_is_copied():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, layers.Dense(1)(inputs))
    model.compile(loss=lambda y, p: keras.ops.mean((y - p) ** 4), optimizer="sgd")
    copy = copy_model(model)
    np.testing.assert_allclose(copy(X), model(X), rtol=1e-6)
    assert not copy.compiled


def test_states_of_layers_inside_are_copied():
    model = chain(Block(4))
    model.layers[0].norm.trainable = False
    inner = copy_model(model).layers[0]
    assert (inner.trainable, inner.dense.trainable, inner.norm.trainable) == (True, True, False)


def test_weights_outside_of_layers_are_counted():
    class Scaled(keras.Model):
        def __init__(self):
            super().__init__(name="scaled")
            self.dense, self.scale = layers.Dense(2), self.add_weight(shape=(3,), name="scale")

        def call(self, x):
            return self.dense(x)

    model = Scaled()
    model(X)
    table = param_table(model)
    assert table.loc["scaled", "trainable"] == 3
    assert table["trainable"].sum() == model.count_params()


def test_labels_are_unique_where_names_and_paths_are_not():
    class Twins(keras.Model):
        def __init__(self):
            super().__init__()
            self.a, self.b = layers.Dense(4, name="same"), layers.Dense(4, name="same")

        def call(self, x):
            return self.b(self.a(x))

    model = Twins()
    model(X)
    assert list(labels(leaves(model)).values()) == ["same (1)", "same (2)"]
    assert param_table(model).index.tolist() == ["same (1)", "same (2)"]


def test_gradients_of_equal_names_in_a_layer_are_all_there():
    model = chain(Block(3), layers.Dense(1))
    signals = layer_signals(model, X, np.ones((5, 1)), loss="mse")
    block = next(signal for signal in signals if signal.type == "Block")
    assert len(block.weight_gradients) == len(model.layers[0].trainable_weights)


def test_private_attributes_of_others_stand_in_one_file():
    folder, found = Path(inspect.getfile(coursepkg.deep)).parent, {}
    for path in set(folder.glob("*.py")) - {folder / "_private.py"}:
        text = path.read_text(encoding="utf-8")
        own = set(re.findall(r"(?:def |self\.)(_[a-z]\w*)", text)) | {"_quiet", "_validation", "_private", "_files"}
        hits = set(re.findall(r"[\w\])]\.(_[a-z]\w*)", text)) - own
        hits |= set(re.findall(r"\bkeras\w*\.src\b", text))
        if hits:
            found[path.name] = hits
    assert found == {}
