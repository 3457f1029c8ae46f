"""Answers to the project of the part on Keras."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np

from coursepkg._validation import shorten
from coursepkg.data import BRANDS, CLASS_NAMES, generate_offers
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases import Caught
from coursepkg.exercises.cases.keras_project import said as stand_in

# --- keras-project/train-offers -------------------------------------------------------------------------------------


def _judge_outputs(got, *, seed, bars, sizes):
    """Whether there are ten probabilities and a price for each offer."""
    if "no model" in got:
        return f"expected a model; got {got['no model']} (did you forget the `return` statement?)"
    outputs, n = got["raw"], sizes["n_test"]
    if not isinstance(outputs, dict):
        return f"expected a dictionary with the keys 'kind' and 'price'; the model returns a {outputs}"
    if set(outputs) != {"kind", "price"}:
        return f"expected the outputs 'kind' and 'price'; got {', '.join(map(repr, sorted(outputs)))}"
    kind, price = outputs["kind"], outputs["price"]
    if kind.shape != (n, 10):
        return f"expected kinds of the shape {(n, 10)}; got {kind.shape}"
    if price.shape not in ((n,), (n, 1)):
        return f"expected prices of the shape {(n,)} or {(n, 1)}; got {price.shape}"
    if not np.allclose(kind.sum(axis=1), 1, atol=1e-3) or kind.min() < 0:
        return f"the first row of kinds sums to {kind[0].sum():.2f}\nhint: softmax turns scores into probabilities"
    if not np.all(np.isfinite(price)) or price.min() <= 0:
        problem = f"expected prices above 0; the lowest is {price.min():.2f}"
        scaled = got["scaled"]["price"]
        is_fine = np.all(np.isfinite(scaled)) and scaled.min() > 0
        return f"{problem}\nhint: with pixels from 0 to 1 they would be: {INSIDE}" if is_fine else problem
    return None


def _judge_kind(got, *, seed, bars, sizes):
    if problem := _judge_outputs(got, seed=seed, bars=bars, sizes=sizes):
        return problem
    right, scaled = (_share(got[name], seed, sizes) for name in ("raw", "scaled"))
    if right >= bars["kind"]:
        return None
    problem = f"{right:.2f} of the offers are named right; expected {bars['kind']:.2f} or more"
    if scaled > right + 0.1:
        return f"{problem}\nhint: with pixels from 0 to 1 it would be {scaled:.2f}: {INSIDE}"
    return problem


def _judge_price(got, *, seed, bars, sizes):
    if problem := _judge_outputs(got, seed=seed, bars=bars, sizes=sizes):
        return problem
    error = _error(got["raw"], seed, sizes)
    problem = f"the relative error of the price is {error:.2f}; expected {bars['price']:.2f} or less"
    price, other = (got[name]["price"] for name in ("raw", "other brand"))
    if error <= bars["price"]:
        return (
            f"the price is the same for every brand\nhint: {BRANDLESS}"
            if np.allclose(price, other, rtol=1e-4)
            else None
        )
    hints = (
        (
            _error({"price": np.exp(np.clip(price, -20, 20))}, seed, sizes) < bars["price"],
            "these look like logarithms: exp",
        ),
        (np.allclose(price, other, rtol=1e-4), BRANDLESS),
        (_error(got["scaled"], seed, sizes) < error - 0.05 or _share(got["scaled"], seed, sizes) > 0.6, INSIDE),
        (np.ptp(price) < 1, "nearly all prices are equal: which loss looks at ratios?"),
    )
    return problem + next((f"\nhint: {hint}" for holds, hint in hints if holds), "")


BRANDLESS = "another brand does not change the price: use all three inputs"
INSIDE = "put every preparation into the model, since it gets raw images, 0 to 255"


@lru_cache(maxsize=2)
def _market(seed, **sizes):
    return generate_offers(seed, **sizes)


def _targets(seed, sizes):
    return _market(seed, **sizes)["test"][1]


def _share(outputs, seed, sizes):
    return float((outputs["kind"].argmax(axis=1) == _targets(seed, sizes)["kind"]).mean())


def _error(outputs, seed, sizes):
    price = _targets(seed, sizes)["price"]
    return float((np.abs(outputs["price"].ravel() - price) / price).mean())


def _judge_copy(got, *, seed, bars, sizes):
    if problem := _judge_outputs(got, seed=seed, bars=bars, sizes=sizes):
        return problem
    copy, hint = got["copy"], "a layer of your own must give all its arguments in get_config"
    if isinstance(copy, Caught):
        return f"making a copy raised {copy.type}: {shorten(str(copy))}\nhint: {hint}"
    same = all(np.allclose(copy[name], got["raw"][name], rtol=1e-3, atol=1e-5) for name in ("kind", "price"))
    return None if same else f"the copy answers something else\nhint: {hint}; what is no weight is lost"


train_offers = Answers(
    judge={"outputs": _judge_outputs, "kind": _judge_kind, "price": _judge_price, "copy": _judge_copy},
    mistakes=patches(
        """
        outputs without names: expected a dictionary with the keys 'kind' and 'price'
        - {"kind": kind, "price": price})
        + [kind, price])
        - fit_fast(model, inputs, targets, batch_size=32, epochs=25)
        + pass
        scores for probabilities: softmax turns scores into probabilities
        - layers.Dense(10, activation="softmax", name="kind")
        + layers.Dense(10, name="kind")
        - fit_fast(model, inputs, targets, batch_size=32, epochs=25)
        + pass
        images prepared outside: put every preparation into the model
        - layers.Rescaling(1 / 255)(image)
        + image
        - fit_fast(model, inputs, targets,
        + inputs = inputs | {"image": inputs["image"] / 255}
        +     fit_fast(model, inputs, targets,
        the logarithm of the price: these look like logarithms: exp
        - layers.Dense(1, "exponential", bias
        + layers.Dense(1, "softplus", bias
        - fit_fast(model, inputs, targets,
        + targets = targets | {"price": np.log(targets["price"])}
        +     fit_fast(model, inputs, targets,
        the brand left out: another brand does not change the price
        - layers.Embedding(8, 8)(brand)
        + layers.Embedding(8, 8)(0 * brand)
        nothing returned: did you forget the `return` statement?
        - fit_fast(model, inputs, targets, batch_size=32, epochs=25)
        + pass
        - return model
        + pass
        """
    ),
)

# --- keras-project/answer-request -----------------------------------------------------------------------------------


def _judge_reply(got, *, request, fault, weights):
    if "raised" in got:
        error = got["raised"]
        hint = "nothing that a customer sends may raise an exception: check before you compute"
        if request is not None:
            hint = "the model wants batches: a first axis of length 1 for each array"
        return f"it raised {error.type}: {shorten(str(error))}\nhint: {hint}"
    if got["status"] is None:
        return "expected a pair, a status and a dictionary (did you forget the `return` statement?)"
    if isinstance(got["text"], Caught):
        hint = "turn NumPy's numbers into Python's with float"
        return f"JSON cannot write the reply: {shorten(str(got['text']))}\nhint: {hint}"
    reply = json.loads(got["text"])
    return _judge_good(got, reply, request, weights) if request is not None else _judge_bad(got, reply, fault)


def _judge_bad(got, reply, fault):
    if got["status"] != 400:
        reached = " and the model has computed with it" * bool(got["calls"])
        return f"expected the status 400; got {shorten(got['status'])}{reached}\nhint: {CHECKS[fault]}"
    if got["calls"]:
        return "the status is right, but the model got the bad request before\nhint: check first, then compute"
    if not isinstance(reply, dict) or fault not in str(reply.get("error")):
        return f"expected a dictionary whose 'error' says {fault!r}; got {shorten(reply)}"
    return None


_NUMBER = "true is a number in Python, NaN is one in Python's JSON, and both ends of the range count"
CHECKS = {
    "JSON": "the body must be JSON, and an object",
    "image": "check the number of rows, the length of each row, and each pixel; NumPy makes a 1 of a true that stands "
    "among numbers",
    "brand": "the brand must be a text that is in BRANDS",
    **dict.fromkeys(("age", "condition", "photos"), _NUMBER),
}


def _judge_good(got, reply, request, weights):
    if got["status"] != 200:
        return f"expected the status 200 for a good request; got {shorten(got['status'])}: {shorten(reply)}"
    if not isinstance(reply, dict) or not {"kind", "price"} <= set(reply):
        return f"expected the keys 'kind' and 'price'; got {shorten(reply)}"
    expected = _answered(request, weights)
    if reply["kind"] != expected["kind"]:
        return f"expected the kind {expected['kind']!r}; got {shorten(reply['kind'])}\nhint: {_about_kind(reply)}"
    price = reply["price"]
    if not isinstance(price, (int, float)) or abs(price - expected["price"]) > 0.0051:
        hint = "the order of numbers is age, condition, photos; prices are in euros, rounded to cents"
        return f"expected the price {expected['price']:.2f}; got {shorten(price)}\nhint: {hint}"
    if round(reply["price"], 2) != reply["price"]:
        return f"expected a price in cents; got {reply['price']}\nhint: round to two decimals"
    return None


def _about_kind(reply):
    return "CLASS_NAMES gives the name" if not isinstance(reply["kind"], str) else "argmax of the probabilities"


def _answered(request, weights):
    inputs = {
        "image": np.array([request["image"]], dtype=float),
        "numbers": np.array([[request["age"], request["condition"], request["photos"]]], dtype=float),
        "brand": np.array([BRANDS.index(request["brand"])]),
    }
    outputs = stand_in(inputs, weights)
    P = outputs["kind"][0]
    return {"kind": CLASS_NAMES[int(P.argmax())], "price": float(outputs["price"][0])}


answer_request = Answers(
    judge={"reply": _judge_reply},
    mistakes=patches(
        """
        no batch: a first axis of length 1 for each array
        - {"image": [get("image")],
        + {"image": get("image"),
        numbers of NumPy: turn NumPy's numbers into Python's with float
        - float(outputs["price"][0])
        + outputs["price"][0]
        a class for a name: CLASS_NAMES gives the name
        - CLASS_NAMES[np.argmax(outputs["kind"])]
        + int(np.argmax(outputs["kind"]))
        true for a number: true is a number in Python
        - type(v) in (int, float)
        + isinstance(v, (int, float))
        true among pixels: NumPy makes a 1 of a true that stands among numbers
        - (type(v) in (int, float) and
        + (np.array(value).dtype.kind in "iuf" and
        no bounds: NaN is one in Python's JSON
        - low <= v <= high
        + True
        pixels unchecked: check the number of rows, the length of each row, and each pixel
        - low <= v <= high
        + (key == "image" or low <= v <= high)
        brands unchecked: nothing that a customer sends may raise an exception
        - get("brand") not in BRANDS
        + not get("brand")
        no object expected: nothing that a customer sends may raise an exception
        - (ValueError, AttributeError, RecursionError)
        + ValueError
        no end expected: nothing that a customer sends may raise an exception
        - , RecursionError)
        + )
        columns in another order: the order of numbers is age, condition, photos
        - for key in keys]]
        + for key in keys[::-1]]]
        """
    ),
)

# --- keras-project/repair-measure -----------------------------------------------------------------------------------


def _measured(outputs, targets):
    """Return both numbers offer by offer, without arrays that could broadcast."""
    rows = zip(outputs["kind"], outputs["price"].ravel(), targets["kind"], targets["price"], strict=True)
    right, errors = [], []
    for P, price, kind, true in rows:
        right.append(all(P[kind] >= p for p in P))
        errors.append(abs(float(price) - float(true)) / float(true))
    return {"kind": sum(right) / len(right), "price": sum(errors) / len(errors)}


def _judge_measured(got, *, outputs, targets):
    expected = _measured(outputs, targets)
    if not isinstance(got, dict) or set(got) != set(expected):
        return f"expected a dictionary with the keys 'kind' and 'price'; got {shorten(got)}"
    for name, value in expected.items():
        if not isinstance(got[name], (int, float)) or abs(got[name] - value) > 1e-6:
            hint = _about_measure(got[name], name, outputs["price"], targets["price"])
            return f"expected {name} {value:.4f}; got {shorten(got[name])}{hint}"
    return None


def _about_measure(got, name, price, true):
    if name == "kind":
        return "\nhint: a class is the position of the largest probability"
    flat = price.ravel()
    gap = np.abs(flat - true)
    for wrong, hint in (
        ((np.abs(price - true) / true).mean(), "[n, 1] minus [n] is [n, n]: each prediction with each price"),
        ((gap / flat).mean(), "the true price stands below the line"),
        (gap.mean(), "relative means divided by the price"),
        (gap.mean() / true.mean(), "the mean of the ratios, not the ratio of the means"),
        (((flat - true) / true).mean(), "without the absolute value, errors up and down cancel"),
    ):
        if np.isclose(got, wrong):
            return f"\nhint: {hint}"
    return ""


repair_measure = Answers(
    judge={"measured": _judge_measured},
    mistakes=patches(
        """
        probabilities for classes: a class is the position of the largest probability
        - outputs["kind"].argmax(axis=1)
        + outputs["kind"].round().max(axis=1)
        each prediction with each price: [n, 1] minus [n] is [n, n]
        - outputs["price"].ravel()
        + outputs["price"]
        relative to the prediction: the true price stands below the line
        - gap / targets["price"]
        + gap / price
        an error in euros: relative means divided by the price
        - (gap / targets["price"])
        + gap
        the error of the sums: the mean of the ratios, not the ratio of the means
        - (gap / targets["price"]).mean()
        + gap.mean() / targets["price"].mean()
        no absolute value: without the absolute value, errors up and down cancel
        - np.abs(price - targets["price"])
        + price - targets["price"]
        """
    ),
)
