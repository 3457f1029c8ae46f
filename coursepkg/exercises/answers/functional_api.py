"""Answers to the exercises on the functional API."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases import Caught

# --- functional-api/dictionaries ------------------------------------------------------------------------------------

N_PARAMETERS = (6 * 30 + 30) + (30 * 30 + 30) + (5 + 30 + 1) + (30 + 1)
WEIGHTS = {"price": 0.9, "aux": 0.1}


def _judge_structure(got):
    for what, keys, structure in (("inputs", ["deep", "wide"], got[0]), ("outputs", ["aux", "price"], got[1])):
        if not isinstance(structure, dict):
            return f"the {what} of the model are no dictionary; hint: keras.Model(inputs={{…}}, outputs={{…}})"
        if sorted(structure) != keys:
            return f"the {what} of the model have the keys {sorted(structure)}; expected {keys}"
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


def _judge_paths(got):
    for output in ("price", "aux"):
        for changed in ("wide", "deep"):
            moved = not np.allclose(got[changed][output], got["the same"][output])
            if moved and (output, changed) == ("aux", "wide"):
                return "aux changes with the wide inputs; hint: connect it to the second hidden layer"
            if not moved and (output, changed) != ("aux", "wide"):
                return f"{output} does not change with the {changed} inputs; hint: look at what it is connected to"
    return None


def _judge_loss(got, *, y):
    outputs, loss = got
    if isinstance(loss, Caught):
        hint = 'losses and weights are dictionaries as well, with the keys "price" and "aux"'
        hint = "the model was not compiled" if "compile" in str(loss) else hint
        return f"computing the loss raised {loss.type}: {shorten(str(loss))}\nhint: {hint}"

    def total(weights):
        return sum(weight * np.mean((outputs[name] - y[name]) ** 2) for name, weight in weights.items())

    if np.isclose(loss, total(WEIGHTS), rtol=1e-3):
        return None
    hint = "mean squared error for both, weighted by 0.9 and 0.1"
    if np.isclose(loss, total({"price": 0.1, "aux": 0.9}), rtol=1e-3):
        hint = "the two weights are exchanged: price counts nine times as much as aux"
    elif np.isclose(loss, total({"price": 1, "aux": 1}), rtol=1e-3):
        hint = "both losses count the same; `loss_weights` is missing"
    return f"expected the loss {total(WEIGHTS):.4f}; got {float(loss):.4f}\nhint: {hint}"


dictionaries = Answers(
    judge={"structure": _judge_structure, "size": _judge_size, "paths": _judge_paths, "loss": _judge_loss},
    mistakes=patches(
        """
        outputs as a list: outputs of the model
        - outputs=outputs
        + outputs=[price, aux]
        inputs as a list: the inputs of the model are
        - inputs=inputs
        + inputs=[wide, deep]
        weights exchanged: the two weights are exchanged
        - 0.9, "aux": 0.1
        + 0.1, "aux": 0.9
        no weights: `loss_weights` is missing
        - , loss_weights=loss_weights
        aux reads everything: aux reads the wide inputs as well
        - Dense(1)(hidden)
        + Dense(1)(both)
        the wide inputs are lost: price does not read the wide inputs
        - Dense(1)(both)
        + Dense(1)(hidden)
        not compiled: the model was not compiled
        -     model.compile(loss=loss, loss_weights=loss_weights, optimizer="sgd")
        -
        +
        another name: have the keys ['auxiliary', 'price']; expected ['aux', 'price']
        - "aux":
        + "auxiliary":
        """
    ),
)

# --- functional-api/siamese -----------------------------------------------------------------------------------------

N_ENCODER, N_HEAD = (8 * 16 + 16) + (16 * 4 + 4), 4 + 1


def _judge_shape(got):
    return None if got == (32, 1) else f"expected the shape (32, 1) for 32 pairs; got {got}"


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


siamese = Answers(
    judge={"shape": _judge_shape, "sharing": _judge_sharing, "order": _judge_order, "range": _judge_range},
    mistakes=patches(
        """
        two encoders: there are two encoders: make each layer once
        - code(hidden(right))
        + keras.layers.Dense(4)(keras.layers.Dense(16, activation="relu")(right))
        only the second layer is shared: the first two are used for both inputs
        - hidden(right)
        + keras.layers.Dense(16, activation="relu")(right)
        no absolute value: the answers change when left and right are exchanged
        - keras.ops.abs
        side by side: the codes stand side by side
        - keras.ops.abs(code_left - code_right)
        + keras.layers.Concatenate()([code_left, code_right])
        no sigmoid: a probability needs a sigmoid at the end
        - 1, activation="sigmoid"
        + 1
        left compared with itself: left and right make no difference
        - - code_right
        + - code_left
        """
    ),
)

# --- functional-api/repair-heads ------------------------------------------------------------------------------------


def _judge_kind(got):
    if np.shape(got) != (64, 5):
        return f"expected the shape (64, 5) for 64 rows; got {np.shape(got)}"
    sums = np.sum(got, axis=1)
    if np.allclose(sums, 1, atol=1e-5):
        return None
    return f"the five sum to {sums.min():.2f} up to {sums.max():.2f}\nhint: exactly one kind is right; use softmax"


def _judge_place(got):
    if np.shape(got) != (64, 2):
        return f"expected the shape (64, 2) for 64 rows; got {np.shape(got)}"
    if np.min(got) < 0 and np.max(got) > 1:
        return None
    hint = "a place is any two numbers; leave its activation out"
    return f"all places lie between {np.min(got):.2f} and {np.max(got):.2f}\nhint: {hint}"


def _judge_heads(got):
    expected = (16 * 32 + 32) + (32 * 5 + 5) + (32 * 2 + 2)
    if got == expected:
        return None
    hint = {
        expected - 27 * 2: "the place is read from the five numbers of the kind; read it from the hidden layer",
        expected + 2 * 5: "the kind is read from the place as well; read it from the hidden layer",
    }.get(got, "hidden layer of 32, and from it two heads, of 5 and of 2 units")
    return f"expected {expected} parameters; got {shorten(got)}\nhint: {hint}"


def _judge_scores(got, *, y):
    outputs, scores = got
    if isinstance(scores, Caught):
        hint = 'metrics are given by output: {"kind": ["accuracy"], "place": ["mae"]}'
        hint = "the model was not compiled" if "compile" in str(scores) and "metric" not in str(scores) else hint
        return f"evaluate raised {scores.type}: {shorten(str(scores))}\nhint: {hint}"
    missing = [name for name in ("kind_accuracy", "place_mae") if name not in scores]
    if missing:
        hint = 'metrics={"kind": ["accuracy"], "place": ["mae"]}'
        return f"evaluate reports {sorted(scores)}; missing: {missing}\nhint: {hint}"
    rows = np.arange(len(y["kind"]))
    chances = np.clip(np.asarray(outputs["kind"], dtype=float), 1e-7, 1)
    kind = -np.mean(np.log(chances[rows, y["kind"]] / chances.sum(axis=1)))
    place = np.mean((outputs["place"] - y["place"]) ** 2)
    if np.isclose(scores["loss"], kind + 0.5 * place, rtol=1e-2):
        return None
    hint = "cross-entropy of the kind plus half the mean squared error of the place"
    if np.isclose(scores["loss"], kind + place, rtol=1e-2):
        hint = "the loss of the place counts half; keep its loss weight"
    return f"expected the loss {kind + 0.5 * place:.3f}; got {float(scores['loss']):.3f}\nhint: {hint}"


repair_heads = Answers(
    judge={"kind": _judge_kind, "place": _judge_place, "heads": _judge_heads, "scores": _judge_scores},
    mistakes=patches(
        """
        sigmoid for one of several kinds: exactly one kind is right; use softmax
        - softmax
        + sigmoid
        no place below 0: leave its activation out
        - layers.Dense(2)
        + layers.Dense(2, activation="relu")
        the place as a share: leave its activation out
        - layers.Dense(2)
        + layers.Dense(2, activation="sigmoid")
        the place is read from the kind: read it from the hidden layer
        - layers.Dense(2)(hidden)
        + layers.Dense(2)(kind)
        one list of metrics: metrics are given by output
        - metrics={"kind": ["accuracy"], "place": ["mae"]}
        + metrics=["mae"]
        no metrics: missing: ['kind_accuracy', 'place_mae']
        -         metrics={"kind": ["accuracy"], "place": ["mae"]},
        +
        both count the same: keep its loss weight
        - "place": 0.5
        + "place": 1.0
        """
    ),
)
