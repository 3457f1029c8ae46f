"""Grading on a Dask cluster: a worker that is killed costs time, and no submission is graded twice or lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pytest

pytest.importorskip("nbgrader")

from tests.e2e.grading.submissions import students
from tests.e2e.grading.test_grading import LATE, create, hand_in, pytestmark, table  # noqa: F401 (pytest reads the mark)


def test_a_cluster_that_loses_a_worker_grades_each_once(tmp_path):
    pytest.importorskip("distributed")
    other = tmp_path / "nn"
    everyone = students(create(other), course=other, port=9, late=LATE)
    chosen = [student for student in everyone if student.name in ("half-done", "wrong-gates", "wrong-xor", "exception")]
    for student in chosen:
        hand_in(other, student)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    # A killed worker leaves its files; in a folder with a short name, since paths of sockets have at most 107 letters.
    short = tempfile.mkdtemp(prefix="w-")
    quiet = {"cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    quiet["env"] = {**os.environ, "TMPDIR": short}
    where = ["--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard"]
    processes = [subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_scheduler", *where], **quiet)]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    worker += ["--no-dashboard", "--host", "127.0.0.1"]
    try:
        processes += [subprocess.Popen(worker, **quiet) for _ in range(2)]
        from dask.distributed import Client

        with Client(address, timeout="60s") as client:
            client.wait_for_workers(2, timeout=60)
            pids = client.run(os.getpid)
        grading = subprocess.Popen(
            [sys.executable, "-m", "coursepkg.cli", "assign", "grade", "hw1", "--scheduler", address],
            cwd=other,
            stdout=subprocess.PIPE,
            text=True,
        )
        state = other / "grades" / "hw1" / "state.json"
        deadline = time.monotonic() + 300
        while not state.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert state.exists()
        os.kill(sorted(pids.values())[0], signal.SIGKILL)
        said, _ = grading.communicate(timeout=1800)
    finally:
        for process in processes:
            process.kill()
            process.wait()
        shutil.rmtree(short, ignore_errors=True)
    assert grading.returncode == 0, said
    assert "4 graded, 0 unchanged, 0 failed" in said
    rows = {row["student"]: row for row in table(other / "grades" / "hw1" / "points.csv")}
    assert {name: row["total"] for name, row in rows.items()} == {
        student.name: str(sum(student.points.values())) for student in chosen
    }
    assert sorted(json.loads(state.read_text())) == sorted(student.name for student in chosen)
