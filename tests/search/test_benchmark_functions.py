"""Benchmark functions against the minima that the literature states."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from coursepkg.search.benchmark_functions import BENCHMARKS, branin, forrester, hartmann6

# Surjanovic and Bingham, "Virtual library of simulation experiments" (2013), states these minima.
MINIMA = {
    "Forrester": ([0.757249], -6.020740),
    "Branin": ([math.pi, 2.275], 0.397887),
    "Hartmann, 6-D": ([0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573], -3.32237),
}


@pytest.mark.parametrize("name", BENCHMARKS)
def test_the_minimum_is_the_published_one(name):
    benchmark, (x, lowest) = BENCHMARKS[name], MINIMA[name]
    assert float(benchmark.function(np.array(x))) == pytest.approx(lowest, abs=2e-5)
    assert benchmark(dict(zip(benchmark.space.parameters, x, strict=True))) == pytest.approx(0, abs=2e-5)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_no_optimizer_finds_anything_lower(name):
    benchmark = BENCHMARKS[name]
    d, rng = len(benchmark.space), np.random.default_rng(0)
    starts = rng.random((40, d))
    found = [minimize(lambda u: benchmark(benchmark.space.decode(u)), u, bounds=[(0, 1)] * d).fun for u in starts]
    assert 0 <= min(found) < 1e-4


def test_all_three_minima_of_branin_are_equal():
    points = [[-math.pi, 12.275], [math.pi, 2.275], [9.42478, 2.475]]
    np.testing.assert_allclose(branin(points), 0.397887, atol=1e-5)


def test_functions_take_any_number_of_points():
    assert forrester(np.zeros((2, 3))).shape == (2, 3)
    assert branin(np.zeros((4, 2))).shape == (4,)
    assert hartmann6(np.zeros((2, 5, 6))).shape == (2, 5)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_more_budget_never_shows_a_higher_loss_and_the_full_one_hides_nothing(name):
    benchmark, rng = BENCHMARKS[name], np.random.default_rng(0)
    for _ in range(20):
        config = benchmark.space.sample(rng)
        curve = [benchmark(config, budget) for budget in range(1, 28)]
        assert (np.diff(curve) < 0).all()
        assert curve[-1] == benchmark(config)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: BENCHMARKS["Branin"]({"x1": 0.0}), r"the configuration lacks \['x2'\]"),
        (lambda: BENCHMARKS["Forrester"]({"x1": 2.0}), r"'x1' must be a finite number in \[0.0, 1.0\]; got 2"),
        (lambda: BENCHMARKS["Forrester"]({"x1": 0.5}, 0), r"budget must be a finite number in \(0, 27\]; got 0"),
        (lambda: BENCHMARKS["Forrester"]({"x1": 0.5}, 28), r"budget must be a finite number in \(0, 27\]; got 28"),
        (lambda: branin([0.0]), r"x must have 2 column\(s\); got shape \(1,\)"),
        (lambda: hartmann6([[0.0] * 5]), r"x must have 6 column\(s\)"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
