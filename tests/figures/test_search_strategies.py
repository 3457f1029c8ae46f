"""Planes of searches: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from coursepkg.figures.search_strategies import search_planes

ALL = {
    "search_planes": lambda: search_planes({"a": (lambda p: p[:, 0], [[0.2, 0.7]])}, axis_labels=("a", "b")),
}


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_picture_is_a_closed_figure_in_the_course_style(draw):
    figure = draw()
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    figure.canvas.draw()


def test_planes_hold_the_trials_their_numbers_and_the_profile():
    trials = np.array([[0.2, 0.7], [0.9, 0.1]])
    panels = {"grid": (lambda p: p.sum(axis=1), trials), "random": (lambda p: p[:, 0], trials[:1])}
    figure = search_planes(panels, axis_labels=("a", "b"), profile=lambda x: x**2, numbered=True)
    above, _, first, second = figure.axes
    np.testing.assert_array_equal(first.collections[-1].get_offsets(), trials)
    assert [text.get_text() for text in first.texts] == ["1", "2"]
    assert len(second.texts) == 1
    np.testing.assert_allclose(above.collections[0].get_offsets(), np.column_stack([trials[:, 0], trials[:, 0] ** 2]))
    assert (above.get_title(), first.get_xlabel(), first.get_ylabel()) == ("grid", "a", "b")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: search_planes({}, axis_labels=("", "")), "panels is empty"),
        (lambda: search_planes({"a": (len, [1.0])}, axis_labels=("", "")), "trials of 'a' must have 2 dimension"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
