"""What starting costs: importing the package and asking the command for help, next to bare Python and NumPy.

python -m benchmarks.startup        about ten seconds
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

STARTS = {
    "bare Python": [sys.executable, "-c", "pass"],
    "import coursepkg": [sys.executable, "-c", "import coursepkg"],
    "coursepkg --help": [sys.executable, "-m", "coursepkg.cli", "--help"],
    "import numpy": [sys.executable, "-c", "import numpy"],
}
REPEATS = 15


def main():
    times = {name: [] for name in STARTS}
    for _ in range(REPEATS):  # interleaved, so that a busy moment hits all alike
        for name, command in STARTS.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times[name].append(time.perf_counter() - started)
    bare = statistics.median(times["bare Python"])
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:<18}{1000 * median:6.0f} ms   {1000 * (median - bare):+5.0f} ms to bare Python")


if __name__ == "__main__":
    main()
