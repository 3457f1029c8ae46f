"""Answers to the exercises on the data."""

from __future__ import annotations

import numpy as np
from sklearn.neighbors import NearestCentroid
from sklearn.preprocessing import StandardScaler

from coursepkg.exercises.answers import Answers, patches


def _scaled(train, test):
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


standardize = Answers(
    reference=_scaled,
    mistakes=patches(
        """
        the test table with its own statistics: the test table was scaled with its own mean and deviation; use those
          of the training table for both
        - (test - mean) / deviation
        + (test - test.mean(axis=0)) / test.std(axis=0)
        statistics of both tables together: the test table took part in the mean and the deviation; compute them from
          the training table alone
        - mean, deviation = train.mean(axis=0), train.std(axis=0)
        + both = np.concatenate([train, test]); mean, deviation = both.mean(axis=0), both.std(axis=0)
        - def standardize
        + import numpy as np
        +
        +
        + def standardize
        one number for all columns: one mean for the whole table; each column needs its own
        - axis=0
        rows instead of columns: the rows were standardized; a feature is a column, so use axis=0
        - axis=0
        + axis=1
        divided by the variance: you divided by the variance; divide by the standard deviation
        - train.std
        + train.var
        not centered: the columns were scaled but not shifted; subtract the mean first
        -  - mean
        """
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


nearest_mean = Answers(
    reference=_nearest_centroid,
    compare=_compare_labels,
    mistakes=patches(
        """
        uint8 wraps around: the differences wrapped around, because uint8 knows no negative numbers; convert to float
          first
        - .astype(float)
        +
        - in range(10)])
        + in range(10)]).astype(np.uint8)
        the farthest mean: this is the class whose mean is *farthest*; use argmin
        - argmin
        + argmax
        differences not squared: positive and negative differences cancel; square them before adding
        - (differences**2)
        + differences
        the nearest image: this is the class of the nearest *image*; compare with class means
        - np.array([X_train[y_train == label].mean(axis=0) for label in range(10)])
        + X_train
        - (differences**2).sum(axis=(2, 3)).argmin(axis=1)
        + y_train[(differences**2).sum(axis=(2, 3)).argmin(axis=1)]
        the first image: each class is represented by its first image; use the mean of all
        - .mean(axis=0)
        + [0]
        """
    ),
)
