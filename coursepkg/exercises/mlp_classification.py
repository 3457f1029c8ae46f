"""Exercises of the chapter on classification with a multilayer perceptron."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, difference, function_case, prose

# --- mlp-classification/confusion -----------------------------------------------------------------------------------


def confusion(y_true, y_pred, n_classes):
    """The reference: counts (true classes in the rows), recall and precision of each class."""
    counts = np.zeros((n_classes, n_classes))
    np.add.at(counts, (y_true, y_pred), 1)
    hits = np.diag(counts)
    return counts, hits / counts.sum(axis=1), hits / counts.sum(axis=0)


def _transposed(y_true, y_pred, n_classes):
    counts, recall, precision = confusion(y_true, y_pred, n_classes)
    return counts.T, recall, precision


def _swapped(y_true, y_pred, n_classes):
    counts, recall, precision = confusion(y_true, y_pred, n_classes)
    return counts, precision, recall


def _shares(y_true, y_pred, n_classes):
    counts, recall, precision = confusion(y_true, y_pred, n_classes)
    return counts / counts.sum(), recall, precision


def _one_against_all_accuracy(y_true, y_pred, n_classes):
    counts, _, precision = confusion(y_true, y_pred, n_classes)
    agree = [((y_true == k) == (y_pred == k)).mean() for k in range(n_classes)]
    return counts, np.array(agree), precision


def _of_all_rows(y_true, y_pred, n_classes):
    counts, _, _ = confusion(y_true, y_pred, n_classes)
    share = np.diag(counts) / counts.sum()
    return counts, share, share


def _marks(y_true, y_pred, n_classes):
    counts, recall, precision = confusion(y_true, y_pred, n_classes)
    return np.minimum(counts, 1), recall, precision


CONFUSION_MISTAKES = (
    Mistake("transposed", _transposed, "the matrix is transposed: true classes in the rows, predicted ones in columns"),
    Mistake(
        "recall and precision swapped",
        _swapped,
        "recall and precision are swapped: recall divides by the instances of the class, precision by its predictions",
    ),
    Mistake("shares instead of counts", _shares, "the matrix must hold counts, not shares of all instances"),
    Mistake(
        "accuracy instead of recall",
        _one_against_all_accuracy,
        "these recalls also count the instances of other classes that were rightly not called so",
    ),
    Mistake(
        "divided by all instances",
        _of_all_rows,
        "divide the hits of a class by the sum of its row (recall) or column (precision), not by all instances",
    ),
    Mistake(
        "each pair counted once",
        _marks,
        "each pair is counted at most once: `counts[y_true, y_pred] += 1` ignores repetitions; use a loop or np.add.at",
    ),
)


def _confusion_cases(rng):
    for shown, n, n_classes in (
        ("2 classes, 30 instances", 30, 2),
        ("3 classes, 60 instances", 60, 3),
        ("5 classes, 200 instances", 200, 5),
    ):
        # Class 0 is frequent and over-predicted, so that rows, columns and totals all differ.
        shares = np.linspace(2, 1, n_classes) / np.linspace(2, 1, n_classes).sum()
        y_true = np.concatenate([np.arange(n_classes), rng.choice(n_classes, n - n_classes, p=shares)])
        y_pred = np.where(rng.random(n) < 0.6, y_true, rng.choice(n_classes, n, p=shares))
        y_pred[:n_classes] = np.arange(n_classes)
        y_true[-4:], y_pred[-4:] = [1, 1, 1, 1], [0, 0, 0, 0]
        yield function_case(
            f"confusion(y_true, y_pred, n_classes): {shown}",
            (y_true, y_pred, n_classes),
            reference=confusion,
            mistakes=CONFUSION_MISTAKES,
        )


# --- mlp-classification/cross-entropy -------------------------------------------------------------------------------


def cross_entropy(Z, labels):
    """The reference: the mean loss, and its gradient with respect to the logits."""
    n, n_classes = Z.shape
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    P = np.exp(shifted - log_sums[:, None])
    return (log_sums - shifted[np.arange(n), labels]).mean(), (P - np.eye(n_classes)[labels]) / n


def _naive(Z, labels):
    with np.errstate(all="ignore"):
        P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
        n = len(Z)
        return -np.log(P[np.arange(n), labels]).mean(), (P - np.eye(Z.shape[1])[labels]) / n


def _clipped(Z, labels):
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = P / P.sum(axis=1, keepdims=True)
    picked = P[np.arange(len(Z)), labels]
    return -np.log(np.maximum(picked, 1e-12)).mean(), cross_entropy(Z, labels)[1]


def _summed(Z, labels):
    loss, gradient = cross_entropy(Z, labels)
    return loss * len(Z), gradient * len(Z)


def _gradient_summed(Z, labels):
    loss, gradient = cross_entropy(Z, labels)
    return loss, gradient * len(Z)


def _wrong_sign(Z, labels):
    loss, gradient = cross_entropy(Z, labels)
    return loss, -gradient


def _only_softmax(Z, labels):
    loss, gradient = cross_entropy(Z, labels)
    return loss, gradient + np.eye(Z.shape[1])[labels] / len(Z)


def _by_probabilities(Z, labels):
    loss, gradient = cross_entropy(Z, labels)
    onehot = np.eye(Z.shape[1])[labels]
    P = gradient * len(Z) + onehot
    with np.errstate(all="ignore"):
        return loss, -np.where(onehot > 0, 1 / P, 0.0) / len(Z)


STABLE_HINT = "the result is not finite for large logits: subtract the largest logit of each row before np.exp"
CROSS_ENTROPY_MISTAKES = (
    Mistake("exponentials that overflow", _naive, STABLE_HINT),
    Mistake(
        "a probability cut off",
        _clipped,
        "the loss stops growing for a true class with a tiny probability: take the logarithm by the formula with the "
        "largest logit instead of forming the probability",
    ),
    Mistake("sum instead of mean", _summed, "loss and gradient are sums over the rows; divide both by their number"),
    Mistake(
        "the gradient is a sum",
        _gradient_summed,
        "the loss is a mean over the rows, so the gradient is divided by their number too",
    ),
    Mistake("wrong sign", _wrong_sign, "the gradient has the wrong sign: it is P - Y, positive for the wrong classes"),
    Mistake("no one-hot", _only_softmax, "the gradient is P - Y; subtract 1 from the probability of the true class"),
    Mistake(
        "gradient by the probabilities",
        _by_probabilities,
        "this is the gradient with respect to the probabilities; the one with respect to the logits is (P - Y) / n",
    ),
)


def _cross_entropy_cases(rng):
    for shown, n, n_classes, size in (
        ("5 rows, 3 classes", 5, 3, 1.0),
        ("40 rows, 10 classes", 40, 10, 3.0),
        ("logits up to 1,000", 6, 4, 1000.0),
    ):
        Z = rng.uniform(-size, size, size=(n, n_classes))
        labels = rng.integers(n_classes, size=n)
        if size > 100:  # the largest logit overflows, and a true class has no chance
            Z[0] = np.linspace(-size, size, n_classes)
            labels[0] = 0
        yield function_case(
            f"loss_from_logits(Z, labels): {shown}",
            (Z, labels),
            reference=cross_entropy,
            mistakes=CROSS_ENTROPY_MISTAKES,
            compare=_compare_finite,
        )


def _compare_finite(got, expected):
    problem = difference(got, expected)
    if problem and not all(np.isfinite(np.asarray(part, dtype=float)).all() for part in got):
        return f"{problem}\nhint: {STABLE_HINT}"
    return problem


EXERCISES = (
    Exercise(
        label="mlp-classification/confusion",
        title="Read a confusion matrix",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("mlp-classification",),
        statement=prose(r"""
            Write a function `confusion(y_true, y_pred, n_classes)` for true and predicted classes `y_true` and
            `y_pred`, integers of shape $[n]$ from 0 to $K - 1$, and their number $K$, `n_classes`. Return three arrays:
            the confusion matrix of shape $[K, K]$, true classes in the rows; the recall of each class, shape $[K]$; the
            precision of each class, shape $[K]$. Every class occurs in both `y_true` and `y_pred`. Use NumPy only.
        """),
        answer_name="confusion",
        stub="""\
import numpy as np


def confusion(y_true, y_pred, n_classes):
    \"\"\"Return the confusion matrix, the recalls and the precisions.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def confusion(y_true, y_pred, n_classes):
    counts = np.zeros((n_classes, n_classes))
    for true, predicted in zip(y_true, y_pred):
        counts[true, predicted] += 1
    hits = np.diag(counts)
    return counts, hits / counts.sum(axis=1), hits / counts.sum(axis=0)
""",
        cases=_confusion_cases,
        mistakes=CONFUSION_MISTAKES,
        hints=(
            "Start from a matrix of zeros and count one pair of classes after the other.",
            "Right answers are `np.diag(counts)`. Which sum belongs to recall, which to precision?",
            "A row holds all instances of a true class: `counts.sum(axis=1)` belongs to recall.",
        ),
    ),
    Exercise(
        label="mlp-classification/cross-entropy",
        title="Cross-entropy from logits",
        points=5,
        difficulty=2,
        minutes=15,
        prerequisites=("mlp-classification/confusion",),
        statement=prose(r"""
            Write a function `loss_from_logits(Z, labels)` for logits `Z` of shape $[n, K]$ and true classes
            `labels`, integers of shape $[n]$ from 0 to $K - 1$. Return two values: the mean over the rows of minus the
            logarithm of the softmax probability of the true class (one number), and the gradient of this mean with
            respect to `Z` (shape $[n, K]$). Logits may be as large as 1,000; your results must be finite and right.
        """),
        answer_name="loss_from_logits",
        stub="""\
import numpy as np


def loss_from_logits(Z, labels):
    \"\"\"Return the mean loss and its gradient with respect to Z.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def loss_from_logits(Z, labels):
    n, n_classes = Z.shape
    shifted = Z - Z.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    loss = (log_sums - shifted[np.arange(n), labels]).mean()
    P = np.exp(shifted - log_sums[:, None])
    return loss, (P - np.eye(n_classes)[labels]) / n
""",
        cases=_cross_entropy_cases,
        mistakes=CROSS_ENTROPY_MISTAKES,
        hints=(
            "Softmax does not change when a number is subtracted from a whole row: which number keeps exp small?",
            "`shifted[np.arange(n), labels]` picks the logit of the true class of each row.",
            "P is np.exp(shifted) divided by its row sums; the gradient is (P - np.eye(K)[labels]) / n.",
        ),
    ),
)
