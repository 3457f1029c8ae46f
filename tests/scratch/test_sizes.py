import numpy as np
import pytest

from coursepkg.scratch.mlp import MLP
from coursepkg.scratch.sizes import count_parameters, hidden_widths


@pytest.mark.parametrize("sizes", [[3, 2], [784, 300, 100, 10], [1, 2, 2, 2, 1]])
def test_the_count_is_that_of_the_arrays(sizes):
    assert count_parameters(sizes) == sum(array.size for array in MLP(sizes).parameters)


@pytest.mark.parametrize("ratios", [(1, 1, 1), (4, 2, 1), (1, 2, 4), (4, 1, 4), (1,), (0.1, 3)])
@pytest.mark.parametrize("budget", [500, 20_000, 777_777])
def test_widths_use_up_the_budget_and_no_more(ratios, budget):
    widths = hidden_widths(ratios, n_inputs=20, n_outputs=5, budget=budget)
    assert count_parameters([20, *widths, 5]) <= budget
    # A slightly larger scale, at which some width is rounded up, no longer fits.
    scale = min((width + 0.5) / ratio for width, ratio in zip(widths, ratios, strict=True))
    wider = [max(1, int(np.rint(scale * (1 + 1e-9) * ratio))) for ratio in ratios]
    assert count_parameters([20, *wider, 5]) > budget


def test_one_hidden_layer_as_in_the_formula():
    budget = 10_000  # (n + 1) w + (w + 1) k <= budget
    assert hidden_widths([7.0], n_inputs=196, n_outputs=10, budget=budget) == [(budget - 10) // 207]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: count_parameters([3]), r"at least the numbers of inputs and outputs; got \[3\]"),
        (lambda: count_parameters([3, 0]), r"sizes must be an integer >= 1; got 0"),
        (lambda: hidden_widths([1, 0], n_inputs=2, n_outputs=1, budget=9), r"ratios must be > 0; got \[1.0, 0.0\]"),
        (lambda: hidden_widths([1, 1], n_inputs=2, n_outputs=1, budget=6), r"budget must be >= 7, .* got 6"),
        (lambda: hidden_widths([1], n_inputs=0, n_outputs=1, budget=6), r"n_inputs must be an integer >= 1; got 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
