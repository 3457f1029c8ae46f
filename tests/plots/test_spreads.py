"""What the pictures of repetitions show."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.plots.spreads import bands, dots


def test_a_band_reaches_from_the_lowest_to_the_highest():
    runs = np.array([[3.0, 5.0], [1.0, 9.0], [2.0, 7.0]])
    axis = bands([0, 1], {"a": runs}, x_label="epoch", y_label="loss", y_scale="log").axes[0]
    np.testing.assert_array_equal(axis.get_lines()[0].get_ydata(), [2, 7])
    corners = axis.collections[0].get_paths()[0].vertices
    assert {tuple(corner) for corner in corners} >= {(0, 1), (0, 3), (1, 5), (1, 9)}
    assert axis.get_legend() is None
    assert axis.get_yscale() == "log"


def test_several_bands_have_names():
    axis = bands([0, 1], {"a": [[1, 2]], "b": [[2, 3]]}, x_label="x", y_label="y", markers=True).axes[0]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "b"]


def test_dots_show_every_result_and_the_median():
    axis = dots({"a": [1, 3, 8], "b": [4.0]}, x_label="accuracy", levels={"guess": 0.5, "best": 9}).axes[0]
    lines = axis.get_lines()
    np.testing.assert_array_equal(lines[0].get_xdata(), [1, 3, 8])
    np.testing.assert_array_equal(lines[1].get_xdata(), [3, 3])
    np.testing.assert_array_equal(lines[2].get_xdata(), [4])
    assert len(set(lines[0].get_ydata())) == 3
    assert axis.get_ylim() == (1.5, -0.5)  # the first row is at the top
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["guess", "best"]
    assert lines[-2].get_linestyle() != lines[-1].get_linestyle()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bands([1], {}, x_label="", y_label=""), "at least one method; got {}"),
        (lambda: bands([1, 2], {"a": [[1, 2, 3]]}, x_label="", y_label=""), r"runs\['a'\].*\(1, 3\)"),
        (lambda: bands([1], {"a": [[1]]}, x_label="", y_label="", x_scale="root"), "x_scale .*root"),
        (lambda: dots([], x_label=""), r"at least one method; got \[\]"),
        (lambda: dots({"a": []}, x_label=""), r"results\['a'\]"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
