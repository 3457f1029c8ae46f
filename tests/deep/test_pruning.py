"""Masks against a count by hand, and the callback against what a step would do without it."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from coursepkg.deep import fit_fast
from coursepkg.deep.pruning import (
    MagnitudePruning,
    cubic_sparsity,
    magnitude_masks,
    prune,
    sparsity_table,
    threshold,
)

layers = keras.layers
X = np.random.default_rng(0).normal(size=(96, 6)).astype("float32")
Y = X[:, :1] - 2 * X[:, 1:2]


def net(optimizer="sgd", **options):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((6,)), layers.Dense(10, activation="tanh", name="hidden", **options), layers.Dense(1, name="out")]
    )
    model.compile(loss="mse", optimizer=optimizer)
    return model


def kernels(model):
    return [np.asarray(layer.kernel) for layer in model.layers]


@pytest.mark.parametrize("sparsity", [0.0, 0.25, 0.9])
def test_each_layer_loses_its_smallest_weights(sparsity):
    model = net()
    masks = magnitude_masks(model, sparsity)
    for kernel, mask in zip(kernels(model), masks.values(), strict=True):
        assert (~mask).sum() == round(sparsity * kernel.size)
        if sparsity:
            assert abs(kernel[~mask]).max() <= abs(kernel[mask]).min()


def test_globally_one_limit_holds_for_all_layers():
    model = net()
    model.layers[1].kernel.assign(model.layers[1].kernel * 10)  # large weights: the other layer loses all
    masks = magnitude_masks(model, 0.5, scope="global")
    values = np.concatenate([kernel.ravel() for kernel in kernels(model)])
    kept = np.concatenate([mask.ravel() for mask in masks.values()])
    assert (~kept).sum() == 35
    assert abs(values[~kept]).max() <= np.quantile(abs(values), 0.5) <= abs(values[kept]).min()
    assert (~masks["out"]).mean() < (~masks["hidden"]).mean()


def test_equal_weights_are_removed_from_the_front():
    model = net()
    model.layers[1].kernel.assign(np.ones((10, 1)))
    np.testing.assert_array_equal(magnitude_masks(model, 0.3)["out"].ravel(), [False] * 3 + [True] * 7)


def test_only_kernels_are_pruned_also_within_a_model():
    inner = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3, name="conv"), layers.BatchNormalization()])
    inner.name = "inner"
    model = keras.Sequential([keras.Input((8, 8, 1)), inner, layers.Flatten(), layers.Dense(3, name="out")])
    before = [np.asarray(weight) for weight in model.weights if "kernel" not in weight.path]
    prune(model, 0.5)
    table = sparsity_table(model)
    assert list(table.index) == ["inner/conv", "out", "all"]
    assert table.loc["all"].tolist() == [36 + 432, 18 + 216, 0.5]
    after = [np.asarray(weight) for weight in model.weights if "kernel" not in weight.path]
    assert len(after) == 6
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_threshold():
    model = net()
    wanted = [np.where(abs(kernel) < 0.3, 0, kernel) for kernel in kernels(model)]
    threshold(model, 0.3)
    for kernel, expected in zip(kernels(model), wanted, strict=True):
        np.testing.assert_array_equal(kernel, expected)


def test_cubic_schedule_is_that_of_the_paper():
    schedule = cubic_sparsity(0.9, epochs=10, begin=2, initial=0.1)
    t = np.arange(15)
    wanted = np.where(t < 2, 0.1, np.where(t > 12, 0.9, 0.9 + (0.1 - 0.9) * (1 - (t - 2) / 10) ** 3))
    np.testing.assert_allclose([schedule(int(i)) for i in t], wanted)


class Watch(keras.callbacks.Callback):
    """Count zeros after every batch."""

    def __init__(self):
        super().__init__()
        self.shares = []

    def on_train_batch_end(self, batch, logs=None):
        self.shares.append(float(sparsity_table(self.model)["sparsity"]["all"]))


@pytest.mark.parametrize("optimizer", ["sgd", "adam", keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)])
def test_weights_stay_zero_in_each_step(optimizer):
    if not isinstance(optimizer, str):
        optimizer = type(optimizer).from_config(optimizer.get_config())
    model, watch = net(optimizer), Watch()
    model.fit(X, Y, epochs=2, verbose=0)  # the step is compiled before it hears of masks
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[MagnitudePruning(0.8), watch])
    assert watch.shares == [0.8] * 6
    model.fit(X, Y, epochs=1, verbose=0)
    assert sparsity_table(model)["zeros"]["all"] == 0  # without the callback, training fills the gaps


def test_the_step_is_keras_own_step_with_a_mask():
    model, free = net(), net()
    mask = magnitude_masks(model, 0.5)["hidden"]
    model.fit(X, Y, batch_size=96, verbose=0, callbacks=[MagnitudePruning(0.5)])
    prune(free, 0.5)
    free.fit(X, Y, batch_size=96, verbose=0)
    np.testing.assert_allclose(kernels(model)[0], kernels(free)[0] * mask, rtol=1e-5, atol=1e-7)


def test_fit_fast_gives_the_same():
    slow, fast = net("adam"), net("adam")
    options = {"epochs": 3, "batch_size": 32, "verbose": 0}
    records = []
    for fit in (slow.fit, lambda *a, **o: fit_fast(fast, *a, **o)):
        pruning = MagnitudePruning(cubic_sparsity(0.8, epochs=2), scope="global")
        keras.utils.set_random_seed(2)
        fit(X, Y, callbacks=[pruning], **options)
        records.append(pruning.history)
    assert records[0] == records[1]
    np.testing.assert_allclose(records[0], [0.0, 49 / 70, 56 / 70])
    for a, b in zip(kernels(slow), kernels(fast), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_constraint_of_the_layer_stays_in_force():
    constraint = keras.constraints.MaxNorm(0.5)
    model = net("adam", kernel_constraint=constraint)
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[MagnitudePruning(0.5)])
    assert np.linalg.norm(kernels(model)[0], axis=0).max() <= 0.5 + 1e-6
    assert sparsity_table(model)["sparsity"]["all"] == 0.5
    assert model.layers[0].kernel.constraint is constraint
    assert model.layers[1].kernel.constraint is None


def test_every_kind_of_kernel_is_found_by_its_path():
    inner = keras.Sequential([keras.Input((8, 8, 2)), layers.DepthwiseConv2D(2, name="depth")], name="inner")
    each = layers.TimeDistributed(layers.Dense(3, name="small"), name="each")
    stack = [inner, layers.Conv2D(2, 2, name="conv"), layers.Reshape((6, 12)), each]
    table = sparsity_table(prune(keras.Sequential([keras.Input((8, 8, 2)), *stack]), 0.5))
    assert table.index.tolist() == ["inner/depth", "conv", "each/small", "all"]
    assert table["sparsity"].tolist() == [0.5] * 4


def test_low_rank_weights_are_refused():
    model = net()
    model.layers[0].enable_lora(2)
    with pytest.raises(ValueError, match="is quantized or has low-rank weights, and cannot be pruned"):
        prune(model, 0.5)


def test_a_pruned_model_can_be_saved(tmp_path):
    model = net()
    model.fit(X, Y, verbose=0, callbacks=[MagnitudePruning(0.5)])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert sparsity_table(loaded).equals(sparsity_table(model))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: sparsity_table("net"), TypeError, "model must be a keras.Model; got str"),
        (lambda: prune(keras.Sequential([layers.Dense(2)], name="raw"), 0.5), ValueError, "'raw' is not built"),
        (
            lambda: prune(keras.Sequential([keras.Input((2,)), layers.ReLU()]), 0.5),
            ValueError,
            "no layer that can be pruned; expected one of Dense, Conv1D",
        ),
        (lambda: magnitude_masks(net(), 1.0), ValueError, r"sparsity must be a finite number in \[0, 1\); got 1.0"),
        (lambda: magnitude_masks(net(), "most"), TypeError, r"a number in \[0, 1\), or a function of the epoch"),
        (lambda: magnitude_masks(net(), 0.5, scope="row"), ValueError, "scope must be one of 'layer', 'global'"),
        (lambda: threshold(net(), -1), ValueError, "limit must be a finite number >= 0; got -1"),
        (lambda: cubic_sparsity(0.5, epochs=0), ValueError, "epochs must be an integer >= 1; got 0"),
        (lambda: cubic_sparsity(0.5, epochs=1, initial=0.6), ValueError, r"initial must be .* in \[0.0, 0.5\]|0.5"),
        (lambda: MagnitudePruning(1.5), ValueError, "sparsity must be a finite number"),
        (lambda: MagnitudePruning(0.5, scope="all"), ValueError, "scope must be one of"),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()
