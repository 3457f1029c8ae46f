"""A shop's garments: few labels, some of them wrong, and test pictures that were taken in another light and place."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_float, as_int
from coursepkg.data.exact import Stream
from coursepkg.data.fashion import CLASS_NAMES, generate_fashion


def generate_shop(seed=0, *, n=300, n_valid=100, n_test=500, wrong=0.2, shift=3, light=(0.3, 0.9), grain=0.1):
    """Draw the data of the last project: catalogue pictures to learn from, customers' pictures to be named.

    The catalogue shows garments as `generate_fashion` draws them. A customer's picture is moved, darker and grainy.

    Parameters
    ----------
    seed : int
        Another seed draws other garments, labels and pictures.
    n, n_valid, n_test : int in [1, 5000], keyword-only
        How many catalogue pictures, and customers' pictures to choose on and to be named.
    wrong : float in [0, 1], keyword-only
        The chance that a label of the catalogue is wrong, one of the nine others then.
    shift : int in [0, 10], keyword-only
        Each customer's picture is moved by a whole number of pixels from -shift to shift, down and to the right.
    light : pair of float in [0, 1], keyword-only
        Its brightness is multiplied by a number between these two.
    grain : float in [0, 1], keyword-only
        To each pixel a number between -grain and grain is added; then it is cut to [0, 1].

    Returns
    -------
    dict of str to numpy.ndarray
        ``X``, float64 [n, 28, 28] in [0, 1], and ``y``, int64 [n], partly wrong; ``X_valid`` and ``y_valid``, all
        right; ``X_test`` and ``y_test``.

    Examples
    --------
    >>> data = generate_shop(n=50, n_valid=10, n_test=20)
    >>> data["X"].shape, data["X_valid"].shape, data["y_test"].shape
    ((50, 28, 28), (10, 28, 28), (20,))
    """
    n, n_valid, n_test = (as_int(value, name, low=1, high=5000) for value, name in
                          ((n, "n"), (n_valid, "n_valid"), (n_test, "n_test")))  # fmt: skip
    wrong, grain = as_float(wrong, "wrong", low=0, high=1), as_float(grain, "grain", low=0, high=1)
    shift = as_int(shift, "shift", low=0, high=10)
    try:
        dark, bright = light
    except (TypeError, ValueError):
        raise ValueError(f"light must be a pair of numbers from 0 to 1; got {light!r}") from None
    dark = as_float(dark, "light[0]", low=0, high=1)
    bright = as_float(bright, "light[1]", low=dark, high=1)
    stream = Stream("shop", as_int(seed, "seed"))

    X, truth = _garments(stream, "train", n)
    other = (truth + 1 + _below(stream, "other", n, len(CLASS_NAMES) - 1)) % len(CLASS_NAMES)
    data = {"X": X, "y": np.where(stream.uniform("wrong", n) < wrong, other, truth)}

    # One draw for both: a picture to choose on never comes again among those to be named.
    m = n_valid + n_test
    X, truth = _garments(stream, "test", m)
    order = np.argsort(stream.uniform("order", m))  # ten neighbors of a split are of ten classes: that would help
    X, truth = X[order], truth[order]
    down, right = (_below(stream, name, m, 2 * shift + 1) - shift for name in ("down", "right"))
    X = np.stack([_moved(*picture) for picture in zip(X, down, right, strict=True)])
    factor = dark + (bright - dark) * stream.uniform("light", m)
    push = grain * (2 * stream.uniform("grain", X.size).reshape(X.shape) - 1)
    X = np.clip(X * factor[:, None, None] + push, 0, 1)
    data |= {"X_valid": X[:n_valid], "y_valid": truth[:n_valid], "X_test": X[n_valid:], "y_test": truth[n_valid:]}
    return data


def _garments(stream, split, n):
    """Return n garments, brightness 0 to 1, from any place of a split, and their labels."""
    (start,) = _below(stream, f"start/{split}", 1, 10_000_000)
    images, labels = generate_fashion(split, n, start=int(start))
    return images / 255, labels.astype(np.int64)


def _below(stream, name, n, high):
    """Return n whole numbers from 0 to high − 1."""
    return (stream.uniform(name, n) * high).astype(np.int64)


def _moved(image, down, right):
    """Return the image moved by whole pixels; what enters is background, and what leaves is lost."""
    height, width = image.shape
    out = np.zeros_like(image)
    out[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = image[
        max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return out
