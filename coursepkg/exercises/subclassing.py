"""Exercises of the chapter on subclassing. What calls Keras here are the methods of the student's classes."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, difference, prose

# --- subclassing/feature-scale --------------------------------------------------------------------------------------

SCALE_SOLUTION = Source("""\
import keras


class FeatureScale(keras.layers.Layer):
    def __init__(self, initial=1.0, **kwargs):
        super().__init__(**kwargs)
        self.initial = initial

    def build(self, input_shape):
        start = keras.initializers.Constant(self.initial)
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer=start)

    def call(self, inputs):
        return inputs * self.scale

    def get_config(self):
        return super().get_config() | {"initial": self.initial}
""")


def _scale_cases(rng):
    X, initial = rng.normal(size=(6, 4)), float(rng.uniform(1.5, 3))
    factors = rng.uniform(0.5, 2, size=4)
    yield Case(
        "a new layer has no weights, one that was called has one a feature",
        run=lambda cls: _weights_over_time(cls, X),
        judge=_judge_weights,
    )
    yield Case(
        "FeatureScale(initial)(X), and FeatureScale()(X)",
        run=lambda cls: (_numbers(cls(initial)(X)), _numbers(cls()(X))),
        judge=lambda got: _judge_initial(got, X, initial),
    )
    yield Case(
        "each feature is multiplied with its own weight",
        run=lambda cls: _with_weights(cls(), X, [factors]),
        judge=lambda got: _judge_values(got, X * factors),
    )
    yield Case(
        "from_config(get_config()) makes the same layer",
        run=lambda cls: _round_trip(cls, initial, X),
        judge=lambda got: _judge_round_trip(got, X, initial),
    )


def _numbers(tensor):
    return np.asarray(tensor, dtype=float)


def _weights_over_time(cls, X):
    layer = cls()
    before = len(layer.weights)
    layer(X)
    layer(X)
    return before, [tuple(w.shape) for w in layer.weights], len(layer.trainable_weights)


def _judge_weights(got):
    before, shapes, n_trainable = got
    if before:
        return f"a new layer has {before} weight(s)\nhint: in __init__ the number of features is unknown; use `build`"
    if shapes != [(4,)]:
        return f"expected one weight of shape (4,) for 4 features; got {shapes or 'none'}\nhint: " + (
            "create it with self.add_weight in `build`" if not shapes else "the shape is (input_shape[-1],)"
        )
    return None if n_trainable else "the weight is not trainable\nhint: leave `trainable` at its default"


def _judge_initial(got, X, initial):
    given, default = got
    problem = difference(given, X * initial, rtol=1e-4, name="FeatureScale(initial)(X)")
    if problem is not None and np.allclose(given, X):
        return f"{problem}\nhint: every scale begins with `initial`; use keras.initializers.Constant"
    return problem or difference(default, X, rtol=1e-4, name="FeatureScale()(X)")


def _with_weights(layer, X, weights):
    layer(X)
    layer.set_weights(weights)
    return _numbers(layer(X))


def _judge_values(got, expected):
    return difference(got, expected, rtol=1e-4)


def _round_trip(cls, initial, X):
    layer = cls(initial, name="scale")
    try:
        config = layer.get_config()
        again = cls.from_config(config)
    except (NotImplementedError, TypeError) as error:
        return None, error, None
    return config, again.name, _numbers(again(X))


def _judge_round_trip(got, X, initial):
    config, name, values = got
    if config is None:
        return f"it raised {type(name).__name__}: {shorten(str(name))}\nhint: add your argument to super().get_config()"
    if config.get("initial") != initial:
        return f"expected 'initial' to be {initial:.4f} in the configuration; got {shorten(config.get('initial'))}"
    if name != "scale":
        return f"the new layer is called {name!r} instead of 'scale'\nhint: begin with super().get_config()"
    return difference(values, X * initial, rtol=1e-4)


SCALE_MISTAKES = (
    Mistake(
        "the weight is made in __init__",
        SCALE_SOLUTION.edited(
            ("        self.initial = initial\n", "        self.initial = initial\n        self.make((None, 4))\n"),
            ("def build(", "def make("),
        ),
        "in __init__ the number of features is unknown",
    ),
    Mistake(
        "one scale for all features",
        SCALE_SOLUTION.edited(("(input_shape[-1],)", "(1,)")),
        "the shape is (input_shape[-1],)",
    ),
    Mistake(
        "not trainable",
        SCALE_SOLUTION.edited(("initializer=start)", "initializer=start, trainable=False)")),
        "the weight is not trainable",
    ),
    Mistake(
        "initial is ignored",
        SCALE_SOLUTION.edited(("Constant(self.initial)", "Constant(1.0)")),
        "every scale begins with `initial`",
    ),
    Mistake(
        "added instead of multiplied",
        SCALE_SOLUTION.edited(("inputs * self.scale", "inputs + self.scale")),
        "expected the result",
    ),
    Mistake(
        "get_config without the argument",
        SCALE_SOLUTION.edited((' | {"initial": self.initial}', "")),
        "expected 'initial' to be",
    ),
    Mistake(
        "get_config without that of the base class",
        SCALE_SOLUTION.edited(("super().get_config() | ", "")),
        "begin with super().get_config()",
    ),
)

# --- subclassing/residual -------------------------------------------------------------------------------------------

RESIDUAL_SOLUTION = Source("""\
import keras


class ResidualStack(keras.Model):
    def __init__(self, n_blocks, units, **kwargs):
        super().__init__(**kwargs)
        self.n_blocks, self.units = n_blocks, units
        self.first = keras.layers.Dense(units)
        names = range(n_blocks)
        self.blocks = [keras.layers.Dense(units, activation="relu") for _ in names]
        self.last = keras.layers.Dense(1)

    def call(self, inputs):
        h = self.first(inputs)
        for block in self.blocks:
            h = h + block(h)
        return self.last(h)

    def get_config(self):
        own = {"n_blocks": self.n_blocks, "units": self.units}
        return super().get_config() | own
""")


def _residual_cases(rng):
    X = rng.normal(size=(9, 5))
    for n_blocks in (0, 3):
        yield Case(
            f"ResidualStack({n_blocks}, 7)(X) with 5 features",
            run=lambda cls, n=n_blocks: _stack(cls(n, 7), X),
            judge=lambda got, n=n_blocks: _judge_stack(got, X, n),
        )
    yield Case(
        "each block has weights of its own, all of them counted",
        run=lambda cls: _count(cls, X),
        judge=_judge_count,
    )
    yield Case("a copy from get_config() is as deep and as wide", lambda cls: _copy(cls, X), _judge_copy)


def _stack(model, X):
    values = _numbers(model(X))
    layers = [model.first, *model.blocks, model.last]
    return values, [[_numbers(w) for w in layer.get_weights()] for layer in layers]


def _residual(X, weights, *, skip=True, relu=True):
    (first, *blocks, last) = weights
    h = X @ first[0] + first[1]
    for kernel, bias in blocks:
        z = h @ kernel + bias
        h = h * skip + (np.maximum(z, 0) if relu else z)
    return h @ last[0] + last[1]


def _judge_stack(got, X, n_blocks):
    values, weights = got
    if len(weights) != n_blocks + 2:
        return f"self.blocks holds {len(weights) - 2} layers; expected {n_blocks}"
    problem = difference(values, _residual(X, weights), rtol=1e-3, atol=1e-5)
    if problem is None:
        return None
    if n_blocks == 0:
        return f"{problem}\nhint: neither self.first nor self.last has an activation"
    if np.allclose(values, _residual(X, weights, skip=False), rtol=1e-3, atol=1e-5):
        return f"{problem}\nhint: add what went into a block to what comes out of it"
    if np.allclose(values, _residual(X, weights, relu=False), rtol=1e-3, atol=1e-5):
        return f"{problem}\nhint: the blocks lack their ReLU"
    return f"{problem}\nhint: a block gets the result of the block before it: h = h + block(h)"


def _count(cls, X):
    model = cls(3, 7)
    model(X)
    return model.count_params()


def _judge_count(got):
    expected = (5 * 7 + 7) + 3 * (7 * 7 + 7) + (7 + 1)
    if got == expected:
        return None
    hint = "make three layers; a list like [layer] * 3 holds one layer three times"
    return f"expected {expected} parameters for 3 blocks of 7 units; got {got}\nhint: {hint}"


def _copy(cls, X):
    model = cls(2, 4)
    model(X)
    try:
        again = cls.from_config(model.get_config())
    except (NotImplementedError, TypeError) as error:
        return error
    again(X)
    return again.count_params() - model.count_params()


def _judge_copy(got):
    hint = "get_config returns super().get_config() and both arguments, as they were given"
    if isinstance(got, Exception):
        return f"it raised {type(got).__name__}: {shorten(str(got))}\nhint: {hint}"
    return None if got == 0 else f"the copy differs by {abs(got)} parameters\nhint: {hint}"


RESIDUAL_MISTAKES = (
    Mistake(
        "no sum",
        RESIDUAL_SOLUTION.edited(("h = h + block(h)", "h = block(h)")),
        "add what went into a block to what comes out of it",
    ),
    Mistake(
        "every block reads the same",
        RESIDUAL_SOLUTION.edited(
            ("h = self.first(inputs)", "h = start = self.first(inputs)"), ("h + block(h)", "h + block(start)")
        ),
        "a block gets the result of the block before it",
    ),
    Mistake(
        "one layer three times",
        RESIDUAL_SOLUTION.edited(
            (
                '[keras.layers.Dense(units, activation="relu") for _ in names]',
                '[keras.layers.Dense(units, activation="relu")] * len(names)',
            )
        ),
        "holds one layer three times",
    ),
    Mistake(
        "no ReLU",
        RESIDUAL_SOLUTION.edited(('Dense(units, activation="relu")', "Dense(units)")),
        "the blocks lack their ReLU",
    ),
    Mistake(
        "ReLU in the first layer",
        RESIDUAL_SOLUTION.edited(
            ("self.first = keras.layers.Dense(units)", 'self.first = keras.layers.Dense(units, "relu")')
        ),
        "neither self.first nor self.last has an activation",
    ),
    Mistake(
        "get_config with the wrong depth",
        RESIDUAL_SOLUTION.edited(('"n_blocks": self.n_blocks', '"n_blocks": 1')),
        "both arguments, as they were given",
    ),
)


EXERCISES = (
    Exercise(
        label="subclassing/feature-scale",
        title="A layer that scales features",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("functional-api",),
        statement=prose("""
            Write a layer `FeatureScale` that multiplies each feature with a trainable number of its own: for `inputs`
            of shape $[n, d]$, `call` returns an array of the same shape. `__init__` takes `initial`, the value with
            which all $d$ numbers begin, 1 by default. Create the weight in `build`, which gets `input_shape`, the tuple
            $(n, d)$. `get_config` must let `FeatureScale.from_config` make a layer with the same name and the same
            `initial`. Besides, `__init__` hands further named arguments to the base class.
        """),
        answer_name="FeatureScale",
        stub='''\
import keras


class FeatureScale(keras.layers.Layer):
    """Multiply each feature with a trainable number."""

    def __init__(self, initial=1.0, **kwargs): ...

    def build(self, input_shape): ...

    def call(self, inputs): ...

    def get_config(self): ...
''',
        solution_source=str(SCALE_SOLUTION),
        cases=_scale_cases,
        mistakes=SCALE_MISTAKES,
        hints=(
            "`__init__` calls that of the base class first, and keeps `initial` as an attribute.",
            "`self.add_weight` takes `shape` and `initializer`; the last number of `input_shape` is d.",
            '`get_config` returns the dictionary of the base class, joined with {"initial": …}.',
        ),
        seconds=60.0,
    ),
    Exercise(
        label="subclassing/residual",
        title="A stack of any depth",
        points=4,
        difficulty=2,
        minutes=20,
        prerequisites=("subclassing/feature-scale",),
        statement=prose(r"""
            Write a model `ResidualStack` with the arguments `n_blocks` ($K \ge 0$) and `units` ($m$). For `inputs` $X$
            of shape $[n, d]$, `call` computes $H_0 = \text{first}(X)$, then for each block
            $H_{k+1} = H_k + \text{block}_k(H_k)$, of shape $[n, m]$, and returns $\text{last}(H_K)$, shape $[n, 1]$.
            Keep the layers in these attributes: `self.first`, a dense layer with `units` units; `self.blocks`, a list
            of `n_blocks` different dense layers with `units` ReLU units; `self.last`, a dense layer with one unit. The
            first and the last have no activation. `get_config` must let `ResidualStack.from_config` make a model of the
            same size; further named arguments of `__init__` go to the base class.
        """),
        answer_name="ResidualStack",
        stub='''\
import keras


class ResidualStack(keras.Model):
    """Add the result of each block to what went into it."""

    def __init__(self, n_blocks, units, **kwargs): ...

    def call(self, inputs): ...

    def get_config(self): ...
''',
        solution_source=str(RESIDUAL_SOLUTION),
        cases=_residual_cases,
        mistakes=RESIDUAL_MISTAKES,
        hints=(
            "A `for` loop over self.blocks may stand in `call`: how many there are is known beforehand.",
            "Keras finds layers in a list that is an attribute.",
            "Keep both arguments in `__init__`; `get_config` needs them.",
        ),
        seconds=60.0,
    ),
)
