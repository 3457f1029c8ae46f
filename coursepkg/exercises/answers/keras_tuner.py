"""Answers to the exercises on KerasTuner."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches

UNFINISHED = "only trials whose status is COMPLETED have a score that counts"
TURNED = "the best trial must come first: for 'max' the highest score, for 'min' the lowest"
EXCHANGED = "each pair is (trial_id, score), in this order"
UNSORTED = "the trials stand in the order of their names: sort them by score"
NUMBERS = "the name of a trial is a text with leading zeros, as in the file: do not turn it into a number"
ONE = "expected a list with one pair for each finished trial, not the best one alone"


def _judge_trials(got, *, scores, statuses, direction):
    if isinstance(got, tuple) and len(got) == 2 and isinstance(got[0], str):
        return f"got {shorten(got)}\nhint: {ONE}"
    try:
        pairs = [(name, score) for name, score in got]
    except (TypeError, ValueError):
        return f"expected a list of (trial_id, score); got {shorten(got)}"
    finished = [(f"{i:02d}", x) for i, (x, s) in enumerate(zip(scores, statuses, strict=True)) if s == "COMPLETED"]
    expected = sorted(finished, key=lambda pair: pair[1], reverse=direction == "max")
    if pairs == expected:
        return None
    wrong = (
        (len(pairs) > len(expected), UNFINISHED),
        (pairs == expected[::-1], TURNED),
        ([pair[::-1] for pair in pairs] == expected, EXCHANGED),
        (pairs == finished, UNSORTED),
        ([(f"{name:02d}" if isinstance(name, int) else name, score) for name, score in pairs] == expected, NUMBERS),
    )
    hint = next((f"\nhint: {text}" for applies, text in wrong if applies), "")
    return f"expected {len(expected)} pairs, the first one {expected[0]}; got {shorten(got)}{hint}"


read_trials = Answers(
    judge=_judge_trials,
    mistakes=patches(
        """
        trials that did not finish: only trials whose status is COMPLETED have a score that counts
        -         if trial["status"] == "COMPLETED":
        -             finished
        +         finished
        - pair[1], reverse
        + pair[1] or 0, reverse
        always the highest first: the best trial must come first: for 'max' the highest score, for 'min' the lowest
        - direction == "max"
        + True
        the worst first: the best trial must come first: for 'max' the highest score, for 'min' the lowest
        - direction == "max"
        + direction == "min"
        score before name: each pair is (trial_id, score), in this order
        - (trial["trial_id"], trial["score"])
        + (trial["score"], trial["trial_id"])
        - pair[1]
        + pair[0]
        sorted by name: the trials stand in the order of their names: sort them by score
        - pair[1], reverse=direction == "max"
        + pair[0]
        names as numbers: the name of a trial is a text with leading zeros, as in the file: do not turn it into a
          number
        - (trial["trial_id"],
        + (int(trial["trial_id"]),
        only the best: expected a list with one pair for each finished trial, not the best one alone
        - reverse=direction == "max")
        + reverse=direction == "max")[0]
        """
    ),
)

# --- keras-tuner/hyperband-cost -------------------------------------------------------------------------------------


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
