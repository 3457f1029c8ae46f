"""Entropies against SciPy, reliability against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import rel_entr
from scipy.stats import entropy as scipy_entropy
from sklearn.calibration import calibration_curve

from coursepkg.calibration import (
    entropy,
    expected_calibration_error,
    mutual_information,
    reliability_curve,
)


def drawn(*shape, seed=0):
    """Return random probabilities over the last axis; some are exactly 0."""
    weights = np.random.default_rng(seed).gamma(0.5, size=shape)
    weights[weights < 0.01] = 0
    weights[..., 0] += 0.01
    return weights / weights.sum(axis=-1, keepdims=True)


def labels_for(P, seed=1):
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(P.shape[1], p=row) for row in P])


@pytest.mark.parametrize("shape", [(4,), (7, 3), (5, 7, 10)])
def test_the_entropy_is_that_of_scipy(shape):
    P = drawn(*shape)
    np.testing.assert_allclose(entropy(P), scipy_entropy(P, axis=-1), atol=1e-12)


def test_the_entropy_of_a_uniform_answer_is_the_logarithm_of_the_classes():
    np.testing.assert_allclose(entropy(np.full((2, 8), 1 / 8)), np.log(8))


def test_mutual_information_is_the_mean_divergence_from_the_mean():
    samples = drawn(20, 9, 5)
    divergence = rel_entr(samples, samples.mean(axis=0)).sum(axis=-1).mean(axis=0)
    np.testing.assert_allclose(mutual_information(samples), divergence, atol=1e-12)
    assert divergence.min() > 0.05


def test_equal_samples_have_none_and_it_is_never_negative():
    same = np.repeat(drawn(1, 50, 7), 30, axis=0)
    assert (mutual_information(same) >= 0).all()
    np.testing.assert_allclose(mutual_information(same), 0, atol=1e-12)


@pytest.mark.parametrize("n_bins", [1, 10, 15])
def test_the_reliability_curve_is_that_of_scikit_learn(n_bins):
    P = drawn(500, 4)
    y = labels_for(P)
    stated, achieved, counts = reliability_curve(y, P, n_bins=n_bins)
    expected = calibration_curve(P.argmax(axis=1) == y, P.max(axis=1), n_bins=n_bins)
    np.testing.assert_allclose(achieved, expected[0])
    np.testing.assert_allclose(stated, expected[1])
    assert counts.sum() == 500
    assert counts.min() > 0


def test_the_calibration_error_is_the_sum_over_bins():
    P = drawn(300, 3)
    y = labels_for(P)
    confidence, right = P.max(axis=1), P.argmax(axis=1) == y
    total = 0.0
    for low in np.arange(10) / 10:
        inside = (confidence > low) & (confidence <= low + 0.1)
        if inside.any():
            total += inside.sum() / 300 * abs(right[inside].mean() - confidence[inside].mean())
    assert expected_calibration_error(y, P, n_bins=10) == pytest.approx(total)


def test_a_calibrated_forecast_has_a_small_error_and_an_overconfident_one_a_large_one():
    P = drawn(20_000, 3)
    y = labels_for(P)
    sharper = P**4 / (P**4).sum(axis=1, keepdims=True)
    assert expected_calibration_error(y, P) < 0.02
    assert expected_calibration_error(y, sharper) > 0.1


def test_a_sure_and_always_right_forecast_has_no_error():
    y = np.array([0, 2, 1])
    assert expected_calibration_error(y, np.eye(3)[y]) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: entropy([0.5, 0.6]), r"probabilities must sum to 1 over the last axis; row \(\) sums to 1.1"),
        (lambda: entropy([[1.0, 0.0], [0.2, 0.2]]), r"row \(1,\) sums to 0.4 \(shape \(2, 2\)\)"),
        (lambda: entropy([1.2, -0.2]), r"probabilities must lie in \[0, 1\]; found values from -0.2 to 1.2"),
        (lambda: entropy(1.0), "probabilities must have an axis of classes; got a single number"),
        (lambda: entropy([np.nan, 1.0]), "probabilities must be finite"),
        (lambda: mutual_information(np.full((3, 2), 0.5)), r"samples must have 3 dimension\(s\); got shape \(3, 2\)"),
        (
            lambda: reliability_curve([0, 2], np.full((2, 2), 0.5)),
            "y_true must hold labels from 0 to 1; found values f",
        ),
        (lambda: reliability_curve([0], np.full((2, 2), 0.5)), r"y_true must have length 2; got shape \(1,\)"),
        (lambda: expected_calibration_error([0], [[1.0, 0.0]], n_bins=0), "n_bins must be an integer >= 1; got 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_rounding_in_float32_adds_is_no_error(dtype):
    """The mean of ten float32 predictions of 1 is 1.0000001."""
    mean = np.zeros(2, np.float32)
    for _ in range(10):
        mean += np.float32(0.1) * np.array([1, 0], np.float32)
    assert mean[0] > 1
    mean = mean.astype(dtype)
    assert entropy(mean) == pytest.approx(0, abs=1e-6)
    assert mutual_information([[mean]] * 3) == pytest.approx(0, abs=1e-6)
    assert expected_calibration_error([0], [mean]) == pytest.approx(0, abs=1e-6)
    for p in ([1.0001, 0.0], [1.0, -0.0001]):
        with pytest.raises(ValueError, match=r"must lie in \[0, 1\]"):
            entropy(np.array(p, dtype))


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_probabilities_of_mixed_precision_are_probabilities(name):
    kind = np.dtype("float16") if name == "float16" else pytest.importorskip("ml_dtypes").bfloat16
    logits = np.random.default_rng(0).normal(size=(200, 10))
    exact = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rounded = exact.astype(kind)
    labels = exact.argmax(axis=1)
    assert abs(rounded.astype(float).sum(axis=1) - 1).max() > 1e-4
    np.testing.assert_allclose(entropy(rounded), entropy(exact), rtol=0.02)
    assert expected_calibration_error(labels, rounded) == pytest.approx(
        expected_calibration_error(labels, exact), abs=0.02
    )
    assert mutual_information([rounded, rounded]).max() < 1e-6
    with pytest.raises(ValueError, match="must sum to 1"):
        entropy(rounded * kind.type(0.9) if name == "float16" else rounded[:, :-1])
