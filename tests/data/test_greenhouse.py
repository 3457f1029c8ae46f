import hashlib

import numpy as np
import pytest

from coursepkg.data import generate_greenhouse


def test_the_days_are_frozen():
    data = generate_greenhouse(7, n=20, n_valid=5, n_test=10)
    digest = hashlib.sha256(b"".join(a.tobytes() for part in data.values() for a in part)).hexdigest()
    assert digest == "450c110e9f6f7d3c3169a67039a9aaa364677632703de95251f394ffbdb30d40"


def test_inputs_are_spread_evenly_and_targets_are_scaled():
    data = generate_greenhouse(1, n=4000, n_valid=10, n_test=20)
    X, y = data["train"]
    assert [len(part[1]) for part in data.values()] == [4000, 10, 20]
    assert X.min() >= -1
    assert X.max() <= 1
    np.testing.assert_allclose(np.quantile(X, [0.25, 0.5, 0.75], axis=0).T, [[-0.5, 0, 0.5]] * 3, atol=0.06)
    assert y.mean() == pytest.approx(0, abs=0.01)
    assert y.std() == pytest.approx(np.sqrt(1 + 0.1**2), abs=0.01)


def test_growth_has_one_peak_in_warmth_and_water_and_never_falls_with_light():
    # A model that is nearly exact on so many days: the days around each of its grid's points.
    X, y = generate_greenhouse(3, n=10_000, n_valid=1, n_test=1)["train"]
    for column in (0, 2):
        means = _means_along(X[:, column], y)
        peak = means.argmax()
        assert 0 < peak < len(means) - 1
        assert (np.diff(means[: peak + 1]) > -0.05).all()
        assert (np.diff(means[peak:]) < 0.05).all()
    assert (np.diff(_means_along(X[:, 1], y)) > -0.05).all()


def _means_along(x, y, bins=8):
    place = np.minimum(((x + 1) / 2 * bins).astype(int), bins - 1)
    return np.array([y[place == i].mean() for i in range(bins)])


def test_another_seed_plants_something_else():
    first, second = (generate_greenhouse(seed, n=5000, n_valid=1, n_test=1)["train"] for seed in (0, 1))
    peaks = [_means_along(X[:, 0], y, bins=20).argmax() for X, y in (first, second)]
    assert peaks[0] != peaks[1]
    assert not np.array_equal(first[0], second[0])


@pytest.mark.parametrize(("options", "named"), [({"n": 0}, "n must"), ({"n_test": 10_001}, "n_test must")])
def test_an_argument_out_of_range_is_named(options, named):
    with pytest.raises(ValueError, match=named):
        generate_greenhouse(**options)
