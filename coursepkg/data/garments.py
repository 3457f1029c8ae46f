"""Draw one batch of garments of one kind. Trousers and bags are here; tops and footwear have files of their own."""

from __future__ import annotations

import math

import numpy as np

from coursepkg.data.cloth import contrasting, decorate, dye, fold, noise_fields, weave
from coursepkg.data.footwear import LASTS, draw_sandal, draw_shoe
from coursepkg.data.raster import Canvas, X, Y, both, cover, ellipse, outline, ramp, segment
from coursepkg.data.tops import PATTERNS, draw_top

CLASS_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

# A label says what the shop sold the garment as, and not every shirt looks like one: for each label, how often the
# garment is cut like another kind. No classifier can undo this, so it sets the limit of what can be learned.
LOOKS_LIKE = {
    "T-shirt/top": {"Shirt": 0.02, "Dress": 0.01},
    "Trouser": {"Dress": 0.01},
    "Pullover": {"Shirt": 0.015, "Coat": 0.01},
    "Dress": {"Shirt": 0.01, "Coat": 0.01, "T-shirt/top": 0.01},
    "Coat": {"Pullover": 0.015, "Shirt": 0.01},
    "Sandal": {"Sneaker": 0.01},
    "Shirt": {"T-shirt/top": 0.04, "Pullover": 0.02, "Coat": 0.02, "Dress": 0.01},
    "Sneaker": {"Ankle boot": 0.01},
    "Bag": {},
    "Ankle boot": {"Sneaker": 0.02},
}


def kind_shares(label: str) -> list[float]:
    """Share of each kind, in the order of ``CLASS_NAMES``, among the garments with this label."""
    others = LOOKS_LIKE[label]
    return [1 - math.fsum(others.values()) if kind == label else others.get(kind, 0.0) for kind in CLASS_NAMES]


def draw(kind: int, keys: np.ndarray, *, record: bool = False) -> Canvas:
    """Draw one garment of the kind ``CLASS_NAMES[kind]`` for each key (uint64 ``[n]``) and return the canvas."""
    canvas = Canvas(keys, record=record)
    name = CLASS_NAMES[kind]
    if name in PATTERNS:
        draw_top(canvas, PATTERNS[name])
    elif name in LASTS:
        draw_shoe(canvas, LASTS[name])
    else:
        {"Trouser": draw_trouser, "Sandal": draw_sandal, "Bag": draw_bag}[name](canvas)
    return canvas


def draw_trouser(canvas: Canvas) -> None:
    """Draw a pair of trousers for each image of the canvas, step by step."""
    dice = canvas.dice
    fine, soft = noise_fields(canvas)

    middle = dice.bell(13.5, 0.6) + dice.bell(0, 0.05) * (Y - 14)
    side = np.abs(X - middle)
    waist, hip = dice.bell(4.4, 0.4), dice.bell(5.3, 0.4)
    wide = dice.chance(0.2) * dice.uniform(0.3, 1.6)
    knee, ankle = dice.bell(5.0, 0.45) + wide, dice.bell(4.4, 0.6) + wide * 1.4
    crotch = dice.bell(8.5, 1.2)
    gap = np.maximum(dice.bell(1.25, 0.55), 0)
    length = dice.uniform(26.6, 28.4) - dice.chance(0.06) * dice.uniform(4, 10)

    outer = outline(Y, (0, waist), (7, hip), (17, knee), (27, ankle))
    inner = outline(Y, (crotch - 1, -1.0), (crotch + 3, gap * 0.45), (27, gap))
    stride = cover(X - middle) * dice.bell(0, 0.5) * ramp(Y, 12, 27)
    legs = both(outer - side + stride, side - inner, Y - dice.uniform(-0.6, 0.4), length - Y)
    canvas.cover = cover(legs)
    canvas.step("silhouette")

    dye(canvas, (0.2, 0.71, 0.84, 0.92, 0.98))
    base, mark = canvas.tone, contrasting(canvas)
    fold(canvas, soft, 0.08)
    center = (outer + inner) * 0.5
    fade = cover(dice.uniform(0.5, 1.5) - np.abs(side - center)) * ramp(Y, 6, 12)
    canvas.shade(1 + fade * dice.bell(0.06, 0.1))
    canvas.step("shading")

    decorate(canvas, base, fine, soft, (0.86, 0.01, 0.05, 0.01, 0.05, 0, 0.02))
    canvas.step("print")

    canvas.paint(cover(dice.uniform(0.6, 2) - Y) * dice.chance(0.6) * dice.uniform(0.3, 1), mark)
    canvas.paint(cover(0.25 - np.abs(X - middle)) * cover(crotch - Y) * dice.uniform(0, 0.9), mark)
    pocket = segment(side, Y, (waist - 1.2, 2.0), (hip - 0.3, dice.uniform(3.5, 6)), 0.4)
    canvas.paint(cover(pocket) * dice.chance(0.6) * dice.uniform(0.2, 0.9), mark)
    canvas.shade(1 - cover(Y - length + 1.5) * dice.chance(0.3) * dice.uniform(0.1, 0.4))
    canvas.step("details")

    weave(canvas, fine, 0.04)
    canvas.step("grain")


def draw_bag(canvas: Canvas) -> None:
    """Draw a bag for each image of the canvas, step by step: a tote, a satchel, a shoulder bag or a clutch."""
    dice = canvas.dice
    fine, soft = noise_fields(canvas)

    tote, satchel, slung, clutch = dice.pick((0.3, 0.27, 0.25, 0.18))
    tilt = dice.bell(0, 0.035)
    x, y = X - dice.bell(13.5, 0.4) + (Y - 14) * tilt, Y - (X - 13.5) * tilt
    half = tote * dice.bell(9.5, 2) + satchel * dice.bell(12.4, 1) + (slung + clutch) * dice.bell(12.6, 1)
    half = np.minimum(half, 13.8)
    above = tote * dice.bell(12, 1.8) + satchel * dice.bell(8.5, 1.5) + slung * dice.bell(6, 1.5) + clutch * 7.5
    height = tote * dice.bell(14.5, 1.5) + satchel * dice.bell(14.5, 1.5) + (slung + clutch) * dice.bell(15, 2.8)
    spare = np.maximum(28 - above - height, 0)
    top = above + spare * (0.15 + clutch * 0.2)
    bottom = np.minimum(top + height, 27.6)

    # Silhouette: a box with round corners, narrower at the top or at the bottom, and handles or a strap above it.
    taper = dice.bell(0.0, 0.09) + tote * dice.bell(0, 0.05)
    corner = dice.uniform(0.5, 4.5)
    center, half_y = (top + bottom) * 0.5, (bottom - top) * 0.5
    u = np.maximum(np.abs(x) - half - (y - bottom) * taper + corner, 0)
    v = np.maximum(np.abs(y - center) - half_y + corner, 0)
    box = corner - np.sqrt(u * u + v * v)
    body = cover(box)
    # A clutch has no handle; its 1 only keeps the radius from being 0.
    reach = tote * dice.bell(4.2, 0.8) + satchel * dice.bell(5.5, 1.2) + slung * half * dice.uniform(0.7, 0.95) + clutch
    ring_height = (top - dice.uniform(0.2, 1.5)) * (1 - slung) + slung * (top - 0.5) * dice.uniform(0.4, 1)
    thick = dice.uniform(0.45, 1.0)
    handles = np.zeros_like(body)
    for _ in range(2):
        shift, drop = dice.bell(0, 0.9), dice.uniform(0, 1)
        ring = ellipse(x - shift, y - top, reach, np.maximum(ring_height - drop, 1))
        handles = np.maximum(handles, cover(thick - np.abs(ring)) * dice.chance(0.65 + 0.3 * (1 - slung)))
    handles = handles * (1 - clutch) * cover(top + dice.uniform(0, 3) - y)
    canvas.cover = np.maximum(body, handles * (bottom > Y))
    canvas.step("silhouette")

    dye(canvas, (0.1, 0.59, 0.75, 0.87, 0.98))
    base, mark = canvas.tone, contrasting(canvas)
    fold(canvas, soft, 0.06)
    canvas.paint(handles * dice.chance(0.6), base * dice.uniform(0.5, 1.2))
    canvas.step("shading")

    decorate(canvas, base, fine, soft, (0.68, 0.05, 0.03, 0.03, 0.09, 0.07, 0.05), chest_y=18)
    canvas.step("print")

    flap = top + half_y * dice.uniform(0.2, 1.3) - np.abs(x) * dice.bell(0, 0.08)
    has_flap = dice.chance(0.5)
    canvas.paint(has_flap * body * cover(0.4 - np.abs(y - flap)) * dice.uniform(0.3, 1), mark)
    canvas.shade(1 - has_flap * body * cover(y - flap) * dice.bell(0.05, 0.1))
    clasp = both(dice.uniform(0.6, 2) - np.abs(x), dice.uniform(0.6, 1.8) - np.abs(y - flap))
    canvas.paint(dice.chance(0.45) * cover(clasp), np.where(dice.chance(0.5) > 0, 0.95, mark))
    seam = 0.4 - np.abs(np.abs(x) - half * dice.uniform(0.4, 0.85))
    canvas.paint(dice.chance(0.4) * body * cover(seam) * dice.uniform(0.2, 0.9), mark)
    canvas.paint(dice.chance(0.3) * cover(y - bottom + dice.uniform(1.5, 5)) * dice.uniform(0.3, 1), mark)
    piping = 0.5 - np.abs(box - 1.2)
    canvas.paint(dice.chance(0.35) * cover(piping) * dice.uniform(0.2, 0.9), mark)
    chain = segment(x, y, (-half, top + 1), (dice.uniform(0, 1) * half, bottom - 1), 0.9)
    canvas.paint(slung * dice.chance(0.3) * cover(chain), mark)
    canvas.step("details")

    weave(canvas, fine, 0.03)
    canvas.step("grain")
