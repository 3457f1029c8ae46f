"""Whenever grading is killed, the same command ends with the result of an undisturbed run."""

from __future__ import annotations

import codecs
import copy
import os
import shutil
import sys

import nbformat
import pytest

pytest.importorskip("nbgrader")

from coursepkg.grading import isolation
from tests.e2e.grading.submissions import cell
from tests.e2e.grading.test_grading import coursepkg, grades_in, table
from tests.kills import KILLS, killed, run
from tests.names import WORST

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS"),
    pytest.mark.skipif(isolation.best_level() != "bubblewrap", reason="submissions are run only in bubblewrap"),
]
ANSWER = 'my_counts = {"2-2-1": 9, "4-3-3": 27, "784-300-100-10": 266610}'
TABLES = ("points.csv", "exercises.csv", "grades.csv", "look.csv")


def submissions(release):
    """Yield student, file in bytes, and points: one that is right, one with a fault, and what once cost all points."""
    solved = copy.deepcopy(release)
    cell(solved, "xor-count-parameters-answer").source = ANSWER
    wrong = copy.deepcopy(release)
    cell(wrong, "xor-count-parameters-answer").source = ANSWER.replace("9", "10", 1)
    yield "right", nbformat.writes(solved).encode(), 3.0
    yield "wrong", nbformat.writes(wrong).encode(), 2.0
    yield "byte-order-mark", codecs.BOM_UTF8 + nbformat.writes(solved).encode(), 3.0
    for name in ("xor-count-parameters-answer", "xor-count-parameters"):
        twice = copy.deepcopy(solved)
        twin = copy.deepcopy(cell(twice, name))
        twin["id"] = "twin"
        twice.cells.insert(twice.cells.index(cell(twice, name)) + 1, twin)
        yield f"twice-{name}", nbformat.writes(twice).encode(), 3.0


def results(course):
    folder = course / "grades" / "hw1"
    notebooks = {path.parent.parent.name: path.read_bytes() for path in course.glob("autograded/*/hw1/hw1.ipynb")}
    # What nbgrader writes there of the time differs; that a page is whole is what matters.
    pages = {
        path.parent.parent.name for path in course.glob("feedback/*/hw1/hw1.html") if "</html>" in path.read_text()
    }
    tables = {name: sorted(table(folder / name), key=repr) for name in TABLES}  # nbgrader's own has no order of its own
    return {"grades": grades_in(course), **tables, "notebooks": set(notebooks), "pages": pages}


def test_a_killed_run_of_grading_costs_only_time(tmp_path):
    first = tmp_path / WORST / "nn"
    first.parent.mkdir()
    coursepkg("assign", "create", "hw1", "xor/count-parameters", "--course", "nn", cwd=first.parent)
    everyone = list(submissions(nbformat.read(first / "release/hw1/hw1.ipynb", as_version=4)))
    for student, data, _ in everyone:
        folder = first / "submitted" / student / "hw1"
        folder.mkdir(parents=True)
        (folder / "hw1.ipynb").write_bytes(data)
    second = tmp_path / "disturbed" / "nn"
    shutil.copytree(first, second)
    command = [sys.executable, "-m", "coursepkg.cli", "assign", "grade", "hw1", "-j", "2"]
    said, seconds = run(command, cwd=first)
    assert "5 graded, 0 unchanged, 0 failed" in said
    rows = {row["student"]: float(row["total"]) for row in table(first / "grades/hw1/points.csv")}
    assert rows == {student: points for student, _, points in everyone}
    killed(command, seconds, seed=3, cwd=second)
    run(command, cwd=second)
    expected = results(first)
    assert results(second) == expected
    assert "0 graded, 5 unchanged, 0 failed" in run(command, cwd=second)[0]
    if KILLS > 2:  # once a week also what is graded already, whose files and rows are replaced
        killed([*command, "--force"], seconds, seed=4, cwd=second)
        run(command, cwd=second)
        assert results(second) == expected
