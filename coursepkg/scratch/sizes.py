"""How many numbers a fully connected network learns, and which widths fit a budget of them."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_int, shorten


def count_parameters(sizes):
    """Return the number of weights and biases of a fully connected network: the sum of (fan_in + 1) · fan_out.

    Parameters
    ----------
    sizes : sequence of int >= 1
        Numbers of inputs, of units in every hidden layer, and of outputs: [784, 300, 100, 10].

    Examples
    --------
    >>> count_parameters([784, 300, 100, 10])
    266610
    """
    sizes = [as_int(size, "sizes", low=1) for size in sizes]
    if len(sizes) < 2:
        raise ValueError(f"sizes must hold at least the numbers of inputs and outputs; got {shorten(sizes)}")
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in zip(sizes[:-1], sizes[1:], strict=True))


def hidden_widths(ratios, *, n_inputs, n_outputs, budget):
    """Return the widths of hidden layers with given proportions that use up a budget of parameters.

    Parameters
    ----------
    ratios : array_like of float > 0, shape [n_hidden]
        Proportions of the widths: (1, 1, 1) is a rectangle, (4, 2, 1) a pyramid, (4, 1, 4) an hourglass.
    n_inputs, n_outputs : int >= 1, keyword-only
    budget : int, keyword-only
        Weights and biases that the whole network may have.

    Returns
    -------
    list of int
        The widest layers whose network stays within the budget; each width is rounded and at least 1.

    Examples
    --------
    >>> hidden_widths([4, 2, 1], n_inputs=196, n_outputs=10, budget=20_000)
    [79, 40, 20]
    """
    ratios = as_array(ratios, "ratios", ndim=1)
    if (ratios <= 0).any():
        raise ValueError(f"ratios must be > 0; got {shorten(ratios.tolist())}")
    n_inputs, n_outputs = as_int(n_inputs, "n_inputs", low=1), as_int(n_outputs, "n_outputs", low=1)
    budget = as_int(budget, "budget", low=1)

    def widths(scale):
        return [max(1, int(width)) for width in np.rint(scale * ratios)]

    def fits(scale):
        return count_parameters([n_inputs, *widths(scale), n_outputs]) <= budget

    low, high = 0.0, budget / ratios.max()  # a layer of more units than the budget never fits
    if not fits(low):
        least = count_parameters([n_inputs, *widths(low), n_outputs])
        raise ValueError(f"budget must be >= {least}, the parameters with one unit a layer; got {budget}")
    for _ in range(60):  # the count never falls with the scale, so bisection finds the largest that fits
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return widths(low)
