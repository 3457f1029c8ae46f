"""A frozen stream of random bits: the same numbers on every machine and with every version of NumPy.

``numpy.random`` may change its streams between versions, and it hands numbers out in order: image 500 would need
all the numbers of the images before it. A *counter-based* generator has neither drawback. It hashes an address
(which seed, which image, which parameter) into 64 bits, so each number can be computed alone, in any order, by any
number of threads.

The hash is the output function of SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014, section 3). It consists of shifts, exclusive ors and multiplications modulo 2**64 only.
"""

from __future__ import annotations

import math

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)


def hash64(key, counter) -> np.ndarray:
    """Hash pairs of a key and a counter to 64 bits each.

    Parameters
    ----------
    key : array_like of uint64
        Names the stream; the result of another ``hash64`` makes a good key.
    counter : array_like of uint64
        Position in the stream; broadcast against ``key``.

    Returns
    -------
    numpy.ndarray, dtype uint64
        One hash for each pair, in the broadcast shape.

    Notes
    -----
    Element ``c`` of the stream with key ``k`` is output ``c + 1`` of SplitMix64 started at state ``k``
    (Steele, Lea and Flood, 2014).

    Examples
    --------
    >>> [hex(h) for h in hash64(0, [0, 1])]
    ['0xe220a8397b1dcdaf', '0x6e789e6aa1b965f4']
    """
    key, counter = np.asarray(key, dtype=np.uint64), np.asarray(counter, dtype=np.uint64)
    z = np.atleast_1d(key) + (np.atleast_1d(counter) + np.uint64(1)) * _GOLDEN  # arrays wrap around silently
    z ^= z >> _SHIFT_1
    z *= _MIX_1
    z ^= z >> _SHIFT_2
    z *= _MIX_2
    z ^= z >> _SHIFT_3
    return z


def unit_floats(key, counter) -> np.ndarray:
    """Turn the upper 24 bits of each hash into a float32 in [0, 1): a step that rounds nowhere.

    Examples
    --------
    >>> unit_floats(0, [0, 1, 2]).tolist()
    [0.8833107948303223, 0.4315279722213745, 0.02643376588821411]
    """
    return (hash64(key, counter) >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)


def random_bytes(key, n: int) -> np.ndarray:
    """Return ``n`` random bytes for each key: uint8 ``[*key.shape, n]``, in the same order on every byte order.

    Examples
    --------
    >>> random_bytes(0, 4).tolist()
    [[175, 205, 29, 123]]
    """
    words = hash64(np.atleast_1d(np.asarray(key, dtype=np.uint64))[..., None], np.arange(-(-n // 8), dtype=np.uint64))
    return words.astype("<u8", copy=False).view(np.uint8)[..., :n]


class Dice:
    """Draw the parameters of many images at once; each call returns one float32 ``[n, 1, 1]``, ready to broadcast.

    Parameters
    ----------
    keys : numpy.ndarray of uint64, shape [n]
        One key for each image. What an image gets depends on its own key and on how many draws came before.
    faces : int
        How many draws are prepared; drawing more raises ``IndexError``.

    Examples
    --------
    >>> import numpy as np
    >>> dice = Dice(np.array([3, 4], dtype=np.uint64))
    >>> width = dice.uniform(5, 8)
    >>> width.shape, bool((width >= 5).all() and (width <= 8).all())
    ((2, 1, 1), True)
    """

    def __init__(self, keys: np.ndarray, faces: int = 160):
        self._table = unit_floats(keys, np.arange(faces, dtype=np.uint64)[:, None])[:, :, None, None]
        self._next = 0

    def _draw(self) -> np.ndarray:
        self._next += 1
        return self._table[self._next - 1]

    def uniform(self, low: float, high: float) -> np.ndarray:
        """Each value in [low, high] is as likely as any other."""
        return self._draw() * np.float32(high - low) + np.float32(low)

    def bell(self, mean: float, spread: float) -> np.ndarray:
        """Bell-shaped with standard deviation ``spread``, at most 3 ``spread`` away: the sum of three draws."""
        total = self._draw() + self._draw() + self._draw()
        return (total - np.float32(1.5)) * np.float32(2 * spread) + np.float32(mean)

    def chance(self, probability) -> np.ndarray:
        """1.0 with the given probability (a number, or one for each image), else 0.0."""
        return (self._draw() < probability).astype(np.float32)

    def pick(self, weights) -> list[np.ndarray]:
        """Choose one of ``len(weights)`` options: a list of masks, of which exactly one is 1.0 for each image."""
        draw, left, masks = self._draw() * np.float32(math.fsum(weights)), np.float32(0), []
        for weight in weights[:-1]:
            right = np.float32(left + np.float32(weight))
            masks.append(((draw >= left) & (draw < right)).astype(np.float32))
            left = right
        return [*masks, (draw >= left).astype(np.float32)]
