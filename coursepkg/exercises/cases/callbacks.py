"""Cases of the exercises on callbacks. The student's callback gets a stand-in for the model."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from coursepkg.exercises.cases import Case, caught, function_case


def count_calls(rng):
    for shown, whole in (("whole batches", True), ("a smaller last batch", False)):
        size, epochs = int(rng.integers(8, 40)), int(rng.integers(2, 6))
        rest = 0 if whole else int(rng.integers(1, size))
        n, n_valid = int(rng.integers(5, 20)) * size + rest, int(rng.integers(2, 5)) * size + rest
        yield function_case(f"count_calls(n, n_valid, batch_size, epochs): {shown}", (n, n_valid, size, epochs))


def stop_at_gap(rng):
    gap, patience = float(rng.uniform(1.3, 1.7)), int(rng.integers(3, 5))

    def logs(text):
        """Return what epochs report: + for one beyond the gap, - for one within it, 0 for one without validation."""
        found = []
        for mark in text:
            loss = rng.uniform(0.1, 0.4)
            factor = gap * (rng.uniform(1.05, 1.3) if mark == "+" else rng.uniform(0.7, 0.95))
            found.append({"loss": loss} if mark == "0" else {"loss": loss, "val_loss": factor * loss})
        return found

    wide, some = "+" * patience, "+" * (patience - 1)
    for shown, fits in (
        ("the gap stays wide", [f"--{wide}++--"]),
        ("the gap closes in between", [f"{some}-{some}-{wide}++"]),
        ("the gap never stays wide for long", [f"-{some}-{some}-"]),
        ("two calls of fit with the same callback", [f"--{some}", f"{some}---"]),
        ("no validation data", ["000000"]),
    ):
        given = [logs(text) for text in fits]
        yield Case(
            f"StopAtGap(gap, patience): {shown}",
            lambda cls, given=given: _train_all(cls(gap, patience), given),
            facts={"given": given, "gap": gap, "patience": patience},
        )


def _train_all(callback, given):
    try:
        return [train(callback, logs) for logs in given]
    except KeyError as error:
        if error.args == ("val_loss",):
            return caught(error)
        raise


def train(callback, logs):
    """Call a callback's hooks as one call of ``fit`` does; return how many epochs were trained.

    Parameters
    ----------
    callback : keras.callbacks.Callback
    logs : sequence of dict
        What each epoch would report.
    """
    model = SimpleNamespace(stop_training=False)  # what a callback sees of a model
    callback.set_params({"epochs": len(logs), "steps": 2, "verbose": 0})
    callback.set_model(model)
    callback.on_train_begin({})
    done = 0
    for epoch, log in enumerate(logs):
        callback.on_epoch_begin(epoch, {})
        for batch in range(2):
            callback.on_train_batch_begin(batch, {})
            callback.on_train_batch_end(batch, {"loss": log["loss"]})
        callback.on_epoch_end(epoch, dict(log))
        done = epoch + 1
        if model.stop_training:
            break
    callback.on_train_end({})
    return done


def repair_keep_best(rng):
    def logs(valid):
        """Return what epochs report; the training loss falls throughout."""
        loss = np.sort(rng.uniform(0.05, 0.4, size=len(valid)))[::-1]
        return [{"loss": float(a), "val_loss": float(b)} for a, b in zip(loss, valid, strict=True)]

    def curve(low, n):
        """Return validation losses of n epochs; the lowest is ``low``, neither first nor last."""
        valid = low + rng.uniform(0.05, 0.4, size=n)
        valid[rng.integers(1, n - 2)] = low
        return valid

    for shown, lowest in (
        ("the best epoch lies in the middle", (0.5,)),
        ("a second call of fit with the same callback", (0.5, 0.6)),
    ):
        given = [logs(curve(low, int(rng.integers(5, 9)))) for low in lowest]
        yield Case(
            f"KeepBest(): {shown}", lambda cls, given=given: _weights_after(cls(), given), facts={"given": given}
        )


class _Weights:
    """What a callback sees of a model: a variable, values that are copied, and a way to set them."""

    def __init__(self):
        self.weights, self.stop_training = [np.zeros(1)], False

    def get_weights(self):
        return [weight.copy() for weight in self.weights]

    def set_weights(self, values):
        for weight, value in zip(self.weights, values, strict=True):
            weight[...] = value


def _weights_after(callback, given):
    """Return, after each call of fit, the number of the epoch whose weights the model has; all epochs are counted."""
    model, done, found = _Weights(), 0, []
    callback.set_model(model)
    for logs in given:
        callback.on_train_begin({})
        for epoch, log in enumerate(logs):
            model.weights[0][...] = done
            callback.on_epoch_end(epoch, dict(log))
            done += 1
        callback.on_train_end({})
        found.append(int(model.weights[0][0]))
    return found
