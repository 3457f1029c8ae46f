"""Cases of the exercises on custom training. What calls TensorFlow here is the student's code."""

from __future__ import annotations

import sys

import numpy as np

from coursepkg.exercises.cases import Case, caught

FUNCTIONS = {  # of an array or a tensor
    "a polynomial": lambda x, a, b, c: a * x**3 + b * x**2 + c * x,
    "a quotient": lambda x, a, b, c: a / (x + 1),
    "a straight line": lambda x, a, b, c: a * x + b,
}


def derivatives(rng):
    abc = rng.uniform(0.5, 2, size=3) * rng.choice([-1, 1], size=3)
    x = rng.uniform(0.5, 2, size=5)
    for shown, function in FUNCTIONS.items():
        yield Case(
            f"derivatives(f, x): {shown}",
            lambda answer, function=function: _differentiate(answer, lambda x: function(x, *abc), x.copy()),
            facts={"shown": shown, "abc": abc, "x": x},
        )


def _differentiate(answer, f, x):
    try:
        return answer(f, x)
    except (AttributeError, ValueError, TypeError) as error:
        return caught(error)


def loop(rng):
    for shown, n, d, batch_size in (("the last batch is smaller", 25, 3, 10), ("one feature", 14, 1, 4)):
        X = rng.normal(size=(n, d))
        y = X @ rng.uniform(1, 3, size=d) + rng.uniform(1, 2) + rng.normal(scale=0.3, size=n)
        call = f"fit_line(X, y, epochs=3, batch_size={batch_size}, …)"
        arguments = (X, y, 3, batch_size, 0.05)
        yield Case(f"{call}: {shown}", lambda f, a=arguments: _looped(f, *a), facts={"arguments": arguments})


def _looped(function, X, y, *rest):
    given = X.copy(), y.copy()
    try:
        got = function(*given, *rest)
    except Exception as error:
        return caught(error)
    return got, all(np.array_equal(old, new) for old, new in zip((X, y), given, strict=True))


def traces(rng):
    for letter in "ABCDE":
        yield Case(f"program {letter}", lambda answer, letter=letter: answer[letter], facts={"letter": letter})


def repair_step(rng):
    X, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 1))
    kernel, weights = rng.normal(size=(3, 1)), rng.uniform(0.5, 2, size=12)
    for shown, weight in (("without weights", None), ("with weights of the instances", weights)):
        facts = {"X": X, "y": y, "kernel": kernel, "weights": np.ones(12) if weight is None else weight}
        yield Case(
            f"two steps of fit, {shown}",
            lambda step, weight=weight: _fitted(step, X, y, kernel, weight),
            facts=facts | {"given": weight is not None},
        )


def _fitted(step, X, y, kernel, weight):
    keras = sys.modules["keras"]  # the student's program has loaded it; this package never does

    class Doubled(keras.layers.Layer):
        """Twice as large in training: dropout without chance."""

        def call(self, inputs, training=False):
            return 2 * inputs if training else inputs

    class Stepped(keras.Sequential):
        def train_step(self, data):
            return step(self, data)

    dense = keras.layers.Dense(1, use_bias=False, kernel_regularizer=keras.regularizers.L2(0.1))
    model = Stepped([keras.Input((3,)), Doubled(), dense])
    model.compile(keras.optimizers.SGD(0.05), "mean_squared_error")
    dense.set_weights([kernel])
    try:
        history = model.fit(X, y, epochs=2, batch_size=12, sample_weight=weight, shuffle=False, verbose=0).history
    except Exception as error:
        return caught(error)
    return [float(value) for value in history["batch_loss"]], dense.get_weights()[0]
