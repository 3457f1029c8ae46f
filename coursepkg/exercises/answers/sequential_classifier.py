"""Answers to the exercises on sequential classifiers."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases import Caught

# --- sequential-classifier/build ------------------------------------------------------------------------------------


def _forward(weights, X, activation):
    """Return the probabilities that a network of these weights and biases states."""
    Z = X.reshape(len(X), -1)
    for W, b in zip(weights[0:-2:2], weights[1:-2:2], strict=True):
        Z = activation(Z @ W + b)
    e = np.exp(Z @ weights[-2] + weights[-1])
    return e / e.sum(axis=1, keepdims=True)


def _judge_outputs(got, *, X, sizes):
    weights, P = got
    fan_in = [int(np.prod(X.shape[1:])), *sizes[:-1]]
    expected = [shape for n, m in zip(fan_in, sizes, strict=True) for shape in ((n, m), (m,))]
    shapes = [np.shape(weight) for weight in weights]
    if shapes != expected:
        hint = "one Dense layer for each number in `hidden`, and one with `n_classes` units"
        if shapes and shapes[0] == (X.shape[-1], sizes[0]):
            hint = "without `Flatten`, `Dense` sees the rows of an image one by one"
        return f"expected weights of the shapes {expected}; got {shapes}\nhint: {hint}"
    if P.shape != (len(X), sizes[-1]):
        return f"expected predictions of shape {(len(X), sizes[-1])}; got {P.shape}"
    if np.allclose(P, _forward(weights, X, lambda z: np.maximum(z, 0)), atol=1e-4):
        return None
    sums = P.sum(axis=1)
    if not np.allclose(sums, 1, atol=1e-3):
        hint = "softmax makes the probabilities of an image sum to 1"
        return f"the first row of the predictions sums to {sums[0]:.3f}\nhint: {hint}"
    if np.allclose(P, _forward(weights, X, lambda z: z), atol=1e-4):
        return "the hidden layers have no activation\nhint: without one, several layers are worth as much as one"
    return "the predictions are not those of ReLU in the hidden layers and softmax in the last one"


def _judge_scores(got, *, y):
    P, scores = got
    if isinstance(scores, Caught):
        hint = "call `compile` before you return the model"
        if np.ndim(P) > 2:
            hint = f"the predictions have the shape {P.shape}: without `Flatten`, `Dense` sees the rows of an image"
        elif "compile" not in str(scores):
            hint = "which loss takes labels that are whole numbers?"
        return f"evaluating raised {scores.type}: {shorten(str(scores))}\nhint: {hint}"
    loss = -np.log(np.clip(P[np.arange(len(y)), y], 1e-7, 1)).mean()
    if not np.isclose(scores["loss"], loss, rtol=1e-3):
        return f"expected the loss {loss:.4f}; got {scores['loss']:.4f}\nhint: cross-entropy of probabilities"
    if "accuracy" not in scores:
        return f"expected loss and accuracy; got {', '.join(scores)}\nhint: `metrics` is a list of names"
    right = (P.argmax(axis=1) == y).mean()
    if not np.isclose(scores["accuracy"], right, atol=1e-4):
        return f"expected the accuracy {right:.4f}; got {scores['accuracy']:.4f}"
    return None


build = Answers(
    judge={"outputs": _judge_outputs, "scores": _judge_scores},
    mistakes=patches(
        """
        no Flatten: the rows of an image one by one
        - , keras.layers.Flatten()
        no softmax: softmax makes the probabilities
        - , activation="softmax"
        sigmoids at the end: softmax makes the probabilities
        - "softmax"
        + "sigmoid"
        no ReLU: the hidden layers have no activation
        - , activation="relu"
        always ten classes: one with `n_classes` units
        - Dense(n_classes
        + Dense(10
        only one hidden layer: one Dense layer for each number in `hidden`
        - in hidden:
        + in hidden[:1]:
        the loss for one-hot rows: which loss takes labels that are whole numbers?
        - "sparse_categorical_crossentropy"
        + "categorical_crossentropy"
        no metric: `metrics` is a list of names
        - , metrics=["accuracy"]
        not compiled: call `compile` before you return the model
        -     model.compile(loss=loss, optimizer="sgd", metrics=["accuracy"])
        -
        +
        """
    ),
)


# --- sequential-classifier/repair -----------------------------------------------------------------------------------


def _cross_entropy(P, y):
    return -np.log(np.clip(P[np.arange(len(y)), y], 1e-7, 1)).mean()


def _judge_trained(got, *, y, y_valid):
    P_train, P, loss = got
    if P.shape != (len(y_valid), 10):
        return f"expected predictions of shape {(len(y_valid), 10)}; got {P.shape}"
    if not np.allclose(P.sum(axis=1), 1, atol=1e-3):
        return f"the first row of the predictions sums to {P[0].sum():.3f}\nhint: softmax makes them sum to 1"
    if np.ndim(loss) != 0:
        return f"expected one number as loss; got {shorten(loss)}\nhint: that of the last epoch"
    share = (P_train.argmax(axis=1) == y).mean()
    if share < 0.55:
        hint = "is it trained on pixels between 0 and 1, with the loss and the epochs of the program?"
        return f"the model is right on {share:.2f} of its training images\nhint: {hint}"
    right = _cross_entropy(P, y_valid)
    if np.isclose(loss, right, rtol=1e-3):
        return None
    hint = "`history` holds a list for each quantity, on training and on validation images, an entry an epoch"
    if loss > 3:  # more than a network loses that knows nothing: it is sure, and wrong
        hint = "the validation images need the same scaling as the training images"
    shown = f"the loss of the returned model on the validation images, {right:.4f}"
    return f"expected {shown}; got {loss:.4f}\nhint: {hint}"


repair = Answers(
    judge={"trained": _judge_trained},
    mistakes=patches(
        """
        validation images not scaled: the same scaling as the training images
        - X, X_valid = X / 255, X_valid / 255
        + X = X / 255
        the loss of the training images: on training and on validation images
        - ["val_loss"]
        + ["loss"]
        the accuracy on the validation images: on training and on validation images
        - ["val_loss"]
        + ["val_accuracy"]
        the first epoch: an entry an epoch
        - [-1]
        + [0]
        all epochs: that of the last epoch
        - ["val_loss"][-1]
        + ["val_loss"]
        no softmax: softmax makes them sum to 1
        - , activation="softmax"
        scaled twice: is it trained on pixels between 0 and 1
        - X / 255, X_valid / 255
        + X / 255 / 255, X_valid / 255 / 255
        """
    ),
)

# --- sequential-classifier/best-epoch -------------------------------------------------------------------------------


def _go_through(histories):
    """Look at one epoch after the other."""
    best, epoch = (0, float("inf")), 0
    for history in histories:
        for loss in history["val_loss"]:
            epoch += 1
            if loss < best[1]:
                best = epoch, loss
    return best


best_epoch = Answers(
    reference=_go_through,
    mistakes=patches(
        """
        counted from 0: the first epoch has the number 1
        - int(best) + 1
        + int(best)
        the training loss: it is the validation loss that counts
        - history["val_loss"]
        + history["loss"]
        the largest: the smallest loss is wanted
        - np.argmin
        + np.argmax
        only the last call: epochs are counted through all calls
        - in histories]
        + in histories[-1:]]
        only the first call: the later calls went on training the same model
        - in histories]
        + in histories[:1]]
        the last of equals: of equally good epochs take the first
        - np.argmin(losses)
        + len(losses) - 1 - np.argmin(losses[::-1])
        the last epoch: the best epoch need not be the last
        - np.argmin(losses)
        + len(losses) - 1
        """
    ),
)
