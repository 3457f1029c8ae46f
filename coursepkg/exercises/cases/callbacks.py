"""Cases of the exercises on callbacks. The student's callback gets a stand-in for the model."""

from __future__ import annotations

from types import SimpleNamespace

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
