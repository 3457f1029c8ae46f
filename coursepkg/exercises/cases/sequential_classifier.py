"""Cases of the exercises on sequential classifiers."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, caught, function_case


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


def repair(rng):
    for shown, size, n in (("images of 6 by 6", (6, 6), 320), ("images of 5 by 8", (5, 8), 240)):
        (X, y), (X_valid, y_valid) = _bright_pixels(rng, size, n), _bright_pixels(rng, size, 90)
        yield Case(
            f"train_and_score(X, y, X_valid, y_valid): {shown}",
            lambda f, a=(X, y, X_valid, y_valid): _trained(f(*(array.copy() for array in a)), *a),
            judge="trained",
            facts={"y": y, "y_valid": y_valid},
        )


def _bright_pixels(rng, size, n):
    """Return noisy images whose class is told by four pixels of its own, one time in five by those of another class."""
    y = rng.permutation(np.arange(n) % 9)
    told = np.where(rng.random(n) < 0.2, rng.integers(0, 9, n), y)
    X = rng.integers(0, 120, (n, size[0] * size[1]))
    for row, k in zip(X, told, strict=True):
        row[4 * k : 4 * k + 4] = rng.integers(180, 256, 4)
    return X.reshape(n, *size).astype("uint8"), y


def _trained(answer, X, y, X_valid, y_valid):
    model, loss = answer
    return model(X / 255), model(X_valid / 255), loss


def best_epoch(rng):
    for shown, lengths in (("one call", (6,)), ("three calls", (3, 5, 2)), ("calls of one epoch each", (1, 1, 1, 1))):
        loss, val = rng.permutation(np.linspace(0.2, 0.9, sum(lengths))), np.linspace(0.3, 0.8, sum(lengths))
        yield _histories(f"best_epoch(histories): {shown}", rng.permutation(loss), rng.permutation(val), lengths)
    loss, val = np.array([0.9, 0.5, 0.4, 0.3, 0.2, 0.1]), np.array([0.9, 0.6, 0.4, 0.5, 0.4, 0.6])
    yield _histories("best_epoch(histories): two epochs are equally good", loss, val, (2, 4))


def _histories(shown, loss, val, lengths):
    cuts = np.cumsum(lengths)[:-1]
    parts = zip(np.split(loss, cuts), np.split(val, cuts), strict=True)
    return function_case(shown, ([{"loss": a.tolist(), "val_loss": b.tolist()} for a, b in parts],))
