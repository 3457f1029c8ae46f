"""Answers to the exercises on batch normalization."""

from __future__ import annotations

from coursepkg.exercises.answers import Answers, patch, patches
from coursepkg.exercises.cases.batch_normalization import feed
from coursepkg.exercises.compare import difference, first
from coursepkg.exercises.sandbox import call
from coursepkg.scratch.batchnorm import BatchNormalization


def _compare_pair(names, got, expected):
    pairs = zip(names, got, expected, strict=True)
    return first(difference(value, wanted, name=name) for name, value, wanted in pairs)


# --- batch-normalization/running-mean -------------------------------------------------------------------------------


def _judge_moments(got, **facts):
    from coursepkg.exercises import find

    if got is None:
        return "`update` changed the batch that it was given"
    exercise = find("batch-normalization/running-mean")
    problem = _compare_pair(("mean", "variance"), got, feed(exercise.model_answer(), **facts))
    if problem is None:
        return None
    for mistake in running_mean.mistakes:
        wrong = call(lambda m=mistake: feed(exercise.answer_of(m.given(exercise)), **facts)).value
        if _compare_pair(("mean", "variance"), got, wrong) is None:
            return f"{problem}\nhint: {mistake.hint}"
    return problem


running_mean = Answers(
    judge=_judge_moments,
    mistakes=(
        patch(
            "momentum turned around",
            "old, new = ",
            "new, old = ",
            "the momentum is the share of the *old* value; the batch enters with 1 - momentum",
        ),
        *patches(
            """
            only the last batch: these are the moments of the last batch alone; keep the old
            - self.momentum, 1 - self.momentum
            + 0, 1
            the plain average of the batches: this is the plain average over all batches; the momentum must weight the
              old
              value
            - old, new = self.momentum, 1 - self.momentum
            + self.n = getattr(self, 'n', 0) + 1
            +         old, new = 1 - 1 / self.n, 1 / self.n
            the variance starts at 0: the variance must start at 1, not at 0
            - np.ones
            + np.zeros
            divided by n − 1: the variance was divided by n - 1; divide by n, as `np.var` does
            - X.var(axis=0)
            + X.var(axis=0, ddof=1)
            standard deviation: this is the standard deviation; asked for is the variance
            - X.var
            + X.std
            one number for all features: one mean and variance for the whole batch; each feature needs its own (axis=0)
            - axis=0
            """
        ),
    ),
)

# --- batch-normalization/fold-forward -------------------------------------------------------------------------------


def _compare_folded(got, expected):
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        return "expected two arrays, the new W and the new b"
    return _compare_pair(("W", "b"), got, expected)


fold_forward = Answers(
    compare=_compare_folded,
    mistakes=(
        *patches(
            """
            variance as standard deviation: divide by the root of variance + epsilon, not by it
            - np.sqrt
            no epsilon: epsilon is missing: the root is of variance + epsilon
            -  + epsilon
            """
        ),
        patch("no gamma", "gamma / ", "1 / ", "gamma is missing: what is standardized is multiplied by it"),
        patch("no beta", "beta - ", "-", "beta is missing: it passes through W and ends in the biases"),
        *patches(
            """
            no mean: the mean is missing: what is subtracted before W ends in the biases
            -  - mean * scale
            mean not scaled: the mean is subtracted before the division, so it is multiplied by the scale as well
            - mean * scale
            + mean
            shift through the new weights: the shift is complete already: it passes through the old W, which does not
              scale it once more
            - shift @ W
            + shift @ (scale[:, None] * W)
            columns for rows: the scale belongs to the inputs of W, its rows: `scale[:, None] * W`
            - scale[:, None] * W
            + W * scale
            the fold of the chapter: this is the fold into the layer *before*; here the normalization comes first, so
              its scale belongs to the rows of W, and its shift passes through W
            - return scale[:, None] * W, b + shift @ W
            + return W * scale, (b - mean) * scale + beta
            shift added as it is: the shift is added before the product with W; multiply it by W, then add it to b
            - shift @ W
            + shift
            """
        ),
    ),
)

# --- batch-normalization/repair-modes -------------------------------------------------------------------------------


def _with_a_layer(Z, gamma, beta, mean, variance, momentum, training):
    layer = BatchNormalization(len(gamma), momentum=momentum)
    layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance = gamma, beta, mean, variance
    return layer.forward(Z, training=training), layer.moving_mean, layer.moving_variance


def _compare_three(got, expected):
    if not isinstance(got, (tuple, list)) or len(got) != 3:
        return "expected a tuple of three arrays: outputs, mean, variance"
    return _compare_pair(("outputs", "mean", "variance"), got, expected)


repair_modes = Answers(
    compare=_compare_three,
    reference=_with_a_layer,
    mistakes=patches(
        """
        momentum turned around: the momentum is the share of the *old* average; the batch enters with 1 - momentum
        - momentum * mean + (1 - momentum) * center
        + (1 - momentum) * mean + momentum * center
        - momentum * variance + (1 - momentum) * spread
        + (1 - momentum) * variance + momentum * spread
        the batch at inference: at inference normalize with the moving averages, not with the batch
        - center, spread = mean, variance
        + center, spread = Z.mean(axis=0), Z.var(axis=0)
        averages that move at inference: at inference the moving averages must stay as they are
        - center, spread = mean, variance
        -     if training:
        + center, spread = mean, variance
        +     mean = momentum * mean + (1 - momentum) * Z.mean(axis=0)
        +     variance = momentum * variance + (1 - momentum) * Z.var(axis=0)
        +     if training:
        -         mean = momentum * mean + (1 - momentum) * center
        -         variance = momentum * variance + (1 - momentum) * spread
        averages in training: in training normalize with mean and variance of the batch
        -     Z_hat = (Z - center) / np.sqrt(spread + 1e-3)
        +     Z_hat = (Z - mean) / np.sqrt(variance + 1e-3)
        the small number outside of the root: add 0.001 to the variance, under the root
        - np.sqrt(spread + 1e-3)
        + (np.sqrt(spread) + 1e-3)
        the small number is missing: add 0.001 to the variance
        - spread + 1e-3
        + spread
        divided by the variance: divide by the root of the variance plus 0.001
        - np.sqrt(spread + 1e-3)
        + (spread + 1e-3)
        """
    ),
)
