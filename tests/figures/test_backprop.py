"""The ways forward and back: symbols, shapes and arrows are read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from coursepkg.figures.backprop import two_ways


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
