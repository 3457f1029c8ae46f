"""Exercises of the chapter on pretraining."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, function_case, prose

# --- pretraining/rotation-task --------------------------------------------------------------------------------------


def rotation_task(images):
    """The reference: all images unturned, then all turned once, twice and three times."""
    turned = np.concatenate([np.rot90(images, k, axes=(1, 2)) for k in range(4)])
    return turned, np.repeat(np.arange(4), len(images))


def _clockwise(images):
    turned = np.concatenate([np.rot90(images, -k, axes=(1, 2)) for k in range(4)])
    return turned, rotation_task(images)[1]


def _default_axes(images):
    # What np.rot90 does without axes: it turns the stack of images, not each image.
    turned = np.concatenate([np.rot90(images, k) for k in range(4)])
    return turned, rotation_task(images)[1]


def _labels_in_turn(images):
    return rotation_task(images)[0], np.tile(np.arange(4), len(images))


def _degrees(images):
    turned, labels = rotation_task(images)
    return turned, 90 * labels


def _three_turns(images):
    turned, labels = rotation_task(images)
    return turned[len(images) :], labels[len(images) :]


def _from_one(images):
    turned, labels = rotation_task(images)
    return turned, labels + 1


ROTATION_MISTAKES = (
    Mistake("clockwise", _clockwise, "these turns are clockwise; np.rot90 turns counterclockwise if k is positive"),
    Mistake("without axes", _default_axes, "np.rot90 turned the first two axes; turn the axes of height and width"),
    Mistake(
        "labels in turn",
        _labels_in_turn,
        "the labels alternate, but the images stand in four blocks: np.repeat instead of np.tile",
    ),
    Mistake("degrees", _degrees, "the label is the number of quarter turns, not the angle"),
    Mistake("unturned ones missing", _three_turns, "the images that were not turned belong to the task, with label 0"),
    Mistake("labels from 1", _from_one, "the labels begin with 0, for the images that were not turned"),
)


def _rotation_cases(rng):
    for shown, n, size in (("one image", 1, 3), ("four images of 4 × 4 pixels", 4, 4), ("six images", 6, 6)):
        yield function_case(
            f"rotation_task(images): {shown}",
            (rng.normal(size=(n, size, size)),),
            reference=rotation_task,
            mistakes=ROTATION_MISTAKES,
        )


# --- pretraining/masked-loss ----------------------------------------------------------------------------------------


def _surprises(p, words):
    return -np.log(np.take_along_axis(p, words[..., None], axis=2)[..., 0])


def masked_loss(p, words, masked):
    """The reference: the mean cross-entropy over the hidden words of all sequences."""
    return float(_surprises(p, words)[masked].mean())


def _all_words(p, words, masked):
    return float(_surprises(p, words).mean())


def _visible_words(p, words, masked):
    return float(_surprises(p, words)[~masked].mean())


def _sum(p, words, masked):
    return float(_surprises(p, words)[masked].sum())


def _over_all(p, words, masked):
    return float((_surprises(p, words) * masked).mean())


def _no_sign(p, words, masked):
    return -masked_loss(p, words, masked)


def _mean_of_means(p, words, masked):
    surprises = _surprises(p, words)
    means = [row[hidden].mean() for row, hidden in zip(surprises, masked, strict=True) if hidden.any()]
    return float(np.mean(means))


def _log_of_mean(p, words, masked):
    return float(-np.log(np.exp(-_surprises(p, words))[masked].mean()))


LOSS_MISTAKES = (
    Mistake("all words", _all_words, "this is the mean over all words; the visible ones must not count"),
    Mistake("visible words", _visible_words, "this is the mean over the visible words; take the masked ones"),
    Mistake("the sum", _sum, "this is the sum; divide by the number of masked words"),
    Mistake("divided by all", _over_all, "divide by the number of masked words, not by the number of all words"),
    Mistake("no minus sign", _no_sign, "the loss is minus the logarithm, so it is never negative"),
    Mistake(
        "mean of means",
        _mean_of_means,
        "you took a mean for each sequence first; sequences with many masked words must count more",
    ),
    Mistake("logarithm of the mean", _log_of_mean, "take the logarithm of each probability first, then the mean"),
)


def _loss_cases(rng):
    for shown, n, length, n_words in (
        ("one sequence of 6 words", 1, 6, 5),
        ("three sequences, one of them with nothing masked", 3, 5, 4),
        ("twenty sequences", 20, 8, 12),
    ):
        p = rng.dirichlet(np.ones(n_words), size=(n, length))
        words = rng.integers(n_words, size=(n, length))
        masked = rng.random((n, length)) < 0.4
        masked[0, :3] = [True, True, False]
        if n == 3:
            masked[1] = False
        yield function_case(
            f"masked_loss(p, words, masked): {shown}",
            (p, words, masked),
            reference=masked_loss,
            mistakes=LOSS_MISTAKES,
        )


# --- pretraining/two-gaps -------------------------------------------------------------------------------------------


def fill_two(P, left, right):
    """The reference: the chances of all pairs of words between two known ones."""
    joint = P[left][:, None] * P * P[:, right][None, :]
    return joint / joint.sum()


def _not_normalized(P, left, right):
    return P[left][:, None] * P * P[:, right][None, :]


def _transposed(P, left, right):
    return fill_two(P, left, right).T


def _independent(P, left, right):
    joint = P[left][:, None] * P[:, right][None, :]
    return joint / joint.sum()


def _left_only(P, left, right):
    joint = P[left][:, None] * P
    return joint / joint.sum()


def _wrong_way(P, left, right):
    joint = P[left][:, None] * P * P[right][None, :]
    return joint / joint.sum()


def _by_rows(P, left, right):
    joint = _not_normalized(P, left, right)
    return joint / joint.sum(axis=1, keepdims=True)


GAPS_MISTAKES = (
    Mistake("not normalized", _not_normalized, "the chances of all pairs must sum to 1: divide by their sum"),
    Mistake("transposed", _transposed, "rows stand for the first missing word, columns for the second"),
    Mistake("as if independent", _independent, "the second word follows the first: the chance P[i, j] is missing"),
    Mistake("without the right neighbor", _left_only, "the known word on the right says something about the second"),
    Mistake(
        "the wrong way",
        _wrong_way,
        "P[right] holds what follows the right word; you need how likely each word is followed by it, P[:, right]",
    ),
    Mistake("each row by itself", _by_rows, "all entries together sum to 1, not each row"),
)


def _gaps_cases(rng):
    for n_words in (3, 5, 9):
        P = rng.dirichlet(np.ones(n_words), size=n_words)
        left, right = (int(i) for i in rng.permutation(n_words)[:2])
        yield function_case(
            f"fill_two(P, left, right) with {n_words} words",
            (P, left, right),
            reference=fill_two,
            mistakes=GAPS_MISTAKES,
        )


EXERCISES = (
    Exercise(
        label="pretraining/rotation-task",
        title="Make an auxiliary task",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("pretraining",),
        statement=prose(r"""
            Write a function `rotation_task(images)` that makes the inputs and the labels of the rotation task.
            `images` has the shape $[n, s, s]$. Return the tuple of an array of shape $[4n, s, s]$ and its labels, whole
            numbers of shape $[4n]$: first all $n$ images as they are, with label 0, then all of them turned
            counterclockwise by one quarter turn, with label 1, then by two and by three, with labels 2 and 3. Use NumPy
            only, and leave `images` unchanged.
        """),
        answer_name="rotation_task",
        stub='''\
import numpy as np


def rotation_task(images):
    """Return images in four orientations, and the number of quarter turns of each."""
    ...
''',
        solution_source="""\
import numpy as np


def rotation_task(images):
    turned = [np.rot90(images, k, axes=(1, 2)) for k in range(4)]
    labels = np.repeat(np.arange(4), len(images))
    return np.concatenate(turned), labels
""",
        cases=_rotation_cases,
        mistakes=ROTATION_MISTAKES,
        hints=(
            "`np.rot90` turns many images at once if it is told which two axes to turn.",
            "`np.rot90(images, k, axes=(1, 2))` makes k quarter turns counterclockwise.",
            "`np.repeat(np.arange(4), n)` gives n zeros, n ones, n twos and n threes.",
        ),
    ),
    Exercise(
        label="pretraining/masked-loss",
        title="The loss of masked words",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("pretraining",),
        statement=prose(r"""
            In practice several words of a sequence are masked at once, and the network gives probabilities for every
            place. Write a function `masked_loss(p, words, masked)`. `p` of shape $[n, T, V]$ holds for each of $n$
            sequences and each of $T$ places the probabilities of all $V$ words, none of them 0. `words` of shape
            $[n, T]$ holds the numbers of the true words, and `masked` of shape $[n, T]$ is true where a word was
            hidden; at least one was. Return the mean cross-entropy over all hidden words, one number.
        """),
        answer_name="masked_loss",
        stub='''\
import numpy as np


def masked_loss(p, words, masked):
    """Return the mean cross-entropy over the hidden words."""
    ...
''',
        solution_source="""\
import numpy as np


def masked_loss(p, words, masked):
    hidden_p, hidden_words = p[masked], words[masked]
    of_truth = hidden_p[np.arange(len(hidden_words)), hidden_words]
    return -np.log(of_truth).mean()
""",
        cases=_loss_cases,
        mistakes=LOSS_MISTAKES,
        hints=(
            "Throw the visible words away first: `p[masked]` has one row for each hidden word.",
            "Of each row only the probability of the true word counts.",
            "`rows[np.arange(len(rows)), words[masked]]` picks one entry of each row; then logarithm, mean and sign.",
        ),
    ),
    Exercise(
        label="pretraining/two-gaps",
        title="Fill two gaps",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("pretraining",),
        statement=prose(r"""
            In a Markov chain over $V$ words two neighboring words are hidden. Write a function
            `fill_two(P, left, right)`. `P` of shape $[V, V]$ holds in row $i$ the chances of the word after word $i$;
            `left` and `right` are the numbers of the known words before and after the gap. Return an array of shape
            $[V, V]$: entry $[i, j]$ is the probability that the first hidden word is $i$ and the second is $j$, given
            both neighbors. Use NumPy only.
        """),
        answer_name="fill_two",
        stub='''\
import numpy as np


def fill_two(P, left, right):
    """Return the probabilities of all pairs of words between left and right."""
    ...
''',
        solution_source="""\
import numpy as np


def fill_two(P, left, right):
    pairs = P[left][:, None] * P * P[:, right]
    return pairs / pairs.sum()
""",
        cases=_gaps_cases,
        mistakes=GAPS_MISTAKES,
        hints=(
            "Three steps lead from left to right: multiply their three chances.",
            "The first factor depends on i alone, the last one on j alone; which one is P itself?",
            "`P[left][:, None] * P * P[:, right]`, divided by its sum.",
        ),
    ),
)
