"""Exercises of the chapter on the training loop."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, difference, function_case, prose
from coursepkg.scratch.activations import sigmoid
from coursepkg.scratch.mlp import MLP

# --- training-loop/count-steps --------------------------------------------------------------------------------------

STEPS = {"A": 1500, "B": 80, "C": 100, "D": 450}
# What a wrong answer looks like: the setting, the number, and what to say.
WRONG_STEPS = (
    ("A", 125, "that is one epoch; each epoch makes that many steps again"),
    ("A", 48_000, "that is how many instances are read; a batch of 32 makes one step for 32 of them"),
    ("B", 75, "the last batch of an epoch is smaller, and makes a step as well: round up"),
    ("B", 79, "an epoch ends with a smaller batch of its own: round up for each epoch, then multiply"),
    ("C", 32_000, "the full batch makes one step an epoch, for all its instances together"),
    ("D", 3, "in batches of 1 each instance makes a step of its own"),
)


def _count_cases(rng):
    for letter in STEPS:
        yield Case(
            f"setting {letter}",
            run=lambda answer, letter=letter: answer[letter],
            judge=lambda got, letter=letter: _judge_steps(letter, got),
        )


def _judge_steps(letter, got):
    if not isinstance(got, (int, float, np.integer)) or isinstance(got, bool):
        return f"expected a number; got {shorten(got)}"
    if got == STEPS[letter]:
        return None
    hints = [hint for place, number, hint in WRONG_STEPS if (place, number) == (letter, got)]
    return f"not {got}" + "".join(f"\nhint: {hint}" for hint in hints)


COUNT_MISTAKES = tuple(
    Mistake(f"{letter}: {number}", {**STEPS, letter: number}, hint) for letter, number, hint in WRONG_STEPS
)


# --- training-loop/one-epoch ----------------------------------------------------------------------------------------


def one_epoch(X, y, w, b, batch_size, learning_rate, rng):
    """Return the weights and the bias of a sigmoid unit after one epoch of mini-batch gradient descent."""
    return _one_epoch(X, y, w, b, batch_size, learning_rate, rng)


def _one_epoch(
    X, y, w, b, batch_size, learning_rate, rng, *, shuffle=True, rest=True, divide=len, sign=1.0, late=False,
    move_bias=True, slope=False, same_order=True, replace=False,
):  # fmt: skip
    """Train as the exercise asks, with a switch for each typical mistake."""
    n = len(X)
    order = rng.permutation(n) if shuffle else np.arange(n)
    targets = y[order] if same_order else y
    inputs, start_w, start_b = X[order], w, b
    for start in range(0, n if rest else n - batch_size + 1, batch_size):
        x, t = inputs[start : start + batch_size], targets[start : start + batch_size]
        if replace:
            drawn = rng.integers(n, size=len(x))
            x, t = X[drawn], y[drawn]
        p = sigmoid(x @ start_w + start_b) if late else sigmoid(x @ w + b)
        delta = sign * (p - t) * (p * (1 - p) if slope else 1) / divide(x)
        w = w - learning_rate * x.T @ delta
        b = b - learning_rate * delta.sum() if move_bias else b
    return w, b


def _variant(**wrong):
    return lambda *arguments: _one_epoch(*arguments, **wrong)


def _batch_size_as_divisor(X, y, w, b, batch_size, learning_rate, rng):
    return _one_epoch(X, y, w, b, batch_size, learning_rate, rng, divide=lambda x: batch_size)


def _full_batch(X, y, w, b, batch_size, learning_rate, rng):
    return _one_epoch(X, y, w, b, len(X), learning_rate, rng)


def _in_place(X, y, w, b, batch_size, learning_rate, rng):
    w[:], b = _one_epoch(X, y, w.copy(), b, batch_size, learning_rate, rng)
    return w, b


EPOCH_MISTAKES = (
    Mistake(
        "the sum in place of the mean",
        _variant(divide=lambda x: 1),
        "the steps are too long by the size of the batch: divide the gradient by the number of its instances",
    ),
    Mistake(
        "divided by batch_size",
        _batch_size_as_divisor,
        "the last batch is smaller: divide by the number of instances that are in it, not by batch_size",
    ),
    Mistake(
        "the rest is dropped",
        _variant(rest=False),
        "the last batch was left out: it is smaller, but it makes a step as well",
    ),
    Mistake(
        "not shuffled",
        _variant(shuffle=False),
        "the instances come in the order of X: draw an order with rng.permutation(n) first",
    ),
    Mistake(
        "X shuffled, y not",
        _variant(same_order=False),
        "X and y are in different orders, so that inputs meet the targets of others: use one order for both",
    ),
    Mistake("uphill", _variant(sign=-1.0), "the step goes up the slope: subtract the gradient"),
    Mistake(
        "one step for all",
        _full_batch,
        "this is one step with the full batch; take a step for every batch_size instances",
    ),
    Mistake(
        "all gradients at the first weights",
        _variant(late=True),
        "every batch was judged with the weights from before the epoch: use those that the last step left",
    ),
    Mistake(
        "the slope of the sigmoid once more",
        _variant(slope=True),
        "the factor p(1 − p) is one too many: at the pre-activation the gradient is p − y already",
    ),
    Mistake("the bias stays", _variant(move_bias=False), "the weights are right, but the bias has to move as well"),
    Mistake(
        "drawn with replacement",
        _variant(replace=True),
        "some instances were drawn twice and others never: an epoch uses each of them once",
    ),
    Mistake("in place", _in_place, "your function changed its argument number 3"),
)

_SHOWN = "one_epoch(X, y, w, b, batch_size, learning_rate, rng)"


def _unit(rng, n, d, batch_size):
    """Draw a data set and a unit: X [n, d], y [n], w [d], b, and how to train it, without the generator."""
    X = rng.normal(size=(n, d)) + 0.5
    y = (X[:, 0] + rng.normal(size=n) > 0.5).astype(float)
    return X, y, rng.normal(size=d), float(rng.normal()), batch_size, float(rng.uniform(0.5, 1.5))


def _epoch_cases(rng):
    for shown, n, d, batch_size in (
        ("23 instances in batches of 10, so that the last one is smaller", 23, 3, 10),
        ("24 instances in batches of 6", 24, 2, 6),
        ("9 instances in batches of 1", 9, 4, 1),
    ):
        yield function_case(
            f"{_SHOWN}: {shown}",
            (*_unit(rng, n, d, batch_size), np.random.default_rng(int(rng.integers(10**6)))),
            reference=one_epoch,
            mistakes=EPOCH_MISTAKES,
        )
    *arguments, seed = *_unit(rng, 31, 3, 8), int(rng.integers(10**6))
    yield Case(
        f"{_SHOWN}: the package's own training says the same",
        run=lambda function: function(*(_copy(value) for value in arguments), np.random.default_rng(seed)),
        judge=lambda got: difference(got, _fitted(*arguments, seed)),
    )


def _copy(value):
    return value.copy() if isinstance(value, np.ndarray) else value


def _fitted(X, y, w, b, batch_size, learning_rate, seed):
    model = MLP([X.shape[1], 1], output_activation="sigmoid", loss="binary_crossentropy")
    model.set_parameters([w[:, None], [b]])
    model.fit(X, y, epochs=1, batch_size=batch_size, learning_rate=learning_rate, seed=seed)
    W, b = model.get_parameters()
    return W[:, 0], float(b[0])


EXERCISES = (
    Exercise(
        label="training-loop/count-steps",
        title="Count the steps",
        points=4,
        difficulty=1,
        minutes=5,
        statement=prose("""
            How often does each of these trainings change the parameters? Replace each `...` by a whole number.

            - `"A"`: 4,000 instances in batches of 32, 12 epochs;
            - `"B"`: 1,000 instances in batches of 64, 5 epochs, the last batch of each epoch is smaller;
            - `"C"`: 320 instances, the full batch, 100 epochs;
            - `"D"`: 150 instances in batches of 1, 3 epochs.
        """),
        answer_name="my_steps",
        stub='my_steps = {"A": ..., "B": ..., "C": ..., "D": ...}\n',
        solution_source="""\
my_steps = {
    "A": 4000 // 32 * 12,  # 125 batches an epoch
    "B": (15 + 1) * 5,  # 15 · 64 = 960; the other 40 are a batch too
    "C": 1 * 100,
    "D": 150 * 3,
}
""",
        cases=_count_cases,
        mistakes=COUNT_MISTAKES,
        hints=(
            "Count the batches of one epoch first. Each batch makes one step.",
            "An epoch has n / m batches, rounded up; multiply by the number of epochs.",
        ),
    ),
    Exercise(
        label="training-loop/one-epoch",
        title="One epoch of mini-batch gradient descent",
        points=4,
        difficulty=2,
        minutes=20,
        prerequisites=("backprop/in-code",),
        statement=prose(r"""
            A single sigmoid unit answers with $p = \sigma(\mathbf{x} \cdot \mathbf{w} + b)$. Write a function
            `one_epoch(X, y, w, b, batch_size, learning_rate, rng)` that trains it for one epoch and returns two values:
            the new weights, of shape $[d]$, and the new bias, a number. It gets `X` of shape $[n, d]$, the targets `y`
            of shape $[n]$ (0 or 1), the weights `w` of shape $[d]$, the bias `b`, and a NumPy generator `rng`. Draw an
            order of the $n$ instances, once, with `rng.permutation(n)`. Take `batch_size` instances at a time in this
            order; the last batch may be smaller, and counts. After each batch of $m$ instances take one step against
            the gradient of its mean binary cross-entropy, $\frac{1}{m} \sum_s (p_s - y_s)\, \mathbf{x}_s$ for the
            weights and $\frac{1}{m} \sum_s (p_s - y_s)$ for the bias, with `learning_rate` as $\eta$. Leave `X`, `y`
            and `w` unchanged. Use `sigmoid` of `coursepkg.scratch.activations`.
        """),
        answer_name="one_epoch",
        stub='''\
from coursepkg.scratch.activations import sigmoid


def one_epoch(X, y, w, b, batch_size, learning_rate, rng):
    """Return the weights and the bias after one epoch."""
    ...
''',
        solution_source="""\
from coursepkg.scratch.activations import sigmoid


def one_epoch(X, y, w, b, batch_size, learning_rate, rng):
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        batch = order[start : start + batch_size]
        delta = (sigmoid(X[batch] @ w + b) - y[batch]) / len(batch)
        w = w - learning_rate * X[batch].T @ delta  # a new array: w stays
        b = b - learning_rate * delta.sum()
    return w, b
""",
        cases=_epoch_cases,
        mistakes=EPOCH_MISTAKES,
        hints=(
            "A slice of the order is a batch: X[batch] and y[batch] pick its instances, in step with each other.",
            "Divide p − y by the number of instances in the batch, once; both gradients follow from that.",
            "Compute both gradients, then move weights and bias. The next batch is judged with the moved ones.",
        ),
    ),
)
