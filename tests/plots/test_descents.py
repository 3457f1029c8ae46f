"""Descents over a loss of two parameters: paths, marks and contour lines are read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from coursepkg.plots import descents

RANGES = {"x_range": (-2, 2), "y_range": (-1, 3), "levels": [1, 2], "axis_labels": ("weight", "bias")}


def bowl(w, v):
    return w**2 + v**2


def test_each_path_has_a_panel_with_its_start_and_the_marks():
    paths = {"short": [[1, 1], [0, 0]], "long": [[1, 2], [0.5, 1], [0, 0]]}
    figure = descents(bowl, paths, **RANGES, minimum=(0, 0), crosses=[(0.5, 0.25)])
    assert plt.get_fignums() == []
    assert [axis.get_title() for axis in figure.axes] == list(paths)
    for axis, path in zip(figure.axes, paths.values(), strict=True):
        line, start, minimum, cross = axis.get_lines()
        np.testing.assert_array_equal(line.get_xydata(), path)
        np.testing.assert_array_equal(start.get_xydata(), path[:1])
        np.testing.assert_array_equal(minimum.get_xydata(), [[0, 0]])
        np.testing.assert_array_equal(cross.get_xydata(), [[0.5, 0.25]])
        assert axis.get_xlim() == (-2, 2)
        assert axis.get_ylim() == (-1, 3)
        assert axis.get_xlabel() == "weight"
    assert figure.axes[0].get_ylabel() == "bias"


def test_contour_lines_join_places_of_that_loss():
    figure = descents(bowl, {"still": [[0, 0]]}, **RANGES)
    (contours,) = figure.axes[0].collections
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        np.testing.assert_allclose(bowl(*path.vertices.T), level, atol=0.01)


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ({}, "paths is empty"),
        ({"flat": [1, 2]}, r"paths\['flat'\]"),
        ({"three": [[1, 2, 3]]}, r"paths\['three'\] must have 2 column"),
    ],
)
def test_what_cannot_be_drawn_is_named(paths, said):
    with pytest.raises(ValueError, match=said):
        descents(bowl, paths, **RANGES)
