"""Computation graphs: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from coursepkg.figures.autodiff_and_gradient_checks import computation_graph

STEPS = {"x": (), "w": (), "wx": ("w", "x"), "b": (), "z": ("wx", "b"), "z²": ("z",)}


def _centers(figure):
    """Return where the name of each step stands."""
    return {text.get_text(): text.get_position() for text in figure.axes[0].texts if text.get_text() in STEPS}


def test_it_is_a_closed_figure_with_a_box_a_number_and_an_arrow_an_edge():
    figure = computation_graph(STEPS)
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    (axis,) = figure.axes
    assert len(axis.patches) == len(STEPS)
    assert len([text for text in axis.texts if getattr(text, "arrowprops", None)]) == 5


def test_every_number_stands_right_of_those_it_is_computed_from_and_no_two_share_a_place():
    places = _centers(computation_graph(STEPS))
    assert set(places) == set(STEPS)
    for name, parents in STEPS.items():
        assert all(places[parent][0] < places[name][0] for parent in parents)
    assert len(set(places.values())) == len(STEPS)


def test_an_input_stands_just_left_of_its_first_use():
    places = _centers(computation_graph(STEPS))
    assert places["b"][0] == places["wx"][0] == places["z"][0] - 1


def test_values_and_gradients_are_written_with_four_digits():
    figure = computation_graph(STEPS, values={"x": 1.5, "z": -0.123456}, gradients={"z²": 1.0})
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert {"1.5", "−0.1235", "1"} <= set(texts)


def test_a_number_used_twice_gets_two_arrows():
    (axis,) = computation_graph({"a": (), "b": ("a",), "ab": ("a", "b")}).axes
    assert len([text for text in axis.texts if getattr(text, "arrowprops", None)]) == 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (({},), ValueError, "steps is empty"),
        (({"b": ("a",), "a": ()},), ValueError, r"steps\['b'\] uses 'a', which is not computed before it"),
        (({"a": ("a",)},), ValueError, r"steps\['a'\] uses 'a'"),
    ],
)
def test_impossible_steps_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        computation_graph(*arguments)


@pytest.mark.parametrize("kind", ["values", "gradients"])
def test_numbers_must_belong_to_a_step_and_be_numbers(kind):
    with pytest.raises(ValueError, match=rf"{kind} names 'q', which is not a step; there are: a"):
        computation_graph({"a": ()}, **{kind: {"q": 1.0}})
    with pytest.raises(TypeError, match=rf"{kind}\['a'\]"):
        computation_graph({"a": ()}, **{kind: {"a": "one"}})
