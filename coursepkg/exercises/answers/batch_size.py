"""Answers to the exercises on the batch size."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches

noise_scale = Answers(
    # The trace of the covariance matrix is the sum of the variances.
    reference=lambda g: np.trace(np.cov(g, rowvar=False, bias=True)) / np.linalg.norm(g.mean(axis=0)) ** 2,
    mistakes=patches(
        """
        squares without the mean: subtract the mean gradient before you square
        - (gradients - mean) ** 2
        + gradients**2
        upside down: noise above, signal below: you divided the other way round
        - noise / np.sum(mean**2)
        + np.sum(mean**2) / noise
        lengths that are not squared: take squared lengths, above and below; you have taken a root
        - noise / np.sum(mean**2)
        + np.sqrt(noise / np.sum(mean**2))
        standard deviations: add variances, not standard deviations
        - noise /
        + gradients.std(axis=0).sum() /
        mean over the weights above: add over the weights; a mean over them makes the result depend on their number
        - np.sum((
        + np.mean((
        sum over the instances: the noise is that of one instance: the mean over the instances, not their sum
        - axis=1).mean()
        + axis=1).sum()
        the wrong axis: the mean gradient is the mean over the rows, axis 0
        - mean(axis=0)
        + mean(axis=1)
        - np.sum((gradients - mean) ** 2, axis=1).mean()
        + gradients.var(axis=1).sum()
        """
    ),
)
