"""The chapters of the book, in their order, so that exercises can be listed and assigned by part."""

from __future__ import annotations

# A test compares this with the maps of the chapters in book/parts, which the installed package does not have.
PARTS = {
    0: ("about-the-data",),
    1: (
        "perceptron",
        "xor",
        "backprop",
        "training-loop",
        "activations",
        "mlp-regression",
        "mlp-classification",
        "playground",
    ),
    2: (
        "sequential-classifier",
        "sequential-regression",
        "functional-api",
        "subclassing",
        "saving",
        "callbacks",
        "tensorboard",
        "custom-training",
    ),
    3: (
        "search-strategies",
        "hyperband",
        "keras-tuner",
        "learning-rate-finder",
        "depth-and-width",
        "time-series",
        "workflow",
    ),
    4: (
        "unstable-gradients",
        "better-activations",
        "batch-normalization",
        "gradient-clipping",
        "transfer-learning",
        "pretraining",
        "optimizers",
        "learning-rate-schedules",
        "regularization",
        "monte-carlo-dropout",
        "recipes",
    ),
    5: ("convolution", "recurrence", "attention"),
}


def part_of(label):
    """Return the number of the part to which the chapter of a label belongs; None for a chapter that is not listed.

    Parameters
    ----------
    label : str
        "chapter/name".

    Returns
    -------
    int in [0, 5], or None
        0 is the chapter on the data, before part I.

    Examples
    --------
    >>> part_of("xor/by-hand")
    1
    """
    chapter = label.partition("/")[0]
    return next((part for part, chapters in PARTS.items() if chapter in chapters), None)


def position(label):
    """Return what a label is sorted by: the place of its chapter in the book."""
    chapters = [chapter for chapters in PARTS.values() for chapter in chapters]
    chapter = label.partition("/")[0]
    return chapters.index(chapter) if chapter in chapters else len(chapters)
