import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from coursepkg.comparison import Paired, paired


def test_wins_ties_and_the_median_are_counted_by_hand():
    found = paired([1.0, 2.0, 3.0, 4.0, 5.0], [0.0, 2.0, 5.0, 1.0, 1.0])
    assert found[:4] == (3, 1, 5, 1.0)
    assert found.p == pytest.approx(2 * (1 + 4) / 16)  # 0 or 1 of 4 coins, on both sides
    assert str(found) == "better in 3 of 5 (1 equal), median gain +1.000, p = 0.62"


def test_losses_and_errors_are_better_when_lower():
    low, high = np.arange(8) / 10, np.arange(8) / 10 + 0.5
    assert paired(low, high, lower_is_better=True).wins == 8
    assert paired(low, high).losses == 8


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=30))
def test_it_is_the_sign_test_and_its_mirror_image(pairs):
    a, b = np.array(pairs, float).T
    found, mirror = paired(a, b), paired(b, a)
    assert (found.wins, found.losses, found.median) == (mirror.losses, mirror.wins, -mirror.median)
    assert found.p == pytest.approx(mirror.p)
    m = found.wins + found.losses
    tail = binom.cdf(min(found.wins, found.losses), m, 0.5) if m else 1.0
    assert found.p == pytest.approx(min(1.0, 2 * tail))


def test_equal_runs_show_nothing():
    assert paired([0.5, 0.5], [0.5, 0.5]) == Paired(0, 0, 2, 0.0, 1.0)


def test_five_pairs_are_too_few_for_the_usual_level():
    assert paired(np.ones(5), np.zeros(5)).p > 0.05
    assert paired(np.ones(6), np.zeros(6)).p < 0.05


@pytest.mark.parametrize(("scores", "against"), [([1.0, 2.0], [1.0]), ([[1.0]], [[1.0]]), ([], [])])
def test_runs_that_are_no_pairs_are_refused(scores, against):
    with pytest.raises(ValueError, match="scores"):
        paired(scores, against)
