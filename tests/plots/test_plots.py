"""Pictures: what they draw is read back from the figure, and nothing is left behind in pyplot."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import ImageColor

from coursepkg.plots import (
    COLORS,
    Line,
    Plane,
    bars,
    calibration,
    colored_points,
    curves,
    decision_boundary,
    dots,
    histogram,
    image_grid,
    learning_curves,
    network_diagram,
    planes,
    residuals,
    search_progress,
)

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0, 1, 1, 0])
NAMES = ("$x_1$", "$x_2$")
ALL = {
    "curves": lambda: curves([1, 2], {"a": [1, 2]}, x_label="x", y_label="y"),
    "learning_curves": lambda: learning_curves({"loss": [2, 1]}),
    "planes": lambda: planes([Plane(X, XOR)], axis_labels=NAMES),
    "decision_boundary": lambda: decision_boundary(lambda X: X[:, 0], X, XOR, axis_labels=NAMES),
    "network_diagram": lambda: network_diagram([2, 3, 1]),
    "image_grid": lambda: image_grid(np.zeros((3, 4, 4)), titles=["a", "b", "c"]),
    "colored_points": lambda: colored_points([0, 1], [0, 1], [0, 1], x_label="", y_label="", value_label=""),
    "histogram": lambda: histogram({"a": [1, 2], "b": [2, 3]}, x_label="x"),
}


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_picture_is_a_closed_figure_in_the_course_style_and_the_callers_style_stays(draw):
    before = dict(mpl.rcParams)
    figure = draw()
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    assert dict(mpl.rcParams) == before


def test_curves_hold_the_given_points_scales_and_levels():
    figure = curves(
        [1, 10, 100], {"a": [1, 2, np.nan], "b": [3, 2, 1]}, x_label="n", y_label="e", x_scale="log", levels={"max": 2}
    )
    (axis,) = figure.axes
    first, second, level = axis.get_lines()
    np.testing.assert_array_equal(first.get_xydata(), [[1, 1], [10, 2], [100, np.nan]])
    np.testing.assert_array_equal(second.get_ydata(), [3, 2, 1])
    assert level.get_ydata()[0] == 2
    assert axis.get_xscale() == "log"
    assert [t.get_text() for t in axis.get_legend().get_texts()] == ["a", "b", "max"]


def test_learning_curves_begin_at_epoch_one():
    (axis,) = learning_curves({"loss": [0.9, 0.5, 0.4]}, y_label="loss (nats)").axes
    np.testing.assert_array_equal(axis.get_lines()[0].get_xdata(), [1, 2, 3])
    assert axis.get_ylabel() == "loss (nats)"


def test_learning_curves_take_what_a_reader_has():
    records = {"loss": [0.9, 0.5, 0.4], "val_loss": [1.0, 0.7, 0.6]}

    class History:  # as keras.callbacks.History
        history = records

    for given in (records, pd.DataFrame(records), pd.DataFrame(records, index=[1, 2, 3]), History()):
        (axis,) = learning_curves(given).axes
        drawn = {
            text.get_text(): line for text, line in zip(axis.get_legend().get_texts(), axis.get_lines(), strict=True)
        }
        for name, values in records.items():
            np.testing.assert_array_equal(drawn[name].get_xdata(), [1, 2, 3])
            np.testing.assert_array_equal(drawn[name].get_ydata(), values)
    with pytest.raises(ValueError, match="history is empty"):
        learning_curves(pd.DataFrame())


def test_a_line_is_where_the_weighted_sum_is_zero():
    (axis,) = planes([Plane(X, XOR, lines=[Line((2.0, 1.0), -1.5)])], axis_labels=NAMES).axes
    line = axis.get_lines()[0]
    for x, y in (line.get_xy1(), line.get_xy2()):
        assert 2 * x + y - 1.5 == pytest.approx(0)


def test_zero_weights_draw_no_line():
    (axis,) = planes([Plane(X, XOR, lines=[Line((0.0, 0.0), 1.0)])], axis_labels=NAMES).axes
    assert not axis.get_lines()


def test_mistaken_points_are_ringed():
    figure = decision_boundary(lambda X: (X[:, 0] > 0.5).astype(int), X, XOR, axis_labels=NAMES)
    rings = figure.axes[0].collections[-1]
    assert rings.get_label() == "mistaken"
    np.testing.assert_array_equal(rings.get_offsets(), X[[1, 3]])


def test_regions_carry_the_predicted_classes():
    figure = decision_boundary(lambda X: (X[:, 0] > 0.5).astype(int), X, XOR, axis_labels=NAMES)
    regions = figure.axes[0].collections[0].get_array()
    assert set(np.unique(regions)) == {0, 1}
    assert regions[:, :100].max() == 0
    assert regions[:, -100:].min() == 1


def test_a_network_shows_each_connection_each_weight_and_the_sizes():
    weights, biases = [np.arange(6).reshape(2, 3), np.ones((3, 1))], [np.full(3, 0.5), [7]]
    (axis,) = network_diagram([2, 3, 1], weights=weights, biases=biases).axes
    texts = [text.get_text() for text in axis.texts]
    assert len(axis.get_lines()) == 2 * 3 + 3 * 1
    assert texts[-3:] == ["inputs (2)", "hidden (3)", "outputs (1)"]
    assert texts[:6] == ["0", "1", "2", "3", "4", "5"]
    assert texts.count("0.5") == 3
    assert "7" in texts


def test_wide_layers_are_cut_and_their_size_is_named():
    (axis,) = network_diagram([784, 10]).axes
    assert len(axis.patches) == 6 + 6
    assert len(axis.get_lines()) == 6 * 6
    assert "inputs (784)" in [text.get_text() for text in axis.texts]


def test_images_keep_their_values_and_share_one_scale():
    images = np.arange(24.0).reshape(6, 2, 2)
    figure = image_grid(images, columns=4)
    assert len(figure.axes) == 8
    drawn = [axis.get_images()[0] for axis in figure.axes[:6]]
    np.testing.assert_array_equal([image.get_array() for image in drawn], images)
    assert {image.get_clim() for image in drawn} == {(0, 23)}
    assert not figure.axes[6].get_images()


def test_points_of_large_values_are_drawn_last():
    points = colored_points([0, 1, 2], [0, 0, 0], [9, 1, 5], x_label="", y_label="", value_label="").axes[0]
    np.testing.assert_array_equal(points.collections[0].get_array(), [1, 5, 9])
    np.testing.assert_array_equal(points.collections[0].get_offsets()[:, 0], [1, 2, 0])


def test_a_histogram_counts_each_set_in_common_intervals():
    axis = histogram({"a": [0, 1, 1, 4], "b": [4, 4]}, x_label="x", bins=4).axes[0]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "b"]
    assert [patch.get_xy()[:, 1].max() for patch in axis.patches] == [2, 2]


def test_colors_differ_in_lightness_as_well():
    def luminance(color):
        return sum(w * c for w, c in zip((0.299, 0.587, 0.114), ImageColor.getrgb(color), strict=True))

    lightness = sorted(luminance(color) for color in COLORS[:4])
    assert min(b - a for a, b in zip(lightness[:-1], lightness[1:], strict=True)) > 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: curves([1, 2], {}, x_label="", y_label=""), "values is empty"),
        (lambda: curves([1, 2], {"a": [1]}, x_label="", y_label=""), r"values\['a'\] must have length 2; got shape"),
        (lambda: curves([1], {"a": [1]}, x_label="", y_label="", x_scale="cubic"), "x_scale must be one of"),
        (lambda: learning_curves({}), "history is empty"),
        (lambda: image_grid(np.zeros((4, 4))), r"images must have 3 dimension\(s\); got shape \(4, 4\)"),
        (lambda: image_grid(np.zeros((2, 4, 4)), titles=["a"]), "titles must hold 2 texts, one for each image; got 1"),
        (lambda: colored_points([0], [0, 1], [0], x_label="", y_label="", value_label=""), "y must have length 1"),
        (lambda: histogram({"a": ["x"]}, x_label=""), r"values\['a'\] must hold real numbers"),
        (lambda: planes([], axis_labels=NAMES), "panels is empty"),
        (
            lambda: planes([Plane([[1, 2, 3]], [0])], axis_labels=NAMES),
            r"X must have 2 column\(s\); got shape \(1, 3\)",
        ),
        (lambda: planes([Plane(X, [0])], axis_labels=NAMES), r"one label for each of the 4 points; got shape \(1,\)"),
        (lambda: planes([Plane(X, XOR, lines=[Line((1,), 0)])], axis_labels=NAMES), "weights must have length 2"),
        (lambda: decision_boundary("model", X, XOR, axis_labels=NAMES), "predict must be a function"),
        (lambda: network_diagram([3]), r"at least two layers; got \[3\]"),
        (lambda: network_diagram([3, 0]), r"layer_sizes\[1\] must be an integer >= 1; got 0"),
        (lambda: network_diagram([2, 1], layer_names=["in"]), "layer_names must hold 2 names; got 1"),
        (lambda: network_diagram([2, 1], weights=[np.ones((1, 2))]), r"weights must have the shapes \[\(2, 1\)\]; got"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_what_is_no_record_of_a_training_is_said_in_one_sentence():
    for wrong in (None, "loss", [0.9, 0.5], pd.Series([0.9, 0.5]), 3):
        with pytest.raises(TypeError, match="history must be a History, its table or its dict of lists; expected one"):
            learning_curves(wrong)
    with pytest.raises(ValueError, match="same length.*; with validation_freq, write NaN where nothing was validated"):
        learning_curves({"loss": [3, 2, 1], "val_loss": [2]})
    learning_curves({"loss": [3, 2, 1], "val_loss": [np.nan, 2, np.nan]})


def test_a_table_or_a_series_is_a_dict_of_what_it_holds():
    series, table = pd.Series({"a": 1.0, "b": 2.0}), pd.DataFrame({"a": [0.1, 0.2], "b": [0.3, 0.4]})
    names = ["a", "b"]
    assert [label.get_text() for label in bars(series, x_label="x").axes[0].get_yticklabels()] == names
    assert [label.get_text() for label in dots(table, x_label="x", levels=series).axes[0].get_yticklabels()] == names
    for figure in (
        curves([1, 2], table, x_label="x", y_label="y", levels=series, marks=series),
        calibration([0, 1], table),
        histogram(table, x_label="x"),
    ):
        assert {"a", "b"} <= {text.get_text() for text in figure.axes[0].get_legend().get_texts()}
    assert [axis.get_title() for axis in residuals([1.0, 2.0], table, unit="m", n_bins=1).axes] == names


WRONG = [3, "text", [1.0, 2.0], np.array(1.0), np.ones(2), object()]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize(
    ("name", "draw"),
    [
        ("amounts", lambda v: bars(v, x_label="x")),
        ("results", lambda v: dots(v, x_label="x")),
        ("levels", lambda v: dots({"a": [1]}, x_label="x", levels=v)),
        ("values", lambda v: curves([1], v, x_label="x", y_label="y")),
        ("levels", lambda v: curves([1], {"a": [1]}, x_label="x", y_label="y", levels=v)),
        ("marks", lambda v: curves([1], {"a": [1]}, x_label="x", y_label="y", marks=v)),
        ("regions", lambda v: curves([1], {"a": [1]}, x_label="x", y_label="y", regions=v)),
        ("probabilities", lambda v: calibration([0], v)),
        ("predictions", lambda v: residuals([1.0], v, unit="m", n_bins=1)),
        ("panels", lambda v: search_progress(v, x_label="x", y_label="y")),
        ("panels", lambda v: search_progress({"a": v}, x_label="x", y_label="y")),
    ],
)
def test_what_is_no_dict_is_said_in_one_sentence(name, draw, wrong):
    with pytest.raises(TypeError, match=rf"^{name}.* must be a dict with at least one .*; got "):
        draw(wrong)


@pytest.mark.parametrize(
    "draw",
    [
        lambda v: curves([1], {"a": [1]}, x_label="x", y_label="y", y_range=v),
        lambda v: curves([1], {"a": [1]}, x_label="x", y_label="y", regions={"a": v}),
        lambda v: image_grid(np.ones((1, 2, 2)), value_range=v),
    ],
)
def test_what_is_no_pair_of_numbers_is_said_in_one_sentence(draw):
    for wrong in (3, "text", [], [1.0, 2.0, 3.0], np.array(1.0), [np.nan, 1.0], (2, 1), ["a", 1], object()):
        with pytest.raises((TypeError, ValueError), match=r"^(y_range|regions\['a'\]|value_range) (must|is empty)"):
            draw(wrong)


def test_an_end_of_a_range_may_be_left_free():
    figure = curves([1, 2], {"a": [3, 4]}, x_label="x", y_label="y", y_range=(0, None))
    low, high = figure.axes[0].get_ylim()
    assert low == 0
    assert high > 4


def test_curves_that_bring_their_own_x_bring_both():
    for wrong in (None, [], 3, [1, 2, 3], np.ones(4), {}):
        with pytest.raises(TypeError, match=r"values\['a'\] must be a tuple of x and y, since x is None"):
            curves(None, {"a": wrong}, x_label="x", y_label="y")
    with pytest.raises(ValueError, match=r"values\['a'\] must be a regular array"):
        curves([1, 2], {"a": [[1, 2], [3]]}, x_label="x", y_label="y")
