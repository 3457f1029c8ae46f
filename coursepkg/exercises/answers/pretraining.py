"""Answers to the exercises on pretraining."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patch


def _turned(images):
    """A quarter turn counterclockwise mirrors at the diagonal, then exchanges top and bottom."""
    blocks = [images]
    for _ in range(3):
        blocks.append(blocks[-1].swapaxes(1, 2)[:, ::-1])
    return np.concatenate(blocks), np.array([k for k in range(4) for _ in images])


rotation_task = Answers(
    reference=_turned,
    mistakes=(
        patch(
            "clockwise",
            "(images, k",
            "(images, -k",
            "these turns are clockwise; np.rot90 turns counterclockwise if k is positive",
        ),
        patch(
            "without axes",
            ", axes=(1, 2)",
            "",
            "np.rot90 turned the first two axes; turn the axes of height and width",
        ),
        patch(
            "labels in turn",
            "np.repeat",
            "np.tile",
            "the labels alternate, but the images stand in four blocks: np.repeat instead of np.tile",
        ),
        patch("degrees", ", labels", ", 90 * labels", "the label is the number of quarter turns, not the angle"),
        patch(
            "unturned ones missing",
            "range(4)",  # of np.arange(4) as well
            "range(1, 4)",
            "the images that were not turned belong to the task, with label 0",
        ),
        patch(
            "labels from 1",
            ", labels",
            ", labels + 1",
            "the labels begin with 0, for the images that were not turned",
        ),
    ),
)

masked_loss = Answers(
    reference=lambda p, words, masked: np.mean([-np.log(p[i, t, words[i, t]]) for i, t in np.argwhere(masked)]),
    mistakes=(
        patch(
            "all words",
            "p[masked], words[masked]",
            "p.reshape(-1, p.shape[-1]), words.ravel()",
            "this is the mean over all words; the visible ones must not count",
        ),
        patch(
            "visible words",
            "[masked]",
            "[~masked]",
            "this is the mean over the visible words; take the masked ones",
        ),
        patch("the sum", ".mean()", ".sum()", "this is the sum; divide by the number of masked words"),
        patch(
            "divided by all",
            ".mean()",
            ".sum() / masked.size",
            "divide by the number of masked words, not by the number of all words",
        ),
        patch("no minus sign", "-np.log", "np.log", "the loss is minus the logarithm, so it is never negative"),
        patch(
            "mean of means",
            "-np.log(of_truth).mean()",
            "np.mean([-np.log(of_truth[row == i]).mean() for i in set(row)])",
            "you took a mean for each sequence first; sequences with many masked words must count more",
            ("    return", "    row = np.nonzero(masked)[0]\n    return"),
        ),
        patch(
            "logarithm of the mean",
            "np.log(of_truth).mean()",
            "np.log(of_truth.mean())",
            "take the logarithm of each probability first, then the mean",
        ),
    ),
)


def _paths(P, left, right):
    """The chances of all paths of three steps, of which the third power of P has the sum."""
    return np.einsum("i,ij,j->ij", P[left], P, P[:, right]) / np.linalg.matrix_power(P, 3)[left, right]


two_gaps = Answers(
    reference=_paths,
    mistakes=(
        patch(
            "not normalized",
            " / pairs.sum()",
            "",
            "the chances of all pairs must sum to 1: divide by their sum",
        ),
        patch(
            "transposed",
            "return pairs",
            "return pairs.T",
            "rows stand for the first missing word, columns for the second",
        ),
        patch(
            "as if independent",
            "* P * P[",
            "* P[",
            "the second word follows the first: the chance P[i, j] is missing",
        ),
        patch(
            "without the right neighbor",
            " * P[:, right]",
            "",
            "the known word on the right says something about the second",
        ),
        patch(
            "the wrong way",
            "P[:, right]",
            "P[right]",
            "P[right] holds what follows the right word; you need how likely each word is followed by it, P[:, right]",
        ),
        patch(
            "each row by itself",
            "pairs.sum()",
            "pairs.sum(axis=1, keepdims=True)",
            "all entries together sum to 1, not each row",
        ),
    ),
)
