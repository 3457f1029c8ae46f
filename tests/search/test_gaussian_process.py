"""The Gaussian process against scikit-learn's, and its choices against the likelihood that scikit-learn computes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern

from coursepkg.search.gaussian_process import (
    LENGTH_SCALES,
    NOISES,
    GaussianProcess,
    draw_functions,
    matern52,
    rbf,
    squared_distances,
)


def data(seed, n=15, d=3):
    rng = np.random.default_rng(seed)
    X = rng.random((n, d))
    return X, np.sin(5 * X).sum(axis=1) + 0.1 * rng.normal(size=n) + 3, rng.random((40, d))


def twin(kernel, scale, variance, noise):
    correlation = RBF(scale) if kernel == "rbf" else Matern(scale, nu=2.5)
    return GaussianProcessRegressor(ConstantKernel(variance) * correlation, alpha=noise * variance, optimizer=None)


@pytest.mark.parametrize("kernel", ["rbf", "matern52"])
@given(
    st.integers(0, 10_000),
    st.floats(0.1, 2) | st.tuples(*[st.floats(0.1, 2)] * 3),
    st.floats(0.1, 10),
    st.floats(1e-4, 1),
)
@settings(max_examples=20, deadline=None)
def test_mean_deviation_and_likelihood_are_scikit_learns(kernel, seed, scale, variance, noise):
    X, y, X_new = data(seed)
    ours = GaussianProcess(kernel, length_scale=scale, variance=variance, noise=noise).fit(X, y)
    theirs = twin(kernel, scale, variance, noise).fit(X, y - y.mean())
    mean, std = theirs.predict(X_new, return_std=True)
    np.testing.assert_allclose(ours.predict(X_new)[0], mean + y.mean(), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.predict(X_new)[1], std, rtol=1e-4, atol=1e-6)
    assert ours.log_likelihood_ == pytest.approx(theirs.log_marginal_likelihood_value_, rel=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_in_one_dimension_it_chooses_the_most_likely_of_all_it_may_choose_from(seed):
    X, y, _ = data(seed, d=1)
    ours = GaussianProcess().fit(X, y)
    likelihoods = []
    for scale in LENGTH_SCALES:
        for noise in NOISES:
            # The best variance by brute force, where ours uses a formula.
            for variance in ours.variance_ * np.geomspace(1e-3, 1e3, 61):
                theirs = twin("matern52", scale, variance, noise).fit(X, y - y.mean())
                likelihoods.append(theirs.log_marginal_likelihood_value_)
    assert ours.log_likelihood_ >= max(likelihoods) - 1e-9
    assert ours.log_likelihood_ == pytest.approx(max(likelihoods), abs=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_no_change_of_a_single_length_scale_makes_the_observations_more_likely(seed):
    X, y, _ = data(seed)
    ours = GaussianProcess().fit(X, y)
    assert ours.log_likelihood_ >= max(
        GaussianProcess(length_scale=scale, noise=noise).fit(X, y).log_likelihood_
        for scale in LENGTH_SCALES
        for noise in NOISES
    )
    for column in range(3):
        for scale in LENGTH_SCALES:
            scales = np.where(np.arange(3) == column, scale, ours.length_scale_)
            other = GaussianProcess(length_scale=scales, noise=ours.noise_).fit(X, y)
            assert other.log_likelihood_ <= ours.log_likelihood_ + 1e-8


def test_a_column_that_does_not_matter_gets_the_longest_length_scale():
    X = np.random.default_rng(0).random((40, 3))
    ours = GaussianProcess().fit(X, np.sin(8 * X[:, 1]))
    assert ours.length_scale_[1] < 1 < ours.length_scale_[[0, 2]].min()


def test_pure_noise_is_recognized():
    rng = np.random.default_rng(0)
    assert GaussianProcess().fit(rng.random((40, 2)), rng.normal(size=40)).noise_ == 1.0


@pytest.mark.parametrize(("ours", "theirs"), [(rbf, RBF), (matern52, lambda scale: Matern(scale, nu=2.5))])
def test_kernels_are_scikit_learns(ours, theirs):
    X, _, X_new = data(0)
    np.testing.assert_allclose(ours(squared_distances(X, X_new), 0.4), theirs(0.4)(X, X_new), atol=1e-12)


def test_squared_distances_are_scipys():
    X, _, X_new = data(1)
    np.testing.assert_allclose(squared_distances(X, X_new), cdist(X, X_new, "sqeuclidean"), atol=1e-12)


def test_without_noise_it_passes_through_the_observations_and_is_sure_of_them():
    X, y, _ = data(2)
    mean, std = GaussianProcess(length_scale=0.3, noise=0).fit(X, y).predict(X)
    np.testing.assert_allclose(mean, y, atol=1e-8)
    np.testing.assert_allclose(std, 0, atol=1e-6)


def test_far_from_all_observations_it_knows_only_the_mean():
    X, y, _ = data(3)
    model = GaussianProcess(length_scale=0.1).fit(X, y)
    mean, std = model.predict([[50.0, 50.0, 50.0]])
    assert mean[0] == pytest.approx(y.mean())
    assert std[0] ** 2 == pytest.approx(model.variance_)


def test_equal_losses_are_no_trouble():
    mean, std = GaussianProcess().fit([[0.1], [0.5], [0.9]], [2.0, 2.0, 2.0]).predict([[0.3]])
    assert mean[0] == 2.0
    assert 0 <= std[0] < 1e-5


@pytest.mark.parametrize("kernel", ["rbf", "matern52"])
def test_drawn_functions_have_the_covariance_of_the_kernel(kernel):
    X = np.array([[0.0], [0.1], [0.5]])
    drawn = draw_functions(X, kernel=kernel, length_scale=0.2, n_functions=40_000, rng=np.random.default_rng(0))
    wanted = {"rbf": rbf, "matern52": matern52}[kernel](squared_distances(X, X), 0.2)
    np.testing.assert_allclose(np.cov(drawn.T), wanted, atol=0.03)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GaussianProcess("linear"), "kernel must be one of 'rbf', 'matern52'; got 'linear'"),
        (lambda: GaussianProcess(length_scale=0), r"length_scale must be > 0; got 0"),
        (lambda: GaussianProcess(length_scale=[1, 2]).fit([[0.0]], [1.0]), r"one for each of 1 columns; got \[1. 2.\]"),
        (lambda: GaussianProcess(variance=-1.0), r"variance must be .* > 0; got -1"),
        (lambda: GaussianProcess(noise=-0.1), r"noise must be .* >= 0; got -0.1"),
        (lambda: GaussianProcess().predict([[0.0]]), "has not seen any data yet: call fit first"),
        (lambda: GaussianProcess().fit([0.0, 1.0], [0.0, 1.0]), r"X must have 2 dimension\(s\); got shape \(2,\)"),
        (lambda: GaussianProcess().fit([[0.0]], [0.0, 1.0]), r"y must have length 1; got shape \(2,\)"),
        (lambda: GaussianProcess().fit([[0.0]], [np.nan]), "y must be finite; found nan"),
        (lambda: GaussianProcess().fit([[0.0]], [1.0]).predict([[0.0, 1.0]]), r"X must have 1 column\(s\)"),
        (
            lambda: GaussianProcess(noise=0).fit([[0.5], [0.5]], [0.0, 1.0]),
            r"two rows are \(almost\) equal; raise noise",
        ),
        (lambda: squared_distances([[0.0]], [[0.0, 1.0]]), r"same number of columns; got shapes \(1, 1\) and \(1, 2\)"),
        (lambda: draw_functions([[0.0]], kernel="x", rng=None), "kernel must be one of"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
