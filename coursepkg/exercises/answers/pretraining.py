"""Answers to the exercises on pretraining."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches


def _turned(images):
    """A quarter turn counterclockwise mirrors at the diagonal, then exchanges top and bottom."""
    blocks = [images]
    for _ in range(3):
        blocks.append(blocks[-1].swapaxes(1, 2)[:, ::-1])
    return np.concatenate(blocks), np.array([k for k in range(4) for _ in images])


rotation_task = Answers(
    reference=_turned,
    mistakes=patches(
        """
        clockwise: these turns are clockwise; np.rot90 turns counterclockwise if k is positive
        - (images, k
        + (images, -k
        without axes: np.rot90 turned the first two axes; turn the axes of height and width
        - , axes=(1, 2)
        labels in turn: the labels alternate, but the images stand in four blocks: np.repeat instead of np.tile
        - np.repeat
        + np.tile
        degrees: the label is the number of quarter turns, not the angle
        - , labels
        + , 90 * labels
        unturned ones missing: the images that were not turned belong to the task, with label 0
        - range(4)
        + range(1, 4)
        labels from 1: the labels begin with 0, for the images that were not turned
        - , labels
        + , labels + 1
        """
    ),
)

masked_loss = Answers(
    reference=lambda p, words, masked: np.mean([-np.log(p[i, t, words[i, t]]) for i, t in np.argwhere(masked)]),
    mistakes=patches(
        """
        all words: this is the mean over all words; the visible ones must not count
        - p[masked], words[masked]
        + p.reshape(-1, p.shape[-1]), words.ravel()
        visible words: this is the mean over the visible words; take the masked ones
        - [masked]
        + [~masked]
        the sum: this is the sum; divide by the number of masked words
        - .mean()
        + .sum()
        divided by all: divide by the number of masked words, not by the number of all words
        - .mean()
        + .sum() / masked.size
        no minus sign: the loss is minus the logarithm, so it is never negative
        - -np.log
        + np.log
        mean of means: you took a mean for each sequence first; sequences with many masked words must count more
        - -np.log(of_truth).mean()
        + np.mean([-np.log(of_truth[row == i]).mean() for i in set(row)])
        -     return
        +     row = np.nonzero(masked)[0]
        +     return
        logarithm of the mean: take the logarithm of each probability first, then the mean
        - np.log(of_truth).mean()
        + np.log(of_truth.mean())
        """
    ),
)


def _paths(P, left, right):
    """The chances of all paths of three steps, of which the third power of P has the sum."""
    return np.einsum("i,ij,j->ij", P[left], P, P[:, right]) / np.linalg.matrix_power(P, 3)[left, right]


two_gaps = Answers(
    reference=_paths,
    mistakes=patches(
        """
        not normalized: the chances of all pairs must sum to 1: divide by their sum
        -  / pairs.sum()
        transposed: rows stand for the first missing word, columns for the second
        - return pairs
        + return pairs.T
        as if independent: the second word follows the first: the chance P[i, j] is missing
        - * P * P[
        + * P[
        without the right neighbor: the known word on the right says something about the second
        -  * P[:, right]
        the wrong way: P[right] holds what follows the right word; you need how likely each word is followed by it,
          P[:, right]
        - P[:, right]
        + P[right]
        each row by itself: all entries together sum to 1, not each row
        - pairs.sum()
        + pairs.sum(axis=1, keepdims=True)
        """
    ),
)
