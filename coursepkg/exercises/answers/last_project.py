"""Answers to the last project."""

from __future__ import annotations

import numpy as np

from coursepkg.data import generate_shop
from coursepkg.exercises.answers import Answers, patches


def _judge_labels(result, seed, sizes):
    """Whether the result is a label for each picture."""
    shape = generate_shop(seed, **sizes)["y_test"].shape
    if result is None:
        return "got None (did you forget the `return` statement?)"
    labels = np.asarray(result)
    if labels.shape != shape:
        what = f"expected an array of shape {shape}, one label a picture; got shape {labels.shape}"
        scores = labels.ndim == 2 and labels.shape[-1] == 10
        return f"{what}\nhint: these look like ten scores a picture: return the class with the largest" * scores or what
    if labels.dtype.kind not in "iu":
        return f"expected whole numbers from 0 to 9; got the type {labels.dtype}"
    if labels.min() < 0 or labels.max() > 9:
        return f"expected whole numbers from 0 to 9; got some from {labels.min()} to {labels.max()}"
    return None


def _judge_share(result, seed, sizes, bar):
    if problem := _judge_labels(result, seed, sizes):
        return problem
    sizes = {**sizes, "n": 1}  # customers' pictures do not depend on the catalogue
    right = np.asarray(result) == generate_shop(seed, **sizes)["y_test"]
    if right.mean() >= bar:
        return None
    problem = f"{right.mean():.2f} of the pictures are right; expected {bar} or more"
    return f"{problem}\nhint: {_likeliest(np.asarray(result), right, seed, sizes)}"


def _likeliest(labels, right, seed, sizes):
    """Say on which pictures it fails: on dark ones, on moved ones, or on all."""
    if np.bincount(labels, minlength=10).max() > 0.4 * len(labels):
        return "nearly half of the pictures get one name: do training and test pictures look alike to your classifier?"
    if right.mean() < 0.2:
        return "this is hardly better than a guess: are the labels in the order of X_test?"
    light, place = _difficulties(seed, sizes)
    dark, far = light < np.median(light), place > 1.5
    by_light, by_place = (right[~hard].mean() - right[hard].mean() for hard in (dark, far))
    if max(by_light, by_place) < 0.07:
        return "dark and moved pictures fare as the others: look for a classifier that follows the wrong labels less"
    if by_light > by_place:
        said = f"on the brighter half {right[~dark].mean():.2f} are right, on the darker {right[dark].mean():.2f}"
        return f"{said}: give all pictures the same light"
    said = f"of garments moved by a pixel at most {right[~far].mean():.2f} are right, of others {right[far].mean():.2f}"
    return f"{said}: move all garments to one place, or train on moved ones"


def _difficulties(seed, sizes):
    """Return by how much each picture was dimmed, and by how many pixels it was moved along the axis that moved more.

    What leaves the picture at the border makes the second one inexact, by less than half a pixel for nearly all.
    """
    plain = generate_shop(seed, **sizes, light=(1, 1), grain=0)["X_test"]
    still = generate_shop(seed, **sizes, light=(1, 1), grain=0, shift=0)["X_test"]
    dim = generate_shop(seed, **sizes, grain=0)["X_test"]
    move = [_center(plain, axis) - _center(still, axis) for axis in (1, 2)]
    return dim.max(axis=(1, 2)) / plain.max(axis=(1, 2)), np.abs(move).max(axis=0)


def _center(X, axis):
    return X.sum(axis=3 - axis) @ np.arange(X.shape[axis]) / X.sum(axis=(1, 2))


name_pictures = Answers(
    judge={"labels": _judge_labels, "share": _judge_share},
    mistakes=patches(
        """
        probabilities for labels: these look like ten scores a picture: return the class with the largest
        - .argmax(axis=1)
        + * 1.0
        classes counted from 1: expected whole numbers from 0 to 9
        - .argmax(axis=1)
        + .argmax(axis=1) + 1
        labels in another order: are the labels in the order of X_test?
        - .argmax(axis=1)
        + .argmax(axis=1)[::-1]
        the place left as it is: move all garments to one place, or train on moved ones
        - np.roll(x, m, axis=(0, 1))
        + x
        the light left as it is: give all pictures the same light
        - X = np.clip((X - 0.08) / (top - 0.08), 0, 1)
        + X = np.clip(X - 0.08, 0, 1)
        only the pictures of the catalogue prepared: do training and test pictures look alike to your classifier?
        - prepared(X), prepared(X_test)
        + prepared(X), X_test.reshape(len(X_test), -1)
        """
    ),
)
