"""Bars: their lengths, names and numbers are read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from coursepkg.plots.bars import bars


def test_lengths_names_and_numbers():
    figure = bars({"small": 1.25, "large": 2500}, x_label="size (kB)", digits=1)
    (axis,) = figure.axes
    assert [patch.get_width() for patch in axis.patches] == [1.25, 2500]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["small", "large"]
    assert [text.get_text() for text in axis.texts] == ["1.2", "2,500.0"]
    assert axis.get_xlabel() == "size (kB)"
    assert plt.get_fignums() == []


def test_the_first_bar_is_at_the_top_and_all_numbers_fit():
    (axis,) = bars({"a": 3, "b": 10}, x_label="n").axes
    assert axis.yaxis_inverted()
    assert axis.get_xlim() == (0, pytest.approx(11.8))


def test_nothing_at_all_has_a_length():
    (axis,) = bars({"a": 0}, x_label="n").axes
    assert axis.get_xlim()[1] > 0


@pytest.mark.parametrize(
    ("amounts", "error", "message"),
    [
        ({}, ValueError, "amounts is empty"),
        ({"a": -1}, ValueError, r"amounts\['a'\] must be a finite number >= 0; got -1"),
        ({"a": "1"}, TypeError, r"amounts\['a'\] must be a number >= 0; got '1'"),
        ({"a": float("nan")}, ValueError, r"amounts\['a'\] must be a finite number"),
    ],
)
def test_errors(amounts, error, message):
    with pytest.raises(error, match=message):
        bars(amounts, x_label="n")
