"""Beliefs and planes of searches: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from coursepkg.figures.search_strategies import Belief, beliefs, search_planes

X = np.linspace(0, 1, 5)
BELIEF = Belief(mean=X, std=X + 0.1, observed=([0.5], [0.4]), acquisition=1 - X, next_x=0.0, title="after 1")
PLAIN = Belief(mean=X, std=X + 0.1, observed=([0.2, 0.5], [0.4, 0.6]))
ALL = {
    "beliefs": lambda: beliefs(X, [BELIEF, PLAIN], x_label="x", y_label="y", truth=X),
    "search_planes": lambda: search_planes({"a": (lambda p: p[:, 0], [[0.2, 0.7]])}, axis_labels=("a", "b")),
}


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_picture_is_a_closed_figure_in_the_course_style(draw):
    figure = draw()
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    figure.canvas.draw()


def test_a_belief_shows_its_band_its_observations_and_the_next_trial():
    figure = beliefs(X, [BELIEF], x_label="x", y_label="loss", acquisition_label="EI")
    upper, lower = figure.axes
    band = upper.collections[0].get_paths()[0].get_extents()
    assert (band.y0, band.y1) == pytest.approx((-0.2 + 0 * X[0], 1 + 2 * 1.1)) or band.y1 == pytest.approx(3.2)
    mean, next_trial = upper.get_lines()
    np.testing.assert_array_equal(mean.get_ydata(), X)
    assert next_trial.get_xdata()[0] == 0.0
    assert upper.get_title() == "after 1"
    assert lower.get_ylabel() == "EI"


def test_panels_without_an_acquisition_have_one_row_and_spare_axes_are_hidden():
    figure = beliefs(X, [PLAIN] * 3, x_label="x", y_label="y", columns=2)
    assert len(figure.axes) == 4
    assert not figure.axes[3].axison


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
        (lambda: beliefs(X, [], x_label="", y_label=""), "panels is empty: expected at least one Belief"),
        (lambda: beliefs(X[:2], [PLAIN], x_label="", y_label=""), r"mean must have length 2; got shape \(5,\)"),
        (lambda: search_planes({}, axis_labels=("", "")), "panels is empty"),
        (lambda: search_planes({"a": (len, [1.0])}, axis_labels=("", "")), "trials of 'a' must have 2 dimension"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
