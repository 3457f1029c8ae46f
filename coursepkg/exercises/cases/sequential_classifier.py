"""Cases of the exercises on sequential classifiers."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, caught, function_case


def errors(rng):
    for letter in "ABCDEF":
        yield Case(f"message {letter}", lambda answer, letter=letter: answer[letter], facts={"letter": letter})


def build(rng):
    sizes = {"two hidden layers": ((6, 5), [8, 7], 4), "no hidden layer": ((4, 4), [], 3)}
    for shown, (shape, hidden, n_classes) in sizes.items():
        X = rng.normal(size=(20, *shape))
        yield Case(
            f"build_model({shape}, {hidden}, {n_classes}), {shown}: the predictions on 20 images",
            lambda f, a=(shape, hidden, n_classes), X=X: _outputs(f(*a), X),
            judge="outputs",
            facts={"X": X, "sizes": (*hidden, n_classes)},
        )
    shape, hidden, n_classes = sizes["two hidden layers"]
    X, y = rng.normal(size=(20, *shape)), rng.integers(n_classes, size=20)
    shown = "the loss and the accuracy on whole-number labels"
    yield Case(shown, lambda f: _scores(f(shape, hidden, n_classes), X, y), judge="scores", facts={"y": y})


def _outputs(model, X):
    return model.get_weights(), model(X)


def _scores(model, X, y):
    P = model(X)
    try:
        return P, model.test_on_batch(X, y, return_dict=True)
    except (ValueError, TypeError) as error:
        return P, caught(error)


def fold_weights(rng):
    for shown, n, classes in (
        ("a weight for every class", 12, range(4)),
        ("a weight for one class of four", 15, (2,)),
        ("the rows of one class", 6, (0, 1)),
    ):
        labels = np.zeros(n, dtype=int) if n == 6 else rng.permutation(np.arange(n) % 4)
        class_weight = {k: float(rng.uniform(1.5, 9)) for k in classes}
        arguments = (labels, class_weight, rng.uniform(0.2, 2, n))
        yield function_case(f"fold_weights(labels, class_weight, sample_weight): {shown}", arguments)
