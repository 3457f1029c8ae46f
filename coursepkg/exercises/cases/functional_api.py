"""Cases of the exercises on the functional API. What calls Keras here are the methods of the student's model."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, caught


def dictionaries(rng):
    X = {"wide": rng.normal(size=(16, 5)), "deep": rng.normal(size=(16, 6))}
    y = {"price": rng.normal(size=(16, 1)), "aux": rng.normal(size=(16, 1)) * 3}
    others = {"the same": X, **{name: {**X, name: X[name] + 1} for name in X}}
    yield Case("a dictionary goes in, a dictionary comes out", lambda f: _structure(f(), X), judge="structure")
    yield Case("the layers are the same as before", lambda f: f().count_params(), judge="size")
    yield Case("price listens to both inputs, aux to one", lambda f: _all_outputs(f(), others), judge="paths")
    yield Case("the loss on a batch of dictionaries", lambda f: _loss(f(), X, y), judge="loss", facts={"y": y})


def _structure(model, X):
    return dict.fromkeys(model.input) if isinstance(model.input, dict) else None, model(X)


def _outputs(model, X):
    return dict(model(X).items())


def _all_outputs(model, batches):
    return {name: _outputs(model, X) for name, X in batches.items()}


def _loss(model, X, y):
    outputs = _outputs(model, X)
    try:
        return outputs, model.test_on_batch(X, y, return_dict=True)["loss"]
    except (ValueError, KeyError, TypeError) as error:
        return outputs, caught(error)


def siamese(rng):
    a, b = rng.normal(size=(2, 32, 8)) * 5
    for shown, judge, run in (
        ("the model takes a dictionary and returns a column", "shape", lambda f: _answers(f, [(a, b)])[0].shape),
        ("the encoder is there once", "sharing", lambda f: f().count_params()),
        ("the order of the two does not matter", "order", lambda f: _answers(f, [(a, b), (b, a)])),
        ("the answer is a probability that depends on both", "range", lambda f: _answers(f, [(a, b), (a, a)])),
    ):
        yield Case(shown, run, judge)


def _answers(build, pairs):
    model = build()
    return [np.asarray(model({"left": left, "right": right})) for left, right in pairs]


def repair_heads(rng):
    X = rng.normal(size=(64, 16)) * 3
    y = {"kind": rng.integers(5, size=64), "place": rng.normal(size=(64, 2)) * 4}
    yield Case("the probabilities of five kinds sum to 1", lambda f: _outputs(f(), {"row": X})["kind"], judge="kind")
    yield Case("a place may be negative", lambda f: _outputs(f(), {"row": X})["place"], judge="place")
    yield Case("both heads read the hidden layer", lambda f: f().count_params(), judge="heads")
    yield Case("evaluate reports each metric", lambda f: _scores(f(), X, y), judge="scores", facts={"y": y})


def _scores(model, X, y):
    outputs = _outputs(model, {"row": X})
    try:
        return outputs, model.evaluate({"row": X}, y, batch_size=64, verbose=0, return_dict=True)
    except (ValueError, KeyError, TypeError) as error:
        return outputs, caught(error)
