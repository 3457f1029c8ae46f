"""Draw shoes from the side, the toe on the left: sneakers and ankle boots from one plan, sandals from straps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coursepkg.data.cloth import contrasting, dye, fold, noise_fields, weave
from coursepkg.data.raster import Canvas, X, Y, both, cover, ellipse, polyline, ramp, segment, smooth, wave

Range = tuple[float, float]


@dataclass(frozen=True)
class Last:
    """The plan of a closed shoe (a last is the form on which a shoe is made). Lengths in pixels, as (mean, spread)."""

    height: Range  # of the shaft above the ground
    toe: Range  # height of the toe
    vamp: Range  # how much higher the foot is before the shaft than at the toe
    ankle: Range  # column where the shaft begins
    steep: Range  # width of the rise from the foot to the shaft
    heel: Range  # height of the heel block
    high_heel: float  # chance of a high heel
    dip: Range  # how far the opening lies below its ends
    sole: Range  # thickness of the sole
    pale_sole: float  # chance that the sole is bright
    tones: tuple[float, ...]  # quartiles of the brightness
    patches: float  # chance of each colored patch
    stripes: float  # chance of stripes on the side
    laces: float  # chance of laces
    panel: float  # chance of an elastic panel
    buckle: float  # chance of a strap around the ankle


LASTS = {
    "Sneaker": Last(
        height=(11.3, 1.3), toe=(4.4, 0.6), vamp=(1.4, 0.5), ankle=(16.0, 1.2), steep=(8.0, 1.5),
        heel=(0.2, 0.2), high_heel=0.0, dip=(2.4, 0.7), sole=(2.0, 0.5), pale_sole=0.55,
        tones=(0.12, 0.58, 0.72, 0.85, 1.0), patches=0.35, stripes=0.3, laces=0.6, panel=0.03, buckle=0.04,
    ),
    "Ankle boot": Last(
        height=(18.0, 2.8), toe=(4.6, 0.8), vamp=(2.8, 0.8), ankle=(13.6, 1.0), steep=(3.8, 1.3),
        heel=(1.8, 0.9), high_heel=0.16, dip=(0.5, 0.4), sole=(1.3, 0.4), pale_sole=0.12,
        tones=(0.2, 0.73, 0.82, 0.89, 0.97), patches=0.15, stripes=0.05, laces=0.3, panel=0.25, buckle=0.25,
    ),
}  # fmt: skip


def draw_shoe(canvas: Canvas, last: Last) -> None:
    """Draw one closed shoe for each image of the canvas, step by step."""
    dice = canvas.dice
    fine, soft = noise_fields(canvas)

    high = dice.chance(last.high_heel)
    height = dice.bell(*last.height) + high * 5
    toe = dice.bell(*last.toe)
    heel = np.maximum(dice.bell(*last.heel), 0) + high * dice.uniform(3, 6)
    ground = np.minimum(13.8 + height * 0.5 + dice.bell(0, 0.4), 27.4)
    left, right = dice.bell(0.0, 0.3) + high * 2, dice.bell(27.0, 0.3) - high
    ankle = dice.bell(*last.ankle)
    steep = np.maximum(dice.bell(*last.steep), 2)
    top = ground - height
    dip = np.maximum(dice.bell(*last.dip), 0)
    tab = top + dice.bell(0.3, 0.6)

    # Silhouette: an upper edge from toe to heel, a lower edge with spring at the toe and an arch before the heel.
    toe_y, vamp_y = ground - toe, ground - toe - dice.bell(*last.vamp) - heel * 0.4
    foot = (left, toe_y + 1.2), (left + 3, toe_y), (ankle - steep, vamp_y)
    upper = polyline(X, *foot, (ankle, top), (ankle + 5, top + dip), (right, tab))
    arch = dice.bell(18.5, 0.8) + high * 2.5
    spring = dice.uniform(0, 1.2) * (1 - smooth(X, left, left + 6))
    lower = ground - spring - heel * smooth(X, arch - 5 - high * 6, arch) * (arch + 0.5 > X)
    waisted = dice.bell(0.9, 0.4) * ramp(ground - Y, 2, 6)
    heel_line = right - X - waisted + np.maximum(ground - Y - 9, 0) * dice.bell(0.05, 0.06)
    toe_line = X - left - np.maximum(toe_y + 2.2 - Y, 0) * 0.7
    canvas.cover = cover(both(Y - upper, lower - Y, heel_line, toe_line))
    loop = cover(both(0.6 - np.abs(X - right + 0.8), Y - tab + 2, tab + 1 - Y))
    canvas.cover = np.maximum(canvas.cover, loop * dice.chance(last.panel))
    canvas.step("silhouette")

    dye(canvas, last.tones)
    base, mark = canvas.tone, contrasting(canvas)
    fold(canvas, soft, 0)
    crease_x = ankle - steep + dice.uniform(-1, 3)
    crease = cover(0.2 - np.abs(X - crease_x + (Y - vamp_y) * dice.bell(0.5, 0.3))) * cover(ground - 2 - Y)
    canvas.shade(1 - crease * dice.uniform(0, 0.35))
    canvas.step("shading")

    # Print: patches of another color at toe, heel, side, and under the laces; a pattern all over now and then.
    other = np.where(base > 0.5, base * dice.uniform(0.15, 0.9), base + dice.uniform(0.1, 0.6))
    third = dice.uniform(0.15, 1)
    stitch = base * dice.uniform(0.3, 1.3)
    cap = ellipse(X - left, Y - ground, dice.uniform(4, 9), dice.uniform(5, 9))
    counter = X - right + dice.uniform(3, 7) + (ground - Y) * dice.bell(0.1, 0.3)
    side = both(X - dice.uniform(6, 12) - (ground - Y) * dice.bell(0.4, 0.3), dice.uniform(16, 22) - X, Y - upper - 2)
    vamp = both(X - ankle + steep + dice.uniform(-1, 2), ankle + 1 - X, upper + dice.uniform(1.5, 3.5) - Y)
    for patch, paint in ((cap, other), (counter, other), (side, third), (vamp, third)):
        canvas.paint(cover(patch) * dice.chance(last.patches) * dice.uniform(0.3, 1), paint)
        canvas.paint(cover(0.3 - np.abs(patch)) * dice.chance(0.5) * dice.uniform(0.2, 1), stitch)
    canvas.paint(ramp(soft, 0.4, 0.6) * dice.chance(0.1) * dice.uniform(0.3, 0.8), other)
    canvas.step("print")

    # Details: stripes, laces, lining, elastic panel, ankle strap, sole.
    pitch, slant = dice.uniform(2.2, 3.5), dice.bell(0.5, 0.2)
    across = (X - 13 + (Y - ground + 4) * slant - dice.bell(0, 1)) / pitch
    beat = cover(0.2 - np.abs(across - np.rint(across)) * pitch)
    stripes = beat * cover((dice.uniform(0.8, 2) - np.abs(across)) * 2) * cover(both(Y - upper - 1.5, ground - 2 - Y))
    canvas.paint(dice.chance(last.stripes) * stripes * dice.uniform(0.4, 1), mark)
    sweep = 0.35 - np.abs(Y - ground + dice.uniform(3, 5) + (X - 9) * dice.uniform(-0.1, 0.4))
    canvas.paint(dice.chance(last.stripes) * cover(sweep) * cover(both(X - 8, 20 - X)), mark)
    rung = (X + Y * 0.3) * 0.5
    laces = cover(0.1 - np.abs(rung - np.rint(rung)) * 1.2) * cover(1.2 - np.abs(Y - upper - 1.3))
    laces = laces * cover(both(X - ankle + steep, ankle + 1 - X))
    canvas.paint(dice.chance(last.laces) * laces * dice.uniform(0.3, 1), np.where(base > 0.6, mark, 0.95))
    lining = cover(both(upper + dice.uniform(0.5, 1.8) - Y, X - ankle - 0.5))
    canvas.paint(lining * dice.chance(0.6) * dice.uniform(0.3, 1), base * dice.uniform(0.2, 0.7))
    panel = both(2.4 - np.abs(X - dice.bell(19.5, 0.8)) - (Y - top) * 0.12, ground - 5.5 - Y, Y - top - 0.5)
    canvas.paint(dice.chance(last.panel) * cover(panel), np.where(dice.chance(0.5) > 0, mark, base * 1.25))
    strap = 0.5 - np.abs(Y - top - dice.uniform(3, 9) - (X - 20) * dice.bell(0, 0.15))
    canvas.paint(dice.chance(last.buckle) * cover(strap) * cover(X - ankle + 1) * dice.uniform(0.3, 1), mark)
    thick = np.maximum(dice.bell(*last.sole), 0.5)
    pale = dice.chance(last.pale_sole)
    sole_tone = pale * dice.uniform(0.7, 1) + (1 - pale) * base * dice.uniform(0.1, 0.8)
    sole = Y - lower + thick
    canvas.paint(cover(sole) * dice.chance(0.9), sole_tone)
    canvas.paint(cover(0.3 - np.abs(sole)) * dice.uniform(0, 0.8), base * 0.35)
    canvas.paint(cover(Y - lower + 0.5) * dice.chance(0.5) * dice.uniform(0.2, 0.9), base * 0.3)
    canvas.step("details")

    weave(canvas, fine, 0.03)
    canvas.step("grain")


def draw_sandal(canvas: Canvas) -> None:
    """Draw one sandal for each image of the canvas: a sole, flat or on a heel, and straps over a foot nobody sees."""
    dice = canvas.dice
    fine, soft = noise_fields(canvas)

    flat, wedge, high = dice.pick((0.55, 0.15, 0.3))
    low = flat * dice.chance(0.6)
    left, right = dice.bell(0.3, 0.3) + high * dice.uniform(0, 4), dice.bell(26.8, 0.3) - high * dice.uniform(0, 3)
    sole = dice.uniform(1.1, 2.3) + wedge * dice.uniform(0, 1.5)
    rise = flat * dice.uniform(0, 1.5) + wedge * dice.uniform(3, 8) + high * dice.uniform(8, 13)
    instep = (flat - low) * dice.bell(9.5, 1.2) + low * dice.bell(5.5, 1) + wedge * dice.bell(9.5, 1.5)
    instep = instep + high * (26 - rise - sole - dice.uniform(0, 4))
    ground = np.minimum(14 + (rise + sole + instep) * 0.5 + dice.bell(0, 0.4), 27.3)
    start, stop = dice.bell(7.5, 0.7), dice.bell(21, 0.8)
    spring = dice.uniform(0, 1.2) * (1 - ramp(X, left, left + 7))
    bed = ground - sole - spring - rise * smooth(X, start, stop)

    def bed_at(x):
        return ground - sole - rise * smooth(x, start, stop)

    # Silhouette: sole, heel, then straps over the toes, along the instep and around the ankle.
    ends = both(X - left, right - X)
    sole_share = cover(both(Y - bed, bed + sole - Y, ends))
    under = both(Y - bed, ground - Y, ends)
    spike = dice.uniform(0.5, 1.0) + dice.chance(0.35) * dice.uniform(0.8, 1.6)
    spike = spike + np.maximum(bed + 5 - Y, 0) * 0.2
    heel = both(under, spike - np.abs(X - right + spike - 0.3 + (ground - Y) * dice.bell(0.06, 0.05)))
    share = np.maximum(sole_share, np.maximum(wedge * cover(under), high * cover(heel)))

    toes_x = left + dice.uniform(3.5, 7)
    bow = both(ellipse(X - toes_x, Y - bed - 0.5, dice.uniform(2, 4.5), dice.uniform(2.5, 5)), bed - Y + 0.5)
    filled = dice.chance(0.5)
    straps = cover(bow + (1 - filled) * (dice.uniform(0.6, 1.0) - np.abs(bow) - bow)) * dice.chance(0.75)
    thong = dice.chance(0.4)
    knot_x = dice.uniform(5, 9)
    knot = (knot_x, bed_at(knot_x) - dice.uniform(2.0, 4.5))
    for first, last in ((2.0, 5.0), (13.0, 20.0)):
        x = dice.uniform(first, last)
        straps = np.maximum(straps, thong * cover(segment(X, Y, knot, (x, bed_at(x)), dice.uniform(0.9, 1.8))))
    cuff_x, cuff_w = dice.uniform(19.5, 22) - high * 0.5, dice.uniform(3, 4.5)
    cuff_y = bed_at(cuff_x) - instep
    cuffed = dice.chance(0.5 + 0.3 * high) * (1 - low)
    for first, last, reach, chance in (
        (6, 11, -1, 0.4),
        (11, 15, -1, 0.4),
        (14, 18, 1, 0.4),
        (23, 26, 1, 0.6 + 0.4 * cuffed),
    ):
        x = dice.uniform(first, last)
        end = (cuff_x + cuff_w * reach * dice.uniform(0, 1), cuff_y + dice.uniform(0, 1.5))
        strap = segment(X, Y, (x, bed_at(x)), end, dice.uniform(1.2, 3.0) + low * 0.6)
        straps = np.maximum(straps, cover(strap) * dice.chance(chance))
    cuff = ellipse(X - cuff_x, Y - cuff_y - 0.5 - (X - cuff_x) * dice.bell(0, 0.15), cuff_w, dice.uniform(0.8, 2.2))
    straps = np.maximum(straps, cover(0.6 - np.abs(cuff)) * cuffed)
    counter = both(X - right + dice.uniform(2, 5), right - 0.5 - X, Y - cuff_y - instep * dice.uniform(0, 0.6), bed - Y)
    straps = np.maximum(straps, cover(counter) * dice.chance(0.3) * (1 - low))
    # Many straps side by side, or an upper without gaps: these come near to sneakers and boots.
    upper = polyline(X, (left, bed_at(left) - 2), (9.0, bed_at(9.0) - 4), (cuff_x - cuff_w, cuff_y), (right, cuff_y))
    cage = ramp(wave((X + Y * dice.bell(0.3, 0.6)) / dice.uniform(2.6, 5) + dice.uniform(0, 1)), -0.3, 0.3)
    caged = dice.chance(0.22)
    closed = caged * dice.chance(0.25) * (1 - high)
    inside = cover(both(Y - upper, bed - Y + 0.5, ends, right - 1.5 - X))
    straps = np.maximum(straps, inside * caged * np.maximum(cage, closed))
    canvas.cover = np.maximum(share, straps)
    canvas.step("silhouette")

    dye(canvas, (0.15, 0.52, 0.7, 0.86, 1.0))
    base = canvas.tone
    fold(canvas, soft, 0, wrinkles=0.25, rim=-0.1)
    canvas.step("shading")

    canvas.paint(straps * (1 - share) * dice.chance(0.7), base * dice.uniform(0.5, 1.6))
    canvas.paint(ramp(soft, 0.4, 0.6) * dice.chance(0.2) * dice.uniform(0.3, 0.9), base * 0.3)
    canvas.step("print")

    canvas.paint(sole_share * dice.chance(0.6), base * dice.uniform(0.4, 1.6))
    canvas.paint(cover(0.5 - np.abs(Y - bed)) * share * dice.chance(0.6), dice.uniform(0.3, 1))
    glint_x = dice.uniform(6, 24)
    glint = ellipse(X - glint_x, Y - bed_at(glint_x) + dice.uniform(1, 7), 1.3, 1.3)
    canvas.paint(cover(glint) * dice.chance(0.5), 0.95)
    canvas.step("details")

    weave(canvas, fine, 0.08)
    canvas.step("grain")
