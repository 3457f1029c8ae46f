"""Answers to the exercises on the functional API."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch
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


COMPILE = '    model.compile(loss=loss, loss_weights=loss_weights, optimizer="sgd")\n'
dictionaries = Answers(
    judge={"structure": _judge_structure, "size": _judge_size, "paths": _judge_paths, "loss": _judge_loss},
    mistakes=(
        patch("outputs as a list", "outputs=outputs", "outputs=[price, aux]", "outputs of the model"),
        patch("inputs as a list", "inputs=inputs", "inputs=[wide, deep]", "the inputs of the model are"),
        patch("weights exchanged", '0.9, "aux": 0.1', '0.1, "aux": 0.9', "the two weights are exchanged"),
        patch("no weights", ", loss_weights=loss_weights", "", "`loss_weights` is missing"),
        patch("aux reads everything", "Dense(1)(hidden)", "Dense(1)(both)", "aux reads the wide inputs as well"),
        patch("the wide inputs are lost", "Dense(1)(both)", "Dense(1)(hidden)", "price does not read the wide inputs"),
        patch("not compiled", COMPILE, "", "the model was not compiled"),
        patch(
            "another name", '"aux":', '"auxiliary":', "have the keys ['auxiliary', 'price']; expected ['aux', 'price']"
        ),
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


HIDDEN = 'keras.layers.Dense(16, activation="relu")(right)'
DISTANCE = "keras.ops.abs(code_left - code_right)"
BESIDE = "keras.layers.Concatenate()([code_left, code_right])"
siamese = Answers(
    judge={"shape": _judge_shape, "sharing": _judge_sharing, "order": _judge_order, "range": _judge_range},
    mistakes=(
        patch(
            "two encoders",
            "code(hidden(right))",
            f"keras.layers.Dense(4)({HIDDEN})",
            "there are two encoders: make each layer once",
        ),
        patch("only the second layer is shared", "hidden(right)", HIDDEN, "the first two are used for both inputs"),
        patch("no absolute value", "keras.ops.abs", "", "the answers change when left and right are exchanged"),
        patch("side by side", DISTANCE, BESIDE, "the codes stand side by side"),
        patch("no sigmoid", '1, activation="sigmoid"', "1", "a probability needs a sigmoid at the end"),
        patch("left compared with itself", "- code_right", "- code_left", "left and right make no difference"),
    ),
)
