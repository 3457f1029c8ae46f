"""Answers to the exercises on large batches."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches
from coursepkg.scratch import Dense, Sequential

# --- large-batches/accumulate ---------------------------------------------------------------------------------------


def _instance_by_instance(gradients, sizes):
    """The mean over all instances, each of which has the mean gradient of its micro-batch."""
    return np.mean(np.repeat(gradients, sizes, axis=0), axis=0)


accumulate = Answers(
    reference=_instance_by_instance,
    mistakes=patches(
        """
        a plain mean: an instance of a small micro-batch would count more than one of a large one: weight by sizes
        - sizes @ gradients / sizes.sum()
        + gradients.mean(axis=0)
        a plain sum: the loss is a mean over all instances, so its gradient is a weighted mean
        - sizes @ gradients / sizes.sum()
        + gradients.sum(axis=0)
        not divided: the weights must add up to 1: divide by the number of all instances
        -  / sizes.sum()
        +
        divided by the number of pieces: divide by the number of all instances, not by that of the micro-batches
        - sizes.sum()
        + len(sizes)
        the inverse weights: the larger micro-batch must count more, not less
        - sizes @ gradients / sizes.sum()
        + (1 / sizes) @ gradients / (1 / sizes).sum()
        the wrong axis: the first axis of `gradients` is that of the micro-batches; keep one number for each weight
        - sizes @ gradients / sizes.sum()
        + gradients.mean(axis=1)
        divided by the largest: the weights must add up to 1: divide by the number of all instances
        - sizes.sum()
        + sizes.max()
        """
    ),
)


# --- large-batches/loss-scaling -------------------------------------------------------------------------------------

loss_scaling = Answers(
    mistakes=patches(
        """
        NaN overlooked: np.isinf is False for NaN: ask np.isfinite
        - not np.isfinite(scaled).all()
        + np.isinf(scaled).any()
        nothing left out: if one entry is infinite or NaN, the weights must stay as they are
        - if not np.isfinite(scaled).all():
        + if False:
        only the bad entries left out: leave the whole step out; the other entries may have overflowed on their way, too
        - return w, scale / 2, 0
        + return w - rate * np.nan_to_num(scaled, nan=0, posinf=0, neginf=0) / scale, scale / 2, 0
        still scaled: divide the gradient by the scale before the step
        - rate * scaled / scale
        + rate * scaled
        divided by the new scale: this gradient was computed with the old scale: divide by that, then double
        - w = w - rate * scaled / scale
        + w = w - rate * scaled / (2 * scale if good + 1 == patience else scale)
        never smaller: after an overflow the scale must be halved, or the next step overflows as well
        - return w, scale / 2, 0
        + return w, scale, 0
        the count goes on: an overflow ends the row of good steps: count from 0 again
        - scale / 2, 0
        + scale / 2, good
        never larger: after `patience` good steps in a row the scale is doubled
        - scale, good = 2 * scale, 0
        + good = 0
        counting on after growth: after doubling the scale, count from 0 again
        - scale, good = 2 * scale, 0
        + scale = 2 * scale
        """
    ),
)


# --- large-batches/memory -------------------------------------------------------------------------------------------


def _by_arrays(sizes, batch_size, number_bytes):
    """Make the network and the arrays, and add up their sizes."""
    model = Sequential([Dense(*pair) for pair in zip(sizes[:-1], sizes[1:], strict=True)])
    kept = [np.zeros((batch_size, width)) for width in sizes[1:] for _ in range(2)]
    return number_bytes * (4 * sum(a.size for a in model.parameters) + sum(a.size for a in kept))


memory = Answers(
    reference=_by_arrays,
    mistakes=patches(
        """
        biases forgotten: each unit has a bias as well: (a + 1) times b
        - (a + 1) * b
        + a * b
        moments forgotten: Adam keeps two more numbers for each weight
        - 4 * p
        + 2 * p
        one moment only: Adam keeps two moments, SGD with momentum one
        - 4 * p
        + 3 * p
        the weights only: each weight has a gradient and two moments of Adam, too
        - 4 * p
        + p
        one array a layer: for each layer both its pre-activations and its outputs are kept
        - 2 * batch_size
        + batch_size
        the inputs counted: the first size is that of the inputs; they are not computed, so do not count them here
        - sum(sizes[1:])
        + sum(sizes)
        one instance: activations are kept for each instance of the batch
        - 2 * batch_size
        + 2
        numbers in place of bytes: each number has `number_bytes` bytes
        - number_bytes * (
        + (
        """
    ),
)


# --- large-batches/repair-warm-up -----------------------------------------------------------------------------------


def _by_interpolation(t, base, k, warmup, total):
    return np.interp(t, [0, warmup, total], [base, base * k, 0.0])


repair_warm_up = Answers(
    reference=_by_interpolation,
    mistakes=patches(
        """
        from 0: the warm-up begins at the rate of the small batch, not at 0
        - base + (peak - base) * t / warmup
        + peak * t / warmup
        added: linear scaling multiplies the rate with k
        - base * k
        + base + k
        the other rule: with k times the batch the linear rule multiplies the rate with k, not with its root
        - base * k
        + base * k**0.5
        a jump at the end of the warm-up: the decay takes total - warmup steps, and begins at the peak
        - (total - t) / (total - warmup)
        + (total - t) / total
        no warm-up: up to step `warmup` the rate rises
        - t < warmup
        + False
        no decay: after the warm-up the rate falls to 0 at step `total`
        - peak * (total - t) / (total - warmup)
        + peak
        down to the small rate: at step `total` the rate is 0
        - return peak * (total - t) / (total - warmup)
        + return base + (peak - base) * (total - t) / (total - warmup)
        """
    ),
)
