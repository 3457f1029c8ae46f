"""Answers to the exercises on sequential regression."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases import Caught

# --- sequential-regression/build ------------------------------------------------------------------------------------


def _judge_outputs(got, *, X_train, X, hidden):
    weights, predictions = got
    sizes = [X.shape[1], *hidden, 1]
    expected = [shape for n, m in zip(sizes[:-1], sizes[1:], strict=True) for shape in ((n, m), (m,))]
    shapes = [weight.shape for weight in weights]
    if shapes != expected:
        hint = "one Dense layer for each number in `hidden`, and one with a single unit"
        return f"expected trainable weights of the shapes {expected}; got {shapes}\nhint: {hint}"
    if predictions.shape != (len(X), 1):
        return f"expected predictions of shape {(len(X), 1)}; got {predictions.shape}"
    return _what_differs(predictions, weights, X_train, X)


def _relu(z):
    return np.maximum(z, 0)


def _forward(weights, Z, activation):
    for W, b in zip(weights[0:-2:2], weights[1:-2:2], strict=True):
        Z = activation(Z @ W + b)
    return Z @ weights[-2] + weights[-1]


def _what_differs(predictions, weights, X_train, X):
    """Return what the predictions are in place of the right ones, or None if they are right."""
    Z = (X - X_train.mean(axis=0)) / X_train.std(axis=0)
    own = (X - X.mean(axis=0)) / X.std(axis=0)
    whole = (X - X_train.mean()) / X_train.std()
    right = _forward(weights, Z, _relu)
    known = {
        "": right,
        "the columns are not scaled: was `adapt` called, and is the layer in the model?": _forward(weights, X, _relu),
        "the hidden layers have no activation": _forward(weights, Z, lambda z: z),
        "no prediction can be negative; leave the last layer without activation": _relu(right),
        "each column must have a mean of its own; leave `axis` as it is": _forward(weights, whole, _relu),
        "the rows to be predicted were scaled with their own mean": _forward(weights, own, _relu),
    }
    for hint, values in known.items():
        if np.allclose(predictions, values, rtol=1e-3, atol=1e-3):
            return hint and f"the predictions are not those of the reference\nhint: {hint}" or None
    return (
        "the predictions are not those of scaled columns, ReLU in the hidden layers and a last layer without activation"
    )


def _judge_scores(got, *, y):
    predictions, scores = got
    if isinstance(scores, Caught):
        hint = "call `compile` before you return the model"
        return f"evaluating raised {scores.type}: {shorten(str(scores))}\nhint: {hint}"
    mse = np.mean((predictions[:, 0] - y) ** 2)
    if not np.isclose(scores["loss"], mse, rtol=1e-3):
        return f"expected the loss {mse:.4f}, the mean of the squared errors; got {scores['loss']:.4f}"
    if "rmse" not in scores:
        return f"expected a metric called rmse; got {', '.join(scores)}\nhint: metrics take a `name`"
    if not np.isclose(scores["rmse"], np.sqrt(mse), rtol=1e-3):
        return f"expected the rmse {np.sqrt(mse):.4f}, the root of the loss; got {scores['rmse']:.4f}"
    return None


build = Answers(
    judge={"outputs": _judge_outputs, "scores": _judge_scores},
    mistakes=patches(
        """
        never adapted: was `adapt` called
        -     scale.adapt(X_train)
        -
        +
        ReLU at the end: without activation
        - Dense(1)
        + Dense(1, activation="relu")
        no ReLU: the hidden layers have no activation
        - , activation="relu"
        one mean for the table: each column must have a mean of its own
        - ization()
        + ization(axis=None)
        absolute errors: the mean of the squared errors
        - loss="mse"
        + loss="mae"
        a metric without its name: metrics take a `name`
        - name="rmse"
        only one hidden layer: one Dense layer for each number in `hidden`
        - in hidden:
        + in hidden[:1]:
        not compiled: call `compile` before you return the model
        -     model.compile(loss="mse", optimizer="adam", metrics=[rmse])
        -
        +
        """
    ),
)

# --- sequential-regression/fold -------------------------------------------------------------------------------------


def _read_off(mean, variance, W, b):
    """Read weights and biases off what scaling and layer give for zeros and for the rows of the identity."""
    bias, *rows = ((x - mean) / np.sqrt(variance) @ W + b for x in (np.zeros(len(mean)), *np.eye(len(mean))))
    return np.array(rows) - bias, bias


fold = Answers(
    reference=_read_off,
    mistakes=patches(
        """
        divided by the variance: divide by the standard deviation, the square root of the variance
        - np.sqrt(variance)
        + variance
        biases left as they are: the mean is lost: what does (X - mean) / std @ W add that does not depend on X?
        - b - mean @ W_new
        + b.copy()
        mean times the old weights: the mean is divided by the standard deviation too: use the new weights for the
          biases
        - mean @ W_new
        + mean @ W
        wrong sign: the mean is subtracted from the columns, so its share of the biases is negative
        - b - mean
        + b + mean
        multiplied: a column with a large spread must get smaller weights: divide
        - W / np
        + W * np
        only the biases: the standard deviations are lost: each row of W belongs to one column of X
        - W / np.sqrt(variance)[:, None]
        + W.copy()
        """
    ),
)

# --- sequential-regression/repair -----------------------------------------------------------------------------------


def _judge_trained(got, *, X, X_valid, y, y_valid):
    weights, P, P_valid, rmse = got
    means = next((weight for weight in weights if np.shape(weight) == (X.shape[1],)), None)
    if means is None:
        return "the model holds no means of the columns\nhint: its first layer is a `Normalization` layer"
    if not np.allclose(means, X.mean(axis=0), rtol=1e-3, atol=1e-3):
        both = np.concatenate([X, X_valid]).mean(axis=0)
        hint = "call `adapt` with the training rows, before training"
        if np.allclose(means, both, rtol=1e-3, atol=1e-3):
            hint = "the scaling learned from the validation rows too"
        return f"expected the means {shorten(X.mean(axis=0))}; got {shorten(means)}\nhint: {hint}"
    if P.shape != (len(X), 1):
        return f"expected predictions of shape {(len(X), 1)}; got {P.shape}"
    if min(P.min(), P_valid.min()) >= 0:
        return "no answer is negative, though half of the targets are\nhint: leave the last layer without activation"
    if np.ndim(rmse) != 0:
        return f"expected one number as RMSE; got {shorten(rmse)}"
    right, matrix = (np.sqrt(np.mean((y_valid - p) ** 2)) for p in (P_valid[:, 0], P_valid))
    if np.isclose(rmse, right, rtol=1e-3):
        return None
    known = {
        matrix: "a column minus a row is a matrix: take `[:, 0]` of what `predict` returns",
        right**2: "that is the mean of the squares; take its root",
        np.mean(np.abs(y_valid - P_valid[:, 0])): "that is the mean absolute error",
        np.sqrt(np.mean((y - P[:, 0]) ** 2)): "that is the error on the training rows",
    }
    for value, hint in known.items():
        if np.isclose(rmse, value, rtol=1e-3):
            return f"expected the RMSE {right:.4f} of the returned model; got {rmse:.4f}\nhint: {hint}"
    return f"expected the RMSE {right:.4f} of the returned model on the validation rows; got {rmse:.4f}"


repair = Answers(
    judge={"trained": _judge_trained},
    mistakes=patches(
        """
        adapted on all rows: the scaling learned from the validation rows too
        - scale.adapt(X)
        + scale.adapt(np.concatenate([X, X_valid]))
        never adapted: call `adapt` with the training rows
        -     scale.adapt(X)
        -
        +
        no scaling at all: its first layer is a `Normalization` layer
        - (X.shape[1],)), scale]
        + (X.shape[1],))]
        ReLU at the end: leave the last layer without activation
        - Dense(1)
        + Dense(1, activation="relu")
        a column minus a row: take `[:, 0]`
        - verbose=0)[:, 0]
        + verbose=0)
        the MSE: take its root
        - np.sqrt(np.mean(errors**2))
        + np.mean(errors**2)
        absolute errors: that is the mean absolute error
        - np.sqrt(np.mean(errors**2))
        + np.mean(np.abs(errors))
        the training rows: that is the error on the training rows
        - y_valid - model.predict(X_valid
        + y - model.predict(X
        """
    ),
)
