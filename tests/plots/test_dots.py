"""What the pictures of repetitions show."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.plots.dots import dots


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
        (lambda: dots([], x_label=""), r"at least one method; got \[\]"),
        (lambda: dots({"a": []}, x_label=""), r"results\['a'\]"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
