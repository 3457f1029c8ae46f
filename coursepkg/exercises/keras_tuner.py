"""Exercises of the chapter on KerasTuner. Folders that the student's code reads are written here, as it does."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, function_case, prose

# --- keras-tuner/read-trials ----------------------------------------------------------------------------------------

READ_SOLUTION = Source("""\
import json
from pathlib import Path


def best_trials(folder, direction):
    finished = []
    for file in Path(folder).glob("trial_*/trial.json"):
        trial = json.loads(file.read_text())
        if trial["status"] == "COMPLETED":
            finished.append((trial["trial_id"], trial["score"]))
    return sorted(finished, key=lambda pair: pair[1], reverse=direction == "max")
""")


def write_trials(folder, scores, statuses):
    """Write the folder of a search with one trial for each score, as far as the exercise reads it."""
    for number, (score, status) in enumerate(zip(scores, statuses, strict=True)):
        trial_id = f"{number:02d}"
        path = Path(folder, f"trial_{trial_id}")
        path.mkdir(parents=True)
        if status != "COMPLETED":
            score = float("nan") if status == "FAILED" else None
        values = {"units": 8 * (number + 1)}
        state = {
            "trial_id": trial_id,
            "hyperparameters": {"space": [], "values": values},
            "metrics": {"metrics": {}},
            "score": score,
            "best_step": 2,
            "status": status,
            "message": None,
        }
        (path / "trial.json").write_text(json.dumps(state), encoding="utf-8")
    Path(folder, "oracle.json").write_text("{}", encoding="utf-8")


def _ranked(scores, statuses, direction):
    pairs = [(f"{i:02d}", x) for i, (x, s) in enumerate(zip(scores, statuses, strict=True)) if s == "COMPLETED"]
    return sorted(pairs, key=lambda pair: pair[1], reverse=direction == "max")


def _read_cases(rng):
    for shown, direction, broken in (
        ("an accuracy, direction 'max'", "max", ()),
        ("a loss, direction 'min'", "min", ()),
        ("a search that was killed: one trial is still RUNNING, one has FAILED", "min", ("FAILED", "RUNNING")),
    ):
        n = int(rng.integers(11, 14))
        scores = rng.permutation(np.linspace(0.2, 0.9, n) + rng.uniform(0, 0.01, n)).round(4).tolist()
        statuses = ["COMPLETED"] * n
        if broken:
            statuses[int(rng.integers(1, n - 1))], statuses[-1] = broken
        yield Case(
            f"best_trials(folder, direction): {shown}",
            run=lambda function, s=scores, t=statuses, d=direction: _read(function, s, t, d),
            judge=lambda got, s=scores, t=statuses, d=direction: _judge_read(got, s, t, d),
        )


def _read(function, scores, statuses, direction):
    with tempfile.TemporaryDirectory() as folder:
        write_trials(folder, scores, statuses)
        return function(folder, direction)


UNFINISHED = "only trials whose status is COMPLETED have a score that counts"
TURNED = "the best trial must come first: for 'max' the highest score, for 'min' the lowest"
EXCHANGED = "each pair is (trial_id, score), in this order"
UNSORTED = "the trials stand in the order of their names: sort them by score"
NUMBERS = "the name of a trial is a text with leading zeros, as in the file: do not turn it into a number"
ONE = "expected a list with one pair for each finished trial, not the best one alone"


def _judge_read(got, scores, statuses, direction):
    expected = _ranked(scores, statuses, direction)
    if isinstance(got, tuple) and len(got) == 2 and isinstance(got[0], str):
        return f"got {shorten(got)}\nhint: {ONE}"
    try:
        pairs = [(name, score) for name, score in got]
    except (TypeError, ValueError):
        return f"expected a list of (trial_id, score); got {shorten(got)}"
    if pairs == expected:
        return None
    other = "min" if direction == "max" else "max"
    wrong = (
        (len(pairs) > len(expected), UNFINISHED),
        (pairs == _ranked(scores, statuses, other), TURNED),
        ([pair[::-1] for pair in pairs] == expected, EXCHANGED),
        (sorted(pairs) == sorted(expected) and pairs == sorted(pairs), UNSORTED),
        (
            [(f"{pair[0]:02d}" if isinstance(pair[0], int) else pair[0], *pair[1:]) for pair in pairs] == expected,
            NUMBERS,
        ),
    )
    hint = next((f"\nhint: {text}" for applies, text in wrong if applies), "")
    return f"expected {len(expected)} pairs, the first one {expected[0]}; got {shorten(got)}{hint}"


_KEPT = ('        if trial["status"] == "COMPLETED":\n            finished', "        finished")
READ_MISTAKES = (
    Mistake(
        "trials that did not finish",
        READ_SOLUTION.edited(_KEPT, ("pair[1], reverse", "pair[1] or 0, reverse")),
        UNFINISHED,
    ),
    Mistake("always the highest first", READ_SOLUTION.edited(('direction == "max"', "True")), TURNED),
    Mistake("the worst first", READ_SOLUTION.edited(('direction == "max"', 'direction == "min"')), TURNED),
    Mistake(
        "score before name",
        READ_SOLUTION.edited(
            ('(trial["trial_id"], trial["score"])', '(trial["score"], trial["trial_id"])'), ("pair[1]", "pair[0]")
        ),
        EXCHANGED,
    ),
    Mistake("sorted by name", READ_SOLUTION.edited(('pair[1], reverse=direction == "max"', "pair[0]")), UNSORTED),
    Mistake("names as numbers", READ_SOLUTION.edited(('(trial["trial_id"],', '(int(trial["trial_id"]),')), NUMBERS),
    Mistake(
        "only the best", READ_SOLUTION.edited(('reverse=direction == "max")', 'reverse=direction == "max")[0]')), ONE
    ),
)

# --- keras-tuner/hyperband-cost -------------------------------------------------------------------------------------


def hyperband_cost(max_epochs, factor, *, restart=False, down=False, skipped=0, rising=1, last_only=False):
    """Return the trials and epochs of one iteration of KerasTuner's Hyperband, with a switch for each mistake."""
    rounding = math.floor if down else math.ceil
    brackets = 0
    while factor**brackets <= max_epochs:
        brackets += 1
    last_size = math.ceil(round(1 + math.log(max_epochs, factor), 9))
    trials = epochs = 0
    for bracket in range(skipped, brackets):
        before = 0
        for i in range(bracket + 1):
            if last_only and i < bracket:
                continue
            size = rounding(round(last_size / (bracket + 1) * factor ** (bracket - i), 9))
            reached = rounding(round(max_epochs / factor ** (bracket - i), 9))
            trials += size
            epochs += size * (reached - (0 if restart else before))
            before = reached
    return trials, epochs


def _estimate(max_epochs, factor):
    return hyperband_cost(max_epochs, factor)[0], round(max_epochs * math.log(max_epochs, factor) ** 2)


HYPERBAND_MISTAKES = (
    Mistake(
        "every round from the start",
        lambda max_epochs, factor: hyperband_cost(max_epochs, factor, restart=True),
        "a trial of a later round goes on from the weights of the round before: count only its new epochs",
    ),
    Mistake(
        "rounded down",
        lambda max_epochs, factor: hyperband_cost(max_epochs, factor, down=True),
        "numbers of trials and epochs are rounded up, not down",
    ),
    Mistake(
        "bracket 0 is missing",
        lambda max_epochs, factor: hyperband_cost(max_epochs, factor, skipped=1),
        "bracket 0, which trains from the start to max_epochs, is missing",
    ),
    Mistake(
        "only the last rounds",
        lambda max_epochs, factor: hyperband_cost(max_epochs, factor, last_only=True, restart=True),
        "these are the last rounds of the brackets; the rounds before them cost trials and epochs, too",
    ),
    Mistake(
        "the estimate",
        _estimate,
        "this is the estimate max_epochs * log(max_epochs) ** 2; add up the rounds instead",
    ),
    Mistake(
        "epochs before trials",
        lambda max_epochs, factor: hyperband_cost(max_epochs, factor)[::-1],
        "the number of trials comes first, then that of the epochs",
    ),
)


def _compare_costs(got, expected):
    try:
        array = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"expected two numbers (trials, epochs); got {shorten(got)}"
    if array.shape != (2,):
        return f"expected two numbers (trials, epochs); got {shorten(got)}"
    return None if np.array_equal(array, expected) else f"expected {tuple(expected)}; got {shorten(got)}"


def _hyperband_cases(rng):
    for shown, max_epochs, factor in (
        ("a power of the factor", int(rng.choice([9, 27])), 3),
        ("not a power of the factor", int(rng.integers(12, 24)), 3),
        ("another factor", int(rng.integers(20, 60)), 4),
    ):
        yield function_case(
            f"hyperband_cost(max_epochs, factor): {shown}",
            (max_epochs, factor),
            reference=hyperband_cost,
            mistakes=HYPERBAND_MISTAKES,
            compare=_compare_costs,
        )


EXERCISES = (
    Exercise(
        label="keras-tuner/read-trials",
        title="Read a search without its library",
        points=3,
        difficulty=2,
        minutes=15,
        cases=_read_cases,
        statement=prose("""
            A search was killed on another computer, and you have only its folder. Each trial has a folder
            `trial_…` with a file `trial.json`: a dictionary with, among others, the keys `"trial_id"` (a text),
            `"status"` (`"COMPLETED"`, `"FAILED"` or `"RUNNING"`) and `"score"` (a number, NaN or `null`). Write a
            function `best_trials(folder, direction)` that returns a list of pairs (trial_id, score), one for each
            completed trial, from the best to the worst. `direction` is `"max"` if high scores are good, and `"min"`
            if low ones are. Use the standard library only.
        """),
        answer_name="best_trials",
        stub='''\
import json
from pathlib import Path


def best_trials(folder, direction):
    """Return (trial_id, score) of all completed trials, the best first."""
    ...
''',
        solution_source=str(READ_SOLUTION),
        mistakes=READ_MISTAKES,
        hints=(
            "Path(folder).glob takes a pattern with a star for the folders and the name of the file.",
            "Leave out what is not COMPLETED before you sort: NaN and None cannot be ordered.",
            "sorted takes a key, a function that returns the score of a pair, and reverse.",
        ),
    ),
    Exercise(
        label="keras-tuner/hyperband-cost",
        title="What Hyperband will cost",
        points=3,
        difficulty=2,
        minutes=20,
        cases=_hyperband_cases,
        statement=prose(r"""
            Write a function `hyperband_cost(max_epochs, factor)` that returns, for one iteration of KerasTuner's
            Hyperband, the number of trials and the number of epochs, as two whole numbers. With $R$ = `max_epochs`
            and $\eta$ = `factor`, the brackets are numbered $s = 0, \dots, s_\text{max}$, where $s_\text{max}$ is the
            largest whole number with $\eta^{s_\text{max}} \le R$. Bracket $s$ has the rounds $i = 0, \dots, s$. Round
            $i$ has $\lceil \frac{m}{s + 1} \eta^{s - i} \rceil$ trials with $m = \lceil 1 + \log_\eta R \rceil$, and
            trains each up to epoch $\lceil R / \eta^{s - i} \rceil$. A trial of a later round goes on where the round
            before stopped. Guard against rounding errors: `round(x, 9)` before rounding up.
        """),
        answer_name="hyperband_cost",
        stub='''\
import math


def hyperband_cost(max_epochs, factor):
    """Return the numbers of trials and epochs of one iteration, as a tuple."""
    ...
''',
        solution_source="""\
import math


def hyperband_cost(max_epochs, factor):
    def up(x):
        return math.ceil(round(x, 9))

    m = up(1 + math.log(max_epochs, factor))
    trials = epochs = s = 0
    while factor**s <= max_epochs:
        before = 0
        for i in range(s + 1):
            size = up(m / (s + 1) * factor ** (s - i))
            reached = up(max_epochs / factor ** (s - i))
            trials += size
            epochs += size * (reached - before)
            before = reached
        s += 1
    return trials, epochs
""",
        mistakes=HYPERBAND_MISTAKES,
        hints=(
            "Two loops: over the brackets, and over the rounds of a bracket.",
            "The new epochs of a round are those that it reaches, less those that the round before reached.",
            "For max_epochs = 9 and factor = 3 the answer is (23, 75).",
        ),
    ),
)
