"""Answers to the exercises beyond KerasTuner's defaults."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases import Caught

# --- beyond-the-defaults/hyperband-cost ------------------------------------------------------------------------------


def _compare_costs(got, expected):
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"expected two numbers (trials, epochs); got {shorten(got)}"
    if array.shape != (2,):
        return f"expected two numbers (trials, epochs); got {shorten(got)}"
    return None if np.array_equal(array, expected) else f"expected {tuple(expected)}; got {shorten(got)}"


hyperband_cost = Answers(
    compare=_compare_costs,
    mistakes=patches(
        """
        every round from the start: a trial of a later round goes on from the weights of the round before: count only
          its new epochs
        - reached - before
        + reached
        rounded down: numbers of trials and epochs are rounded up, not down
        - math.ceil(round(x
        + math.floor(round(x
        - m = up(1 + math.log(max_epochs, factor))
        + m = math.ceil(round(1 + math.log(max_epochs, factor), 9))
        bracket 0 is missing: bracket 0, which trains from the start to max_epochs, is missing
        - trials = epochs = s = 0
        + trials, epochs, s = 0, 0, 1
        only the last rounds: these are the last rounds of the brackets; the rounds before them cost trials and
          epochs, too
        - for i in range(s + 1)
        + for i in [s]
        the estimate: this is the estimate max_epochs * log(max_epochs) ** 2; add up the rounds instead
        - return trials, epochs
        + return trials, round(max_epochs * math.log(max_epochs, factor) ** 2)
        epochs before trials: the number of trials comes first, then that of the epochs
        - return trials, epochs
        + return epochs, trials
        """
    ),
)

# --- beyond-the-defaults/shared-trials -------------------------------------------------------------------------------


def count_common(a, b, n_trials, n_parameters):
    """Return how many trials have the same numbers, listed one by one."""

    def numbers(seed):
        return {tuple(range(seed + k * n_parameters, seed + (k + 1) * n_parameters)) for k in range(n_trials)}

    return len(numbers(a) & numbers(b))


shared_trials = Answers(
    reference=count_common,
    mistakes=patches(
        """
        any distance: trials agree only if the distance of the seeds is a multiple of the number of parameters
        - if apart % n_parameters:
        -         return 0
        +
        one trial for each seed: each trial uses up as many numbers as there are parameters
        - apart // n_parameters
        + apart
        below zero: far apart no trial is shared, and that is 0, not less
        - max(0, n_trials - apart // n_parameters)
        + n_trials - apart // n_parameters
        the order of the seeds: only the distance counts, whichever seed is larger
        - abs(a - b)
        + b - a
        not shared: this is how many trials are not shared
        - max(0, n_trials - apart // n_parameters)
        + min(n_trials, apart // n_parameters)
        one too few: count the first trial of the later seed as well
        - max(0, n_trials - apart // n_parameters)
        + max(0, n_trials - apart // n_parameters - 1)
        """
    ),
)

# --- beyond-the-defaults/repair-fit ----------------------------------------------------------------------------------

LOST = "the tuner hears of epochs and stores weights through callbacks: pass on everything that came by name"
NO_RESULT = "return what model.fit returns, or the tuner has no score"
DEFAULT = "batch_size is not passed on, so every trial trains with Keras's 32"
ASKED = "the batch size is declared elsewhere; take its value with hp.get"
DATA = "X and y came by position and must be passed on by position"


def _judge_fit(got, *, given, size):
    if isinstance(got, Caught):
        return f"expected one call of model.fit; your function raised {got.type}: {got}"
    answer, calls, new = got
    if len(calls) != 1:
        return f"expected one call of model.fit; got {len(calls)}"
    (n_args, kwargs) = calls[0]
    wrong = (
        (bool(new), ASKED),
        (n_args != 2, DATA),
        (any(key not in kwargs for key in given), LOST),
        ("batch_size" not in kwargs, DEFAULT),
        (answer is None, NO_RESULT),
    )
    hint = next((f"\nhint: {text}" for applies, text in wrong if applies), "")
    if n_args != 2 or kwargs != {**given, "batch_size": size} or new:
        return f"expected model.fit with X, y and {shorten({**given, 'batch_size': size})}; got {shorten(kwargs)}{hint}"
    return None if answer == "history" else f"expected what model.fit returns; got {shorten(answer)}{hint}"


repair_fit = Answers(
    judge=_judge_fit,
    mistakes=patches(
        """
        without the callbacks: the tuner hears of epochs and stores weights through callbacks: pass on everything that
          came by name
        - "batch_size"), **kwargs)
        + "batch_size"))
        nothing comes back: return what model.fit returns, or the tuner has no score
        - return model.fit
        + model.fit
        the batch size of Keras: batch_size is not passed on, so every trial trains with Keras's 32
        - batch_size=hp.get("batch_size"), **kwargs
        + **kwargs
        asked for anew: the batch size is declared elsewhere; take its value with hp.get
        - hp.get("batch_size")
        + hp.Int("batch_size", 16, 128)
        without the data: X and y came by position and must be passed on by position
        - model.fit(*args,
        + model.fit(
        only the validation data: the tuner hears of epochs and stores weights through callbacks: pass on everything
          that came by name
        - "batch_size"), **kwargs)
        + "batch_size"), validation_data=kwargs.get("validation_data"))
        """
    ),
)
