"""Curves that were stopped early: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from coursepkg.figures.hyperband import bracket_plan, stopped_curves
from coursepkg.search.halving import hyperband_brackets, total_budget

ALL = {
    "bracket_plan": lambda: bracket_plan(hyperband_brackets(9)),
    "stopped_curves": lambda: stopped_curves([1, 2, 4], [[3, 2, 1], [4, 4, 4]], stopped_at=[4, 1]),
}


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


def test_the_areas_of_a_plan_are_the_budgets_that_its_brackets_spend():
    brackets = hyperband_brackets(27)
    figure = bracket_plan(brackets)
    for axis, bracket in zip(figure.axes, brackets, strict=True):
        assert sum(bar.get_width() * bar.get_height() for bar in axis.patches) == total_budget([bracket], resume=True)
        assert [bar.get_height() for bar in axis.patches] == [rung.n_configs for rung in bracket]
        assert axis.patches[-1].get_x() + axis.patches[-1].get_width() == 27


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bracket_plan([]), "brackets is empty: expected at least one list of Rung"),
        (lambda: stopped_curves([1, 2], [[1, 2, 3]], [1]), r"losses must have 2 column\(s\)"),
        (lambda: stopped_curves([1, 2], [[1, 2]], [1, 2]), "stopped_at must have length 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
