"""Random numbers and elementary functions that give the same float64 bits on every machine.

``numpy.exp``, ``log``, ``sin``, ``interp`` and matrix products may differ in the last digit between processors and
versions. What is generated here must not, so these functions use only operations that IEEE 754 fixes to the last bit:
``+ - * /``, square roots, comparisons, rounding to integers and shifts of the exponent. Each is a NumPy call of its
own, so that no compiler can fuse two of them into one with another rounding.
"""

from __future__ import annotations

import hashlib

import numpy as np

from coursepkg.data.bits import hash64

_LN2_HIGH = 0.693147180369123816490  # the upper 32 bits: a small integer times it is exact
_LN2_LOW = 1.90821492927058770002e-10
_TWO_PI = 6.283185307179586
_LOG_SERIES = [1 / odd for odd in range(21, 0, -2)]
_EXP_SERIES = [1 / factorial for factorial in (6227020800, 479001600, 39916800, 3628800, 362880, 40320, 5040, 720)]
_EXP_SERIES += [1 / 120, 1 / 24, 1 / 6, 1 / 2, 1.0, 1.0]
_COS_SERIES = [1 / 20922789888000, -1 / 87178291200, 1 / 479001600, -1 / 3628800, 1 / 40320, -1 / 720, 1 / 24, -0.5, 1]
_SIN_SERIES = [-1 / 1307674368000, 1 / 6227020800, -1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6, 1]


class Stream:
    """Independent columns of random numbers, each addressed by its name.

    Number ``i`` of a column depends on the seed, the column's name and ``i`` alone: adding a column changes no other,
    and drawing more rows changes none of the first.

    Parameters
    ----------
    name : str
        Which data set the stream belongs to.
    seed : int
        Another seed gives another draw.

    Examples
    --------
    >>> stream = Stream("demo", seed=1)
    >>> first, longer = stream.uniform("width", 3), stream.uniform("width", 5)
    >>> bool((first == longer[:3]).all())
    True
    """

    def __init__(self, name, seed):
        self._name, self._seed = name, seed

    def uniform(self, column, n):
        """Return ``n`` random numbers strictly between 0 and 1, 52 bits each: float64 [n]."""
        digest = hashlib.blake2b(f"{self._name}/{self._seed}/{column}".encode(), digest_size=8).digest()
        bits = hash64(int.from_bytes(digest, "little"), np.arange(n, dtype=np.uint64))
        return ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52

    def normal(self, column, n):
        """Return ``n`` standard normal random numbers, float64 [n] (Box and Muller, 1958, equation 1)."""
        radius = np.sqrt(-2.0 * log(self.uniform(f"{column}/radius", n)))
        return radius * cos_sin(self.uniform(f"{column}/angle", n))[0]


def log(x):
    """Return the natural logarithm of positive ``x`` to about 15 digits.

    Examples
    --------
    >>> float(log(np.array([10.0]))[0]).__round__(12)
    2.302585092994
    """
    mantissa, exponent = np.frexp(x)
    low = mantissa < 0.7071067811865476
    mantissa = np.where(low, mantissa * 2.0, mantissa)
    exponent = (exponent - low).astype(np.float64)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    return exponent * _LN2_HIGH + (2.0 * s * polynomial(s * s, _LOG_SERIES) + exponent * _LN2_LOW)


def exp(x):
    """Return e to the power ``x`` to about 15 digits, for ``|x| < 700``.

    Examples
    --------
    >>> float(exp(np.array([1.0]))[0]).__round__(12)
    2.718281828459
    """
    power = np.rint(x * 1.4426950408889634)
    rest = (x - power * _LN2_HIGH) - power * _LN2_LOW
    return np.ldexp(polynomial(rest, _EXP_SERIES), power.astype(np.int32))


def cos_sin(turns):
    """Return the cosine and the sine of ``turns`` full turns (2π each) to about 15 digits.

    Examples
    --------
    >>> [float(value[0]).__round__(12) for value in cos_sin(np.array([0.125]))]
    [0.707106781187, 0.707106781187]
    """
    quarter = np.rint(turns * 4.0)
    angle = (turns - quarter * 0.25) * _TWO_PI
    square = angle * angle
    cosine, sine = polynomial(square, _COS_SERIES), angle * polynomial(square, _SIN_SERIES)
    turn = quarter - 4.0 * np.floor(quarter * 0.25)
    swapped = (turn == 1) | (turn == 3)
    cosine, sine = np.where(swapped, sine, cosine), np.where(swapped, cosine, sine)
    return np.where((turn == 1) | (turn == 2), -cosine, cosine), np.where(turn >= 2, -sine, sine)


def interpolate(x, knots, values):
    """Return the piecewise linear curve through ``(knots, values)`` at ``x``, constant outside the knots.

    Examples
    --------
    >>> interpolate(np.array([-1.0, 0.5, 9.0]), [0.0, 1.0, 2.0], [0.0, 10.0, 0.0])
    array([0., 5., 0.])
    """
    knots, values = np.asarray(knots, dtype=np.float64), np.asarray(values, dtype=np.float64)
    x = np.minimum(np.maximum(x, knots[0]), knots[-1])
    left = np.minimum(np.searchsorted(knots, x, side="right"), len(knots) - 1) - 1
    slope = (values[1:] - values[:-1]) / (knots[1:] - knots[:-1])
    return values[left] + (x - knots[left]) * slope[left]


def polynomial(x, coefficients):
    """Return the polynomial at ``x``, highest power first (Horner's rule).

    Examples
    --------
    >>> polynomial(np.array([2.0]), [1.0, 0.0, -1.0])
    array([3.])
    """
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total
