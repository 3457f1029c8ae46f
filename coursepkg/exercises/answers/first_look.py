"""Answers to the exercise of the first look."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases import Caught

SHAPES = [(784, 20), (20,), (20, 10), (10,)]


def _probabilities(weights, X, activation):
    W1, b1, W2, b2 = weights
    e = np.exp(activation(X.reshape(len(X), -1) @ W1 + b1) @ W2 + b2)
    return e / e.sum(axis=1, keepdims=True)


def _judge_layers(got, *, X):
    weights, P = got
    shapes = [np.shape(weight) for weight in weights]
    if shapes != SHAPES:
        hint = "one hidden Dense layer with 20 units, then a Dense layer with ten"
        if shapes == [(784, 50), (50,), (50, 10), (10,)]:
            hint = "nothing has changed yet: the hidden layer still has 50 units"
        elif shapes[-1:] == [(20,)]:
            hint = "the last layer keeps its ten units, one for each class; change the hidden layer"
        elif shapes[:1] == [(28, 20)]:
            hint = "without `Flatten`, `Dense` sees the rows of a picture one by one"
        return f"expected weights of the shapes {SHAPES}; got {shapes}\nhint: {hint}"
    if np.allclose(P, _probabilities(weights, X, lambda z: np.maximum(z, 0)), atol=1e-4):
        return None
    sums = P.sum(axis=1)
    if not np.allclose(sums, 1, atol=1e-3):
        hint = "softmax in the last layer makes the ten probabilities of a picture sum to 1"
        return f"the first row of the outputs sums to {sums[0]:.3f}\nhint: {hint}"
    if np.allclose(P, _probabilities(weights, X, lambda z: z), atol=1e-4):
        return "the hidden layer has no activation\nhint: the network of the chapter has ReLU there"
    return "the probabilities are not those of ReLU in the hidden layer and softmax in the last one"


def _judge_compiled(got, *, y):
    if isinstance(got, Caught):
        hint = "which loss does the network of the chapter have? These labels are whole numbers"
        if "compile" in str(got):
            hint = "call `compile` before you return the model"
        return f"it cannot be evaluated: {shorten(str(got))}\nhint: {hint}"
    optimizer, rate, P, scores = got
    if optimizer != "SGD":
        return f"expected the optimizer SGD; got {optimizer}\nhint: then two things would have changed"
    if not np.isclose(rate, 0.1):
        hint = "the network to compare with has the rate 0.1; with another one, two things would have changed"
        return f"expected the learning rate 0.1; got {rate:g}\nhint: {hint}"
    loss = -np.log(np.clip(P[np.arange(len(y)), y], 1e-7, 1)).mean()
    if not np.isclose(scores["loss"], loss, rtol=1e-3):
        return f"expected the loss {loss:.4f}; got {scores['loss']:.4f}\nhint: take the loss of the chapter"
    if "accuracy" not in scores:
        return f"expected loss and accuracy; got {', '.join(scores)}\nhint: `metrics` is a list of names"
    return None


def _judge_seeds(got):
    first, again, other = got
    if not _same(first, again):
        hint = "set the seed with `keras.utils.set_random_seed` before the layers are made"
        return f"the same seed gave two different networks\nhint: {hint}"
    if _same(first, other):
        hint = "the argument `seed` is not used; then five seeds are five times the same network"
        return f"two seeds gave the same network\nhint: {hint}"
    return None


def _same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


one_change = Answers(
    judge={"layers": _judge_layers, "compiled": _judge_compiled, "seeds": _judge_seeds},
    mistakes=patches(
        """
        nothing changed: nothing has changed yet: the hidden layer still has 50 units
        - Dense(20
        + Dense(50
        the wrong layer: the last layer keeps its ten units
        - Dense(20
        + Dense(50
        - Dense(10
        + Dense(20
        no Flatten: without `Flatten`, `Dense` sees the rows of a picture one by one
        - , keras.layers.Flatten()
        no ReLU: the network of the chapter has ReLU there
        - , activation="relu"
        no softmax: softmax in the last layer makes the ten probabilities
        - , activation="softmax"
        not compiled: call `compile` before you return the model
        -     model.compile(optimizer=sgd, loss=loss, metrics=["accuracy"])
        -
        +
        another optimizer: then two things would have changed
        - SGD(
        + Adam(
        the default rate: the network to compare with has the rate 0.1
        - learning_rate=0.1
        the loss for one-hot rows: which loss does the network of the chapter have?
        - "sparse_categorical_crossentropy"
        + "categorical_crossentropy"
        no metric: `metrics` is a list of names
        - , metrics=["accuracy"]
        no seed: set the seed with `keras.utils.set_random_seed`
        -     keras.utils.set_random_seed(seed)
        -
        +
        always the same seed: the argument `seed` is not used
        - set_random_seed(seed)
        + set_random_seed(42)
        """
    ),
)
