"""How a result is held against what was expected: type, shape, then values, each with a sentence for the student."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten


def difference(got, expected, *, rtol=1e-6, atol=1e-9, name="the result"):
    """Return what differs between a result and what was expected, or None: type, shape, then values."""
    if isinstance(expected, dict):
        if not isinstance(got, dict) or set(got) != set(expected):
            keys = sorted(map(str, got)) if isinstance(got, dict) else shorten(got)
            return f"{name} must be a dictionary with the keys {sorted(expected)}; got {keys}"
        return first(difference(got[key], expected[key], rtol=rtol, atol=atol, name=repr(key)) for key in expected)
    if isinstance(expected, tuple):
        if not isinstance(got, (tuple, list)) or len(got) != len(expected):
            return f"{name} must be {len(expected)} values, separated by commas; got {shorten(got)}"
        return first(
            difference(g, e, rtol=rtol, atol=atol, name=f"value {i} of the result")
            for i, (g, e) in enumerate(zip(got, expected, strict=True), start=1)
        )
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"{name} must be numeric; got {shorten(got)}"
    wanted = np.asarray(expected, dtype=float)
    if array.shape != wanted.shape:
        return f"{name} must have shape {wanted.shape}; got shape {array.shape}: {shorten(got)}"
    if not np.allclose(array, wanted, rtol=rtol, atol=atol, equal_nan=True):
        return f"expected {name}: {shorten(_rounded(wanted))}\ngot:      {shorten(_rounded(array))}"
    return None


def first(problems):
    """Return the first of several problems that is one, or None."""
    return next((problem for problem in problems if problem is not None), None)


def _rounded(array):
    return np.round(array, 4).tolist()
