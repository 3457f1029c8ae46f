"""The pages for instructors and students: each command that they show works as it stands there."""

import csv
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"
INSTRUCTORS = (BOOK / "instructors.md").read_text(encoding="utf-8")
STUDENTS = (BOOK / "students.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\*\*(\d+)\. .*?(?=^\*\*\d+\. |^## )", INSTRUCTORS, flags=re.MULTILINE | re.DOTALL)


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_there_are_ten_steps_with_commands():
    assert list(map(int, STEPS)) == list(range(1, 11))
    assert len(blocks(INSTRUCTORS, "bash")) == 10


@pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS")
def test_the_ten_steps_lead_to_a_table_of_grades(tmp_path):
    pytest.importorskip("nbgrader")
    from coursepkg.grading import isolation

    install, system, *commands = blocks(INSTRUCTORS, "bash")
    # The first two change the computer: what they bring is compared with what is here.
    assert install == 'pip install -c constraints.txt ".[instructor]"\n'
    assert any("nbgrader" in line and "instructor" in line for line in metadata.requires("coursepkg"))
    assert system == "sudo apt-get install bubblewrap\n"
    root_needs_leave = os.geteuid() == 0 and isolation.best_level() != "bubblewrap"
    script = "set -e\n" + "".join(commands)
    if root_needs_leave:
        script = script.replace("hw1 -j 2", "hw1 -j 2 --allow-root")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Success! Your notebook passes all the tests." in done.stdout
    with open(tmp_path / "nn" / "grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["first_name"]: row["score"] for row in csv.DictReader(file)}
    assert rows == {"Ada": "8.0", "Bob": "0.0"}
    said = done.stdout.replace(str(tmp_path) + "/", "")
    shown = next(block for block in blocks(INSTRUCTORS, "text") if block.startswith("isolation"))
    wanted = shown.splitlines()[1:]  # the first line depends on the computer
    assert [line for line in wanted if line not in said] == []


def test_the_limits_are_those_that_are_kept():
    from coursepkg.grading.isolation import Limits

    limits = Limits()
    said = f"{limits.cell_seconds} seconds for a cell, {limits.total_seconds // 60} minutes for a notebook, "
    said += f"{limits.memory // 2**30} GiB of memory, {limits.processes} processes, {limits.file_bytes // 2**20} MiB"
    assert said in INSTRUCTORS


def test_downloads_exist():
    named = re.findall(r"\{download\}`[^`<]*<([^>]+)>`", INSTRUCTORS)
    assert len(named) == 6
    for name in named:
        assert (BOOK / name).is_file(), name


def test_what_students_are_shown_is_what_a_check_prints(capsys):
    from coursepkg import exercises

    answer = {"AND": (1, 1, -0.5), "OR": (1, 1, -0.5), "NAND": (-1, -1, 1.5)}
    report = str(exercises.grade("perceptron/gates", answer))
    assert blocks(STUDENTS, "text") == [report + "\n"]
    gates = exercises.find("perceptron/gates").model_answer()
    names = {"check": exercises.check, "hint": exercises.hint, "my_gates": gates}
    for code in blocks(STUDENTS, "python"):
        exec(code, names)
    assert "3 of 3 points" in capsys.readouterr().out
