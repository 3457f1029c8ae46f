import hashlib

import numpy as np
import pytest

from coursepkg.data import generate_series, load_series, windows


def test_the_bytes_are_frozen():
    digest = hashlib.sha256(generate_series().astype("<f8").tobytes()).hexdigest()
    assert digest == "2098ceaade0a95290a64ad0b939c7f63d18447bc02c7fd1b5867c189ea7ce83f"


def test_trend_season_and_noise():
    series = generate_series()
    years = series.reshape(40, 12)
    slope = np.polyfit(np.arange(40), np.log(years.mean(axis=1)), 1)[0]
    assert 0.02 < slope < 0.04
    profile = (years / years.mean(axis=1, keepdims=True)).mean(axis=0)
    assert profile.argmax() in (0, 11)
    assert profile.max() / profile.min() > 1.2
    assert np.std(np.log(series / generate_series(noise=0.0))) == pytest.approx(0.04, rel=0.25)


def test_noise_carries_over_to_the_next_month():
    noise = np.log(generate_series(12_000, noise=0.5) / generate_series(12_000, noise=0.0))
    assert np.corrcoef(noise[:-1], noise[1:])[0, 1] == pytest.approx(0.5, abs=0.05)
    assert noise.std() == pytest.approx(0.5, abs=0.03)


def test_seeds_differ_and_the_first_months_do_not_depend_on_the_length():
    assert (generate_series(480)[:100] == generate_series(100)).all()
    assert not np.allclose(generate_series(seed=1), generate_series(seed=2))


def test_windows_and_targets_follow_each_other():
    series = generate_series(72)
    (X_train, y_train), (X_valid, y_valid), (X_test, y_test) = load_series(n_months=72)
    X, y = np.concatenate([X_train, X_valid, X_test]), np.concatenate([y_train, y_valid, y_test])
    assert X.shape == (60, 12, 1)
    assert (len(y_train), len(y_valid), len(y_test)) == (42, 9, 9)
    for i in range(60):
        assert (X[i, :, 0] == series[i : i + 12]).all()
        assert y[i] == series[i + 12]


def test_windows_are_copies():
    series = np.arange(20.0)
    X, y = windows(series, length=3)
    X[:], y[:] = -1, -1
    assert (series == np.arange(20)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: generate_series(23), r"n_months must be an integer in \[24, 12000\]; got 23"),
        (lambda: generate_series(100.0), "n_months must be an integer"),
        (lambda: generate_series(noise=-0.1), r"noise must be a finite number in \[0.0, 1.0\]; got -0.1"),
        (lambda: generate_series(seed="a"), "seed must be an integer; got 'a'"),
        (lambda: load_series(n_months=71), "n_months must be an integer"),
        (lambda: windows([1.0, 2.0], length=2), "series must be longer than a window of 2; got 2 value"),
        (lambda: windows([[1.0, 2.0]], length=1), "series must have 1 dimension"),
        (lambda: windows([1.0, 2.0], length=0), "length must be an integer >= 1; got 0"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
