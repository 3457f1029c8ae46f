"""Exercises of the chapter on regularization. What calls Keras here are the methods of the student's model."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, prose

# --- regularization/max-norm ----------------------------------------------------------------------------------------

MAX_NORM = Source("""\
import keras


def build_model(max_value):
    constraint = keras.constraints.MaxNorm(max_value)
    hidden = {"activation": "relu", "kernel_constraint": constraint}
    return keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dense(30, **hidden),
            keras.layers.Dense(30, **hidden),
            keras.layers.Dense(1),
        ]
    )
""")
MAX_NORM_STUB = '''\
import keras


def build_model(max_value):
    """Return the model; no unit of a hidden layer has weights longer than max_value."""
    constraint = ...
    hidden = {"activation": "relu", ...: constraint}
    return keras.Sequential(
        [
            keras.Input((8,)),
            keras.layers.Dense(30, **hidden),
            keras.layers.Dense(30, **hidden),
            keras.layers.Dense(1),
        ]
    )
'''
SHAPES = [(8, 30), (30,), (30, 30), (30,), (30, 1), (1,)]


def _max_norm_cases(rng):
    for max_value in (1.0, 2.5):
        weights = [rng.normal(size=shape) for shape in SHAPES]
        for kernel in weights[::2]:  # some units lie well below the limit, others well above
            kernel *= np.linspace(0.05, 3.0, kernel.shape[1]) * max_value / np.linalg.norm(kernel, axis=0)
        weights[4] *= 10 * max_value / np.linalg.norm(weights[4])
        for name, layers in (("hidden layers", (0, 1)), ("output layer, and all biases", (2,))):
            yield Case(
                f"build_model({max_value}): the {name} after a training step",
                run=lambda f, m=max_value, w=weights: _after_a_step(f(m), w),
                judge=lambda got, m=max_value, w=weights, layers=layers: _judge_norms(got, m, w, layers),
            )


def _after_a_step(model, weights):
    """Return the shapes of a model's weights and, if these are right, the weights after a step that changes nothing.

    Each layer applies its own constraints, as the optimizer does after a step.
    """
    shapes = [np.shape(weight) for weight in model.get_weights()]
    if shapes != SHAPES:
        return shapes, None, False
    model.set_weights(weights)
    for layer in model.layers:
        for variable in layer.trainable_variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
    penalized = any(getattr(layer, "kernel_regularizer", None) is not None for layer in model.layers)
    return shapes, [np.asarray(weight, dtype=float) for weight in model.get_weights()], penalized


def _norms(kernel, axis=0):
    return np.linalg.norm(kernel, axis=axis, keepdims=True)


def _judge_norms(got, max_value, weights, layers):
    shapes, after, penalized = got
    if after is None:
        return f"expected weights of the shapes {SHAPES}; got {shapes}\nhint: leave the layers as they are"
    for layer in layers:
        before, kernel = weights[2 * layer], after[2 * layer]
        wanted = before * np.minimum(1, max_value / _norms(before)) if layer < 2 else before
        if not np.allclose(kernel, wanted, rtol=1e-4, atol=1e-5):
            return _judge_kernel(layer, before, kernel, max_value, penalized)
        if layer == 2 and not all(np.allclose(a, b) for a, b in zip(after[1::2], weights[1::2], strict=True)):
            return "the biases were changed; hint: constrain the kernels only"
    return None


def _judge_kernel(layer, before, kernel, max_value, penalized):
    if layer == 2:
        return "the weights of the output layer were changed; hint: constrain the hidden layers only"
    problem = f"hidden layer {layer + 1}: the longest weight vector of a unit has the norm {_norms(kernel).max():.3g}"
    if np.allclose(kernel, before, rtol=1e-5):
        if penalized:
            return f"{problem}\nhint: a regularizer adds to the loss; max-norm is a constraint: kernel_constraint"
        return f"{problem}\nhint: the kernel has no constraint (or a limit that none reaches)"
    for wanted, hint in (
        (before * max_value / _norms(before), "all norms were changed; shorten only those that are too long"),
        (before / _norms(before), "all norms are 1; max-norm shortens only those longer than max_value"),
        (before * np.minimum(1, 1 / _norms(before)), "the limit is 1 in place of max_value"),
        (before * np.minimum(1, 2 / _norms(before)), "the limit is 2, Keras's default, in place of max_value"),
        (
            before * np.minimum(1, max_value / _norms(before, 1)),
            "the rows were limited; the weights into one unit are a *column* of the kernel (axis 0, the default)",
        ),
    ):
        if np.allclose(kernel, wanted, rtol=1e-4, atol=1e-5):
            return f"{problem}\nhint: {hint}"
    return f"{problem}; expected: each column scaled to at most {max_value:g}, all others unchanged"


def _max_norm_mistake(name, before, after, hint):
    return Mistake(name, MAX_NORM.edited((before, after)), hint)


MAX_NORM_MISTAKES = (
    _max_norm_mistake("rows", "MaxNorm(max_value)", "MaxNorm(max_value, axis=1)", "the rows were limited"),
    _max_norm_mistake("unit norm", "MaxNorm(max_value)", "UnitNorm()", "all norms are 1"),
    _max_norm_mistake("Keras's default", "MaxNorm(max_value)", "MaxNorm()", "the limit is 2, Keras's default"),
    _max_norm_mistake(
        "a regularizer",
        ', "kernel_constraint": constraint',
        ', "kernel_regularizer": "l2"',
        "a regularizer adds to the",
    ),
    _max_norm_mistake("no constraint", ', "kernel_constraint": constraint', "", "the kernel has no constraint"),
    _max_norm_mistake(
        "the output layer as well",
        "keras.layers.Dense(1)",
        "keras.layers.Dense(1, kernel_constraint=constraint)",
        "constrain the hidden layers only",
    ),
    _max_norm_mistake(
        "the biases as well",
        '"kernel_constraint": constraint',
        '"kernel_constraint": constraint, "bias_constraint": constraint',
        "constrain the kernels only",
    ),
)


# --- regularization/alpha-dropout -----------------------------------------------------------------------------------

ALPHA_DROPOUT = Source("""\
import keras


def build_model(kind, rate):
    layers = {"plain": keras.layers.Dropout, "alpha": keras.layers.AlphaDropout}
    model = keras.Sequential([keras.Input((50,))])
    selu = {"activation": "selu", "kernel_initializer": "lecun_normal"}
    for _ in range(5):
        model.add(keras.layers.Dense(100, **selu))
        model.add(layers[kind](rate))
    return model
""")
N_HIDDEN, N_UNITS, N_INPUTS = 5, 100, 50
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def _selu(A):
    return SELU_SCALE * np.where(A > 0, A, SELU_ALPHA * np.expm1(np.minimum(A, 0)))


def _alpha_cases(rng):
    X = rng.normal(size=(400, N_INPUTS))
    yield Case("the layers", lambda f: _chains(f), _judge_chains)
    yield Case(
        'build_model("alpha", 0.2): outputs when nothing is dropped',
        run=lambda f: _predict(f("alpha", 0.2), X),
        judge=lambda got: _judge_prediction(got, X),
    )
    for kind in ("plain", "alpha"):
        yield Case(
            f'build_model("{kind}", 0.2): mean and deviation of the outputs during training',
            run=lambda f, kind=kind: _moments(f(kind, 0.2), X),
            judge=lambda got, kind=kind: _judge_moments(kind, got),
        )


def _chains(build_model):
    """Return for each kind the layers as (class, rate or None)."""
    return {
        kind: [(type(layer).__name__, getattr(layer, "rate", None)) for layer in build_model(kind, rate).layers]
        for kind, rate in (("plain", 0.1), ("alpha", 0.3))
    }


def _judge_chains(got):
    for (kind, chain), name, rate in zip(got.items(), ("Dropout", "AlphaDropout"), (0.1, 0.3), strict=True):
        names = [layer for layer, _ in chain if layer != "InputLayer"]
        wrong = {"Dropout": "AlphaDropout", "AlphaDropout": "Dropout"}[name]
        if wrong in names:
            return f'"{kind}" holds the layer {wrong}; hint: "plain" means Dropout, "alpha" AlphaDropout'
        if names == [name, "Dense"] * N_HIDDEN:
            return f"hint: {name} stands before each Dense layer; it must follow it, and leave the inputs whole"
        if names != ["Dense", name] * N_HIDDEN:
            return f"expected {N_HIDDEN} times Dense, {name}; got {', '.join(names)}"
        rates = {rate for layer, rate in chain if layer == name}
        if rates != {rate}:
            return f"build_model({kind!r}, {rate}) has the rates {sorted(rates)}; hint: hand `rate` to the layers"
    return None


def _predict(model, X):
    return [np.asarray(weight, dtype=float) for weight in model.get_weights()], np.asarray(model(X), dtype=float)


def _judge_prediction(got, X):
    weights, outputs = got
    shapes = [weight.shape for weight in weights]
    wanted = [s for i in range(N_HIDDEN) for s in ((N_UNITS if i else N_INPUTS, N_UNITS), (N_UNITS,))]
    if shapes != wanted:
        return f"expected {N_HIDDEN} Dense layers of {N_UNITS} units on {N_INPUTS} inputs; got the shapes {shapes}"
    values = X
    for W, b in zip(weights[::2], weights[1::2], strict=True):
        values = _selu(values @ W + b)
    if not np.allclose(outputs, values, rtol=1e-3, atol=1e-3):
        return 'the outputs are not those of SELU units; hint: activation="selu" in each Dense layer'
    spreads = [W.std() * np.sqrt(len(W)) for W in weights[::2]]
    spread = max(spreads, key=lambda value: abs(value - 1))
    if abs(spread - 1) > 0.07:  # with 5000 weights or more in a layer, chance moves it by 0.01
        hint = 'SELU keeps mean 0 and deviation 1 only with kernel_initializer="lecun_normal"'
        return f"the initial weights deviate by {spread:.2f}/√fan_in, not by 1/√fan_in\nhint: {hint}"
    return None


def _moments(model, X):
    outputs = np.asarray(model(X, training=True), dtype=float)
    return outputs.mean(), outputs.std()


def _judge_moments(kind, got):
    """Measured on 200 models each: plain has the deviation 1.37 to 1.50, alpha 0.98 to 1.02; means below 0.13."""
    mean, deviation = got
    low, high = {"plain": (1.2, 1.7), "alpha": (0.9, 1.1)}[kind]
    if low < deviation < high and abs(mean) < 0.3:
        return None
    return (
        f"the outputs have the mean {mean:.2f} and the deviation {deviation:.2f}; expected a mean near 0 and a "
        f"deviation of {low} to {high}\nhint: standardized inputs, SELU, LeCun's weights, {kind} dropout"
    )


def _alpha_mistake(name, before, after, hint):
    return Mistake(name, ALPHA_DROPOUT.edited((before, after)), hint)


ALPHA_MISTAKES = (
    _alpha_mistake("plain dropout for both", "AlphaDropout", "Dropout", '"alpha" holds the layer Dropout'),
    _alpha_mistake("ReLU", '"selu"', '"relu"', "the outputs are not those of SELU units"),
    _alpha_mistake("Glorot's weights", "lecun_normal", "glorot_uniform", "only with kernel_initializer"),
    _alpha_mistake("He's weights", "lecun_normal", "he_normal", "only with kernel_initializer"),
    _alpha_mistake("a rate of its own", "(rate)", "(0.5)", "hand `rate` to the layers"),
    _alpha_mistake("four layers", "range(5)", "range(4)", "expected 5 times Dense, Dropout"),
    Mistake(
        "before the Dense layer",
        ALPHA_DROPOUT.edited(
            ("        model.add(layers[kind](rate))\n", ""),
            ("        model.add(k", "        model.add(layers[kind](rate))\n        model.add(k"),
        ),
        "stands before each Dense layer",
    ),
)


EXERCISES = (
    Exercise(
        label="regularization/max-norm",
        title="Fill max-norm into a template",
        points=4,
        difficulty=1,
        minutes=10,
        statement=prose("""
            Max-norm regularization limits the length of the weight vector of each unit: after each training step, a
            vector that is longer than a limit is shortened to it; all others stay. Complete the function
            `build_model(max_value)`: fill in the two places marked by `...` such that the weights into each unit of the
            two *hidden* layers have at most the norm `max_value`. The output layer and all biases have no limit. Leave
            the layers as they are: 8 inputs, two hidden layers of 30 ReLU units, one linear output.
        """),
        answer_name="build_model",
        stub=MAX_NORM_STUB,
        solution_source=str(MAX_NORM),
        cases=_max_norm_cases,
        mistakes=MAX_NORM_MISTAKES,
        hints=(
            "Look for the constraints of Keras; a layer takes one for its kernel and one for its bias.",
            "In a kernel of shape [inputs, units] the weights into one unit are a column.",
            "keras.constraints has MaxNorm; the argument of the layer is called kernel_constraint.",
        ),
        seconds=60.0,
    ),
    Exercise(
        label="regularization/alpha-dropout",
        title="Dropout against AlphaDropout for SELU",
        points=4,
        difficulty=2,
        minutes=15,
        statement=prose("""
            SELU units keep the mean of their outputs near 0 and the standard deviation near 1, layer after layer. Plain
            dropout breaks that, alpha dropout does not. Write a function `build_model(kind, rate)` that returns a
            sequential Keras model for 50 inputs: five times a `Dense` layer of 100 SELU units with LeCun's normal
            initial weights, each followed by a layer `Dropout(rate)` if `kind` is "plain", or `AlphaDropout(rate)` if
            it is "alpha". There is no other layer. The check looks at the layers, compares the outputs with those of
            SELU, and measures mean and standard deviation during training; measure them too, with
            `model(X, training=True)` on 400 rows of standard normal numbers.
        """),
        answer_name="build_model",
        stub='''\
import keras


def build_model(kind, rate):
    """Return five SELU layers, each followed by "plain" or "alpha" dropout."""
    ...
''',
        solution_source=str(ALPHA_DROPOUT),
        cases=_alpha_cases,
        mistakes=ALPHA_MISTAKES,
        hints=(
            "A loop that adds two layers, five times; the second one depends on `kind`.",
            'The initializer of the weights has a name in Keras, with "lecun" in it.',
            'keras.layers.Dense(100, activation="selu", …), then keras.layers.Dropout or keras.layers.AlphaDropout.',
        ),
        seconds=60.0,
    ),
)
