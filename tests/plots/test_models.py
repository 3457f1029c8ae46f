"""Pictures of trained models: what they draw is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.interpolate import RegularGridInterpolator
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix as sklearn_confusion

from coursepkg.plots.models import (
    boundaries_over_training,
    calibration,
    confusion_matrix,
    hidden_units,
    residuals,
)
from coursepkg.scratch.playground import explore


@pytest.fixture(scope="module")
def run():
    return explore("xor", hidden=(3, 2), epochs=4, n_snapshots=3, resolution=30)


@pytest.fixture(scope="module")
def short_run():
    return explore("gauss", hidden=(), epochs=2, n_snapshots=1, resolution=12)


def test_every_picture_is_a_closed_figure_in_the_course_style(run):
    figures = [
        residuals([1.0, 2.0], {"a": [1.0, 1.0]}, unit="m", n_bins=2),
        confusion_matrix([0, 1], [0, 1], class_names=["a", "b"]),
        calibration([0, 1], {"a": [0.2, 0.7]}),
        boundaries_over_training({"a": run}),
        hidden_units(run),
    ]
    assert all(isinstance(figure, Figure) and figure.get_dpi() == 130 for figure in figures)
    assert plt.get_fignums() == []


def test_residuals_are_target_minus_prediction_and_their_group_means():
    figure = residuals([3.0, 5.0, 1.0, 9.0], {"one": [1.0, 2.0, 3.0, 4.0], "two": [0.0] * 4}, unit="m", n_bins=2)
    first, second = figure.axes
    assert [first.get_title(), second.get_title()] == ["one", "two"]
    np.testing.assert_array_equal(first.collections[0].get_offsets(), [[1, 2], [2, 3], [3, -2], [4, 5]])
    np.testing.assert_array_equal(first.get_lines()[1].get_xydata(), [[1.5, 2.5], [3.5, 1.5]])


def test_the_confusion_matrix_is_that_of_scikit_learn_with_true_classes_in_rows():
    rng = np.random.default_rng(0)
    true, predicted = rng.integers(4, size=100), rng.integers(4, size=100)
    figure = confusion_matrix(true, predicted, class_names="abcd")
    texts = np.array([int(text.get_text() or 0) for text in figure.axes[0].texts]).reshape(4, 4)
    np.testing.assert_array_equal(texts, sklearn_confusion(true, predicted))
    assert figure.axes[0].get_ylabel() == "true class"


def test_a_class_that_never_occurs_leaves_an_empty_row():
    figure = confusion_matrix([0, 0], [0, 2], class_names=["a", "b", "c"])
    assert [text.get_text() for text in figure.axes[0].texts] == ["1", "", "1", "", "", "", "", "", ""]


def test_calibration_agrees_with_scikit_learn():
    rng = np.random.default_rng(1)
    stated = rng.random(500)
    happened = (rng.random(500) < stated**2).astype(int)
    came_true, mean_stated = calibration_curve(happened, stated, n_bins=8)
    figure = calibration(happened, {"model": stated}, n_bins=8)
    line = figure.axes[0].get_lines()[1].get_xydata()
    np.testing.assert_allclose(line, np.column_stack([mean_stated, came_true]))


def test_calibration_keeps_the_ends_of_the_range_in_the_outer_bins():
    figure = calibration([0, 1, 1], {"model": [0.0, 1.0, 0.96]}, n_bins=5)
    np.testing.assert_allclose(figure.axes[0].get_lines()[1].get_xydata(), [[0, 0], [0.98, 1]])


PROBABILITIES = np.array([0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])


def shades(axis, run, values, levels):
    """Return which shades are painted, and which should be, where no point, line or edge of a shade is near."""
    canvas = FigureCanvasAgg(axis.figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[::-1, :, :3].astype(int)
    colors = (255 * axis.collections[0].get_facecolor()[:, :3]).round()
    painted, expected = [], []
    for i, j in np.ndindex(values.shape):
        place = run.grid[[j, i]]
        is_inside = np.abs(place).max() < 5.5
        is_free = np.linalg.norm(run.X_train - place, axis=1).min() > 0.4
        if is_inside and is_free and np.abs(values[i, j] - levels).min() > 0.05:
            column, row = axis.transData.transform(place).astype(int)
            painted.append(int(np.abs(colors - pixels[row, column]).sum(axis=1).argmin()))
            expected.append(int(np.searchsorted(levels, values[i, j])) - 1)
    assert len(expected) > 10
    return painted, expected


def test_boundaries_show_each_snapshot_of_each_run(run):
    figure = boundaries_over_training({"a": run, "b": run})
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == [*(f"epoch {epoch}" for epoch in run.epochs), "", "", ""]
    assert [axis.get_ylabel() for axis in figure.axes[::3]] == ["a\n$x_2$", "b\n$x_2$"]
    for snapshot in range(3):
        axis, values = figure.axes[3 + snapshot], run.boundaries[snapshot]
        painted, expected = shades(axis, run, values, PROBABILITIES)
        assert painted == expected
        line = axis.collections[1].get_paths()[0].vertices
        at_the_line = RegularGridInterpolator((run.grid, run.grid), values)(line[:, ::-1])
        np.testing.assert_allclose(at_the_line, 0.5, atol=0.05)


def test_an_undecided_network_and_one_of_a_single_answer_can_be_drawn(run):
    from dataclasses import replace

    same = replace(run, boundaries=np.full_like(run.boundaries, 0.5), hidden_units=[np.zeros((3, 2, 30, 30))])
    assert len(boundaries_over_training({"a": same}).axes) == 3
    assert len(hidden_units(same).axes) == 4


def test_columns_show_the_last_snapshot_of_each_run(run, short_run):
    figure = boundaries_over_training({"a": run, "b": short_run, "c": run}, columns=2)
    assert [axis.get_title() for axis in figure.axes] == ["a", "b", "c", ""]
    painted, expected = shades(figure.axes[2], run, run.boundaries[-1], PROBABILITIES)
    assert painted == expected


def test_hidden_units_show_every_unit_and_the_output(run):
    figure = hidden_units(run, snapshot=1)
    drawn = [axis for axis in figure.axes if axis.get_title()]
    assert len(drawn) == 3 + 2 + 1
    answers = run.hidden_units[1][1, 1]
    levels = np.linspace(answers.min(), answers.max(), 7)
    painted, expected = shades(drawn[4], run, answers, levels)
    assert painted == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: residuals([1.0], {}, unit="m", n_bins=1), "predictions is empty"),
        (lambda: residuals([1.0, 2.0], {"a": [1.0]}, unit="m", n_bins=1), r"predictions\['a'\] must have length 2"),
        (lambda: residuals([1.0], {"a": [1.0]}, unit="m"), r"n_bins must be an integer in \[1, 1\]; got 12"),
        (lambda: confusion_matrix([0, 2], [0, 1], class_names="ab"), "y_true must hold classes 0 … 1"),
        (lambda: confusion_matrix([0, 1], [0], class_names="ab"), "y_pred must have length 2"),
        (lambda: calibration([0, 2], {"a": [0.1, 0.2]}), "y_true must hold 0 and 1 only"),
        (lambda: calibration([0, 1], {"a": [0.1, 1.2]}), r"probabilities\['a'\] must lie in \[0, 1\]"),
        (lambda: calibration([0, 1], {}), "probabilities is empty"),
        (lambda: boundaries_over_training({}), "runs must hold runs with the same number of snapshots"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_runs_and_snapshots_that_do_not_fit_are_named(run, short_run):
    with pytest.raises(ValueError, match=r"same number of snapshots, at least one; got \{'a': 3, 'b': 1\}"):
        boundaries_over_training({"a": run, "b": short_run})
    with pytest.raises(ValueError, match=r"snapshot must be an integer in \[-3, 2\]; got 3"):
        hidden_units(run, snapshot=3)
