"""Answers to the exercises on the data."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import StandardScaler

from coursepkg.exercises.answers import Answers, patch


def _scaled(train, test):
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


standardize = Answers(
    reference=_scaled,
    mistakes=(
        patch(
            "the test table with its own statistics",
            "(test - mean) / deviation",
            "(test - test.mean(axis=0)) / test.std(axis=0)",
            "the test table was scaled with its own mean and deviation; use those of the training table for both",
        ),
        patch(
            "statistics of both tables together",
            "mean, deviation = train.mean(axis=0), train.std(axis=0)",
            "both = np.concatenate([train, test]); mean, deviation = both.mean(axis=0), both.std(axis=0)",
            "the test table took part in the mean and the deviation; compute them from the training table alone",
            ("def standardize", "import numpy as np\n\n\ndef standardize"),
        ),
        patch(
            "one number for all columns",
            "axis=0",
            "",
            "one mean for the whole table; each column needs its own",
        ),
        patch(
            "rows instead of columns",
            "axis=0",
            "axis=1",
            "the rows were standardized; a feature is a column, so use axis=0",
        ),
        patch(
            "divided by the variance",
            "train.std",
            "train.var",
            "you divided by the variance; divide by the standard deviation",
        ),
        patch(
            "not centered",
            " - mean",
            "",
            "the columns were scaled but not shifted; subtract the mean first",
        ),
    ),
)


def _nearest_centroid(X_train, y_train, X_test):
    train, test = (X.reshape(len(X), -1).astype(float) for X in (X_train, X_test))
    return NearestCentroid().fit(train, y_train).predict(test)


def _compare_labels(got, expected):
    labels = np.asarray(got)
    if labels.shape != expected.shape:
        return f"the result must hold one label for each test image, shape {expected.shape}; got shape {labels.shape}"
    wrong = int((labels != expected).sum())
    return f"{wrong} of {len(expected)} labels differ from the reference" if wrong else None


RETURNED = "(differences**2).sum(axis=(2, 3)).argmin(axis=1)"
nearest_mean = Answers(
    reference=_nearest_centroid,
    compare=_compare_labels,
    mistakes=(
        patch(
            "uint8 wraps around",
            ".astype(float)",
            "",
            "the differences wrapped around, because uint8 knows no negative numbers; convert to float first",
            ("in range(10)])", "in range(10)]).astype(np.uint8)"),
        ),
        patch("the farthest mean", "argmin", "argmax", "this is the class whose mean is *farthest*; use argmin"),
        patch(
            "differences not squared",
            "(differences**2)",
            "differences",
            "positive and negative differences cancel; square them before adding",
        ),
        patch(
            "the nearest image",
            "np.array([X_train[y_train == label].mean(axis=0) for label in range(10)])",
            "X_train",
            "this is the class of the nearest *image*; compare with class means",
            (RETURNED, f"y_train[{RETURNED}]"),
        ),
        patch(
            "the first image",
            ".mean(axis=0)",
            "[0]",
            "each class is represented by its first image; use the mean of all",
        ),
    ),
)
