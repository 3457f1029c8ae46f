"""Cases of the exercises on losses, metrics and layers of one's own. What calls Keras here is the student's code."""

from __future__ import annotations

import sys

import numpy as np

from coursepkg.exercises.cases import Case, caught


def _tried(run):
    """Return what came of it, or the error as data: its text names the likely cause."""
    try:
        return run()
    except Exception as error:
        return caught(error)


def balanced(rng):
    K, sizes = 3, (4, 9)
    batches = [_answers(rng, n, K) for n in sizes]
    facts = {"batches": batches}
    shown = "two batches of 4 and 9 instances, 3 classes"
    yield Case(shown, lambda cls: _tried(lambda: _collected(cls(K), batches)), judge="collected", facts=facts)
    shown = "a batch, reset_state(), another batch"
    yield Case(shown, lambda cls: _tried(lambda: _reset(cls(K), batches)), judge="reset", facts=facts)
    shown = "evaluate() with batches of 5 instances"
    y_true, P = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    yield Case(shown, lambda cls: _tried(lambda: _evaluated(cls(K), y_true, P)), judge="evaluated", facts=facts)
    shown = "from_config(get_config()) makes a metric for as many classes"
    yield Case(shown, lambda cls: _tried(lambda: _from_config(cls, batches)), judge="config", facts=facts)


def _answers(rng, n, K):
    """Return labels in which every class occurs, unequally often, and probabilities that are often right."""
    labels = rng.permutation(np.concatenate([np.arange(K), np.zeros(n - K, int)]))
    P = rng.uniform(size=(n, K)) + 0.45 * np.eye(K)[labels]
    return labels, P / P.sum(axis=1, keepdims=True)


def _collected(metric, batches):
    for y_true, P in batches:
        metric.update_state(y_true, P)
    return float(metric.result())


def _reset(metric, batches):
    metric.update_state(*batches[0])
    metric.reset_state()
    metric.update_state(*batches[1])
    return float(metric.result())


def _evaluated(metric, y_true, P):
    keras = sys.modules["keras"]  # the student's program has loaded it; this package never does
    model = keras.Sequential([keras.Input((P.shape[1],)), keras.layers.Identity()])
    model.compile(loss="sparse_categorical_crossentropy", metrics=[metric])
    values = model.evaluate(P, y_true, batch_size=5, verbose=0, return_dict=True)
    return next(value for name, value in values.items() if name != "loss")


def _from_config(cls, batches):
    metric = cls(3, name="balanced")
    again = cls.from_config(metric.get_config())
    return _collected(again, batches)


def repair_late_cost(rng):
    y_true = rng.uniform(20, 40, size=(6, 1))
    y_pred = y_true + rng.permutation([-1, 1, -1, 1, -1, 1])[:, None] * rng.uniform(1, 5, size=(6, 1))
    weights = rng.uniform(0.5, 2, size=6)
    facts = {"y_true": y_true, "y_pred": y_pred, "weights": weights}
    shown = "late_cost(y_true, y_pred) on 6 deliveries, three of them late"
    yield Case(shown, lambda f: _tried(lambda: np.asarray(f(*_tensors(y_true, y_pred)))), judge="each", facts=facts)
    shown = "compile(loss=late_cost), then evaluate() with weights of the deliveries"
    yield Case(
        shown, lambda f: _tried(lambda: _with_weights(f, y_true, y_pred, weights)), judge="weighted", facts=facts
    )


def _tensors(*arrays):
    keras = sys.modules["keras"]
    return [keras.ops.convert_to_tensor(array) for array in arrays]


def _with_weights(loss, y_true, y_pred, weights):
    keras = sys.modules["keras"]
    model = keras.Sequential([keras.Input((1,)), keras.layers.Identity()])
    model.compile(loss=loss)
    return model.evaluate(y_pred, y_true, sample_weight=weights, verbose=0)


def shares(rng):
    kernel = rng.normal(size=(4, 3))
    kernel[0], kernel[1] = np.abs(kernel[0]) + 0.1, -np.abs(kernel[1]) - 0.1
    yield Case("a kernel of shape (4, 3)", _on(kernel), facts={"kernel": kernel})
    kernel = kernel.copy()
    kernel[:, 1] = -np.abs(kernel[:, 1])
    yield Case("a kernel with a column that has no positive weight", _on(kernel), facts={"kernel": kernel})
    shown = "a Dense layer with this constraint, after a step of SGD"
    yield Case(shown, lambda cls: _tried(lambda: _after_a_step(cls)), judge="step")


def _on(kernel):
    return lambda cls: _tried(lambda: np.asarray(cls()(*_tensors(kernel))))


def _after_a_step(cls):
    keras = sys.modules["keras"]
    dense = keras.layers.Dense(2, kernel_constraint=cls())
    model = keras.Sequential([keras.Input((3,)), dense])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    return dense.get_weights()[0]
