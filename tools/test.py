"""Run the tests of the course: the only place that says how.

python -m tools.test                    all of them, as `make test` does
python -m tools.test STEP [STEP ...]    some: unit, notebooks, pages, grading; and check, as `make check` does

Each step runs to its end, also if one before it failed. What each took is kept; `make timings` prints it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from tools import affected, timings

ROOT = Path(__file__).resolve().parent.parent
PYTHON = Path(sys.executable)
PYTEST = [PYTHON, "-m", "pytest", "-p", "tools.timings", "-n", "auto", "--dist", "loadscope"]
_BIN = Path(sysconfig.get_path("scripts"))
STEPS = {
    "unit": [[*PYTEST, "--doctest-modules", "coursepkg", "tests", "--ignore", "tests/e2e"]],
    "notebooks": [[*PYTEST, "--nbval", "book/notebooks"]],
    # Apart from each other: some of the submissions take all the time of a processor that they can get. Pages
    # start in the order in which they stand, the longest first (tests/e2e/conftest.py says what a worker gets).
    "pages": [[*PYTEST, "--no-loadscope-reorder", "tests/e2e", "--ignore", "tests/e2e/grading"]],
    "grading": [[*PYTEST, "tests/e2e/grading"]],
    "check": [
        [_BIN / "ruff", "check", "."],
        [_BIN / "ruff", "format", "--check", "."],
        [PYTHON, "-m", "tools.chapters", "check"],
        [PYTHON, "-m", "tools.exercises", "--check"],
        [PYTHON, "-m", "tools.reading", "--check"],
        [_BIN / "codespell"],
        [_BIN / "lint-imports", "--no-cache"],
        [PYTHON, "-m", "tools.strict"],
    ],
}
TESTS = [name for name in STEPS if name != "check"]


def run(command):
    """Run one command, and return what it was, its exit status and what it took."""
    words = [str(word) for word in command]
    shown = " ".join([Path(words[0]).name, *words[1:]])
    print(f"$ {shown}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder, "tests.json")
        # Several notebooks run at a time; more threads in each would only get in each other's way.
        environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **os.environ, timings.VARIABLE: str(noted)}
        watch = timings.Stopwatch()
        status = subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode
        return {"command": shown, "status": status, **watch.read(), **timings.read(noted)}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"{', '.join(STEPS)}; without one, all but check")
    chosen = parser.parse_args(arguments).steps or TESTS
    if unknown := [name for name in chosen if name not in STEPS]:
        parser.error(f"there is no step {unknown[0]!r}; there are: {', '.join(STEPS)}")
    failed = []
    calibration = timings.calibrate()
    digests = affected.digests() if chosen != ["check"] else {}
    for name in chosen:
        watch, commands = timings.Stopwatch(), [run(command) for command in STEPS[name]]
        failed += [command["command"] for command in commands if command["status"]]
        for command in commands:
            affected.note(digests, command)
        passed = not any(command["status"] for command in commands)
        machine = {"cores": os.cpu_count(), "calibration": calibration, "when": timings.now()}
        timings.keep({name: {**watch.read(), **machine, "passed": passed, "commands": commands}})
    for shown in failed:
        print(f"FAILED: {shown}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
