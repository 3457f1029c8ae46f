"""Exercises of the chapter on regression with a multilayer perceptron."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, difference, function_case, prose

# --- mlp-regression/huber -------------------------------------------------------------------------------------------


def huber(y_true, y_pred, delta):
    """The reference: the mean loss, and its gradient with respect to each prediction."""
    e = y_pred - y_true
    terms = np.where(np.abs(e) <= delta, e**2 / 2, delta * (np.abs(e) - delta / 2))
    return terms.mean(), np.clip(e, -delta, delta) / len(e)


def _huber_variant(*, half=0.5, joined=True, averaged=True, sign=1.0, cut=True, scale=None):
    """Return the loss with one thing wrong."""

    def loss(y_true, y_pred, delta):
        e = y_pred - y_true
        straight = delta * (np.abs(e) - delta / 2) if joined else delta * np.abs(e)
        terms = np.where(np.abs(e) <= delta, half * e**2, straight)
        slopes = np.clip(e, -delta, delta) if cut else e
        factor = 1.0 if scale is None else 1 / delta
        gradient = sign * factor * slopes
        return factor * terms.mean(), gradient / len(e) if averaged else gradient

    return loss


HUBER_MISTAKES = (
    Mistake(
        "no one half",
        _huber_variant(half=1.0),
        "small errors cost e²/2, not e²: otherwise the two pieces do not meet at |e| = delta",
    ),
    Mistake(
        "the straight piece does not join",
        _huber_variant(joined=False),
        "the straight piece is delta * (|e| - delta / 2); without the - delta / 2 the loss jumps at |e| = delta",
    ),
    Mistake(
        "the gradient is not averaged",
        _huber_variant(averaged=False),
        "the loss is a mean, so each prediction's share of the gradient is divided by the number of samples too",
    ),
    Mistake(
        "the gradient has the wrong sign",
        _huber_variant(sign=-1.0),
        "the gradient has the wrong sign: a prediction that is too high must have a positive one (e = y_pred - y_true)",
    ),
    Mistake(
        "the gradient is not cut off",
        _huber_variant(cut=False),
        "the gradient grows with the error everywhere; beyond delta it must stay at +delta or -delta",
    ),
    Mistake(
        "smooth L1 instead",
        _huber_variant(scale="delta"),
        "this is the smooth L1 loss, Huber's divided by delta; the two agree for delta = 1 only",
    ),
)


def _huber_cases(rng):
    for shown, n, delta in (
        ("errors on both sides of delta = 0.5", 40, 0.5),
        ("delta = 2", 60, 2.0),
        ("delta = 0.1, with a far outlier", 25, 0.1),
    ):
        y_true = rng.normal(size=n)
        error = np.concatenate([rng.uniform(0.2, 0.9, n // 2) * delta, rng.uniform(1.5, 4.0, n - n // 2) * delta])
        y_pred = y_true + error * rng.choice([-1.0, 1.0], n)
        if delta < 0.5:
            y_pred[0] += 50.0
        yield function_case(
            f"huber(y_true, y_pred, delta): {shown}",
            (y_true, y_pred, delta),
            reference=huber,
            mistakes=HUBER_MISTAKES,
        )


# --- mlp-regression/standardize -------------------------------------------------------------------------------------


def standardize(X_train, X_new):
    """The reference: both tables with the means and standard deviations of the first."""
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    return (X_train - mean) / std, (X_new - mean) / std


def _own_statistics(X_train, X_new):
    return standardize(X_train, X_train)[0], standardize(X_new, X_new)[0]


def _common_statistics(X_train, X_new):
    together = np.concatenate([X_train, X_new])
    return standardize(together, X_train)[1], standardize(together, X_new)[1]


def _over_all_columns(X_train, X_new):
    mean, std = X_train.mean(), X_train.std()
    return (X_train - mean) / std, (X_new - mean) / std


def _divided_by_variance(X_train, X_new):
    mean, variance = X_train.mean(axis=0), X_train.var(axis=0)
    variance = np.where(variance == 0, 1.0, variance)
    return (X_train - mean) / variance, (X_new - mean) / variance


def _not_centered(X_train, X_new):
    std = X_train.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    return X_train / std, X_new / std


def _constant_column(X_train, X_new):
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (X_train - mean) / std, (X_new - mean) / std


CONSTANT_HINT = "a constant column has the standard deviation 0; divide it by 1 instead, so that it becomes 0"
STANDARDIZE_MISTAKES = (
    Mistake(
        "new rows with their own statistics",
        _own_statistics,
        "the new rows must be scaled with the mean and standard deviation of the training rows, as the model saw them",
    ),
    Mistake(
        "statistics of all rows",
        _common_statistics,
        "the statistics come from training and new rows together: that lets the new rows leak into the training",
    ),
    Mistake(
        "one mean for the whole table",
        _over_all_columns,
        "each column has a mean and a standard deviation of its own: use axis=0",
    ),
    Mistake("divided by the variance", _divided_by_variance, "divide by the standard deviation, not by its square"),
    Mistake("not centered", _not_centered, "subtract the mean before you divide"),
    Mistake("a constant column gives nan", _constant_column, CONSTANT_HINT),
)


def _compare_tables(got, expected):
    problem = difference(got, expected)
    if problem and any(np.isnan(np.asarray(table, dtype=float)).any() for table in got):
        return f"{problem}\nhint: {CONSTANT_HINT}"
    return problem


def _standardize_cases(rng):
    for shown, columns, constant in (
        ("one column", 1, False),
        ("four columns of different size", 4, False),
        ("three columns, one of them constant", 3, True),
    ):
        size = 10.0 ** rng.integers(-2, 4, columns)
        center = size * rng.uniform(1, 3, columns)
        X_train = center + size * rng.normal(size=(30, columns))
        X_new = center + 2 * size * rng.normal(size=(12, columns)) + size
        if constant:
            X_train[:, 1], X_new[:, 1] = 7.0, 7.0
        yield function_case(
            f"standardize(X_train, X_new): {shown}",
            (X_train, X_new),
            reference=standardize,
            mistakes=STANDARDIZE_MISTAKES,
            compare=_compare_tables,
        )


EXERCISES = (
    Exercise(
        label="mlp-regression/huber",
        title="Huber's loss and its gradient",
        points=5,
        difficulty=2,
        minutes=15,
        prerequisites=("mlp-regression",),
        statement=prose(r"""
            Huber's loss treats an error $e = \hat{y} - y$ as squared loss, $\tfrac{1}{2} e^2$, where $|e| \le \delta$,
            and as a straight line, $\delta\,(|e| - \tfrac{1}{2} \delta)$, where $|e| > \delta$. Write a function
            `huber(y_true, y_pred, delta)` for `y_true` and `y_pred` of shape $[n]$ and a number `delta`. Return two
            values: the mean loss over the $n$ rows (one number), and the gradient of this mean with respect to
            `y_pred` (shape $[n]$).
        """),
        answer_name="huber",
        stub="""\
import numpy as np


def huber(y_true, y_pred, delta):
    \"\"\"Return the mean loss and its gradient with respect to y_pred.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def huber(y_true, y_pred, delta):
    e = y_pred - y_true
    straight = delta * (np.abs(e) - delta / 2)
    terms = np.where(np.abs(e) <= delta, e**2 / 2, straight)
    return terms.mean(), np.clip(e, -delta, delta) / len(e)
""",
        cases=_huber_cases,
        mistakes=HUBER_MISTAKES,
        hints=(
            "Compute the errors e = y_pred - y_true once; both results follow from them.",
            "`np.where(condition, a, b)` takes a where the condition holds and b elsewhere.",
            "The slope is e between -delta and delta and stays at the ends beyond: that is `np.clip`. Divide by n.",
        ),
    ),
    Exercise(
        label="mlp-regression/standardize",
        title="Standardize without a leak",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("mlp-regression",),
        statement=prose(r"""
            Write a function `standardize(X_train, X_new)` that gets `X_train` of shape $[n, d]$ and `X_new` of shape
            $[m, d]$ and returns both tables, with each column shifted and scaled: from every number subtract the mean
            of its column and divide by the standard deviation of its column, both taken from the *training* rows. A
            column that is constant in the training rows has standard deviation 0: divide it by 1. Use NumPy only.
        """),
        answer_name="standardize",
        stub="""\
import numpy as np


def standardize(X_train, X_new):
    \"\"\"Return both tables, scaled with the statistics of the first.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def standardize(X_train, X_new):
    mean, std = X_train.mean(axis=0), X_train.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    return (X_train - mean) / std, (X_new - mean) / std
""",
        cases=_standardize_cases,
        mistakes=STANDARDIZE_MISTAKES,
        hints=(
            "`X_train.mean(axis=0)` gives one mean a column.",
            "Use the two vectors of the training rows for both tables.",
            "`np.where(std == 0, 1.0, std)` protects against a constant column.",
        ),
    ),
)
