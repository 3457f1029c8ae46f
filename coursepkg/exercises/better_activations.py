"""Exercises of the chapter on better activations. What calls Keras here are the methods of the student's model."""

from __future__ import annotations

import numpy as np
from scipy.special import erf, expit

from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, difference, function_case, prose

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

# --- better-activations/prelu-backward ------------------------------------------------------------------------------


def prelu_backward(A, slopes, G):
    """The reference: gradients by the pre-activations and by the slopes."""
    return G * np.where(A > 0, 1.0, slopes), (G * np.minimum(A, 0)).sum(axis=0)


def _prelu_variant(by_input=None, by_slope=None):
    """Return the function with one of the two gradients exchanged."""

    def variant(A, slopes, G):
        dA, dslopes = prelu_backward(A, slopes, G)
        return by_input(A, slopes, G) if by_input else dA, by_slope(A, slopes, G) if by_slope else dslopes

    return variant


PRELU_MISTAKES = (
    Mistake(
        "the mean over the batch",
        _prelu_variant(by_slope=lambda A, s, G: (G * np.minimum(A, 0)).mean(axis=0)),
        "add the instances up; where the loss is a mean, G holds the 1/n already",
    ),
    Mistake(
        "not summed",
        _prelu_variant(by_slope=lambda A, s, G: G * np.minimum(A, 0)),
        "all instances of the batch share a unit's slope: sum over them, one number a unit remains",
    ),
    Mistake(
        "summed over the units",
        _prelu_variant(by_slope=lambda A, s, G: (G * np.minimum(A, 0)).sum(axis=1)),
        "sum over the instances, axis 0; each unit has a slope of its own",
    ),
    Mistake(
        "the slope is not multiplied with A",
        _prelu_variant(by_slope=lambda A, s, G: (G * (A < 0)).sum(axis=0)),
        "the output slope · a changes by a, not by 1, when the slope changes by 1",
    ),
    Mistake(
        "the wrong half",
        _prelu_variant(by_slope=lambda A, s, G: (G * np.maximum(A, 0)).sum(axis=0)),
        "the slope matters where A is negative; this is the sum over the positive half",
    ),
    Mistake(
        "ReLU's gradient",
        _prelu_variant(by_input=lambda A, s, G: G * (A > 0)),
        "this is the gradient of ReLU: where A is negative, the slope is passed on, not 0",
    ),
    Mistake(
        "without G",
        _prelu_variant(by_input=lambda A, s, G: np.where(A > 0, 1.0, s)),
        "chain rule: multiply the derivative by the gradient G that comes back",
    ),
    Mistake(
        "halves exchanged",
        _prelu_variant(by_input=lambda A, s, G: G * np.where(A > 0, s, 1.0)),
        "the two halves are exchanged: the derivative is 1 where A is positive",
    ),
    Mistake(
        "the other order",
        lambda A, slopes, G: prelu_backward(A, slopes, G)[::-1],
        "return the gradient by A first, then that by the slopes",
    ),
)


def _prelu_cases(rng):
    for shown, shape, slope in (
        ("small slopes", (8, 5), 0.25),
        ("slopes above 1 and below 0", (7, 4), 3.0),
        ("a single instance", (1, 6), 0.5),
    ):
        A, G = rng.normal(size=(2, *shape))
        A[0, :2] = -np.abs(A[0, :2])  # each half occurs in every batch
        A[0, 2:] = np.abs(A[0, 2:])
        yield function_case(
            f"prelu_backward(A, slopes, G): {shown}",
            (A, rng.normal(size=shape[1]) * slope, G),
            reference=prelu_backward,
            mistakes=PRELU_MISTAKES,
        )


# --- better-activations/gain ----------------------------------------------------------------------------------------

POINTS = np.linspace(-8, 8, 4001)
NORMAL = np.exp(-(POINTS**2) / 2) / np.exp(-(POINTS**2) / 2).sum()


def gain(function):
    """The reference: 1 over the mean square of the outputs, for standard normal pre-activations."""
    return 1 / (NORMAL @ function(POINTS) ** 2)


def _variance(function):
    return NORMAL @ (function(POINTS) - NORMAL @ function(POINTS)) ** 2


GAIN_MISTAKES = (
    Mistake(
        "the mean square itself",
        lambda function: NORMAL @ function(POINTS) ** 2,
        "this is the mean square that arrives; the scale must make up for it: divide by it",
    ),
    Mistake(
        "the variance of the outputs",
        lambda function: 1 / _variance(function),
        "the mean of the outputs counts too: take the mean of the squares, without subtracting the mean",
    ),
    Mistake(
        "the square root",
        lambda function: gain(function) ** 0.5,
        "this is the factor of the standard deviation; the variance needs its square",
    ),
    Mistake(
        "uniform pre-activations",
        lambda function: 1 / np.mean(function(np.linspace(-1, 1, 4001)) ** 2),
        "these pre-activations fill [−1, 1] evenly; take normal ones with mean 0 and variance 1",
    ),
    Mistake(
        "every point counts alike",
        lambda function: 1 / np.mean(function(np.linspace(-8, 8, 4001)) ** 2),
        "the points must be weighted with the normal density, or drawn from it",
    ),
    Mistake("always He's", lambda function: 2.0, "2 is right for ReLU; other functions need other scales"),
)


def _gain_cases(rng):
    slope, beta, size = rng.uniform(0.3, 0.6), rng.uniform(0.7, 1.4), rng.uniform(1.5, 2.5)
    for shown, function in (
        ("a leaky ReLU", lambda a: np.where(a > 0, a, slope * a)),
        ("Swish with some β", lambda a: a * expit(beta * a)),
        ("a multiple of tanh", lambda a: size * np.tanh(a)),
    ):
        yield function_case(
            f"gain(function): {shown}",
            (function,),
            reference=gain,
            mistakes=GAIN_MISTAKES,
            compare=lambda got, expected: difference(got, expected, rtol=0.02),
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
    Exercise(
        label="better-activations/prelu-backward",
        title="Send a gradient through PReLU",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("better-activations",),
        statement=prose(r"""
            Write a function `prelu_backward(A, slopes, G)`: the way back through a parametric ReLU. `A` of shape
            $[n, m]$ holds the pre-activations of $n$ instances and $m$ units, `slopes` of shape $[m]$ one slope for
            each unit, and `G` of shape $[n, m]$ the gradient of the loss with respect to the outputs. An output is $a$
            where $a > 0$, and slope · $a$ elsewhere. Return two arrays: the gradient of the loss with respect to `A`,
            of shape $[n, m]$, and that with respect to `slopes`, of shape $[m]$. Do not use loops.
        """),
        answer_name="prelu_backward",
        stub="""\
import numpy as np


def prelu_backward(A, slopes, G):
    \"\"\"Return the gradients with respect to A and to the slopes.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def prelu_backward(A, slopes, G):
    dA = G * np.where(A > 0, 1.0, slopes)
    dslopes = (G * np.minimum(A, 0)).sum(axis=0)  # all instances share a slope
    return dA, dslopes
""",
        cases=_prelu_cases,
        mistakes=PRELU_MISTAKES,
        hints=(
            "Write the output of one unit for one instance as a function of a and of the slope; derive by each.",
            "By a: 1 or the slope. By the slope: 0 or a. Multiply each by G.",
            "A slope is used for every instance of the batch, so its gradient is a sum over axis 0.",
        ),
    ),
    Exercise(
        label="better-activations/gain",
        title="He's rule for any activation",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("unstable-gradients",),
        statement=prose(r"""
            He's rule draws weights with variance scale / fan_in, and scale = 2 makes up for what ReLU does to the mean
            square of its input. Other functions need other scales. Write a function `gain(function)` that returns the
            scale for any activation: if the pre-activations are normal with mean 0 and variance 1, the mean square of
            the outputs times the scale must be 1. `function` takes an array and works on each entry. Compute the mean
            by a weighted sum over many points or from many random numbers; an error of 2% is accepted. Return one
            number.
        """),
        answer_name="gain",
        stub="""\
import numpy as np


def gain(function):
    \"\"\"Return the scale for which the mean square stays 1.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def gain(function):
    a = np.linspace(-8, 8, 10_001)
    weight = np.exp(-(a**2) / 2)
    weight /= weight.sum()
    return 1 / (weight @ function(a) ** 2)
""",
        cases=_gain_cases,
        mistakes=GAIN_MISTAKES,
        hints=(
            "Try it with ReLU: the answer is 2, since the squares of one half become 0.",
            "`np.random.default_rng().normal(size=1_000_000)` gives enough pre-activations.",
            "Square the outputs, take the mean, and divide 1 by it.",
        ),
    ),
)
