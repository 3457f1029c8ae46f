"""In which order files of tests and notebooks go to the workers of pytest-xdist: the longest first.

So the last ones are short, and no worker is left alone with a long one at the end. What each takes is known from the
last run on this machine (``make timings``); elsewhere it is guessed from the number of its tests. Only the process that
hands them out asks, so that workers cannot disagree.
"""

from __future__ import annotations

from collections import defaultdict

from xdist.scheduler import LoadScopeScheduling

from tools import timings

# Seconds of a test, by the beginning of its name: means of a whole run.
A_TEST = {"book/notebooks/": 0.7, "tests/deep/": 0.5, "tests/book/": 0.4, "tests/grading/": 0.4, "": 0.04}


def scope_of(nodeid):
    return nodeid.rsplit("::", 1)[0]


def known(steps):
    """Return the seconds of each file (or class of tests) in the records of steps."""
    found = defaultdict(float)
    for step in steps.values():
        for command in step["commands"]:
            for nodeid, test in command.get("tests", {}).items():
                found[scope_of(nodeid)] += timings.seconds_of(test)
    return dict(found)


def expected(scope, tests, seconds):
    """Return the seconds that a scope of so many tests will take."""
    guess = next(each for start, each in A_TEST.items() if scope.startswith(start))
    return seconds.get(scope, guess * tests)


class LongestFirst(LoadScopeScheduling):
    """Give a worker that is nearly done the longest of what is left."""

    def __init__(self, config, log, seconds=None):
        super().__init__(config, log)
        self.seconds = known(timings.read(timings.FILE)) if seconds is None else seconds

    def _assign_work_unit(self, node):
        longest = max(self.workqueue, key=lambda scope: expected(scope, len(self.workqueue[scope]), self.seconds))
        self.workqueue.move_to_end(longest, last=False)
        super()._assign_work_unit(node)
