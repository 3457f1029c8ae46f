"""What starting costs: importing the package and asking the command for help, next to bare Python and others.

python -m benchmarks.startup        about twenty seconds
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks.timing import row, show, take_turns, wall

STARTS = {
    "bare Python": ["-c", "pass"],
    "import coursepkg": ["-c", "import coursepkg"],
    "coursepkg --help": ["-m", "coursepkg.cli", "--help"],
    "import numpy": ["-c", "import numpy"],
    "nbgrader --help": ["-m", "nbgrader", "--help"],
}


def start(words):
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(*, quick=False, repeats=15, now=wall):
    """Return a row for the import and one for the command."""
    ways = {name: lambda words=words: start(words) for name, words in STARTS.items()}
    seconds = take_turns(ways, 1 if quick else max(repeats, 15), now)
    loads = "It loads nothing until a name is asked for, so that it costs little more than Python itself."
    serves = "The command loads what an order needs when it is given, not before."
    return [
        row("import coursepkg", seconds, loads, ours="import coursepkg", theirs="import numpy", limit="bare Python"),
        row(
            "coursepkg --help", seconds, serves, ours="coursepkg --help", theirs="nbgrader --help", limit="bare Python"
        ),
    ]


if __name__ == "__main__":
    show(rows())
