"""Answers to the exercises on finding the learning rate."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patch

RETURNED = "np.diff(sums, prepend=0) / np.diff(seen, prepend=0)"
batch_losses = Answers(
    mistakes=(
        patch(
            "all batches alike",
            "np.minimum(batch_size * np.arange(1, len(means) + 1), n)",
            "batch_size * np.arange(1, len(means) + 1)",
            "the last batch is smaller than the others; count instances, not batches",
        ),
        patch(
            "not divided",
            " / np.diff(seen, prepend=0)",
            "",
            "the difference is the sum of the batch's losses; divide it by the number of its instances",
        ),
        patch("unchanged", RETURNED, "means", "these are the running means themselves"),
        patch(
            "differences of the means",
            RETURNED,
            "np.diff(means, prepend=0)",
            "subtract sums, not means: multiply each mean by the number of instances seen so far first",
        ),
        patch(
            "the first batch is missing",
            ", prepend=0",
            "",
            "one loss is missing; the first mean is the first loss",
        ),
        patch(
            "a mean over the means",
            RETURNED,
            "np.cumsum(means) / np.arange(1, len(means) + 1)",
            "you averaged once more; the averaging has to be undone",
        ),
    )
)

rules = Answers(
    mistakes=(
        patch(
            "the turning point itself",
            "rates[turn] / 10",
            "rates[turn]",
            "the first rule takes a tenth of the turning point",
        ),
        patch(
            "slope against the rate",
            "np.log10(rates[upto])",
            "rates[upto]",
            "divide by the differences of log10(rates), not of the rates",
        ),
        patch(
            "the whole curve",
            "slice(0, turn + 1)",
            "slice(None)",
            "look for the steepest descent before the turning point only; later falls belong to the chaos",
        ),
        patch("steepest rise", "argmin()", "argmax()", "the steepest descent is the most negative slope"),
        patch(
            "the divergence itself",
            "rates[diverged] / 2",
            "rates[diverged]",
            "the third rule takes half of the rate at which the loss has diverged",
        ),
        patch(
            "any rise",
            "> smoothed[0]",
            "> smoothed[turn]",
            "the loss has diverged when it is above its first value, not when it begins to rise",
        ),
        patch(
            "before the turning point",
            "smoothed[turn + 1 :] > smoothed[0]) + turn + 1",
            "smoothed[1:] > smoothed[0]) + 1",
            "a loss that lies above the first one before the turning point is noise; look after the turning point",
        ),
    )
)

noise_scale = Answers(
    # The trace of the covariance matrix is the sum of the variances.
    reference=lambda g: np.trace(np.cov(g, rowvar=False, bias=True)) / np.linalg.norm(g.mean(axis=0)) ** 2,
    mistakes=(
        patch(
            "squares without the mean",
            "(gradients - mean) ** 2",
            "gradients**2",
            "subtract the mean gradient before you square",
        ),
        patch(
            "upside down",
            "noise / np.sum(mean**2)",
            "np.sum(mean**2) / noise",
            "noise above, signal below: you divided the other way round",
        ),
        patch(
            "lengths that are not squared",
            "noise / np.sum(mean**2)",
            "np.sqrt(noise / np.sum(mean**2))",
            "take squared lengths, above and below; you have taken a root",
        ),
        patch(
            "standard deviations",
            "noise /",
            "gradients.std(axis=0).sum() /",
            "add variances, not standard deviations",
        ),
        patch(
            "mean over the weights above",
            "np.sum((",
            "np.mean((",
            "add over the weights; a mean over them makes the result depend on their number",
        ),
        patch(
            "sum over the instances",
            "axis=1).mean()",
            "axis=1).sum()",
            "the noise is that of one instance: the mean over the instances, not their sum",
        ),
        patch(
            "the wrong axis",
            "mean(axis=0)",
            "mean(axis=1)",
            "the mean gradient is the mean over the rows, axis 0",
            ("np.sum((gradients - mean) ** 2, axis=1).mean()", "gradients.var(axis=1).sum()"),
        ),
    ),
)
