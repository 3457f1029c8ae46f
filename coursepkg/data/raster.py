"""Draw soft-edged shapes into a batch of small images, with correctly rounded float32 operations only.

Everything here is built from ``+ - * /``, ``sqrt``, comparisons and rounding to integers. IEEE 754 fixes the result of
each of these to the last bit, so the pictures are the same everywhere; ``sin``, ``exp`` or a matrix product are not.

Lengths are in pixels. Pixel centers lie at 0, 1, …, 27; x runs to the right, y runs down.
"""

from __future__ import annotations

import numpy as np

from coursepkg.data.bits import Dice

SIZE = 28
X = np.arange(SIZE, dtype=np.float32)[None, None, :]
Y = np.arange(SIZE, dtype=np.float32)[None, :, None]


def cover(inside: np.ndarray) -> np.ndarray:
    """Turn "how far inside the edge" (pixels, negative outside) into the share of the pixel that is covered, 0 to 1."""
    share = inside + np.float32(0.5)
    return np.clip(share, 0, 1, out=share)


def both(*inside: np.ndarray) -> np.ndarray:
    """Intersection of shapes: the smallest of the distances inside."""
    result = inside[0]
    for other in inside[1:]:
        result = np.minimum(result, other)
    return result


def ramp(t, start, stop) -> np.ndarray:
    """Rise in a straight line from 0 at ``start`` to 1 at ``stop``, constant beyond (``start < stop``)."""
    share = (t - start) / (stop - start)
    return np.clip(share, 0, 1, out=share)


def smooth(t, start, stop) -> np.ndarray:
    """Like `ramp`, with a soft beginning and end: the polynomial 3 s² − 2 s³."""
    s = ramp(t, start, stop)
    return s * s * (np.float32(3) - np.float32(2) * s)


def outline(t, *knots) -> np.ndarray:
    """Connect the points ``(position, value)``, given from left to right, by soft steps; constant beyond the ends.

    Positions and values are numbers or one number for each image (``[n, 1, 1]``).
    """
    (position, value), *rest = knots
    result = value
    for next_position, next_value in rest:
        result = result + (next_value - value) * smooth(t, position, next_position)
        position, value = next_position, next_value
    return result


def polyline(t, *knots) -> np.ndarray:
    """Like `outline`, with straight pieces between the points."""
    (position, value), *rest = knots
    result = value
    for next_position, next_value in rest:
        result = result + (next_value - value) * ramp(t, position, next_position)
        position, value = next_position, next_value
    return result


def wave(t) -> np.ndarray:
    """Periodic curve between −1 and 1 with period 1, made of parabolas: the stand-in for sin(2πt)."""
    s = (t - np.floor(t)) * np.float32(2) - np.float32(1)
    return s * (np.abs(s) - np.float32(1)) * np.float32(4)


def ellipse(x, y, radius_x, radius_y) -> np.ndarray:
    """Approximate distance inside an ellipse around the origin."""
    u, v = x / radius_x, y / radius_y
    return (np.float32(1) - np.sqrt(u * u + v * v)) * np.minimum(radius_x, radius_y)


def segment(x, y, start, stop, thickness) -> np.ndarray:
    """Distance inside a straight band of the given thickness from point ``start`` to point ``stop`` (round ends)."""
    (x0, y0), (x1, y1) = start, stop
    dx, dy = x1 - x0, y1 - y0
    along = ramp((x - x0) * dx + (y - y0) * dy, 0, dx * dx + dy * dy)
    u, v = x - x0 - along * dx, y - y0 - along * dy
    return thickness * np.float32(0.5) - np.sqrt(u * u + v * v)


class Canvas:
    """A batch of images in the making: what is covered by cloth, and how bright that cloth is.

    Parameters
    ----------
    keys : numpy.ndarray of uint64, shape [n]
        One key for each image.
    record : bool
        Keep a copy of the images after each `step`, for explanations.

    Attributes
    ----------
    dice : Dice
        Where the parameters of the drawing come from.
    cover : numpy.ndarray, float32 [n, 28, 28]
        Share of each pixel that the garment covers, 0 to 1.
    tone : numpy.ndarray, float32, broadcastable to [n, 28, 28]
        Brightness of the cloth, 0 (black) to 1 (white).
    steps : list of (str, uint8 array [n, 28, 28])
        The images after each step, if recorded.
    """

    def __init__(self, keys: np.ndarray, *, record: bool = False):
        self.dice = Dice(keys)
        self.keys = keys
        self.cover = np.zeros((len(keys), SIZE, SIZE), dtype=np.float32)
        self.tone = np.ones((len(keys), 1, 1), dtype=np.float32)
        self.steps: list[tuple[str, np.ndarray]] = []
        self._record = record

    def paint(self, share, tone) -> None:
        """Cover ``share`` (0 to 1) of each pixel's cloth with paint of brightness ``tone`` (one for each image).

        Where ``share`` has fewer than 28 rows, these are the top rows.
        """
        part = self.tone[:, : share.shape[1]]
        part += (tone - part) * share

    def shade(self, factor) -> None:
        """Multiply the brightness of the cloth."""
        self.tone = self.tone * factor

    def step(self, name: str) -> None:
        """Say that a step of the drawing is done."""
        if self._record:
            self.steps.append((name, self.pixels()))

    def pixels(self) -> np.ndarray:
        """Return the images as they are now: uint8 ``[n, 28, 28]``, 0 where there is no cloth."""
        light = np.clip(self.tone, np.float32(0.008), 1)
        return np.rint(self.cover * light * np.float32(255)).astype(np.uint8)
