"""What cloth looks like: its brightness, folds, prints and grain. Shared by all garments."""

from __future__ import annotations

import numpy as np

from coursepkg.data.bits import hash64, random_bytes
from coursepkg.data.raster import SIZE, Canvas, X, Y, both, cover, polyline, ramp, smooth, wave

_NOISE_STREAM = 1 << 32  # far behind the counters that the dice use


def dye(canvas: Canvas, quartiles) -> None:
    """Give each garment one brightness, drawn by its quartiles: five values for the shares 0, ¼, ½, ¾ and 1."""
    lowest, first, median, third, highest = quartiles
    share = canvas.dice.uniform(0, 1)
    canvas.tone = polyline(share, (0, lowest), (0.25, first), (0.5, median), (0.75, third), (1, highest))


def fold(canvas: Canvas, soft: np.ndarray, depth: float, *, wrinkles: float = 0.08, rim: float = 0.05) -> None:
    """Let light fall on the cloth: one side brighter, long folds, wrinkles, and a border darker or brighter.

    ``depth`` and ``wrinkles`` are the strongest fold and wrinkle as shares of the brightness, ``rim`` is the mean
    darkening at the border. ``soft`` is the field of blotches of `noise_fields`.
    """
    dice = canvas.dice
    light = dice.bell(0, 0.007) * (X - 13.5) + dice.bell(0, 0.006) * (Y - 13.5) + 1
    if depth:
        turns, slant, phase = dice.uniform(0.06, 0.2), dice.bell(0, 0.03), dice.uniform(0, 1)
        light = light + wave(X * turns + Y * slant + phase) * dice.uniform(0, depth)
    light = light + (soft[:, ::-1] - 0.5) * dice.uniform(0, 2 * wrinkles)
    # A border pixel has neighbors without cloth: the mean of its four neighbors' cover tells how far in it lies.
    around = np.zeros_like(canvas.cover)
    around[:, 1:] += canvas.cover[:, :-1]
    around[:, :-1] += canvas.cover[:, 1:]
    around[:, :, 1:] += canvas.cover[:, :, :-1]
    around[:, :, :-1] += canvas.cover[:, :, 1:]
    canvas.tone = canvas.tone * light * (1 - dice.bell(rim, 0.12) * (1 - around * 0.25))


def noise_fields(canvas: Canvas) -> tuple[np.ndarray, np.ndarray]:
    """Two random fields for each image, float32 in [0, 1): one fine (each pixel for itself), one of soft blotches."""
    n = len(canvas.keys)
    data = random_bytes(hash64(canvas.keys, np.uint64(_NOISE_STREAM)), SIZE * SIZE + 225)
    data = data.astype(np.float32) * np.float32(1 / 256)
    fine = data[:, : SIZE * SIZE].reshape(n, SIZE, SIZE)
    coarse = data[:, SIZE * SIZE :].reshape(n, 15, 15)
    rows = np.empty((n, SIZE, 15), dtype=np.float32)
    rows[:, ::2] = coarse[:, :-1]
    rows[:, 1::2] = (coarse[:, :-1] + coarse[:, 1:]) * np.float32(0.5)
    soft = np.empty((n, SIZE, SIZE), dtype=np.float32)
    soft[:, :, ::2] = rows[:, :, :-1]
    soft[:, :, 1::2] = (rows[:, :, :-1] + rows[:, :, 1:]) * np.float32(0.5)
    return fine, soft


PRINTS = ("plain", "across", "down", "check", "flowers", "chest", "block")


def decorate(
    canvas: Canvas,
    base: np.ndarray,
    fine: np.ndarray,
    soft: np.ndarray,
    weights,
    *,
    strength=(0.2, 0.75),
    chest_y: float = 11,
) -> None:
    """Print a pattern on the cloth: ``weights`` holds one number for each name in ``PRINTS``.

    The pattern is dark on bright cloth and bright on dark cloth; ``base`` is the brightness of the cloth before any
    shading. ``fine`` and ``soft`` come from `noise_fields`; ``chest_y`` is the row of a picture's center.
    """
    dice = canvas.dice
    _, across, down, check, flowers, chest, block = dice.pick(weights)
    contrast = dice.uniform(*strength)
    sharp, phase, period = dice.uniform(0.2, 1.2), dice.uniform(0, 1), dice.uniform(2.2, 8)
    lines_y = ramp(wave(Y / period + phase), -sharp, sharp)
    lines_x = ramp(wave((X - 13.5) / period + phase), -sharp, sharp)
    pattern = lines_y * (across + check * 0.5) + lines_x * (down + check * 0.5)
    level = dice.uniform(0.35, 0.65)
    petals = soft + (fine[:, ::-1] - 0.5) * dice.uniform(0.2, 1.2)
    blotches = ramp(petals, level - 0.12, level + 0.12)
    width, height = dice.uniform(2.5, 5), dice.uniform(1.5, 5)
    picture = cover(both(width - np.abs(X - dice.bell(13.5, 0.6)), height - np.abs(Y - dice.bell(chest_y, 1))))
    pattern = pattern + blotches * (flowers + chest * picture)
    border = dice.uniform(8, 20)
    pattern = pattern + block * smooth(Y, border - 0.7, border + 0.7)
    canvas.paint(pattern * contrast, (base < dice.uniform(0.3, 0.55)).astype(np.float32))


def contrasting(canvas: Canvas, weakest: float = 0.25) -> np.ndarray:
    """Choose a brightness that shows on the cloth: brighter or darker by chance, where there is room for both."""
    dice = canvas.dice
    darker = canvas.tone > dice.uniform(0.3, 0.8)
    amount = dice.uniform(weakest, 0.9)
    return np.where(darker, canvas.tone * (1 - amount), canvas.tone + (1 - canvas.tone) * amount)


def weave(canvas: Canvas, fine: np.ndarray, strongest: float) -> None:
    """Roughen the cloth and add what a camera adds: noise in proportion to the brightness, and a little of its own."""
    amount = canvas.dice.uniform(0, 1)
    amount = amount * amount * np.float32(strongest) + np.float32(0.015)
    grain = fine - np.float32(0.5)
    canvas.tone = canvas.tone + grain * (canvas.tone * amount * np.float32(2) + np.float32(0.012))
