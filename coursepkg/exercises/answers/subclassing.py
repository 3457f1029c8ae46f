"""Answers to the exercises on subclassing."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch, patches
from coursepkg.exercises.cases import Caught
from coursepkg.exercises.compare import difference

# --- subclassing/feature-scale --------------------------------------------------------------------------------------


def _judge_weights(got):
    before, shapes, n_trainable = got
    if before:
        return f"a new layer has {before} weight(s)\nhint: in __init__ the number of features is unknown; use `build`"
    if shapes != [(4,)]:
        hint = "the shape is (input_shape[-1],)" if shapes else "create it with self.add_weight in `build`"
        return f"expected one weight of shape (4,) for 4 features; got {shapes or 'none'}\nhint: {hint}"
    return None if n_trainable else "the weight is not trainable\nhint: leave `trainable` at its default"


def _judge_initial(got, *, X, initial):
    given, default = got
    problem = difference(given, X * initial, rtol=1e-4, name="FeatureScale(initial)(X)")
    if problem is not None and np.allclose(given, X):
        return f"{problem}\nhint: every scale begins with `initial`; use keras.initializers.Constant"
    return problem or difference(default, X, rtol=1e-4, name="FeatureScale()(X)")


def _judge_values(got, *, X, factors):
    return difference(got, X * factors, rtol=1e-4)


def _judge_round_trip(got, *, X, initial):
    if isinstance(got, Caught):
        return f"it raised {got.type}: {shorten(str(got))}\nhint: add your argument to super().get_config()"
    config, name, values = got
    if config.get("initial") != initial:
        return f"expected 'initial' to be {initial:.4f} in the configuration; got {shorten(config.get('initial'))}"
    if name != "scale":
        return f"the new layer is called {name!r} instead of 'scale'\nhint: begin with super().get_config()"
    return difference(values, X * initial, rtol=1e-4)


feature_scale = Answers(
    judge={
        "weights": _judge_weights,
        "initial": _judge_initial,
        "values": _judge_values,
        "round trip": _judge_round_trip,
    },
    mistakes=(
        *patches(
            """
            the weight is made in __init__: in __init__ the number of features is unknown
            - self.initial = initial
            -
            + self.initial = initial
            +         self.make((None, 4))
            +
            - def build(
            + def make(
            one scale for all features: the shape is (input_shape[-1],)
            - (input_shape[-1],)
            + (1,)
            not trainable: the weight is not trainable
            - =start)
            + =start, trainable=False)
            initial is ignored: every scale begins with `initial`
            - Constant(self.initial)
            + Constant(1.0)
            added instead of multiplied: expected the result
            - inputs * self.scale
            + inputs + self.scale
            get_config without the argument: expected 'initial' to be
            -  | {"initial": self.initial}
            """
        ),
        patch(
            "get_config without that of the base class",
            "super().get_config() | ",
            "",
            "begin with super().get_config()",
        ),
    ),
)

# --- subclassing/residual -------------------------------------------------------------------------------------------


NO_ACTIVATION = "neither self.first nor self.last has an activation"


def _residual(X, weights, *, skip=True, relu=True, relu_first=False, same_start=False):
    (first, *blocks, last) = weights
    start = h = X @ first[0] + first[1]
    if relu_first:
        start = h = np.maximum(h, 0)
    for kernel, bias in blocks:
        z = (start if same_start else h) @ kernel + bias
        h = h * skip + (np.maximum(z, 0) if relu else z)
    return h @ last[0] + last[1]


def _judge_stack(got, *, X, n_blocks):
    values, weights = got
    if len(weights) != n_blocks + 2:
        return f"self.blocks holds {len(weights) - 2} layers; expected {n_blocks}"
    problem = difference(values, _residual(X, weights), rtol=1e-3, atol=1e-5)
    if problem is None:
        return None
    wrong = {
        "add what went into a block to what comes out of it": {"skip": False},
        "the blocks lack their ReLU": {"relu": False},
        NO_ACTIVATION: {"relu_first": True},
        "a block gets the result of the block before it: h = h + block(h)": {"same_start": True},
    }
    found = (h for h, options in wrong.items() if np.allclose(values, _residual(X, weights, **options), atol=1e-3))
    hint = next(found, "compare your call with the formula, layer by layer" if n_blocks else NO_ACTIVATION)
    return f"{problem}\nhint: {hint}"


def _judge_count(got):
    expected = (5 * 7 + 7) + 3 * (7 * 7 + 7) + (7 + 1)
    if got == expected:
        return None
    hint = "make three layers; a list like [layer] * 3 holds one layer three times"
    return f"expected {expected} parameters for 3 blocks of 7 units; got {got}\nhint: {hint}"


def _judge_copy(got):
    hint = "get_config returns super().get_config() and both arguments, as they were given"
    if isinstance(got, Caught):
        cause = str(got).rpartition("Exception encountered: ")[2]  # Keras puts the whole config before it
        return f"it raised {got.type}: {shorten(cause)}\nhint: {hint}"
    return None if got == 0 else f"the copy differs by {abs(got)} parameters\nhint: {hint}"


residual = Answers(
    judge={"stack": _judge_stack, "count": _judge_count, "copy": _judge_copy},
    mistakes=patches(
        """
        no sum: add what went into a block to what comes out of it
        - h + block(h)
        + block(h)
        every block reads the same: a block gets the result of the block before it
        - h = self.first
        + h = start = self.first
        - block(h)
        + block(start)
        one layer three times: holds one layer three times
        - [keras.layers.Dense(units, activation="relu") for _ in names]
        + [keras.layers.Dense(units, activation="relu")] * len(names)
        no ReLU: the blocks lack their ReLU
        - , activation="relu"
        ReLU in the first layer: neither self.first nor self.last has an activation
        - self.first = keras.layers.Dense(units
        + self.first = keras.layers.Dense(units, "relu"
        get_config with the wrong depth: both arguments, as they were given
        - "n_blocks": self.n_blocks
        + "n_blocks": 1
        """
    ),
)
