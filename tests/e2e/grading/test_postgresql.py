"""The gradebook in PostgreSQL, with the lines that the book offers for download and a server of the test's own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")
pytest.importorskip("psycopg2")

from coursepkg.grading import isolation
from tests.e2e.grading.test_grading import DEPLOY, coursepkg, run, table

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)  # Debian keeps them out of PATH
PROGRAMS = PROGRAMS or (Path(found).parent if (found := shutil.which("initdb")) else None)
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
pytestmark = [
    pytest.mark.skipif(PROGRAMS is None, reason="needs PostgreSQL"),
    pytest.mark.skipif(isolation.best_level() != "bubblewrap", reason="submissions are run only in bubblewrap"),
]
PASSWORD = "p@ss/w:rd?"


@pytest.fixture
def port():
    """Start a server with an empty database gradebook of the user nbgrader; it listens on the port returned."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    as_user = ["runuser", "-u", "postgres", "--"] if ROOT else []  # PostgreSQL refuses to run as root
    if ROOT:
        shutil.chown(folder, "postgres")

    def command(program, *words):
        subprocess.run([*as_user, PROGRAMS / program, *words], check=True, stdout=subprocess.DEVNULL, cwd=folder)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"
    try:
        command("initdb", "--auth-host=scram-sha-256", "--auth-local=trust", "-U", "postgres", "-D", data)
        options = f"-p {port} -k {folder} -c listen_addresses=localhost"
        command("pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", options)
        try:
            local = ["-h", folder, "-p", str(port), "-U", "postgres"]
            command("psql", *local, "-c", f"create role nbgrader login password '{PASSWORD}'")
            command("createdb", *local, "--owner=nbgrader", "gradebook")
            yield port
        finally:
            command("pg_ctl", "stop", "-m", "immediate", "-D", data)
    finally:
        shutil.rmtree(folder)


def test_an_assignment_is_moved_to_postgresql_and_graded_there(port, tmp_path):
    coursepkg("assign", "create", "hw1", "xor/count-parameters", "--course", "nn", cwd=tmp_path)
    course = tmp_path / "nn"
    lines = (DEPLOY / "postgresql.py").read_text(encoding="utf-8").replace("localhost:5432", f"localhost:{port}")
    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as config:
        config.write(lines)
    options = {"cwd": course, "GRADEBOOK_PASSWORD": PASSWORD}
    run("nbgrader", "generate_assignment", "hw1", "--force", **options)
    for student, source in (("ada", "source"), ("bob", "release")):
        run("nbgrader", "db", "student", "add", student, **options)
        shutil.copytree(course / source / "hw1", course / "submitted" / student / "hw1")
    unused = (course / "gradebook.db").read_bytes()
    assert "2 graded, 0 unchanged, 0 failed" in coursepkg("assign", "grade", "hw1", "-j", "2", **options)
    assert "0 graded, 2 unchanged, 0 failed" in coursepkg("assign", "grade", "hw1", **options)
    assert "2 graded, 0 unchanged, 0 failed" in coursepkg("assign", "grade", "hw1", "--force", "-j", "2", **options)
    run("nbgrader", "export", "--to", "grades.csv", **options)
    rows = table(course / "grades.csv")
    assert {row["student_id"]: float(row["score"]) / float(row["max_score"]) for row in rows} == {"ada": 1, "bob": 0}
    assert (course / "gradebook.db").read_bytes() == unused
