"""Paths over a function, still and moving."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from coursepkg.figures.optimizers import descent_animation, descent_paths, look_ahead, training_curves

BOX = {"x_range": (-2, 2), "y_range": (-1, 1), "levels": [0.5, 1, 2]}
PATHS = {"SGD": [[1.0, 0.5], [0.5, 0.0], [0.0, 0.0]], "<Adam>": [[-1.0, 0.5], [9.0, 0.0], [np.nan, np.inf]]}


def bowl(x, y):
    return x**2 + y**2


def test_a_panel_a_path():
    figure = descent_paths(bowl, PATHS, **BOX, minimum=(0, 0))
    shown = [axis for axis in figure.axes if axis.get_visible()]
    assert [axis.get_title() for axis in shown] == ["SGD", "<Adam>"]
    np.testing.assert_array_equal(shown[0].get_lines()[0].get_xydata(), PATHS["SGD"])
    np.testing.assert_array_equal(shown[1].get_lines()[0].get_xydata(), PATHS["<Adam>"][:2])
    np.testing.assert_array_equal(shown[1].get_lines()[1].get_xydata(), [[0, 0]])
    assert shown[0].get_xlim() == (-2, 2)


def test_the_moving_picture_is_xml_with_a_keyframe_a_step():
    moving = descent_animation(bowl, PATHS, **BOX, description='They run to "the" middle.', width=400)
    root = ET.fromstring(moving._repr_html_())
    assert root.get("aria-label") == repr(moving) == 'They run to "the" middle.'
    assert root.get("viewBox") == "0 0 400 244"
    style = root.find("style").text
    assert style.count("@keyframes") == 2
    assert "50% {transform: translate(250px, 100px)}" in style
    assert "prefers-reduced-motion" in style
    assert [text.text for text in root.iter("text")] == ["-2", "x", "2", "1", "y", "-1", "SGD", "<Adam>"]
    # Still, each dot is where its path ends.
    assert "translate(200px, 100px)" in root.find("circle").get("style")
    assert "nan" not in moving.html
    assert "inf" not in moving.html


def test_two_pictures_on_a_page_have_names_of_their_own():
    other = {"Nadam": PATHS["SGD"]}
    pictures = [
        descent_animation(bowl, paths, **BOX, description=d) for paths, d in ((PATHS, "a"), (PATHS, "b"), (other, "a"))
    ]
    assert len({ET.fromstring(picture.html).get("id") for picture in pictures}) == 3


@pytest.mark.parametrize(
    ("paths", "options", "message"),
    [
        ({}, {}, "at least one path; got {}"),
        ({"a": [[1, 2, 3]]}, {}, r"paths\['a'\].*\(1, 3\)"),
        ({"a": [[1, 2]]}, {"x_range": (1, 1)}, r"x_range .*got \(1, 1\)"),
        ({"a": [[1, 2]], "b": [[1, 2], [1, 2]]}, {}, "equally long; got {'a': 1, 'b': 2}"),
    ],
)
def test_bad_input(paths, options, message):
    with pytest.raises(ValueError, match=message):
        descent_animation(bowl, paths, **{**BOX, **options}, description="d")


def test_nesterov_measures_where_the_velocity_leads():
    asked = []

    def gradient(theta):
        asked.append(theta.tolist())
        return 2 * theta

    figure = look_ahead(bowl, gradient, **BOX, place=(1.0, 0.5), velocity=(-1.0, -1.0), eta=0.1, beta=0.5)
    assert asked == [[1.0, 0.5], [0.5, 0.0]]
    ends = [[tuple(map(float, text.xy)) for text in axis.texts] for axis in figure.axes]
    # The velocity, the gradient step behind it, and both together.
    np.testing.assert_allclose(ends[0], [(0.5, 0.0), (0.3, -0.1), (0.3, -0.1)])
    np.testing.assert_allclose(ends[1], [(0.5, 0.0), (0.4, 0.0), (0.4, 0.0)])


def test_a_panel_of_training_curves_has_the_optimizers_of_its_group():
    losses = {"a": [3.0, 2.0], "b": [3.0, 1.0], "c": [2.0, 1.0]}
    figure = training_curves([1, 2], losses, [["a", "b"], ["c", "b"]])
    drawn = [[line.get_ydata().tolist() for line in axis.get_lines()] for axis in figure.axes]
    assert drawn == [[losses["a"], losses["b"]], [losses["c"], losses["b"]]]
    assert [axis.get_ylabel() for axis in figure.axes] == ["training loss", ""]
