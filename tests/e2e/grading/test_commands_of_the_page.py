"""The page for instructors: its ten steps, and its commands for own exercises, lead to points as they stand there."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgrader")

from coursepkg.exercises import bank, find
from coursepkg.grading import isolation
from tests.grading.test_own_exercises import SECTION, write_files_of_the_page
from tests.grading.test_pages import INSTRUCTORS, blocks

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS")
ROOT_NEEDS_LEAVE = os.name != "nt" and os.geteuid() == 0 and isolation.best_level() != "bubblewrap"
COMMANDS = re.search(r"^```sh\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)[1]


def run(script, folder):
    """Run lines of the page with a shell in a folder, and return what they print."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", f"set -e\n{script}"],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_ten_steps_lead_to_a_table_of_grades(tmp_path):
    install, system, *commands = blocks(INSTRUCTORS, "bash")
    # The first two change the computer: what they bring is compared with what is here.
    assert install == 'pip install -c constraints.txt ".[instructor]"\n'
    assert any("nbgrader" in line and "instructor" in line for line in metadata.requires("coursepkg"))
    assert system == "sudo apt-get install bubblewrap\n"
    script = "".join(commands)
    if ROOT_NEEDS_LEAVE:
        script = script.replace("hw1 -j 2", "hw1 -j 2 --allow-root")
    printed = run(script, tmp_path)
    assert "Success! Your notebook passes all the tests." in printed
    with open(tmp_path / "nn" / "grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["first_name"]: row["score"] for row in csv.DictReader(file)}
    assert rows == {"Ada": "8.0", "Bob": "0.0"}
    said = printed.replace(str(tmp_path) + "/", "")
    shown = next(block for block in blocks(INSTRUCTORS, "text") if block.startswith("isolation"))
    wanted = shown.splitlines()[1:]  # the first line depends on the computer
    assert [line for line in wanted if line not in said] == []


def test_the_commands_for_own_exercises_lead_to_points(tmp_path, monkeypatch):
    monkeypatch.delenv(bank.FOLDERS, raising=False)
    folder = tmp_path / "nn"
    write_files_of_the_page(folder)
    monkeypatch.chdir(folder)
    show, create, grading = COMMANDS.splitlines()
    assert "Clip a gradient (week1/clip)" in run(show, folder)
    run(create, folder)
    released = Path("release/hw2")
    text = b"".join(p.read_bytes() for p in released.rglob("*") if p.is_file())
    assert sorted(p.name for p in (released / "exercises").iterdir()) == ["bank.json", "week1_cases.py"]
    assert b"linalg.norm(g)" not in text
    assert "Success! Your notebook passes all the tests." in run("nbgrader validate source/hw2/hw2.ipynb", folder)

    def hand_in(student, clip):
        notebook = nbformat.read(released / "hw2.ipynb", as_version=4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "week1-clip-answer":
                cell.source = clip
        notebook.cells.append(nbformat.v4.new_code_cell('print(hint("week1/clip"))\ncheck("week1/clip", clip)'))
        shutil.copytree(released, f"submitted/{student}/hw2")
        nbformat.write(notebook, f"submitted/{student}/hw2/hw2.ipynb")

    exercise = find("week1/clip")
    hand_in("ada", exercise.solution_source)
    hand_in("bob", exercise.solution_source.replace(" if norm > limit else g", ""))
    search = "import glob, sys\nfrom coursepkg.exercises import bank, find\n"
    search += "for f in ('exercises', *bank.own_folders()):\n    for p in glob.glob(f'{f}/*.py'):\n"
    search += "        print(open(p).read())\nclip = find('week1/clip').model_answer()"
    hand_in("eve", search)
    run(f"{grading}{' --allow-root' if ROOT_NEEDS_LEAVE else ''}", folder)
    with open("grades/hw2/points.csv", newline="", encoding="utf-8") as file:
        assert {row["student"]: row["week1-clip"] for row in csv.DictReader(file)} == {
            "ada": "2.0",
            "bob": "1.0",
            "eve": "0.0",
        }
    handed_back = nbformat.read("autograded/ada/hw2/hw2.ipynb", as_version=4).cells[-1].outputs[0].text
    assert "hint 1 of 2: Compute the norm first" in handed_back
    assert "it is judged when it is graded" in handed_back
