"""Answers to the exercises on gradient clipping."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patch
from coursepkg.exercises.compare import difference

# --- gradient-clipping/global-norm ----------------------------------------------------------------------------------

ZEROS_HINT = "all gradients can be 0: then there is nothing to clip"


def _compare_clipped(got, expected):
    problem = difference(got, tuple(expected))
    # NaN equals nothing, so no mistake would be recognized.
    if problem and not problem.startswith("the result") and any(np.isnan(g).any() for g in got):
        return f"{problem}\nhint: {ZEROS_HINT}"
    return problem


NORM = "np.sqrt(sum((g**2).sum() for g in gradients))"
FACTOR = "limit / max(norm, limit)"
global_norm = Answers(
    compare=_compare_clipped,
    mistakes=(
        patch(
            "each array by itself",
            "g * factor",
            "g * limit / max(np.linalg.norm(g), limit)",
            "one factor for all arrays: first add the squares of all of them",
        ),
        patch(
            "by value",
            "g * factor",
            "np.clip(g, -limit, limit)",
            "you limited each number; the direction must stay, so scale all by one factor",
        ),
        patch(
            "always scaled",
            FACTOR,
            "limit / norm if norm > 0 else 1",
            "a gradient shorter than the limit stays as it is: the factor is at most 1",
        ),
        patch("no root", "np.sqrt", "", "the norm is the root of the sum of squares"),
        patch(
            "sum of the norms",
            NORM,
            "sum(np.sqrt((g**2).sum()) for g in gradients)",
            "add the squares of all numbers, then take one root",
        ),
        patch(
            "the largest number",
            NORM,
            "max(np.abs(g).max() for g in gradients)",
            "the norm counts all numbers, not only the largest",
        ),
        patch(
            "a gradient of zeros",
            f"factor = {FACTOR}",
            'with np.errstate(invalid="ignore"):\n        factor = min(norm, limit) / norm',
            ZEROS_HINT,
        ),
    ),
)

# --- gradient-clipping/turned ---------------------------------------------------------------------------------------


def _compare_angles(got, expected):
    if not isinstance(got, (int, float, np.integer, np.floating)):
        return f"expected one number; got {type(got).__name__}"
    # arccos near 1 turns rounding errors of 1e-16 into angles of 1e-6 degrees.
    return None if abs(got - expected) < 1e-4 else f"expected {expected:.4f} degrees; got {got:.4f}"


ANGLE = "np.degrees(np.arccos(np.clip(cosine, -1, 1)))"
turned = Answers(
    compare=_compare_angles,
    mistakes=(
        patch("the cosine", ANGLE, "cosine", "this is the cosine of the angle; take np.arccos, then degrees"),
        patch("radians", "np.degrees", "", "the answer shall be in degrees; np.degrees converts"),
        patch(
            "the mean over the arrays",
            "    a, b = ",
            "    if len(before) > 1:\n"
            "        return np.mean([turned([a], [b]) for a, b in zip(before, after)])\n"
            "    a, b = ",
            "the angle is that of the whole gradient: put all numbers of all arrays into one vector first",
        ),
        patch("the first array only", "in part]", "in part[:1]]", "all arrays count, not only the first"),
        patch(
            "not divided by the lengths",
            " / np.linalg.norm(a) / np.linalg.norm(b)",
            "",
            "divide the scalar product by both lengths",
        ),
    ),
)
