import hashlib

import numpy as np
import pytest

from coursepkg.data import generate_fashion, generate_shop
from coursepkg.data.shop import _moved

SIZES = {"n": 400, "n_valid": 30, "n_test": 370}
PLAIN = {**SIZES, "wrong": 0, "shift": 0, "light": (1, 1), "grain": 0}


def test_the_pictures_are_frozen():
    data = generate_shop(seed=7, n=20, n_valid=5, n_test=10)
    digest = hashlib.sha256(b"".join(data[name].tobytes() for name in sorted(data))).hexdigest()
    assert digest == "59d17014592303f1b9a2c8f25cc9e02bf3c36bf31afbb2c2ae98dc47e57ab0c7"


def test_without_difficulties_it_is_the_course_s_garments():
    data = generate_shop(3, **PLAIN)
    for images, labels in ((data["X"], data["y"]), (data["X_test"], data["y_test"])):
        assert images.min() == 0
        assert images.max() <= 1
        assert set(labels) == set(range(10))
    # Blocks of ten have each class once; the order of customers' pictures must not tell.
    assert [len(set(data["y_test"][i : i + 10])) for i in range(0, 300, 10)] != [10] * 30
    known = {image.tobytes() for image in generate_fashion("test", 10_000)[0] / 255}
    assert not any(image.tobytes() in known for image in data["X_test"])


def test_each_option_changes_its_own_difficulty_only():
    plain = generate_shop(3, **PLAIN)
    wrong = generate_shop(3, **{**PLAIN, "wrong": 0.2})
    share = (wrong["y"] != plain["y"]).mean()
    assert share == pytest.approx(0.2, abs=0.06)  # three standard deviations of a share of 400
    assert all(np.array_equal(wrong[name], plain[name]) for name in plain if name != "y")

    dim = generate_shop(3, **{**PLAIN, "light": (0.3, 0.9)})
    factor = dim["X_test"].max(axis=(1, 2)) / plain["X_test"].max(axis=(1, 2))
    assert factor.min() >= 0.3
    assert factor.max() <= 0.9
    assert np.ptp(factor) > 0.5
    np.testing.assert_allclose(dim["X_test"], plain["X_test"] * factor[:, None, None], atol=1e-15)

    grainy = generate_shop(3, **{**PLAIN, "grain": 0.1})["X_valid"] - plain["X_valid"]
    assert np.abs(grainy).max() <= 0.1
    assert grainy.std() > 0.03

    moved = generate_shop(3, **{**PLAIN, "shift": 2})
    offsets = set()
    for before, after in zip(plain["X_test"][:200], moved["X_test"], strict=False):
        fits = [(d, r) for d in range(-2, 3) for r in range(-2, 3) if np.array_equal(_moved(before, d, r), after)]
        assert fits
        offsets.add(fits[0])
    assert {d for d, _ in offsets} == {r for _, r in offsets} == {-2, -1, 0, 1, 2}


def test_customers_do_not_depend_on_the_catalogue():
    small, large = (generate_shop(5, n=n, n_valid=10, n_test=40) for n in (1, 50))
    assert all(np.array_equal(small[name], large[name]) for name in ("X_valid", "y_valid", "X_test", "y_test"))


def test_a_wrong_label_is_any_of_the_nine_others():
    sizes = {"n": 3000, "n_valid": 1, "n_test": 1}
    truth, labels = generate_shop(1, wrong=0, **sizes)["y"], generate_shop(1, wrong=1, **sizes)["y"]
    steps = np.bincount((labels - truth) % 10, minlength=10)
    assert steps[0] == 0
    assert steps[1:].min() > 250  # 333 expected, standard deviation 17


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"n": 0}, "n must"),
        ({"wrong": 1.5}, "wrong"),
        ({"shift": 11}, "shift"),
        ({"light": 0.5}, r"light must be a pair .* got 0.5"),
        ({"light": (0.9, 0.3)}, r"light\[1\]"),
        ({"grain": -1}, "grain"),
    ],
)
def test_an_argument_out_of_range_is_named(options, named):
    with pytest.raises(ValueError, match=named):
        generate_shop(**options)
