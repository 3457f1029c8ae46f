"""Pictures of predictions: the bars and marks that a reader sees are the numbers that were given."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from coursepkg.plots.predictions import prediction_grid

NAMES = ["bag", "boot", "coat"]


@pytest.fixture
def probabilities():
    return np.random.default_rng(0).dirichlet(np.ones(3), size=5)


def test_each_image_has_its_bars_and_the_name_of_the_most_probable_class(probabilities):
    figure = prediction_grid(np.random.default_rng(1).random((5, 4, 6)), probabilities, class_names=NAMES, columns=3)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    axes = np.reshape(figure.axes, (4, 3))
    for index, row in enumerate(probabilities):
        upper, lower = axes[2 * (index // 3), index % 3], axes[2 * (index // 3) + 1, index % 3]
        assert upper.get_title() == NAMES[np.argmax(row)]
        np.testing.assert_allclose([bar.get_width() for bar in lower.patches], row)
        assert lower.yaxis_inverted(), "the first class stands above, as in the list of names"
    assert [text.get_text() for text in axes[1, 0].get_yticklabels()] == NAMES
    assert not axes[2, 2].axison, "a place without an image stays empty"
    assert not axes[3, 2].axison


def test_images_share_one_scale_of_gray(probabilities):
    images = np.stack([np.full((4, 4), value) for value in (0.0, 0.2, 0.5, 0.7, 1.0)])
    figure = prediction_grid(images, probabilities, class_names=NAMES)
    drawn = [axis.images[0] for axis in figure.axes if axis.images]
    assert len(drawn) == 5
    assert {image.get_clim() for image in drawn} == {(0.0, 1.0)}


def test_the_true_class_is_marked_by_color_and_by_a_dot(probabilities):
    labels = [2, 0, 1, 1, 0]
    figure = prediction_grid(np.zeros((5, 4, 4)), probabilities, class_names=NAMES, labels=labels, columns=5)
    for axis, label, row in zip(figure.axes[5:], labels, probabilities, strict=True):
        colors = [bar.get_facecolor() for bar in axis.patches]
        assert colors.count(colors[label]) == 1
        ((x, y),) = axis.get_lines()[0].get_xydata()
        assert y == label
        assert row[label] < x < row[label] + 0.2


def test_without_labels_nothing_is_marked(probabilities):
    figure = prediction_grid(np.zeros((5, 4, 4)), probabilities, class_names=NAMES)
    assert not any(axis.get_lines() for axis in figure.axes)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"images": np.zeros((5, 4))}, r"images must have 3 dimension\(s\); got shape \(5, 4\)"),
        ({"probabilities": np.zeros((5, 2))}, r"probabilities must have 3 column\(s\); got shape \(5, 2\)"),
        ({"probabilities": np.zeros((4, 3))}, r"probabilities must have length 5; got shape \(4, 3\)"),
        ({"probabilities": np.full((5, 3), 2.0)}, r"must lie in \[0, 1\]; found values from 2 to 2"),
        ({"labels": [0, 1, 2]}, r"labels must have length 5; got shape \(3,\)"),
        ({"labels": [0, 1, 2, 3, 0]}, "labels must be integers from 0 to 2; found 3"),
        ({"labels": [0, 1, 2, 0.5, 0]}, "labels must be integers from 0 to 2; found 0.5"),
        ({"columns": 0}, "columns must be an integer >= 1; got 0"),
    ],
)
def test_what_does_not_fit_is_named(probabilities, change, said):
    given = {"images": np.zeros((5, 4, 4)), "probabilities": probabilities, "class_names": NAMES} | change
    with pytest.raises(ValueError, match=said):
        prediction_grid(given.pop("images"), given.pop("probabilities"), **given)
