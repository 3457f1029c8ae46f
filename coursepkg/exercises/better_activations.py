"""Exercises of the chapter on better activations. What calls Keras here are the methods of the student's model."""

from __future__ import annotations

import numpy as np
from scipy.special import erf, expit

from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, prose

# --- better-activations/try-three -----------------------------------------------------------------------------------

SOLUTION = Source("""\
import keras


def build_model(name):
    model = keras.Sequential([keras.Input((8,))])
    if name == "prelu":
        model.add(keras.layers.Dense(10))
        model.add(keras.layers.PReLU())
    else:
        model.add(keras.layers.Dense(10, activation=name))
    model.add(keras.layers.Dense(1))
    return model
""")

FUNCTIONS = {
    "gelu": lambda a, slope: a * (1 + erf(a / np.sqrt(2))) / 2,
    "swish": lambda a, slope: a * expit(a),
    "prelu": lambda a, slope: np.where(a > 0, a, slope * a),
}
# What a wrong model may compute between the two layers, and what to say to that.
WRONG = (
    (lambda a, slope: a, "the hidden units have no activation"),
    (lambda a, slope: np.maximum(a, 0), "the hidden units compute ReLU"),
    (
        lambda a, slope: a * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3))) / 2,
        "this is the tanh approximation of GELU; without `approximate=True` Keras computes the exact one",
    ),
    (lambda a, slope: expit(a), "this is the sigmoid; Swish multiplies it with the pre-activation"),
    (FUNCTIONS["gelu"], "this is GELU"),
    (FUNCTIONS["swish"], "this is Swish"),
)


def _shapes(name):
    slope = [(10,)] if name == "prelu" else []
    return [(8, 10), (10,), *slope, (10, 1), (1,)]


def _three_cases(rng):
    for name in FUNCTIONS:
        X = rng.normal(size=(50, 8))
        weights = [rng.normal(size=shape) for shape in _shapes(name)]
        yield Case(
            f'build_model("{name}"): the outputs for random weights',
            run=lambda f, name=name, X=X, weights=weights: _outputs(f(name), X, weights),
            judge=lambda got, name=name, X=X, weights=weights: _judge(name, got, X, weights),
        )


def _outputs(model, X, weights):
    """Return the shapes of a model's weights and, if they are as expected, its outputs with these weights."""
    shapes = [np.shape(weight) for weight in model.get_weights()]
    if shapes != [weight.shape for weight in weights]:
        return shapes, None
    model.set_weights(weights)
    return shapes, np.asarray(model(X), dtype=float)


def _judge(name, got, X, weights):
    shapes, outputs = got
    if outputs is None:
        return f"expected weights of the shapes {_shapes(name)}; got {shapes}\nhint: {_hint_about(name, shapes)}"
    W1, b1, *slope, W2, b2 = weights
    A, slope = X @ W1 + b1, slope[0] if slope else 0.0

    def network(function):
        return function(A, slope) @ W2 + b2

    if _near(outputs, network(FUNCTIONS[name])):
        return None
    apart = f"the outputs differ by up to {np.abs(outputs - network(FUNCTIONS[name])).max():.3g}"
    for function, hint in WRONG:
        if _near(outputs, network(function)):
            return f"{apart}\nhint: {hint}"
    if any(_near(outputs, f(network(FUNCTIONS[name]), 0.0)) for f in (FUNCTIONS["gelu"], FUNCTIONS["swish"])):
        return f"{apart}\nhint: the output has an activation too; the last layer must be linear"
    return f"{apart}\nhint: Dense, then {name}, then Dense without an activation"


def _hint_about(name, shapes):
    if name == "prelu" and shapes == _shapes("gelu"):
        return "there is no slope to learn; PReLU is a layer, not the leaky ReLU with a fixed slope"
    if name == "prelu" and (1,) in shapes[2:3]:
        return "all units share one slope; here each has a slope of its own"
    return "8 inputs, one hidden layer of 10 units, one output"


def _near(outputs, wanted):
    return np.allclose(outputs, wanted, rtol=1e-4, atol=1e-4)


THREE_MISTAKES = (
    Mistake("ReLU for all", SOLUTION.edited(("activation=name", 'activation="relu"')), "the hidden units compute ReLU"),
    Mistake("no activation", SOLUTION.edited((", activation=name", "")), "the hidden units have no activation"),
    Mistake(
        "the approximation of GELU",
        SOLUTION.edited(
            ("activation=name", "activation=lambda a: keras.activations.gelu(a, approximate=True)"),
        ),
        "this is the tanh approximation of GELU",
    ),
    Mistake(
        "the sigmoid for Swish",
        SOLUTION.edited(("activation=name", 'activation="sigmoid" if name == "swish" else name')),
        "this is the sigmoid; Swish multiplies it",
    ),
    Mistake("a fixed slope", SOLUTION.edited(("PReLU()", "LeakyReLU()")), "there is no slope to learn"),
    Mistake("a shared slope", SOLUTION.edited(("PReLU()", "PReLU(shared_axes=[1])")), "all units share one slope"),
    Mistake(
        "an activation on the output",
        SOLUTION.edited(("Dense(1)", 'Dense(1, activation=None if name == "prelu" else name)')),
        "the last layer must be linear",
    ),
)


EXERCISES = (
    Exercise(
        label="better-activations/try-three",
        title="Try GELU, Swish and PReLU",
        points=3,
        difficulty=1,
        minutes=10,
        statement=prose("""
            Write a function `build_model(name)` that returns a Keras model for 8 inputs: one hidden layer of 10 units
            with the activation `name`, and one linear output. `name` is "gelu" (the exact form, not the tanh
            approximation), "swish" or "prelu" (the parametric ReLU, with one slope to learn for each unit). The
            model's weights must come in the order of its layers: `get_weights()` gives the hidden weights and biases,
            for "prelu" the slopes, then the output's weights and bias. It need not be compiled. The check sets random
            weights and compares the outputs with the formulas.
        """),
        answer_name="build_model",
        stub='''\
import keras


def build_model(name):
    """Return a model with the activation "gelu", "swish" or "prelu"."""
    ...
''',
        solution_source=str(SOLUTION),
        cases=_three_cases,
        mistakes=THREE_MISTAKES,
        hints=(
            "Keras knows two of the three by their names; the third has weights of its own.",
            "Weights live in layers: keras.layers.PReLU() stands behind a Dense layer without activation.",
            'if name == "prelu": add Dense(10) and PReLU(); otherwise Dense(10, activation=name).',
        ),
        seconds=60.0,
    ),
)
