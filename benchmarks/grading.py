"""What grading a class costs: nbgrader's own command, next to the course's with one process and with two.

python -m benchmarks.grading [STUDENTS]        about three minutes for six students

Every second student hands in the solutions, the others the untouched notebook. All ways isolate each submission, and
`coursepkg assign grade` writes feedback, tables and pictures as well.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import REPEATS, row, show, take_turns, wall

EXERCISES = ("perceptron/learning-rule", "xor/count-parameters")
WAYS = {
    "nbgrader autograde": ["nbgrader", "autograde", "hw1", "--force"],
    "coursepkg assign grade -j 1": ["coursepkg.cli", "assign", "grade", "hw1", "-j", "1"],
    "coursepkg assign grade -j 2": ["coursepkg.cli", "assign", "grade", "hw1", "-j", "2"],
}
NOTE = (
    "The course's command runs each notebook as nbgrader does, isolates it, and writes feedback, tables and pictures, "
    "too."
)


def run(words, folder):
    """Run the command of a module in a folder; its output is shown only if it fails."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def rows(*, quick=False, repeats=REPEATS, now=wall, students=2):
    """Return a row for one process and one for two; seconds a submission."""
    students, numbers = 1 if quick else students, itertools.count()
    with tempfile.TemporaryDirectory() as root:
        run(["coursepkg.cli", "assign", "create", "hw1", *EXERCISES, "--course", "nn"], root)
        course = Path(root, "nn")
        for number in range(students):
            shutil.copytree(course / ("release", "source")[number % 2] / "hw1", course / f"submitted/s{number}/hw1")

        def grade(words):
            copy = Path(root, f"turn{next(numbers)}", "nn")
            shutil.copytree(course, copy)  # a moment, beside what follows
            run(words, copy)

        chosen = dict(list(WAYS.items())[: 2 if quick else 3])
        seconds = take_turns({name: lambda words=words: grade(words) for name, words in chosen.items()}, repeats, now)
    seconds = {name: [value / students for value in values] for name, values in seconds.items()}
    theirs, *ours = chosen
    return [row(f"a submission by {name}", seconds, NOTE, ours=name, theirs=theirs) for name in ours]


if __name__ == "__main__":
    show(rows(repeats=1, students=int(sys.argv[1]) if sys.argv[1:] else 6))
