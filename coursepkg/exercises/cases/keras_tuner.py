"""Cases of the exercises on KerasTuner: folders are written here as it writes them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from coursepkg.exercises.cases import Case, function_case


def read_trials(rng):
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
        facts = {"scores": scores, "statuses": statuses, "direction": direction}
        yield Case(
            f"best_trials(folder, direction): {shown}",
            lambda function, facts=facts: _read(function, **facts),
            facts=facts,
        )


def _read(function, scores, statuses, direction):
    with tempfile.TemporaryDirectory() as folder:
        write_trials(folder, scores, statuses)
        return function(folder, direction)


def write_trials(folder, scores, statuses):
    """Write the folder of a search with one trial for each score, as far as the exercise reads it."""
    for number, (score, status) in enumerate(zip(scores, statuses, strict=True)):
        trial_id = f"{number:02d}"
        path = Path(folder, f"trial_{trial_id}")
        path.mkdir(parents=True)
        if status != "COMPLETED":
            score = float("nan") if status == "FAILED" else None
        state = {
            "trial_id": trial_id,
            "hyperparameters": {"space": [], "values": {"units": 8 * (number + 1)}},
            "metrics": {"metrics": {}},
            "score": score,
            "best_step": 2,
            "status": status,
            "message": None,
        }
        (path / "trial.json").write_text(json.dumps(state), encoding="utf-8")
    Path(folder, "oracle.json").write_text("{}", encoding="utf-8")


def hyperband_cost(rng):
    for shown, max_epochs, factor in (
        ("a power of the factor", int(rng.choice([9, 27])), 3),
        ("not a power of the factor", int(rng.integers(12, 24)), 3),
        ("another factor", int(rng.integers(20, 60)), 4),
    ):
        yield function_case(f"hyperband_cost(max_epochs, factor): {shown}", (max_epochs, factor))
