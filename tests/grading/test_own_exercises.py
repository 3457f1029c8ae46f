"""An instructor's own exercises: the page's example works with every command, and solutions stay hidden."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from coursepkg.exercises import all_exercises, bank, check, find, grade, hint
from coursepkg.exercises.source import SourceError

PAGE = (Path(__file__).resolve().parents[2] / "book/instructors.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("(own-exercises)=")[2].partition("(grow)=")[0]
COMMANDS = re.search(r"^```sh\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)[1]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course folder with the files that the page shows, as working directory."""
    monkeypatch.delenv(bank.FOLDERS, raising=False)
    folder = tmp_path / "nn"
    blocks = re.findall(r"^(`{3,})(?:markdown|python)\n(.*?)^\1$", SECTION, re.MULTILINE | re.DOTALL)
    names = re.findall(r"^`nn/(exercises/[\w.]+)`", SECTION, re.MULTILINE)
    assert len(names) == len(blocks) == 3
    (folder / "exercises").mkdir(parents=True)
    for name, (_, text) in zip(names, blocks, strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def test_check_and_hint_know_it_below_the_course_and_where_the_variable_says(course, monkeypatch, capsys):
    exercise = find("week1/clip")
    check("week1/clip", exercise.model_answer(), record=False)
    assert "2 of 2 points" in capsys.readouterr().out
    assert hint("week1/clip").startswith("hint 1 of 2: Compute the norm first")
    for mistake in exercise.mistakes:
        assert f"hint: {mistake.hint}" in str(grade("week1/clip", exercise.answer_of(mistake.given(exercise))))
    (course / "notes").mkdir()
    monkeypatch.chdir(course / "notes")
    assert "week1/clip" in all_exercises()
    monkeypatch.chdir(course.parent)
    assert "week1/clip" not in all_exercises()
    monkeypatch.setenv(bank.FOLDERS, str(course / "exercises"))
    assert list(all_exercises())[-1] == "week1/clip"


def test_what_lies_beside_a_submission_has_no_answer(course):
    files = bank.without_answers("exercises")
    assert sorted(files) == ["bank.json", "week1_cases.py"]
    assert b"linalg.norm(g)\n" not in b"".join(files.values())
    copy = course.parent / "copy"
    copy.mkdir()
    for name, data in files.items():
        (copy / name).write_bytes(data)
    ours, theirs = (bank.of_folder(folder)["week1/clip"] for folder in ("exercises", copy))
    assert (theirs.answers, theirs.solution_source) == (None, "")
    assert (theirs.statement, theirs.hints, theirs.stub) == (ours.statement, ours.hints, ours.stub)


@pytest.mark.parametrize(
    ("name", "before", "after", "message"),
    [
        ("week1.md", "hints", "tips", "week1.md.*hints"),
        ("week2.md", "", "", "week2.md: there are two exercises week1/fifty"),
        ("week1.md", "week1/clip", "xor/by-hand", "the label xor/by-hand is taken"),
    ],
)
def test_a_file_that_is_no_exercise_is_named(course, name, before, after, message):
    text = (course / "exercises/week1.md").read_text(encoding="utf-8")
    (course / "exercises" / name).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        all_exercises()


@pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS")
def test_the_commands_of_the_page_lead_to_points(course):
    pytest.importorskip("nbgrader")
    from coursepkg.grading import isolation

    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    def run(script):
        done = subprocess.run(
            ["bash", "-c", f"set -e\n{script}"], env={**os.environ, "PATH": path}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    show, create, grading = COMMANDS.splitlines()
    assert "Clip a gradient (week1/clip)" in run(show)
    run(create)
    released = Path("release/hw2")
    text = b"".join(p.read_bytes() for p in released.rglob("*") if p.is_file())
    assert sorted(p.name for p in (released / "exercises").iterdir()) == ["bank.json", "week1_cases.py"]
    assert b"linalg.norm(g)" not in text
    assert "Success! Your notebook passes all the tests." in run("nbgrader validate source/hw2/hw2.ipynb")

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
    root = os.geteuid() == 0 and isolation.best_level() != "bubblewrap"
    run(f"{grading}{' --allow-root' if root else ''}")
    with open("grades/hw2/points.csv", newline="", encoding="utf-8") as file:
        assert {row["student"]: row["week1-clip"] for row in csv.DictReader(file)} == {
            "ada": "2.0",
            "bob": "1.0",
            "eve": "0.0",
        }
    handed_back = nbformat.read("autograded/ada/hw2/hw2.ipynb", as_version=4).cells[-1].outputs[0].text
    assert "hint 1 of 2: Compute the norm first" in handed_back
    assert "it is judged when it is graded" in handed_back
