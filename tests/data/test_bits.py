"""Tests of the frozen bit stream."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepkg.data.bits import Dice, hash64, random_bytes, unit_floats

MASK = 2**64 - 1
words = st.integers(0, MASK)


def splitmix64(key: int, counter: int) -> int:
    """The published generator in Python's exact integers."""
    z = (key + (counter + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def test_first_outputs_from_state_0():
    # The first outputs of SplitMix64 seeded with 0, as listed with many public implementations.
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC, 0x1B39896A51A8749B]
    assert hash64(0, np.arange(5, dtype=np.uint64)).tolist() == expected


@given(words, words)
def test_hash_agrees_with_exact_integers(key, counter):
    assert hash64(key, counter).tolist() == [splitmix64(key, counter)]


def test_hash_broadcasts_keys_against_counters():
    table = hash64(np.array([[1], [2]], dtype=np.uint64), np.arange(3, dtype=np.uint64))
    assert table.tolist() == [[splitmix64(k, c) for c in range(3)] for k in (1, 2)]


@pytest.mark.filterwarnings("error")
def test_wrapping_around_warns_nobody():
    hash64(np.uint64(MASK), np.uint64(MASK))


@given(words, words)
def test_unit_floats_are_the_upper_24_bits(key, counter):
    value = unit_floats(key, counter)
    assert value.dtype == np.float32
    assert float(value[0]) == (splitmix64(key, counter) >> 40) / 2**24
    assert 0 <= value[0] < 1


@given(words, st.integers(1, 40))
def test_bytes_are_the_words_lowest_byte_first(key, n):
    expected = b"".join(splitmix64(key, c).to_bytes(8, "little") for c in range(-(-n // 8)))[:n]
    assert random_bytes(np.array([key], dtype=np.uint64), n).tobytes() == expected


def test_bytes_of_several_keys():
    keys = np.array([5, 6, 7], dtype=np.uint64)
    data = random_bytes(keys, 11)
    assert data.shape == (3, 11)
    assert (data[1] == random_bytes(keys[1], 11)[0]).all()


KEYS = hash64(7, np.arange(20_000, dtype=np.uint64))


def draw_some(dice):
    return [dice.uniform(2, 5), dice.bell(10, 0.5), dice.chance(0.3), *dice.pick((1, 2, 5))]


def test_each_image_has_its_own_stream():
    batch = draw_some(Dice(KEYS[:50]))
    for i in (0, 17, 49):
        alone = draw_some(Dice(KEYS[i : i + 1]))
        assert [a[0, 0, 0] for a in alone] == [b[i, 0, 0] for b in batch]


def test_shapes_and_types():
    for value in draw_some(Dice(KEYS[:4])):
        assert value.shape == (4, 1, 1)
        assert value.dtype == np.float32


def test_uniform_fills_its_range_evenly():
    value = Dice(KEYS).uniform(2, 5)
    assert value.min() >= 2
    assert value.max() <= 5
    counts, _ = np.histogram(value, bins=10, range=(2, 5))
    assert np.abs(counts - 2000).max() < 5 * np.sqrt(2000)


def test_bell_has_the_mean_the_spread_and_the_limits_it_names():
    value = Dice(KEYS).bell(10, 0.5)
    assert abs(value.mean() - 10) < 5 * 0.5 / np.sqrt(len(KEYS))
    assert value.std() == pytest.approx(0.5, rel=0.03)
    assert np.abs(value - 10).max() <= 1.5


def test_chance_counts():
    value = Dice(KEYS).chance(0.3)
    assert set(np.unique(value)) == {0.0, 1.0}
    assert value.mean() == pytest.approx(0.3, abs=0.02)


def test_chance_takes_one_probability_an_image():
    probability = np.arange(4, dtype=np.float32)[:, None, None] % 2
    assert Dice(KEYS[:4]).chance(probability).ravel().tolist() == [0, 1, 0, 1]


def test_pick_chooses_exactly_one_by_weight():
    masks = Dice(KEYS).pick((1, 0, 2, 5))
    assert (sum(masks) == 1).all()
    assert [m.mean() for m in masks] == pytest.approx([1 / 8, 0, 2 / 8, 5 / 8], abs=0.02)


def test_dice_say_when_they_run_out():
    dice = Dice(KEYS[:2], faces=2)
    dice.uniform(0, 1)
    dice.uniform(0, 1)
    with pytest.raises(IndexError):
        dice.uniform(0, 1)
