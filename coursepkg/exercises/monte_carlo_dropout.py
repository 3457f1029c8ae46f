"""Exercises of the chapter on Monte Carlo dropout."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, difference, function_case, prose

# --- monte-carlo-dropout/split --------------------------------------------------------------------------------------


def _entropy(P):
    return -(P * np.log(np.where(P > 0, P, 1))).sum(axis=-1)


def split_uncertainty(samples):
    """The reference: entropy of the mean, and what of it is not in the single samples."""
    total = _entropy(samples.mean(axis=0))
    return total, total - _entropy(samples).mean(axis=0)


def _total_of_single(samples):
    mean = _entropy(samples).mean(axis=0)
    return mean, split_uncertainty(samples)[1]


def _second_is_single(samples):
    return split_uncertainty(samples)[0], _entropy(samples).mean(axis=0)


def _base_two(samples):
    return tuple(part / np.log(2) for part in split_uncertainty(samples))


def _wrong_sign(samples):
    total, disagreement = split_uncertainty(samples)
    return total, -disagreement


def _standard_deviation(samples):
    return split_uncertainty(samples)[0], samples.std(axis=0).mean(axis=1)


def _log_of_zero(samples):
    def entropy(P):
        with np.errstate(divide="ignore", invalid="ignore"):
            return -(P * np.log(P)).sum(axis=-1)

    total = entropy(samples.mean(axis=0))
    return total, total - entropy(samples).mean(axis=0)


def _compare_split(got, expected):
    problem = difference(got, expected)
    if (
        problem
        and isinstance(got, (tuple, list))
        and any(np.isnan(np.asarray(part, dtype=float)).any() for part in got)
    ):
        return f"{problem}\nhint: {ZERO_HINT}"  # NaN equals nothing, so no mistake below would be recognized
    return problem


ZERO_HINT = "a probability can be 0: its term p ln p is 0, but NumPy's 0 · log(0) is NaN"
SPLIT_MISTAKES = (
    Mistake("total from single samples", _total_of_single, "total: first take the mean over the samples, then entropy"),
    Mistake("second is the mean entropy", _second_is_single, "the second result is what remains: subtract"),
    Mistake("base 2", _base_two, "use the natural logarithm, np.log"),
    Mistake("sign", _wrong_sign, "the disagreement is the total minus the mean entropy of the samples, never below 0"),
    Mistake("standard deviation", _standard_deviation, "the disagreement is a difference of two entropies"),
    Mistake("0 ln 0", _log_of_zero, ZERO_HINT),
)


def _split_cases(rng):
    for shown, concentration in (("samples that agree", 50.0), ("samples that differ", 0.3)):
        center = rng.dirichlet(np.ones(4), size=5)
        samples = rng.gamma(concentration * center + 0.05, size=(30, 5, 4))
        yield _split_case(shown, samples / samples.sum(axis=-1, keepdims=True))
    yield _split_case("every sample is sure", np.eye(3)[rng.integers(3, size=(20, 6))])


def _split_case(shown, samples):
    return function_case(
        f"split_uncertainty(samples): {shown}",
        (samples,),
        reference=split_uncertainty,
        mistakes=SPLIT_MISTAKES,
        compare=_compare_split,
    )


# --- monte-carlo-dropout/ece ----------------------------------------------------------------------------------------


def _bins(y, P, n_bins):
    """Return the count, accuracy, mean confidence and center of each bin that holds any answer."""
    confidence, right = P.max(axis=1), P.argmax(axis=1) == y
    place = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    filled = [place == b for b in range(n_bins) if (place == b).any()]
    centers = [(b + 0.5) / n_bins for b in range(n_bins) if (place == b).any()]
    return np.array([(m.sum(), right[m].mean(), confidence[m].mean()) for m in filled]).T, np.array(centers)


def calibration_error(y, P, n_bins):
    """The reference: the mean distance between accuracy and confidence of the bins, weighted by their counts."""
    (count, accuracy, confidence), _ = _bins(y, P, n_bins)
    return float(count @ np.abs(accuracy - confidence) / len(y))


def _unweighted(y, P, n_bins):
    (_, accuracy, confidence), _ = _bins(y, P, n_bins)
    return float(np.abs(accuracy - confidence).mean())


def _signed(y, P, n_bins):
    (count, accuracy, confidence), _ = _bins(y, P, n_bins)
    return float(count @ (accuracy - confidence) / len(y))


def _largest(y, P, n_bins):
    (_, accuracy, confidence), _ = _bins(y, P, n_bins)
    return float(np.abs(accuracy - confidence).max())


def _centers(y, P, n_bins):
    (count, accuracy, _), centers = _bins(y, P, n_bins)
    return float(count @ np.abs(accuracy - centers) / len(y))


def _true_class(y, P, n_bins):
    confidence, right = P[np.arange(len(y)), y], P.argmax(axis=1) == y
    place = np.minimum((confidence * n_bins).astype(int), n_bins - 1)
    masks = [place == b for b in range(n_bins)]
    return float(sum(abs(right[m].mean() - confidence[m].mean()) * m.mean() for m in masks if m.any()))


def _no_bins(y, P, n_bins):
    return float(np.abs((P.argmax(axis=1) == y) - P.max(axis=1)).mean())


ECE_MISTAKES = (
    Mistake("unweighted", _unweighted, "weight each bin by the share of the answers that it holds"),
    Mistake("signed", _signed, "take the distance in each bin before you add: otherwise errors cancel"),
    Mistake("the largest", _largest, "add the distances of all bins, weighted; this is the largest one"),
    Mistake("centers of the bins", _centers, "the confidence of a bin is the mean of the confidences in it"),
    Mistake("the true class", _true_class, "the confidence is the highest probability, whichever class is true"),
    Mistake("single answers", _no_bins, "take the distance between the means of a bin, not for each answer"),
)


def _ece_cases(rng):
    for shown, sharpness, n_bins in (("a modest network", 0.7, 10), ("an overconfident network", 2.5, 15)):
        logits = 1.5 * rng.normal(size=(300, 4))
        y = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)  # drawn from the softmax of the logits
        P = np.exp(sharpness * logits)
        yield function_case(
            f"calibration_error(y, P, {n_bins}): {shown}",
            (y, P / P.sum(axis=1, keepdims=True), n_bins),
            reference=calibration_error,
            mistakes=ECE_MISTAKES,
        )


# --- monte-carlo-dropout/one-call -----------------------------------------------------------------------------------


def sample_at_once(predict, X, n_samples):
    """The reference: all copies of all rows in one batch."""
    P = predict(np.tile(X, (n_samples, 1)))
    return P.reshape(n_samples, len(X), -1)


def _loop(predict, X, n_samples):
    return np.stack([predict(X) for _ in range(n_samples)])


def _row_by_row(predict, X, n_samples):
    return np.stack([predict(np.tile(row, (n_samples, 1))) for row in X], axis=1)


def _mixed_up(predict, X, n_samples):
    return predict(np.repeat(X, n_samples, axis=0)).reshape(n_samples, len(X), -1)


def _copied(predict, X, n_samples):
    return np.stack([predict(X)] * n_samples)


def _rows_first(predict, X, n_samples):
    return sample_at_once(predict, X, n_samples).swapaxes(0, 1)


def _averaged(predict, X, n_samples):
    return sample_at_once(predict, X, n_samples).mean(axis=0)


CALL_HINTS = {
    "calls": "put all copies of all instances into one batch, and call predict once",
    "mixed": "np.repeat puts the copies of one instance side by side, np.tile repeats the whole batch: "
    "the reshape must fit",
    "copied": "all samples of an instance are equal: each copy must go through predict itself",
    "axes": "the samples come first, then the instances",
    "mean": "return the samples themselves, not their mean",
}
CALL_MISTAKES = (
    Mistake("a loop over samples", _loop, CALL_HINTS["calls"]),
    Mistake("a loop over instances", _row_by_row, CALL_HINTS["calls"]),
    Mistake("order of the copies", _mixed_up, CALL_HINTS["mixed"]),
    Mistake("one prediction copied", _copied, CALL_HINTS["copied"]),
    Mistake("instances first", _rows_first, CALL_HINTS["axes"]),
    Mistake("the mean", _averaged, CALL_HINTS["mean"]),
)


def _call_cases(rng):
    for n, n_samples in ((4, 7), (1, 5), (9, 3)):
        X, seed = rng.uniform(0.1, 0.5, size=(n, 6)), int(rng.integers(2**31))
        yield Case(
            f"sample_at_once(predict, X, {n_samples}) with {n} instance{'s' * (n > 1)}",
            run=lambda f, X=X, t=n_samples, seed=seed: _recorded(f, X, t, seed),
            judge=lambda got, X=X, t=n_samples: _judge_call(*got, X, t),
        )


def _recorded(answer, X, n_samples, seed):
    """Call the answer with a predict that is random in each row, and that remembers how often it was called."""
    draw, calls = np.random.default_rng(seed), []

    def predict(rows):
        rows = np.asarray(rows)
        calls.append(rows.shape)
        noise = draw.uniform(0, 0.4, size=len(rows))
        return np.column_stack([rows[:, 0], noise, 1 - rows[:, 0] - noise])  # column 0 tells which instance it was

    return answer(predict, X.copy(), n_samples), calls


def _judge_call(got, calls, X, n_samples):
    shape = (n_samples, len(X), 3)
    if not isinstance(got, np.ndarray):
        return f"expected an array; got {shorten(got)}"
    if got.shape != shape:
        hint = {(len(X), n_samples, 3): "axes", (len(X), 3): "mean"}.get(got.shape)
        return f"expected shape {shape}; got {got.shape}" + (f"\nhint: {CALL_HINTS[hint]}" if hint else "")
    if not np.array_equal(got[..., 0], np.tile(X[:, 0], (n_samples, 1))):
        return f"the answers belong to other instances than they should\nhint: {CALL_HINTS['mixed']}"
    if len(np.unique(got[..., 1])) < n_samples * len(X):
        return f"expected {n_samples} different samples for each instance\nhint: {CALL_HINTS['copied']}"
    if len(calls) != 1:
        return f"predict was called {len(calls)} times; expected once\nhint: {CALL_HINTS['calls']}"
    return None


EXERCISES = (
    Exercise(
        label="monte-carlo-dropout/split",
        title="Two parts of uncertainty",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("monte-carlo-dropout",),
        statement=prose(r"""
            Write a function `split_uncertainty(samples)` for probabilities of shape $[T, n, K]$: $T$ samples for each
            of $n$ instances and $K$ classes. Return a tuple of two arrays of shape $[n]$: the entropy of the mean
            prediction, and the mutual information, which is the part of it that comes from disagreement. Use the
            natural logarithm. Probabilities can be exactly 0; $0 \ln 0$ counts as 0. Use NumPy only, and leave
            `samples` unchanged.
        """),
        answer_name="split_uncertainty",
        stub='''\
import numpy as np


def split_uncertainty(samples):
    """Return the entropy of the mean and the mutual information."""
    ...
''',
        solution_source="""\
import numpy as np


def split_uncertainty(samples):
    def entropy(P):
        logs = np.log(P, out=np.zeros_like(P), where=P > 0)
        return -(P * logs).sum(axis=-1)

    total = entropy(samples.mean(axis=0))
    single = entropy(samples).mean(axis=0)
    return total, total - single
""",
        cases=_split_cases,
        mistakes=SPLIT_MISTAKES,
        hints=(
            "Write the entropy once, over the last axis; you need it for the mean and for every sample.",
            "The mean over the samples is `samples.mean(axis=0)`, of shape $[n, K]$.",
            "`np.log` has the arguments `out` and `where`: with them the logarithm of 0 is never taken.",
        ),
    ),
    Exercise(
        label="monte-carlo-dropout/ece",
        title="Expected calibration error",
        points=4,
        difficulty=2,
        minutes=20,
        prerequisites=("monte-carlo-dropout",),
        statement=prose(r"""
            Write a function `calibration_error(y, P, n_bins)`. `y`, shape $[n]$, holds the true classes, integers from
            0; `P`, shape $[n, K]$, the stated probabilities. Sort the answers by their confidence into `n_bins` bins of
            equal width from 0 to 1, and return the expected calibration error, a number. No confidence lies on the edge
            between two bins, but bins can be empty. Use NumPy only.
        """),
        answer_name="calibration_error",
        stub='''\
import numpy as np


def calibration_error(y, P, n_bins):
    """Return the expected calibration error."""
    ...
''',
        solution_source="""\
import numpy as np


def calibration_error(y, P, n_bins):
    confidence = P.max(axis=1)
    right = P.argmax(axis=1) == y
    bins = np.ceil(confidence * n_bins)
    error = 0.0
    for b in np.unique(bins):
        inside = bins == b
        distance = abs(right[inside].mean() - confidence[inside].mean())
        error += inside.mean() * distance
    return error
""",
        cases=_ece_cases,
        mistakes=ECE_MISTAKES,
        hints=(
            "For each answer you need its confidence, whether it was right, and the number of its bin.",
            "A loop over the bins that occur, `np.unique(bins)`, never meets an empty one.",
            "The share of the answers in a bin is the mean of the mask that selects them.",
        ),
    ),
    Exercise(
        label="monte-carlo-dropout/one-call",
        title="All samples in one call",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("monte-carlo-dropout",),
        statement=prose(r"""
            Write a function `sample_at_once(predict, X, n_samples)`. `predict` is a function that takes rows of shape
            $[m, d]$ and returns probabilities of shape $[m, K]$; every row gets a dropout mask of its own. For `X` of
            shape $[n, d]$ return an array of shape $[T, n, K]$ with $T$ = `n_samples` different predictions of each
            row. Call `predict` only once. Use NumPy only.
        """),
        answer_name="sample_at_once",
        stub='''\
import numpy as np


def sample_at_once(predict, X, n_samples):
    """Return n_samples predictions of each row, from one call."""
    ...
''',
        solution_source="""\
import numpy as np


def sample_at_once(predict, X, n_samples):
    copies = np.tile(X, (n_samples, 1))
    P = predict(copies)
    return P.reshape(n_samples, len(X), P.shape[1])
""",
        cases=_call_cases,
        mistakes=CALL_MISTAKES,
        hints=(
            "Build one array of shape $[T n, d]$ first.",
            "`np.tile` and `np.repeat` order the copies differently; look at what both do with [[1], [2]].",
            "Predictions come back in the order of the rows; a reshape gives them their two axes back.",
        ),
    ),
)
