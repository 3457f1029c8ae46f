"""Universal approximation in one dimension, constructed: write down the weights instead of training them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coursepkg._validation import as_array, as_float, as_int, one_of

MAX_UNITS = 2**20


@dataclass(frozen=True)
class OneHiddenLayer:
    """A network x → φ(x W₁ + b₁) w₂ + b₂ with one input, one hidden layer and one linear output.

    Attributes
    ----------
    hidden_weights, hidden_biases, output_weights : ndarray, shape [n_units]
    output_bias : float
    activation : str
        ``"step"`` (Heaviside) or ``"relu"``.

    Examples
    --------
    >>> network = OneHiddenLayer(np.array([1.0]), np.array([-0.5]), np.array([2.0]), 1.0, "step")
    >>> network([0.0, 1.0])
    array([1., 3.])
    """

    hidden_weights: np.ndarray
    hidden_biases: np.ndarray
    output_weights: np.ndarray
    output_bias: float
    activation: str

    def __call__(self, x):
        """Return the outputs, shape of ``x`` ([n_samples])."""
        x = as_array(x, "x", ndim=1)
        z = np.outer(x, self.hidden_weights) + self.hidden_biases
        hidden = (z >= 0).astype(float) if self.activation == "step" else np.maximum(z, 0)
        return hidden @ self.output_weights + self.output_bias


def build_network(f, low, high, *, n_units, activation="step"):
    """Build a network with one hidden layer that imitates ``f`` on an interval; nothing is trained.

    Each unit is responsible for one of ``n_units + 1`` (step) or ``n_units`` (relu) equal parts of the interval.
    A step unit lifts the output to the value of ``f`` in the middle of its part: a staircase. A ReLU unit bends
    the output at the start of its part: the polygon through the values of ``f`` at the ends of the parts.

    Parameters
    ----------
    f : callable
        Continuous function; takes and returns arrays of shape [n].
    low, high : float
        Ends of the interval, ``low < high``.
    n_units : int >= 1
        Hidden units.
    activation : {"step", "relu"}

    Notes
    -----
    If f climbs by at most L per unit of x, the staircase is off by at most L (high − low) / (2 (n_units + 1)). If its
    second derivative stays within ±M, the polygon is off by at most M ((high − low) / n_units)² / 8. Source of the
    general theorem: G. Cybenko (1989), K. Hornik (1991), M. Leshno et al. (1993).

    Examples
    --------
    >>> network = build_network(np.sin, 0.0, np.pi, n_units=50, activation="relu")
    >>> round(max_error(network, np.sin, 0.0, np.pi), 5)
    0.00049
    """
    if not callable(f):
        raise TypeError(f"f must be a function of an array; got {f!r}")
    low, high = _interval(low, high)
    n_units = as_int(n_units, "n_units", low=1, high=MAX_UNITS)
    if one_of(activation, "activation", ("step", "relu")) == "step":
        edges = np.linspace(low, high, n_units + 2)
        heights = _values(f, (edges[:-1] + edges[1:]) / 2)
        # H(x - t) fires from t on; its output weight is the jump between two neighboring parts.
        return OneHiddenLayer(np.ones(n_units), -edges[1:-1], np.diff(heights), float(heights[0]), "step")
    knots = np.linspace(low, high, n_units + 1)
    values = _values(f, knots)
    slopes = np.diff(values) / np.diff(knots)
    # relu(x - t) is a straight line from t on; its output weight is the change of slope at t.
    bends = np.diff(slopes, prepend=0.0)
    return OneHiddenLayer(np.ones(n_units), -knots[:-1], bends, float(values[0]), "relu")


def build_network_to_tolerance(f, low, high, *, tolerance, activation="step"):
    """Build the network of :func:`build_network` with as few doublings of its units as ``tolerance`` needs.

    Parameters
    ----------
    f, low, high, activation
        As in :func:`build_network`.
    tolerance : float > 0
        ε: the largest allowed difference to ``f``, measured by :func:`max_error`.

    Raises
    ------
    TypeError, ValueError
        As in :func:`build_network`, and if 4,096 units do not reach the tolerance, as for a function with a jump.

    Examples
    --------
    >>> network = build_network_to_tolerance(np.cos, 0.0, 6.0, tolerance=0.01, activation="relu")
    >>> len(network.output_weights)
    32
    """
    tolerance = as_float(tolerance, "tolerance", low=0, open_low=True)
    for n_units in (2**k for k in range(13)):
        network = build_network(f, low, high, n_units=n_units, activation=activation)
        error = max_error(network, f, low, high, n_points=max(2001, 8 * n_units + 1))
        if error <= tolerance:
            return network
    raise ValueError(
        f"no network of up to {n_units} units stays within tolerance {tolerance} of f on [{low}, {high}]: the error "
        f"is still {error:.3g}; is f continuous there?"
    )


def max_error(network, f, low, high, *, n_points=2001):
    """Return the largest difference between a network and ``f`` that is found on an interval.

    Parameters
    ----------
    network : OneHiddenLayer or callable
        Compared at ``n_points`` equally spaced points; a :class:`OneHiddenLayer` also at both sides of each of its
        cuts, where a staircase is farthest from its function.
    f : callable, of an array of shape [n]
    low, high, n_points : float, float, int >= 2

    Examples
    --------
    >>> max_error(np.zeros_like, np.square, -1.0, 1.0)
    1.0
    """
    low, high = _interval(low, high)
    x = np.linspace(low, high, as_int(n_points, "n_points", low=2))
    if isinstance(network, OneHiddenLayer):
        cuts = -network.hidden_biases / network.hidden_weights
        x = np.concatenate([x, np.nextafter(cuts, -np.inf), cuts])
        x = x[(low <= x) & (x <= high)]
    largest = 0.0
    for part in np.array_split(x, max(1, len(x) // 256)):  # a wide network times all points would not fit in memory
        largest = max(largest, float(np.abs(_values(network, part) - _values(f, part)).max()))
    return largest


def _interval(low, high):
    low, high = as_float(low, "low"), as_float(high, "high")
    if not low < high:
        raise ValueError(f"low must lie below high; got low={low}, high={high}")
    return low, high


def _values(f, x):
    return as_array(f(x), "the result of f", ndim=1, length=len(x))
