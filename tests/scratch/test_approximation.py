"""The constructed networks: as close as the bounds promise, and honest where they cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import interp1d

from coursepkg.scratch import build_network, build_network_to_tolerance, max_error


@given(n=st.integers(1, 200), a=st.floats(-3, 3), width=st.floats(0.1, 5))
@settings(max_examples=60, deadline=None)
def test_errors_stay_within_the_proved_bounds(n, a, width):
    step = build_network(np.sin, a, a + width, n_units=n, activation="step")
    relu = build_network(np.sin, a, a + width, n_units=n, activation="relu")
    assert max_error(step, np.sin, a, a + width) <= width / (2 * (n + 1)) + 1e-9
    assert max_error(relu, np.sin, a, a + width) <= (width / n) ** 2 / 8 + 1e-9


def test_relu_units_make_the_polygon_and_step_units_the_staircase():
    f, x = np.exp, np.linspace(0, 1, 501)
    knots = np.linspace(0, 1, 9)
    np.testing.assert_allclose(build_network(f, 0, 1, n_units=8, activation="relu")(x), interp1d(knots, f(knots))(x))
    edges = np.linspace(0, 1, 10)
    staircase = f((edges[:-1] + edges[1:]) / 2)[np.minimum(np.searchsorted(edges, x, "right") - 1, 8)]
    np.testing.assert_allclose(build_network(f, 0, 1, n_units=8)(x), staircase)


@pytest.mark.parametrize(("activation", "order"), [("step", 1), ("relu", 2)])
def test_the_error_falls_with_the_order_of_the_method(activation, order):
    errors = [max_error(build_network(np.sin, 0, 3, n_units=n, activation=activation), np.sin, 0, 3) for n in (64, 128)]
    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.05)


@pytest.mark.parametrize("activation", ["step", "relu"])
def test_any_tolerance_is_met_without_twice_the_units_it_needs(activation):
    network = build_network_to_tolerance(np.cos, 0, 6, tolerance=0.02, activation=activation)
    n = len(network.output_weights)
    assert max_error(network, np.cos, 0, 6) <= 0.02
    assert max_error(build_network(np.cos, 0, 6, n_units=n // 2, activation=activation), np.cos, 0, 6) > 0.02


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: build_network(np.sin, 1, 1, n_units=3), "low must lie below high; got low=1.0, high=1.0"),
        (lambda: build_network(np.sin, 0, np.inf, n_units=3), "high must be a finite number; got inf"),
        (lambda: build_network(np.sin, 0, 1, n_units=0), r"n_units must be an integer in \[1, 1048576\]; got 0"),
        (lambda: build_network(np.sin, 0, 1, n_units=2.0), "n_units must be an integer"),
        (lambda: build_network(3, 0, 1, n_units=3), "f must be a function of an array; got 3"),
        (lambda: build_network(np.sin, 0, 1, n_units=3, activation="tanh"), "activation must be one of 'step', 'relu'"),
        (lambda: build_network(lambda x: 1.0, 0, 1, n_units=3), r"the result of f must have 1 dimension\(s\)"),
        (lambda: build_network(lambda x: x / 0 * 0, 0, 1, n_units=3), "the result of f must be finite; found nan"),
        (lambda: build_network_to_tolerance(np.sin, 0, 1, tolerance=0), "tolerance must be a finite number > 0"),
        (
            lambda: build_network_to_tolerance(lambda x: np.floor(9 * np.exp(x)), -1, 2, tolerance=0.1),
            "is f continuous there",
        ),
        (lambda: max_error(np.sin, np.sin, 0, 1, n_points=1), "n_points must be an integer >= 2; got 1"),
        (lambda: build_network(np.sin, 0, 1, n_units=3)([[0.0]]), r"x must have 1 dimension\(s\); got shape \(1, 1\)"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
