"""Answers to the exercises on subclassing."""

from __future__ import annotations

import re

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

# --- subclassing/repair-committee -----------------------------------------------------------------------------------


def _judge_mean(got, *, X):
    values, members = got
    if len(members) != 3:
        return f"expected 3 layers in self.hidden and in self.output_layers; got {len(members)}"
    answers = [np.maximum(X @ W + b, 0) @ V + c for W, b, V, c in members]
    problem = difference(values, np.mean(answers, axis=0), rtol=1e-3, atol=1e-5)
    if problem is None:
        return None
    hint = "the mean over the members, for each row"
    if np.shape(values) == np.shape(answers[0]) and np.allclose(values, np.sum(answers, axis=0), rtol=1e-3, atol=1e-5):
        hint = "take the mean over the members, not the sum"
    return f"{problem}\nhint: {hint}"


def _judge_members(got):
    expected = 3 * (5 * 4 + 4 + 4 + 1)
    if got == expected:
        return None
    hint = "make three of each; a list like [layer] * 3 holds one layer three times"
    return f"expected {expected} parameters for 3 members of 4 units; got {got}\nhint: {hint}"


def _judge_twice(got):
    hint = "layers that are made in `call` get new random weights in each call; make them in __init__"
    return None if np.allclose(*got) else f"two calls on the same rows differ\nhint: {hint}"


def _judge_fit(got):
    if isinstance(got, Caught):
        text = str(got)
        hint = "make all layers in __init__, and compute with keras.ops"
        if "NumPy" in text or "numpy" in text or "KerasTensor" in text:
            hint = "fit hands symbolic tensors to `call`; NumPy has no numbers to work on, keras.ops has its twin"
        elif "Variable" in text or "add new elements" in text:
            hint = "layers made in `call` bring new weights when fit takes its notes; make them in __init__"
        return f"fit raised {got.type}: {_end(text)}\nhint: {hint}"
    n, changed = got
    if n and n == changed:
        return None
    return f"{changed} of {n} weights changed in training\nhint: every weight must be trained"


def _judge_config(got):
    if isinstance(got, Caught):
        return f"it raised {got.type}: {_end(str(got))}\nhint: return super().get_config() and both arguments"
    name, more = got
    if more:
        return (
            f"the copy has {more:+} parameters\nhint: both arguments belong into the configuration, as they were given"
        )
    if name != "jury":
        return f"the copy is called {name!r} instead of 'jury'\nhint: begin with super().get_config()"
    return None


def _end(text):
    """Return what a message of Keras says itself: the part in bold type, else the last line."""
    bold = re.search(r"\x1b\[1m(.*?)\x1b\[0m", text, re.DOTALL)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return shorten(bold[1] if bold else lines[-1] if lines else text, limit=120)


repair_committee = Answers(
    judge={
        "mean": _judge_mean,
        "members": _judge_members,
        "twice": _judge_twice,
        "fit": _judge_fit,
        "config": _judge_config,
    },
    mistakes=(
        *patches(
            """
            one hidden layer for all: holds one layer three times
            - [keras.layers.Dense(units, activation="relu") for _ in members]
            + [keras.layers.Dense(units, activation="relu")] * n_members
            one output layer for all: holds one layer three times
            - [keras.layers.Dense(1) for _ in members]
            + [keras.layers.Dense(1)] * n_members
            the sum: take the mean over the members, not the sum
            - keras.ops.mean(
            + keras.ops.sum(
            output layers made in call: make them in __init__
            -     def call(self, inputs):
            +     def call(self, inputs):
            +         self.output_layers = [keras.layers.Dense(1) for _ in self.hidden]
            """
        ),
        patch(
            "NumPy",
            "keras.ops.mean(keras.ops.stack(answers), axis=0)",
            "np.mean(answers, axis=0)",
            "keras.ops has its twin",
            ("import keras", "import keras\nimport numpy as np"),
        ),  # fmt: skip
        patch("without the name", "super().get_config() | own", "own", "begin with super().get_config()"),
        patch("a size is lost", ', "units": self.units}', "}", "return super().get_config() and both arguments"),
    ),
)

# --- subclassing/quiet ----------------------------------------------------------------------------------------------


def _judge_unchanged(got, *, X, rate):
    for values, moment in zip(got, ("in training", "in use"), strict=True):
        problem = difference(values, X, rtol=1e-5, name=f"the output {moment}")
        if problem is not None:
            return f"{problem}\nhint: return `inputs` as they are; the loss is added beside them"
    return None


def _judge_loss(got, *, X, rate):
    squares = np.square(X)
    if len(got) != 1:
        hint = "self.add_loss, once, if `training` is true" if not got else "add one loss, not several"
        return f"expected one loss after a call with training=True; got {len(got)}\nhint: {hint}"
    if np.isclose(got[0], rate * squares.mean(), rtol=1e-4):
        return None
    hints = {
        "take the mean of the squares, not their sum": rate * squares.sum(),
        "`rate` is missing": squares.mean(),
        "take squares, not absolute values": rate * np.abs(X).mean(),
        "the mean of the squares, not the square of the mean": rate * X.mean() ** 2,
    }
    found = [hint for hint, value in hints.items() if np.isclose(got[0], value, rtol=1e-4)]
    hint = found[0] if found else "`rate` times the mean of the squares of all inputs"
    return f"expected the loss {rate * squares.mean():.5f}; got {got[0]:.5f}\nhint: {hint}"


def _judge_no_loss(got):
    hint = "ask for `training` before you add the loss"
    return None if not got or not any(got) else f"a loss was added with training=False: {got[0]:.5f}\nhint: {hint}"


def _judge_quiet_again(got, *, X, rate):
    if isinstance(got, Caught):
        return f"it raised {got.type}: {_end(str(got))}\nhint: return super().get_config() with your argument added"
    name, losses = got
    if name != "hush":
        return f"the new layer is called {name!r} instead of 'hush'\nhint: begin with super().get_config()"
    if losses and np.isclose(losses[0], rate * np.square(X).mean(), rtol=1e-4):
        return None
    return "the new layer has another rate\nhint: `rate` belongs into the configuration"


quiet = Answers(
    judge={
        "values": _judge_unchanged,
        "loss": _judge_loss,
        "no loss": _judge_no_loss,
        "round trip": _judge_quiet_again,
    },
    mistakes=(
        *patches(
            """
            always: ask for `training` before you add the loss
            -         if training:
            +         if True:
            the sum of the squares: take the mean of the squares, not their sum
            - keras.ops.mean(
            + keras.ops.sum(
            no rate: `rate` is missing
            - self.rate *
            +
            absolute values: take squares, not absolute values
            - keras.ops.square(
            + keras.ops.abs(
            the inputs are made smaller: return `inputs` as they are
            -         return inputs
            +         return inputs * (1 - self.rate)
            the rate is not in the configuration: `rate` belongs into the configuration
            -  | {"rate": self.rate}
            +
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
