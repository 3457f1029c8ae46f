"""Exercises of the chapter on the functional API. What calls Keras here are the methods of the student's model."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, prose

# --- functional-api/dictionaries ------------------------------------------------------------------------------------

SOLUTION = Source("""\
from keras import Input, Model
from keras.layers import Concatenate, Dense


def build_model():
    wide = Input((5,), name="wide")
    deep = Input((6,), name="deep")
    hidden = Dense(30, activation="relu")(deep)
    hidden = Dense(30, activation="relu")(hidden)
    both = Concatenate()([wide, hidden])
    price = Dense(1)(both)
    aux = Dense(1)(hidden)
    inputs = {"wide": wide, "deep": deep}
    outputs = {"price": price, "aux": aux}
    model = Model(inputs=inputs, outputs=outputs)
    loss, loss_weights = {"price": "mse", "aux": "mse"}, {"price": 0.9, "aux": 0.1}
    model.compile(loss=loss, loss_weights=loss_weights, optimizer="sgd")
    return model
""")
# Calls of imported names, not of their attributes: Python compiles the latter differently where no import stands, as in
# a cell of the chapter, and the untouched stub would not be recognized.
STUB = '''\
from keras import Input, Model
from keras.layers import Concatenate, Dense


def build_model():
    """Return the compiled model; rewrite it with dictionaries."""
    wide = Input((5,))
    deep = Input((6,))
    hidden = Dense(30, activation="relu")(deep)
    hidden = Dense(30, activation="relu")(hidden)
    both = Concatenate()([wide, hidden])
    price = Dense(1)(both)
    aux = Dense(1)(hidden)
    model = Model(inputs=[wide, deep], outputs=[price, aux])
    model.compile(loss=["mse", "mse"], loss_weights=[0.9, 0.1], optimizer="sgd")
    return model
'''
N_PARAMETERS = (6 * 30 + 30) + (30 * 30 + 30) + (5 + 30 + 1) + (30 + 1)
WEIGHTS = {"price": 0.9, "aux": 0.1}


def _dictionaries_cases(rng):
    X = {"wide": rng.normal(size=(16, 5)), "deep": rng.normal(size=(16, 6))}
    y = {"price": rng.normal(size=(16, 1)), "aux": rng.normal(size=(16, 1)) * 3}
    others = {"the same": X, **{name: {**X, name: X[name] + 1} for name in X}}
    yield Case("a dictionary goes in, a dictionary comes out", lambda f: _structure(f(), X), _judge_structure)
    yield Case("the layers are the same as before", lambda f: f().count_params(), _judge_size)
    yield Case(
        "price listens to both inputs, aux to one",
        run=lambda f: _outputs_for(f(), others.values()),
        judge=lambda got: _judge_paths(dict(zip(others, got, strict=True))),
    )
    yield Case("the loss on a batch of dictionaries", lambda f: _loss(f(), X, y), lambda got: _judge_loss(got, y))


def _structure(model, X):
    return model.input, model(X)


def _judge_structure(got):
    for what, keys, structure in (("inputs", {"wide", "deep"}, got[0]), ("outputs", {"price", "aux"}, got[1])):
        if not isinstance(structure, dict):
            return f"the {what} of the model are no dictionary; hint: keras.Model(inputs={{…}}, outputs={{…}})"
        if set(structure) != keys:
            return f"the {what} of the model have the keys {sorted(structure)}; expected {sorted(keys)}"
    for name, output in got[1].items():
        if np.shape(output) != (16, 1):
            return f"the output {name!r} must have shape (16, 1) for 16 instances; got {np.shape(output)}"
    return None


def _judge_size(got):
    if got == N_PARAMETERS:
        return None
    hint = {
        N_PARAMETERS + 5: "aux reads the wide inputs as well; it must read the second hidden layer only",
        N_PARAMETERS - 5: "price does not read the wide inputs; concatenate them with the second hidden layer",
    }.get(got, "change how inputs, outputs and losses are named, not the layers")
    return f"expected {N_PARAMETERS} parameters; got {shorten(got)}\nhint: {hint}"


def _outputs_for(model, batches):
    return [{name: np.asarray(value) for name, value in model(X).items()} for X in batches]


def _judge_paths(got):
    for output in ("price", "aux"):
        for changed in ("wide", "deep"):
            moved = not np.allclose(got[changed][output], got["the same"][output])
            if moved and (output, changed) == ("aux", "wide"):
                return "aux changes with the wide inputs; hint: connect it to the second hidden layer"
            if not moved and (output, changed) != ("aux", "wide"):
                return f"{output} does not change with the {changed} inputs; hint: look at what it is connected to"
    return None


def _loss(model, X, y):
    outputs = {name: np.asarray(value, dtype=float) for name, value in model(X).items()}
    try:
        return outputs, model.test_on_batch(X, y, return_dict=True)["loss"]
    except (ValueError, KeyError, TypeError) as error:
        return outputs, error


def _judge_loss(got, y):
    outputs, loss = got
    if isinstance(loss, Exception):
        return f"computing the loss raised {type(loss).__name__}: {shorten(str(loss))}\nhint: {_hint_about(loss)}"
    parts = {name: np.mean((outputs[name] - y[name]) ** 2) for name in WEIGHTS}

    def total(weights):
        return sum(weights[name] * parts[name] for name in parts)

    if np.isclose(loss, total(WEIGHTS), rtol=1e-3):
        return None
    problem = f"expected the loss {total(WEIGHTS):.4f}; got {float(loss):.4f}"
    if np.isclose(loss, total({"price": 0.1, "aux": 0.9}), rtol=1e-3):
        return f"{problem}\nhint: the two weights are exchanged: price counts nine times as much as aux"
    if np.isclose(loss, total({"price": 1, "aux": 1}), rtol=1e-3):
        return f"{problem}\nhint: both losses count the same; `loss_weights` is missing"
    return f"{problem}\nhint: mean squared error for both, weighted by 0.9 and 0.1"


def _hint_about(error):
    if "compile" in str(error):
        return "the model was not compiled"
    return 'losses and weights are dictionaries as well, with the keys "price" and "aux"'


DICTIONARIES_MISTAKES = (
    Mistake("outputs as a list", SOLUTION.edited(("outputs=outputs", "outputs=[price, aux]")), "outputs of the model"),
    Mistake(
        "inputs as a list", SOLUTION.edited(("inputs=inputs", "inputs=[wide, deep]")), "the inputs of the model are"
    ),
    Mistake(
        "weights exchanged",
        SOLUTION.edited(('{"price": 0.9, "aux": 0.1}', '{"price": 0.1, "aux": 0.9}')),
        "the two weights are exchanged",
    ),
    Mistake("no weights", SOLUTION.edited((", loss_weights=loss_weights", "")), "`loss_weights` is missing"),
    Mistake(
        "aux reads everything",
        SOLUTION.edited(("Dense(1)(hidden)", "Dense(1)(both)")),
        "aux reads the wide inputs as well",
    ),
    Mistake(
        "the wide inputs are lost",
        SOLUTION.edited(("Dense(1)(both)", "Dense(1)(hidden)")),
        "price does not read the wide inputs",
    ),
    Mistake(
        "not compiled",
        SOLUTION.edited(('    model.compile(loss=loss, loss_weights=loss_weights, optimizer="sgd")\n', "")),
        "the model was not compiled",
    ),
    Mistake(
        "another name",
        SOLUTION.edited(('"aux":', '"auxiliary":')),
        "have the keys ['auxiliary', 'price']; expected ['aux', 'price']",
    ),
)


# --- functional-api/siamese -----------------------------------------------------------------------------------------

SIAMESE_SOLUTION = Source("""\
import keras


def build_comparer():
    left = keras.Input((8,), name="left")
    right = keras.Input((8,), name="right")
    hidden = keras.layers.Dense(16, activation="relu")
    code = keras.layers.Dense(4)
    code_left = code(hidden(left))
    code_right = code(hidden(right))
    distance = keras.ops.abs(code_left - code_right)
    same = keras.layers.Dense(1, activation="sigmoid")(distance)
    return keras.Model({"left": left, "right": right}, same)
""")
SIAMESE_STUB = '''\
import keras


def build_comparer():
    """Return a model that compares two rows of 8 numbers with one encoder."""
    ...
'''
N_ENCODER, N_HEAD = (8 * 16 + 16) + (16 * 4 + 4), 4 + 1


def _siamese_cases(rng):
    a, b = rng.normal(size=(2, 32, 8)) * 5
    yield Case(
        "the model takes a dictionary and returns a column",
        run=lambda f: _answers(f, [(a, b)])[0].shape,
        judge=lambda got: None if got == (32, 1) else f"expected the shape (32, 1) for 32 pairs; got {got}",
    )
    yield Case("the encoder is there once", lambda f: f().count_params(), _judge_sharing)
    yield Case("the order of the two does not matter", lambda f: _answers(f, [(a, b), (b, a)]), _judge_order)
    yield Case(
        "the answer is a probability that depends on both", lambda f: _answers(f, [(a, b), (a, a)]), _judge_range
    )


def _answers(build, pairs):
    model = build()
    return [np.asarray(model({"left": left, "right": right}), dtype=float) for left, right in pairs]


def _judge_sharing(got):
    if got == N_ENCODER + N_HEAD:
        return None
    hint = {
        2 * N_ENCODER + N_HEAD: "there are two encoders: make each layer once, and call it on both inputs",
        N_ENCODER + 2 * 4 + 1: "the codes stand side by side; take the absolute value of their difference instead",
        N_ENCODER: "the last layer is missing: Dense(1) with a sigmoid, on the four distances",
    }.get(got, "hidden layer of 16, code of 4, output of 1; the first two are used for both inputs")
    return f"expected {N_ENCODER + N_HEAD} parameters; got {shorten(got)}\nhint: {hint}"


def _judge_order(got):
    there, back = got
    if np.allclose(there, back):
        return None
    return "the answers change when left and right are exchanged\nhint: take the absolute value of the difference"


def _judge_range(got):
    pair, alike = got
    if pair.min() < 0 or pair.max() > 1:
        return f"answers from {pair.min():.2f} to {pair.max():.2f}; hint: a probability needs a sigmoid at the end"
    if np.allclose(pair, alike):
        return "left and right make no difference; hint: subtract the code of the right one from that of the left one"
    return None


SIAMESE_MISTAKES = (
    Mistake(
        "two encoders",
        SIAMESE_SOLUTION.edited(
            (
                "    code_right = code(hidden(right))\n",
                '    hidden_right = keras.layers.Dense(16, activation="relu")(right)\n'
                "    code_right = keras.layers.Dense(4)(hidden_right)\n",
            )
        ),
        "there are two encoders: make each layer once",
    ),
    Mistake(
        "only the second layer is shared",
        SIAMESE_SOLUTION.edited(
            ("code(hidden(right))", 'code(keras.layers.Dense(16, activation="relu")(right))'),
        ),
        "the first two are used for both inputs",
    ),
    Mistake(
        "no absolute value",
        SIAMESE_SOLUTION.edited(("keras.ops.abs(code_left - code_right)", "code_left - code_right")),
        "the answers change when left and right are exchanged",
    ),
    Mistake(
        "side by side",
        SIAMESE_SOLUTION.edited(
            ("keras.ops.abs(code_left - code_right)", "keras.layers.Concatenate()([code_left, code_right])")
        ),
        "the codes stand side by side",
    ),
    Mistake(
        "no sigmoid",
        SIAMESE_SOLUTION.edited(('1, activation="sigmoid"', "1")),
        "a probability needs a sigmoid at the end",
    ),
    Mistake(
        "left compared with itself",
        SIAMESE_SOLUTION.edited(("code_left - code_right", "code_left - code_left")),
        "left and right make no difference",
    ),
)


EXERCISES = (
    Exercise(
        label="functional-api/dictionaries",
        title="Several inputs and outputs by name",
        points=4,
        difficulty=2,
        minutes=15,
        statement=prose("""
            The function `build_model()` below returns a compiled model with two inputs and two outputs, given as lists:
            whoever trains it must remember their order. Rewrite it with dictionaries. The inputs are called `"wide"`
            (5 features) and `"deep"` (6 features), the outputs `"price"` and `"aux"`; the model must take and return
            dictionaries with these keys. Leave the layers as they are: two hidden layers of 30 ReLU units on the deep
            input, `price` from the wide input and the second hidden layer together, `aux` from the second hidden layer
            alone. Compile it with the mean squared error for both outputs, weighted by 0.9 for the price and 0.1 for
            aux, such that targets can be given as a dictionary too.
        """),
        answer_name="build_model",
        stub=STUB,
        solution_source=str(SOLUTION),
        cases=_dictionaries_cases,
        mistakes=DICTIONARIES_MISTAKES,
        hints=(
            "Five lists have two elements: inputs, outputs, losses, weights, and Concatenate's; that one stays.",
            'keras.Model(inputs={"wide": …, "deep": …}, outputs=…)',
            "`loss` and `loss_weights` take dictionaries with the keys of the outputs.",
        ),
        seconds=60.0,
    ),
    Exercise(
        label="functional-api/siamese",
        title="One encoder for two inputs",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("functional-api/dictionaries",),
        statement=prose("""
            Complete `build_comparer()`: it returns a model (not compiled) that takes a dictionary with the keys
            `"left"` and `"right"`, two arrays of shape $[n, 8]$, and returns for each pair the probability that both
            rows are of one kind, shape $[n, 1]$. An encoder turns a row into a code of 4 numbers: a hidden layer of 16
            ReLU units, then 4 units without activation. Use the *same* encoder for both inputs. The output is one
            sigmoid unit that gets the absolute values of the difference of the two codes.
        """),
        answer_name="build_comparer",
        stub=SIAMESE_STUB,
        solution_source=str(SIAMESE_SOLUTION),
        cases=_siamese_cases,
        mistakes=SIAMESE_MISTAKES,
        hints=(
            "How often is each layer made, and how often is it called?",
            "Put the layers of the encoder into variables first, without calling them.",
            "`keras.ops.abs` takes symbolic tensors, and so does the minus sign.",
        ),
        seconds=60.0,
    ),
)
