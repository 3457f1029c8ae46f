"""Cases of the exercises on learning rate schedules. The student's callback gets a stand-in for the model."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, function_case


class _Variable(np.ndarray):
    """A number that behaves as a variable of Keras, as far as a callback needs it."""

    def __new__(cls, value):
        return np.array(value).view(cls)

    def assign(self, value):
        self[...] = value

    def assign_add(self, value):
        self[...] += value

    def numpy(self):
        return np.array(self)

    @property
    def value(self):
        return self.numpy()


class _Optimizer:
    def __init__(self):
        self._learning_rate, self.iterations = _Variable(123.0), _Variable(0)

    @property
    def learning_rate(self):
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._learning_rate.assign(float(value))


class _Model:
    """What a callback sees of a model that is being trained."""

    def __init__(self):
        self.optimizer = _Optimizer()
        self.stop_training = False


def train(callback, fits):
    """Call a callback's methods as ``fit`` does and return the learning rate that each step is taken with.

    Parameters
    ----------
    callback : keras.callbacks.Callback
    fits : sequence of (int, int)
        Epochs, and steps an epoch, of each call of ``fit``; the optimizer counts on from one to the next.
    """
    model = _Model()
    rates = []
    callback.set_model(model)
    for epochs, steps in fits:
        callback.set_params({"epochs": epochs, "steps": steps, "verbose": 0})
        callback.on_train_begin({})
        for epoch in range(epochs):
            callback.on_epoch_begin(epoch, {})
            for batch in range(steps):
                callback.on_train_batch_begin(batch, {})
                rates.append(float(model.optimizer.learning_rate))
                model.optimizer.iterations.assign_add(1)
                callback.on_train_batch_end(batch, {"loss": 1.0})
            callback.on_epoch_end(epoch, {"loss": 1.0})
        callback.on_train_end({})
    return rates


def piecewise(rng):
    for shown, n_boundaries, fits in (
        ("one epoch of 30 steps", 1, ((1, 30),)),
        ("three boundaries, 5 epochs of 12 steps", 3, ((5, 12),)),
        ("two calls of fit", 2, ((2, 10), (3, 10))),
    ):
        n_steps = sum(epochs * steps for epochs, steps in fits)
        first = fits[0][1]  # one boundary lies within the first epoch, the others behind it
        later = (
            rng.choice(np.arange(first + 1, n_steps - 1), n_boundaries - 1, replace=False) if n_boundaries > 1 else ()
        )
        boundaries = sorted([int(rng.integers(2, first - 2)), *map(int, later)])
        values = sorted(rng.uniform(0.0001, 0.1, n_boundaries + 1).round(5).tolist(), reverse=True)
        yield Case(
            f"PiecewiseConstant(boundaries, values): {shown}",
            lambda cls, b=boundaries, v=values, fits=fits: train(cls(list(b), list(v)), fits),
            facts={"boundaries": boundaries, "values": values, "fits": fits},
        )


def warm_up(rng):
    for shown, place in (
        ("at the first step", 0.0),
        ("during the warm-up", 0.05),
        ("when the warm-up ends", 0.1),
        ("half-way down", 0.5),
        ("near the end", 0.9),
        ("after the end", 1.7),
    ):
        total = 10 * int(rng.integers(10, 40))
        arguments = (round(place * total), float(rng.uniform(0.01, 0.5)), total // 10, total)
        yield function_case(f"warm_up_cosine(step, maximum, warmup, total): {shown}", arguments)
