"""Cases of the exercises on KerasTuner: folders are written here as it writes them, and `hp` answers as it does."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import numpy as np

from coursepkg.exercises.cases import Case, caught


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


class Asked:
    """Stands for keras_tuner.HyperParameters: it gives set values, and notes what was asked for on which conditions.

    Parameters
    ----------
    values : dict
        Of one trial. What is asked for and is not among them gets its default, as KerasTuner does.
    """

    def __init__(self, values):
        self.values, self.asked, self._scopes = dict(values), [], []

    def Int(self, name, min_value, max_value, step=None, sampling=None, default=None):
        step = 1 if step is None and sampling in (None, "linear") else step
        return self._range("Int", name, min_value, max_value, step, sampling, default)

    def Float(self, name, min_value, max_value, step=None, sampling=None, default=None):
        return self._range("Float", name, min_value, max_value, step, sampling, default)

    def Choice(self, name, values, ordered=None, default=None):
        return self._answer("Choice", name, values[0] if default is None else default, choices=list(values))

    def Boolean(self, name, default=False):
        return self._answer("Boolean", name, default)

    def Fixed(self, name, value):
        return self._answer("Fixed", name, value)

    def get(self, name):
        return self.values[name]

    @contextlib.contextmanager
    def conditional_scope(self, parent_name, parent_values):
        values = list(parent_values) if isinstance(parent_values, (list, tuple)) else [parent_values]
        self._scopes.append((parent_name, values))
        try:
            yield
        finally:
            self._scopes.pop()

    def _range(self, kind, name, low, high, step, sampling, default):
        if sampling == "log" and low <= 0:
            raise ValueError(f"{kind} {name!r}: sampling='log' needs a min_value > 0; got {low}")
        bounds = {"low": low, "high": high, "step": step, "sampling": sampling or "linear"}
        return self._answer(kind, name, low if default is None else default, **bounds)

    def _answer(self, kind, name, default, **facts):
        conditions = [[parent, values] for parent, values in self._scopes]
        known = [entry for entry in self.asked if (entry["name"], entry["conditions"]) == (name, conditions)]
        if not known:
            self.asked.append({"name": name, "kind": kind, "conditions": conditions, **facts})
        if not all(self.values.get(parent) in values for parent, values in self._scopes):
            return None
        return self.values.setdefault(name, default)


def _asked(function, values):
    hp = Asked(values)
    try:
        got = function(hp)
    except (ValueError, TypeError) as error:
        return caught(error)
    return got, hp.asked


def widths(rng):
    for n_layers in (1, *rng.permutation([2, 3])[:1].tolist(), 4):
        values = {"layers": n_layers}
        values |= {f"width_{i}": int(rng.integers(17, 256)) for i in range(1, n_layers + 1)}
        yield Case(
            f"widths(hp): a trial with layers = {n_layers}",
            lambda function, values=values: _asked(function, values),
            facts={"values": values},
        )


def repair_space(rng):
    for kind, low, high in (("sgd", -3, 0), ("adam", -4, -1)):
        rate, dropout = float(10 ** rng.uniform(low, high)), float(rng.uniform(0.1, 0.5))
        values = {"optimizer": kind, f"{kind}_rate": round(rate, 5), "dropout": round(dropout, 3)}
        yield Case(
            f"settings(hp): a trial with {kind}",
            lambda function, values=values: _asked(function, values),
            facts={"values": values},
        )
