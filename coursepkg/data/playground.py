"""Points of two classes in the plane, the same on every machine: circle, xor, gauss, spiral."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_float, as_int, one_of
from coursepkg.data.exact import Stream, cos_sin

NAMES = ("circle", "xor", "gauss", "spiral")


def load_playground(name, *, n=500, noise=0.1, seed=42):
    """Load one of four sets of points that show what a small network can separate.

    Parameters
    ----------
    name : {"circle", "xor", "gauss", "spiral"}
        A disc inside a ring; four squares of alternating class; two clouds (the only set that a straight line
        separates); two arms around each other.
    n : int
        Number of points, 2 to 1,000,000. Point ``i`` does not depend on it, and belongs to class ``i % 2``.
    noise : float
        How far points are pushed at random, 0 to 1: up to ``noise`` times 2.5 to each side, or, for "gauss", clouds
        with standard deviation 0.5 + 2 ``noise``.
    seed : int
        Another seed gives other points.

    Returns
    -------
    X : numpy.ndarray, float64 [n, 2]
        Coordinates, about -6 to 6.
    y : numpy.ndarray, int64 [n]
        Class, 0 or 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or outside its range.

    Notes
    -----
    The four shapes are those of D. Smilkov et al., "Direct-manipulation visualization of deep networks"
    (arXiv:1708.03788, 2017), known as the TensorFlow Playground.

    Examples
    --------
    >>> X, y = load_playground("xor", n=6, noise=0.0)
    >>> bool((y == (X[:, 0] * X[:, 1] > 0)).all())
    True
    """
    one_of(name, "name", NAMES)
    n = as_int(n, "n", low=2, high=1_000_000)
    noise = as_float(noise, "noise", low=0.0, high=1.0)
    stream = Stream(f"playground/{name}", as_int(seed, "seed"))
    y = np.arange(n) % 2
    x1, x2 = _SHAPES[name](stream, y, noise)
    if name != "gauss":
        x1 = x1 + 2.5 * noise * (2.0 * stream.uniform("push/1", n) - 1.0)
        x2 = x2 + 2.5 * noise * (2.0 * stream.uniform("push/2", n) - 1.0)
    return np.column_stack([x1, x2]), y.astype(np.int64)


def _circle(stream, y, noise):
    radius = stream.uniform("radius", len(y))
    radius = np.where(y == 1, 2.5 * radius, 3.5 + 1.5 * radius)
    cosine, sine = cos_sin(stream.uniform("angle", len(y)))
    return radius * cosine, radius * sine


def _xor(stream, y, noise):
    gap = 0.3
    width, height = (gap + (5.0 - gap) * stream.uniform(axis, len(y)) for axis in ("width", "height"))
    left = stream.uniform("side", len(y)) < 0.5
    # Class 1 has coordinates of equal sign, class 0 of opposite sign.
    return np.where(left, -width, width), np.where(left == (y == 1), -height, height)


def _gauss(stream, y, noise):
    center = np.where(y == 1, 2.0, -2.0)
    spread = 0.5 + 2.0 * noise
    return center + spread * stream.normal("x1", len(y)), center + spread * stream.normal("x2", len(y))


def _spiral(stream, y, noise):
    along = stream.uniform("along", len(y))
    cosine, sine = cos_sin(1.75 * along + 0.5 * y)
    return 5.0 * along * sine, 5.0 * along * cosine


_SHAPES = {"circle": _circle, "xor": _xor, "gauss": _gauss, "spiral": _spiral}
