"""Exercises of the chapter on callbacks. The student's callback gets a stand-in for the model."""

from __future__ import annotations

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, function_case, prose

# --- callbacks/count-calls ------------------------------------------------------------------------------------------

COUNT_SOLUTION = """\
def count_calls(n, n_valid, batch_size, epochs):
    train_batches = -(-n // batch_size)
    valid_batches = -(-n_valid // batch_size)
    return {
        "on_train_begin": 1,
        "on_epoch_end": epochs,
        "on_train_batch_end": epochs * train_batches,
        "on_test_begin": epochs,
        "on_test_batch_end": epochs * valid_batches,
    }
"""


def count_calls(n, n_valid, batch_size, epochs, *, batches=lambda n, size: -(-n // size)):
    """Return how often ``fit`` with validation data calls some hooks."""
    return {
        "on_train_begin": 1,
        "on_epoch_end": epochs,
        "on_train_batch_end": epochs * batches(n, batch_size),
        "on_test_begin": epochs,
        "on_test_batch_end": epochs * batches(n_valid, batch_size),
    }


def _except(**changes):
    """Return a wrong ``count_calls``: some hooks are counted in another way, from the right counts and the epochs."""

    def wrong(n, n_valid, batch_size, epochs):
        right = count_calls(n, n_valid, batch_size, epochs)
        return right | {name: change(right, epochs) for name, change in changes.items()}

    return wrong


COUNT_MISTAKES = (
    Mistake(
        "the last, smaller batch is lost",
        lambda n, n_valid, batch_size, epochs: count_calls(n, n_valid, batch_size, epochs, batches=int.__floordiv__),
        "the last batch is smaller, but it is a batch: round up",
    ),
    Mistake(
        "batches of one epoch",
        _except(
            on_train_batch_end=lambda right, epochs: right["on_train_batch_end"] // epochs,
            on_test_batch_end=lambda right, epochs: right["on_test_batch_end"] // epochs,
        ),
        "these are the batches of one epoch; the hook is called in every epoch",
    ),
    Mistake(
        "validation once, at the end",
        _except(
            on_test_begin=lambda right, epochs: 1,
            on_test_batch_end=lambda right, epochs: right["on_test_batch_end"] // epochs,
        ),
        "validation runs at the end of every epoch, and calls the hooks of evaluate",
    ),
    Mistake(
        "training begins with every epoch",
        _except(on_train_begin=lambda right, epochs: epochs),
        "training begins once; an epoch has hooks of its own",
    ),
    Mistake(
        "one batch an epoch",
        _except(
            on_train_batch_end=lambda right, epochs: epochs,
            on_test_batch_end=lambda right, epochs: epochs,
        ),
        "an epoch has more than one batch",
    ),
)


def _count_cases(rng):
    for shown, whole in (("whole batches", True), ("a smaller last batch", False)):
        size, epochs = int(rng.integers(8, 40)), int(rng.integers(2, 6))
        rest = 0 if whole else int(rng.integers(1, size))
        n, n_valid = int(rng.integers(5, 20)) * size + rest, int(rng.integers(2, 5)) * size + rest
        yield function_case(
            f"count_calls(n, n_valid, batch_size, epochs): {shown}",
            (n, n_valid, size, epochs),
            reference=count_calls,
            mistakes=COUNT_MISTAKES,
        )


# --- callbacks/stop-at-gap ------------------------------------------------------------------------------------------

GAP_SOLUTION = Source("""\
import keras


class StopAtGap(keras.callbacks.Callback):
    def __init__(self, gap, patience):
        super().__init__()
        self.gap, self.patience = gap, patience

    def on_train_begin(self, logs=None):
        self.in_a_row = 0

    def on_epoch_end(self, epoch, logs=None):
        if "val_loss" not in logs:
            return
        too_wide = logs["val_loss"] > self.gap * logs["loss"]
        self.in_a_row = self.in_a_row + 1 if too_wide else 0
        if self.in_a_row >= self.patience:
            self.model.stop_training = True
""")


class _Model:
    """What a callback sees of a model that is being trained."""

    def __init__(self):
        self.stop_training = False


def train(callback, logs):
    """Call a callback's hooks as one call of ``fit`` does; return how many epochs were trained.

    Parameters
    ----------
    callback : keras.callbacks.Callback
    logs : sequence of dict
        What each epoch would report.
    """
    model = _Model()
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


def epochs_trained(logs, gap, patience, *, ratio=lambda valid, train: valid / train, start=0, reset=True):
    """Return the number of epochs after which training stops; the options make typical mistakes."""
    in_a_row = start
    for epoch, log in enumerate(logs, start=1):
        wide = "val_loss" in log and ratio(log["val_loss"], log["loss"]) > gap
        in_a_row = in_a_row + 1 if wide else 0 if reset else in_a_row
        if in_a_row >= patience:
            return epoch
    return len(logs)


def _gap_cases(rng):
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
            run=lambda cls, given=given: _train_all(cls(gap, patience), given),
            judge=lambda got, given=given: _judge_epochs(got, given, gap, patience),
        )


def _train_all(callback, given):
    try:
        return [train(callback, logs) for logs in given]
    except KeyError as error:
        if error.args == ("val_loss",):
            return error
        raise


def _judge_epochs(got, given, gap, patience):
    if isinstance(got, KeyError):
        return "without validation data there is no 'val_loss' in the logs; hint: then do nothing"
    expected = [epochs_trained(logs, gap, patience) for logs in given]
    if got == expected:
        return None
    epochs = " and ".join(map(str, expected))
    problem = f"gap {gap:.2f}, patience {patience}: training must stop after {epochs} epochs; it did after "
    problem += " and ".join(shorten(n) for n in got)
    marks = "; ".join(_ratios(logs) for logs in given)
    problem += f"\nval_loss / loss was {marks}"
    all_of_them = [len(logs) for logs in given]
    starts = [0, patience - 1]
    for wrong, hint in (
        (all_of_them, "training was never stopped: set self.model.stop_training to True"),
        (
            [epochs_trained(logs, gap, patience, reset=False) for logs in given],
            "an epoch with a narrow gap must set your count back to 0",
        ),
        ([epochs_trained(logs, gap, patience + 1) for logs in given], "this is one epoch late"),
        (
            [epochs_trained(logs, gap, patience, start=s) for logs, s in zip(given, starts, strict=False)],
            "the count goes on from the first call of fit; begin anew in on_train_begin",
        ),
        (
            [epochs_trained(logs, gap, patience, ratio=lambda valid, train: valid - train) for logs in given],
            "the gap is a ratio, not a difference",
        ),
        ([epochs_trained(logs, gap, 1) for logs in given], "have patience: one epoch is not enough"),
    ):
        if got == wrong:
            return f"{problem}\nhint: {hint}"
    return problem


def _ratios(logs):
    return ", ".join(f"{log['val_loss'] / log['loss']:.2f}" for log in logs if "val_loss" in log)


GAP_MISTAKES = (
    Mistake(
        "the count is never set back",
        GAP_SOLUTION.edited((" + 1 if too_wide else 0", " + too_wide")),
        "must set your count back to 0",
    ),
    Mistake(
        "the count goes on in the next fit",
        GAP_SOLUTION.edited(
            ("patience = gap, patience", "patience, self.in_a_row = gap, patience, 0"),
            ("    def on_train_begin(self, logs=None):\n        self.in_a_row = 0\n\n", ""),
        ),
        "begin anew in on_train_begin",
    ),
    Mistake("one epoch late", GAP_SOLUTION.edited((">= self.patience", "> self.patience")), "this is one epoch late"),
    Mistake(
        "no validation data",
        GAP_SOLUTION.edited(('        if "val_loss" not in logs:\n            return\n', "")),
        "then do nothing",
    ),
    Mistake(
        "the callback stops itself",
        GAP_SOLUTION.edited(("self.model.stop_training", "self.stop_training")),
        "set self.model.stop_training to True",
    ),
    Mistake("no patience", GAP_SOLUTION.edited((">= self.patience", ">= 1")), "have patience"),
)


EXERCISES = (
    Exercise(
        label="callbacks/count-calls",
        title="Count the calls",
        points=2,
        difficulty=1,
        minutes=10,
        statement=prose("""
            A model is trained with `fit` on `n` instances for `epochs` epochs, with `n_valid` validation instances
            and the same `batch_size` for both. How often is each hook of a callback called? Write a function
            `count_calls(n, n_valid, batch_size, epochs)` that returns a dictionary with the keys `"on_train_begin"`,
            `"on_epoch_end"`, `"on_train_batch_end"`, `"on_test_begin"` and `"on_test_batch_end"`, each with the number
            of calls. If the last batch is not full, it is still a batch. Write down the formulas; Keras is not needed.
        """),
        answer_name="count_calls",
        stub='''\
def count_calls(n, n_valid, batch_size, epochs):
    """Return {hook: number of calls} of one fit with validation data."""
    ...
''',
        solution_source=COUNT_SOLUTION,
        cases=_count_cases,
        mistakes=COUNT_MISTAKES,
        hints=(
            "Look at the printed order of the hooks: what happens once, what once an epoch, what once a batch?",
            "The number of batches is n / batch_size, rounded up.",
            "Each epoch ends with one pass over the validation data.",
        ),
    ),
    Exercise(
        label="callbacks/stop-at-gap",
        title="Stop when the gap opens",
        points=5,
        difficulty=2,
        minutes=15,
        statement=prose("""
            Write a callback `StopAtGap`, a subclass of `keras.callbacks.Callback`, that stops a training which
            overfits. Its `__init__` takes a number `gap` and an integer `patience`. Training stops at the end of the
            epoch in which the validation loss has been more than `gap` times the training loss in `patience` epochs in
            a row. The same callback may be used in several calls of `fit`: its `on_train_begin` makes it count anew.
            Without validation data it does nothing. Its `on_epoch_end` takes the number of the epoch, `epoch`, and a
            dictionary, `logs`, with the keys `"loss"` and, if there are validation data, `"val_loss"`.
        """),
        answer_name="StopAtGap",
        stub='''\
import keras


class StopAtGap(keras.callbacks.Callback):
    """Stop when val_loss > gap * loss in `patience` epochs in a row."""

    def __init__(self, gap, patience): ...

    def on_train_begin(self, logs=None): ...

    def on_epoch_end(self, epoch, logs=None): ...
''',
        solution_source=str(GAP_SOLUTION),
        cases=_gap_cases,
        mistakes=GAP_MISTAKES,
        hints=(
            "Call super().__init__() first. Keep a count of epochs in a row, and set it to 0 when training begins.",
            "The count grows by one if the gap is too wide in this epoch; otherwise it is 0 again.",
            "A callback knows its model: what stops the training is an attribute of self.model.",
        ),
        seconds=60.0,
    ),
)
