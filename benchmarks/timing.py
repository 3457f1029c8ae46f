"""What the timed benchmarks share: all ways take turns in one run, and each comparison is one row."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

REPEATS = 5


def wall():
    """Return the time that passes, in seconds."""
    return time.perf_counter()


def cpu():
    """Return the processor time of this program and of those that it started and that have ended, in seconds."""
    import resource  # not on Windows

    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


@dataclass(frozen=True)
class Row:
    """One comparison: medians over the turns of one run.

    Attributes
    ----------
    name : str
        What is done.
    ours, theirs : float
        Seconds that it takes with this course, and with what you would use instead.
    ratio : float
        Median of ours / theirs within each turn: the speed of the machine at that moment cancels.
    turns : int
        How often each way was run.
    against : str
        What theirs is.
    note : str
        One sentence: what the row means.
    limit : float, optional
        Seconds for what cannot be left out.
    floor : str, optional
        What that is.
    """

    name: str
    ours: float
    theirs: float
    ratio: float
    turns: int
    against: str
    note: str
    limit: float | None = None
    floor: str | None = None


def row(name, seconds, note, *, ours, theirs, limit=None):
    """Return the row that compares two ways, and perhaps a third that is the limit, by their names in ``seconds``."""
    mine, other = np.asarray(seconds[ours]), np.asarray(seconds[theirs])
    least = None if limit is None else float(np.median(seconds[limit]))
    return Row(
        name, float(np.median(mine)), float(np.median(other)), float(np.median(mine / other)), len(mine), theirs, note,
        least, limit,
    )  # fmt: skip


def take_turns(ways, repeats, now=wall):
    """Return the seconds of each way, a list for each; all are run once in each turn, so that a busy moment hits all.

    Parameters
    ----------
    ways : dict of str to callable
    repeats : int
    now : callable, optional
        `wall` or `cpu`.
    """
    seconds = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            started = now()
            way()
            seconds[name].append(now() - started)
    return seconds


def readable(seconds):
    """Return a time with three digits and its unit: 12.3 ms."""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1 or unit == "µs":
            value = seconds * factor
            return f"{value:.{max(0, 2 - len(str(int(value))) + 1)}f} {unit}"


def show(rows):
    """Print rows, a line each."""
    for r in rows:
        limit = "" if r.limit is None else f"   ({r.floor}: {readable(r.limit)})"
        print(f"{r.name}: {readable(r.ours)}, {r.against} {readable(r.theirs)}, ratio {r.ratio:.2f}{limit}")
