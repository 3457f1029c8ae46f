"""Answers to the exercises on gradient clipping."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patch, patches
from coursepkg.exercises.compare import difference

# --- gradient-clipping/global-norm ----------------------------------------------------------------------------------

ZEROS_HINT = "all gradients can be 0: then there is nothing to clip"


def _compare_clipped(got, expected):
    problem = difference(got, tuple(expected))
    # NaN equals nothing, so no mistake would be recognized.
    if problem and not problem.startswith("the result") and any(np.isnan(g).any() for g in got):
        return f"{problem}\nhint: {ZEROS_HINT}"
    return problem


global_norm = Answers(
    compare=_compare_clipped,
    mistakes=patches(
        """
        each array by itself: one factor for all arrays: first add the squares of all of them
        - g * factor
        + g * limit / max(np.linalg.norm(g), limit)
        by value: you limited each number; the direction must stay, so scale all by one factor
        - g * factor
        + np.clip(g, -limit, limit)
        always scaled: a gradient shorter than the limit stays as it is: the factor is at most 1
        - limit / max(norm, limit)
        + limit / norm if norm > 0 else 1
        no root: the norm is the root of the sum of squares
        - np.sqrt
        sum of the norms: add the squares of all numbers, then take one root
        - np.sqrt(sum((g**2).sum() for g in gradients))
        + sum(np.sqrt((g**2).sum()) for g in gradients)
        the largest number: the norm counts all numbers, not only the largest
        - np.sqrt(sum((g**2).sum() for g in gradients))
        + max(np.abs(g).max() for g in gradients)
        a gradient of zeros: all gradients can be 0: then there is nothing to clip
        - factor = limit / max(norm, limit)
        + with np.errstate(invalid="ignore"):
        +         factor = min(norm, limit) / norm
        """
    ),
)

# --- gradient-clipping/turned ---------------------------------------------------------------------------------------


def _compare_angles(got, expected):
    if not isinstance(got, (int, float, np.integer, np.floating)):
        return f"expected one number; got {type(got).__name__}"
    # arccos near 1 turns rounding errors of 1e-16 into angles of 1e-6 degrees.
    return None if abs(got - expected) < 1e-4 else f"expected {expected:.4f} degrees; got {got:.4f}"


turned = Answers(
    compare=_compare_angles,
    mistakes=(
        *patches(
            """
            the cosine: this is the cosine of the angle; take np.arccos, then degrees
            - np.degrees(np.arccos(np.clip(cosine, -1, 1)))
            + cosine
            radians: the answer shall be in degrees; np.degrees converts
            - np.degrees
            """
        ),
        patch(
            "the mean over the arrays",
            "    a, b = ",
            "    if len(before) > 1:\n"
            "        return np.mean([turned([a], [b]) for a, b in zip(before, after)])\n"
            "    a, b = ",
            "the angle is that of the whole gradient: put all numbers of all arrays into one vector first",
        ),
        *patches(
            """
            the first array only: all arrays count, not only the first
            - in part]
            + in part[:1]]
            not divided by the lengths: divide the scalar product by both lengths
            -  / np.linalg.norm(a) / np.linalg.norm(b)
            """
        ),
    ),
)
