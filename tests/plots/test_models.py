"""Pictures of trained models: what they draw is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix as sklearn_confusion

from coursepkg.plots.models import calibration, confusion_matrix, residuals


def test_every_picture_is_a_closed_figure_in_the_course_style():
    figures = [
        residuals([1.0, 2.0], {"a": [1.0, 1.0]}, unit="m", n_bins=2),
        confusion_matrix([0, 1], [0, 1], class_names=["a", "b"]),
        calibration([0, 1], {"a": [0.2, 0.7]}),
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
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
