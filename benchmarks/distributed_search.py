"""A KerasTuner search by one chief and two workers, one of which is killed in the middle of a trial and replaced.

    python -m benchmarks.distributed_search [--write] [--trials 8]     one to three minutes

The processes run book/deploy/tune.py and speak over gRPC on the loopback address. As soon as one trial is finished,
the second worker is killed with SIGKILL while it trains. At the end every trial must be completed, and the trial of
the dead worker must have gone to the worker that replaced it. --write stores the table that the book shows.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
import time
from pathlib import Path

from coursepkg.deep.distributed import run_processes
from coursepkg.deep.tuning import trials_frame

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "book/deploy/tune.py"
TABLE = ROOT / "book/tables/distributed_search.csv"
VICTIM = "worker-1"
LINE = re.compile(r"(worker-\d+) ((?:takes|finishes) trial \d+)\n")


class Witness:
    """Read from what the workers print who works on which trial, and kill one worker in the middle of a trial."""

    def __init__(self, log, *, victim=VICTIM):
        self.log, self.victim, self.began = Path(log), victim, time.monotonic()
        self.events, self.lost, self._read = [], None, 0

    def __call__(self, running):
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
        for line in lines[self._read :]:
            if not line.endswith("\n"):
                break
            self._read += 1
            if found := LINE.match(line):
                self.note(found[1], found[2])
        done = any(event["event"].startswith("finishes") for event in self.events)
        own = [event["event"] for event in self.events if event["process"] == self.victim]
        if self.lost is None and done and own and own[-1].startswith("takes") and self.victim in running:
            running[self.victim].kill()
            self.lost = own[-1].rpartition(" ")[2]
            self.note(self.victim, f"is killed in trial {self.lost}")

    def note(self, process, event):
        self.events.append({"seconds": time.monotonic() - self.began, "process": process, "event": event})


def run(program, *, trials=8, timeout=600.0):
    """Run a search of two workers, kill one, and return what happened and the trials.

    Returns
    -------
    events : list of dict
        Keys seconds, process and event, in the order of time.
    trials : pandas.DataFrame
    lost : str
        The trial in which the worker was killed.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.txt")
        log.touch()
        witness = Witness(log)
        command = [sys.executable, str(program), "--directory", folder, "--trials", str(trials)]
        try:
            frame = run_processes(command, workers=2, timeout=timeout, log=log, watch=witness)
        except Exception:
            sys.stderr.write(log.read_text(encoding="utf-8")[-4000:])
            raise
        witness({})  # the last lines
        table = trials_frame(Path(folder, "search"))
    own = frame[frame["event"] != "died"].to_dict("records")
    return sorted([*own, *witness.events], key=lambda event: event["seconds"]), table, witness.lost


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    events, trials, lost = run(PROGRAM, trials=options.trials)
    rows = [[f"{event['seconds']:.0f}", event["process"], event["event"]] for event in events]
    for row in rows:
        sys.stdout.write("{:>5} s  {:9} {}\n".format(*row))
    complete = (trials["status"] == "COMPLETED").sum()
    sys.stdout.write(f"{complete} of {len(trials)} trials completed; killed in trial {lost}\n")
    if complete < options.trials or lost is None:
        raise SystemExit("a trial was lost, or no worker was killed")
    if options.write:
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([["second", "process", "event"], *rows])


if __name__ == "__main__":
    main()
