"""The pages for instructors and students: what they say of limits, files and messages is so.

That their commands work as they stand there is shown by tests/e2e/grading/test_commands_of_the_page.py.
"""

from __future__ import annotations

import re
from pathlib import Path

BOOK = Path(__file__).resolve().parents[2] / "book"
INSTRUCTORS = (BOOK / "instructors.md").read_text(encoding="utf-8")
STUDENTS = (BOOK / "students.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\*\*(\d+)\. .*?(?=^\*\*\d+\. |^## )", INSTRUCTORS, flags=re.MULTILINE | re.DOTALL)


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_there_are_ten_steps_with_commands():
    assert list(map(int, STEPS)) == list(range(1, 11))
    assert len(blocks(INSTRUCTORS, "bash")) == 10


def test_the_limits_are_those_that_are_kept():
    from coursepkg.grading.limits import Limits

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
