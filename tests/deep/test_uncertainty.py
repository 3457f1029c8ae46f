"""Monte Carlo layers and models against Keras in training mode, and against exact means and variances."""

from __future__ import annotations

import subprocess
import sys

import keras
import numpy as np
import pytest

from coursepkg.deep.uncertainty import MCAlphaDropout, MCDropout, mc_samples, to_monte_carlo

layers = keras.layers
X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")


def shaken(model, seed=0):
    """Give every weight, moving averages included, a random value, so that nothing is 0 or 1 by chance."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.uniform(0.1, 0.9, size=weight.shape) for weight in model.get_weights()])
    return model


def kinds(model):
    inner = [kinds(layer) for layer in model.layers if isinstance(layer, keras.Model)]
    own = [type(layer).__name__ for layer in model.layers if "Dropout" in type(layer).__name__]
    return sum(inner, own)


def dense_net():
    stack = [keras.Input((4,)), layers.Dense(8), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.5)]
    return keras.Sequential([*stack, layers.Dense(3, "softmax")], name="dense_net")


def branched_net():
    inputs = keras.Input((4,))
    left = layers.AlphaDropout(0.3)(layers.Dense(5, "selu")(inputs))
    right = layers.Dropout(0.3)(layers.Dense(5)(inputs), training=False)  # an argument that must not switch it off
    return keras.Model(inputs, {"sum": layers.Add()([left, right]) * 2.0, "left": layers.Dense(2)(left)})


def nested_net():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Dropout(0.5)], name="inner")
    inputs = keras.Input((4,))
    both = layers.Concatenate()([inner(inputs), inner(inputs + 1.0)])  # shared
    return keras.Model(inputs, layers.Dense(2)(both))


@pytest.mark.parametrize("kind", [MCDropout, MCAlphaDropout])
@pytest.mark.parametrize("training", [None, False, True])
def test_a_layer_is_the_base_class_in_training_whatever_it_is_told(kind, training):
    x = np.random.default_rng(1).normal(size=(20, 30)).astype("float32")
    base = kind.__mro__[1](0.3, seed=5)
    options = {} if training is None else {"training": training}
    np.testing.assert_array_equal(np.asarray(kind(0.3, seed=5)(x, **options)), np.asarray(base(x, training=True)))


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (dense_net, ["MCDropout"]),
        (branched_net, ["MCAlphaDropout", "MCDropout"]),
        (nested_net, ["MCDropout"]),
    ],
)
def test_all_dropout_is_converted_and_the_weights_are_kept(build, expected):
    model = shaken(build())
    sampler = to_monte_carlo(model)
    assert kinds(sampler) == expected
    assert not set(kinds(model)) & set(expected), "the model itself was changed"
    named = [[w.path for w in some.weights] for some in (model, sampler)]
    assert named[0] == named[1]
    for old, new in zip(model.get_weights(), sampler.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    sampler.set_weights([0 * weight for weight in sampler.get_weights()])
    assert min(np.abs(weight).min() for weight in model.get_weights()) > 0, "the weights are shared"
    fresh = to_monte_carlo(model)
    spread = keras.tree.flatten(keras.tree.map_structure(lambda s: np.ptp(s, axis=0).max(), mc_samples(fresh, X, 30)))
    assert min(spread) > 0


def test_the_samples_have_the_exact_mean_and_variance():
    model = shaken(keras.Sequential([keras.Input((4,)), layers.Dropout(0.2), layers.Dense(3)]))
    W, b = model.get_weights()
    samples = mc_samples(to_monte_carlo(model), X, 20_000)
    spread = np.sqrt(0.2 / 0.8 * (X**2) @ (W**2))
    np.testing.assert_allclose(samples.mean(axis=0), X @ W + b, atol=0.05)
    np.testing.assert_allclose(samples.std(axis=0), spread, rtol=0.05)


def test_batch_normalization_stays_in_inference_mode():
    model = shaken(dense_net())
    sampler = to_monte_carlo(model)
    before = [weight.copy() for weight in sampler.get_weights()]
    together = mc_samples(sampler, X, 3000).mean(axis=0)
    alone = np.concatenate([mc_samples(sampler, X[i : i + 1], 3000).mean(axis=0) for i in range(len(X))])
    np.testing.assert_allclose(together, alone, atol=0.03)  # in training mode the neighbors would change the answer
    for old, new in zip(before, sampler.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (layers.SpatialDropout1D, (7, 9)),
        (layers.SpatialDropout2D, (3, 5, 9)),
        (layers.SpatialDropout3D, (2, 3, 2, 9)),
    ],
)
def test_spatial_dropout_still_drops_whole_channels(kind, shape):
    sampler = to_monte_carlo(keras.Sequential([keras.Input(shape), kind(0.5)]))
    out = np.asarray(sampler(np.ones((40, *shape)))).reshape(40, -1, 9)
    np.testing.assert_array_equal(out.min(axis=1), out.max(axis=1))
    assert 0.3 < (out == 0).mean() < 0.7


def test_channels_that_come_first_are_dropped_as_a_whole_too():
    sampler = to_monte_carlo(
        keras.Sequential([keras.Input((9, 3, 5)), layers.SpatialDropout2D(0.5, data_format="channels_first")])
    )
    out = np.asarray(sampler(np.ones((40, 9, 3, 5)))).reshape(40, 9, -1)
    np.testing.assert_array_equal(out.min(axis=2), out.max(axis=2))


def test_converting_twice_changes_nothing_more():
    once = to_monte_carlo(shaken(dense_net()))
    twice = to_monte_carlo(once)
    assert kinds(twice) == ["MCDropout"]
    assert twice.get_layer(index=3).rate == 0.5


def test_a_saved_sampler_can_be_loaded_where_the_module_is_imported(tmp_path):
    to_monte_carlo(shaken(dense_net())).save(tmp_path / "sampler.keras")
    program = f"""
from coursepkg.deep import uncertainty
import keras, numpy as np
model = keras.saving.load_model({str(tmp_path / "sampler.keras")!r})
print(np.ptp(uncertainty.mc_samples(model, np.ones((1, 4)), 50), axis=0).max() > 0)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith("True")


@pytest.mark.parametrize("max_rows", [1, 5, 6, 1000])
def test_samples_keep_their_places_however_the_rows_are_split(max_rows):
    calls = []

    def model(rows, *, training):
        calls.append(len(rows))
        assert training is False
        return rows * 2

    samples = mc_samples(model, X, 5, max_rows=max_rows)
    np.testing.assert_allclose(samples, np.stack([2 * X] * 5))
    assert max(calls) <= max_rows
    assert sum(calls) == 30


@pytest.mark.parametrize("collection", [dict, tuple, list])
def test_several_inputs_are_split_together(collection):
    def model(parts, *, training):
        assert isinstance(parts, collection)
        a, b = parts.values() if isinstance(parts, dict) else parts
        b = b[:, :-1]
        return {"sum": a + b, "first": a}

    second = np.column_stack([X + 1, X[:, 0]])
    x = {"a": X, "b": second} if collection is dict else collection([X, second])
    samples = mc_samples(model, x, 3, max_rows=4)
    np.testing.assert_allclose(samples["sum"], np.stack([2 * X + 1] * 3), rtol=1e-6)
    np.testing.assert_allclose(samples["first"], np.stack([X] * 3))


def test_a_list_of_two_inputs_is_what_a_tuple_is():
    a, b = keras.Input((4,)), keras.Input((4,))
    model = to_monte_carlo(keras.Model([a, b], layers.Dropout(0.5)(layers.Concatenate()([a, b]))))
    x = np.ones((5, 4)), np.ones((5, 4))
    assert mc_samples(model, x, 3).shape == mc_samples(model, list(x), 3).shape == (3, 5, 8)
    rows = mc_samples(to_monte_carlo(stack(layers.Dropout(0.5))), np.ones((5, 4)).tolist(), 3)  # and this is one input
    assert rows.shape == (3, 5, 4)


def stack(*inner, shape=(4,), name="some"):
    return keras.Sequential([keras.Input(shape), *inner], name=name)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: stack(layers.Dense(2)), r"'some' has no dropout layer with a rate above 0.*types Dense$"),
        (lambda: stack(layers.Dropout(0.0), layers.Dense(2)), "no dropout layer with a rate above 0"),
        (lambda: stack(layers.LSTM(2, dropout=0.1, name="memory"), shape=(3, 4)), r"converted, in memory \(LSTM\)"),
        (lambda: stack(layers.GRU(2, recurrent_dropout=0.1, name="g"), shape=(3, 4)), r"converted, in g \(GRU\)"),
        (
            lambda: stack(layers.TimeDistributed(layers.Dropout(0.1), name="each"), shape=(3, 4)),
            r"in each \(TimeDistributed\)",
        ),
        (lambda: stack(layers.GaussianDropout(0.1, name="noisy")), r"in noisy \(GaussianDropout\)"),
        (lambda: keras.Sequential([layers.Dropout(0.5)], name="open"), "'open' is not built"),
    ],
)
def test_what_cannot_be_converted_is_named(build, message):
    with pytest.raises(ValueError, match=message):
        to_monte_carlo(build())


def test_attention_with_dropout_of_its_own_is_named():
    inputs = keras.Input((3, 4))
    out = layers.MultiHeadAttention(2, 2, dropout=0.1, name="look")(inputs, inputs)
    with pytest.raises(ValueError, match=r"in look \(MultiHeadAttention\)"):
        to_monte_carlo(keras.Model(inputs, out))


def test_recurrent_layers_without_dropout_do_no_harm():
    sampler = to_monte_carlo(stack(layers.LSTM(2), layers.Dropout(0.5), shape=(3, 4)))
    assert kinds(sampler) == ["MCDropout"]


def test_a_subclass_and_other_objects_are_rejected():
    class Own(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(ValueError, match="connected by code in Own.call"):
        to_monte_carlo(Own())
    with pytest.raises(TypeError, match="model must be a keras.Model; got str"):
        to_monte_carlo("model")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((X, 0), ValueError, "n_samples must be an integer >= 1; got 0"),
        ((X, 2.0), TypeError, "n_samples must be an integer >= 1; got 2.0"),
        ((X[:0], 2), ValueError, r"at least one instance, as many in each array; got the lengths \[0\]"),
        (({"a": X, "b": X[:3]}, 2), ValueError, r"got the lengths \[3, 6\]"),
    ],
)
def test_bad_requests_for_samples_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        mc_samples(lambda x, training: x, *arguments)
