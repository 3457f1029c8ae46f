"""Draw what is worn on the upper body: T-shirts, pullovers, dresses, coats and shirts.

One function draws all five. What tells them apart is a `Pattern`, the tailor's word for the plan of a garment: how
long, how wide, which sleeves, which details, and how often. The ranges overlap, so some garments could be two things.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coursepkg.data.cloth import contrasting, decorate, dye, fold, noise_fields, weave
from coursepkg.data.raster import Canvas, X, Y, both, cover, outline, ramp, segment

Range = tuple[float, float]
NECK_ROWS = 12


@dataclass(frozen=True)
class Pattern:
    """The plan of an upper-body garment. Lengths in pixels; pairs are (mean, spread) unless said otherwise."""

    shoulder: Range  # half the width at the shoulders
    chest: Range  # … and below the arms
    waist: Range  # added to the chest's half width
    hem: Range  # added to the waist's half width
    neck: Range  # half the width of the neck hole
    neck_depth: Range  # lowest, highest
    stand: Range  # height of a collar that stands above the shoulders; lowest, highest
    length: Range  # row of the hem; lowest, highest
    cropped: float  # chance that it ends far higher
    reach: float  # how much wider the sleeves hang than those of a T-shirt (negative: narrower)
    sleeves: tuple[float, float, float, float]  # weights of none, short, three-quarter, long
    prints: tuple[float, ...]  # weights of the names in cloth.PRINTS
    tones: tuple[float, ...]  # quartiles of the brightness
    front: tuple[float, float, float, float]  # weights of closed, buttons, zip, open
    collar: float  # chance of a collar
    hood: float  # chance of a hood
    bands: float  # chance of knitted bands at hem and cuffs
    pockets: float  # chance of side pockets
    belt: float  # chance of a belt or a seam at the waist
    folds: float  # depth of the folds
    grain: float  # strongest roughness


PATTERNS = {
    "T-shirt/top": Pattern(
        shoulder=(8.1, 0.7), chest=(6.8, 0.7), waist=(-0.1, 0.5), hem=(0.4, 0.6),
        neck=(3.9, 0.9), neck_depth=(0.6, 4.5), stand=(0, 0.8), length=(26.0, 28.2), cropped=0.04,
        reach=0.0, sleeves=(0.20, 0.68, 0.09, 0.03), prints=(0.50, 0.12, 0.02, 0.01, 0.08, 0.22, 0.05),
        tones=(0.06, 0.42, 0.69, 0.88, 0.96), front=(0.95, 0.05, 0.0, 0.0),
        collar=0.04, hood=0.0, bands=0.3, pockets=0.0, belt=0.03, folds=0.10, grain=0.02,
    ),
    "Pullover": Pattern(
        shoulder=(7.6, 0.7), chest=(6.9, 0.6), waist=(0.0, 0.4), hem=(0.0, 0.6),
        neck=(3.7, 0.8), neck_depth=(0.6, 3.4), stand=(0, 1.5), length=(25.0, 28.2), cropped=0.2,
        reach=0.0, sleeves=(0.02, 0.01, 0.07, 0.90), prints=(0.62, 0.14, 0.03, 0.02, 0.06, 0.09, 0.05),
        tones=(0.12, 0.53, 0.78, 0.90, 0.98), front=(0.98, 0.02, 0.0, 0.0),
        collar=0.03, hood=0.12, bands=0.6, pockets=0.04, belt=0.0, folds=0.10, grain=0.06,
    ),
    "Dress": Pattern(
        shoulder=(5.4, 0.8), chest=(4.7, 0.8), waist=(-0.6, 0.5), hem=(1.4, 1.3),
        neck=(2.9, 0.8), neck_depth=(0.6, 5.0), stand=(0, 0.8), length=(26.8, 28.5), cropped=0.0,
        reach=-3.0, sleeves=(0.45, 0.25, 0.09, 0.21), prints=(0.60, 0.06, 0.06, 0.02, 0.17, 0.02, 0.07),
        tones=(0.10, 0.58, 0.78, 0.92, 0.99), front=(0.95, 0.04, 0.0, 0.01),
        collar=0.05, hood=0.0, bands=0.05, pockets=0.02, belt=0.5, folds=0.22, grain=0.03,
    ),
    "Coat": Pattern(
        shoulder=(7.0, 0.7), chest=(6.5, 0.6), waist=(-0.1, 0.5), hem=(0.4, 0.7),
        neck=(3.1, 0.6), neck_depth=(0.4, 3.0), stand=(0.4, 3.0), length=(25.0, 28.4), cropped=0.15,
        reach=0.0, sleeves=(0.01, 0.0, 0.04, 0.95), prints=(0.76, 0.07, 0.03, 0.03, 0.06, 0.0, 0.05),
        tones=(0.18, 0.70, 0.83, 0.91, 0.97), front=(0.05, 0.30, 0.45, 0.20),
        collar=0.5, hood=0.25, bands=0.2, pockets=0.6, belt=0.08, folds=0.08, grain=0.04,
    ),
    "Shirt": Pattern(
        shoulder=(7.5, 0.8), chest=(6.7, 0.8), waist=(0.0, 0.5), hem=(0.3, 0.7),
        neck=(3.3, 0.8), neck_depth=(0.5, 4.5), stand=(0, 2.2), length=(25.5, 28.2), cropped=0.08,
        reach=0.0, sleeves=(0.14, 0.24, 0.10, 0.52), prints=(0.50, 0.07, 0.07, 0.11, 0.19, 0.03, 0.03),
        tones=(0.05, 0.31, 0.56, 0.82, 0.95), front=(0.18, 0.76, 0.0, 0.06),
        collar=0.75, hood=0.0, bands=0.15, pockets=0.0, belt=0.04, folds=0.10, grain=0.04,
    ),
}  # fmt: skip


def draw_top(canvas: Canvas, pattern: Pattern) -> None:
    """Draw one upper-body garment for each image of the canvas, step by step."""
    dice = canvas.dice
    fine, soft = noise_fields(canvas)

    # Lines that several parts share. Left and right are mirror images: `side` is the distance from the middle.
    middle = dice.bell(13.5, 0.45) + dice.bell(0, 0.02) * (Y - 14)
    side = np.abs(X - middle)
    none, short, three_quarter, long = dice.pick(pattern.sleeves)
    hood = dice.chance(pattern.hood)
    neck = dice.bell(*pattern.neck)
    top = dice.uniform(*pattern.stand) + hood * dice.uniform(1.5, 3.5)
    depth = dice.uniform(*pattern.neck_depth)
    straps = none * dice.chance(0.6)
    shoulder = dice.bell(*pattern.shoulder)
    shoulder = shoulder + none * (neck + dice.uniform(0.6, 2.6) - shoulder)
    neck = np.minimum(neck, shoulder - 1)
    slope = dice.uniform(0.25, 0.6)
    shoulder_y = top + (shoulder - neck) * slope
    armpit = shoulder_y + dice.bell(5.5, 0.7)
    chest = dice.bell(*pattern.chest)
    waist = chest + dice.bell(*pattern.waist)
    hem = waist + dice.bell(*pattern.hem)
    waist_y = dice.bell(14, 1.2)
    cropped = dice.chance(pattern.cropped)
    length = dice.uniform(*pattern.length)
    length = length - cropped * dice.uniform(3, 9)

    # Silhouette: body, neck hole, sleeves.
    body = outline(Y, (shoulder_y, shoulder), (armpit, chest), (waist_y, waist), (length, hem))
    shoulder_line = Y - top - np.maximum(side - neck, 0) * slope
    hem_line = length - Y + dice.bell(0, 0.02) * side * side
    torso = both(body - side, shoulder_line, hem_line)
    pointed = dice.chance(0.35)
    u = np.minimum(side / neck, 1)
    hole = depth * (1 - u * (u + pointed * (1 - u)))
    neckline = Y - top - hole

    short_end = dice.bell(9.5, 1.2) + pattern.reach * 0.5
    sleeve_end = short * short_end + three_quarter * dice.bell(17, 2.2) + long * dice.bell(27, 1.0)
    reach = short * dice.bell(11.6, 0.8) + three_quarter * dice.bell(11, 0.9) + long * dice.bell(10.2, 0.7)
    reach = np.maximum(reach + pattern.reach, shoulder + 0.5)
    thick = short * (dice.bell(4.7, 0.4) + pattern.reach * 0.3) + (1 - short) * dice.bell(3.1, 0.35)
    elbow = shoulder_y + dice.bell(5.5, 0.8)
    elbow_x = np.minimum(shoulder + dice.bell(1.9, 0.4), reach)
    outer = outline(Y, (shoulder_y - 0.5, shoulder - 0.3), (elbow, elbow_x + short * (reach - elbow_x)), (26, reach))
    cuff = sleeve_end - Y + (reach - side) * (short * 0.35 + 0.1)
    sleeve = both(outer - side, side - outer + thick, shoulder_line, cuff)
    sleeve = sleeve - none * 99

    arms = cover(sleeve)
    trunk = cover(torso)
    canvas.cover = np.maximum(arms, trunk)
    back = dice.chance(0.55) * (1 - straps)
    canvas.cover = canvas.cover * np.maximum(cover(neckline), back * cover(Y - top + 0.3))
    stand = both(neck + 0.4 - side, Y - dice.uniform(-0.5, 0.4), top + 1 - Y, (top - 0.8) * 9)
    canvas.cover = np.maximum(canvas.cover, cover(stand))
    canvas.step("silhouette")

    # Shading: brightness of the cloth, folds, and the shadow where arm and body meet.
    dye(canvas, pattern.tones)
    base, mark = canvas.tone, contrasting(canvas, 0.4)
    fold(canvas, soft, pattern.folds)
    canvas.shade(1 + arms * (1 - trunk) * dice.bell(0.1, 0.1))
    seam = cover(0.4 - np.abs(side - body)) * cover(Y - shoulder_y) * cover(hem_line) * (1 - none)
    gap = dice.uniform(0.0, 0.7) * ramp(Y, shoulder_y, armpit + 2)
    canvas.shade(1 - seam * gap)
    canvas.step("shading")

    decorate(canvas, base, fine, soft, pattern.prints)
    canvas.step("print")

    # Details, from the neck downwards. Those of the neck lie in the top rows.
    rows, x, y = NECK_ROWS, side[:, :NECK_ROWS], Y[:, :NECK_ROWS]
    neckline, above = neckline[:, :rows], y - top
    canvas.paint(back * cover(-neckline) * cover(above + 0.3), base * dice.uniform(0.35, 0.8))
    rim = dice.chance(0.5) * dice.uniform(0.2, 0.9)
    canvas.paint(rim * cover(both(0.6 - np.abs(neckline - 0.4), neck + 0.5 - x)), mark)
    canvas.paint(hood * cover(both(neck + 1.2 - x, 2.5 - above - x * 0.2)), base * dice.uniform(0.6, 1.05))
    collar = dice.chance(pattern.collar)
    tip = dice.uniform(2.5, 5.5) - above
    wing = both(tip - np.abs(x - neck * 0.75) * 0.8, neck + 1.3 - x, x - tip * 0.25)
    canvas.paint(collar * cover(wing) * 0.85, np.minimum(base * dice.uniform(0.7, 1.6), 1))
    canvas.paint(collar * cover(both(0.5 - np.abs(wing), tip)) * dice.uniform(0.2, 0.9), mark)

    closed, buttons, zipper, opened = dice.pick(pattern.front)
    off = X - middle - dice.bell(0, 0.8)
    below = cover(Y - top - depth)
    line = cover(0.45 - np.abs(off)) * below
    canvas.paint(line * (zipper * dice.uniform(0.7, 1) + buttons * dice.uniform(0, 0.5)), mark)
    spacing, first = dice.uniform(3, 5), dice.uniform(0, 4)
    beat = (Y - first) / spacing
    dots = cover(0.1 - np.abs(beat - np.rint(beat)) * spacing) * cover(0.4 - np.abs(off - dice.bell(0, 0.5)))
    canvas.paint(dots * below * buttons * dice.uniform(0.6, 1), mark)
    parting = dice.uniform(0.2, 2) + np.maximum(Y - 6, 0) * dice.uniform(-0.05, 0.1)
    canvas.paint(opened * cover(parting - np.abs(off)) * below, base * dice.uniform(0.1, 0.6))

    band = dice.chance(pattern.bands) * dice.uniform(0.1, 0.35)
    canvas.shade(1 - band * trunk * cover(Y - length + 2) - band * arms * (1 - trunk) * cover(Y - sleeve_end + 1.7))
    belt_y = waist_y + dice.bell(0, 0.7)
    canvas.paint(dice.chance(pattern.belt) * trunk * cover(0.6 - np.abs(Y - belt_y)) * dice.uniform(0.2, 1), mark)
    pocket_x, pocket_y = dice.bell(3.8, 0.4), dice.bell(18.5, 1)
    pocket = segment(side, Y, (pocket_x, pocket_y), (pocket_x + dice.uniform(-1, 1), pocket_y + 2.5), 0.5)
    canvas.paint(dice.chance(pattern.pockets) * cover(pocket) * dice.uniform(0.3, 1), mark)
    canvas.step("details")

    weave(canvas, fine, pattern.grain)
    canvas.step("grain")
