import hashlib

import numpy as np
import pytest

from coursepkg.data import BRANDS, generate_fashion, generate_offers
from coursepkg.data.offers import _FACTORS, _NEW, _SHARES, COLUMNS

SIZES = {"n": 4000, "n_valid": 500, "n_test": 500}


@pytest.fixture(scope="module")
def market():
    return generate_offers(3, **SIZES)


def test_the_offers_are_frozen():
    data = generate_offers(seed=7, n=20, n_valid=5, n_test=10)
    arrays = [array for part in data.values() for half in part for _, array in sorted(half.items())]
    digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
    assert digest == "71c5db1aaae7509bc455da0d1c9015fcfb71bb9cc6f51cae486fa548da68d273"


def test_shapes_types_and_ranges(market):
    for (inputs, targets), n in zip(market.values(), SIZES.values(), strict=True):
        assert inputs["image"].shape == (n, 28, 28)
        assert inputs["image"].dtype == np.uint8
        assert inputs["numbers"].shape == (n, len(COLUMNS))
        assert inputs["brand"].dtype == targets["kind"].dtype == np.int64
        assert targets["price"].min() > 0
    numbers = market["train"][0]["numbers"]
    np.testing.assert_array_equal(numbers.min(axis=0), [0, 1, 1])
    np.testing.assert_array_equal(numbers.max(axis=0), [10, 5, 8])
    assert set(market["train"][0]["brand"]) == set(range(len(BRANDS)))


def test_no_picture_comes_twice(market):
    pictures = [image.tobytes() for inputs, _ in market.values() for image in inputs["image"]]
    assert len(set(pictures)) == len(pictures)
    known = {image.tobytes() for image in generate_fashion("test", 2000)[0]}
    assert not known & set(pictures)


def test_brands_make_what_the_table_says(market):
    inputs, targets = market["train"]
    for kind, shares in enumerate(_SHARES):
        counts = np.bincount(inputs["brand"][targets["kind"] == kind], minlength=len(BRANDS))
        np.testing.assert_allclose(counts / counts.sum(), shares / shares.sum(), atol=0.08)


def test_prices_follow_the_formula_up_to_noise(market):
    inputs, targets = market["train"]
    kind, brand = targets["kind"], inputs["brand"]
    is_shoe = np.isin(kind, (5, 7, 8, 9)).astype(int)
    age, condition, photos = inputs["numbers"].T
    log_price = np.log(_NEW[kind] * _FACTORS[is_shoe, brand] * (0.4 + 0.12 * condition)) - 0.12 * age
    rest = np.log(targets["price"]) - log_price
    assert abs(rest.mean()) < 0.01
    assert rest.std() == pytest.approx(0.12, abs=0.006)
    assert abs(np.corrcoef(rest, photos)[0, 1]) < 0.05


@pytest.mark.parametrize("wrong", [{"n": 0}, {"n_test": 5001}, {"n_valid": 1.5}])
def test_sizes_are_checked(wrong):
    with pytest.raises((ValueError, TypeError), match=next(iter(wrong))):
        generate_offers(**wrong)
