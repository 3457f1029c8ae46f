"""Exercises of the chapter on gradient clipping."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, difference, function_case, prose

# --- gradient-clipping/global-norm ----------------------------------------------------------------------------------


def clip(gradients, limit):
    """The reference: one factor for all arrays, at most 1."""
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    factor = min(1.0, limit / norm) if norm > 0 else 1.0
    return tuple(g * factor for g in gradients)


def _each_by_itself(gradients, limit):
    return tuple(clip([g], limit)[0] for g in gradients)


def _by_value(gradients, limit):
    return tuple(np.clip(g, -limit, limit) for g in gradients)


def _always(gradients, limit):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return tuple(g * limit / norm if norm > 0 else g for g in gradients)


def _no_root(gradients, limit):
    square = sum((g**2).sum() for g in gradients)
    return tuple(g * min(1.0, limit / square) if square > 0 else g for g in gradients)


def _sum_of_norms(gradients, limit):
    total = sum(np.sqrt((g**2).sum()) for g in gradients)
    return tuple(g * min(1.0, limit / total) if total > 0 else g for g in gradients)


def _largest(gradients, limit):
    top = max(np.abs(g).max() for g in gradients)
    return tuple(g * min(1.0, limit / top) if top > 0 else g for g in gradients)


def _divided_by_zero(gradients, limit):
    with np.errstate(divide="ignore", invalid="ignore"):
        norm = np.sqrt(sum((g**2).sum() for g in gradients))
        factor = np.minimum(1.0, limit / norm)
        return tuple(g * (factor if norm > 0 else np.nan) for g in gradients)


def _compare_clipped(got, expected):
    problem = difference(got, expected)
    if problem and not problem.startswith("the result") and any(np.isnan(g).any() for g in got):
        return f"{problem}\nhint: {ZEROS_HINT}"
    return problem


ZEROS_HINT = "all gradients can be 0: then there is nothing to clip"
CLIP_MISTAKES = (
    Mistake("each array by itself", _each_by_itself, "one factor for all arrays: first add the squares of all of them"),
    Mistake("by value", _by_value, "you limited each number; the direction must stay, so scale all by one factor"),
    Mistake("always scaled", _always, "a gradient shorter than the limit stays as it is: the factor is at most 1"),
    Mistake("no root", _no_root, "the norm is the root of the sum of squares"),
    Mistake("sum of the norms", _sum_of_norms, "add the squares of all numbers, then take one root"),
    Mistake("the largest number", _largest, "the norm counts all numbers, not only the largest"),
    Mistake("a gradient of zeros", _divided_by_zero, ZEROS_HINT),
)


def _clip_cases(rng):
    for shown, scale, limit in (
        ("a long gradient", 30.0, 2.0),
        ("a short gradient", 0.05, 5.0),
        ("nothing but zeros", 0.0, 1.0),
    ):
        gradients = [scale * rng.normal(size=(3, 2)), scale * rng.normal(size=4) * 0.1, np.zeros(2)]
        yield function_case(
            f"clip(gradients, limit): {shown}",
            (gradients, limit),
            reference=clip,
            mistakes=CLIP_MISTAKES,
            compare=_compare_clipped,
        )


# --- gradient-clipping/turned ---------------------------------------------------------------------------------------


def turned(before, after):
    """The reference: the angle between all numbers of both lists, in degrees."""
    a, b = (np.concatenate([np.ravel(g) for g in gradients]) for gradients in (before, after))
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _cosine(before, after):
    return float(np.cos(np.radians(turned(before, after))))


def _radians(before, after):
    return float(np.radians(turned(before, after)))


def _mean_of_angles(before, after):
    return float(np.mean([turned([a], [b]) for a, b in zip(before, after, strict=True)]))


def _first_only(before, after):
    return turned(before[:1], after[:1])


def _not_divided(before, after):
    a, b = (np.concatenate([np.ravel(g) for g in gradients]) for gradients in (before, after))
    return float(np.degrees(np.arccos(np.clip(a @ b, -1, 1))))


TURNED_MISTAKES = (
    Mistake("the cosine", _cosine, "this is the cosine of the angle; take np.arccos, then degrees"),
    Mistake("radians", _radians, "the answer shall be in degrees; np.degrees converts"),
    Mistake(
        "the mean over the arrays",
        _mean_of_angles,
        "the angle is that of the whole gradient: put all numbers of all arrays into one vector first",
    ),
    Mistake("the first array only", _first_only, "all arrays count, not only the first"),
    Mistake("not divided by the lengths", _not_divided, "divide the scalar product by both lengths"),
)


def _turned_cases(rng):
    for shown, change in (
        ("clipped by value", lambda gradients: _by_value(gradients, 1.0)),
        ("clipped by norm, each array by itself", lambda gradients: _each_by_itself(gradients, 1.0)),
        ("clipped by the global norm", lambda gradients: clip(gradients, 1.0)),
    ):
        before = [3 * rng.normal(size=(3, 2)), rng.normal(size=4)]
        yield function_case(
            f"turned(before, after): {shown}",
            (before, change(before)),
            reference=turned,
            mistakes=TURNED_MISTAKES if "global" not in shown else (),
            compare=_compare_angles,
        )


def _compare_angles(got, expected):
    if not isinstance(got, (int, float, np.integer, np.floating)):
        return f"expected one number; got {type(got).__name__}"
    # arccos near 1 turns rounding errors of 1e-16 into angles of 1e-6 degrees.
    return None if abs(got - expected) < 1e-4 else f"expected {expected:.4f} degrees; got {got:.4f}"


EXERCISES = (
    Exercise(
        label="gradient-clipping/global-norm",
        title="Clip by the global norm",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("gradient-clipping",),
        statement=prose(r"""
            Write a function `clip(gradients, limit)`. It gets a list of arrays of any shapes and a number `limit`
            above 0. The global norm is the root of the sum of the squares of all numbers in all arrays. If it exceeds
            `limit`, return a list of new arrays, all scaled by the same factor, such that the global norm is `limit`.
            Otherwise return them unscaled. All gradients can be 0. Use NumPy only, and do not change the inputs.
        """),
        answer_name="clip",
        stub="""\
import numpy as np


def clip(gradients, limit):
    \"\"\"Return the gradients, scaled to the global norm limit if they exceed it.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def clip(gradients, limit):
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    factor = limit / max(norm, limit)
    return [g * factor for g in gradients]
""",
        cases=_clip_cases,
        mistakes=CLIP_MISTAKES,
        hints=(
            "First compute one number from all arrays: the norm.",
            "The factor is limit / norm if the norm is larger than the limit, else 1.",
            "limit / max(norm, limit) is both cases in one, and never divides by 0.",
        ),
    ),
    Exercise(
        label="gradient-clipping/turned",
        title="How far did the direction turn?",
        points=3,
        difficulty=2,
        minutes=10,
        prerequisites=("gradient-clipping",),
        statement=prose(r"""
            Write a function `turned(before, after)` that says how far clipping turned a gradient. Both arguments are
            lists of arrays with the same shapes. Think of all numbers of a list as one long vector, and return the
            angle between the two vectors in degrees, a number from 0 to 180. Neither vector is zero. Use NumPy only.
        """),
        answer_name="turned",
        stub="""\
import numpy as np


def turned(before, after):
    \"\"\"Return the angle between both gradients in degrees.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def turned(before, after):
    a, b = (np.concatenate([np.ravel(g) for g in part]) for part in (before, after))
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))
""",
        cases=_turned_cases,
        mistakes=TURNED_MISTAKES,
        hints=(
            "`np.concatenate([np.ravel(g) for g in before])` makes one vector of a list.",
            "The scalar product divided by both lengths is the cosine of the angle.",
            "Rounding can make the cosine a little larger than 1; `np.clip` it before `np.arccos`.",
        ),
    ),
)
