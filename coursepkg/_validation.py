"""Argument checks shared by all rooms: each error names the argument, what came and what was expected."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Collection
from pathlib import Path

import numpy as np


def as_array(value, name, *, ndim=None, columns=None, length=None, finite=True, empty=False, keep_float32=False):
    """Return ``value`` as a float64 array, or say precisely why it cannot be one.

    Parameters
    ----------
    value : array_like
        What the caller passed.
    name : str
        The argument's name, for the message.
    ndim : int or tuple of int, optional
        Allowed numbers of dimensions.
    columns : int, optional
        Required size of the last axis.
    length : int, optional
        Required size of the first axis.
    finite : bool
        Reject NaN and infinity.
    empty : bool
        Accept arrays without any element.
    keep_float32 : bool
        Leave float32 as it is; everything else still becomes float64.

    Returns
    -------
    numpy.ndarray, dtype float64 (or float32)
        The input itself where it already is one, else a converted copy.

    Raises
    ------
    TypeError
        If ``value`` does not hold real numbers.
    ValueError
        If its shape is wrong, or it holds NaN or infinity.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a regular array, but its rows differ in length: {shorten(value)}") from error
    if array.dtype.name == "bfloat16":  # of mixed precision; NumPy itself does not know it for a number
        array = array.astype(np.float64)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers; got dtype {array.dtype}: {shorten(value)}")
    if ndim is not None and array.ndim not in (ndim if isinstance(ndim, tuple) else (ndim,)):
        wanted = " or ".join(str(n) for n in ndim) if isinstance(ndim, tuple) else ndim
        hint = f"; reshape one feature with {name}.reshape(-1, 1)" if array.ndim == 1 and ndim == 2 else ""
        raise ValueError(f"{name} must have {wanted} dimension(s); got shape {array.shape}{hint}")
    if array.size == 0 and not empty:
        raise ValueError(f"{name} is empty: got shape {array.shape}, expected at least one element")
    if columns is not None and array.shape[-1] != columns:
        raise ValueError(f"{name} must have {columns} column(s); got shape {array.shape}")
    if length is not None and array.shape[:1] != (length,):
        raise ValueError(f"{name} must have length {length}; got shape {array.shape}")
    if not (keep_float32 and array.dtype == np.float32):
        array = array.astype(np.float64, copy=False)
    if finite and not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite; found {array[where]} at index {where} (shape {array.shape})")
    return array


def within_0_and_1(p, name, *, rounding=1e-5):
    """Return probabilities ``p``, an array, cut off at 0 and 1, or raise an error if rounding does not explain them.

    A mean of a few float32 numbers, or a softmax in float32, ends up to some 1e-6 above 1, whatever its dtype is later.
    NaN passes. `rounding_of` tells the ``rounding`` of what came before it became an array.
    """
    if ((p < -rounding) | (p > 1 + rounding)).any():
        raise ValueError(f"{name} must lie in [0, 1]; found values from {p.min():g} to {p.max():g}, shape {p.shape}")
    return np.clip(p, 0, 1)


def rounding_of(value, otherwise):
    """Return by how much probabilities may be off: ``otherwise``, or more in the half precisions of mixed precision."""
    dtype = getattr(value, "dtype", None)
    if dtype is None and isinstance(value, (list, tuple)) and len(value):
        return rounding_of(value[0], otherwise)
    return {"float16": 4e-3, "bfloat16": 3e-2}.get(getattr(dtype, "name", str(dtype)), otherwise)


def as_path(value, name):
    """Return ``value`` as a Path, or raise a TypeError that names it."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a path, a str or pathlib.Path; got {shorten(value)}")
    return Path(value)


def as_dict(value, name, one="entry", *, optional=False):
    """Return what is given by name as a dict: a dict, a table by its columns, or a Series by its index; not empty."""
    empty = (isinstance(value, (dict, list, tuple)) and not value) or getattr(value, "size", 1) == 0
    if optional and (empty or value is None):
        return {}
    if empty:
        raise ValueError(f"{name} is empty: expected a dict with at least one {one}; got {shorten(value)}")
    if not (isinstance(value, dict) or hasattr(value, "to_dict")):
        raise TypeError(f"{name} must be a dict with at least one {one}; got {shorten(value)}")
    return dict(value)


def as_pair(value, name):
    """Return two numbers, the first below the second, as floats; infinity and NaN are none."""
    low, high = as_array(value, name, ndim=1, length=2)
    if not low < high:
        raise ValueError(f"{name} must be two numbers, the lower one first; got {shorten(value)}")
    return float(low), float(high)


def as_records(history, name="history"):
    """Return what a training recorded as a dict of lists of equal length, one number an epoch.

    Parameters
    ----------
    history : keras.callbacks.History, pandas.DataFrame or dict of str to array_like, shape [n_epochs]

    Raises
    ------
    TypeError, ValueError
        If it is none of them, or the records differ in length.
    """
    records = history if hasattr(history, "columns") else getattr(history, "history", history)
    if hasattr(records, "columns"):
        records = {column: records[column] for column in records}
    if not isinstance(records, dict):
        kind = type(history).__name__
        raise TypeError(f"{name} must be a History, its table or its dict of lists; expected one of them, got {kind}")
    for column, values in records.items():
        if isinstance(values, str) or not getattr(values, "shape", hasattr(values, "__len__")):
            raise TypeError(f"{name}[{column!r}] must hold one number an epoch; got {shorten(values)}")
    lengths = {column: len(values) for column, values in records.items()}
    if len(set(lengths.values())) > 1:
        hint = "; with validation_freq, write NaN where nothing was validated" if "val_loss" in lengths else ""
        raise ValueError(f"all columns of a history must be of the same length; got {lengths}{hint}")
    return records


def as_int(value, name, *, low=None, high=None):
    """Return ``value`` as a Python int in ``low … high`` (both included), or raise an error that names it."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer{_range(low, high)}; got {shorten(value)}")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"{name} must be an integer{_range(low, high)}; got {value}")
    return int(value)


def as_float(value, name, *, low=None, high=None, open_low=False, open_high=False):
    """Return ``value`` as a finite Python float within its range, or raise an error that names it."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number{_range(low, high, open_low, open_high)}; got {shorten(value)}")
    number = float(value)
    too_low = low is not None and (number < low or (open_low and number == low))
    too_high = high is not None and (number > high or (open_high and number == high))
    if not math.isfinite(number) or too_low or too_high:
        raise ValueError(f"{name} must be a finite number{_range(low, high, open_low, open_high)}; got {number}")
    return number


def one_of(value, name, choices: Collection):
    """Return ``value`` if it is among ``choices``, or raise an error that lists them."""
    if not any(value is choice or (type(value) is type(choice) and value == choice) for choice in choices):
        listed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"{name} must be one of {listed}; got {shorten(value)}")
    return value


def shorten(value, limit=80):
    """Return ``repr(value)`` on one line, cut at ``limit`` characters: for error messages."""
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _range(low, high, open_low=False, open_high=False):
    if low is None and high is None:
        return ""
    if high is None:
        return f" {'>' if open_low else '>='} {low}"
    if low is None:
        return f" {'<' if open_high else '<='} {high}"
    return f" in {'(' if open_low else '['}{low}, {high}{')' if open_high else ']'}"
