"""The network with dropout against the one without, central differences, and the exact variance over the masks."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.scratch.gradcheck import numerical_gradient
from coursepkg.scratch.layers import Dense, Dropout
from coursepkg.scratch.mc_dropout import DropoutMLP
from coursepkg.scratch.mlp import MLP
from coursepkg.scratch.regularizers import dropout

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 5)), RNG.integers(3, size=60)
FIT = {"epochs": 3, "batch_size": 20, "learning_rate": 0.1, "momentum": 0.9, "seed": 4}


def test_with_rate_0_it_is_the_plain_network():
    plain = MLP([5, 8, 7, 3], output_activation="softmax", loss="sparse_categorical_crossentropy", seed=2)
    ours = DropoutMLP([5, 8, 7, 3], rate=0, seed=2)
    plain.fit(X, Y, **FIT)
    ours.fit(X, Y, **FIT)
    for expected, got in zip(plain.get_parameters(), ours.get_parameters(), strict=True):
        np.testing.assert_allclose(got, expected)
    np.testing.assert_allclose(ours.sample(X, 2, seed=0), np.stack([plain.predict_proba(X)] * 2))


def test_the_gradient_through_a_mask_is_that_of_central_differences():
    layers = [Dense(5, 4, activation="tanh", seed=1), Dropout(0.5)]
    W = layers[0].W.copy()
    G = np.random.default_rng(1).normal(size=(6, 4))

    def loss(W):
        layers[0].W = W
        # The same mask in each call.
        return (layers[1].forward(layers[0].forward(X[:6]), rng=np.random.default_rng(9)) * G).sum()

    measured = numerical_gradient(loss, W)
    loss(W)
    layers[0].backward(layers[1].backward(G))
    np.testing.assert_allclose(layers[0].grad_W, measured, atol=1e-7)
    assert (layers[1].mask == 0).any()
    assert set(np.unique(layers[1].mask)) == {0.0, 2.0}


def test_the_spread_of_a_log_ratio_is_the_exact_one():
    net = DropoutMLP([5, 30, 3], rate=0.3, seed=3)
    hidden = net.layers[0].forward(X[:4])
    w = net.layers[2].W[:, 0] - net.layers[2].W[:, 2]
    exact = np.sqrt(0.3 / 0.7 * ((w * hidden) ** 2).sum(axis=1))
    logs = np.log(net.sample(X[:4], 20_000, seed=0))
    np.testing.assert_allclose((logs[..., 0] - logs[..., 2]).std(axis=0), exact, rtol=0.02)


def test_training_drops_and_prediction_does_not():
    dropped, plain = DropoutMLP([5, 8, 3], rate=0.5, seed=1), DropoutMLP([5, 8, 3], rate=0, seed=1)
    dropped.fit(X, Y, **FIT)
    plain.fit(X, Y, **FIT)
    assert not np.allclose(dropped.layers[0].W, plain.layers[0].W)
    np.testing.assert_array_equal(dropped.predict_proba(X), dropped.predict_proba(X))


def test_samples_depend_on_the_seed_only():
    net = DropoutMLP([5, 8, 3], rate=0.5, seed=1)
    first = net.sample(X, 4, seed=7)
    assert first.shape == (4, 60, 3)
    np.testing.assert_array_equal(first, net.sample(X, 4, seed=7))
    assert not np.allclose(first, net.sample(X, 4, seed=8))
    assert not np.allclose(first[0], first[1])
    np.testing.assert_allclose(first.sum(axis=-1), 1)


def test_the_mask_is_that_of_the_function_with_checks():
    found = Dropout(0.3).forward(X, rng=np.random.default_rng(6))
    np.testing.assert_allclose(found, dropout(X, 0.3, seed=6)[0])


def test_every_instance_has_a_mask_of_its_own():
    net = DropoutMLP([5, 30, 3], rate=0.5, seed=1)
    answers = net.sample(np.repeat(X[:1], 50, axis=0), 1, seed=0)[0]
    assert len(np.unique(answers[:, 0])) > 20


def test_dropout_is_off_again_after_an_error():
    net = DropoutMLP([5, 8, 3], rate=0.5, seed=1)
    with pytest.raises(FloatingPointError):
        net.fit(1e200 * X, Y, learning_rate=1e200)
    H = net.layers[0].forward(X)
    np.testing.assert_array_equal(net.layers[1].forward(H), H)


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_a_rate_out_of_range_is_named(rate):
    with pytest.raises(ValueError, match=r"rate must be a finite number in \[0, 1\); got"):
        DropoutMLP([5, 8, 3], rate=rate)


def test_bad_requests_for_samples_are_named():
    net = DropoutMLP([5, 8, 3], rate=0.5)
    with pytest.raises(ValueError, match="n_samples must be an integer >= 1; got 0"):
        net.sample(X, 0)
    with pytest.raises(ValueError, match=r"X must have 5 column\(s\); got shape \(60, 4\)"):
        net.sample(X[:, :4], 2)
