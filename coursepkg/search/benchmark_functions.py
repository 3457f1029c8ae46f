"""Functions with known minima on which search strategies are compared, as losses of configurations."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coursepkg._validation import as_array, as_float
from coursepkg.search.space import Float, Space


def forrester(x):
    """Return (6x - 2)² sin(12x - 4) for x in [0, 1], any shape: a local and a global minimum, -6.0207 at 0.7572.

    Source: A. Forrester, A. Sóbester and A. Keane, "Engineering design via surrogate modeling" (2008), appendix.

    Examples
    --------
    >>> forrester([0.0, 0.7572]).round(4)
    array([ 3.0272, -6.0207])
    """
    x = as_array(x, "x")
    return (6 * x - 2) ** 2 * np.sin(12 * x - 4)


def branin(x):
    """Return Branin's function for x in [-5, 10] × [0, 15], shape [..., 2]: three minima of the same value 0.3979.

    Source: L. Dixon and G. Szegő, "The global optimization problem: an introduction" (1978).

    Examples
    --------
    >>> branin([[math.pi, 2.275], [-math.pi, 12.275]]).round(4)
    array([0.3979, 0.3979])
    """
    x = as_array(x, "x", columns=2)
    a, b = x[..., 0], x[..., 1]
    return (
        (b - 5.1 / (4 * math.pi**2) * a**2 + 5 / math.pi * a - 6) ** 2 + 10 * (1 - 1 / (8 * math.pi)) * np.cos(a) + 10
    )


_HARTMANN_WEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
_HARTMANN_WIDTHS = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_HARTMANN_CENTERS = np.array(
    [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ]
)


def hartmann6(x):
    """Return Hartmann's function for x in [0, 1]^6, shape [..., 6]: four valleys, the deepest -3.3224.

    Source: L. Dixon and G. Szegő, "The global optimization problem: an introduction" (1978).

    Examples
    --------
    >>> hartmann6([0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]).round(4)
    np.float64(-3.3224)
    """
    x = as_array(x, "x", columns=6)
    distances = (_HARTMANN_WIDTHS * (x[..., None, :] - _HARTMANN_CENTERS) ** 2).sum(axis=-1)
    return -(np.exp(-distances) @ _HARTMANN_WEIGHTS)


@dataclass(frozen=True)
class Benchmark:
    """A function on a search space with a known minimum, as an objective that can be trained in part.

    Called with a configuration it returns the *regret*: how far the value lies above the lowest one. Called with a
    budget below ``max_budget`` too, it returns what an unfinished training would show: more than the regret, by an
    amount that shrinks to 0 as 1 / budget, and that is larger for some configurations than for others.

    Attributes
    ----------
    function : callable
        Takes points, shape [..., d].
    space : Space
    lowest : float
        The global minimum of the function.
    slowness : float
        How much an unfinished training hides: the loss that it adds at a tenth of the full budget, on average.
    max_budget : int
        The budget of a full training.

    Examples
    --------
    >>> regret = BENCHMARKS["Branin"]
    >>> minimum = regret.space.encode({"x1": math.pi, "x2": 2.275})
    >>> round(regret(regret.space.decode(minimum)), 4)
    0.0
    >>> regret(regret.space.decode(minimum), 3) > 0
    True
    """

    function: Callable
    space: Space
    lowest: float
    slowness: float
    max_budget: int = 27

    def __call__(self, config, budget=None):
        budget = self.max_budget if budget is None else budget
        share = as_float(budget, "budget", low=0, high=self.max_budget, open_low=True) / self.max_budget
        u = self.space.encode(config)
        value = float(self.function(np.array([config[name] for name in self.space.parameters])))
        # How slow a configuration learns comes in waves over the cube, so that neighbors learn alike.
        factor = 1.0 + 0.8 * math.sin(2 * math.pi * (u @ np.arange(1, len(u) + 1)) / len(u))
        return max(value - self.lowest, 0.0) + factor * self.slowness * (1 / share - 1) / 9


def _cube(d):
    return Space([Float(f"x{k + 1}", 0.0, 1.0) for k in range(d)])


BENCHMARKS = {
    "Forrester": Benchmark(lambda x: forrester(x[..., 0]), _cube(1), -6.020740, 4.0),
    "Branin": Benchmark(branin, Space([Float("x1", -5.0, 10.0), Float("x2", 0.0, 15.0)]), 0.397887, 10.0),
    "Hartmann, 6-D": Benchmark(hartmann6, _cube(6), -3.322368, 0.5),
}
