"""Cases of the exercises on TensorBoard. Event files that the student's code reads are written here."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from coursepkg.exercises.cases import Case, function_case
from coursepkg.exercises.cases.event_files import write_scalars


def learning_rates(rng):
    for shown in ("two or three runs", "other runs, of other lengths"):
        runs = _runs(rng)
        yield Case(f"compare_runs(log_dir): {shown}", lambda f, runs=runs: _call(f, runs), facts={"runs": runs})


def _runs(rng):
    """Return the losses of two or three runs by name and part; the lowest is neither the first nor the last."""
    runs = {}
    for rate in rng.choice([0.001, 0.003, 0.01, 0.03, 0.1], size=rng.integers(2, 4), replace=False):
        epochs = int(rng.integers(30, 45))  # many more than the 10 that an EventAccumulator keeps by itself
        dip = (np.arange(epochs) - rng.integers(3, epochs - 2)) ** 2 / epochs
        validation = rng.uniform(0.3, 0.6) + 0.02 * dip + rng.uniform(0, 0.005, size=epochs)
        validation[1] = validation.max() + 0.1
        train = np.sort(rng.uniform(0.05, 0.9, size=epochs))[::-1]
        runs[f"rate-{rate}"] = {"train": train, "validation": validation}
    return runs


def _call(function, runs):
    with tempfile.TemporaryDirectory() as folder:
        for name, parts in runs.items():
            for part, losses in parts.items():
                path = Path(folder, name, part)
                path.mkdir(parents=True)
                write_scalars(path / "events.out.tfevents.1700000000.course.1.0.v2", "epoch_loss", losses)
        return function(folder)


def smoothing(rng):
    for shown, with_gaps in (("a noisy curve", False), ("another weight", False), ("a curve with gaps (NaN)", True)):
        values = rng.uniform(1, 2) * np.exp(-np.arange(12) / 5) + rng.normal(scale=0.1, size=12) + 1
        if with_gaps:
            values[rng.choice(np.arange(2, 10), size=2, replace=False)] = np.nan
        yield function_case(f"smooth(values, weight): {shown}", (values, float(rng.uniform(0.6, 0.95))))


def repair_batch_losses(rng):
    for shown in ("a few epochs", "more epochs"):
        n, epochs = int(rng.integers(4, 8)), int(rng.integers(2, 4))
        losses = rng.uniform(0.1, 2, size=(epochs, n))
        means = (np.cumsum(losses, axis=1) / np.arange(1, n + 1)).ravel()
        yield function_case(f"batch_losses(means, n_batches): {shown}", (means, n))
