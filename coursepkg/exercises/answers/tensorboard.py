"""Answers to the exercises on TensorBoard."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.compare import difference

# --- tensorboard/learning-rates -------------------------------------------------------------------------------------

TRAINING = "these are the training losses; the validation losses lie in `validation`"
LAST = "this is the last epoch; asked for is the one with the lowest loss"
HIGHEST = "this is the epoch with the highest loss"
FROM_0 = "epochs are counted from 0, as in the event file: take the `step` of the event"
ORDER = "the epoch comes first, then the loss"
SAMPLED = "the epoch with the lowest loss was not read: without size_guidance the reader keeps 10 events by chance"


def _best(losses):
    return int(np.argmin(losses)), float(np.min(losses))


def _wrong_pairs(train, validation):
    """Yield what a wrong program may return for a run, with what to say to that."""
    epoch, loss = _best(validation)
    yield _best(train), TRAINING
    yield (len(validation) - 1, validation[-1]), LAST
    yield (int(np.argmax(validation)), validation.max()), HIGHEST
    yield (epoch + 1, loss), FROM_0
    yield (loss, epoch), ORDER
    for point in enumerate(validation):
        yield point, SAMPLED


def _judge_runs(got, *, runs):
    if not isinstance(got, dict) or set(got) != set(runs):
        keys = sorted(map(str, got)) if isinstance(got, dict) else shorten(got)
        return f"expected a dictionary with one key for each folder in log_dir, here {sorted(runs)}; got {keys}"
    for name, run in runs.items():
        no_pair = f"expected (epoch, loss) for each run; got {shorten(got[name])} for {name!r}"
        if not isinstance(got[name], (tuple, list)) or len(got[name]) != 2:
            return no_pair
        try:
            pair = np.array(got[name], dtype=float)
        except (TypeError, ValueError):
            return no_pair
        if not _near(pair, _best(run["validation"])):
            problem = f"for {name!r} the epoch or the loss is not that of the lowest validation loss"
            hints = (f"\nhint: {hint}" for wrong, hint in _wrong_pairs(**run) if _near(pair, wrong))
            return problem + next(hints, "")
    return None


def _near(pair, wanted):
    return np.shape(pair) == (2,) and np.allclose(pair, wanted, rtol=1e-5, atol=1e-6)


learning_rates = Answers(
    judge=_judge_runs,
    mistakes=patches(
        """
        training losses: these are the training losses; the validation losses lie in `validation`
        - "validation"
        + "train"
        the last epoch: this is the last epoch; asked for is the one with the lowest loss
        - int(np.argmin(losses))
        + -1
        the highest loss: this is the epoch with the highest loss
        - argmin
        + argmax
        counted from 1: epochs are counted from 0, as in the event file: take the `step` of the event
        - points[lowest].step
        + points[lowest].step + 1
        loss before epoch: the epoch comes first, then the loss
        - (points[lowest].step, losses[lowest])
        + (points[lowest].step, losses[lowest])[::-1]
        ten events by chance: the epoch with the lowest loss was not read: without size_guidance the reader keeps 10
          events by chance
        - , all_of_them
        one run only: one key for each folder in log_dir
        - best[run.name]
        + best["best"]
        """
    ),
)

# --- tensorboard/smoothing ------------------------------------------------------------------------------------------


def _weighted_means(values, weight):
    """Return the same curve in another form: each value is a mean of those so far, older ones with less weight."""
    shown, finite = values.copy(), np.isfinite(values)
    for i in np.flatnonzero(finite):
        past = values[: i + 1][finite[: i + 1]]
        shown[i] = np.average(past, weights=weight ** np.arange(len(past))[::-1])
    return shown


def _compare_curves(got, expected):
    """Compare two curves; NaN must stand where it is expected."""
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"the result must be numeric; got {shorten(got)}"
    if array.shape != expected.shape:
        return f"the result must have shape {expected.shape}; got shape {array.shape}"
    gaps, got_at = (np.flatnonzero(np.isnan(curve)).tolist() for curve in (expected, array))
    if got_at != gaps:
        return f"expected NaN at the positions {gaps}; got it at {got_at}"
    return difference(array[~np.isnan(array)], expected[~np.isnan(expected)])


smoothing = Answers(
    reference=_weighted_means,
    compare=_compare_curves,
    mistakes=patches(
        """
        not corrected: the first values are pulled toward 0: divide by 1 - w^t, with t counted from 1
        - average / (1 - weight**count)
        + average
        starts at the first value: the average starts at 0, not at the first value; the division makes up for that
        - average / (1 - weight**count)
        + average
        - = 0.0, 0
        + = values[0], 0
        weights exchanged: w belongs to the average so far, 1 - w to the new value
        -     average, count
        +     weight = 1 - weight
        +     average, count
        the corrected value goes on: keep the uncorrected average for the next step; the corrected one is only shown
        - value = average /
        + value = average = average /
        gaps counted: t counts finite values only, not the gaps
        -             count += 1
        -
        +
        -         if np
        +         count += 1
        +         if np
        gaps spread: after a gap everything is NaN: leave a value that is not finite out of the average
        - np.isfinite(value)
        + True
        """
    ),
)

# --- tensorboard/repair-batch-losses --------------------------------------------------------------------------------


def _batch_losses(means, n_batches):
    """Return the losses by a sum that is kept from one batch to the next, as Keras does, the other way round."""
    losses, total = [], 0.0
    for i, mean in enumerate(means):
        batch = i % n_batches
        if batch == 0:
            total = 0.0
        losses.append((batch + 1) * mean - total)
        total = (batch + 1) * mean
    return np.array(losses)


repair_batch_losses = Answers(
    reference=_batch_losses,
    mistakes=patches(
        """
        counted from 0: the k-th mean is of k batches, and k counts from 1
        - np.arange(1, n_batches + 1)
        + np.arange(n_batches)
        one long epoch: the mean begins anew with each epoch
        - (-1, n_batches)
        + (1, -1)
        - np.arange(1, n_batches + 1)
        + np.arange(1, len(means) + 1)
        the first batch lost: the first batch of each epoch needs a 0 before it
        - , prepend=0
        along the epochs: neighbors are the batches of one epoch
        - axis=1
        + axis=0
        means without their counts: a mean of k batches is a sum only after multiplying by k
        - np.arange(1, n_batches + 1) * rows
        + rows
        the means themselves: these are the means; the loss of a batch is what it adds to the sum
        - np.diff(sums, axis=1, prepend=0).ravel()
        + rows.ravel()
        """
    ),
)
