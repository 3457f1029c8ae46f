"""Search spaces: scales against SciPy's distributions, grids against counting, and every way to get a space wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from coursepkg.search.space import Choice, Float, Int, Space, as_space

PARAMETERS = {
    "float": Float("x", -3.0, 5.0),
    "log float": Float("x", 1e-4, 2.0, log=True),
    "int": Int("x", -2, 7),
    "log int": Int("x", 1, 300, log=True),
    "choice": Choice("x", ["relu", None, 3]),
}


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=PARAMETERS)
@given(st.floats(0, 1))
def test_a_value_lies_in_its_range_and_finds_its_mark_again(parameter, u):
    value = parameter.from_unit(u)
    if isinstance(parameter, Choice):
        assert value in parameter.values
    else:
        assert parameter.low <= value <= parameter.high
    again = parameter.from_unit(parameter.to_unit(value))
    assert again == (pytest.approx(value) if isinstance(parameter, Float) else value)


def test_scales_are_scipys_uniform_and_log_uniform_distributions():
    u = np.linspace(0, 1, 11)
    np.testing.assert_allclose([PARAMETERS["float"].from_unit(x) for x in u], stats.uniform(-3, 8).ppf(u))
    np.testing.assert_allclose([PARAMETERS["log float"].from_unit(x) for x in u], stats.loguniform(1e-4, 2).ppf(u))


@pytest.mark.parametrize("name", ["int", "choice"])
def test_whole_numbers_and_choices_are_equally_likely(name):
    parameter = PARAMETERS[name]
    values = [parameter.from_unit(u) for u in (np.arange(30_000) + 0.5) / 30_000]
    counts = [values.count(value) for value in set(values)]
    n = len(parameter.values) if name == "choice" else parameter.high - parameter.low + 1
    assert len(counts) == n
    assert max(counts) - min(counts) <= 2


def test_a_logarithmic_whole_number_is_as_likely_as_its_half_units_are_wide_in_the_logarithm():
    parameter = PARAMETERS["log int"]
    share = np.mean([parameter.from_unit(u) == 10 for u in (np.arange(50_000) + 0.5) / 50_000])
    assert share == pytest.approx(np.log(10.5 / 9.5) / np.log(300.5 / 0.5), abs=1e-4)


SPACE = Space(
    [Float("rate", 1e-4, 1.0, log=True), Int("units", 8, 64), Float("drop", 0.0, 0.5), Choice("act", ["relu", "tanh"])]
)


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_decode_and_encode_are_inverse_up_to_rounding(u):
    config = SPACE.decode(u)
    again = SPACE.decode(SPACE.encode(config))
    assert again == {
        name: pytest.approx(value) if name in ("rate", "drop") else value for name, value in config.items()
    }


def test_a_grid_is_the_product_of_the_middles_of_equal_parts():
    grid = SPACE.grid({"rate": 2, "units": 1, "drop": 3})
    assert len(grid) == 2 * 1 * 3 * 2
    assert sorted({config["drop"] for config in grid}) == pytest.approx([0.5 / 6, 0.25, 2.5 / 6])
    assert sorted({config["rate"] for config in grid}) == pytest.approx([1e-3, 1e-1])
    assert {config["units"] for config in grid} == {36}
    assert len({tuple(config.items()) for config in grid}) == len(grid)


def test_a_grid_holds_no_whole_number_twice():
    assert [config["n"] for config in Space([Int("n", 1, 3)]).grid(10)] == [1, 2, 3]


def test_a_sample_is_uniform_in_the_cube_and_repeats_with_its_seed():
    draws = [[SPACE.sample(np.random.default_rng(7)) for _ in range(3)] for _ in range(2)]
    assert draws[0] == draws[1]
    rng = np.random.default_rng(0)
    rates = [SPACE.sample(rng)["rate"] for _ in range(2000)]
    assert stats.kstest(np.log10(rates), stats.uniform(-4, 4).cdf).pvalue > 0.001


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Space([]), "the space is empty: expected at least one Float, Int or Choice"),
        (lambda: Space([("rate", 0, 1)]), r"a space is made of Float, Int and Choice; got \('rate', 0, 1\)"),
        (lambda: Space([Int("n", 1, 2), Float("n", 0, 1)]), "two parameters are called 'n'"),
        (lambda: Float("rate", 1.0, 0.1), r"'rate' must have low < high; got low=1.0, high=0.1"),
        (lambda: Float("rate", 1.0, 1.0), "'rate' must have low < high"),
        (lambda: Float("rate", 0, 1, log=True), r"'rate' is logarithmic, so low must be > 0; got low=0"),
        (lambda: Float("rate", "0", 1), "low of 'rate' must be a number; got '0'"),
        (lambda: Float("rate", 0, np.inf), "high of 'rate' must be a finite number; got inf"),
        (lambda: Float("", 0, 1), "the name of a parameter must be a text that is not empty"),
        (lambda: Float(3, 0, 1), "the name of a parameter must be a text that is not empty; got 3"),
        (lambda: Int("n", 5, 2), "'n' must have low < high; got low=5, high=2"),
        (lambda: Int("n", 0, 2, log=True), "'n' is logarithmic, so low must be >= 1; got low=0"),
        (lambda: Int("n", 0.5, 2), "low of 'n' must be an integer; got 0.5"),
        (lambda: Choice("act", "relu"), "values of 'act' must be a list; got 'relu'"),
        (lambda: Choice("act", 3), "values of 'act' must be a list; got 3"),
        (lambda: Choice("act", ["relu"]), "'act' must have at least two values"),
        (lambda: Choice("act", ["relu", "tanh", "relu"]), "'act' holds the value 'relu' twice"),
        (lambda: SPACE.decode([0.5]), "u must have length 4"),
        (lambda: SPACE.decode([0.5, 0.5, 0.5, 1.5]), "u must lie in the unit cube"),
        (lambda: SPACE.encode({"rate": 0.1}), r"the configuration lacks \['units', 'drop', 'act'\]"),
        (lambda: SPACE.encode(SPACE.decode([0.5] * 4) | {"rat": 1}), "no parameter is called 'rat'.*mean 'rate'"),
        (lambda: SPACE.encode(SPACE.decode([0.5] * 4) | {"rate": 5.0}), r"'rate' must be .* in \[0.0001, 1.0\]; got 5"),
        (lambda: SPACE.encode(SPACE.decode([0.5] * 4) | {"act": "gelu"}), "'act' must be one of .*; got 'gelu'"),
        (lambda: SPACE.encode([1, 2]), r"expected a dict by parameter name; got \[1, 2\]"),
        (lambda: SPACE.grid({"rate": 3, "unit": 2}), "no parameter is called 'unit'.*did you mean 'units'"),
        (lambda: SPACE.grid({"rate": 3, "units": 2}), r"points lacks \['drop'\]"),
        (lambda: SPACE.grid(0), "points of 'rate' must be an integer >= 1; got 0"),
        (lambda: as_space({"rate": [1, 2]}), "space must be a Space; got"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
