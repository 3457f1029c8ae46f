"""What the tests cost: kept by every run of tools/test.py in _build/timings.json, and printed by `make timings`.

python -m tools.timings [FILE]    print the report of the last run of each step (or of a file that CI kept)

pytest loads this file as a plugin (``-p tools.timings``). Where the variable COURSE_TIMINGS names a file, it writes
there what each test and each fixture that tests share took; in workers of pytest-xdist as well.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "_build/timings.json"
VARIABLE = "COURSE_TIMINGS"
SLOW_CHAPTER = 30  # seconds; the design allows 45 with a reason
ROWS = 15


# --- what pytest calls -----------------------------------------------------------------------------------------------


class Recorder:
    """Collects durations. A worker hands its fixtures to the process that started it, which sees all reports."""

    def __init__(self, target):
        self.target, self.fixtures, self.tests, self.workers = target, [], {}, set()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        start = time.perf_counter()
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                where = f"{fixturedef.baseid}::{fixturedef.argname}"
                self.fixtures.append([where, fixturedef.scope, round(time.perf_counter() - start, 3)])

    def pytest_runtest_logreport(self, report):
        worker = getattr(report, "worker_id", "main")
        self.workers.add(worker)
        test = self.tests.setdefault(report.nodeid, {"worker": worker, "outcome": "passed"})
        test[report.when] = round(report.duration, 3)
        if report.outcome != "passed":
            test["outcome"] = report.outcome

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        self.fixtures += getattr(node, "workeroutput", {}).get("fixtures", [])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["fixtures"] = self.fixtures
        else:
            kept = {"workers": len(self.workers), "fixtures": self.fixtures, "tests": self.tests}
            self.target.write_text(json.dumps(kept), encoding="utf-8")


def pytest_configure(config):
    if target := os.environ.get(VARIABLE):
        config.pluginmanager.register(Recorder(Path(target)), "course-timings")


# --- what tools/test.py calls ----------------------------------------------------------------------------------------


def calibrate():
    """Return the seconds that this machine needs for a fixed piece of work on one core: the least of three."""
    import numpy as np

    def work():
        start = time.perf_counter()
        sum(i * i % 7 for i in range(1_000_000))
        values = np.random.default_rng(0).normal(size=500_000)
        np.sort(np.tanh(values) + np.exp(values))
        return time.perf_counter() - start

    return round(min(work() for _ in range(3)), 3)


def processor_seconds():
    """Return the processor time of all programs that this one started and that have ended."""
    used = os.times()
    return used.children_user + used.children_system


def machine_seconds():
    """Return the processor time of all programs of the machine since it started; 0 where the system does not say."""
    try:
        user, nice, system = map(int, Path("/proc/stat").read_text().split(None, 4)[1:4])
    except OSError:
        return 0.0
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


class Stopwatch:
    """Measures one step: its wall time, and the processor time of its programs and of the whole machine."""

    def __init__(self):
        self.start = time.monotonic(), processor_seconds(), machine_seconds()

    def read(self):
        now = time.monotonic(), processor_seconds(), machine_seconds()
        wall, own, machine = (round(after - before, 2) for before, after in zip(self.start, now, strict=True))
        return {"wall": wall, "processor": own, "machine": machine}


def keep(steps):
    """Put the records of steps into the file, in place of older ones of the same steps."""
    kept = {**read(FILE), **steps}
    FILE.parent.mkdir(exist_ok=True)
    partial = FILE.with_suffix(".partial")
    partial.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    partial.replace(FILE)


def read(path):
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


# --- the report ------------------------------------------------------------------------------------------------------


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def seconds_of(test):
    return sum(test.get(phase, 0) for phase in ("setup", "call", "teardown"))


def report(steps):
    """Yield the lines of the report."""
    yield "step        wall  processor   cores: its own  all programs  of    tests  workers  calibration  run"
    for name, step in steps.items():
        wall = max(step["wall"], 0.01)
        tests = sum(len(command.get("tests", ())) for command in step["commands"])
        workers = max(command.get("workers", 0) for command in step["commands"])
        yield (
            f"{name:10} {clock(step['wall']):>5} {clock(step['processor']):>10} {step['processor'] / wall:16.2f}"
            f" {step['machine'] / wall:13.2f} {step['cores']:3} {tests or '':>8} {workers or '':>8}"
            f" {step['calibration']:10.3f} s  {step['when']}{'' if step['passed'] else '  FAILED'}"
        )
    total = {key: sum(step[key] for step in steps.values()) for key in ("wall", "processor")}
    yield f"{'together':10} {clock(total['wall']):>5} {clock(total['processor']):>10}"
    yield "(calibration: a fixed piece of work on one core; compare machines by it)"

    commands = [(name, command) for name, step in steps.items() for command in step["commands"]]
    plain = [(command["wall"], name, command["command"]) for name, command in commands if "tests" not in command]
    yield from table("Commands without tests", sorted(plain, reverse=True))

    cells, chapters, tests, files, fixtures = [], defaultdict(float), [], defaultdict(float), defaultdict(list)
    for name, command in commands:
        for nodeid, test in command.get("tests", {}).items():
            seconds, place = seconds_of(test), nodeid.partition("::")[0]
            if "::Cell " in nodeid:
                chapters[place] += seconds
                cells.append((seconds, nodeid))
            else:
                files[f"{name}: {place}"] += seconds
                phases = ", ".join(
                    f"{phase} {test[phase]:.1f}" for phase in ("setup", "call", "teardown") if phase in test
                )
                tests.append((seconds, nodeid, f"({phases})"))
        for fixture, scope, seconds in command.get("fixtures", ()):
            fixtures[f"{name}: {fixture} ({scope})"].append(seconds)
    slow = sum(seconds > SLOW_CHAPTER for seconds in chapters.values())
    title = f"Chapters, kernel start included ({slow} of {len(chapters)} above {SLOW_CHAPTER} s)"
    yield from table(title, by_cost(chapters), len(chapters))
    yield from table("Slowest cells", sorted(cells, reverse=True))
    yield from table("Files of tests", by_cost(files))
    yield from table("Slowest tests", sorted(tests, reverse=True))
    shared = [(sum(times), f"{len(times)} x", fixture) for fixture, times in fixtures.items()]
    yield from table("Shared fixtures (their setup; all workers together)", sorted(shared, reverse=True))


def by_cost(costs):
    return sorted(((seconds, name) for name, seconds in costs.items()), reverse=True)


def table(title, rows, most=ROWS):
    if rows:
        yield f"\n{title}"
        yield from (f"{seconds:8.1f} s  {'  '.join(words)}" for seconds, *words in rows[:most])


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=FILE, metavar="FILE")
    path = parser.parse_args(arguments).file
    if not path.exists():
        print(f"{path} is not there; it is written by: python -m tools.test", file=sys.stderr)
        return 1
    print("\n".join(report(read(path))))
    return 0


def now():
    return datetime.now().isoformat(" ", "minutes")


if __name__ == "__main__":
    sys.exit(main())
