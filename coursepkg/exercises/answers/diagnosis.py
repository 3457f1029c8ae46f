"""Answers to the exercises on diagnosis."""

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import StandardScaler

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches

# --- diagnosis/update-ratio -----------------------------------------------------------------------------------------


def _by_sums(before, after):
    found = []
    for old, new in zip(before, after, strict=True):
        moved, size = float(((new - old) ** 2).sum()), float((old**2).sum())
        found.append((moved / size) ** 0.5 if size else (np.inf if moved else 0.0))
    return found


update_ratio = Answers(
    reference=_by_sums,
    mistakes=patches(
        """
        relative to the new weights: divide by the size of the weights before the step
        - np.linalg.norm(old)
        + np.linalg.norm(new)
        the other way around: the update stands above the fraction bar, the weights below
        - update / weights
        + weights / update if update else np.inf
        means of sizes: the size is the square root of the sum of squares, not the mean of absolute values
        - np.linalg.norm(new - old), np.linalg.norm(old)
        + np.abs(new - old).mean(), np.abs(old).mean()
        squares without the root: take the square root of the sum of squares
        - update / weights
        + update**2 / weights**2
        always infinite: weights that are 0 and stay 0 have the ratio 0.0
        - 0.0 if update == 0 else np.inf
        + np.inf
        never infinite: weights that were 0 and moved have the ratio np.inf
        - 0.0 if update == 0 else np.inf
        + 0.0
        a difference of sizes: the update is the difference of the arrays; weights can move without a change in size
        - np.linalg.norm(new - old)
        + abs(np.linalg.norm(new) - np.linalg.norm(old))
        """
    ),
)


# --- diagnosis/repair-preparation -----------------------------------------------------------------------------------


def _with_a_scaler(X, y, order, n_valid):
    kept, held = order[n_valid:], order[:n_valid]
    scaler = StandardScaler().fit(X[kept])
    return scaler.transform(X[kept]), y[kept], scaler.transform(X[held]), y[held]


repair_preparation = Answers(
    reference=_with_a_scaler,
    mistakes=patches(
        """
        the labels keep their old order: bring y into the same order as X, or rows and labels do not belong together
        - X[order], y[order]
        + X[order], y
        means of all rows: means and standard deviations may come from the training rows only
        - kept.mean(axis=0), kept.std(axis=0)
        + X.mean(axis=0), X.std(axis=0)
        validation scaled by itself: use the means and standard deviations of the training rows for validation rows too
        - (held - center) / spread
        + (held - held.mean(axis=0)) / held.std(axis=0)
        validation not scaled: the validation rows must be standardized as well
        - (held - center) / spread
        + held
        one mean for all columns: each column has a mean and a standard deviation of its own: axis=0
        - kept.mean(axis=0), kept.std(axis=0)
        + kept.mean(), kept.std()
        the last rows for validation: the first n_valid rows of the new order are for validation
        - held, kept = rows[:n_valid], rows[n_valid:]
        + kept, held = rows[:-n_valid], rows[-n_valid:]
        the spread forgotten: divide by the standard deviation too
        - (kept - center) / spread
        + kept - center
        """
    ),
)


# --- diagnosis/read-curves ------------------------------------------------------------------------------------------

WORDS = ("NaN", "exploding", "flat", "overfitting", "nothing")


def _compare_words(got, expected):
    if got not in WORDS:
        return f"expected one of {', '.join(map(repr, WORDS))}; got {shorten(got)}"
    return None if got == expected else f"expected {expected!r}; got {got!r}"


read_curves = Answers(
    compare=_compare_words,
    mistakes=patches(
        """
        infinity is overlooked: infinity is not finite either: np.isfinite notices both
        - not np.isfinite(loss).all()
        + np.isnan(loss).any()
        only the last loss: any loss of the run may be the one that is not finite
        - not np.isfinite(loss).all()
        + not np.isfinite(loss[-1])
        the largest instead of the last: a bump that is over at the end is no explosion: look at the last loss
        - if loss[-1] > 2 * loss[0]
        + if max(loss) > 2 * loss[0]
        more than the smallest: the explosion is measured from the first loss, not from the smallest
        - loss[-1] > 2 * loss[0]
        + loss[-1] > 2 * min(loss)
        flat is forgotten: a training loss that hardly moves is flat, whatever the validation loss does
        -     if max(loss) - min(loss) < 0.02 * loss[0]:
        -         return "flat"
        +
        training is not looked at: it is overfitting only if the training loss went on falling since the turn
        -  and loss[-1] < loss[turn]
        +
        every rise counts: a small rise is noise: the last validation loss must exceed 1.15 times the smallest
        - 1.15 * val_loss[turn]
        + val_loss[turn]
        """
    ),
)


# --- diagnosis/count-leaks ------------------------------------------------------------------------------------------


def _by_differences(train, valid, decimals):
    train, valid = np.round(train, decimals), np.round(valid, decimals)
    return float((valid[:, None] == train[None]).all(axis=2).any(axis=1).mean())


count_leaks = Answers(
    reference=_by_differences,
    mistakes=patches(
        """
        not rounded: round both arrays first: rows may differ by rounding
        - np.round(train, decimals).tolist()
        + train.tolist()
        - np.round(valid, decimals).tolist()
        + valid.tolist()
        one column is enough: a row leaks only if all of its columns are equal
        - tuple(row) in known
        + row[0] in {other[0] for other in known}
        the share of training rows: divide by the number of validation rows
        - / len(found)
        + / len(train)
        a number instead of a share: return the share, a float from 0 to 1, not the number of rows
        - sum(found) / len(found)
        + sum(found)
        the wrong direction: ask of each validation row whether it stands in the training data
        - for row in np.round(train, decimals)
        + for row in np.round(valid, decimals)
        - for row in np.round(valid, decimals).tolist()]
        + for row in np.round(train, decimals).tolist()]
        rows that are alike counted once: a row that stands in the validation set twice counts twice
        - return sum(found) / len(found)
        + return len(known & {tuple(row) for row in np.round(valid, decimals).tolist()}) / len(valid)
        """
    ),
)
