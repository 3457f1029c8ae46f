"""Exercises of the chapter on unstable gradients."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, function_case, prose

# --- unstable-gradients/scales --------------------------------------------------------------------------------------


def scales(shape, scale, mode):
    """The reference: standard deviation of the normal and limit of the uniform distribution."""
    field = np.prod(shape[:-2])  # 1 for a dense kernel
    fan_in, fan_out = field * shape[-2], field * shape[-1]
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    return np.sqrt(scale / fan), np.sqrt(3 * scale / fan)


def _scales_variant(*, field=True, swapped=False, average=True, three=3.0, root=True, scaled=True):
    """Return the function with one thing wrong."""

    def variant(shape, scale, mode):
        size = np.prod(shape[:-2]) if field else 1
        fan_in, fan_out = size * shape[-2], size * shape[-1]
        if swapped:
            fan_in, fan_out = fan_out, fan_in
        both = (fan_in + fan_out) / 2 if average else fan_in + fan_out
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": both}[mode]
        v = (scale if scaled else 1.0) / fan
        return (np.sqrt(v), np.sqrt(three * v)) if root else (v, three * v)

    return variant


SCALES_MISTAKES = (
    Mistake(
        "the kernel's places are forgotten",
        _scales_variant(field=False),
        "a unit of a convolution sees height × width × channels inputs; multiply both fans by height × width",
    ),
    Mistake(
        "fans swapped", _scales_variant(swapped=True), "the last axis counts the outputs, the one before the inputs"
    ),
    Mistake("fan_avg is the sum", _scales_variant(average=False), "fan_avg is the mean of both fans, not their sum"),
    Mistake(
        "the limit is the standard deviation",
        _scales_variant(three=1.0),
        "a uniform number in ±limit has the variance limit² / 3, so the limit is √(3 · variance)",
    ),
    Mistake(
        "the range for the variance of 12",
        _scales_variant(three=12.0),
        "√(12 · variance) is the width of the whole interval; the limit is half of it",
    ),
    Mistake("variances", _scales_variant(root=False), "return the standard deviation and the limit: take square roots"),
    Mistake("scale ignored", _scales_variant(scaled=False), "the variance is scale / fan, not 1 / fan"),
)


def _scales_cases(rng):
    for shown, dims, mode in (
        ("a dense kernel, fan_in", 2, "fan_in"),
        ("a dense kernel, fan_avg", 2, "fan_avg"),
        ("a convolution, fan_out", 4, "fan_out"),
        ("a convolution, fan_avg", 4, "fan_avg"),
    ):
        places = (3, 5)[: dims - 2]
        shape = (*places, int(rng.integers(5, 20)), int(rng.integers(30, 90)))
        yield function_case(
            f"scales(shape, scale, mode): {shown}",
            (shape, float(rng.uniform(1.2, 2.5)), mode),
            reference=scales,
            mistakes=SCALES_MISTAKES,
        )


# --- unstable-gradients/unit-variance -------------------------------------------------------------------------------


def unit_variance(X, weights):
    """The reference: layer by layer, each on what the layers before it really pass on."""
    scaled, Z = [], X
    for W in weights:
        W = W / (Z @ W).std()
        scaled.append(W)
        Z = np.maximum(Z @ W, 0)
    return scaled


def _from_old_signals(X, weights):
    scaled, Z = [], X
    for W in weights:
        scaled.append(W / (Z @ W).std())
        Z = np.maximum(Z @ W, 0)
    return scaled


def _unit_variant(*, spread=np.std, activate=True, after=False):
    def variant(X, weights):
        scaled, Z = [], X
        for W in weights:
            A = Z @ W
            W = W / spread(np.maximum(A, 0) if after else A)
            scaled.append(W)
            Z = np.maximum(Z @ W, 0) if activate else Z @ W
        return scaled

    return variant


def _by_own_spread(X, weights):
    return [W / W.std() for W in weights]


UNIT_MISTAKES = (
    Mistake(
        "the old signals",
        _from_old_signals,
        "later layers must be measured on what the layers before them pass on *after* they were scaled",
    ),
    Mistake(
        "divided by the variance", _unit_variant(spread=np.var), "divide by the standard deviation, not the variance"
    ),
    Mistake(
        "no ReLU between the layers",
        _unit_variant(activate=False),
        "between two layers stands a ReLU: the next layer sees max(A, 0)",
    ),
    Mistake(
        "measured after the ReLU",
        _unit_variant(after=True),
        "the pre-activations shall have standard deviation 1; you measured the outputs of the ReLU",
    ),
    Mistake(
        "each unit by itself",
        _unit_variant(spread=lambda A: A.std(axis=0)),
        "one factor for the whole matrix: the standard deviation over all entries of A",
    ),
    Mistake(
        "the spread of the weights",
        _by_own_spread,
        "this is the standard deviation of the weights; what counts is that of the pre-activations Z @ W",
    ),
)


def _unit_cases(rng):
    for shown, sizes, std in (
        ("one layer", (8, 12), 1.0),
        ("four layers, weights too small", (10, 14, 9, 20, 6), 0.05),
        ("30 layers, weights too large", (10,) + (20,) * 30, 1.0),
    ):
        X = rng.normal(size=(40, sizes[0]))
        weights = [std * rng.normal(size=pair) for pair in zip(sizes[:-1], sizes[1:], strict=True)]
        yield function_case(
            f"unit_variance(X, weights): {shown}",
            (X, weights),
            reference=unit_variance,
            mistakes=UNIT_MISTAKES,
            compare=_compare_matrices,
        )


def _compare_matrices(got, expected):
    if not isinstance(got, (list, tuple)) or len(got) != len(expected):
        return f"expected a list of {len(expected)} matrices"
    for i, (g, e) in enumerate(zip(got, expected, strict=True), start=1):
        if np.shape(g) != e.shape:
            return f"matrix {i} must have shape {e.shape}; got {np.shape(g)}"
        if not np.allclose(g, e, rtol=1e-6, atol=1e-12):
            ratio = np.abs(np.asarray(g, dtype=float)).mean() / np.abs(e).mean()
            return f"matrix {i} is not the expected one; its entries are {ratio:.3g} times as large on average"
    return None


# --- unstable-gradients/dead-units ----------------------------------------------------------------------------------


def count_dead(X, weights, biases):
    """The reference: units of each layer whose output is 0 for every instance."""
    counts, Z = [], X
    for W, b in zip(weights, biases, strict=True):
        Z = np.maximum(Z @ W + b, 0)
        counts.append(int((Z == 0).all(axis=0).sum()))
    return counts


def _dead_variant(judge, *, biased=True, activate=True):
    def variant(X, weights, biases):
        counts, Z = [], X
        for W, b in zip(weights, biases, strict=True):
            A = Z @ W + (b if biased else 0)
            Z = np.maximum(A, 0) if activate else A
            counts.append(int(judge(np.maximum(A, 0))))
        return counts

    return variant


def _is_dead(Z):
    return (Z == 0).all(axis=0).sum()


DEAD_MISTAKES = (
    Mistake(
        "0 for some instance",
        _dead_variant(lambda Z: (Z == 0).any(axis=0).sum()),
        "these units are 0 for *some* instance, as ReLU units should be; a dead one is 0 for *all*",
    ),
    Mistake(
        "instances instead of units",
        _dead_variant(lambda Z: (Z == 0).all(axis=1).sum()),
        "these are the instances for which all units are 0; look along the other axis",
    ),
    Mistake(
        "all zeros",
        _dead_variant(lambda Z: (Z == 0).sum()),
        "this counts all entries that are 0; count units, that is columns",
    ),
    Mistake(
        "the sum over the instances is at most one in a hundred",
        _dead_variant(lambda Z: (Z.mean(axis=0) < 0.01 * Z.mean()).sum()),
        "a unit that answers rarely is not dead: count exact zeros",
    ),
    Mistake("no biases", _dead_variant(_is_dead, biased=False), "add the biases before the ReLU"),
    Mistake(
        "no ReLU between the layers",
        _dead_variant(_is_dead, activate=False),
        "the next layer gets the outputs of the ReLU, not the pre-activations",
    ),
)


def _dead_cases(rng):
    for shown, sizes in (("one layer", (6, 30)), ("three layers", (6, 40, 30, 20)), ("six layers", (5,) + (30,) * 6)):
        X = rng.normal(size=(60, sizes[0]))
        weights = [rng.normal(size=pair) * np.sqrt(2 / pair[0]) for pair in zip(sizes[:-1], sizes[1:], strict=True)]
        # Some units never answer, some only for their single luckiest instance, the others often.
        biases, Z = [], X
        for W in weights:
            A, kind = Z @ W, rng.permutation(np.arange(W.shape[1]) % 4)
            top = np.sort(A, axis=0)
            b = np.where(kind == 0, -top[-1] - 1, np.where(kind == 1, -(top[-1] + top[-2]) / 2, -np.median(A, axis=0)))
            biases.append(b)
            Z = np.maximum(A + b, 0)
        yield function_case(
            f"count_dead(X, weights, biases): {shown}",
            (X, weights, biases),
            reference=count_dead,
            mistakes=DEAD_MISTAKES,
            compare=_compare_counts,
        )


def _compare_counts(got, expected):
    counts = np.asarray(got)
    if counts.shape != (len(expected),) or counts.dtype.kind not in "iu":
        return f"expected a list of {len(expected)} integers"
    return None if counts.tolist() == expected else f"expected {expected}, got {counts.tolist()}"


EXERCISES = (
    Exercise(
        label="unstable-gradients/scales",
        title="Initial weights for any layer",
        points=4,
        difficulty=1,
        minutes=10,
        prerequisites=("unstable-gradients",),
        statement=prose(r"""
            Write a function `scales(shape, scale, mode)`. `shape` is the shape of a kernel as Keras stores it:
            (inputs, outputs) of a dense layer, or (height, width, input channels, output channels) of a convolution.
            `mode` is "fan_in", "fan_out" or "fan_avg". For a convolution, fan_in is height × width × input channels,
            the number of inputs of a unit, and fan_out is height × width × output channels. The weights shall have the
            variance $v = \text{scale} / \text{fan}$. Return two numbers: the standard deviation of a normal
            distribution with this variance, and the limit $r$ of the uniform distribution on $[-r, r]$ with this
            variance.
        """),
        answer_name="scales",
        stub="""\
import numpy as np


def scales(shape, scale, mode):
    \"\"\"Return the standard deviation and the limit of the initial weights.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def scales(shape, scale, mode):
    places = np.prod(shape[:-2])  # 1 for a dense layer
    fan_in, fan_out = places * shape[-2], places * shape[-1]
    fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    v = scale / fans[mode]
    return np.sqrt(v), np.sqrt(3 * v)
""",
        cases=_scales_cases,
        mistakes=SCALES_MISTAKES,
        hints=(
            "`shape[-2]` and `shape[-1]` are inputs and outputs, whatever stands before.",
            "`np.prod(shape[:-2])` is height × width, and 1 if nothing stands before.",
            "A uniform number in ±r has the variance r² / 3; solve for r.",
        ),
    ),
    Exercise(
        label="unstable-gradients/unit-variance",
        title="Let the data set the scale",
        points=5,
        difficulty=2,
        minutes=15,
        prerequisites=("unstable-gradients",),
        statement=prose(r"""
            Formulas assume what the inputs look like. Instead, measure: write a function `unit_variance(X, weights)`
            that scales the weights of a ReLU network on a batch of data, layer by layer from the first to the last.
            `X` has shape $[n, d]$, `weights` is a list of matrices; there are no biases. A layer with input $Z$
            computes $A = Z W$ and passes $\max(A, 0)$ on to the next. Divide each $W$ by one number, such that the
            standard deviation over *all* entries of its $A$ (`A.std()`) is 1 in the scaled network. Return the list of
            the scaled matrices, and do not change the inputs.
        """),
        answer_name="unit_variance",
        stub="""\
import numpy as np


def unit_variance(X, weights):
    \"\"\"Return the scaled weights: each layer's A has standard deviation 1.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def unit_variance(X, weights):
    scaled, Z = [], X
    for W in weights:
        W = W / (Z @ W).std()
        scaled.append(W)
        Z = np.maximum(Z @ W, 0)  # with the new W: this is what the next layer gets
    return scaled
""",
        cases=_unit_cases,
        mistakes=UNIT_MISTAKES,
        hints=(
            "Keep Z, the input of the current layer, in a variable; it starts as X.",
            "A = Z @ W is proportional to W: dividing W by A.std() divides A by it.",
            "Compute the next Z with the scaled W, not with the old one.",
        ),
    ),
    Exercise(
        label="unstable-gradients/dead-units",
        title="Count the dead units",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("unstable-gradients",),
        statement=prose(r"""
            Write a function `count_dead(X, weights, biases)` for a stack of ReLU layers without an output layer: a
            layer with input $Z$ computes $\max(Z W + \mathbf{b}, 0)$, and the first input is `X`, of shape $[n, d]$.
            `weights` and `biases` are lists with one array for each layer. A unit is dead if its output is 0 for every
            row of `X`. Return a list of integers: the number of dead units of each layer.
        """),
        answer_name="count_dead",
        stub="""\
import numpy as np


def count_dead(X, weights, biases):
    \"\"\"Return the number of dead units of each layer.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def count_dead(X, weights, biases):
    counts, Z = [], X
    for W, b in zip(weights, biases):
        Z = np.maximum(Z @ W + b, 0)
        counts.append(int((Z == 0).all(axis=0).sum()))
    return counts
""",
        cases=_dead_cases,
        mistakes=DEAD_MISTAKES,
        hints=(
            "The outputs of a layer form a matrix: one row an instance, one column a unit.",
            "`(Z == 0).all(axis=0)` is True for the columns that hold nothing but zeros.",
            "Take `.sum()` of that, then go on with Z as the input of the next layer.",
        ),
    ),
)
