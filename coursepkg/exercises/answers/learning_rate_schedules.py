"""Answers to the exercises on learning rate schedules."""

from __future__ import annotations

import bisect

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches

# --- learning-rate-schedules/piecewise ------------------------------------------------------------------------------


def reference(step, boundaries, values):
    """Return the learning rate of a step as Keras's PiecewiseConstantDecay: a boundary belongs to what is before it."""
    return values[bisect.bisect_left(boundaries, step)]


def _judge_rates(got, *, boundaries, values, fits):
    n_steps = sum(epochs * steps for epochs, steps in fits)
    batches = [batch for epochs, steps in fits for _ in range(epochs) for batch in range(steps)]
    epochs = [epoch for epochs, steps in fits for epoch in range(epochs) for _ in range(steps)]
    steps_of_fit = [step for epochs, steps in fits for step in range(epochs * steps)]
    right = [reference(step, boundaries, values) for step in range(n_steps)]
    if np.allclose(got, right, rtol=1e-5):
        return None
    step = int(np.argmin(np.isclose(got, right, rtol=1e-5)))
    problem = (
        f"boundaries {boundaries}, values {values}: step {step} must be taken with the learning rate {right[step]:g}; "
        f"it was taken with {shorten(got[step])}"
    )
    if np.allclose(got, 123.0):
        return f"{problem}\nhint: the learning rate was never set: self.model.optimizer.learning_rate = …"
    for steps, hint in (
        (range(1, n_steps + 1), "this is one step late or early: step 0 is the first, and a boundary belongs to the "
         "value before it"),
        (batches, "the number of the batch starts again in each epoch; use self.model.optimizer.iterations"),
        (epochs, "the boundaries count steps, not epochs"),
        (steps_of_fit, "your count starts again with each call of fit; use self.model.optimizer.iterations"),
    ):  # fmt: skip
        if np.allclose(got, [reference(step, boundaries, values) for step in steps], rtol=1e-5):
            return f"{problem}\nhint: {hint}"
    if np.allclose(got[1:], right[:-1], rtol=1e-5):
        return f"{problem}\nhint: the rate is set after the step; set it before, in on_train_batch_begin"
    if np.allclose(got, [values[::-1][values.index(rate)] for rate in right], rtol=1e-5):
        return f"{problem}\nhint: the values come in the reverse order"
    return problem


piecewise = Answers(
    judge=_judge_rates,
    mistakes=patches(
        """
        a boundary belongs to the next value: one step late or early
        - step > b
        + step >= b
        the number of the batch: starts again in each epoch
        - step = int(self.model.optimizer.iterations)
        + step = batch
        steps of this call of fit: starts again with each call of fit
        - step = int(self.model.optimizer.iterations)
        + step = self.step = self.step + 1
        -     def on_train_batch
        +     def on_train_begin(self, logs=None):
        +         self.step = -1
        +
        +     def on_train_batch
        after the step: the rate is set after the step
        - on_train_batch_begin
        + on_train_batch_end
        - step = int(self.model.optimizer.iterations)
        + step = int(self.model.optimizer.iterations) - 1
        epochs in place of steps: the boundaries count steps, not epochs
        - on_train_batch_begin(self, batch,
        + on_epoch_begin(self, epoch,
        - step = int(self.model.optimizer.iterations)
        + step = epoch
        never set: the learning rate was never set
        - self.model.optimizer.learning_rate =
        + rate =
        values in reverse: in the reverse order
        - self.values[position]
        + self.values[-1 - position]
        """
    ),
)

# --- learning-rate-schedules/warm-up --------------------------------------------------------------------------------

warm_up = Answers(
    mistakes=patches(
        """
        no one half: 1 + cos goes from 2 to 0; half of it goes from 1 to 0
        - )) / 2
        + ))
        the cosine does not wait: the cosine begins at the end of the warm-up: its progress is (step - warmup) /
          (total - warmup)
        - (step - warmup) / (total - warmup)
        + step / total
        the cosine is too long: the cosine has only the steps after the warm-up: divide by total - warmup
        - (step - warmup) / (total - warmup)
        + (step - warmup) / total
        the rate rises again: after the last step the rate must stay 0; limit the progress to 1
        - min((step - warmup) / (total - warmup), 1.0)
        + (step - warmup) / (total - warmup)
        a whole cosine: half a cosine goes from 0 to pi, not to 2 pi
        - math.pi
        + 2 * math.pi
        one step early: step 0 has the rate 0, and step number warmup the full rate: maximum * step / warmup
        - * step / warmup
        + * (step + 1) / warmup
        degrees: math.cos takes radians: half a turn is pi, not 180
        - math.pi
        + 180
        """
    )
)
