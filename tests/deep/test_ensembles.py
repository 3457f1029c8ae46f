"""Ensembles: votes and disagreement against scikit-learn, snapshots against trainings that end earlier."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.metrics import zero_one_loss
from sklearn.tree import DecisionTreeClassifier

from coursepkg.deep import Snapshots, average_weights, disagreement, vote

RNG = np.random.default_rng(0)
P = RNG.dirichlet(np.ones(4), size=(5, 60))  # five members, sixty instances, four classes


def small_model(optimizer):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "tanh"), keras.layers.Dense(2, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer)
    return model


def test_votes_decide_as_those_of_scikit_learn():
    X, y = RNG.normal(size=(120, 3)), RNG.integers(4, size=120)
    trees = [(f"tree{j}", DecisionTreeClassifier(max_depth=3, max_features=1, random_state=j)) for j in range(5)]
    voting = VotingClassifier(trees).fit(X, y)
    members = np.stack([tree.predict_proba(X) for tree in voting.estimators_])
    np.testing.assert_array_equal(vote(members).argmax(axis=1), voting.predict(X))


def test_votes_are_shares():
    shares = vote(P)
    assert shares.shape == (60, 4)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_array_equal(vote(P[:1]).argmax(axis=1), P[0].argmax(axis=1))


def test_disagreement_counts_pairs_that_differ():
    answers, got = P.argmax(axis=2), disagreement(P)
    for i in range(5):
        for j in range(5):
            assert got[i, j] == pytest.approx(zero_one_loss(answers[i], answers[j]))


@pytest.mark.parametrize("function", [vote, disagreement])
def test_answers_need_an_axis_of_members(function):
    with pytest.raises(ValueError, match="probabilities"):
        function(P[0])


def test_average_of_weights():
    first, second = [[RNG.normal(size=shape) for shape in ((3, 2), (2,))] for _ in range(2)]
    for got, a, b in zip(average_weights([first, second]), first, second, strict=True):
        np.testing.assert_allclose(got, (a + b) / 2)


@pytest.mark.parametrize("weights", [[], [[np.ones(2)], [np.ones(3)]], [[np.ones(2)], [np.ones(2), np.ones(1)]]])
def test_weights_that_do_not_fit_are_refused(weights):
    with pytest.raises(ValueError, match="same shapes"):
        average_weights(weights)


def test_snapshots_are_the_weights_after_each_cycle():
    X, y = RNG.normal(size=(24, 3)), RNG.integers(2, size=24)
    model, snapshots = small_model(keras.optimizers.SGD(0.1)), Snapshots(2)
    model.fit(X, y, epochs=5, batch_size=8, shuffle=False, verbose=0, callbacks=[snapshots])
    assert len(snapshots.weights) == 2  # the third cycle is not full
    own, members = model.get_weights(), snapshots.predict(X)
    assert members.shape == (2, 24, 2)
    for kept, theirs in zip(model.get_weights(), own, strict=True):
        np.testing.assert_array_equal(kept, theirs)
    for cycles in (1, 2):
        shorter = small_model(keras.optimizers.SGD(0.1))
        shorter.fit(X, y, epochs=2 * cycles, batch_size=8, shuffle=False, verbose=0)
        for kept, wanted in zip(snapshots.weights[cycles - 1], shorter.get_weights(), strict=True):
            np.testing.assert_allclose(kept, wanted, atol=1e-6)
        np.testing.assert_allclose(members[cycles - 1], shorter.predict(X, verbose=0), atol=1e-6)
    model.fit(X, y, epochs=2, verbose=0, callbacks=[snapshots])
    assert len(snapshots.weights) == 1  # of the last training


def test_snapshots_before_any_training_are_refused():
    with pytest.raises(ValueError, match="no snapshots yet"):
        Snapshots(2).predict(np.ones((1, 3)))
    with pytest.raises(ValueError, match="epochs"):
        Snapshots(0)


def test_moving_average_of_keras_is_the_formula_of_the_chapter():
    X, y = RNG.normal(size=(24, 3)), RNG.integers(2, size=24)
    model = small_model(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.75))
    passed = []
    keep = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: passed.append(model.get_weights()))
    model.fit(X, y, epochs=2, batch_size=8, verbose=0, callbacks=[keep])
    mean = passed[0]  # after the first step
    for weights in passed[1:]:
        mean = [0.75 * old + 0.25 * new for old, new in zip(mean, weights, strict=True)]
    for got, wanted in zip(model.get_weights(), mean, strict=True):  # fit ends with the averages in the model
        np.testing.assert_allclose(got, wanted, atol=1e-6)


def test_restarts_of_keras_are_the_cycles_of_the_chapter():
    schedule = keras.optimizers.schedules.CosineDecayRestarts(0.5, 10, t_mul=1.0)
    t = np.arange(30)
    wanted = 0.25 * (1 + np.cos(np.pi * (t % 10) / 10))
    np.testing.assert_allclose([float(schedule(int(step))) for step in t], wanted, atol=1e-6)
