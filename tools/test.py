"""Run the tests of the course: the only place that says how.

python -m tools.test                    all of them, as `make test` does
python -m tools.test STEP [STEP ...]    some: unit, notebooks, pages, grading; and check, as `make check` does

Each step runs to its end, also if one before it failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = Path(sys.executable)
_PYTEST = [PYTHON, "-m", "pytest", "-n", "auto", "--dist", "loadscope"]
_BIN = Path(sysconfig.get_path("scripts"))
STEPS = {
    "unit": [[*_PYTEST, "--doctest-modules", "coursepkg", "tests", "--ignore", "tests/e2e"]],
    "notebooks": [[*_PYTEST, "--nbval", "book/notebooks"]],
    # Apart from each other: some of the submissions take all the time of a processor that they can get.
    "pages": [[*_PYTEST, "tests/e2e", "--ignore", "tests/e2e/grading"]],
    "grading": [[*_PYTEST, "tests/e2e/grading"]],
    "check": [
        [_BIN / "ruff", "check", "."],
        [_BIN / "ruff", "format", "--check", "."],
        [PYTHON, "-m", "tools.chapters", "check"],
        [PYTHON, "-m", "tools.exercises", "--check"],
        [_BIN / "codespell"],
        [_BIN / "lint-imports", "--no-cache"],
        [_BIN / "jupyter-book", "build", ".", "--quiet", "-W", "-n", "--keep-going"],
    ],
}
TESTS = [name for name in STEPS if name != "check"]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"{', '.join(STEPS)}; without one, all but check")
    chosen = parser.parse_args(arguments).steps or TESTS
    if unknown := [name for name in chosen if name not in STEPS]:
        parser.error(f"there is no step {unknown[0]!r}; there are: {', '.join(STEPS)}")
    # Several notebooks run at a time; more threads in each would only get in each other's way.
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", **os.environ}
    failed = []
    for command in (command for name in chosen for command in STEPS[name]):
        words = [str(word) for word in command]
        shown = " ".join([Path(words[0]).name, *words[1:]])
        print(f"$ {shown}", flush=True)
        if subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode:
            failed.append(shown)
    for shown in failed:
        print(f"FAILED: {shown}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
