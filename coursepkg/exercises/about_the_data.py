"""Exercises of the chapter on the data."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, function_case, prose

# --- about-the-data/standardize -------------------------------------------------------------------------------------


def standardize(train, test):
    """The reference: both tables, scaled with the statistics of the first."""
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / deviation, (test - mean) / deviation


def _each_by_itself(train, test):
    return standardize(train, train)[0], standardize(test, test)[0]


def _together(train, test):
    both = np.concatenate([train, test])
    return standardize(both, train)[1], standardize(both, test)[1]


def _one_number(train, test):
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()


def _by_rows(train, test):
    return tuple((t - t.mean(axis=1, keepdims=True)) / t.std(axis=1, keepdims=True) for t in (train, test))


def _variance(train, test):
    return tuple((t - train.mean(axis=0)) / train.var(axis=0) for t in (train, test))


def _not_centered(train, test):
    return train / train.std(axis=0), test / train.std(axis=0)


STANDARDIZE_MISTAKES = (
    Mistake(
        "the test table with its own statistics",
        _each_by_itself,
        "the test table was scaled with its own mean and deviation; use those of the training table for both",
    ),
    Mistake(
        "statistics of both tables together",
        _together,
        "the test table took part in the mean and the deviation; compute them from the training table alone",
    ),
    Mistake("one number for all columns", _one_number, "one mean for the whole table; each column needs its own"),
    Mistake("rows instead of columns", _by_rows, "the rows were standardized; a feature is a column, so use axis=0"),
    Mistake("divided by the variance", _variance, "you divided by the variance; divide by the standard deviation"),
    Mistake("not centered", _not_centered, "the columns were scaled but not shifted; subtract the mean first"),
)


def _standardize_cases(rng):
    for n_train, n_test in ((50, 20), (200, 5), (30, 300)):
        train = rng.lognormal(size=(n_train, 8)) * rng.uniform(0.1, 1000, size=8)
        test = rng.lognormal(mean=0.5, size=(n_test, 8)) * rng.uniform(0.1, 1000, size=8)
        yield function_case(
            f"standardize(train, test) on {n_train} and {n_test} rows",
            (train, test),
            reference=standardize,
            mistakes=STANDARDIZE_MISTAKES,
        )


# --- about-the-data/nearest-mean ------------------------------------------------------------------------------------


def nearest_mean(X_train, y_train, X_test):
    """The reference: the class whose mean image has the smallest squared distance."""
    means = np.array([X_train[y_train == label].mean(axis=0) for label in range(10)])
    return ((X_test[:, None].astype(float) - means) ** 2).sum(axis=(2, 3)).argmin(axis=1)


def _wrapped(X_train, y_train, X_test):
    means = np.array([X_train[y_train == label].mean(axis=0) for label in range(10)]).astype(np.uint8)
    return ((X_test[:, None] - means) ** 2).sum(axis=(2, 3)).argmin(axis=1)


def _farthest(X_train, y_train, X_test):
    means = np.array([X_train[y_train == label].mean(axis=0) for label in range(10)])
    return ((X_test[:, None].astype(float) - means) ** 2).sum(axis=(2, 3)).argmax(axis=1)


def _signed(X_train, y_train, X_test):
    means = np.array([X_train[y_train == label].mean(axis=0) for label in range(10)])
    return (X_test[:, None].astype(float) - means).sum(axis=(2, 3)).argmin(axis=1)


def _nearest_image(X_train, y_train, X_test):
    distances = ((X_test[:, None].astype(float) - X_train) ** 2).sum(axis=(2, 3))
    return y_train[distances.argmin(axis=1)]


def _first_image(X_train, y_train, X_test):
    firsts = np.array([X_train[y_train == label][0] for label in range(10)])
    return ((X_test[:, None].astype(float) - firsts) ** 2).sum(axis=(2, 3)).argmin(axis=1)


NEAREST_MISTAKES = (
    Mistake(
        "uint8 wraps around",
        _wrapped,
        "the differences wrapped around, because uint8 knows no negative numbers; convert to float first",
    ),
    Mistake("the farthest mean", _farthest, "this is the class whose mean is *farthest*; use argmin"),
    Mistake("differences not squared", _signed, "positive and negative differences cancel; square them before adding"),
    Mistake("the nearest image", _nearest_image, "this is the class of the nearest *image*; compare with class means"),
    Mistake("the first image", _first_image, "each class is represented by its first image; use the mean of all"),
)


def _nearest_cases(rng):
    for n_train, n_test in ((40, 30), (80, 50)):
        # Blurred random prototypes: far enough apart to be a task, close enough that wrong distances give wrong labels.
        prototypes = rng.uniform(60, 180, size=(10, 28, 28))
        labels = np.concatenate([np.arange(10), rng.integers(10, size=n_train - 10)])
        test_labels = rng.integers(10, size=n_test)
        X_train, X_test = (
            np.clip(
                prototypes[y] + rng.normal(0, 90, size=(len(y), 28, 28)) + rng.normal(0, 20, (len(y), 1, 1)), 0, 255
            )
            for y in (labels, test_labels)
        )
        yield function_case(
            f"nearest_mean(X_train, y_train, X_test) on {n_train} and {n_test} images",
            (X_train.astype(np.uint8), labels, X_test.astype(np.uint8)),
            reference=nearest_mean,
            mistakes=NEAREST_MISTAKES,
            compare=_compare_labels,
        )


def _compare_labels(got, expected):
    labels = np.asarray(got)
    if labels.shape != expected.shape:
        return f"the result must hold one label for each test image, shape {expected.shape}; got shape {labels.shape}"
    wrong = int((labels != expected).sum())
    return f"{wrong} of {len(expected)} labels differ from the reference" if wrong else None


EXERCISES = (
    Exercise(
        label="about-the-data/standardize",
        title="Standardize without looking ahead",
        points=4,
        difficulty=1,
        minutes=10,
        statement=prose("""
            Write a function `standardize(train, test)` that gets a training table and a test table, both of shape
            $[n, 8]$ with different $n$. Return both as floats, column by column shifted and scaled such that every
            column of the *training* table has mean 0 and standard deviation 1 (`np.std` with its default settings).
            Scale the test table with the numbers of the training table. Leave the given tables unchanged.
        """),
        answer_name="standardize",
        stub='''\
import numpy as np


def standardize(train, test):
    """Return both tables, scaled with the means and deviations of the first."""
    ...
''',
        solution_source="""\
import numpy as np


def standardize(train, test):
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / deviation, (test - mean) / deviation
""",
        cases=_standardize_cases,
        mistakes=STANDARDIZE_MISTAKES,
        hints=(
            "You need two vectors of eight numbers, both computed from the training table.",
            "train.mean(axis=0) and train.std(axis=0) have the right shape; broadcasting does the rest.",
        ),
    ),
    Exercise(
        label="about-the-data/nearest-mean",
        title="The nearest mean image",
        points=4,
        difficulty=2,
        minutes=15,
        statement=prose("""
            Build a classifier without any training: compute the mean image of each class from the training images, and
            give each test image the class whose mean image is nearest. Measure the distance as the sum of squared
            differences over all pixels. Your function `nearest_mean(X_train, y_train, X_test)` gets `X_train` (`uint8`,
            shape $[n, 28, 28]$), `y_train` (shape $[n]$, values 0 to 9, each at least once) and `X_test` (`uint8`,
            shape $[m, 28, 28]$); it returns the predicted labels, shape $[m]$, and leaves its arguments unchanged.
        """),
        answer_name="nearest_mean",
        stub='''\
import numpy as np


def nearest_mean(X_train, y_train, X_test):
    """Return the label of the nearest mean image for each test image."""
    ...
''',
        solution_source="""\
import numpy as np


def nearest_mean(X_train, y_train, X_test):
    means = np.array([X_train[y_train == label].mean(axis=0) for label in range(10)])
    differences = X_test[:, None].astype(float) - means  # shape [m, 10, 28, 28]
    return (differences**2).sum(axis=(2, 3)).argmin(axis=1)
""",
        cases=_nearest_cases,
        mistakes=NEAREST_MISTAKES,
        hints=(
            "X_train[y_train == 3] are the training images of class 3.",
            "Stack the ten mean images into an array of shape [10, 28, 28]; X_test[:, None] has shape [m, 1, 28, 28].",
            "Convert to float, subtract, square, sum over the last two axes, and take argmin over the classes.",
        ),
    ),
)
