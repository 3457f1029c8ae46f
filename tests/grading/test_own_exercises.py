"""An instructor's own exercises: the page's example can be checked, and solutions stay hidden.

The commands of the page are run by tests/e2e/grading/test_commands_of_the_page.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coursepkg.exercises import all_exercises, bank, check, find, grade, hint
from coursepkg.exercises.source import SourceError

PAGE = (Path(__file__).resolve().parents[2] / "book/instructors.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("(own-exercises)=")[2].partition("(grow)=")[0]


def write_files_of_the_page(folder):
    """Write the files that the page shows into a course folder."""
    blocks = re.findall(r"^(`{3,})(?:markdown|python)\n(.*?)^\1$", SECTION, re.MULTILINE | re.DOTALL)
    names = re.findall(r"^`nn/(exercises/[\w.]+)`", SECTION, re.MULTILINE)
    assert len(names) == len(blocks) == 3
    (folder / "exercises").mkdir(parents=True)
    for name, (_, text) in zip(names, blocks, strict=True):
        (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course folder with the files that the page shows, as working directory."""
    monkeypatch.delenv(bank.FOLDERS, raising=False)
    folder = tmp_path / "nn"
    write_files_of_the_page(folder)
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
