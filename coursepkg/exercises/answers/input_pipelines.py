"""Answers to the exercises on input pipelines."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches

# --- input-pipelines/repair-split -----------------------------------------------------------------------------------


def _labels(batches):
    return [label for _, labels in batches for label in np.ravel(labels).tolist()]


def _judge_epochs(got, *, y, n_valid, size):
    train, valid = got
    if max(map(len, [*train, *valid])) >= 100:
        return "a dataset gives batches without end\nhint: `fit` begins each epoch anew by itself; leave `repeat` out"
    for batches in (*train, *valid):
        for X, labels in batches:
            if len(X) != len(labels) or not np.array_equal(X, np.stack([labels, -labels], axis=1)):
                return "a batch holds rows of X whose labels are those of other rows"
        sizes = [len(labels) for _, labels in batches]
        if sizes[:-1] != [size] * (len(batches) - 1):
            hint = "shuffle rows, and not batches: only the last batch may be smaller"
            return f"expected batches of {size} rows; got {sizes}\nhint: {hint}"
    return _judge_rows(
        [_labels(batches) for batches in train], [_labels(batches) for batches in valid], y, n_valid
    ) or (_judge_mixing(train))


def _judge_rows(train, valid, y, n_valid):
    """Say whether the rows are where they belong."""
    if len(valid[0]) != n_valid:
        hint = "split rows, and make batches of them afterwards"
        return f"expected {n_valid} rows for validation; got {len(valid[0])}\nhint: {hint}"
    if set(valid[0]) != set(valid[1]):
        hint = "`shuffle` draws a new order each time, unless it has `reshuffle_each_iteration=False`"
        return f"going through the validation rows twice gives different rows\nhint: {hint}"
    if shared := set(valid[0]) & {label for epoch in train for label in epoch}:
        hint = "split before you shuffle, or keep one order for `take` and `skip`"
        return f"{len(shared)} of {n_valid} validation rows occur in training\nhint: {hint}"
    rest = sorted(set(y.tolist()) - set(valid[0]))
    for epoch in train:
        if sorted(epoch) != rest:
            hint = "each of the other rows once; the last batch may be smaller"
            return f"expected {len(rest)} different rows in an epoch; got {len(epoch)} rows\nhint: {hint}"
    if set(valid[0]) in (set(y[:n_valid].tolist()), set(y[-n_valid:].tolist())):
        return "the validation rows are one end of the data\nhint: they are to be chosen at random: shuffle first"
    return None


def _judge_mixing(train):
    first, second = (_labels(batches) for batches in train[:2])
    if first == second:
        return "each epoch has the same order\nhint: shuffle the training rows once more, behind the split"
    together = [{frozenset(np.ravel(labels).tolist()) for _, labels in batches} for batches in train]
    if together[0] == together[1]:
        return "the same rows are together in a batch in each epoch\nhint: shuffle rows, and not batches"
    return None


repair_split = Answers(
    judge={"epochs": _judge_epochs},
    mistakes=patches(
        """
        a new order each time: `shuffle` draws a new order each time
        - , reshuffle_each_iteration=False
        batches shuffled: shuffle rows, and not batches
        - .shuffle(len(X), seed=seed).batch(batch_size)
        + .batch(batch_size).shuffle(len(X), seed=seed)
        without end: leave `repeat` out
        - return train, valid
        + return train.repeat(), valid
        never mixed again: shuffle the training rows once more
        - rows.skip(n_valid).shuffle(len(X), seed=seed)
        + rows.skip(n_valid)
        batches split: split rows, and make batches of them afterwards
        - rows.take(n_valid).batch(batch_size)
        + rows.batch(batch_size).take(n_valid)
        the first rows: they are to be chosen at random
        -     rows = rows.shuffle(len(X), seed=seed, reshuffle_each_iteration=False)
        -
        +
        the rest dropped: the last batch may be smaller
        - seed=seed).batch(batch_size)
        + seed=seed).batch(batch_size, drop_remainder=True)
        validation trained on: split before you shuffle
        - rows.skip(n_valid)
        + rows
        """
    ),
)

# --- input-pipelines/balanced ---------------------------------------------------------------------------------------


def _judge_balanced(got, *, y, per_class):
    first, again, later = got
    classes, counts = np.unique(y, return_counts=True)
    expected = counts.min() // per_class
    if len(first) != expected:
        hint = "the rarest class has to fill each batch: count its rows"
        return f"expected {expected} batches an epoch; got {len(first)}\nhint: {hint}"
    for X, labels in (*first, *later):
        rows = np.asarray(X)[:, 0].astype(int)
        if len(rows) != len(labels) or not np.array_equal(y[rows], labels):
            return "a batch holds rows of X with the labels of other rows"
        found = [int((np.asarray(labels) == k).sum()) for k in classes]
        if found != [per_class] * len(classes):
            hint = "`per_class` rows of each class that occurs in `y`"
            return f"expected {per_class} rows of each class in a batch; got {found}\nhint: {hint}"
    drawn = [np.concatenate([np.asarray(X)[:, 0] for X, _ in epoch]) for epoch in (first, again, later)]
    if not np.array_equal(np.sort(drawn[0]), np.sort(drawn[1])) or not np.array_equal(drawn[0], drawn[1]):
        hint = "draw in `on_epoch_end`, not in `__getitem__`"
        return f"asking twice for the same batch gives different rows\nhint: {hint}"
    if len(set(drawn[0].tolist())) < len(drawn[0]):
        return "a row comes twice in an epoch\nhint: mix the rows of a class and cut the result into pieces"
    if np.array_equal(drawn[0], drawn[2]):
        return "after `on_epoch_end` the same rows come again\nhint: draw a new order there"
    return None


balanced = Answers(
    judge={"balanced": _judge_balanced},
    mistakes=patches(
        """
        never mixed: draw a new order there
        - [self.rng.permutation(rows) for rows in classes]
        + classes
        the same order in each epoch: draw a new order there
        - self.rng.permutation(rows)
        + np.random.default_rng(0).permutation(rows)
        with repetition: mix the rows of a class and cut
        - self.rng.permutation(rows)
        + self.rng.choice(rows[:-2], len(rows))
        as many batches as the largest class: the rarest class has to fill
        - min(map
        + max(map
        rounded up: the rarest class has to fill
        - min(map(len, self.rows)) // self.per_class
        + -(-min(map(len, self.rows)) // self.per_class) + 1
        drawn in each call: draw in `on_epoch_end`
        - rows[part] for rows
        + self.rng.permutation(rows)[part] for rows
        labels of other rows: with the labels of other rows
        - self.y[chosen]
        + self.y[np.sort(chosen)]
        one class left out: rows of each class that occurs
        - for rows in self.rows])
        + for rows in self.rows[1:]])
        """
    ),
)
