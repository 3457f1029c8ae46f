import keras
import numpy as np
import pytest
import scipy.stats

from coursepkg.scratch.initializers import INITIALIZERS, get_initializer, glorot_uniform, normal, orthogonal, zeros

FAN_IN, FAN_OUT = 300, 200
VARIANCES = {
    "normal": 1.0,
    "glorot_uniform": 2 / (FAN_IN + FAN_OUT),
    "glorot_normal": 2 / (FAN_IN + FAN_OUT),
    "he_uniform": 2 / FAN_IN,
    "he_normal": 2 / FAN_IN,
    "lecun_uniform": 1 / FAN_IN,
    "lecun_normal": 1 / FAN_IN,
}
KERAS = sorted(set(VARIANCES) - {"normal"})


@pytest.mark.parametrize("name", VARIANCES)
def test_mean_and_variance(name):
    W = INITIALIZERS[name](FAN_IN, FAN_OUT, seed=1)
    assert W.shape == (FAN_IN, FAN_OUT)
    assert W.dtype == np.float64
    # 60,000 numbers: the standard error of the variance is at most 0.6 %, that of the mean 0.4 % of the deviation
    assert W.var() == pytest.approx(VARIANCES[name], rel=0.025)
    assert abs(W.mean()) < 0.02 * np.sqrt(VARIANCES[name])


@pytest.mark.parametrize("name", KERAS)
def test_variance_equals_that_of_keras(name):
    theirs = np.asarray(keras.initializers.get({"class_name": name, "config": {"seed": 0}})((FAN_IN, FAN_OUT)))
    assert INITIALIZERS[name](FAN_IN, FAN_OUT, seed=0).var() == pytest.approx(theirs.var(), rel=0.03)


@pytest.mark.parametrize("name", [name for name in KERAS if name.endswith("uniform")])
def test_limit_equals_that_of_keras(name):
    theirs = np.asarray(keras.initializers.get({"class_name": name, "config": {"seed": 0}})((FAN_IN, FAN_OUT)))
    W, limit = INITIALIZERS[name](FAN_IN, FAN_OUT, seed=0), np.sqrt(3 * VARIANCES[name])
    assert 0.999 * limit < np.abs(W).max() <= limit
    assert 0.999 * limit < np.abs(theirs).max() <= limit * (1 + 1e-6)


@pytest.mark.parametrize("name", VARIANCES)
def test_distribution(name):
    std = np.sqrt(VARIANCES[name])
    law = (
        scipy.stats.uniform(-np.sqrt(3) * std, 2 * np.sqrt(3) * std) if "uniform" in name else scipy.stats.norm(0, std)
    )
    assert scipy.stats.kstest(INITIALIZERS[name](FAN_IN, FAN_OUT, seed=2).ravel(), law.cdf).pvalue > 0.001


def test_zeros_and_std():
    assert not zeros(3, 4).any()
    assert zeros(3, 4).shape == (3, 4)
    assert normal(FAN_IN, FAN_OUT, std=0.01, seed=0).std() == pytest.approx(0.01, rel=0.02)
    assert not normal(3, 4, std=0).any()


@pytest.mark.parametrize("name", VARIANCES)
def test_seed(name):
    initialize = INITIALIZERS[name]
    np.testing.assert_array_equal(initialize(3, 4, seed=5), initialize(3, 4, seed=5))
    assert not np.array_equal(initialize(3, 4, seed=5), initialize(3, 4, seed=6))
    shared = np.random.default_rng(5)
    np.testing.assert_array_equal(initialize(3, 4, seed=shared), initialize(3, 4, seed=5))
    assert not np.array_equal(initialize(3, 4, seed=shared), initialize(3, 4, seed=5))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_wrong_sizes_are_named(name):
    with pytest.raises(ValueError, match="fan_in must be an integer >= 1; got 0"):
        INITIALIZERS[name](0, 3)
    with pytest.raises(TypeError, match="fan_out must be an integer >= 1; got 2.5"):
        INITIALIZERS[name](3, 2.5)


def test_wrong_std_and_name_are_named():
    with pytest.raises(ValueError, match="std must be a finite number >= 0; got -1.0"):
        normal(2, 2, std=-1)
    with pytest.raises(ValueError, match="initializer must be one of 'zeros', .*; got 'xavier'"):
        get_initializer("xavier")
    assert get_initializer("glorot_uniform") is glorot_uniform
    assert get_initializer(glorot_uniform) is glorot_uniform


@pytest.mark.parametrize("shape", [(20, 20), (20, 60), (60, 20)], ids=str)
def test_orthogonal_rows_or_columns(shape):
    W = orthogonal(*shape, seed=1)
    assert W.shape == shape
    np.testing.assert_allclose(W @ W.T if shape[0] <= shape[1] else W.T @ W, np.eye(20), atol=1e-12)
    theirs = np.asarray(keras.initializers.Orthogonal(seed=0)(shape))
    assert W.var() == pytest.approx(theirs.var(), rel=0.05)
    assert not np.array_equal(W, orthogonal(*shape, seed=2))


def test_orthogonal_matrices_turn_both_ways():
    signs = [np.sign(np.linalg.det(orthogonal(3, 3, seed=seed))) for seed in range(400)]
    assert abs(np.mean(signs)) < 0.2
    assert abs(np.mean([orthogonal(3, 3, seed=seed)[0, 0] for seed in range(400)])) < 0.1
