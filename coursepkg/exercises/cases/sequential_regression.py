"""Cases of the exercises on sequential regression."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, caught, function_case


def build(rng):
    for n_features, hidden in ((5, [7, 6]), (3, [])):
        X_train, X = _table(rng, n_features), _table(rng, n_features)
        yield Case(
            f"build_model(X_train, {hidden}) for {n_features} columns: the predictions for other rows",
            lambda f, hidden=hidden, X_train=X_train, X=X: _outputs(f(X_train.copy(), hidden), X),
            judge="outputs",
            facts={"X_train": X_train, "X": X, "hidden": hidden},
        )
    X_train, y = _table(rng, 4), rng.normal(10, 3, size=30)
    shown = "the loss and the metric rmse"
    yield Case(shown, lambda f: _scores(f(X_train.copy(), [5]), X_train, y), judge="scores", facts={"y": y})


def _table(rng, n_features):
    """Return rows whose columns differ in place and size."""
    return rng.normal(size=(30, n_features)) * 10.0 ** np.arange(n_features) / 10 + 2.0 * np.arange(n_features)


def _outputs(model, X):
    return model.trainable_weights, model(X)


def _scores(model, X, y):
    predictions = model(X)
    try:
        return predictions, model.test_on_batch(X, y, return_dict=True)
    except (ValueError, TypeError) as error:
        return predictions, caught(error)


def fold(rng):
    for shown, n, m in (("8 columns, 5 units", 8, 5), ("2 columns, 1 unit", 2, 1), ("4 columns, 4 units", 4, 4)):
        arguments = rng.normal(3, 2, n), rng.uniform(1.5, 30, n), rng.normal(size=(n, m)), rng.normal(size=m)
        yield function_case(f"fold(mean, variance, W, b): {shown}", arguments)


def repair(rng):
    for shown, n_features in (("three columns", 3), ("five columns", 5)):
        X, X_valid, w = _table(rng, n_features), _table(rng, n_features)[:20] * 1.5, rng.normal(size=n_features)
        y, y_valid = (((x - X.mean(axis=0)) / X.std(axis=0)) @ w for x in (X, X_valid))
        yield Case(
            f"train_and_score(X, y, X_valid, y_valid): {shown}",
            lambda f, a=(X, y, X_valid, y_valid): _trained(f(*(array.copy() for array in a)), *a),
            judge="trained",
            facts={"X": X, "X_valid": X_valid, "y": y, "y_valid": y_valid},
        )


def _trained(answer, X, y, X_valid, y_valid):
    model, rmse = answer
    return model.non_trainable_weights, model(X), model(X_valid), rmse
