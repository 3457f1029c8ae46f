"""Ridges show densities: each outline, taken down from its base line, has the same area."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.figures.tensorboard import ridgeline


def bins_of(values, bins):
    counts, edges = np.histogram(values, bins)
    return np.column_stack([edges[:-1], edges[1:], counts])


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(size=5000)


def areas(axis):
    """Return the area between each outline and its base line."""
    return [np.trapezoid(line.get_ydata().max() - line.get_ydata(), line.get_xdata()) for line in axis.get_lines()]


def test_bins_of_any_width_give_the_same_area(values):
    uneven = np.concatenate([np.linspace(-6, 0, 7), np.linspace(0.1, 6, 60)])
    figure = ridgeline({"a": [bins_of(values, 40), bins_of(values, uneven), bins_of(values[:50], 10)]}, x_label="x")
    found = areas(figure.axes[0])
    np.testing.assert_allclose(found, found[0], rtol=1e-9)
    assert found[0] > 0


def test_each_histogram_stands_on_its_number_and_the_latest_is_in_front(values):
    figure = ridgeline({"a": [bins_of(values, 20)] * 4}, x_label="x", first=3)
    lines = figure.axes[0].get_lines()
    assert [line.get_ydata().max() for line in lines] == [3, 4, 5, 6]
    assert sorted(lines, key=lambda line: line.get_zorder()) == list(lines)
    bottom, top = figure.axes[0].get_ylim()
    assert bottom > top


def test_of_many_histograms_first_and_last_are_among_those_drawn(values):
    figure = ridgeline({"a": [bins_of(values, 20)] * 100}, x_label="x", most=5)
    bases = [line.get_ydata().max() for line in figure.axes[0].get_lines()]
    assert bases == [0, 25, 50, 74, 99]


def test_a_bin_without_width_is_left_out(values):
    bins = bins_of(values, 20)
    closed = np.vstack([bins, [bins[-1, 1], bins[-1, 1], 0]])
    lines = [ridgeline({"a": [b]}, x_label="x").axes[0].get_lines()[0] for b in (bins, closed)]
    np.testing.assert_allclose(lines[0].get_xydata(), lines[1].get_xydata())


@pytest.mark.parametrize(
    ("histograms", "message"),
    [
        ({}, "histograms is empty"),
        ({"a": []}, "at least one histogram in each panel"),
        ({"a": [[[0, 1]]]}, r"histograms\['a'\]\[0\] must have 3 column"),
        ({"a": [[[1, 1, 5]]]}, r"histograms\['a'\]\[0\] has no bin that is wider than 0"),
        ({"a": [[0, 1, 5]]}, r"must have 2 dimension\(s\)"),
    ],
)
def test_bad_histograms_are_named(histograms, message):
    with pytest.raises(ValueError, match=message):
        ridgeline(histograms, x_label="x")


def test_at_least_one_histogram_must_be_drawn(values):
    with pytest.raises(ValueError, match="most must be an integer >= 1; got 0"):
        ridgeline({"a": [bins_of(values, 20)]}, x_label="x", most=0)
