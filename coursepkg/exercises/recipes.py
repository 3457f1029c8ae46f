"""Exercises of the chapter on recipes."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, difference, function_case, prose

# --- recipes/global-mask --------------------------------------------------------------------------------------------


def global_masks(kernels, sparsity):
    """The reference: one limit for all arrays."""
    values = np.sort(np.concatenate([np.abs(W).ravel() for W in kernels]))
    n_removed = round(sparsity * len(values))
    limit = values[n_removed - 1] if n_removed else -1.0
    return tuple(np.abs(W) > limit for W in kernels)


def _layer_by_layer(kernels, sparsity):
    return tuple(global_masks([W], sparsity)[0] for W in kernels)


def _removed(kernels, sparsity):
    return tuple(~mask for mask in global_masks(kernels, sparsity))


def _kept_share(kernels, sparsity):
    return global_masks(kernels, 1 - sparsity)


def _signed(kernels, sparsity):
    values = np.sort(np.concatenate([W.ravel() for W in kernels]))
    n_removed = round(sparsity * len(values))
    limit = values[n_removed - 1] if n_removed else -np.inf
    return tuple(limit < W for W in kernels)


def _share_of_largest(kernels, sparsity):
    largest = max(np.abs(W).max() for W in kernels)
    return tuple(np.abs(W) > sparsity * largest for W in kernels)


def _pruned_weights(kernels, sparsity):
    return tuple(W * mask for W, mask in zip(kernels, global_masks(kernels, sparsity), strict=True))


MASK_MISTAKES = (
    Mistake("layer by layer", _layer_by_layer, "one limit for all arrays: first put all absolute values together"),
    Mistake("True where removed", _removed, "a mask is True where the weight stays"),
    Mistake("the share that stays", _kept_share, "sparsity is the share of weights that are removed"),
    Mistake("signed values", _signed, "compare absolute values: −3 is a large weight"),
    Mistake("share of the largest", _share_of_largest, "sparsity counts weights; it is no share of the largest value"),
    Mistake("the weights themselves", _pruned_weights, "return masks of True and False, not the masked weights"),
)


def _mask_cases(rng):
    for shown, sparsity in (("half of the weights", 0.5), ("nine in ten", 0.9), ("none", 0.0)):
        # The last layer has larger weights and must lose fewer of them.
        kernels = [rng.normal(size=(6, 5)), 0.3 * rng.normal(size=(5, 4)), 2 * rng.normal(size=(4, 5))]
        yield function_case(
            f"global_masks(kernels, {sparsity}): {shown} removed",
            (kernels, sparsity),
            reference=global_masks,
            mistakes=MASK_MISTAKES,
            compare=_compare_masks,
        )


def _compare_masks(got, expected):
    problem = difference(got, expected)
    if problem is None or problem.startswith(("the result", "value")):
        return problem
    wanted, found = (f"{_removed_in(masks)} weights removed" for masks in (expected, got))
    return f"expected: {wanted} in these arrays\ngot:      {found}, or others than the smallest"


def _removed_in(masks):
    return ", ".join(str(int(np.size(mask) - np.count_nonzero(mask))) for mask in masks)


# --- recipes/quantize -----------------------------------------------------------------------------------------------


def quantize(values):
    """The reference: 256 steps from the lowest to the highest value, with an integer that means exactly 0."""
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    scale = (high - low) / 255
    zero = int(np.rint(-128 - low / scale))
    q = np.clip(np.rint(values / scale) + zero, -128, 127).astype("int8")
    return q, float(scale), zero


def _symmetric(values):
    scale = np.abs(values).max() / 127
    return np.rint(values / scale).astype("int8"), float(scale), 0


def _without_zero(values):
    low, high = values.min(), values.max()
    scale = (high - low) / 255
    zero = int(np.rint(-128 - low / scale))
    return np.clip(np.rint(values / scale) + zero, -128, 127).astype("int8"), float(scale), zero


def _divided_by_256(values):
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    scale = (high - low) / 256
    zero = int(np.rint(-128 - low / scale))
    return np.clip(np.rint(values / scale) + zero, -128, 127).astype("int8"), float(scale), zero


def _truncated(values):
    _, scale, zero = quantize(values)
    return np.clip(np.trunc(values / scale) + zero, -128, 127).astype("int8"), scale, zero


def _unsigned(values):
    q, scale, zero = quantize(values)
    return q.astype(int) + 128, scale, zero + 128


def _minus_zero(values):
    _, scale, zero = quantize(values)
    return np.clip(np.rint(values / scale) - zero, -128, 127).astype("int8"), scale, zero


QUANTIZE_MISTAKES = (
    Mistake("symmetric", _symmetric, "the lowest value shall become −128 and the highest 127: use a zero point"),
    Mistake("a range without 0", _without_zero, "the range must contain 0: low = min(values.min(), 0), and so on"),
    Mistake("256 steps", _divided_by_256, "from −128 to 127 there are 255 steps"),
    Mistake("cut off", _truncated, "round to the nearest integer: np.rint; do not cut off the decimals"),
    Mistake("0 to 255", _unsigned, "the integers go from −128 to 127, as int8 does"),
    Mistake("zero point subtracted", _minus_zero, "add the zero point to get q; it is subtracted on the way back"),
)


def _quantize_cases(rng):
    for shown, low, high in (("−1 to 3", -1.0, 3.0), ("2 to 5", 2.0, 5.0), ("−6 to −1", -6.0, -1.0)):
        values = rng.uniform(low, high, size=(8, 6))
        values.flat[:2] = low, high
        yield function_case(
            f"quantize(values): numbers from {shown}",
            (values,),
            reference=quantize,
            mistakes=QUANTIZE_MISTAKES,
        )


EXERCISES = (
    Exercise(
        label="recipes/global-mask",
        title="Prune all layers by one limit",
        points=3,
        difficulty=2,
        minutes=15,
        prerequisites=("recipes",),
        statement=prose(r"""
            Write a function `global_masks(kernels, sparsity)`. It gets a list of arrays of weights, of any shapes, and
            a number `sparsity` from 0 up to, but not including, 1. Of all weights in all arrays together, the $m$ with
            the smallest absolute values shall go, where $m$ is `round(sparsity * n)` and $n$ the number of all weights.
            Return a list with one array of `True` and `False` for each array, of its shape: `True` where the weight
            stays. No two weights have the same absolute value. Use NumPy only, and do not change the inputs.
        """),
        answer_name="global_masks",
        stub="""\
import numpy as np


def global_masks(kernels, sparsity):
    \"\"\"Return one mask for each array; True marks a weight that stays.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def global_masks(kernels, sparsity):
    sizes = np.concatenate([np.abs(W).ravel() for W in kernels])
    n_removed = round(sparsity * len(sizes))
    limit = np.sort(sizes)[n_removed - 1] if n_removed else -1
    return [np.abs(W) > limit for W in kernels]
""",
        cases=_mask_cases,
        mistakes=MASK_MISTAKES,
        hints=(
            "One number decides: the largest absolute value that is removed. Find it first.",
            "`np.concatenate([np.abs(W).ravel() for W in kernels])` holds all absolute values; sort them.",
            "If m weights go, the limit is entry m − 1 of the sorted values. What if m is 0?",
        ),
    ),
    Exercise(
        label="recipes/quantize",
        title="Round to 8 bits",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("recipes",),
        statement=prose(r"""
            Activations are not spread evenly around 0, so their 8 bits need a zero point. Write a function
            `quantize(values)` for an array of floats that are not all 0. The range goes from `low`, the smallest value
            or 0 if all are larger, to `high`, the largest value or 0 if all are smaller, so that 0 is always in it. It
            is divided into 255 steps of the length $S$, the scale. The zero point $Z$ is the integer nearest to
            $-128 - \text{low}/S$. Return three values: the integers $q = \text{round}(\text{values}/S) + Z$, limited to
            $-128 \dots 127$, as an array of the type `int8` and of the shape of `values`; then $S$ as a float; and $Z$
            as an int. Use NumPy only.
        """),
        answer_name="quantize",
        stub="""\
import numpy as np


def quantize(values):
    \"\"\"Return the integers, the scale and the zero point.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def quantize(values):
    low, high = min(values.min(), 0), max(values.max(), 0)
    scale = (high - low) / 255
    zero = int(np.rint(-128 - low / scale))
    q = np.clip(np.rint(values / scale) + zero, -128, 127)
    return q.astype("int8"), scale, zero
""",
        cases=_quantize_cases,
        mistakes=QUANTIZE_MISTAKES,
        hints=(
            "Begin with low and high, then the scale, then the zero point; the integers come last.",
            "Check yourself: low must become −128, high 127, and 0 the zero point.",
            "`np.rint` rounds to the nearest integer, `np.clip(…, -128, 127)` keeps the range.",
        ),
    ),
)
