"""Answers to the exercises on recipes."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches
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
    mistakes=patches(
        """
        layer by layer: one limit for all arrays: first put all absolute values together
        -     sizes =
        +     if len(kernels) > 1:
        +         return [global_masks([W], sparsity)[0] for W in kernels]
        +     sizes =
        True where removed: a mask is True where the weight stays
        - > limit
        + <= limit
        the share that stays: sparsity is the share of weights that are removed
        - round(sparsity
        + round((1 - sparsity)
        signed values: compare absolute values: −3 is a large weight
        - np.abs(W)
        + W
        - else -1
        + else -np.inf
        share of the largest: sparsity counts weights; it is no share of the largest value
        - np.sort(sizes)[n_removed - 1] if n_removed else -1
        + sparsity * sizes.max()
        the weights themselves: return masks of True and False, not the masked weights
        - np.abs(W) > limit
        + W * (np.abs(W) > limit)
        """
    ),
)

quantize = Answers(
    mistakes=patches(
        """
        symmetric: the lowest value shall become −128 and the highest 127: use a zero point
        - (high - low) / 255
        + np.abs(values).max() / 127
        - int(np.rint(-128 - low / scale))
        + 0
        a range without 0: the range must contain 0: low = min(values.min(), 0), and so on
        - min(values.min(), 0), max(values.max(), 0)
        + values.min(), values.max()
        256 steps: from −128 to 127 there are 255 steps
        - (high - low) / 255
        + (high - low) / 256
        cut off: round to the nearest integer: np.rint; do not cut off the decimals
        - np.rint(values
        + np.trunc(values
        0 to 255: the integers go from −128 to 127, as int8 does
        - q.astype("int8"), scale, zero
        + q + 128, scale, zero + 128
        zero point subtracted: add the zero point to get q; it is subtracted on the way back
        - + zero
        + - zero
        """
    )
)
