"""What grading a class costs: nbgrader's own command, next to the course's with one process and with two.

python -m benchmarks.grading [STUDENTS]        about three minutes for six students

Every second student hands in the solutions, the others the untouched notebook. All ways isolate each submission, and
`coursepkg assign grade` writes feedback, tables and pictures as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXERCISES = ("perceptron/learning-rule", "xor/count-parameters")
WAYS = {
    "nbgrader autograde": ["nbgrader", "autograde", "hw1", "--force"],
    "coursepkg assign grade -j 1": ["coursepkg.cli", "assign", "grade", "hw1", "-j", "1"],
    "coursepkg assign grade -j 2": ["coursepkg.cli", "assign", "grade", "hw1", "-j", "2"],
}


def run(words, folder):
    """Run the command of a module in a folder; its output is shown only if it fails."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def main(students=6):
    with tempfile.TemporaryDirectory() as root:
        run(["coursepkg.cli", "assign", "create", "hw1", *EXERCISES, "--course", "nn"], root)
        course = Path(root, "nn")
        for number in range(students):
            shutil.copytree(course / ("release", "source")[number % 2] / "hw1", course / f"submitted/s{number}/hw1")
        seconds = {}
        for index, (name, words) in enumerate(WAYS.items()):
            copy = Path(root, f"way{index}", "nn")
            shutil.copytree(course, copy)
            started = time.perf_counter()
            run(words, copy)
            seconds[name] = time.perf_counter() - started
    first = next(iter(seconds.values()))
    for name, value in seconds.items():
        print(f"{name:<28}{value / students:6.1f} s a submission   {value / first:5.2f} of nbgrader's time")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
