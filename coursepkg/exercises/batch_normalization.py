"""Exercises of the chapter on batch normalisation."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Case, Exercise, Mistake, difference, prose
from coursepkg.exercises.sandbox import call

# --- batch-normalization/running-mean -------------------------------------------------------------------------------


class RunningMoments:
    """The reference: exponentially weighted mean and variance of each feature, fed by batches."""

    def __init__(self, n_features, momentum):
        self.momentum = momentum
        self.mean, self.variance = np.zeros(n_features), np.ones(n_features)

    def update(self, X):
        self.mean = self.momentum * self.mean + (1 - self.momentum) * X.mean(axis=0)
        self.variance = self.momentum * self.variance + (1 - self.momentum) * X.var(axis=0)


def _variant(*, start=(0.0, 1.0), axis=0, ddof=0, spread=np.var, swapped=False, last=False, plain=False):
    """Return the class with one thing wrong."""

    class Variant:
        def __init__(self, n_features, momentum):
            self.mean, self.variance = np.full(n_features, start[0]), np.full(n_features, start[1])
            self.momentum = 1 - momentum if swapped else momentum
            self.n_batches = 0

        def update(self, X):
            self.n_batches += 1
            keep = 0.0 if last else 1 - 1 / self.n_batches if plain else self.momentum
            self.mean = keep * self.mean + (1 - keep) * X.mean(axis=axis)
            self.variance = keep * self.variance + (1 - keep) * spread(X, axis=axis, ddof=ddof)

    return Variant


RUNNING_MISTAKES = (
    Mistake(
        "momentum turned around",
        _variant(swapped=True),
        "the momentum is the share of the *old* value; the batch enters with 1 - momentum",
    ),
    Mistake("only the last batch", _variant(last=True), "these are the moments of the last batch alone; keep the old"),
    Mistake(
        "the plain average of the batches",
        _variant(plain=True),
        "this is the plain average over all batches; the momentum must weight the old value",
    ),
    Mistake("the variance starts at 0", _variant(start=(0.0, 0.0)), "the variance must start at 1, not at 0"),
    Mistake("divided by n − 1", _variant(ddof=1), "the variance was divided by n - 1; divide by n, as `np.var` does"),
    Mistake("standard deviation", _variant(spread=np.std), "this is the standard deviation; asked for is the variance"),
    Mistake(
        "one number for all features",
        _variant(axis=None),
        "one mean and variance for the whole batch; each feature needs its own (axis=0)",
    ),
)


def _running_cases(rng):
    for shown, sizes, n_features in (
        ("before the first batch", (), 3),
        ("after one batch of 8", (8,), 4),
        ("after 5 batches of 16", (16,) * 5, 3),
        ("after 20 batches of different sizes", tuple(rng.integers(2, 40, size=20).tolist()), 2),
    ):
        scale, shift = rng.uniform(0.5, 20, size=n_features), rng.normal(size=n_features) * 5
        batches = [rng.normal(size=(size, n_features)) * scale + shift for size in sizes]
        momentum = float(rng.uniform(0.6, 0.95))
        yield Case(
            f"RunningMoments(n_features, momentum): {shown}",
            run=lambda cls, b=batches, n=n_features, m=momentum: _feed(cls, b, n, m),
            judge=lambda got, b=batches, n=n_features, m=momentum: _judge(got, b, n, m),
        )


def _feed(cls, batches, n_features, momentum):
    """Return mean and variance after all batches; each comes in the same buffer, as from a data loader."""
    moments, buffer = cls(n_features, momentum), np.empty((64, n_features))
    for batch in batches:
        view = buffer[: len(batch)]
        view[:] = batch
        moments.update(view)
        if not np.array_equal(view, batch):
            return None
    return moments.mean, moments.variance


def _judge(got, batches, n_features, momentum):
    if got is None:
        return "`update` changed the batch that it was given"
    problem = _compare(got, _feed(RunningMoments, batches, n_features, momentum))
    if problem is None:
        return None
    for mistake in RUNNING_MISTAKES:
        outcome = call(_feed, mistake.answer, batches, n_features, momentum)
        if _compare(got, outcome.value) is None:
            return f"{problem}\nhint: {mistake.hint}"
    return problem


def _compare(got, expected):
    return next(
        (
            problem
            for name, value, wanted in zip(("mean", "variance"), got, expected, strict=True)
            if (problem := difference(value, wanted, name=name))
        ),
        None,
    )


EXERCISES = (
    Exercise(
        label="batch-normalization/running-mean",
        title="Running mean and variance",
        points=4,
        difficulty=2,
        minutes=15,
        statement=prose(r"""
            Batch normalisation remembers the mean and the variance of each feature for the time after training. Write
            the class that does so. `RunningMoments(n_features, momentum)` starts with the attributes `mean`, zeros of
            shape $[n_\text{features}]$, and `variance`, ones of the same shape. Each call of its method `.update(X)`
            with a batch `X` of shape $[n, n_\text{features}]$, where $n$ may change from batch to batch, sets

            $$\text{mean} \leftarrow \text{momentum} \cdot \text{mean} + (1 - \text{momentum}) \cdot
            \text{mean of the batch}$$

            feature by feature, and `variance` in the same way with the variance of the batch (divided by $n$, as
            `np.var` does). Use NumPy only, and leave `X` unchanged.
        """),
        answer_name="RunningMoments",
        stub='''\
import numpy as np


class RunningMoments:
    """Exponentially weighted mean and variance of each feature."""

    def __init__(self, n_features, momentum): ...

    def update(self, X): ...
''',
        solution_source="""\
import numpy as np


class RunningMoments:
    def __init__(self, n_features, momentum):
        self.momentum = momentum
        self.mean = np.zeros(n_features)
        self.variance = np.ones(n_features)

    def update(self, X):
        old, new = self.momentum, 1 - self.momentum
        self.mean = old * self.mean + new * X.mean(axis=0)
        self.variance = old * self.variance + new * X.var(axis=0)
""",
        cases=_running_cases,
        mistakes=RUNNING_MISTAKES,
        hints=(
            "`__init__` remembers the momentum and sets the two attributes; `update` changes them and returns nothing.",
            "X.mean(axis=0) and X.var(axis=0) have one number for each feature.",
            "new value = momentum * old value + (1 - momentum) * value of the batch, twice.",
        ),
    ),
)
