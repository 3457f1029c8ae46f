"""Train the same network in float64 and float32 as if on different machines, and show whether the numbers agree.

python -m benchmarks.reproducibility [--write]     about two minutes; --write stores the table that the book shows
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "tests/deep/training.ipynb"
TABLE = ROOT / "book/tables/reproducibility.csv"
# What differs between machines, as environment variables that TensorFlow reads at its start.
MACHINES = {
    "as it is": {},
    "again": {},
    "one thread": {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"},
    "two threads": {"TF_NUM_INTRAOP_THREADS": "2", "TF_NUM_INTEROP_THREADS": "2", "OMP_NUM_THREADS": "2"},
    "oneDNN off": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "oneDNN on": {"TF_ENABLE_ONEDNN_OPTS": "1"},
    "AVX2 only": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    "SSE4.1 only": {"ONEDNN_MAX_CPU_ISA": "SSE41"},
}


def train(dtype, machine):
    """Run the cells of the test notebook in a fresh process; return the last line that they print."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells).replace("float64", dtype)
    environment = {**os.environ, **MACHINES[machine]}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"store the table in {TABLE.relative_to(ROOT)}")
    write = parser.parse_args().write
    rows = [("machine", "float64: loss", "accuracy", "float32: loss", "accuracy")]
    for machine in MACHINES:
        row = [machine]
        for dtype in ("float64", "float32"):
            words = train(dtype, machine).replace(",", "").split()
            row += [words[words.index("loss") + 1], words[words.index("accuracy") + 1]]
        rows.append(tuple(row))
        print("  ".join(f"{field:>14}" for field in row), flush=True)
    if write:
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        with TABLE.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
