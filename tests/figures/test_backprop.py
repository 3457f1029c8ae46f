"""Computation graphs, and the ways forward and back: what is drawn is read back from the figures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from coursepkg.figures.backprop import computation_graph, two_ways

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


def _boxes(figure):
    """Return the shape that stands below each symbol."""
    texts = [text.get_text().partition("\n") for text in figure.axes[0].texts if "\n" in text.get_text()]
    return {symbol: shape for symbol, _, shape in texts}


def test_the_shapes_are_those_of_the_matrices():
    n, sizes = 5, [4, 3, 2]
    rng = np.random.default_rng(1)
    W = [rng.normal(size=pair) for pair in zip(sizes[:-1], sizes[1:], strict=True)]
    X = rng.normal(size=(n, sizes[0]))
    H = np.tanh(X @ W[0])
    Y_hat = H @ W[1]
    delta2 = Y_hat - 1
    G = delta2 @ W[1].T
    computed = {
        "$X$": X, "$Z^{(1)}$": X @ W[0], "$H^{(1)}$": H, "$Z^{(2)}$": Y_hat, r"$\hat{Y}$": Y_hat,
        "$Δ^{(2)}$": delta2, "$G^{(1)}$": G, "$Δ^{(1)}$": G * (1 - H**2), "$∂L/∂W^{(1)}$": X.T @ G,
        "$∂L/∂W^{(2)}$": H.T @ delta2,
    }  # fmt: skip
    figure = two_ways(sizes, batch=n)
    assert _boxes(figure) == {name: str(list(array.shape)) for name, array in computed.items()}
    assert plt.get_fignums() == []


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_one_layer_more_brings_its_own_boxes_and_arrows(layers):
    figure = two_ways(list(range(2, 3 + layers)))
    assert len(_boxes(figure)) == 1 + 2 * layers + (2 * layers - 1) + layers
    # Forward two a layer and one to the loss; back as many less one; down two a layer, and one to each inner slope.
    arrows = [text for text in figure.axes[0].texts if getattr(text, "arrowprops", None)]
    assert len(arrows) == 2 * layers + 1 + (2 * layers - 1) + 2 * layers + (layers - 1)


def test_a_symbol_may_stand_for_a_number():
    assert _boxes(two_ways(["d", "K"], batch="n"))["$X$"] == "[n, d]"


def test_a_network_needs_a_layer():
    with pytest.raises(ValueError, match=r"at least the inputs and one layer; got \[2\]"):
        two_ways([2])
