"""Answers to the exercises on regression with a multilayer perceptron."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases.mlp_regression import housing_rows
from coursepkg.exercises.compare import difference

huber = Answers(
    mistakes=patches(
        """
        no one half: small errors cost e²/2, not e²: otherwise the two pieces do not meet at |e| = delta
        - e**2 / 2
        + e**2
        the straight piece does not join: the straight piece is delta * (|e| - delta / 2); without the - delta / 2 the
          loss jumps at |e| = delta
        - (np.abs(e) - delta / 2)
        + np.abs(e)
        the gradient is not averaged: the loss is a mean, so each prediction's share of the gradient is divided by the
          number of samples too
        -  / len(e)
        the gradient has the wrong sign: the gradient has the wrong sign: a prediction that is too high must have a
          positive one (e = y_pred - y_true)
        - np.clip
        + -np.clip
        the gradient is not cut off: the gradient grows with the error everywhere; beyond delta it must stay at +delta
          or -delta
        - np.clip(e, -delta, delta)
        + e
        smooth L1 instead: this is the smooth L1 loss, Huber's divided by delta; the two agree for delta = 1 only
        - terms.mean()
        + terms.mean() / delta
        -  / len(e)
        +  / len(e) / delta
        """
    )
)

# --- mlp-regression/standardize -------------------------------------------------------------------------------------


def _scaled(X_train, X_new):
    scaler = StandardScaler().fit(X_train)  # divides a constant column by 1
    return scaler.transform(X_train), scaler.transform(X_new)


def _compare_tables(got, expected):
    problem = difference(got, expected)
    if problem and any(np.isnan(np.asarray(table, dtype=float)).any() for table in got):
        return f"{problem}\nhint: {CONSTANT}"
    return problem


CONSTANT = "a constant column has the standard deviation 0; divide it by 1 instead, so that it becomes 0"
standardize = Answers(
    reference=_scaled,
    compare=_compare_tables,
    mistakes=patches(
        """
        new rows with their own statistics: the new rows must be scaled with the mean and standard deviation of the
          training rows, as the model saw them
        -     return (X_train - mean) / std, (X_new - mean) / std
        +     own = np.where(X_new.std(axis=0) == 0, 1.0, X_new.std(axis=0))
        +     return (X_train - mean) / std, (X_new - X_new.mean(axis=0)) / own
        statistics of all rows: the statistics come from training and new rows together: that lets the new rows leak
          into the training
        - mean, std = X_train.mean(axis=0), X_train.std(axis=0)
        + both = np.concatenate([X_train, X_new]); mean, std = both.mean(axis=0), both.std(axis=0)
        one mean for the whole table: each column has a mean and a standard deviation of its own: use axis=0
        - axis=0
        divided by the variance: divide by the standard deviation, not by its square
        - X_train.std
        + X_train.var
        not centered: subtract the mean before you divide
        -  - mean
        a constant column gives nan: a constant column has the standard deviation 0; divide it by 1 instead, so that
          it becomes 0
        -     std = np.where(std == 0, 1.0, std)
        -
        +
        - def standardize
        + @np.errstate(all="ignore")
        + def standardize
        """
    ),
)

# --- mlp-regression/log-ridge ---------------------------------------------------------------------------------------


def _by_hand(X_train, y_train, X_new, log_columns):
    """The same in NumPy, with the normal equations of ridge regression."""
    A, B = X_train.copy(), X_new.copy()
    for table in (A, B):
        table[:, log_columns] = np.log(table[:, log_columns])
    mean, std, targets = A.mean(axis=0), A.std(axis=0), np.log(y_train)
    A, B = (A - mean) / std, (B - mean) / std
    w = np.linalg.solve(A.T @ A + np.eye(A.shape[1]), A.T @ (targets - targets.mean()))
    return np.exp(B @ w + targets.mean())


log_ridge = Answers(
    reference=_by_hand,
    mistakes=patches(
        """
        the predictions are logarithms: these are logarithms: turn the predictions back with np.exp, or give
          TransformedTargetRegressor an inverse_func
        - inverse_func=np.exp
        + inverse_func=lambda t: t, check_inverse=False
        the target as it is: the model was fitted to the targets: fit it to their logarithms
        - TransformedTargetRegressor(steps, func=np.log, inverse_func=np.exp)
        + steps
        no logarithm of the columns: the columns in log_columns went in as they are: take their logarithms
        - make_pipeline(columns, StandardScaler(), Ridge())
        + make_pipeline(StandardScaler(), Ridge())
        only the columns with logarithms: the other columns were dropped: remainder="passthrough" keeps them
        - logs = ("logs", FunctionTransformer(np.log), log_columns)
        + if not log_columns:
        +         return np.full(len(X_new), np.exp(np.log(y_train).mean()))
        +     logs = ("logs", FunctionTransformer(np.log), log_columns)
        - , remainder="passthrough"
        +
        not standardized: the columns have very different scales, and ridge regression treats them differently then:
          standardize them
        - columns, StandardScaler(), Ridge()
        + columns, Ridge()
        the scaler saw the new rows: the new rows were scaled with statistics of their own: use those of the training
          rows
        -     return model.fit(X_train, y_train).predict(X_new)
        +     model.fit(X_train, y_train)
        +     inner = model.regressor_
        +     own = StandardScaler().fit_transform(inner[0].transform(X_new))
        +     return np.exp(inner[-1].predict(own))
        """
    ),
)

# --- mlp-regression/project -----------------------------------------------------------------------------------------

AHEAD = 0.99  # of the trees' error


def _rmse(y, y_hat):
    return float(np.sqrt(np.mean((y_hat - y) ** 2)))


def _judge_project(got, *, rival, seed, n_train, n_new):
    """Compare with the rivals on the new rows, whose targets the submission never had."""
    (X, y), (X_new, y_new) = housing_rows(seed, n_train, n_new)
    try:
        y_hat = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"expected {n_new} numbers, one for each new row; got {shorten(got)}"
    if problem := _shape_or_values(y_hat, n_train, n_new):
        return problem
    error, guess = _rmse(y_new, y_hat), _rmse(y_new, y.mean())
    if error > 0.99 * guess:
        return f"RMSE {error:.3f}; always the mean has {guess:.3f}\nhint: {_unit_hint(y_new, y_hat, guess)}"
    if rival == "line":
        logs = [np.column_stack([Z[:, :2], np.log(Z[:, 2:6]), Z[:, 6:]]) for Z in (X, X_new)]
        bound = _rmse(y_new, LinearRegression().fit(logs[0], y).predict(logs[1]))
        if error >= bound:
            hint = "the pipeline of the chapter beats the plane: prepare the columns, and search the learning rate"
            return f"RMSE {error:.3f}; linear regression on logarithms has {bound:.3f}\nhint: {hint}"
    if rival == "trees":
        bound = _rmse(y_new, HistGradientBoostingRegressor(random_state=0).fit(X, y).predict(X_new))
        if error > AHEAD * bound:
            hint = "trees cut along the axes of the map only: turn the map, and take the mean of several models"
            return f"RMSE {error:.3f}; boosted trees have {bound:.3f}, 1 % less is {AHEAD * bound:.3f}\nhint: {hint}"
    return None


def _shape_or_values(y_hat, n_train, n_new):
    if y_hat.shape != (n_new,):
        hint = {
            (n_new, 1): "a column of numbers: return shape [m], not [m, 1]; ravel() makes one of the other",
            (n_train,): "these are predictions for the training rows: predict X_new",
        }.get(y_hat.shape)
        return f"expected shape {(n_new,)}; got shape {y_hat.shape}" + (f"\nhint: {hint}" if hint else "")
    if not np.isfinite(y_hat).all():
        return "some predictions are not finite\nhint: look for logarithms of negative numbers, or a diverged loss"
    return None


def _unit_hint(y_new, y_hat, guess):
    if np.ptp(y_hat) < 1e-9:
        return "the same number for all rows: the features are not used"
    with np.errstate(over="ignore"):
        if _rmse(y_new, np.exp(np.minimum(y_hat, 50))) < guess:
            return "these look like logarithms of prices: turn them back with np.exp"
    if _rmse(y_new, y_hat / 100_000) < guess:
        return "these look like dollars: the unit is 100,000 dollars"
    if _rmse(y_new, y_hat * y_new.std() + y_new.mean()) < guess:
        return "these look standardized: turn them back with the mean and standard deviation of the targets"
    return "the rows may have lost their order, or the training diverged"


project = Answers(
    judge=_judge_project,
    mistakes=patches(
        """
        always the mean: the same number for all rows
        -     parts = []
        -
        +     return np.full(len(X_new), y_train.mean())
        +
        the plane itself: the pipeline of the chapter beats the plane
        -     parts = []
        -
        +     from sklearn.linear_model import LinearRegression
        +     logs = [np.c_[Z[:, :2], np.log(Z[:, 2:6]), Z[:, 6:]] for Z in (X_train, X_new)]
        +     return LinearRegression().fit(logs[0], y_train).predict(logs[1])
        +
        the trees themselves: trees cut along the axes of the map only
        -     parts = []
        -
        +     return HistGradientBoostingRegressor(random_state=0).fit(X_train, y_train).predict(X_new)
        +
        logarithms: these look like logarithms of prices
        -     parts = []
        -
        +     y_train = np.log(y_train)
        +     return HistGradientBoostingRegressor(random_state=0).fit(X_train, y_train).predict(X_new)
        +
        dollars: these look like dollars
        -     parts = []
        -
        +     y_train = 100_000 * y_train
        +     return HistGradientBoostingRegressor(random_state=0).fit(X_train, y_train).predict(X_new)
        +
        standardized: these look standardized
        -     parts = []
        -
        +     y_train = (y_train - y_train.mean()) / y_train.std()
        +     return HistGradientBoostingRegressor(random_state=0).fit(X_train, y_train).predict(X_new)
        +
        a column: return shape [m], not [m, 1]
        -     parts = []
        -
        +     from sklearn.linear_model import LinearRegression
        +     return LinearRegression().fit(X_train, y_train[:, None]).predict(X_new)
        +
        the training rows: predict X_new
        -     parts = []
        -
        +     from sklearn.linear_model import LinearRegression
        +     return LinearRegression().fit(X_train, y_train).predict(X_train)
        +
        """
    ),
)
