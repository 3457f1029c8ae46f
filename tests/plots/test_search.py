"""Pictures of searches: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from coursepkg.plots.search import Belief, aligned, beliefs, search_planes, search_progress, stopped_curves

X = np.linspace(0, 1, 5)
BELIEF = Belief(mean=X, std=X + 0.1, observed=([0.5], [0.4]), acquisition=1 - X, next_x=0.0, title="after 1")
PLAIN = Belief(mean=X, std=X + 0.1, observed=([0.2, 0.5], [0.4, 0.6]))
RUNS = [([1, 2, 3], [0.9, 0.5, 0.5]), ([1, 2, 3], [0.8, 0.8, 0.3]), ([1, 2, 3], [0.7, 0.6, 0.1])]
ALL = {
    "beliefs": lambda: beliefs(X, [BELIEF, PLAIN], x_label="x", y_label="y", truth=X),
    "search_planes": lambda: search_planes({"a": (lambda p: p[:, 0], [[0.2, 0.7]])}, axis_labels=("a", "b")),
    "search_progress": lambda: search_progress({"f": {"random": RUNS}}, x_label="x", y_label="y"),
    "stopped_curves": lambda: stopped_curves([1, 2, 4], [[3, 2, 1], [4, 4, 4]], stopped_at=[4, 1]),
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


def test_progress_draws_median_and_quartiles():
    figure = search_progress({"": {"random": RUNS}}, x_label="trials", y_label="best", n_points=3)
    (line,) = figure.axes[0].get_lines()
    np.testing.assert_allclose(line.get_xydata(), [[1, 0.8], [2, 0.6], [3, 0.3]])
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    np.testing.assert_allclose(sorted(band[band[:, 0] == 3][:, 1])[0], np.percentile([0.5, 0.3, 0.1], 25))


@pytest.mark.parametrize(("lowest", "labels"), [(0.1, {"0.1", "0.2", "0.5"}), (1e-6, {"$\\mathdefault{10^{-4}}$"})])
def test_a_logarithmic_axis_has_labels_whatever_its_range(lowest, labels):
    runs = [([1, 2], [0.9, lowest])]
    figure = search_progress({"": {"a": runs}}, x_label="", y_label="", y_scale="log")
    figure.canvas.draw()
    shown = {label.get_text() for label in figure.axes[0].get_yticklabels()}
    assert labels <= shown


def test_searches_are_aligned_as_staircases_where_all_have_a_result():
    spent, best = aligned([([1, 4], [0.9, 0.2]), ([2, 3, 6], [np.inf, 0.7, 0.1])], n_points=3)
    np.testing.assert_allclose(spent, [3, 3.5, 4])
    np.testing.assert_allclose(best, [[0.9, 0.9, 0.2], [0.7, 0.7, 0.7]])


def test_a_stopped_curve_ends_where_it_was_stopped():
    figure = stopped_curves([1, 3, 9], [[3, 2, 1], [4, 4, 4], [5, 3, 2]], stopped_at=[9, 1, 3])
    ends = [line.get_xdata()[-1] for line in figure.axes[0].get_lines()[1::2]]
    assert ends == [9, 1, 3]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["1", "3", "9"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: beliefs(X, [], x_label="", y_label=""), "panels is empty: expected at least one Belief"),
        (lambda: beliefs(X[:2], [PLAIN], x_label="", y_label=""), r"mean must have length 2; got shape \(5,\)"),
        (lambda: search_planes({}, axis_labels=("", "")), "panels is empty"),
        (lambda: search_planes({"a": (len, [1.0])}, axis_labels=("", "")), "trials of 'a' must have 2 dimension"),
        (lambda: search_progress({}, x_label="", y_label=""), "panels is empty"),
        (lambda: search_progress({"a": {"b": []}}, x_label="", y_label=""), "runs is empty"),
        (lambda: aligned([([1], [np.inf])]), "a search has no finite result: all of its trials failed"),
        (lambda: aligned([([1, 2], [1, 1]), ([5, 6], [1, 1])]), "one ends at 2.0, another begins at 5.0"),
        (lambda: aligned([([1, 2], [1])]), "best must have length 2"),
        (lambda: stopped_curves([1, 2], [[1, 2, 3]], [1]), r"losses must have 2 column\(s\)"),
        (lambda: stopped_curves([1, 2], [[1, 2]], [1, 2]), "stopped_at must have length 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
