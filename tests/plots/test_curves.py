"""What curves show: medians and bands of seeds, own places for each curve, marks, regions and ticks."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from coursepkg.plots.curves import curves, learning_curves

RATES = [0.01, 0.1, 1.0]
RATE = {"x_label": "learning rate", "x_scale": "log"}
COUNT = {"x_label": "parameters", "y_label": "error", "x_scale": "log", "markers": True, "ticks": "round"}


def test_a_band_reaches_from_the_lowest_to_the_highest():
    runs = np.array([[3.0, 5.0], [1.0, 9.0], [2.0, 7.0]])
    axis = curves([0, 1], {"a": runs}, x_label="epoch", y_label="loss", y_scale="log").axes[0]
    np.testing.assert_array_equal(axis.get_lines()[0].get_ydata(), [2, 7])
    corners = axis.collections[0].get_paths()[0].vertices
    assert {tuple(corner) for corner in corners} >= {(0, 1), (0, 3), (1, 5), (1, 9)}
    assert axis.get_legend() is None
    assert axis.get_yscale() == "log"


def test_several_bands_have_names():
    axis = curves([0, 1], {"a": [[1, 2]], "b": [[2, 3]]}, x_label="x", y_label="y", markers=True).axes[0]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "b"]


def test_lines_bands_and_marks():
    runs = np.array([[3.0, 5.0, 1.0], [1.0, 9.0, 2.0], [2.0, 7.0, 3.0]])
    values = {"loss": [1, 2, 3], "ten seeds": runs}
    axis = curves(RATES, values, y_label="loss", marks={"half": 0.5}, y_range=(0, 10), markers=True, **RATE).axes[0]
    lines = axis.get_lines()
    np.testing.assert_array_equal(lines[1].get_ydata(), [2, 7, 2])
    assert list(lines[2].get_xdata()) == [0.5, 0.5]
    corners = axis.collections[0].get_paths()[0].vertices
    assert {tuple(corner) for corner in corners} >= {(0.01, 1), (0.01, 3), (0.1, 5), (0.1, 9)}
    assert (axis.get_xscale(), axis.get_ylim()) == ("log", (0, 10))
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["loss", "ten seeds", "half"]


def test_regions_carry_their_names():
    axis = curves(RATES, {"a": [1, 2, 3]}, y_label="", regions={"low": (0.01, 0.1), "high": (0.1, 1)}, **RATE).axes[0]
    assert [text.get_text() for text in axis.texts] == ["low", "high"]
    assert [span.get_x() for span in axis.patches] == [0.01, 0.1]
    assert axis.get_legend() is None


def test_ticks_are_those_asked_for():
    axis = curves([16, 512], {"a": [1, 2]}, y_label="", x_label="batch size", x_scale="log", ticks=[16, 512]).axes[0]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["16", "512"]
    assert not len(axis.get_xticks(minor=True))


def test_each_method_has_its_own_sizes_and_the_band_spans_its_runs():
    results = {"flat": ([5], [[1.0], [3.0]]), "deep": ([10, 20, 40], [[3, 2, 1], [5, 4, 0.5], [4, 9, 2]])}
    axis = curves(None, results, **COUNT, levels={"noise": 0.4}).axes[0]
    flat, deep, level = axis.get_lines()
    assert (flat.get_xdata().tolist(), flat.get_ydata().tolist()) == ([5], [2])
    assert (deep.get_xdata().tolist(), deep.get_ydata().tolist()) == ([10, 20, 40], [4, 4, 1])
    assert set(level.get_ydata()) == {0.4}
    bar, band = axis.collections
    np.testing.assert_allclose(bar.get_segments()[0][:, 1], [1, 3])
    outline = band.get_paths()[0].vertices
    assert [outline[outline[:, 0] == x][:, 1].max() for x in (10, 20, 40)] == [5, 9, 2]
    assert [outline[outline[:, 0] == x][:, 1].min() for x in (10, 20, 40)] == [3, 2, 0.5]
    assert axis.get_xscale() == "log"


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [([150, 2500], ["200", "500", "1,000", "2,000"]), ([2e3, 2e6], ["10,000", "100,000", "1,000,000"])],
)
def test_sizes_are_labeled_with_round_numbers(sizes, expected):
    figure = curves(None, {"deep": (sizes, [[1, 2]])}, **COUNT)
    figure.draw_without_rendering()
    axis = figure.axes[0]
    low, high = axis.get_xlim()
    shown = zip(axis.get_xticks(), axis.get_xticklabels(), strict=True)
    assert [label.get_text() for place, label in shown if low <= place <= high] == expected


def test_a_picture_is_drawn_where_it_is_asked_for():
    figure, (left, right) = plt.subplots(1, 2)
    plt.close(figure)
    assert curves([1, 2], {"a": [1, 2]}, x_label="x", y_label="y", ax=right) is figure
    assert learning_curves({"loss": [3, 2, 1]}, ax=right) is figure
    assert [len(axis.get_lines()) for axis in (left, right)] == [0, 2]


def test_learning_curves_take_what_training_returned():
    class History:
        history = {"loss": [0.9, 0.5], "val_loss": [1.0, 0.7]}

    for history in (History(), History.history, pd.DataFrame(History.history)):
        lines = learning_curves(history).axes[0].get_lines()
        assert [line.get_label() for line in lines] == ["loss", "val_loss"]
        np.testing.assert_array_equal(lines[1].get_xydata(), [[1, 1.0], [2, 0.7]])


LINES = {"x_label": "", "y_label": ""}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: curves([0, 1], {"a": [1, 2]}, **LINES, x_scale="log"), "x must be above 0, its axis is logarithmic"),
        (lambda: curves(RATES, {}, **LINES), "values is empty: expected a dict with at least one curve"),
        (lambda: curves(RATES, {"a": [1]}, **LINES), r"values\['a'\] must have length 3"),
        (lambda: curves(RATES, {"a": [[1]]}, **LINES), r"values\['a'\] must have 3 column\(s\)"),
        (lambda: curves(RATES, {"a": RATES}, **LINES, x_scale="log", marks={"m": 0}), r"marks\['m'\] must be a finite"),
        (lambda: curves(RATES, {"a": RATES}, **LINES, y_scale="root"), "y_scale must be one of"),
        (lambda: curves([1], {}, **LINES), "at least one curve; got {}"),
        (lambda: curves([1, 2], {"a": [[1, 2, 3]]}, **LINES), r"values\['a'\].*\(1, 3\)"),
        (lambda: curves([1], {"a": [[1]]}, **LINES, x_scale="root"), "x_scale .*root"),
        (
            lambda: curves(None, {"deep": ([1, 2], [[1, 2, 3]])}, **LINES),
            r"'deep'\] must have 2 column\(s\); got shape \(1, 3\)",
        ),
        (lambda: curves(None, {"deep": ([1], [[1]])}, **LINES, ticks="all"), "ticks must be one of 'round'; got 'all'"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
