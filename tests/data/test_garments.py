"""Tests of the drawings: each kind of garment must have the shape that tells it apart."""

import numpy as np
import pytest

from coursepkg.data.bits import hash64
from coursepkg.data.garments import CLASS_NAMES, LOOKS_LIKE, draw, kind_shares

KEYS = hash64(99, np.arange(300, dtype=np.uint64))
KINDS = {name: kind for kind, name in enumerate(CLASS_NAMES)}
TOPS = ("T-shirt/top", "Pullover", "Dress", "Coat", "Shirt")


@pytest.fixture(scope="module")
def drawn():
    return {name: draw(kind, KEYS).pixels() for name, kind in KINDS.items()}


def extent(images, axis):
    """First and last row (axis 2) or column (axis 1) with any cloth, for each image."""
    filled = (images > 0).any(axis=axis)
    return filled.argmax(axis=1), 27 - filled[:, ::-1].argmax(axis=1)


def test_names_and_order_are_those_of_fashion_mnist():
    assert CLASS_NAMES == (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_each_image_depends_on_its_own_key_only(name, drawn):
    some = [3, 250, 120]
    assert (draw(KINDS[name], KEYS[some]).pixels() == drawn[name][some]).all()


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_recording_the_steps_changes_nothing(name, drawn):
    canvas = draw(KINDS[name], KEYS[:20], record=True)
    assert [step for step, _ in canvas.steps] == ["silhouette", "shading", "print", "details", "grain"]
    assert (canvas.steps[-1][1] == drawn[name][:20]).all()
    for (_, before), (_, after) in zip(canvas.steps, canvas.steps[1:], strict=False):
        assert (before != after).any()
        assert ((before > 0) == (after > 0)).mean() > 0.99  # the shape is settled by the first step


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_no_two_garments_are_alike_and_none_is_empty(name, drawn):
    images = drawn[name].reshape(len(KEYS), -1)
    assert len(np.unique(images, axis=0)) == len(KEYS)
    assert ((images > 0).mean(axis=1) > 0.03).all()
    assert ((images > 0).mean(axis=1) < 0.9).all()


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_cloth_is_dark_in_some_images_and_bright_in_others(name, drawn):
    tone = np.array([np.median(image[image > 0]) for image in drawn[name]])
    low, high = np.quantile(tone, [0.05, 0.95])
    assert low < 115
    assert high > 165


@pytest.mark.parametrize("name", TOPS + ("Trouser",))
def test_what_hangs_fills_the_height_and_is_nearly_symmetric(name, drawn):
    images = drawn[name]
    first, last = extent(images, 2)
    assert np.median(first) <= 2
    assert np.median(last) >= 26
    cloth = images > 0
    assert np.median((cloth == cloth[:, :, ::-1]).mean(axis=(1, 2))) > 0.85


@pytest.mark.parametrize("name", ["Sandal", "Sneaker", "Ankle boot"])
def test_shoes_fill_the_width_and_point_to_the_left(name, drawn):
    images = drawn[name]
    first, last = extent(images, 1)
    assert np.median(first) <= 1
    assert np.median(last) >= 26
    height = (images > 0).sum(axis=1)
    assert (height[:, 18:26].mean(axis=1) > height[:, 1:9].mean(axis=1)).mean() > 0.9


def test_trousers_have_two_legs(drawn):
    row = drawn["Trouser"][:, 22].astype(float)
    between = row[:, 12:16].min(axis=1)
    assert np.mean(between < 0.7 * np.minimum(row[:, 8:13].max(axis=1), row[:, 15:20].max(axis=1))) > 0.85


def test_t_shirts_are_wider_at_the_sleeves_and_dresses_at_the_hem(drawn):
    def width(name, row):
        return (drawn[name][:, row] > 0).sum(axis=1)

    assert np.mean(width("T-shirt/top", 6) > width("T-shirt/top", 20) + 2) > 0.6
    assert np.mean(width("Dress", 26) > width("Dress", 13)) > 0.6


def test_long_sleeves_reach_the_hem(drawn):
    for name, least in (("Pullover", 0.8), ("Coat", 0.85), ("T-shirt/top", 0)):
        row = drawn[name][:, 22] > 0
        outer = row[:, :6].any(axis=1) & row[:, 22:].any(axis=1)
        assert outer.mean() >= least
    assert outer.mean() < 0.15


def test_boots_are_taller_than_sneakers_and_sandals_show_less(drawn):
    height = {name: np.subtract(*extent(drawn[name], 2)[::-1]) for name in ("Sneaker", "Ankle boot")}
    assert np.median(height["Ankle boot"]) > np.median(height["Sneaker"]) + 4
    assert (drawn["Sandal"] > 0).mean() < 0.95 * (drawn["Sneaker"] > 0).mean()


def test_many_bags_have_a_hole_below_the_handle(drawn):
    images = drawn["Bag"]
    middle = images[:, :, 13:15].max(axis=2) > 0
    first = middle.argmax(axis=1)
    gaps = [(~column[start : start + 10]).any() for column, start in zip(middle, first, strict=True)]
    assert 0.4 < np.mean(gaps) < 0.95


def test_shares_of_kinds_sum_to_1_and_the_label_prevails():
    for label, others in LOOKS_LIKE.items():
        shares = kind_shares(label)
        assert sum(shares) == pytest.approx(1)
        assert shares[KINDS[label]] > 0.85
        assert {CLASS_NAMES[k] for k, share in enumerate(shares) if share} == {label, *others}
