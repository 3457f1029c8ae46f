"""The numbers of a training in float64 hold on other thread counts and processors; in float32 they do not.

A change is held against the processor that differs most, as older ones do; with COURSE_ALL=1, as CI sets it each week,
against all, and float32 too.

``training.ipynb`` holds a small training and its stored outputs. Store new ones, if they must change, with
``jupyter nbconvert --to notebook --execute --inplace tests/deep/training.ipynb``.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from benchmarks.reproducibility import MACHINES, NOTEBOOK, ROOT

ALWAYS = "SSE4.1 only"
weekly = pytest.mark.skipif(os.environ.get("COURSE_ALL", "") in ("", "0"), reason="runs weekly: set COURSE_ALL=1")


def nbval(notebook, machine):
    """Run ``pytest --nbval`` on a notebook as if on another machine; return whether it passed, and what it said."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--nbval"]
    done = subprocess.run(
        [*command, "--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "-p", "conftest", str(notebook)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **MACHINES[machine]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.returncode == 0, done.stdout


@pytest.mark.parametrize("machine", [pytest.param(m, marks=[] if m == ALWAYS else weekly) for m in MACHINES])
def test_float64_gives_the_stored_numbers_everywhere(machine):
    passed, said = nbval(NOTEBOOK, machine)
    assert passed, said


@weekly
@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="these settings change nothing on other processors"
)
def test_float32_does_not(tmp_path):
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells[0].source = notebook.cells[0].source.replace("float64", "float32")
    NotebookClient(notebook, record_timing=False).execute()
    copy = tmp_path / NOTEBOOK.name
    nbformat.write(notebook, copy)
    machines = ("AVX2 only", "SSE4.1 only", "oneDNN off", "one thread")
    assert not all(nbval(copy, machine)[0] for machine in machines), (
        "float32 agreed to all digits: is the reason for float64 gone?"
    )
