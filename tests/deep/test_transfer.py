"""Reused layers against the model that they come from, and slowed layers against Keras's own optimizers."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from coursepkg.deep.transfer import (
    LayerwiseAdam,
    LayerwiseSGD,
    decaying_factors,
    freeze,
    reuse_layers,
    unfreeze,
)

BatchNormalization, Dense = keras.layers.BatchNormalization, keras.layers.Dense
X = np.random.default_rng(0).normal(size=(32, 4))
Y = X[:, :1] - X[:, 1:2]


def small_net(name="net"):
    keras.utils.set_random_seed(3)
    layers = [keras.Input((4,)), Dense(5, activation="tanh", name="low"), BatchNormalization(name="norm")]
    return keras.Sequential([*layers, Dense(3, name="high"), Dense(1, name="head")], name=name)


def branching_net():
    keras.utils.set_random_seed(4)
    inputs = keras.Input((4,), name="features")
    hidden = Dense(4, name="hidden")(inputs)
    total = keras.layers.Add(name="sum")([inputs, hidden])
    return keras.Model(inputs, Dense(2, name="head")(total))


def nested_net():
    return keras.Sequential([keras.Input((4,)), small_net("body"), Dense(1, name="top")])


def train(model, optimizer, steps=5):
    model.compile(loss="mse", optimizer=optimizer)
    model.fit(X, Y, epochs=steps, batch_size=len(X), shuffle=False, verbose=0)
    return model.get_weights()


def same(a, b):
    return [np.allclose(x, y, atol=1e-6) for x, y in zip(a, b, strict=True)]


# --- reuse_layers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "last", "inner"),
    [
        (small_net, "high", lambda m: m.layers[2].output),
        (small_net, 0, lambda m: m.layers[0].output),
        (branching_net, "sum", lambda m: m.get_layer("sum").output),
        (branching_net, -2, lambda m: m.get_layer("sum").output),
        (nested_net, "body", lambda m: m.layers[0].outputs[0]),
    ],
)
def test_the_reused_model_computes_the_same(make, last, inner):
    model = make()
    reused = reuse_layers(model, last, name="reused")
    expected = keras.Model(model.inputs[0], inner(model)) if make is not nested_net else model.layers[0]
    np.testing.assert_allclose(reused(X), expected(X), rtol=1e-5, atol=1e-6)
    assert reused.name == "reused"
    assert isinstance(reused, keras.Sequential) == isinstance(model, keras.Sequential)


def test_training_the_reused_model_leaves_the_source_alone():
    model = small_net()
    before = model.get_weights()
    reused = reuse_layers(model, "high")
    kept = [variable.path.split("/")[-2] for variable in reused.variables]
    assert {id(v) for v in reused.variables}.isdisjoint(id(v) for v in model.variables)
    after = train(keras.Sequential([keras.Input((4,)), reused, Dense(1)]), "sgd")
    assert all(same(model.get_weights(), before))
    assert not all(same(after[: len(kept)], before[: len(kept)]))


def test_the_states_of_the_layers_are_copied():
    model = nested_net()
    model.get_layer("body").get_layer("low").trainable = False
    reused = reuse_layers(model, "body")
    states = {layer.name: layer.trainable for layer in reused.get_layer("body").layers}
    assert states == {"low": False, "norm": True, "high": True, "head": True}


class Coded(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = Dense(3)

    def call(self, inputs):
        return self.hidden(inputs)


@pytest.mark.parametrize(
    ("model", "last", "error", "message"),
    [
        (lambda: [Dense(3)], -1, TypeError, "model must be a keras.Model; got list"),
        (lambda: keras.Sequential([Dense(3)]), -1, ValueError, "is not built; give it an Input"),
        (Coded, -1, ValueError, "connected by code in Coded.call"),
        (small_net, "body", ValueError, "last must be the name of a layer of 'net' .* got 'body', .*'low', 'norm'"),
        (small_net, 4, ValueError, "a position among its 4 layers; got 4"),
        (small_net, -5, ValueError, "got -5"),
        (small_net, True, ValueError, "got True"),
        (small_net, 1.0, ValueError, "got 1.0"),
    ],
)
def test_what_cannot_be_reused_is_named(model, last, error, message):
    with pytest.raises(error, match=message):
        reuse_layers(model(), last)


# --- freeze and unfreeze --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("last", "moved"), [("low", "norm high head"), (1, "high head"), (-2, "head")])
def test_only_what_is_not_frozen_moves(last, moved):
    model = small_net()
    before = {layer.name: layer.get_weights() for layer in model.layers}
    n = freeze(model, last)
    train(model, "sgd")
    changed = [name for name, old in before.items() if not all(same(model.get_layer(name).get_weights(), old))]
    assert changed == moved.split()
    assert n == sum(np.size(weight) for weight in model.trainable_weights)


def test_a_frozen_model_trains_nothing_and_an_unfrozen_one_everything_but_normalizations():
    model = nested_net()
    n = model.count_params()
    assert freeze(model) == 0
    model.trainable = False
    assert unfreeze(model) == n - 4 * 5
    assert unfreeze(model, normalizations=True) == n - 2 * 5
    assert unfreeze(model) == n - 4 * 5  # and back


def test_unfrozen_layers_begin_where_it_was_said():
    model = small_net()
    freeze(model)
    assert unfreeze(model, "high") == (5 * 3 + 3) + (3 + 1)
    assert [layer.trainable for layer in model.layers] == [False, False, True, True]
    nested = nested_net()
    freeze(nested)
    nested.get_layer("body").get_layer("high").trainable = True
    unfreeze(nested, "top")
    assert [layer.trainable for layer in nested.get_layer("body").layers] == [False, False, True, False]


def test_an_inner_model_is_frozen_layer_by_layer():
    """Keras leaves the layers of a model alone that has the wanted state already; a normalization would go on."""
    nested = nested_net()
    nested.get_layer("body").trainable = False
    norm = nested.get_layer("body").get_layer("norm")
    norm.trainable = True
    freeze(nested)
    assert norm.trainable is False


def test_a_normalization_that_stays_frozen_keeps_its_statistics():
    model = small_net()
    freeze(model)
    unfreeze(model)
    before = model.get_layer("norm").get_weights()
    train(model, "sgd")
    assert all(same(model.get_layer("norm").get_weights(), before))
    unfreeze(model, normalizations=True)
    train(model, "sgd")
    assert not any(same(model.get_layer("norm").get_weights(), before))


@pytest.mark.parametrize("change", [freeze, unfreeze])
def test_freezing_names_what_does_not_fit(change):
    with pytest.raises(TypeError, match=r"model must be a keras.Model; got Dense"):
        change(Dense(3))
    with pytest.raises(ValueError, match=r"must be the name of a layer of 'net' or a position .* got 'tail'"):
        change(small_net(), "tail")
    with pytest.raises(ValueError, match=r"normalizations must be one of True, False; got 'no'"):
        unfreeze(small_net(), normalizations="no")


# --- layer-wise rates -----------------------------------------------------------------------------------------------


def test_each_layer_takes_the_step_of_an_optimizer_with_its_own_rate():
    factors = {"low": 0.1, "norm": 0.0, "high": 0.5}
    model, before = small_net(), small_net().get_weights()
    after = train(model, LayerwiseSGD(0.2, factors=factors), steps=1)
    for name, factor in [*factors.items(), ("head", 1.0)]:
        other = small_net()
        train(other, keras.optimizers.SGD(0.2 * factor), steps=1)
        trained = other.get_layer(name).trainable_variables
        mine = model.get_layer(name).trainable_variables
        assert all(same(mine, trained)), name
    assert not all(same(after, before))


@pytest.mark.skipif(not hasattr(keras.optimizers, "MultiOptimizer"), reason="Keras 3.12 has no MultiOptimizer")
@pytest.mark.parametrize(
    ("ours", "theirs"), [(LayerwiseSGD, keras.optimizers.SGD), (LayerwiseAdam, keras.optimizers.Adam)]
)
def test_factors_agree_with_one_optimizer_of_keras_for_each_layer(ours, theirs):
    groups = keras.optimizers.OptimizerMap(theirs(0.1))
    groups[".*low/.*"], groups[".*high/.*"] = theirs(0.02), theirs(0.05)
    expected = train(small_net(), keras.optimizers.MultiOptimizer(groups))
    assert all(same(train(small_net(), ours(0.1, factors={"low": 0.2, "high": 0.5})), expected))


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        (LayerwiseSGD, keras.optimizers.SGD, {"momentum": 0.9, "nesterov": True}),
        (LayerwiseAdam, keras.optimizers.Adam, {"beta_1": 0.8}),
    ],
)
def test_without_factors_they_are_keras_own(ours, theirs, options):
    found = train(small_net(), ours(0.05, factors={}, **options))
    assert all(same(found, train(small_net(), theirs(0.05, **options))))


@pytest.mark.parametrize("cls", [LayerwiseSGD, LayerwiseAdam])
def test_a_factor_of_zero_freezes_and_one_for_all_is_a_smaller_rate(cls):
    before = small_net().get_weights()
    after = train(small_net(), cls(0.1, factors={"low": 0}))
    assert same(after, before)[:2] == [True, True]
    assert not any(same(after, before)[-2:])
    half = train(small_net(), cls(0.1, factors=dict.fromkeys(("low", "norm", "high", "head"), 0.5)))
    assert all(same(half, train(small_net(), cls(0.05, factors={}))))


def test_a_name_of_a_model_counts_for_its_layers_and_an_inner_name_counts_more():
    model = nested_net()
    optimizer = LayerwiseSGD(factors={"body": 0.1, "head": 0.5})
    optimizer.build(model.trainable_variables)
    assert optimizer.factor_of_variable == [0.1] * 6 + [0.5] * 2 + [1.0] * 2


@pytest.mark.parametrize("cls", [LayerwiseSGD, LayerwiseAdam])
def test_it_is_saved_and_goes_on_with_the_same_steps(cls, tmp_path):
    model = small_net()
    train(model, cls(0.05, factors={"low": 0.1}))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.factors == {"low": 0.1}
    for each in (model, loaded):
        each.fit(X, Y, epochs=3, batch_size=len(X), shuffle=False, verbose=0)
    assert all(same(model.get_weights(), loaded.get_weights()))


def test_factors_decay_towards_the_input():
    model = small_net()
    factors = decaying_factors(model, 2.6)
    assert factors == pytest.approx({"low": 2.6**-3, "norm": 2.6**-2, "high": 2.6**-1, "head": 1})
    freeze(model, "norm")
    assert decaying_factors(model, 2) == {"high": 0.5, "head": 1.0}
    assert decaying_factors(nested_net(), 10) == {"body": 0.1, "top": 1.0}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"factors": ["low"]}, TypeError, r"factors must be a dict .* got \['low'\]"),
        ({"factors": {"low": -1}}, ValueError, r"factors\['low'\] must be a finite number >= 0; got -1"),
        ({"factors": {"low": "a"}}, TypeError, r"factors\['low'\] must be a number >= 0; got 'a'"),
        ({"factors": {}, "weight_decay": 0.1}, ValueError, "weight_decay must be left out.*got 0.1"),
    ],
)
@pytest.mark.parametrize("cls", [LayerwiseSGD, LayerwiseAdam])
def test_factors_that_make_no_sense_are_named(cls, options, error, message):
    with pytest.raises(error, match=message):
        cls(**options)


def test_names_of_no_trained_layer_are_listed():
    model = small_net()
    with pytest.raises(
        ValueError, match=r"factors names \['hi'\], but .*; there are \['head', 'high', 'low', 'norm'\]"
    ):
        LayerwiseSGD(factors={"hi": 0.1}).build(model.trainable_variables)
    with pytest.raises(ValueError, match=r"decay must be a finite number >= 1; got 0.5"):
        decaying_factors(model, 0.5)
    with pytest.raises(TypeError, match=r"model must be a keras.Model"):
        decaying_factors("model", 2)


def test_a_position_may_be_an_integer_of_numpy():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
    assert reuse_layers(model, np.int64(-2)).output_shape == (None, 3)
    assert freeze(model, np.int32(0)) == 8
