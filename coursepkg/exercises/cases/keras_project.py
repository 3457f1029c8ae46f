"""Cases of the project of the part on Keras. A stand-in takes the place of the model where none must be trained."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from coursepkg.data import BRANDS, generate_offers
from coursepkg.exercises.cases import Case, caught

BARS = {"kind": 0.65, "price": 0.6}  # share named right, relative error
SIZES = {"n": 500, "n_valid": 100, "n_test": 400}


def train_offers(rng):
    seed, memory = int(rng.integers(1_000_000)), {}
    for shown, judge in (
        ("ten probabilities and a price for each of 400 offers", "outputs"),
        (f"at least {BARS['kind']:.2f} of 400 offers named right", "kind"),
        (f"a relative error of the price of at most {BARS['price']:.2f}", "price"),
        ("a copy from configuration and weights answers the same", "copy"),
    ):
        yield Case(shown, lambda f: _trained(f, seed, memory), judge, {"seed": seed, "bars": BARS, "sizes": SIZES})


def _trained(function, seed, memory):
    """Return what the model says; the four cases of one answer train it once where they run in one process."""
    if memory.get("of") is not function:
        memory.clear()
        memory.update({"of": function, "said": _said(function, seed)})
    return memory["said"]


def _said(function, seed):
    data = generate_offers(seed, **SIZES)
    model = function(data["train"], data["valid"])
    if not callable(model):
        return {"no model": type(model).__name__}
    inputs = data["test"][0]
    said = {"raw": _outputs(model, inputs)}
    if isinstance(said["raw"], dict) and set(said["raw"]) == {"kind", "price"}:
        said["scaled"] = _outputs(model, inputs | {"image": inputs["image"] / 255})
        said["other brand"] = _outputs(model, inputs | {"brand": (inputs["brand"] + 1) % len(BRANDS)})
        try:
            said["copy"] = _outputs(_copied(model), inputs)
        except Exception as error:  # whatever a model's own layers raise
            said["copy"] = caught(error)
    return said


def _copied(model):
    """Return a model made anew from what a file holds: the configuration as text, and the weights."""
    copy = type(model).from_config(model.get_config())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.weights.h5"
        model.save_weights(path)
        copy.load_weights(path)
    return copy


def _outputs(model, inputs):
    outputs = model({name: array.copy() for name, array in inputs.items()})
    if not isinstance(outputs, dict):
        return type(outputs).__name__
    return {name: np.asarray(array) for name, array in outputs.items()}


# --- keras-project/answer-request -----------------------------------------------------------------------------------


def answer_request(rng):
    good = _request(rng)
    yield _asked("a good request", good, rng)
    yield _asked("a good request with a key more", _request(rng) | {"seller": "Ada"}, rng)
    yield _asked("bytes that are no JSON", b'{"age": 3,', rng)
    yield _asked("bytes that are no text", b"\xff\xfe\x00", rng)
    yield _asked("a list for an object", b"[1, 2, 3]", rng)
    yield _asked("lists in lists without an end", b"[" * 100_000, rng)
    key = str(rng.choice(["age", "condition", "photos", "brand", "image"]))
    yield _asked("a key is missing", {name: value for name, value in good.items() if name != key}, rng, fault=key)
    for shown, key, value in (
        ("a condition of 50", "condition", 50),
        ("an age below 0", "age", -1),
        ("a number as text", "photos", "3"),
        ("true for a number", "age", True),
        ("NaN for a number", "condition", float("nan")),
        ("an unknown brand", "brand", "Nettle"),
        ("a list for a brand", "brand", ["Alder"]),
        ("a flat image", "image", [0] * 784),
        ("an image whose rows differ in length", "image", [[0] * 28] * 27 + [[0] * 27]),
        ("an image with a text in it", "image", [[0] * 28] * 27 + [[0] * 27 + ["0"]]),
        ("an image with a number above 255", "image", [[0] * 28] * 27 + [[0] * 27 + [256]]),
        ("an image with a true among its numbers", "image", [[0] * 28] * 27 + [[0] * 27 + [True]]),
    ):
        yield _asked(shown, good | {key: value}, rng, fault=key)


def _request(rng):
    return {
        "image": rng.integers(0, 256, size=(28, 28)).tolist(),
        "age": round(float(rng.uniform(0, 10)), 1),
        "condition": int(rng.integers(1, 6)),
        "photos": int(rng.integers(1, 9)),
        "brand": str(rng.choice(BRANDS[1:])),
    }


def _asked(shown, body, rng, fault="JSON"):
    is_good = isinstance(body, dict) and "good" in shown
    request = body if is_good else None
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    weights = rng.normal(size=10).tolist()
    facts = {"request": request, "fault": fault, "weights": weights}
    return Case(shown, lambda f: _reply(f, body, weights), "reply", facts)


def _reply(function, body, weights):
    calls = []

    def model(inputs):
        calls.append({name: np.asarray(array) for name, array in inputs.items()})
        return said(calls[-1], weights)

    try:
        result = function(model, body)
    except Exception as error:
        return {"raised": caught(error), "calls": len(calls)}
    status, reply = result if isinstance(result, tuple) and len(result) == 2 else (None, result)
    try:
        text = json.dumps(reply)
    except (TypeError, ValueError) as error:
        text = caught(error)
    return {"status": status, "text": text, "calls": len(calls)}


def said(inputs, weights):
    """Return what the stand-in for a model answers to a batch of one offer.

    Parameters
    ----------
    inputs : dict of str to numpy.ndarray
        Of the three shapes that the exercise states.
    weights : sequence of float, length 10
        Which kind it prefers.
    """
    shapes = {name: array.shape for name, array in inputs.items()}
    if shapes != {"image": (1, 28, 28), "numbers": (1, 3), "brand": (1,)}:
        raise ValueError(f"the model got the shapes {shapes}")
    z = np.array(weights) * (1 + inputs["brand"][0]) + inputs["image"].mean() / 100
    P = np.exp(z - z.max())
    price = 10 + inputs["image"].std() / 10 + inputs["numbers"][0] @ [1.111, 13.3, 0.37] + inputs["brand"][0]
    return {"kind": (P / P.sum())[None].astype(np.float32), "price": np.array([price], dtype=np.float32)}


# --- keras-project/repair-measure -----------------------------------------------------------------------------------


def repair_measure(rng):
    for shown, shape in (("prices of the shape [n, 1]", (-1, 1)), ("prices of the shape [n]", (-1,))):
        n = int(rng.integers(30, 60))
        kind, price = rng.integers(10, size=n), rng.uniform(5, 200, size=n)
        P = rng.dirichlet(np.ones(10), size=n)
        P[np.arange(n), kind] += rng.uniform(0, 1, size=n)
        outputs = {"kind": P / P.sum(axis=1, keepdims=True)}
        outputs["price"] = (price * np.exp(rng.normal(0, 0.3, size=n))).reshape(shape)
        facts = {"outputs": outputs, "targets": {"kind": kind, "price": price}}
        yield Case(f"measure(outputs, targets): {shown}", partial(_measured, **facts), "measured", facts)


def _measured(function, outputs, targets):
    return function(*({name: array.copy() for name, array in given.items()} for given in (outputs, targets)))
