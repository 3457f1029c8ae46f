"""The first line of every NumPy chapter: fix what is random and how numbers are printed."""

from __future__ import annotations

import random

import numpy as np

from coursepkg._validation import as_int


def seed_numpy(seed=42):
    """Seed Python and NumPy, print arrays to four fixed decimals, and return a generator.

    Chapters that use Keras call :func:`coursepkg.deep.seeding.seed_everything` instead.

    Parameters
    ----------
    seed : int in [0, 2**32 - 1]

    Returns
    -------
    numpy.random.Generator
        The generator from which a chapter draws.

    Raises
    ------
    TypeError, ValueError
        If ``seed`` is not an integer in its range.

    Examples
    --------
    >>> rng = seed_numpy(42)
    >>> rng.integers(10, size=3)
    array([0, 7, 6])
    """
    seed = as_int(seed, "seed", low=0, high=2**32 - 1)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (scikit-learn falls back on it)
    # Fixed decimals: the stored outputs then show to how many digits they were verified.
    np.set_printoptions(precision=4, suppress=True, floatmode="fixed")
    return np.random.default_rng(seed)
