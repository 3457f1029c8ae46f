"""Pictures of searches: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from coursepkg.plots.search import aligned, search_progress

RUNS = [([1, 2, 3], [0.9, 0.5, 0.5]), ([1, 2, 3], [0.8, 0.8, 0.3]), ([1, 2, 3], [0.7, 0.6, 0.1])]
ALL = {
    "search_progress": lambda: search_progress({"f": {"random": RUNS}}, x_label="x", y_label="y"),
}


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_picture_is_a_closed_figure_in_the_course_style(draw):
    figure = draw()
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    figure.canvas.draw()


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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: search_progress({}, x_label="", y_label=""), "panels is empty"),
        (lambda: search_progress({"a": {"b": []}}, x_label="", y_label=""), "runs is empty"),
        (lambda: aligned([([1], [np.inf])]), "a search has no finite result: all of its trials failed"),
        (lambda: aligned([([1, 2], [1, 1]), ([5, 6], [1, 1])]), "one ends at 2.0, another begins at 5.0"),
        (lambda: aligned([([1, 2], [1])]), "best must have length 2"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
