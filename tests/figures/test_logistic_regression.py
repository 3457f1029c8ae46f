"""The pictures of the chapter on logistic regression: what is drawn is read back from the axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.contour import ContourSet

from coursepkg.figures.logistic_regression import many_lines, probabilities, shares

X = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0], [1.0, 2.0]])
Y = np.array([0, 0, 1, 1])


def contour_lines(axis):
    """Return the drawn contour lines by their level, each as its points [n, 2]."""
    (lines,) = [c for c in axis.collections if isinstance(c, ContourSet) and not c.filled]
    return {float(level): path.vertices for level, path in zip(lines.levels, lines.get_paths(), strict=True)}


def drawn_shares(figure):
    (line,) = [line for line in figure.axes[0].get_lines() if str(line.get_label()).startswith("share of")]
    return line.get_xdata().tolist(), line.get_ydata().tolist()


def test_shares_counts_each_interval_and_the_last_one_holds_its_upper_end():
    x, y = [0.0, 0.5, 1.0, 1.5, 1.9, 3.0], [0, 1, 0, 1, 1, 1]
    figure = shares(x, y, edges=[0, 1, 2, 3], middle=1, steepness=1)
    assert drawn_shares(figure) == ([0.5, 1.5, 2.5], [1 / 2, 2 / 3, 1.0])
    assert plt.get_fignums() == []


def test_shares_leaves_out_what_lies_outside_the_intervals():
    x, y = [-1.0, 0.5, 0.6, 9.0], [1, 0, 1, 1]
    assert drawn_shares(shares(x, y, edges=[0, 1], middle=1, steepness=1))[1] == [0.5]


def test_shares_draws_equal_flowers_apart_and_a_step_and_a_sigmoid_with_the_same_middle():
    (axis,) = shares([1.0, 1.0, 1.0, 2.0], [0, 0, 1, 1], edges=[0, 4], middle=1.5, steepness=2).axes
    places = np.concatenate([dots.get_offsets() for dots in axis.collections])
    assert len(np.unique(places, axis=0)) == 4
    curves = {line.get_label(): np.asarray(line.get_ydata()) for line in axis.get_lines()}
    x = np.asarray(axis.get_lines()[0].get_xdata())
    np.testing.assert_array_equal(curves["step"], x >= 1.5)
    np.testing.assert_allclose(np.log(curves["smooth curve"] / (1 - curves["smooth curve"])), 2 * (x - 1.5), atol=1e-9)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"edges": [0, 1, 2]}, r"edges must leave no interval empty; these hold \[2, 0\] instances"),
        ({"y": [0, 2]}, "y must hold only 0 and 1; got"),
        ({"y": [0]}, "y must have length 2"),
    ],
)
def test_shares_names_what_does_not_fit(changed, message):
    given = {"x": [0.2, 0.4], "y": [0, 1], "edges": [0, 1], "middle": 0.5, "steepness": 1.0}
    with pytest.raises(ValueError, match=message):
        shares(**(given | changed))


def test_probabilities_are_lined_where_the_model_gives_them():
    def model(points):
        return 1 / (1 + np.exp(-(2 * points[:, 0] - points[:, 1] + 0.5)))

    (axis,) = probabilities(model, X, Y).axes
    lines = contour_lines(axis)
    assert list(lines) == [0.1, 0.3, 0.5, 0.7, 0.9]
    for level, points in lines.items():
        np.testing.assert_allclose(model(points), level, atol=0.01)
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("sepal length (cm)", "sepal width (cm)")


def test_many_lines_lie_on_their_boundaries():
    rows = np.array([[1.0, 2.0, -3.0], [0.0, 1.0, -1.0], [1.0, 0.0, 0.5], [2.0, -1.0, 0.0]])
    figure = many_lines(X, Y, rows[:3], rows[3], names=("many", "one"))
    (axis,) = figure.axes
    drawn = axis.get_lines()
    for (w1, w2, b), line in zip(rows, drawn, strict=True):
        points = np.array([line.get_xy1(), line.get_xy2()])
        np.testing.assert_allclose(points @ [w1, w2] + b, 0, atol=1e-12)
        assert not np.allclose(*points)
    assert drawn[3].get_linewidth() > drawn[0].get_linewidth()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["versicolor", "virginica", "many", "one"]


@pytest.mark.parametrize("draw", [probabilities, many_lines])
def test_labels_other_than_0_and_1_are_named(draw):
    more = {"names": ("many", "one")} if draw is many_lines else {}
    arguments = ([[1, 0, 0]], [0, 1, 0]) if draw is many_lines else ()
    first = () if draw is many_lines else (lambda points: points[:, 0],)
    with pytest.raises(ValueError, match=r"y must hold only 0 and 1; got \[-1"):
        draw(*first, X, [-1, -1, 1, 1], *arguments, **more)
