"""Histograms of layers: the shades are read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from coursepkg.figures.unstable_gradients import histogram_heatmap

FRAME = {"y_label": "output", "y_range": (0, 4)}


def shades(axis):
    """Return what a panel shows, shape [bins, layers], 0 where it is white."""
    (mesh,) = axis.collections
    return np.ma.filled(mesh.get_array(), 0)


def test_each_column_is_the_histogram_of_its_layer():
    layers = [np.random.default_rng(i).uniform(0, 4, 500) for i in range(3)]
    figure = histogram_heatmap({"tanh": {"naive": layers}}, bins=8, **FRAME)
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    for values, column in zip(layers, shades(figure.axes[0]).T, strict=True):
        counts, _ = np.histogram(values, np.linspace(0, 4, 9))
        np.testing.assert_allclose(column, counts / counts.max())


def test_values_outside_the_range_stay_visible_and_a_layer_may_be_empty():
    figure = histogram_heatmap({"relu": {"naive": [[-9.0, 99.0, 99.0], []]}}, bins=4, **FRAME)
    np.testing.assert_allclose(shades(figure.axes[0]), [[0.5, 0], [0, 0], [0, 0], [1, 0]])


def test_layers_are_counted_from_one():
    figure = histogram_heatmap({"relu": {"naive": [[1.0], [2.0]]}}, **FRAME)
    assert figure.axes[0].get_xlim() == (0.5, 2.5)


def test_rows_and_columns_have_names():
    row = {"naive": [[1.0]], "He": [[2.0]]}
    figure = histogram_heatmap({"tanh": row, "relu": row}, x_label="depth", **FRAME)
    assert [axis.get_title() for axis in figure.axes] == ["naive", "He", "", ""]
    assert [axis.get_ylabel() for axis in figure.axes] == ["tanh\noutput", "", "relu\noutput", ""]
    assert [axis.get_xlabel() for axis in figure.axes] == ["", "", "depth", "depth"]


@pytest.mark.parametrize(
    ("panels", "options", "error", "message"),
    [
        ({}, {}, ValueError, "panels is empty"),
        ({"tanh": {}}, {}, ValueError, "panels is empty"),
        ({"a": {"x": [[1.0]]}, "b": {"y": [[1.0]]}}, {}, ValueError, r"panels\['b'\] must have the columns \['x'\]"),
        ({"a": {"x": [[np.inf]]}}, {}, ValueError, r"panels\['a'\]\['x'\]\[0\] must be finite"),
        ({"a": {"x": [["one"]]}}, {}, TypeError, "must hold real numbers"),
        ({"a": {"x": [[1.0]]}}, {"y_range": (2, 2)}, ValueError, "y_range must rise"),
        ({"a": {"x": [[1.0]]}}, {"bins": 0}, ValueError, "bins must be an integer >= 1"),
    ],
)
def test_wrong_panels_are_named(panels, options, error, message):
    with pytest.raises(error, match=message):
        histogram_heatmap(panels, **{**FRAME, **options})
