"""Search spaces: which hyperparameters there are, between which bounds, and on which scale.

Each parameter is a ruler from 0 to 1: ``from_unit`` reads a value off it, ``to_unit`` finds the mark of a value. A
space of d parameters then is the unit cube [0, 1]^d, whatever units and scales its values have.
"""

from __future__ import annotations

import difflib
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from coursepkg._validation import as_array, as_float, as_int, shorten


@dataclass(frozen=True)
class Float:
    """A real parameter between two bounds, both included.

    Parameters
    ----------
    name : str
    low, high : float
        ``low < high``; with ``log`` also ``low > 0``.
    log : bool, keyword-only
        Spread the values evenly over the orders of magnitude instead of over the numbers.

    Examples
    --------
    >>> rate = Float("learning_rate", 0.0001, 1.0, log=True)
    >>> round(rate.from_unit(0.5), 6), round(rate.to_unit(0.01), 6)
    (0.01, 0.5)
    """

    name: str
    low: float
    high: float
    log: bool = field(default=False, kw_only=True)

    def __post_init__(self):
        _check_name(self.name)
        for bound in ("low", "high"):
            object.__setattr__(self, bound, as_float(getattr(self, bound), f"{bound} of {self.name!r}"))
        if not self.low < self.high:
            raise ValueError(f"{self.name!r} must have low < high; got low={self.low}, high={self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"{self.name!r} is logarithmic, so low must be > 0; got low={self.low}")

    def from_unit(self, u):
        """Return the value at the mark ``u``, a number in [0, 1]."""
        if self.log:
            return float(np.clip(self.low * (self.high / self.low) ** u, self.low, self.high))
        return float(self.low + u * (self.high - self.low))

    def to_unit(self, value):
        """Return the mark in [0, 1] of a value."""
        value = as_float(value, f"{self.name!r}", low=self.low, high=self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def marks(self, n):
        """Return the marks of ``n`` values: the middles of ``n`` equal parts of the ruler."""
        return (np.arange(n) + 0.5) / n


@dataclass(frozen=True)
class Int:
    """A whole number between two bounds, both included.

    Parameters
    ----------
    name : str
    low, high : int
        ``low < high``; with ``log`` also ``low >= 1``.
    log : bool, keyword-only
        Spread the values evenly over the orders of magnitude.

    Examples
    --------
    >>> units = Int("units", 1, 3)
    >>> [units.from_unit(u) for u in (0.0, 0.3, 0.5, 1.0)]
    [1, 1, 2, 3]
    """

    name: str
    low: int
    high: int
    log: bool = field(default=False, kw_only=True)

    def __post_init__(self):
        _check_name(self.name)
        for bound in ("low", "high"):
            as_int(getattr(self, bound), f"{bound} of {self.name!r}")
        if not self.low < self.high:
            raise ValueError(f"{self.name!r} must have low < high; got low={self.low}, high={self.high}")
        if self.log and self.low < 1:
            raise ValueError(f"{self.name!r} is logarithmic, so low must be >= 1; got low={self.low}")

    @property
    def _ruler(self):
        # Each whole number owns the half unit on both sides of it, so that all of them are equally likely.
        return Float(self.name, self.low - 0.5, self.high + 0.5, log=self.log)

    def from_unit(self, u):
        """Return the value at the mark ``u``, a number in [0, 1]."""
        return int(np.clip(round(self._ruler.from_unit(u)), self.low, self.high))

    def to_unit(self, value):
        """Return the mark in [0, 1] of a value."""
        return self._ruler.to_unit(as_int(value, f"{self.name!r}", low=self.low, high=self.high))

    def marks(self, n):
        """Return the marks of at most ``n`` values: those in the middles of ``n`` equal parts, each once."""
        values = {self.from_unit(u) for u in (np.arange(n) + 0.5) / n}
        return np.array([self.to_unit(value) for value in sorted(values)])


@dataclass(frozen=True)
class Choice:
    """One of several values; they share the ruler in equal parts, in the given order.

    Parameters
    ----------
    name : str
    values : sequence
        At least two, all different.

    Examples
    --------
    >>> activation = Choice("activation", ["relu", "tanh"])
    >>> activation.from_unit(0.3), activation.to_unit("tanh")
    ('relu', 0.75)
    """

    name: str
    values: tuple

    def __post_init__(self):
        _check_name(self.name)
        if isinstance(self.values, (str, Mapping)) or not hasattr(self.values, "__iter__"):
            raise TypeError(f"values of {self.name!r} must be a list; got {shorten(self.values)}")
        object.__setattr__(self, "values", tuple(self.values))
        if len(self.values) < 2:
            raise ValueError(f"{self.name!r} must have at least two values; got {shorten(self.values)}")
        for value in self.values:
            if self.values.count(value) > 1:
                raise ValueError(f"{self.name!r} holds the value {value!r} twice: {shorten(self.values)}")

    def from_unit(self, u):
        """Return the value at the mark ``u``, a number in [0, 1]."""
        return self.values[min(int(u * len(self.values)), len(self.values) - 1)]

    def to_unit(self, value):
        """Return the middle of the part of the ruler that belongs to a value."""
        if value not in self.values:
            raise ValueError(f"{self.name!r} must be one of {shorten(self.values)}; got {value!r}")
        return (self.values.index(value) + 0.5) / len(self.values)

    def marks(self, n):
        """Return the marks of all values, whatever ``n``: a choice has no fewer."""
        return (np.arange(len(self.values)) + 0.5) / len(self.values)


class Space:
    """A search space: parameters under different names.

    Parameters
    ----------
    parameters : sequence of Float, Int or Choice

    Examples
    --------
    >>> space = Space([Float("learning_rate", 0.001, 0.1, log=True), Choice("units", [16, 64])])
    >>> space.decode([0.5, 0.9])
    {'learning_rate': 0.01, 'units': 64}
    >>> len(space.grid(3))
    6
    """

    def __init__(self, parameters):
        parameters = tuple(parameters)
        if not parameters:
            raise ValueError("the space is empty: expected at least one Float, Int or Choice")
        for parameter in parameters:
            if not isinstance(parameter, (Float, Int, Choice)):
                raise TypeError(f"a space is made of Float, Int and Choice; got {shorten(parameter)}")
        names = [parameter.name for parameter in parameters]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two parameters are called {name!r}; each needs a name of its own")
        self.parameters = dict(zip(names, parameters, strict=True))

    def __len__(self):
        return len(self.parameters)

    def decode(self, u):
        """Return the configuration, a dict by name, at a point of the unit cube, shape [d]."""
        u = as_array(u, "u", ndim=1, length=len(self))
        if u.min() < 0 or u.max() > 1:
            raise ValueError(f"u must lie in the unit cube; got {u}")
        return {name: parameter.from_unit(x) for (name, parameter), x in zip(self.parameters.items(), u, strict=True)}

    def encode(self, config):
        """Return the point of the unit cube, shape [d], that stands for a configuration."""
        self._known(config)
        missing = [name for name in self.parameters if name not in config]
        if missing:
            raise ValueError(f"the configuration lacks {missing}; got {shorten(config)}")
        return np.array([parameter.to_unit(config[name]) for name, parameter in self.parameters.items()])

    def features(self, U):
        """Return points of the unit cube, [n, d], as a model should see them, [n, d_features].

        A number stays one column. The values of a `Choice` have no order, so each gets a column of its own, 1 where it
        is chosen and else 0 (one-hot).
        """
        U = as_array(U, "U", ndim=2, columns=len(self))
        columns = []
        for u, parameter in zip(U.T, self.parameters.values(), strict=True):
            if isinstance(parameter, Choice):
                k = len(parameter.values)
                columns += list(np.eye(k)[np.minimum((u * k).astype(int), k - 1)].T)
            else:
                columns.append(u)
        return np.stack(columns, axis=1)

    def sample(self, rng):
        """Return a random configuration, uniform in the unit cube; ``rng`` is a numpy Generator."""
        return self.decode(rng.random(len(self)))

    def grid(self, points):
        """Return all combinations of evenly spaced values: the middles of equal parts, on each parameter's scale.

        Parameters
        ----------
        points : int >= 1, or dict of str to int
            Values a parameter, for all of them or by name. A Choice always brings all of its values.

        Returns
        -------
        list of dict
        """
        if isinstance(points, Mapping):
            self._known(points)
            missing = [n for n, p in self.parameters.items() if n not in points and not isinstance(p, Choice)]
            if missing:
                raise ValueError(f"points lacks {missing}; got {shorten(points)}")
        else:
            points = dict.fromkeys(self.parameters, points)
        counts = {name: as_int(n, f"points of {name!r}", low=1) for name, n in points.items()}
        marks = [parameter.marks(counts.get(name, 1)) for name, parameter in self.parameters.items()]
        return [self.decode(u) for u in itertools.product(*marks)]

    def _known(self, names):
        """Raise an error that guesses what was meant if a name is not in this space."""
        if not isinstance(names, Mapping):
            raise TypeError(f"expected a dict by parameter name; got {shorten(names)}")
        for name in names:
            if name not in self.parameters:
                near = difflib.get_close_matches(str(name), self.parameters, n=1)
                meant = f"; did you mean {near[0]!r}?" if near else ""
                raise ValueError(f"no parameter is called {name!r}; there are {list(self.parameters)}{meant}")


def as_space(space):
    """Return ``space`` if it is a Space, or raise ``TypeError``.

    Examples
    --------
    >>> as_space(Space([Choice("units", [16, 64])])).parameters["units"].name
    'units'
    """
    if not isinstance(space, Space):
        raise TypeError(f"space must be a Space; got {shorten(space)}")
    return space


def _check_name(name):
    if not isinstance(name, str) or not name:
        raise TypeError(f"the name of a parameter must be a text that is not empty; got {shorten(name)}")
