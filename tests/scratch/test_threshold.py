"""The perceptron against scikit-learn's, and against what Novikoff proved about it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Perceptron as SklearnPerceptron
from sklearn.utils.estimator_checks import parametrize_with_checks

from coursepkg.scratch import Perceptron, heaviside, layer, novikoff_bound, sign


@parametrize_with_checks([Perceptron()])
def test_it_is_a_scikit_learn_estimator(estimator, check):
    check(estimator)


def separable(seed, n=60, features=3, margin=0.1):
    """Points at least ``margin`` away from a random plane, and the side of each."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=features)
    normal /= np.linalg.norm(normal)
    X = rng.normal(size=(4 * n, features))
    distance = X @ normal + 0.2
    keep = np.flatnonzero(np.abs(distance) >= margin)[:n]
    return X[keep], (distance[keep] > 0).astype(int), normal, 0.2


def iris_petals():
    iris = load_iris()
    return iris.data[:, 2:], iris.target


def sequential_mistakes(X, y, epochs):
    """The learning rule as textbooks write it: one instance after the other."""
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        count = 0
        for x, target in zip(X, np.where(y == 1, 1.0, -1.0), strict=True):
            if target * (x @ w + b) <= 0:
                w, b, count = w + target * x, b + target, count + 1
        mistakes.append(count)
    return w, b, mistakes


@pytest.mark.parametrize("seed", range(5))
def test_blocks_make_the_same_corrections_as_one_instance_after_the_other(seed):
    X, y, *_ = separable(seed, n=200)
    w, b, mistakes = sequential_mistakes(X, y, epochs=4)
    model = Perceptron(max_epochs=4).fit(X, y)
    assert model.mistakes_[:, 0].tolist() == mistakes[: model.n_epochs_]
    np.testing.assert_allclose(model.weights_[:, 0], w, atol=1e-9)
    np.testing.assert_allclose(model.biases_, [b])


@pytest.mark.parametrize("learning_rate", [1.0, 0.1])
def test_same_weights_as_scikit_learn_for_three_classes(learning_rate):
    X, y = iris_petals()
    ours = Perceptron(learning_rate=learning_rate, max_epochs=20).fit(X, y)
    theirs = SklearnPerceptron(eta0=learning_rate, shuffle=False, tol=None, max_iter=20).fit(X, y)
    np.testing.assert_allclose(ours.weights_, theirs.coef_.T, atol=1e-9)
    np.testing.assert_allclose(ours.biases_, theirs.intercept_, atol=1e-9)
    assert (ours.predict(X) == theirs.predict(X)).all()


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_separable_data_are_learned_within_novikoffs_bound(seed):
    X, y, normal, bias = separable(seed)
    model = Perceptron().fit(X, y)
    assert model.mistakes_[-1].sum() == 0
    assert (model.predict(X) == y).all()
    assert model.mistakes_.sum() <= novikoff_bound(X, np.where(y == 1, 1, -1), normal, bias)


@given(st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_the_learning_rate_changes_no_prediction(learning_rate):
    X, y, *_ = separable(3)
    one, other = Perceptron(max_epochs=3).fit(X, y), Perceptron(learning_rate, max_epochs=3).fit(X, y)
    np.testing.assert_allclose(other.weights_, learning_rate * one.weights_, rtol=1e-9)
    assert (one.predict(X) == other.predict(X)).all()


def test_history_starts_at_zero_and_ends_at_the_result():
    X, y, *_ = separable(0)
    model = Perceptron().fit(X, y)
    assert model.weight_history_.shape == (model.n_epochs_ + 1, 3, 1)
    assert not model.weight_history_[0].any()
    assert not model.bias_history_[0].any()
    assert (model.weight_history_[-1] == model.weights_).all()
    assert (model.bias_history_[-1] == model.biases_).all()


def test_xor_is_never_learned():
    model = Perceptron(max_epochs=50).fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    assert model.n_epochs_ == 50
    assert (model.mistakes_ > 0).all()


def test_labels_of_any_kind_come_back():
    model = Perceptron().fit([[0.0], [1.0], [2.0], [3.0]], ["cat", "cat", "dog", "dog"])
    assert model.predict([[-1.0], [4.0]]).tolist() == ["cat", "dog"]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_step_functions_agree_with_numpy(z):
    np.testing.assert_array_equal(heaviside(z), np.heaviside(z, 1.0))
    np.testing.assert_array_equal(sign(z), np.sign(z))


def test_a_layer_applies_its_activation_to_xw_plus_b():
    rng = np.random.default_rng(0)
    X, W, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    np.testing.assert_allclose(layer(X, W, b, np.tanh), np.tanh(np.einsum("ni,ij->nj", X, W) + b))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layer([[1, 2]], [[1], [2], [3]], [0]), r"W must have length 2; got shape \(3, 1\)"),
        (lambda: layer([[1, 2]], [[1], [2]], [0, 0]), r"b must have length 1; got shape \(2,\)"),
        (lambda: layer([1, 2], [[1], [2]], [0]), r"X must have 2 dimension\(s\); got shape \(2,\); reshape"),
        (lambda: layer([[1, np.nan]], [[1], [2]], [0]), r"X must be finite; found nan at index \(0, 1\)"),
        (lambda: layer([[1], [1, 2]], [[1]], [0]), "rows differ in length"),
        (lambda: layer([["a"]], [[1]], [0]), "X must hold real numbers"),
        (lambda: layer([[1]], [[1]], [0], activation="step"), "activation must be a function"),
        (lambda: heaviside([np.nan]), "z must be finite; found nan"),
        (lambda: sign([-np.inf]), "z must be finite; found -inf"),
        (lambda: heaviside([]), r"z is empty: got shape \(0,\)"),
        (lambda: sign([1j]), "z must hold real numbers; got dtype complex128"),
        (lambda: Perceptron(learning_rate=0).fit([[0], [1]], [0, 1]), r"learning_rate must be .* > 0; got 0"),
        (lambda: Perceptron(max_epochs=0).fit([[0], [1]], [0, 1]), "max_epochs must be an integer >= 1; got 0"),
        (lambda: Perceptron(max_epochs=1.5).fit([[0], [1]], [0, 1]), "max_epochs must be an integer >= 1; got 1.5"),
        (lambda: Perceptron().fit([[0], [1]], [1, 1]), "at least two classes; got one class"),
        (lambda: Perceptron().fit([[0], [np.inf]], [0, 1]), "infinity"),
        (lambda: Perceptron().fit(np.empty((0, 2)), []), r"0 sample\(s\)"),
        (lambda: Perceptron().fit([[0], [1]], [0.5, 1.5]), "Unknown label type"),
        (lambda: novikoff_bound([[1.0]], [0], [1.0]), "y must hold only -1 and 1"),
        (lambda: novikoff_bound([[1.0], [2.0]], [1, -1], [1.0]), "instance 1 lies on the wrong side"),
        (lambda: novikoff_bound([[1.0]], [1], [0.0]), "instance 0 lies on the wrong side or on the line"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_an_untrained_perceptron_says_so():
    with pytest.raises(NotFittedError, match="Perceptron instance is not fitted yet"):
        Perceptron().predict([[0.0]])
