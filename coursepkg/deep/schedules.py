"""1cycle for Keras, and any schedule batch by batch: what `keras.optimizers.schedules` lacks."""

from __future__ import annotations

import keras
from keras import ops

from coursepkg._validation import as_float, as_int, shorten
from coursepkg.deep import _private

PACKAGE = "coursepkg"


class _Cycle(keras.optimizers.schedules.LearningRateSchedule):
    """Shared by both halves of 1cycle: a triangle that is 0 at step 0, 1 at the turn, 0 at twice the turn and after."""

    def __init__(self, steps):
        self.steps = as_int(steps, "steps", low=4)
        self.turn = max(1, int(0.45 * (self.steps - 1)))

    def _triangle(self, step):
        return ops.maximum(0.0, 1.0 - ops.abs(step - self.turn) / self.turn)


@keras.saving.register_keras_serializable(PACKAGE)
class OneCycle(_Cycle):
    """Learning rate of 1cycle: up to ``maximum`` in 45 % of the steps, back in 45 %, then down to ``final``.

    The same numbers as `coursepkg.scratch.schedules.one_cycle` (Smith, 2018, section 4).

    Parameters
    ----------
    maximum : float > 0
    steps : int >= 4
        Batches of the whole training: epochs · ⌈n / batch_size⌉.
    initial, final : float > 0, keyword-only, optional
        Rate of the first step, by default maximum/10; of the last one, by default initial/1000.

    Raises
    ------
    TypeError, ValueError
        If one of them is out of its range.

    Examples
    --------
    >>> schedule = OneCycle(1.0, 21)
    >>> [round(float(schedule(t)), 4) for t in (0, 9, 18, 20)]
    [0.1, 1.0, 0.1, 0.0001]
    """

    def __init__(self, maximum, steps, *, initial=None, final=None):
        super().__init__(steps)
        self.maximum = as_float(maximum, "maximum", low=0, open_low=True)
        self.initial = self.maximum / 10 if initial is None else as_float(initial, "initial", low=0, open_low=True)
        self.final = self.initial / 1000 if final is None else as_float(final, "final", low=0, open_low=True)

    def __call__(self, step):
        """Return the rate of ``step`` = 0, 1, …, a scalar tensor."""
        step = ops.cast(step, keras.config.floatx())
        cycle = self.initial + (self.maximum - self.initial) * self._triangle(step)
        end = ops.clip((step - 2 * self.turn) / (self.steps - 1 - 2 * self.turn), 0.0, 1.0)
        return cycle + (self.final - self.initial) * end

    def get_config(self):
        return {"maximum": self.maximum, "steps": self.steps, "initial": self.initial, "final": self.final}


@keras.saving.register_keras_serializable(PACKAGE)
class OneCycleMomentum(_Cycle):
    """Momentum of 1cycle: down from ``high`` to ``low`` while the rate of `OneCycle` rises, then back (Smith, 2018).

    For the argument ``momentum`` of `ScheduledSGD`. Parameters: ``steps`` as in `OneCycle`; 0 <= low <= high < 1.

    Examples
    --------
    >>> schedule = OneCycleMomentum(21)
    >>> [round(float(schedule(t)), 4) for t in (0, 9, 18, 20)]
    [0.95, 0.85, 0.95, 0.95]
    """

    def __init__(self, steps, *, high=0.95, low=0.85):
        super().__init__(steps)
        self.high = as_float(high, "high", low=0, high=1, open_high=True)
        self.low = as_float(low, "low", low=0, high=self.high)

    def __call__(self, step):
        """Return the momentum of ``step`` = 0, 1, …, a scalar tensor."""
        step = ops.cast(step, keras.config.floatx())
        return self.high - (self.high - self.low) * self._triangle(step)

    def get_config(self):
        return {"steps": self.steps, "high": self.high, "low": self.low}


@keras.saving.register_keras_serializable(PACKAGE)
class ScheduledSGD(keras.optimizers.SGD):
    """SGD whose momentum, too, may be a schedule.

    Keras compiles the training step once, with the momentum as a constant in it: a callback that sets
    ``optimizer.momentum`` afterwards changes nothing, and nothing says so. Here the step itself computes the momentum
    from the number of steps taken so far, which is saved and restored with the model.

    Parameters
    ----------
    learning_rate : float > 0 or LearningRateSchedule
    momentum : float in [0, 1) or LearningRateSchedule, keyword-only
    nesterov : bool, keyword-only
    **options
        Of ``keras.optimizers.SGD``: ``clipnorm``, ``weight_decay``…

    Raises
    ------
    TypeError, ValueError
        If ``momentum`` is neither a number in its range nor a schedule.

    Examples
    --------
    >>> optimizer = ScheduledSGD(OneCycle(0.1, 100), momentum=OneCycleMomentum(100))
    >>> round(float(optimizer.current_momentum()), 2)
    0.95
    """

    def __init__(self, learning_rate=0.01, *, momentum=0.0, nesterov=False, **options):
        if isinstance(momentum, dict):
            momentum = keras.saving.deserialize_keras_object(momentum)
        if not isinstance(momentum, keras.optimizers.schedules.LearningRateSchedule):
            momentum = as_float(momentum, "momentum", low=0, high=1, open_high=True)
        # Any number but 0 makes Keras keep a velocity for each weight.
        super().__init__(learning_rate, momentum=0.5, nesterov=nesterov, **options)
        self.momentum_schedule = momentum

    def current_momentum(self):
        """Return the momentum of the next batch: a float, or a scalar tensor in [0, 1)."""
        schedule = self.momentum_schedule
        # The counter by which Keras asks a schedule for the rate: with accumulated gradients `iterations` is slower.
        return schedule(_private.step_counter(self)) if callable(schedule) else schedule

    def update_step(self, gradient, variable, learning_rate):
        rate, gradient = ops.cast(learning_rate, variable.dtype), ops.cast(gradient, variable.dtype)
        momentum = ops.cast(self.current_momentum(), variable.dtype)
        velocity = self.momentums[_private.position_of_variable(self, variable)]
        self.assign(velocity, momentum * velocity - rate * gradient)
        self.assign_add(variable, momentum * velocity - rate * gradient if self.nesterov else velocity)

    def get_config(self):
        schedule = self.momentum_schedule
        momentum = keras.saving.serialize_keras_object(schedule) if callable(schedule) else schedule
        return {**super().get_config(), "momentum": momentum}


class BatchLearningRate(keras.callbacks.Callback):
    """Set the learning rate before every batch; Keras's own ``LearningRateScheduler`` does it before every epoch.

    A schedule given to the optimizer does the same inside the compiled step and is faster. The callback is for rates
    that depend on more than the step, and for an optimizer that already exists.

    Parameters
    ----------
    schedule : callable
        Gets the number of batches that the optimizer has seen, 0 at first, and returns the rate, a float >= 0. Training
        that is continued goes on counting. Batches whose gradients are accumulated count one by one, as in a schedule.

    Raises
    ------
    TypeError
        If ``schedule`` cannot be called; at the start of training, if the optimizer already has a schedule or no single
        rate; in training, if ``schedule`` returns no number.
    ValueError
        If it returns a negative number, infinity or NaN; at the start of training, if several batches are one call.

    Notes
    -----
    The rate of an epoch's last batch is recorded in ``history["learning_rate"]``. An optimizer that Keras wraps for
    mixed precision is set like any other; it does not count a batch whose gradients were not finite.

    Examples
    --------
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(loss="mse", optimizer="sgd")
    >>> halving = BatchLearningRate(lambda step: 0.1 / 2**step)
    >>> history = model.fit(np.ones((6, 1)), np.ones(6), batch_size=2, verbose=0, callbacks=[halving])
    >>> round(history.history["learning_rate"][0], 3)
    0.025
    """

    def __init__(self, schedule):
        super().__init__()
        if not callable(schedule):
            raise TypeError(f"schedule must be a callable that takes a step; got {schedule!r}")
        self.schedule = schedule

    def on_train_begin(self, logs=None):
        try:
            check_rate_can_be_set(self.model)
        except ValueError as error:
            raise TypeError(str(error)) from None
        if self.model.steps_per_execution > 1:
            raise ValueError(
                f"the model was compiled with steps_per_execution={self.model.steps_per_execution}: the rate could be "
                "set before every so many batches only; compile it with 1, or give the schedule to the optimizer"
            )

    def on_train_batch_begin(self, batch, logs=None):
        optimizer = self.model.optimizer
        step = int(_private.step_counter(getattr(optimizer, "inner_optimizer", optimizer)))
        rate = self.schedule(step)
        try:
            number = float(rate)
        except (TypeError, ValueError):
            raise TypeError(f"schedule({step}) must return a number >= 0; got {shorten(rate)}") from None
        optimizer.learning_rate = as_float(number, f"schedule({step})", low=0)

    def on_epoch_end(self, epoch, logs=None):
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def check_rate_can_be_set(model):
    """Raise an error unless a model's optimizer, one that is wrapped included, has one rate, a number.

    Raises
    ------
    ValueError
        With what to do.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(loss="mse", optimizer=keras.optimizers.SGD(OneCycle(0.1, 100)))
    >>> check_rate_can_be_set(model)
    Traceback (most recent call last):
    ValueError: the optimizer has a schedule already; compile the model with a number as learning_rate
    """
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        raise ValueError(f"the model {model.name!r} has no attribute 'optimizer'; compile it with optimizer=…")
    try:
        rate = optimizer.learning_rate
    except (AttributeError, ValueError, NotImplementedError):
        raise ValueError(
            f"{type(optimizer).__name__} has several learning rates; compile the model with an optimizer that has one"
        ) from None
    if not isinstance(rate, keras.Variable):
        raise ValueError("the optimizer has a schedule already; compile the model with a number as learning_rate")
