"""Greenhouses: how well a plant grows, by temperature, light and water; each greenhouse holds another plant."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_int
from coursepkg.data.exact import Stream, exp

MEASURED = ("temperature", "light", "water")
NOISE = 0.1


def generate_greenhouse(seed=0, *, n=192, n_valid=1000, n_test=2000):
    """Draw days of one greenhouse: to learn from, to choose on, and to test.

    A plant grows best at a temperature and an amount of water of its own, and stops to profit from more light at a
    level of its own. How much water is best depends on the temperature, and which temperature on the light.

    Parameters
    ----------
    seed : int
        Another seed plants something else, and draws other days.
    n, n_valid, n_test : int in [1, 10000], keyword-only
        How many days to learn from, to choose on, and to test.

    Returns
    -------
    dict of str to tuple
        ``train``, ``valid`` and ``test``, each a pair (X, y). ``X``, float64 [n, 3], are temperature, light and water,
        each from -1 (the lowest) to 1 (the highest). ``y``, float64 [n], is the growth of the day, scaled to mean 0
        and standard deviation 1 on the training days before noise of standard deviation 0.1 is added.

    Examples
    --------
    >>> {name: (X.shape, y.shape) for name, (X, y) in generate_greenhouse(n=50, n_valid=10, n_test=20).items()}
    {'train': ((50, 3), (50,)), 'valid': ((10, 3), (10,)), 'test': ((20, 3), (20,))}
    """
    sizes = [as_int(value, name, low=1, high=10_000) for value, name in
             ((n, "n"), (n_valid, "n_valid"), (n_test, "n_test"))]  # fmt: skip
    stream = Stream("greenhouse", as_int(seed, "seed"))
    total = sum(sizes)
    X = np.stack([stream.uniform(name, total) for name in MEASURED], axis=1)
    warm, light, water = X.T
    likes = stream.uniform("plant", 7)

    best_warm = 0.3 + 0.4 * likes[0] + (likes[5] - 0.5) * (light - 0.5)
    best_water = 0.3 + 0.4 * likes[1] + (likes[6] - 0.5) * (warm - 0.5)
    growth = _peak((warm - best_warm) / (0.15 + 0.2 * likes[2]))
    growth = growth * _peak((water - best_water) / (0.2 + 0.2 * likes[3]))
    growth = growth * light / (light + 0.1 + 0.4 * likes[4])
    known = growth[: sizes[0]]
    # Sums of one number at a time: the order of additions in NumPy's own differs between processors.
    mean = sum(known.tolist()) / len(known)
    spread = np.sqrt(sum(((known - mean) * (known - mean)).tolist()) / len(known))
    y = (growth - mean) / (spread if spread > 0 else 1.0) + NOISE * stream.normal("noise", total)

    ends = np.cumsum(sizes)
    X = 2 * X - 1
    names = ("train", "valid", "test")
    return {name: (X[a:b], y[a:b]) for name, a, b in zip(names, (0, *ends), ends, strict=False)}


def _peak(distance):
    """Return 1 at distance 0, and less on both sides (the bell of Gauss)."""
    return exp(-distance * distance)
