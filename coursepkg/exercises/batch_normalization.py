"""Exercises of the chapter on batch normalization."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Case, Exercise, Mistake, difference, function_case, prose
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


# --- batch-normalization/fold-forward -------------------------------------------------------------------------------


def _fold_forward(gamma, beta, mean, variance, epsilon, W, b):
    """The reference."""
    scale = gamma / np.sqrt(variance + epsilon)
    return scale[:, None] * W, b + (beta - mean * scale) @ W


def _wrong_fold(*, power=0.5, gamma_in=True, epsilon_in=True, mean_in=True, beta_in=True, scaled_mean=True, old_W=True):
    """Return the function with one thing wrong."""

    def wrong(gamma, beta, mean, variance, epsilon, W, b):
        scale = (gamma if gamma_in else 1.0) / (variance + (epsilon if epsilon_in else 0.0)) ** power
        shift = (beta if beta_in else 0.0) - (mean if mean_in else 0.0) * (scale if scaled_mean else 1.0)
        W_new = scale[:, None] * W
        return W_new, b + shift @ (W if old_W else W_new)

    return wrong


FOLD_MISTAKES = (
    Mistake(
        "variance as standard deviation", _wrong_fold(power=1.0), "divide by the root of variance + epsilon, not by it"
    ),
    Mistake("no epsilon", _wrong_fold(epsilon_in=False), "epsilon is missing: the root is of variance + epsilon"),
    Mistake("no gamma", _wrong_fold(gamma_in=False), "gamma is missing: what is standardized is multiplied by it"),
    Mistake("no beta", _wrong_fold(beta_in=False), "beta is missing: it passes through W and ends in the biases"),
    Mistake(
        "no mean", _wrong_fold(mean_in=False), "the mean is missing: what is subtracted before W ends in the biases"
    ),
    Mistake(
        "mean not scaled",
        _wrong_fold(scaled_mean=False),
        "the mean is subtracted before the division, so it is multiplied by the scale as well",
    ),
    Mistake(
        "shift through the new weights",
        _wrong_fold(old_W=False),
        "the shift is complete already: it passes through the old W, which does not scale it once more",
    ),
    Mistake(
        "columns for rows",
        lambda gamma, beta, mean, variance, epsilon, W, b: (
            W * (gamma / np.sqrt(variance + epsilon)),
            b + (beta - mean * gamma / np.sqrt(variance + epsilon)) @ W,
        ),
        "the scale belongs to the inputs of W, its rows: `scale[:, None] * W`",
    ),
    Mistake(
        "shift added as it is",
        lambda gamma, beta, mean, variance, epsilon, W, b: (
            (gamma / np.sqrt(variance + epsilon))[:, None] * W,
            b + (beta - mean * gamma / np.sqrt(variance + epsilon)),
        ),
        "the shift is added before the product with W; multiply it by W, then add it to b",
    ),
)


def _fold_cases(rng):
    for shown, d, m in (
        ("4 units before, 4 after", 4, 4),
        ("6 units before, 3 after", 6, 3),
        ("1 unit, 5 after", 1, 5),
    ):
        arguments = (
            *(rng.normal(size=d) for _ in range(3)),  # gamma, beta, mean
            rng.uniform(0.2, 3, size=d),
            float(rng.uniform(0.01, 0.1)),
            rng.normal(size=(d, m)),
            rng.normal(size=m),
        )
        yield function_case(
            f"fold_forward(…): {shown}",
            arguments,
            reference=_fold_forward,
            mistakes=[mistake for mistake in FOLD_MISTAKES if _fits(mistake, arguments)],
            compare=_compare_folded,
        )


def _fits(mistake, arguments):
    """Return whether a mistake gives arrays of the right shapes here; some need as many units after as before."""
    outcome = call(mistake.answer, *arguments)
    return outcome.error is None and [np.shape(v) for v in outcome.value] == [a.shape for a in arguments[-2:]]


def _compare_folded(got, expected):
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        return "expected two arrays, the new W and the new b"
    return next(
        (
            problem
            for name, value, wanted in zip(("W", "b"), got, expected, strict=True)
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
            Batch normalization remembers the mean and the variance of each feature for the time after training. Write
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
    Exercise(
        label="batch-normalization/fold-forward",
        title="Fold a normalization into the layer after it",
        points=3,
        difficulty=2,
        minutes=15,
        prerequisites=("batch-normalization/running-mean",),
        statement=prose(r"""
            A normalization that stands *after* an activation cannot be folded into the dense layer before it. It can be
            folded into the dense layer after it. Write `fold_forward(gamma, beta, mean, variance, epsilon, W, b)`. The
            first four arguments are arrays of shape $[d]$: scale, shift, moving mean and moving variance of the
            normalization; `epsilon` is a number, added to the variance. `W` of shape $[d, m]$ and `b` of shape $[m]$
            belong to the dense layer that follows. Return the tuple of a new `W` and a new `b`, of the same shapes,
            with which the dense layer alone gives for every input the outputs that both layers together give at
            inference. Leave the arguments unchanged.
        """),
        answer_name="fold_forward",
        stub='''\
import numpy as np


def fold_forward(gamma, beta, mean, variance, epsilon, W, b):
    """Return the new W and b."""
    ...
''',
        solution_source="""\
import numpy as np


def fold_forward(gamma, beta, mean, variance, epsilon, W, b):
    scale = gamma / np.sqrt(variance + epsilon)
    shift = beta - mean * scale
    return scale[:, None] * W, b + shift @ W
""",
        cases=_fold_cases,
        mistakes=FOLD_MISTAKES,
        hints=(
            "At inference the normalization computes scale * H + shift. What are scale and shift, both of shape [d]?",
            "(scale * H + shift) @ W + b: multiply out, and sort into what depends on H and what does not.",
            "The new W is scale[:, None] * W. What remains, shift @ W + b, is the new b.",
        ),
    ),
)
