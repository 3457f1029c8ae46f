"""Which hyperparameters mattered in the trials of a search."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold

from coursepkg._validation import as_int


def parameter_importance(trials, columns, *, score="score", n_folds=5, n_repeats=10, seed=0):
    """Return how much worse the score is predicted when the values of one hyperparameter are shuffled.

    A random forest learns to predict the score from the hyperparameters, on a part of the trials, and predicts it for
    the others; so each trial is predicted once by a forest that has not seen it. Then the values of one hyperparameter
    are shuffled among the trials, and the coefficient of determination R² of all these predictions drops.

    Parameters
    ----------
    trials : pandas.DataFrame
        One row a trial; rows without a score are left out. From :func:`coursepkg.deep.tuning.trials_frame`.
    columns : sequence of str
        The hyperparameters. Missing values, of hyperparameters that a trial did not have, are a value of their own.
    score : str, keyword-only
        Column with the score.
    n_folds, n_repeats : int, keyword-only
        Parts into which the trials are divided, and how often each column is shuffled.
    seed : int, keyword-only

    Returns
    -------
    pandas.DataFrame
        One row a hyperparameter, the most important first; columns mean and std of the drop, over the shuffles. Its
        ``attrs["r2"]`` is the R² of the predictions themselves; where it is near 0 or below, the importances mean
        nothing. A drop can exceed it: shuffled, the predictions may be worse than the mean.

    Raises
    ------
    ValueError
        If a column is missing, or fewer than two trials a part have a score.

    Notes
    -----
    Permutation importance (Breiman, 2001, Random forests, section 10) on held-out trials. Two hyperparameters that vary
    together share their importance.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> trials = pd.DataFrame({"rate": rng.random(60), "units": rng.integers(8, 64, 60)})
    >>> trials["score"] = (trials["rate"] - 0.5) ** 2
    >>> parameter_importance(trials, ["rate", "units"]).index.tolist()
    ['rate', 'units']
    """
    columns = list(columns)
    if missing := [name for name in [*columns, score] if name not in trials]:
        raise ValueError(f"trials has no column {missing[0]!r}; there are {', '.join(map(str, trials))}")
    n_folds, n_repeats = as_int(n_folds, "n_folds", low=2), as_int(n_repeats, "n_repeats", low=1)
    scored = trials[np.isfinite(trials[score].astype(float))]
    if len(scored) < 2 * n_folds:
        raise ValueError(f"{len(scored)} trials have a score; {n_folds} folds need at least {2 * n_folds}")
    X, y = np.column_stack([_numbers(scored[name]) for name in columns]), scored[score].to_numpy(float)
    folds = list(KFold(n_folds, shuffle=True, random_state=seed).split(X))
    forests = [RandomForestRegressor(100, random_state=seed).fit(X[train], y[train]) for train, _ in folds]

    def r2(X):
        predicted = np.empty(len(y))
        for forest, (_, test) in zip(forests, folds, strict=True):
            predicted[test] = forest.predict(X[test])
        return float(r2_score(y, predicted))

    rng, unshuffled = np.random.default_rng(seed), r2(X)
    drops = np.empty((n_repeats, len(columns)))
    for repeat in range(n_repeats):
        for column in range(len(columns)):
            shuffled = X.copy()
            shuffled[:, column] = rng.permutation(shuffled[:, column])
            drops[repeat, column] = unshuffled - r2(shuffled)
    table = pd.DataFrame({"mean": drops.mean(axis=0), "std": drops.std(axis=0)}, index=columns)
    table = table.sort_values("mean", ascending=False)
    table.attrs["r2"] = unshuffled
    return table


def _numbers(column):
    """Return a column as numbers; text becomes the position of its value, missing values become -1."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column.astype(float).fillna(column.astype(float).min() - 1).to_numpy()
    return pd.Categorical(column).codes.astype(float)
