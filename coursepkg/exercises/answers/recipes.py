"""Answers to the exercises on recipes."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patch
from coursepkg.exercises.compare import difference


def _compare_masks(got, expected):
    expected = tuple(expected)
    problem = difference(got, expected)
    if problem is None or problem.startswith(("the result", "value")):
        return problem
    wanted, found = (f"{_removed_in(masks)} weights removed" for masks in (expected, got))
    return f"expected: {wanted} in these arrays\ngot:      {found}, or others than the smallest"


def _removed_in(masks):
    return ", ".join(str(int(np.size(mask) - np.count_nonzero(mask))) for mask in masks)


global_mask = Answers(
    compare=_compare_masks,
    mistakes=(
        patch(
            "layer by layer",
            "    sizes =",
            "    if len(kernels) > 1:\n        return [global_masks([W], sparsity)[0] for W in kernels]\n    sizes =",
            "one limit for all arrays: first put all absolute values together",
        ),
        patch("True where removed", "> limit", "<= limit", "a mask is True where the weight stays"),
        patch(
            "the share that stays",
            "round(sparsity",
            "round((1 - sparsity)",
            "sparsity is the share of weights that are removed",
        ),
        patch(
            "signed values",
            "np.abs(W)",
            "W",
            "compare absolute values: −3 is a large weight",
            ("else -1", "else -np.inf"),
        ),
        patch(
            "share of the largest",
            "np.sort(sizes)[n_removed - 1] if n_removed else -1",
            "sparsity * sizes.max()",
            "sparsity counts weights; it is no share of the largest value",
        ),
        patch(
            "the weights themselves",
            "np.abs(W) > limit",
            "W * (np.abs(W) > limit)",
            "return masks of True and False, not the masked weights",
        ),
    ),
)

SCALE = "(high - low) / 255"
quantize = Answers(
    mistakes=(
        patch(
            "symmetric",
            SCALE,
            "np.abs(values).max() / 127",
            "the lowest value shall become −128 and the highest 127: use a zero point",
            ("int(np.rint(-128 - low / scale))", "0"),
        ),
        patch(
            "a range without 0",
            "min(values.min(), 0), max(values.max(), 0)",
            "values.min(), values.max()",
            "the range must contain 0: low = min(values.min(), 0), and so on",
        ),
        patch("256 steps", SCALE, "(high - low) / 256", "from −128 to 127 there are 255 steps"),
        patch(
            "cut off",
            "np.rint(values",
            "np.trunc(values",
            "round to the nearest integer: np.rint; do not cut off the decimals",
        ),
        patch(
            "0 to 255",
            'q.astype("int8"), scale, zero',
            "q + 128, scale, zero + 128",
            "the integers go from −128 to 127, as int8 does",
        ),
        patch(
            "zero point subtracted",
            "+ zero",
            "- zero",
            "add the zero point to get q; it is subtracted on the way back",
        ),
    )
)
