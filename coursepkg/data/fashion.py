"""Gray images of garments in the layout of Fashion-MNIST, drawn from a seed: no download, the same bytes everywhere.

The layout, the class names and the class order follow H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image
dataset for benchmarking machine learning algorithms" (2017, arXiv:1708.07747). The pictures are drawings.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from coursepkg._validation import as_int, one_of
from coursepkg.data.bits import hash64, unit_floats
from coursepkg.data.garments import CLASS_NAMES, draw, kind_shares
from coursepkg.data.raster import SIZE

__all__ = ["CLASS_NAMES", "GENERATOR_VERSION", "explain_garment", "generate_fashion"]

GENERATOR_VERSION = "5b949a34217de3f4"  # checksum of the first 1,000 training images; a test holds it to that

_SEED = 1708_07747  # the number of the paper that the layout comes from
_SPLITS = {"train": 0, "test": 1}
_CHUNK = 625  # images drawn at once: about 60 of a kind, whose arrays fit into a core's cache
_LIMIT = 10_000_000  # far below what 64 bits can number
_KIND_COUNTER = 1 << 33  # a place in each image's stream that neither the dice nor the noise reaches

# One row for each label: the cumulated shares of the kinds that its garments are cut like (exactly rounded sums).
_KIND_SHARES = np.array(
    [[math.fsum(shares[: k + 1]) for k in range(len(CLASS_NAMES))] for shares in map(kind_shares, CLASS_NAMES)]
)


def generate_fashion(
    split: str, n: int, *, start: int = 0, threads: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Draw images ``start … start + n − 1`` of a split.

    Each image depends on the split and its own number only, so the first images stay the same however many are asked
    for, by however many threads. In each block of ten images that starts at a multiple of ten, each class occurs
    exactly once, in an order that differs from block to block.

    Parameters
    ----------
    split : {"train", "test"}
        Which of the two independent streams.
    n : int
        How many images, from 0.
    start : int
        Number of the first image, from 0.
    threads : int, optional
        How many threads draw; by default, one for each processor, at most 8.

    Returns
    -------
    images : numpy.ndarray, uint8 [n, 28, 28]
        Brightness from 0 (background) to 255.
    labels : numpy.ndarray, uint8 [n]
        Position in ``CLASS_NAMES``.

    Raises
    ------
    TypeError
        If ``n``, ``start`` or ``threads`` is not an integer.
    ValueError
        If ``split`` is neither "train" nor "test", or a number is out of range.

    Examples
    --------
    >>> images, labels = generate_fashion("train", 20)
    >>> images.shape, images.dtype, labels.dtype
    ((20, 28, 28), dtype('uint8'), dtype('uint8'))
    >>> sorted(labels[:10].tolist())
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    >>> later, _ = generate_fashion("train", 5, start=15)
    >>> bool((later == images[15:]).all())
    True
    """
    one_of(split, "split", tuple(_SPLITS))
    n = as_int(n, "n", low=0, high=_LIMIT)
    start = as_int(start, "start", low=0, high=_LIMIT)
    threads = min(os.cpu_count() or 1, 8) if threads is None else as_int(threads, "threads", low=1, high=256)

    labels = _labels(split, start, start + n)
    images = np.empty((n, SIZE, SIZE), dtype=np.uint8)

    def fill(first: int) -> None:
        part = slice(first, first + _CHUNK)
        keys = _keys(split, start + first, start + first + len(labels[part]))
        kinds = _kinds(labels[part], keys)
        for kind in np.unique(kinds):
            chosen = np.flatnonzero(kinds == kind)
            images[first + chosen] = draw(int(kind), keys[chosen]).pixels()

    # The C library of Linux hands freed memory back to the system, and fetches it again page by page, until it has
    # seen a large block being freed. Showing it one here makes the drawing twice as fast.
    np.empty(24 << 20, dtype=np.uint8)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(0, n, _CHUNK)))
    return images, labels


def explain_garment(label: int, index: int = 0) -> list[tuple[str, np.ndarray]]:
    """Draw one garment of the training images step by step.

    Parameters
    ----------
    label : int
        Position in ``CLASS_NAMES``, 0 to 9.
    index : int
        Which garment with this label, from 0 in the order of ``generate_fashion("train", ...)``.

    Returns
    -------
    list of (str, numpy.ndarray)
        The name of each step, in order, and the image after it: uint8 [28, 28]. The last is the training image.

    Raises
    ------
    TypeError, ValueError
        If ``label`` or ``index`` is not an integer in its range.

    Examples
    --------
    >>> [name for name, image in explain_garment(0)]
    ['silhouette', 'shading', 'print', 'details', 'grain']
    """
    label = as_int(label, "label", low=0, high=len(CLASS_NAMES) - 1)
    index = as_int(index, "index", low=0, high=_LIMIT // 10 - 1)
    block = _labels("train", 10 * index, 10 * index + 10)
    number = 10 * index + int(np.flatnonzero(block == label)[0])
    keys = _keys("train", number, number + 1)
    kind = _kinds(np.array([label]), keys)[0]
    return [(name, images[0]) for name, images in draw(int(kind), keys, record=True).steps]


def _stream(split: str, purpose: int) -> np.ndarray:
    return hash64(hash64(_SEED, _SPLITS[split]), purpose)


def _keys(split: str, start: int, stop: int) -> np.ndarray:
    """One key for each image: uint64 [stop − start]."""
    return hash64(_stream(split, 0), np.arange(start, stop, dtype=np.uint64))


def _labels(split: str, start: int, stop: int) -> np.ndarray:
    """Labels of images ``start … stop − 1``: each block of ten is shuffled by sorting one random number a class."""
    blocks = np.arange(start // 10, -(-stop // 10), dtype=np.uint64)
    order = hash64(_stream(split, 1), blocks[:, None] * np.uint64(10) + np.arange(10, dtype=np.uint64))
    labels = np.argsort(order, axis=1, kind="stable").astype(np.uint8).ravel()
    return labels[start % 10 :][: stop - start]


def _kinds(labels: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """What each garment is cut like, given its label: int [n]."""
    share = unit_floats(keys, _KIND_COUNTER)[:, None]
    return np.minimum((share >= _KIND_SHARES[labels]).sum(axis=1), len(CLASS_NAMES) - 1)
