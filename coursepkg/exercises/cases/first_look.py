"""Cases of the exercise of the first look."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, caught


def one_change(rng):
    seed = int(rng.integers(1000))
    X, y = rng.uniform(size=(20, 28, 28)), rng.integers(10, size=20)
    shown = "build_small(seed): the layers, and the probabilities for 20 random pictures"
    yield Case(shown, lambda build: _outputs(build(seed), X), judge="layers", facts={"X": X})
    shown = "the optimizer, the loss and the metric"
    yield Case(shown, lambda build: _compiled(build(seed), X, y), judge="compiled", facts={"y": y})
    shown = "initial weights: build_small(seed) twice with the same seed, then with another"
    yield Case(shown, lambda build: [build(s).get_weights() for s in (seed, seed, seed + 1)], judge="seeds")


def _outputs(model, X):
    return model.get_weights(), model(X)


def _compiled(model, X, y):
    if getattr(model, "optimizer", None) is None:
        return caught(ValueError("not compiled"))
    optimizer = type(model.optimizer).__name__, float(np.asarray(model.optimizer.learning_rate))
    P = model(X)
    try:
        return *optimizer, P, model.test_on_batch(X, y, return_dict=True)
    except (ValueError, TypeError) as error:
        return caught(error)
