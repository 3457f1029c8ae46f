"""Answers to the exercises on the training loop."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch, patches
from coursepkg.exercises.compare import difference
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


def _judge_steps(got, *, letter):
    if not isinstance(got, (int, float, np.integer)) or isinstance(got, bool):
        return f"expected a number; got {shorten(got)}"
    if got == STEPS[letter]:
        return None
    hints = [hint for place, number, hint in WRONG_STEPS if (place, number) == (letter, got)]
    return f"not {got}" + "".join(f"\nhint: {hint}" for hint in hints)


count_steps = Answers(
    judge=_judge_steps,
    mistakes=tuple(
        # The right number becomes a comment behind the wrong one.
        patch(f"{letter}: {number}", f'"{letter}":', f'"{letter}": {number},  #', hint)
        for letter, number, hint in WRONG_STEPS
    ),
)

# --- training-loop/one-epoch ----------------------------------------------------------------------------------------


def _judge_fitted(got, *, unit, seed):
    """Compare with a network of one unit, trained by the package with the same draws."""
    X, y, w, b, batch_size, learning_rate = unit
    model = MLP([X.shape[1], 1], output_activation="sigmoid", loss="binary_crossentropy")
    model.set_parameters([w[:, None], [b]])
    model.fit(X, y, epochs=1, batch_size=batch_size, learning_rate=learning_rate, seed=seed)
    W, b = model.get_parameters()
    return difference(got, (W[:, 0], float(b[0])))


one_epoch = Answers(
    judge=_judge_fitted,
    mistakes=(
        *patches(
            """
            the sum in place of the mean: the steps are too long by the size of the batch: divide the gradient by the
              number of its instances
            -  / len(batch)
            divided by batch_size: the last batch is smaller: divide by the number of instances that are in it, not by
              batch_size
            - len(batch)
            + batch_size
            the rest is dropped: the last batch was left out: it is smaller, but it makes a step as well
            - range(0, len(X), batch_size)
            + range(0, len(X) - batch_size + 1, batch_size)
            not shuffled: the instances come in the order of X: draw an order with rng.permutation(n) first
            - rng.permutation(len(X))
            + list(range(len(X)))
            X shuffled, y not: X and y are in different orders, so that inputs meet the targets of others: use one order
              for both
            - y[batch]
            + y[start : start + batch_size]
            uphill: the step goes up the slope: subtract the gradient
            - - learning_rate
            + + learning_rate
            one step for all: this is one step with the full batch; take a step for every batch_size instances
            -     order = rng.permutation(len(X))
            -
            +     order = rng.permutation(len(X))
            +     batch_size = len(X)
            +
            all gradients at the first weights: every batch was judged with the weights from before the epoch: use those
              that the last step left
            -     order = rng.permutation(len(X))
            -
            +     order = rng.permutation(len(X))
            +     first_w, first_b = w, b
            +
            - @ w + b)
            + @ first_w + first_b)
            the slope of the sigmoid once more: the factor p(1 − p) is one too many: at the pre-activation the
              gradient is
              p − y already
            - delta = (sigmoid(X[batch] @ w + b) - y[batch])
            + p = sigmoid(X[batch] @ w + b)
            +         delta = (p - y[batch]) * p * (1 - p)
            the bias stays: the weights are right, but the bias has to move as well
            -         b = b - learning_rate * delta.sum()
            -
            +
            drawn with replacement: some instances were drawn twice and others never: an epoch uses each of them once
            - order[start : start + batch_size]
            + rng.integers(len(X), size=len(order[start : start + batch_size]))
            """
        ),
        patch("in place", "w = w - ", "w -= ", "your function changed its argument number 3"),
    ),
)

# --- training-loop/repair-loop --------------------------------------------------------------------------------------


def _fitted(X, Y, W1, b1, W2, b2, rate, batch_size):
    """What the package's own training makes of these weights."""
    model = MLP([*W1.shape, 1], hidden_activation="tanh")
    model.set_parameters([W1, b1, W2, b2])
    model.fit(X, Y, epochs=1, batch_size=batch_size, learning_rate=rate, shuffle=False)
    return tuple(model.get_parameters())


repair_loop = Answers(
    reference=_fitted,
    mistakes=patches(
        """
        the rest is dropped: instances at the end are never read: the last batch is smaller, but it makes a step too
        - range(0, len(X), batch_size)
        + range(0, len(X) - batch_size + 1, batch_size)
        the sum in place of the mean: the steps are too long by the size of the batch: the loss is a mean over it
        -  / len(x)
        divided by batch_size: the last batch is smaller: divide by the number of instances that are in it
        - len(x)
        + batch_size
        divided by all instances: divide by the number of instances in the batch, not in all
        - len(x)
        + len(X)
        a step before the way back has ended: W2 moved before the error went back through it: compute both signals first
        -         delta1 = delta2 @ W2.T * (1 - H**2)
        -
        +
        -         b2 = b2 - rate * delta2.sum(axis=0)
        -
        +         b2 = b2 - rate * delta2.sum(axis=0)
        +         delta1 = delta2 @ W2.T * (1 - H**2)
        +
        divided twice: the hidden signals contain the division already, for they come from the output's: divide once
        - delta1 = delta2
        + delta1 = delta2 / len(x)
        the slope of a sigmoid: the slope of tanh, from its output H, is 1 - H²; H (1 - H) is that of the sigmoid
        - (1 - H**2)
        + H * (1 - H)
        """
    ),
)
