"""Pictures of the perceptron: arrows and bars are read back from the figures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from coursepkg.figures.perceptron import count_bars, one_mistake


def _arrows(axis):
    """Return (start, end) of each arrow."""
    return [(np.array(text.xyann), np.array(text.xy)) for text in axis.texts if text.arrow_patch is not None]


@pytest.mark.parametrize(("w", "x", "target"), [((2.0, 0.5), (1.2, -1.8), -1), ((-1.0, 0.5), (1.0, 1.0), 1)])
def test_the_arrows_add_up_and_the_new_boundary_is_perpendicular_to_their_sum(w, x, target):
    figure = one_mistake(w, x, target)
    before, after = figure.axes
    ((origin, end),) = _arrows(before)
    assert np.allclose([origin, end], [(0, 0), w])
    old, added, new = _arrows(after)
    assert np.allclose(added[0], old[1])
    assert np.allclose(added[1], new[1])
    assert np.allclose(new[1], np.add(w, np.multiply(target, x)))
    for axis, normal in ((before, end), (after, new[1])):
        (line,) = [line for line in axis.lines if hasattr(line, "get_xy1")]
        assert np.subtract(line.get_xy2(), line.get_xy1()) @ normal == pytest.approx(0)
    assert plt.get_fignums() == []


def test_titles_say_what_the_unit_does_and_should_do():
    assert [a.get_title() for a in one_mistake([-1, 0], [1, 0.5], 1).axes] == [
        "before: does not fire, should",
        "after: fires",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 0.0], [1.0, 0.0], 1), r"wrong about x; but target · \(w · x\) is 1"),
        (([1.0, 0.0], [1.0], 1), "x"),
        (([1.0, 0.0], [1.0, 0.0], 0), "target"),
    ],
)
def test_what_is_no_mistake_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        one_mistake(*arguments)


def test_each_bar_is_as_high_as_its_number_is_frequent():
    counts = np.random.default_rng(1).poisson(5, size=300)
    axis = count_bars(counts, x_label="x", y_label="y", marked={"five": 5}).axes[0]
    heights = {round(bar.get_x() + bar.get_width() / 2): bar.get_height() for bar in axis.patches}
    assert heights == {k: v for k, v in enumerate(np.bincount(counts)) if k >= counts.min()}
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["five"]


@pytest.mark.parametrize("counts", [[], [1.5], [-1]])
def test_counts_are_whole_numbers(counts):
    with pytest.raises(ValueError, match="counts"):
        count_bars(counts, x_label="x", y_label="y")
