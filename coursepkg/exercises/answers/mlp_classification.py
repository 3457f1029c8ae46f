"""Answers to the exercises on classification with a multilayer perceptron."""

from __future__ import annotations

import numpy as np
from scipy.special import log_softmax
from sklearn.metrics import confusion_matrix, precision_score, recall_score

from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference

# --- mlp-classification/confusion -----------------------------------------------------------------------------------


def _by_metrics(y_true, y_pred, n_classes):
    return tuple(
        metric(y_true, y_pred, labels=range(n_classes), **each_class)
        for metric, each_class in (
            (confusion_matrix, {}),
            (recall_score, {"average": None}),
            (precision_score, {"average": None}),
        )
    )


confusion = Answers(
    reference=_by_metrics,
    mistakes=patches(
        """
        transposed: the matrix is transposed: true classes in the rows, predicted ones in columns
        - return counts,
        + return counts.T,
        predicted classes in the rows: all three are for a matrix with predicted classes in the rows: put the true ones
          there, and recall and precision change places as well
        - counts[true, predicted]
        + counts[predicted, true]
        recall and precision swapped: recall and precision are swapped: recall divides by the instances of the class,
          precision by its predictions
        - hits / counts.sum(axis=1), hits / counts.sum(axis=0)
        + hits / counts.sum(axis=0), hits / counts.sum(axis=1)
        shares instead of counts: the matrix must hold counts, not shares of all instances
        - return counts,
        + return counts / counts.sum(),
        accuracy instead of recall: these recalls also count the instances of other classes that were rightly not
          called so
        - hits / counts.sum(axis=1)
        + np.array([((y_true == k) == (y_pred == k)).mean() for k in range(n_classes)])
        divided by all instances: divide the hits of a class by the sum of its row (recall) or column (precision), not
          by all instances
        - hits / counts.sum(axis=1), hits / counts.sum(axis=0)
        + hits / counts.sum(), hits / counts.sum()
        each pair counted once: each pair is counted at most once: `counts[y_true, y_pred] += 1` ignores repetitions;
          use a loop or np.add.at
        -     for true, predicted in zip(y_true, y_pred):
        -         counts[true, predicted] += 1
        -
        +     counts[y_true, y_pred] += 1
        +
        """
    ),
)

# --- mlp-classification/cross-entropy -------------------------------------------------------------------------------


def _by_logarithms(Z, labels):
    """The loss by SciPy, the gradient of each row by itself."""
    logs = log_softmax(Z, axis=1)
    gradient = np.exp(logs)
    for row, label in enumerate(labels):
        gradient[row, label] -= 1
    return -np.mean([log[label] for log, label in zip(logs, labels, strict=True)]), gradient / len(Z)


def _compare_finite(got, expected):
    problem = difference(got, expected)
    if problem and not all(np.isfinite(np.asarray(part, dtype=float)).all() for part in got):
        return f"{problem}\nhint: {STABLE}"
    return problem


STABLE = "the result is not finite for large logits: subtract the largest logit of each row before np.exp"
cross_entropy = Answers(
    reference=_by_logarithms,
    compare=_compare_finite,
    mistakes=patches(
        """
        exponentials that overflow: the result is not finite for large logits: subtract the largest logit of each row
          before np.exp
        -     P = np.exp(shifted - log_sums[:, None])
        -
        +     P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
        +     loss = -np.log(P[np.arange(n), labels]).mean()
        +
        - def loss_from_logits
        + @np.errstate(all="ignore")
        + def loss_from_logits
        a probability cut off: the loss stops growing for a true class with a tiny probability: take the logarithm by
          the formula with the largest logit instead of forming the probability
        -     P = np.exp(shifted - log_sums[:, None])
        -
        +     P = np.exp(shifted - log_sums[:, None])
        +     loss = -np.log(np.maximum(P[np.arange(n), labels], 1e-12)).mean()
        +
        sum instead of mean: loss and gradient are sums over the rows; divide both by their number
        - .mean()
        + .sum()
        -  / n
        the gradient is a sum: the loss is a mean over the rows, so the gradient is divided by their number too
        -  / n
        wrong sign: the gradient has the wrong sign: it is P - Y, positive for the wrong classes
        - (P - np.eye(n_classes)[labels])
        + -(P - np.eye(n_classes)[labels])
        no one-hot: the gradient is P - Y; subtract 1 from the probability of the true class
        - (P - np.eye(n_classes)[labels])
        + P
        gradient by the probabilities: this is the gradient with respect to the probabilities; the one with respect to
          the logits is (P - Y) / n
        - (P - np.eye(n_classes)[labels])
        + -np.where(np.eye(n_classes)[labels] > 0, 1 / P, 0.0)
        - def loss_from_logits
        + @np.errstate(all="ignore")
        + def loss_from_logits
        """
    ),
)
