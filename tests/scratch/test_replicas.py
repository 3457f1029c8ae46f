"""Stacked networks against single ones: the MLP of this package, and Keras with batch normalization."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from coursepkg.scratch.attention import LayerNormalization
from coursepkg.scratch.conv import Flatten
from coursepkg.scratch.layers import Dense, Dropout
from coursepkg.scratch.learned_activations import PReLU, Swish
from coursepkg.scratch.mlp import MLP
from coursepkg.scratch.optimizers import SGD, Adam
from coursepkg.scratch.recurrent import GRU, LSTM, SimpleRNN
from coursepkg.scratch.replicas import RecurrentReplicas, Replicas, side_by_side
from coursepkg.scratch.sequential import Sequential

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 5))
Y = RNG.integers(3, size=70)
HEAD = {"output_activation": "softmax", "loss": "sparse_categorical_crossentropy", "initializer": "he_normal"}


def test_each_replica_is_the_mlp_of_its_seed():
    nets = Replicas([5, 8, 6, 3], seeds=[4, 0, 7], hidden_activation="tanh")
    nets.fit(X, Y, optimizer=SGD(0.1, momentum=0.9), epochs=3, batch_size=16)
    results = nets.evaluate(X, Y)
    for j, seed in enumerate([4, 0, 7]):
        single = MLP([5, 8, 6, 3], hidden_activation="tanh", seed=seed, **HEAD)
        single.fit(X, Y, epochs=3, batch_size=16, learning_rate=0.1, momentum=0.9, seed=seed)
        for ours, theirs in zip(nets.keras_weights(j), single.parameters, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-12)
        wanted = single.evaluate(X, Y)
        assert results["loss"][j] == pytest.approx(wanted["loss"])
        assert results["accuracy"][j] == wanted["accuracy"]


@pytest.mark.parametrize("normalize", [False, True])
def test_each_replica_may_have_its_own_rate(normalize):
    rates = np.array([0.05, 0.2])
    options = {"normalize": normalize}
    both = Replicas([5, 8, 3], seeds=[1, 2], **options)
    both.fit(X, Y, optimizer=Adam(lambda t: rates[:, None, None] / (1 + t)), epochs=2)
    for j in range(2):
        alone = Replicas([5, 8, 3], seeds=[j + 1], **options)
        alone.fit(X, Y, optimizer=Adam(lambda t, j=j: rates[j] / (1 + t)), epochs=2)
        for a, b in zip(both.keras_weights(j), alone.keras_weights(0), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)


def test_each_replica_stops_where_the_mlp_of_its_seed_stops():
    seeds, held_out = [4, 0, 7], (X[40:], Y[40:])
    nets = Replicas([5, 8, 3], seeds=seeds)
    options = {"epochs": 40, "batch_size": 10, "validation_data": held_out, "patience": 3}
    nets.fit(X[:40], Y[:40], optimizer=SGD(0.1, momentum=0.9), **options)
    assert len(set(nets.best_epochs)) > 1, "all stop at once: this data shows nothing"
    for j, seed in enumerate(seeds):
        single = MLP([5, 8, 3], seed=seed, **HEAD)
        history = single.fit(X[:40], Y[:40], learning_rate=0.1, momentum=0.9, seed=seed, **options)
        assert nets.best_epochs[j] == np.argmin(history["val_loss"]) == len(history["val_loss"]) - 4
        for ours, theirs in zip(nets.keras_weights(j), single.parameters, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_what_diverges_at_once_stays_visible_when_others_stop():
    rates = np.array([0.1, 1e200])[:, None, None]
    nets = Replicas([5, 8, 3], seeds=[1, 1])
    nets.fit(X, Y, optimizer=SGD(lambda t: rates), epochs=5, validation_data=(X, Y), patience=2)
    assert np.isfinite(nets.evaluate(X, Y)["loss"]).tolist() == [True, False]


def test_normalized_replicas_keep_their_moving_averages_too():
    nets = Replicas([5, 8, 3], seeds=[1, 2], normalize=True)
    options = {"batch_size": 10, "validation_data": (X[40:], Y[40:]), "patience": 2}
    nets.fit(X[:40], Y[:40], optimizer=SGD(0.3), epochs=30, **options)
    for j, epoch in enumerate(nets.best_epochs):
        alone = Replicas([5, 8, 3], seeds=[j + 1], normalize=True)
        alone.fit(X[:40], Y[:40], optimizer=SGD(0.3), epochs=int(epoch) + 1, batch_size=10)
        for a, b in zip(nets.keras_weights(j), alone.keras_weights(0), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-12)


def test_normalized_replicas_are_keras_models():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    layers = keras.layers
    model = keras.Sequential([keras.Input((5,))])
    for units in (8, 6):
        model.add(layers.Dense(units, use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.75))
        model.add(layers.Activation("tanh"))
    model.add(layers.Dense(3, activation="softmax"))
    model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.125, momentum=0.5))
    nets = Replicas([5, 8, 6, 3], seeds=[3, 9], hidden_activation="tanh", normalize=True, momentum=0.75)
    model.set_weights(nets.keras_weights(1))
    nets.fit(X, Y, optimizer=SGD(0.125, momentum=0.5), epochs=2, batch_size=35)
    rng = np.random.default_rng(9)
    for _ in range(2):
        order = rng.permutation(70)
        for batch in np.split(order, 2):
            model.train_on_batch(X[batch], Y[batch])
    for ours, theirs in zip(nets.keras_weights(1), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
    loss = model.evaluate(X, Y, verbose=0)
    assert nets.evaluate(X, Y)["loss"][1] == pytest.approx(loss, abs=1e-9)


def test_a_replica_that_overflows_does_not_harm_the_others():
    rates = np.array([1e200, 0.1])[:, None, None]
    nets = Replicas([5, 8, 3], seeds=[0, 1])
    nets.fit(X, Y, optimizer=SGD(lambda t: rates), epochs=3)
    good = Replicas([5, 8, 3], seeds=[1]).fit(X, Y, optimizer=SGD(0.1), epochs=3)
    np.testing.assert_allclose(nets.keras_weights(1)[0], good.keras_weights(0)[0])
    found = nets.evaluate(X, Y)
    assert np.isnan(found["loss"][0])
    assert np.isnan(found["accuracy"][0])  # a network of NaN does not guess the first class
    assert found["accuracy"][1] == good.evaluate(X, Y)["accuracy"][0]
    assert np.isnan(nets.keras_weights(0)[0]).any()


def test_one_input_and_the_order_of_the_parameters():
    nets = Replicas([1, 4, 3], seeds=[0, 1], normalize=True)
    assert [a.shape for a in nets.parameters] == [(2, 1, 4), (2, 1, 4), (2, 1, 4), (2, 4, 3), (2, 1, 3)]
    assert [a.shape for a in nets.keras_weights(1)] == [(1, 4), (4,), (4,), (4,), (4,), (4, 3), (3,)]


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: LayerNormalization(8), id="layer normalization"),
        pytest.param(lambda: LayerNormalization(8, groups=2), id="group normalization"),
        pytest.param(lambda: PReLU(8), id="PReLU"),
        pytest.param(lambda: Swish(8), id="Swish"),
    ],
)
def test_layers_that_learn_a_number_a_unit_take_the_steps_of_single_ones(made):
    def network(seed):
        return Sequential([Dense(5, 8, seed=seed), made(), Dense(8, 3, seed=seed)])

    nets = Replicas.of([network(seed) for seed in (0, 1)], seeds=[0, 1])
    nets.fit(X, Y, optimizer=SGD(0.1, momentum=0.9), epochs=3, batch_size=16)
    for j in range(2):
        one = network(j)
        one.layers[-1] = Dense(8, 3, activation="softmax", seed=j)
        options = {"loss": "sparse_categorical_crossentropy", "optimizer": SGD(0.1, momentum=0.9)}
        one.fit(X, Y, epochs=3, batch_size=16, seed=j, **options)
        for ours, theirs in zip(nets.parameters, one.parameters, strict=True):
            assert ours[j].size == theirs.size
            np.testing.assert_allclose(ours[j].reshape(theirs.shape), theirs, rtol=0, atol=1e-12)


def test_dropout_draws_a_mask_for_each_replica():
    nets = side_by_side([Sequential([Dense(5, 400, seed=0), Dropout(0.25)]) for _ in range(2)])
    out = nets.forward(np.ones((2, 1, 5)), training=True, rng=np.random.default_rng(0))
    dropped = (out == 0)[:, 0]
    assert np.abs(dropped.mean(axis=1) - 0.25).max() < 0.1
    assert (dropped[0] != dropped[1]).any()


def test_layers_that_cannot_be_stacked_are_named():
    with pytest.raises(TypeError, match="replicas hold dense layers, normalizations and activations; got Flatten"):
        side_by_side([Flatten(), Flatten()])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Replicas([5], seeds=[0]), ValueError, "sizes must hold at least"),
        (lambda: Replicas([5, 3], seeds=[]), ValueError, "seeds must hold at least one seed"),
        (lambda: Replicas([5, 3], seeds=[0.5]), TypeError, "seeds must be an integer"),
        (lambda: Replicas([5, 3], seeds=[0], normalize=1), ValueError, "normalize must be one of True, False"),
        (lambda: Replicas([5, 3], seeds=[0]).evaluate(X[:, :4], Y), ValueError, r"5 column\(s\); got shape \(70, 4\)"),
        (lambda: Replicas([5, 3], seeds=[0]).evaluate(X, Y + 1), ValueError, "y must hold integers from 0 to 2"),
        (lambda: Replicas([5, 3], seeds=[0]).evaluate(X, Y[:9]), ValueError, "y must have length 70"),
        (
            lambda: Replicas([5, 3], seeds=[0]).fit(X, Y, optimizer=SGD(0.1), epochs=0),
            ValueError,
            "epochs must be an integer >= 1",
        ),
        (
            lambda: Replicas([5, 3], seeds=[0]).fit(X, Y, optimizer=SGD(0.1), patience=2),
            ValueError,
            "validation_data and patience belong together",
        ),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("cell", [SimpleRNN, LSTM, GRU])
def test_recurrent_replicas_take_the_steps_of_single_networks(cell):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 6, 3)), rng.integers(2, size=40)
    rates = [0.02, 0.05]
    nets = RecurrentReplicas(cell, [3, 4, 2], seeds=[5, 6])
    nets.fit(X, y, optimizer=Adam(lambda t: np.reshape(rates, (2, 1, 1))), epochs=3, batch_size=16)
    for j, (seed, rate) in enumerate(zip([5, 6], rates, strict=True)):
        draws = np.random.default_rng(seed)
        layers = [cell(3, 4, seed=draws), Dense(4, 2, activation="softmax", seed=draws)]
        one = Sequential(layers, loss="sparse_categorical_crossentropy")
        one.fit(X, y, optimizer="Adam", schedule=lambda t, rate=rate: rate, epochs=3, batch_size=16, seed=seed)
        for ours, theirs in zip(nets.keras_weights(j), one.parameters, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-10)
        for name, value in one.evaluate(X, y).items():
            assert nets.evaluate(X, y)[name][j] == pytest.approx(value, abs=1e-10)


def test_recurrent_replicas_say_what_does_not_fit():
    nets = RecurrentReplicas(GRU, [3, 4, 2], seeds=[0])
    with pytest.raises(ValueError, match="X must"):
        nets.evaluate(np.ones((5, 3)), np.zeros(5))
    with pytest.raises(ValueError, match="y must hold integers from 0 to 1"):
        nets.evaluate(np.ones((5, 7, 3)), np.full(5, 2))


def test_targets_may_be_probabilities():
    one_hot, by_class = np.eye(3)[Y], Replicas([5, 8, 3], seeds=[1, 2])
    by_class.fit(X, Y, optimizer=Adam(0.01), epochs=2)
    by_row = Replicas([5, 8, 3], seeds=[1, 2]).fit(X, one_hot, optimizer=Adam(0.01), epochs=2)
    for a, b in zip(by_class.parameters, by_row.parameters, strict=True):
        np.testing.assert_array_equal(a, b)
    assert by_row.evaluate(X, one_hot)["loss"] == pytest.approx(by_class.evaluate(X, Y)["loss"])
    with pytest.raises(ValueError, match="sum to 1"):
        by_row.fit(X, one_hot / 2, optimizer=Adam(0.01))


def test_a_step_at_a_temperature_is_that_of_keras_distillation():
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    logits, T = RNG.normal(size=(70, 3)) * 3, 2.5
    nets = Replicas([5, 8, 3], seeds=[4])
    student = keras.Sequential([keras.Input((5,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(3)])
    student.set_weights(nets.keras_weights(0))
    teacher = keras.Sequential([keras.Input((5,)), keras.layers.Lambda(lambda x: keras.ops.convert_to_tensor(logits))])
    # Given by its name, which is the default, Keras 3.15 computes the divergence of the bare logits.
    by_logits = keras.distillation.LogitsDistillation(temperature=T, loss=keras.losses.KLDivergence())
    distiller = keras.distillation.Distiller(teacher, student, by_logits, student_loss_weight=0.0)
    distiller.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(0.1))
    distiller.fit(X, Y, batch_size=70, shuffle=False, verbose=0)
    soft = np.exp(logits / T) / np.exp(logits / T).sum(axis=1, keepdims=True)
    nets.fit(X, soft, optimizer=SGD(0.1), batch_size=70, temperature=T)
    for ours, theirs in zip(nets.keras_weights(0), student.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
