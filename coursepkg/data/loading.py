"""`load_fashion` and `load_housing`: one call, three splits, one switch between generated and original data."""

from __future__ import annotations

import os
import sys

import numpy as np

from coursepkg._validation import as_int, one_of
from coursepkg.data import fashion, real
from coursepkg.data.cache import read_arrays, write_arrays
from coursepkg.data.housing import generate_housing

SOURCES = ("generated", "real")
BLOCK = 5_000  # images in one cache file; the validation images begin at the start of a block
_FIRST_VALID = 55_000


def load_fashion(*, n_train=55_000, n_valid=5_000, n_test=10_000, source=None):
    """Load gray images of garments of ten kinds, generated or the original Fashion-MNIST.

    Prints one line that says what was loaded and from where.

    Parameters
    ----------
    n_train, n_valid, n_test : int
        How many images, from 0 to 55,000, 5,000 and 10,000. The first images do not depend on how many are asked for.
    source : {"generated", "real"}, optional
        By default the environment variable ``COURSE_DATA``, and without it "generated", which needs no download.

    Returns
    -------
    (X_train, y_train), (X_valid, y_valid), (X_test, y_test)
        ``X`` uint8 [n, 28, 28], brightness from 0 (background) to 255; ``y`` uint8 [n], position in `CLASS_NAMES`.
        The arrays belong to the caller. Generated images hold each class once in every ten.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or outside its range.
    DataUnavailableError
        If the original data are asked for and cannot be had.

    Notes
    -----
    Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST", arXiv:1708.07747, 2017 (the originals, and the layout).
    As usual for this set, the last 5,000 of its 60,000 training images serve for validation.

    Examples
    --------
    >>> from coursepkg.data import CLASS_NAMES, load_fashion
    >>> (X_train, y_train), (X_valid, y_valid), (X_test, y_test) = load_fashion(
    ...     n_train=900, n_valid=100, n_test=1000, source="generated"
    ... )
    Fashion images: 900 for training, 100 for validation, 1,000 for testing; generated (drawings, no download).
    >>> X_train.shape, X_train.dtype, CLASS_NAMES[9]
    ((900, 28, 28), dtype('uint8'), 'Ankle boot')
    """
    n_train = as_int(n_train, "n_train", low=0, high=_FIRST_VALID)
    n_valid = as_int(n_valid, "n_valid", low=0, high=5_000)
    n_test = as_int(n_test, "n_test", low=0, high=10_000)
    parts = (("train", 0, n_train), ("train", _FIRST_VALID, n_valid), ("test", 0, n_test))
    if _resolve(source) == "generated":
        triple = tuple(_generated_images(*part) for part in parts)
        origin = "generated (drawings, no download)"
    else:
        splits, where = real.read_fashion()
        triple = tuple(tuple(a[start : start + n].copy() for a in splits[split]) for split, start, n in parts)
        origin = f"the original Fashion-MNIST, from {where}"
    _say("Fashion images", triple, origin)
    return triple


def load_housing(*, source=None):
    """Load the table of house prices, generated or the original California housing data of 1990.

    Prints one line that says what was loaded and from where.

    Parameters
    ----------
    source : {"generated", "real"}, optional
        By default the environment variable ``COURSE_DATA``, and without it "generated", which needs no download.

    Returns
    -------
    (X_train, y_train), (X_valid, y_valid), (X_test, y_test)
        ``X`` float64 [n, 8] with the columns `FEATURE_NAMES`; ``y`` float64 [n], the median value of the houses of a
        block in units of 100,000 dollars, where 5.00001 means "more than 5". ``n`` is 11,610, 3,870 and 5,160.

    Raises
    ------
    ValueError
        If ``source`` is neither of the two.
    DataUnavailableError
        If the original data are asked for and cannot be had.

    Notes
    -----
    Source: R. K. Pace and R. Barry, "Sparse spatial autoregressions", 1997 (the originals, and the columns). They are
    split as scikit-learn's ``train_test_split`` does by default, twice, with ``random_state=42``.

    Examples
    --------
    >>> from coursepkg.data import FEATURE_NAMES, load_housing
    >>> (X_train, y_train), (X_valid, y_valid), (X_test, y_test) = load_housing(source="generated")
    Housing: 11,610 rows for training, 3,870 for validation, 5,160 for testing; generated (no download).
    >>> X_train.shape, FEATURE_NAMES[0]
    ((11610, 8), 'MedInc')
    """
    if _resolve(source) == "generated":
        X, y = generate_housing()
        bounds = (0, 11_610, 15_480, 20_640)
        triple = tuple((X[a:b].copy(), y[a:b].copy()) for a, b in zip(bounds[:-1], bounds[1:], strict=True))
        origin = "generated (no download)"
    else:
        X, y, where = real.read_housing()
        from sklearn.model_selection import train_test_split

        X_rest, X_test, y_rest, y_test = train_test_split(X, y, random_state=42)
        X_train, X_valid, y_train, y_valid = train_test_split(X_rest, y_rest, random_state=42)
        triple = (X_train, y_train), (X_valid, y_valid), (X_test, y_test)
        origin = f"the original California housing data, from {where}"
    _say("Housing", triple, origin, unit=" rows")
    return triple


def cached_block(split, block):
    """Return images ``block * 5000 …`` of a split with their labels, from the cache or else drawn and then kept."""
    name, version = block_name(split, block), cache_version()
    arrays = read_arrays(name, version)
    if arrays is None:
        images, labels = fashion.generate_fashion(split, BLOCK, start=block * BLOCK)
        write_arrays(name, version, {"images": images, "labels": labels})
        return images, labels
    return arrays["images"], arrays["labels"]


def cache_version():
    """Return the version that a cache entry must have: that of the generator, and the size of the blocks."""
    return f"{fashion.GENERATOR_VERSION}/{BLOCK}"


def block_name(split, block):
    """Return the name of the cache entry that holds a block."""
    return f"fashion-{split}-{block:02d}"


def _generated_images(split, start, n):
    images, labels = np.empty((n, 28, 28), dtype=np.uint8), np.empty(n, dtype=np.uint8)
    for first in range(0, n, BLOCK):
        part = slice(first, min(first + BLOCK, n))
        block_images, block_labels = cached_block(split, (start + first) // BLOCK)
        images[part], labels[part] = block_images[: part.stop - first], block_labels[: part.stop - first]
    return images, labels


def _resolve(source):
    if source is not None:
        return one_of(source, "source", SOURCES)
    return one_of(os.environ.get("COURSE_DATA", "").strip() or "generated", "the variable COURSE_DATA", SOURCES)


def _say(title, triple, origin, unit=""):
    train, valid, test = (len(y) for _, y in triple)
    sys.stdout.write(
        f"{title}: {train:,}{unit} for training, {valid:,} for validation, {test:,} for testing; {origin}.\n"
    )
