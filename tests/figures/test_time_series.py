"""Windows and folds: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.model_selection import TimeSeriesSplit

from coursepkg.data import windows
from coursepkg.figures.time_series import fold_bars, window_rows

FOLDS = list(TimeSeriesSplit(3, test_size=10, max_train_size=20).split(np.arange(60)))
SERIES = np.arange(20.0) ** 2


@pytest.mark.parametrize("draw", [lambda: window_rows(SERIES, length=12), lambda: fold_bars(FOLDS, x_label="row")])
def test_a_picture_is_a_closed_figure_in_the_course_style(draw):
    figure = draw()
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    figure.canvas.draw()


def test_the_marks_of_a_window_are_its_months_and_its_target():
    lines = window_rows(SERIES, length=12, n=3).axes[0].get_lines()
    X, y = windows(SERIES, length=12)
    for i in range(3):
        held, target = (SERIES[line.get_xdata() - 1] for line in lines[1 + 2 * i : 3 + 2 * i])
        np.testing.assert_array_equal(held, X[i, :, 0])
        np.testing.assert_array_equal(target, y[i : i + 1])
    heights = [line.get_ydata()[0] for line in lines[1:]]
    assert max(heights) < SERIES.min()
    assert heights[0] == heights[1] > heights[2]


def test_each_bar_covers_its_rows():
    bars = fold_bars(FOLDS, x_label="row").axes[0].patches
    covered = [np.arange(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    for found, rows in zip(covered, [rows for fold in FOLDS for rows in fold], strict=True):
        np.testing.assert_array_equal(found, rows)
    assert [label.get_text() for label in fold_bars(FOLDS, x_label="row").axes[0].get_yticklabels()] == [
        "fold 1", "fold 2", "fold 3"]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: window_rows(range(10), length=8, n=3), "11 months for 3 windows of 8; got 10"),
        (lambda: fold_bars([], x_label="row"), "folds is empty"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
