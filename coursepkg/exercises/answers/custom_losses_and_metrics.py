"""Answers to the exercises on losses, metrics and layers of one's own. The references need NumPy only."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases import Caught
from coursepkg.exercises.compare import difference


def _raised(got, causes):
    """Return the sentence on an error, with the hint of the first word that its text or type holds; else None."""
    if not isinstance(got, Caught):
        return None
    said = " ".join(str(got).split())[:200]
    hint = next((hint for word, hint in causes.items() if word in f"{got.type} {got}"), None)
    return f"it raised {got.type}: {said}" + (f"\nhint: {hint}" if hint else "")


def _told(got, expected, wrong, **tolerance):
    """Return the difference, with the hint of the wrong value that it is."""
    problem = difference(got, expected, **tolerance)
    if problem is None:
        return None
    for hint, value in wrong.items():
        if difference(got, value, **tolerance) is None and difference(value, expected, **tolerance) is not None:
            return f"{problem}\nhint: {hint}"
    return problem


# --- custom-losses-and-metrics/balanced --------------------------------------------------------------------

STATE = "the state must be in variables: make them with self.add_variable in __init__ and change them with assign_add"
MEAN = "count over all batches and divide in `result`; the mean of what batches give is another number"
PLAIN = "this is the plain accuracy: divide for each class by the number of its instances, then take the mean"
ONLY_LAST = "only the last batch counts: add to the variables, do not replace them"
NOT_RESET = "after reset_state() the old batch still counts: reset_state sets variables to 0, and nothing else"
COLUMNS = "divide by how often a class *is* the label, not by how often it was predicted"
CAUSES = {
    "NoneType": "`result` returns the value, and `update_state` gets the labels first",
    "symbolic": "use keras.ops in update_state: `fit` calls it with tensors that have no numbers yet",
}


def _recalls(batches):
    hits = counts = predicted = 0
    for y_true, P in batches:
        K = P.shape[1]
        right = P.argmax(axis=1) == y_true
        hits = hits + np.bincount(y_true[right], minlength=K)
        counts = counts + np.bincount(y_true, minlength=K)
        predicted = predicted + np.bincount(P.argmax(axis=1), minlength=K)
    return hits, counts, predicted


def _balanced(batches):
    hits, counts, _ = _recalls(batches)
    return np.mean(hits / counts)


def _wrong_values(batches, all_batches):
    hits, counts, predicted = _recalls(batches)
    return {
        PLAIN: hits.sum() / counts.sum(),
        COLUMNS: np.mean(hits / np.maximum(predicted, 1e-7)),
        MEAN: np.mean([_balanced([batch]) for batch in batches]),
        ONLY_LAST: _balanced(batches[-1:]),
        NOT_RESET: _balanced(all_batches),
    }


def _judge_collected(got, *, batches):
    return _raised(got, CAUSES) or _told(got, _balanced(batches), _wrong_values(batches, batches), rtol=1e-4)


def _judge_reset(got, *, batches):
    wrong = _wrong_values(batches[1:], batches)
    return _raised(got, CAUSES) or _told(got, _balanced(batches[1:]), wrong, rtol=1e-4)


def _judge_evaluated(got, *, batches):
    problem = _raised(got, CAUSES)
    if problem is None and (problem := difference(got, _balanced(batches), rtol=1e-4)):
        problem += f"\nhint: {STATE}"
    return problem


def _judge_config(got, *, batches):
    hint = "get_config returns super().get_config() and the number of classes, by the names of the arguments"
    if isinstance(got, Caught):
        return f"it raised {got.type}: {' '.join(str(got).split())[:200]}\nhint: {hint}"
    return difference(got, _balanced(batches), rtol=1e-4)


balanced = Answers(
    judge={
        "collected": _judge_collected,
        "reset": _judge_reset,
        "evaluated": _judge_evaluated,
        "config": _judge_config,
    },
    mistakes=patches(
        f"""
        plain accuracy: {PLAIN}
        - ops.mean(self.hits / self.counts)
        + ops.sum(self.hits) / ops.sum(self.counts)
        only the last batch: {ONLY_LAST}
        - self.hits.assign_add
        + self.hits.assign
        - self.counts.assign_add
        + self.counts.assign
        divided by the predictions: {COLUMNS}
        - self.counts.assign_add(ops.sum(labels, axis=0))
        + self.counts.assign_add(ops.sum(ops.one_hot(ops.argmax(y_pred, axis=-1), self.n_classes), axis=0))
        never reset: {NOT_RESET}
        - def result
        + def reset_state(self):
        +         pass
        +
        +     def result
        the classes are forgotten: get_config returns super().get_config() and the number of classes
        -  | {{"n_classes": self.n_classes}}
        a mean over batches: {MEAN}
        - (n_classes,),
        + (),
        - self.hits.assign_add(ops.sum(labels * right, axis=0))
        + self.hits.assign_add(ops.mean(ops.sum(labels * right, axis=0) / ops.sum(labels, axis=0)))
        - ops.sum(labels, axis=0))
        -
        + 1.0)
        +
        """
    ),
)

# --- custom-losses-and-metrics/repair-late-cost ---------------------------------------------------------------------

AVERAGED = "return one number for each delivery, shape [B]: Keras averages, and needs them for the weights"
WHOLE_BATCH = "each delivery is late or early by itself: ops.where decides one by one, an `if` for all of them at once"
SIDES = "late means that the true time is longer than the predicted one"
IN_NUMPY = "tensors have no numbers while a graph is recorded: use keras.ops in the place of NumPy and of `if`"
AFTER = "three times the squared error, not the square of three times the error"
LOSS_CAUSES = dict.fromkeys(("symbolic", "Symbolic", "bool", "__array__", "numpy"), IN_NUMPY)


def _late_cost(y_true, y_pred, factor=3.0):
    e = y_true - y_pred
    return np.where(e > 0, factor * e**2, e**2).mean(axis=-1)


def _wrong_costs(y_true, y_pred):
    e = y_true - y_pred
    return {
        SIDES: _late_cost(y_pred, y_true),
        AFTER: _late_cost(y_true, y_pred, factor=9.0),
        AVERAGED: _late_cost(y_true, y_pred).mean(),
        WHOLE_BATCH: (3.0 if e.mean() > 0 else 1.0) * (e**2).mean(axis=-1),
    }


def _judge_each(got, *, y_true, y_pred, weights):
    problem = _raised(got, LOSS_CAUSES)
    return problem or _told(got, _late_cost(y_true, y_pred), _wrong_costs(y_true, y_pred), rtol=1e-4)


def _judge_weighted(got, *, y_true, y_pred, weights):
    terms = _late_cost(y_true, y_pred)
    wrong = {AVERAGED: terms.mean() * weights.mean()}
    wrong |= {hint: np.sum(weights * value) / 6 for hint, value in _wrong_costs(y_true, y_pred).items()}
    return _raised(got, LOSS_CAUSES) or _told(got, np.sum(weights * terms) / 6, wrong, rtol=1e-4)


repair_late_cost = Answers(
    judge={"each": _judge_each, "weighted": _judge_weighted},
    mistakes=patches(
        f"""
        the mean of the batch: {AVERAGED}
        - , axis=-1)
        + )
        an if: {IN_NUMPY}
        - ops.where(e > 0, 3 * e**2, e**2)
        + (3 if ops.mean(e) > 0 else 1) * e**2
        NumPy: {IN_NUMPY}
        - ops.where(e > 0
        + ops.where(e.numpy() > 0
        the sides exchanged: {SIDES}
        - e > 0
        + e < 0
        squared too late: {AFTER}
        - 3 * e**2
        + (3 * e) ** 2
        """
    ),
)

# --- custom-losses-and-metrics/shares -------------------------------------------------------------------------------

ROWS = "these are the rows: a unit's weights stand in a column, so sum over axis 0"
NEGATIVE = "set negative weights to 0 before you divide"
SIZES = "a negative weight becomes 0, not its absolute value"
SOFTMAX = "do not use softmax: it makes every weight positive, and changes a column that is right already"
EMPTY = "a column without a positive weight: its sum is 0; make all of its weights 1/n"
TOTAL = "each column sums to 1, not the whole kernel"
STATIC = "use keras.ops: the constraint is called in a graph as well"


def _shares(kernel):
    positive = np.maximum(kernel, 0)
    total = positive.sum(axis=0)
    return np.where(total > 0, positive / np.where(total > 0, total, 1), 1 / len(kernel))


def _judge_shares(got, *, kernel):
    positive = np.maximum(kernel, 0)
    with np.errstate(all="ignore"):
        wrong = {
            ROWS: _shares(kernel.T).T,
            NEGATIVE: kernel / kernel.sum(axis=0),
            SIZES: np.abs(kernel) / np.abs(kernel).sum(axis=0),
            SOFTMAX: np.exp(kernel) / np.exp(kernel).sum(axis=0),
            TOTAL: positive / positive.sum(),
            EMPTY: positive / positive.sum(axis=0),
        }
    problem = _raised(got, {"symbolic": STATIC})
    if problem is None and (problem := _told(got, _shares(kernel), wrong, rtol=1e-4, atol=1e-6)):
        if "hint:" not in problem and np.shape(got) == kernel.shape and np.min(got) < 0:
            problem += f"\nhint: {NEGATIVE}"
        elif "hint:" not in problem and not (positive > 0).any(axis=0).all():
            problem += f"\nhint: {EMPTY}"
    return problem


def _judge_step(got):
    if problem := _raised(got, {"symbolic": STATIC, "numpy": STATIC}):
        return problem
    if np.shape(got) == (3, 2) and np.allclose(np.sum(got, axis=0), 1, atol=1e-5) and np.min(got) >= 0:
        return None
    return f"expected two columns of weights that are at least 0 and sum to 1; got {np.round(got, 3).tolist()}"


shares = Answers(
    judge={"": _judge_shares, "step": _judge_step},
    mistakes=patches(
        f"""
        rows: {ROWS}
        - axis=0
        + axis=1
        - kernel.shape[0]
        + kernel.shape[1]
        negative weights stay: {NEGATIVE}
        - ops.relu(kernel)
        + kernel
        absolute values: {SIZES}
        - ops.relu(kernel)
        + ops.abs(kernel)
        softmax: {SOFTMAX}
        - ops.where(total > 0, scaled, 1 / kernel.shape[0])
        + ops.softmax(kernel, axis=0)
        all weights together: {TOTAL}
        - ops.sum(positive, axis=0, keepdims=True)
        + ops.sum(positive)
        an empty column: {EMPTY}
        - ops.where(total > 0, scaled, 1 / kernel.shape[0])
        + scaled
        """
    ),
)
