"""Answers to the exercises on callbacks."""

from __future__ import annotations

from collections import Counter

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch, patches
from coursepkg.exercises.cases import Caught

# --- callbacks/count-calls ------------------------------------------------------------------------------------------


def simulate_calls(n, n_valid, batch_size, epochs):
    """Go through the calls of ``fit`` with validation data one by one, and count some of them."""
    calls = ["on_train_begin"]
    for _ in range(epochs):
        calls += ["on_train_batch_end" for _ in range(0, n, batch_size)]
        calls += ["on_test_begin", *("on_test_batch_end" for _ in range(0, n_valid, batch_size)), "on_epoch_end"]
    return dict(Counter(calls))


count_calls = Answers(
    reference=simulate_calls,
    mistakes=(
        *patches(
            """
            the last, smaller batch is lost: the last batch is smaller, but it is a batch: round up
            - -(-n // batch_size)
            + n // batch_size
            - -(-n_valid // batch_size)
            + n_valid // batch_size
            """
        ),
        patch(
            "batches of one epoch",
            "epochs * ",
            "",
            "these are the batches of one epoch; the hook is called in every epoch",
        ),
        *patches(
            """
            validation once, at the end: validation runs at the end of every epoch, and calls the hooks of evaluate
            - "on_test_begin": epochs
            + "on_test_begin": 1
            - epochs * valid_batches
            + valid_batches
            training begins with every epoch: training begins once; an epoch has hooks of its own
            - "on_train_begin": 1
            + "on_train_begin": epochs
            one batch an epoch: an epoch has more than one batch
            - epochs * train_batches
            + epochs
            - epochs * valid_batches
            + epochs
            """
        ),
    ),
)

# --- callbacks/stop-at-gap ------------------------------------------------------------------------------------------


def epochs_trained(logs, gap, patience, *, before="", ratio=lambda valid, train: valid / train, too_many=None):
    """Return the number of epochs after which training stops; the options make typical mistakes.

    A text has + for each epoch with a wide gap; training stops when it ends with as many as patience allows.
    """
    text, too_many = before, too_many or (lambda text: text.endswith("+" * patience))
    for epoch, log in enumerate(logs, start=1):
        text += "+" if "val_loss" in log and ratio(log["val_loss"], log["loss"]) > gap else "-"
        if too_many(text):
            return epoch
    return len(logs)


def _judge_epochs(got, *, given, gap, patience):
    if isinstance(got, Caught):
        return "without validation data there is no 'val_loss' in the logs; hint: then do nothing"

    def trained(earlier=("", ""), patience=patience, **options):
        pairs = zip(given, earlier, strict=False)
        return [epochs_trained(logs, gap, patience, before=before, **options) for logs, before in pairs]

    expected = trained()
    if got == expected:
        return None
    problem = (
        f"gap {gap:.2f}, patience {patience}: training must stop after {' and '.join(map(str, expected))} epochs; "
        f"it did after {' and '.join(map(shorten, got))}\n"
        f"val_loss / loss was {'; '.join(map(_ratios, given))}"
    )
    for wrong, hint in (
        ([len(logs) for logs in given], "training was never stopped: set self.model.stop_training to True"),
        (
            trained(too_many=lambda text: text.count("+") >= patience),
            "an epoch with a narrow gap must set your count back to 0",
        ),
        (trained(patience=patience + 1), "this is one epoch late"),
        (
            trained(earlier=("", "+" * (patience - 1))),
            "the count goes on from the first call of fit; begin anew in on_train_begin",
        ),
        (trained(ratio=lambda valid, train: valid - train), "the gap is a ratio, not a difference"),
        (trained(patience=1), "have patience: one epoch is not enough"),
    ):
        if got == wrong:
            return f"{problem}\nhint: {hint}"
    return problem


def _ratios(logs):
    return ", ".join(f"{log['val_loss'] / log['loss']:.2f}" for log in logs if "val_loss" in log)


stop_at_gap = Answers(
    judge=_judge_epochs,
    mistakes=patches(
        """
        the count is never set back: must set your count back to 0
        -  + 1 if too_wide else 0
        +  + too_wide
        the count goes on in the next fit: begin anew in on_train_begin
        -     def on_train_begin(self, logs=None):
        -         self.in_a_row = 0
        -
        -
        +
        - patience = gap, patience
        + patience, self.in_a_row = gap, patience, 0
        one epoch late: this is one epoch late
        - >= self.patience
        + > self.patience
        no validation data: then do nothing
        -         if "val_loss" not in logs:
        -             return
        -
        +
        the callback stops itself: set self.model.stop_training to True
        - self.model.stop
        + self.stop
        no patience: have patience
        - >= self.patience
        + >= 1
        """
    ),
)

# --- callbacks/repair-keep-best -------------------------------------------------------------------------------------


def kept_epochs(given, *, key="val_loss", pick=min, fresh=True):
    """Return after each call of fit which epoch's weights are given back, counted over all calls.

    Parameters
    ----------
    given : sequence of sequence of dict
        What the epochs of each call report.
    key, pick, fresh
        Another loss, its largest value, or a callback that does not begin anew: typical mistakes.
    """
    found, seen = [], []
    done = 0
    for logs in given:
        seen = seen * (not fresh) + [(log[key], done + i) for i, log in enumerate(logs)]
        done += len(logs)
        found.append(pick(seen)[1])
    return found


def _judge_kept(got, *, given):
    expected = kept_epochs(given)
    if got == expected:
        return None
    lengths = [len(logs) for logs in given]
    ends = [sum(lengths[: i + 1]) - 1 for i in range(len(lengths))]
    hints = (
        (
            kept_epochs(given, fresh=False),
            "the second training got weights of the first: begin anew with each training",
        ),
        (ends, "these are the last weights: are what you keep copies, and is the lowest loss brought up to date?"),
        (kept_epochs(given, pick=max), "this is the epoch with the highest validation loss"),
    )
    hint = next((f"\nhint: {hint}" for wrong, hint in hints if got == wrong), "")
    if got == kept_epochs(given, key="loss"):
        hint = f"{hint or chr(10) + 'hint: these are the last weights'}; the training loss is lowest there, too"
    return f"expected the weights of epoch {_numbers(expected)}; the model has those of epoch {_numbers(got)}{hint}"


def _numbers(epochs):
    return " and ".join(map(shorten, epochs)) if isinstance(epochs, list) else shorten(epochs)


repair_keep_best = Answers(
    judge=_judge_kept,
    mistakes=patches(
        """
        the training loss decides: the training loss is lowest there, too
        - logs["val_loss"]
        + logs["loss"]
        the lowest loss stays infinite: is the lowest loss brought up to date?
        - self.best = logs["val_loss"]
        + pass
        variables for copies: are what you keep copies
        - self.model.get_weights()
        + self.model.weights
        one beginning for all trainings: begin anew with each training
        - def on_train_begin(self, logs=None):
        + def __init__(self):
        +         super().__init__()
        the highest loss: the highest validation loss
        - float("inf")
        + 0.0
        - logs["val_loss"] < self.best
        + logs["val_loss"] > self.best
        nothing is given back: these are the last weights
        - self.model.set_weights(self.kept)
        + pass
        """
    ),
)
