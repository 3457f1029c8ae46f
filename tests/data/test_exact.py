import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coursepkg.data.exact import Stream, cos_sin, exp, interpolate, log, polynomial


@given(st.floats(1e-300, 1e300))
def test_log_agrees_with_numpy(x):
    assert log(np.array([x]))[0] == pytest.approx(np.log(x), rel=1e-15, abs=1e-15)


@given(st.floats(-690, 690))
def test_exp_agrees_with_numpy(x):
    assert exp(np.array([x]))[0] == pytest.approx(np.exp(x), rel=1e-15)


@given(st.floats(-4, 4))
def test_cosine_and_sine_agree_with_numpy(turns):
    cosine, sine = cos_sin(np.array([turns]))
    assert cosine[0] == pytest.approx(np.cos(2 * np.pi * turns), abs=1e-14)
    assert sine[0] == pytest.approx(np.sin(2 * np.pi * turns), abs=1e-14)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=20))
def test_interpolation_agrees_with_numpy(x):
    knots, values = [-3.0, -1.0, 0.5, 4.0], [2.0, -1.0, 7.0, 7.5]
    assert np.allclose(interpolate(np.array(x), knots, values), np.interp(x, knots, values), rtol=1e-14, atol=1e-14)


def test_polynomial_agrees_with_numpy():
    x = np.linspace(-2, 2, 9)
    assert np.allclose(polynomial(x, [3.0, 0.0, -1.0, 5.0]), np.polyval([3.0, 0.0, -1.0, 5.0], x))


def test_uniform_numbers_are_uniform():
    u = Stream("test", 1).uniform("u", 100_000)
    assert 0 < u.min() < u.max() < 1
    assert stats.kstest(u, "uniform").pvalue > 1e-3


def test_normal_numbers_are_normal():
    z = Stream("test", 1).normal("z", 100_000)
    assert stats.kstest(z, "norm").pvalue > 1e-3


def test_columns_and_seeds_and_names_are_independent():
    columns = [
        Stream("test", 1).uniform("a", 10_000),
        Stream("test", 1).uniform("b", 10_000),
        Stream("test", 2).uniform("a", 10_000),
        Stream("other", 1).uniform("a", 10_000),
    ]
    correlation = np.corrcoef(columns)[np.triu_indices(4, 1)]
    assert np.abs(correlation).max() < 0.04


def test_the_first_numbers_do_not_depend_on_how_many_are_drawn():
    stream = Stream("test", 1)
    assert (stream.normal("z", 1000)[:10] == stream.normal("z", 10)).all()


def test_the_bits_are_frozen():
    stream = Stream("frozen", 7)
    everything = [stream.uniform("u", 1000), stream.normal("z", 1000), exp(stream.normal("z", 1000))]
    everything += [log(stream.uniform("u", 1000)), *cos_sin(stream.uniform("u", 1000))]
    digest = hashlib.sha256(np.concatenate(everything).astype("<f8").tobytes()).hexdigest()
    assert digest == "d760cfe90ffcd28e6c6fd87891807231c340c153ac205f2d039e2cd672479710"
