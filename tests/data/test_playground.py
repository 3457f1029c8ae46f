import hashlib

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from coursepkg.data import load_playground

NAMES = ["circle", "xor", "gauss", "spiral"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("circle", "a34c71f8ce7d845085fb1af09683f81288baa20def9cc4e1cd01faf18c2b29a5"),
        ("xor", "c5ac990accdfa0f02c15c7533aa3fad2a55d70d2f36548234545d86567790617"),
        ("gauss", "bf936f485d93780d2b90842947c1555113c43072add1c8c69e53edce7c8a983b"),
        ("spiral", "f54856524e1b849dd12aa5cb171793c98f469a79f3ca2205635c154461e02633"),
    ],
)
def test_the_bytes_are_frozen(name, expected):
    X, y = load_playground(name)
    assert hashlib.sha256(X.astype("<f8").tobytes() + y.astype("<i8").tobytes()).hexdigest() == expected


@pytest.mark.parametrize("name", NAMES)
def test_layout(name):
    X, y = load_playground(name, n=301, noise=0.2, seed=3)
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((301, 2), np.float64, (301,), np.int64)
    assert (y == np.arange(301) % 2).all()
    assert np.abs(X).max() < 7
    longer = load_playground(name, n=400, noise=0.2, seed=3)
    assert (longer[0][:301] == X).all()
    assert not np.allclose(X, load_playground(name, n=301, noise=0.2, seed=4)[0])


def test_shapes_without_noise():
    X, y = load_playground("circle", noise=0.0)
    radius = np.hypot(*X.T)
    assert radius[y == 1].max() < 2.5
    assert 3.5 < radius[y == 0].min() < radius.max() < 5
    X, y = load_playground("xor", noise=0.0)
    assert ((X[:, 0] * X[:, 1] > 0) == (y == 1)).all()
    assert np.abs(X).min() > 0.3
    assert len(np.unique(np.sign(X), axis=0)) == 4
    X, y = load_playground("gauss", n=4000, noise=0.0)
    assert np.allclose(X[y == 1].mean(axis=0), 2, atol=0.05)
    assert np.allclose(X[y == 0].std(axis=0), 0.5, atol=0.03)
    X, y = load_playground("spiral", noise=0.0)
    angle = np.arctan2(X[:, 0], X[:, 1]) / (2 * np.pi)
    assert np.allclose((1.75 * np.hypot(*X.T) / 5 + 0.5 * y - angle + 0.5) % 1, 0.5, atol=1e-9)


@pytest.mark.parametrize(("name", "straight"), [("circle", False), ("xor", False), ("gauss", True), ("spiral", False)])
def test_only_gauss_is_separated_by_a_straight_line(name, straight):
    X, y = load_playground(name, n=1000, noise=0.05)
    linear = LogisticRegression().fit(X[:500], y[:500]).score(X[500:], y[500:])
    assert linear > 0.98 if straight else linear < 0.75
    assert KNeighborsClassifier(3).fit(X[:500], y[:500]).score(X[500:], y[500:]) > 0.93


@pytest.mark.parametrize("name", NAMES)
def test_noise_makes_it_harder(name):
    scores = []
    for noise in (0.0, 1.0):
        X, y = load_playground(name, n=1000, noise=noise)
        scores.append(KNeighborsClassifier(9).fit(X[:500], y[:500]).score(X[500:], y[500:]))
    assert scores[1] < scores[0] - 0.05


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: load_playground("moons"), "name must be one of 'circle', 'xor', 'gauss', 'spiral'; got 'moons'"),
        (lambda: load_playground("xor", n=1), r"n must be an integer in \[2, 1000000\]; got 1"),
        (lambda: load_playground("xor", noise=2), r"noise must be a finite number in \[0.0, 1.0\]; got 2"),
        (lambda: load_playground("xor", seed=0.5), "seed must be an integer; got 0.5"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
