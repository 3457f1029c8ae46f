"""Beliefs of a search about a function of one variable: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from coursepkg.figures.bayesian_search import Belief, beliefs

X = np.linspace(0, 1, 5)
BELIEF = Belief(mean=X, std=X + 0.1, observed=([0.5], [0.4]), acquisition=1 - X, next_x=0.0, title="after 1")
PLAIN = Belief(mean=X, std=X + 0.1, observed=([0.2, 0.5], [0.4, 0.6]))


def test_a_picture_is_a_closed_figure_in_the_course_style():
    figure = beliefs(X, [BELIEF, PLAIN], x_label="x", y_label="y", truth=X)
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    figure.canvas.draw()


def test_a_belief_shows_its_band_its_observations_and_the_next_trial():
    figure = beliefs(X, [BELIEF], x_label="x", y_label="loss", acquisition_label="EI")
    upper, lower = figure.axes
    band = upper.collections[0].get_paths()[0].get_extents()
    assert (band.y0, band.y1) == pytest.approx((-1.2, 3.2))
    mean, next_trial = upper.get_lines()
    np.testing.assert_array_equal(mean.get_ydata(), X)
    assert next_trial.get_xdata()[0] == 0.0
    assert upper.get_title() == "after 1"
    assert lower.get_ylabel() == "EI"


def test_panels_without_an_acquisition_have_one_row_and_spare_axes_are_hidden():
    figure = beliefs(X, [PLAIN] * 3, x_label="x", y_label="y", columns=2)
    assert len(figure.axes) == 4
    assert not figure.axes[3].axison


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: beliefs(X, [], x_label="", y_label=""), "panels is empty: expected at least one Belief"),
        (lambda: beliefs(X[:2], [PLAIN], x_label="", y_label=""), r"mean must have length 2; got shape \(5,\)"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
