"""What the pictures over learning rates show."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.plots.rates import rate_curves

RATES = [0.01, 0.1, 1.0]


def test_lines_bands_and_marks():
    runs = np.array([[3.0, 5.0, 1.0], [1.0, 9.0, 2.0], [2.0, 7.0, 3.0]])
    values = {"loss": [1, 2, 3], "ten seeds": runs}
    axis = rate_curves(RATES, values, y_label="loss", marks={"half": 0.5}, y_range=(0, 10), markers=True).axes[0]
    lines = axis.get_lines()
    np.testing.assert_array_equal(lines[1].get_ydata(), [2, 7, 2])
    assert list(lines[2].get_xdata()) == [0.5, 0.5]
    corners = axis.collections[0].get_paths()[0].vertices
    assert {tuple(corner) for corner in corners} >= {(0.01, 1), (0.01, 3), (0.1, 5), (0.1, 9)}
    assert (axis.get_xscale(), axis.get_ylim()) == ("log", (0, 10))
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["loss", "ten seeds", "half"]


def test_regions_carry_their_names():
    axis = rate_curves(RATES, {"a": [1, 2, 3]}, y_label="", regions={"low": (0.01, 0.1), "high": (0.1, 1)}).axes[0]
    assert [text.get_text() for text in axis.texts] == ["low", "high"]
    assert [span.get_x() for span in axis.patches] == [0.01, 0.1]
    assert axis.get_legend() is None


def test_ticks_are_those_asked_for():
    axis = rate_curves([16, 512], {"a": [1, 2]}, y_label="", x_label="batch size", ticks=[16, 512]).axes[0]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["16", "512"]
    assert not len(axis.get_xticks(minor=True))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rate_curves([0, 1], {"a": [1, 2]}, y_label=""), "rates must be above 0, the axis is logarithmic"),
        (lambda: rate_curves(RATES, {}, y_label=""), "values is empty: expected at least one curve"),
        (lambda: rate_curves(RATES, {"a": [1]}, y_label=""), r"values\['a'\] must have 3 column\(s\)"),
        (lambda: rate_curves(RATES, {"a": RATES}, y_label="", marks={"m": 0}), r"marks\['m'\] must be a finite"),
        (lambda: rate_curves(RATES, {"a": RATES}, y_label="", y_scale="root"), "y_scale must be one of"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
