"""Answers to the exercises on data and augmentation."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches

# --- data-and-augmentation/mixup ------------------------------------------------------------------------------------


def _row_by_row(X, Y, share, partner):
    def rows_of(A):
        return np.array([s * A[i] + (1 - s) * A[partner[i]] for i, s in enumerate(share)])

    return rows_of(X), rows_of(Y)


mixup = Answers(
    reference=_row_by_row,
    mistakes=patches(
        """
        labels not mixed: the targets are mixed in the same proportion as the inputs
        - t * Y + (1 - t) * Y[partner]
        + Y
        shares exchanged: share belongs to the row itself, 1 - share to its partner
        - s * X + (1 - s) * X[partner], t * Y + (1 - t) * Y[partner]
        + (1 - s) * X + s * X[partner], (1 - t) * Y + t * Y[partner]
        labels the other way round: inputs and targets must use the same share for the row itself
        - t * Y + (1 - t) * Y[partner]
        + (1 - t) * Y + t * Y[partner]
        one share for all: each row has a share of its own
        - share.reshape(-1, *[1] * (X.ndim - 1))
        + share[0]
        the label of the larger share: targets are mixtures too; do not round them to one class
        - t * Y + (1 - t) * Y[partner]
        + np.where(t >= 0.5, Y, Y[partner])
        only pictures with channels: the number of axes of X may differ; share needs as many axes as X
        - share.reshape(-1, *[1] * (X.ndim - 1))
        + share[:, None, None, None]
        partners added, not mixed: the row itself must lose what its partner brings in
        - s * X + (1 - s)
        + X + (1 - s)
        """
    ),
)


# --- data-and-augmentation/repair-leak ------------------------------------------------------------------------------


def _with_sklearn(X, y, n_train, k):
    from sklearn.feature_selection import SelectKBest
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler

    # for two classes the F statistic grows with the size of the correlation
    steps = make_pipeline(SelectKBest(k=k), MinMaxScaler()).fit(X[:n_train], y[:n_train])
    return steps.transform(X[:n_train]), steps.transform(X[n_train:])


repair_leak = Answers(
    reference=_with_sklearn,
    mistakes=patches(
        """
        columns still chosen on all rows: the choice of the columns learns from the labels, so it may see training rows
          only
        - abs(np.corrcoef(column, y[:n_train])[0, 1]) for column in train.T
        + abs(np.corrcoef(column, y)[0, 1]) for column in X.T
        the sign still counts: a strongly negative correlation tells as much as a positive one: take the absolute value
        - abs(np.corrcoef(column, y[:n_train])[0, 1])
        + np.corrcoef(column, y[:n_train])[0, 1]
        range still from all rows: minimum and maximum must come from the training rows
        - low, high = train[:, chosen].min(axis=0), train[:, chosen].max(axis=0)
        + low, high = kept.min(axis=0), kept.max(axis=0)
        each part scaled by itself: validation rows are scaled with the minimum and maximum of the training rows
        - scaled[n_train:]
        + (kept[n_train:] - kept[n_train:].min(axis=0)) / np.ptp(kept[n_train:], axis=0)
        cut to the range: values of validation rows may lie outside of 0 and 1; do not cut them off
        -     return scaled[:n_train], scaled[n_train:]
        +     scaled = np.clip(scaled, 0, 1)
        +     return scaled[:n_train], scaled[n_train:]
        the weakest columns: argsort begins with the smallest: the last k are the largest
        - [-k:]
        + [:k]
        in the order of strength: keep the columns in the order of the table: sort their numbers
        - np.sort(np.argsort(r)[-k:])
        + np.argsort(r)[::-1][:k]
        divided by the maximum: the range goes from minimum to maximum: divide by their difference
        - / (high - low)
        + / high
        """
    ),
)


# --- data-and-augmentation/box --------------------------------------------------------------------------------------


def _count_pixels(top, left, box, picture):
    height, width = picture
    rows, columns = np.mgrid[:height, :width]
    inside = (top <= rows) & (rows < top + box[0]) & (left <= columns) & (columns < left + box[1])
    return 1 - inside.mean()


box = Answers(
    reference=_count_pixels,
    mistakes=patches(
        """
        what sticks out still counts: only the part of the box inside of the picture covers anything
        - max(rows, 0) * max(columns, 0)
        + box[0] * box[1]
        the covered share: the share that the box does not cover is wanted: 1 minus the covered one
        - 1 - covered / (picture[0] * picture[1])
        + covered / (picture[0] * picture[1])
        top and left not cut off: a box that begins at row -2 covers the picture from row 0 on
        - max(top, 0)
        + top
        - max(left, 0)
        + left
        bottom and right not cut off: the covered rows end at the height of the picture at the latest
        - min(top + box[0], picture[0])
        + (top + box[0])
        - min(left + box[1], picture[1])
        + (left + box[1])
        a box outside: a box that lies completely outside has a negative number of rows or columns; it covers nothing
        - max(rows, 0) * max(columns, 0)
        + rows * columns
        divided by the box: divide by the area of the picture, not by that of the box
        - picture[0] * picture[1])
        + box[0] * box[1])
        sides in place of areas: shares of an area multiply height and width; do not average the two
        - 1 - covered / (picture[0] * picture[1])
        + 1 - (max(rows, 0) / picture[0] + max(columns, 0) / picture[1]) / 2
        """
    ),
)
