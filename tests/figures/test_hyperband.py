"""Curves that were stopped early: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from coursepkg.figures.hyperband import stopped_curves

ALL = {"stopped_curves": lambda: stopped_curves([1, 2, 4], [[3, 2, 1], [4, 4, 4]], stopped_at=[4, 1])}


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_picture_is_a_closed_figure_in_the_course_style(draw):
    figure = draw()
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    figure.canvas.draw()


def test_a_stopped_curve_ends_where_it_was_stopped():
    figure = stopped_curves([1, 3, 9], [[3, 2, 1], [4, 4, 4], [5, 3, 2]], stopped_at=[9, 1, 3])
    ends = [line.get_xdata()[-1] for line in figure.axes[0].get_lines()[1::2]]
    assert ends == [9, 1, 3]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["1", "3", "9"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stopped_curves([1, 2], [[1, 2, 3]], [1]), r"losses must have 2 column\(s\)"),
        (lambda: stopped_curves([1, 2], [[1, 2]], [1, 2]), "stopped_at must have length 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
