import hashlib
import time

import numpy as np
import pytest

from coursepkg.data import FEATURE_NAMES, generate_housing

NAMES = ["MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup", "Latitude", "Longitude"]


@pytest.fixture(scope="module")
def table():
    return generate_housing()


def test_the_bytes_are_frozen(table):
    digest = hashlib.sha256(b"".join(part.astype("<f8").tobytes() for part in table)).hexdigest()
    assert digest == "0d184d7c247d4bb84e087b7dd1cd98897e89dbc93fb9bc42a071c511606db62f"


def test_another_seed_draws_other_blocks_and_neighborhoods_of_the_same_kind(table):
    X, y = generate_housing(seed=1)
    assert not (X[:, None] == table[0][:50]).all(axis=2).any()
    assert np.median(X[:, :6], axis=0) == pytest.approx(np.median(table[0][:, :6], axis=0), rel=0.25)
    assert 0.7 < y.std() / table[1].std() < 1.5  # other neighborhoods, other prices


def test_layout(table):
    X, y = table
    assert list(FEATURE_NAMES) == NAMES
    assert (X.shape, X.dtype, y.shape, y.dtype) == ((20640, 8), np.float64, (20640,), np.float64)
    assert np.isfinite(X).all()
    assert np.isfinite(y).all()


@pytest.mark.parametrize(
    ("name", "low", "high", "median", "tolerance"),
    [
        # The extremes and the median of the original.
        ("MedInc", 0.4999, 15.0001, 3.53, 0.2),
        ("HouseAge", 1, 52, 29, 2),
        ("AveRooms", 0.3, 145, 5.23, 0.3),
        ("AveBedrms", 0.3, 35, 1.05, 0.03),
        ("Population", 3, 40_000, 1166, 60),
        ("AveOccup", 0.5, 1250, 2.82, 0.1),
        ("Latitude", 32.54, 41.95, 34.26, 0.2),
        ("Longitude", -124.35, -114.31, -118.49, 0.2),
    ],
)
def test_columns_have_the_units_and_ranges_of_the_original(table, name, low, high, median, tolerance):
    column = table[0][:, NAMES.index(name)]
    assert low <= column.min()
    assert column.max() <= high
    assert np.median(column) == pytest.approx(median, abs=tolerance)


def test_whole_and_rounded_columns(table):
    X = table[0]
    assert (X[:, [1, 4]] == np.rint(X[:, [1, 4]])).all()
    assert np.allclose(X[:, 6:] * 100, np.rint(X[:, 6:] * 100), atol=1e-8)
    households = X[:, 4] / X[:, 5]
    assert np.allclose(households, np.rint(households))
    assert np.allclose(X[:, 2] * households, np.rint(X[:, 2] * households), atol=1e-6)


def test_outliers_and_skew_are_those_of_the_original(table):
    X = table[0]
    occupancy = X[:, 5]
    assert (occupancy > 100).sum() >= 3  # the original has four such blocks
    assert (occupancy > 20).sum() < 40
    assert 10 < X[:, 2].max() / np.median(X[:, 2]) < 30
    skew = ((X - X.mean(axis=0)) ** 3).mean(axis=0) / X.std(axis=0) ** 3
    assert skew[2] > 10
    assert skew[3] > 10
    assert 3 < skew[4] < 8
    assert skew[5] > 50
    assert np.abs(skew[[1, 6, 7]]).max() < 0.7


def test_target_is_capped(table):
    y = table[1]
    assert y.max() == 5.00001
    assert 0.03 < (y == 5.00001).mean() < 0.07
    assert not ((y > 5.0) & (y < 5.00001)).any()
    assert y.min() >= 0.14999


def test_correlations_with_the_target(table):
    X, y = table
    found = [np.corrcoef(column, y)[0, 1] for column in X.T]
    assert np.abs(np.array(found) - [0.69, 0.11, 0.15, -0.05, -0.02, -0.02, -0.14, -0.05]).max() < 0.08


def test_blocks_lie_on_land(table):
    latitude, longitude = table[0][:, 6], table[0][:, 7]
    in_the_south = latitude < 34
    assert longitude[in_the_south].min() > -118.7  # west of Malibu there is only sea
    in_the_north = latitude > 40
    assert longitude[in_the_north].max() < -119.5  # and east of it Nevada


def test_learning_is_as_hard_as_on_the_original(table):
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.linear_model import LinearRegression
    from threadpoolctl import threadpool_limits

    X, y = table
    with threadpool_limits(1):  # several threads that wait for each other on a busy machine take 50 times as long
        rmse = [
            np.sqrt(np.mean((model.fit(X[:11610], y[:11610]).predict(X[15480:]) - y[15480:]) ** 2))
            for model in (LinearRegression(), HistGradientBoostingRegressor(random_state=42))
        ]
    assert rmse == pytest.approx([0.73, 0.47], abs=0.06)


def test_it_is_fast():
    # 0.04 s on one core; the limit leaves room for a busy machine.
    start = time.perf_counter()
    generate_housing()
    assert time.perf_counter() - start < 0.5
