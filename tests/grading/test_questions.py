"""Questions in an assignment: composed, shuffled by student, judged by the same judge, and graded by nbgrader."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgrader")

from coursepkg.exercises import all_exercises, bank, grade
from coursepkg.exercises.questions import lettered
from coursepkg.grading import assignments, isolation, probe
from coursepkg.grading.judge import GradedCell, judge

SAMPLE = (Path(__file__).parents[1] / "questions.md").read_text(encoding="utf-8")
# A right answer and a wrong one, with the points of both.
ANSWERS = {
    "choice": ("b", "a", 1, 0),
    "several": (("a", "c"), ("a", "b"), 2, 1),
    "number": (2.5, 10, 1, 0),
    "shape": ((4, 5), (5, 4), 1, 0),
    "list": ([0.5, 1.5, 2.5], [2, 6, 10], 1, 0),
    "order": (["b", "c", "a"], ["c", "b", "a"], 1, 0.33),
    "region": ((9, 500), (1, 2), 1, 0),
}
LABELS = [f"kinds/{kind}" for kind in ANSWERS]
SHUFFLED = ("choice", "several", "order")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course folder whose own exercises are the questions of the sample."""
    folder = tmp_path / "nn"
    (folder / "exercises").mkdir(parents=True)
    (folder / "exercises/kinds.md").write_text(SAMPLE, encoding="utf-8")
    monkeypatch.delenv(bank.FOLDERS, raising=False)
    monkeypatch.chdir(folder)
    return folder


def cell(notebook, name):
    (found,) = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)
    return found


def test_a_question_becomes_statement_answer_and_graded_cell(course):
    notebook = assignments.compose("hw1", LABELS)
    nbformat.validate(notebook)
    assert "8 points in 7 exercises" in notebook.cells[0].source
    statement = cell(notebook, "kinds-choice-statement")
    assert statement.cell_type == "markdown"
    assert "- b. a loop over all pairs, $n^2$ steps" in statement.source
    answer = cell(notebook, "kinds-choice-answer").source
    assert answer.startswith('my_answer_choice = ...  # one letter, such as "a"\n')
    assert '### BEGIN SOLUTION\nmy_answer_choice = "b"\n### END SOLUTION' in answer
    asked = GradedCell.read(cell(notebook, "kinds-choice").source)
    assert (asked.label, asked.name, asked.student) == ("kinds/choice", "my_answer_choice", "")
    for kind, (right, _, points, _) in ANSWERS.items():
        names = {}
        exec(cell(notebook, f"kinds-{kind}-answer").source, names)
        given = names[f"my_answer_{kind}"]
        assert grade(f"kinds/{kind}", given).points == points, kind
        assert type(given) is type(right), kind


def test_shuffled_choices_are_printed_by_a_locked_cell_and_by_no_other(course):
    (course / "exercises/kinds.md").write_text(
        SAMPLE.replace("  points: 2\n", "  points: 2\n  shuffle: true\n"), "utf-8"
    )
    by_question = assignments.compose("hw1", LABELS)
    every = assignments.compose("hw1", LABELS, shuffle=True)
    for notebook, shuffled in ((by_question, ("several",)), (every, SHUFFLED)):
        for kind in ANSWERS:
            statement = cell(notebook, f"kinds-{kind}-statement").source
            asked = GradedCell.read(cell(notebook, f"kinds-{kind}").source)
            assert asked.student == ("NAME" if kind in shuffled else "")
            names = [c.metadata.get("nbgrader", {}).get("grade_id") for c in notebook.cells]
            assert (f"kinds-{kind}-choices" in names) is (kind in shuffled)
            assert ("\n- a. " in statement) is (kind in SHUFFLED and kind not in shuffled)
    choices = cell(every, "kinds-several-choices")
    assert (choices.source, choices.metadata.nbgrader.locked) == ('# Your choices.\nask("kinds/several", NAME)', True)
    assert "First write your name" in every.cells[0].source
    assert "First write your name" not in assignments.compose("hw1", ["kinds/number"]).cells[0].source
    assert "import ask, check" in every.cells[2].source


@pytest.mark.parametrize("kind", ANSWERS)
def test_both_sides_of_grading_together_say_what_the_check_says(course, kind):
    right, wrong, full, part = ANSWERS[kind]
    label = f"kinds/{kind}"
    for answer, points in ((right, full), (wrong, part), (..., 0), (print, 0), ("?", 0)):
        sent = json.loads(json.dumps(probe.try_answer(label, answer, seed=1, seconds=20)))
        report, direct = judge(label, sent, seed=1), grade(label, answer)
        assert (report.points, str(report)) == (points, str(direct))


@pytest.mark.parametrize("kind", SHUFFLED)
def test_a_shuffled_answer_is_judged_in_the_order_of_its_student(course, kind):
    right, wrong, full, part = ANSWERS[kind]
    exercise = all_exercises()[f"kinds/{kind}"]
    earned = set()
    for student in ("Ada Lovelace", "Bob Kahn", "Eve", "Kim", "Lea", "Noa"):
        for answer, points in ((right, full), (wrong, part)):
            given = lettered(exercise, answer, student)
            sent = probe.try_answer(exercise.label, given, seed=1, seconds=20, student=student)
            assert judge(exercise.label, sent, seed=1).points == points
        copied = lettered(exercise, right, "Ada Lovelace")
        sent = probe.try_answer(exercise.label, copied, seed=1, seconds=20, student=student)
        earned.add(judge(exercise.label, sent, seed=1).points == full)
    assert earned == {True, False}, "the letters of another student are not one's own"
    sent = probe.try_answer(exercise.label, right, seed=1, seconds=20, student="")
    assert sent["state"] == "untouched"


def test_a_question_about_a_figure_of_its_chapter_is_not_assigned():
    with pytest.raises(
        ValueError, match="optimizers/tired cannot be assigned: it asks about the figure fig-optimizers"
    ):
        assignments.compose("hw1", ["optimizers/tired"])
    assert "optimizers/tired" not in assignments.labels_of_part(4)
    assert {"optimizers/too-fast", "optimizers/adam-order"} <= set(assignments.labels_of_part(4))
    assert "perceptron/another-rate" in assignments.labels_of_part(1)


def test_graded_cells_with_and_without_a_name_are_read_back():
    for student in ("", "NAME"):
        asked = GradedCell("xor/by-hand", "my_network", 17, student)
        assert GradedCell.read(asked.source) == asked
    for other in (asked.source.replace('"NAME"', "name"), asked.source.replace("student=", "students=")):
        assert GradedCell.read(other) is None


@pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS")
def test_nbgrader_hands_out_questions_and_grades_what_comes_back(course):
    from coursepkg.grading.grade import grade as grade_assignment

    released = assignments.create("hw1", LABELS, course=course, shuffle=True)
    handed_out = b"".join(path.read_bytes() for path in released.rglob("*") if path.is_file())
    for secret in (b"Pairs are n times n", b"lettered", b"(4, 5)\\n###"):
        assert secret not in handed_out
    assert [path.name for path in (released / "exercises").iterdir()] == ["bank.json"]
    assert "Success! Your notebook passes all the tests." in assignments.run_nbgrader(
        course, "validate", "source/hw1/hw1.ipynb"
    )

    def hand_in(folder, name, which, as_if=None):
        notebook = nbformat.read(released / "hw1.ipynb", as_version=4)
        for part in notebook.cells:
            part.source = part.source.replace('NAME = ""', f'NAME = "{name}"')
            found = re.match(r"my_answer_(\w+) = \.\.\.", part.source)
            if found:
                kind = found[1]
                answer = ANSWERS[kind][which]
                if kind in SHUFFLED and (as_if or name):
                    answer = lettered(all_exercises()[f"kinds/{kind}"], answer, as_if or name)
                part.source = f"my_answer_{kind} = {answer!r}"
        shutil.copytree(released, course / f"submitted/{folder}/hw1")
        nbformat.write(notebook, course / f"submitted/{folder}/hw1/hw1.ipynb")

    hand_in("ada", "Ada Lovelace", 0)
    hand_in("bob", "Bob Kahn", 1)
    hand_in("eve", "Eve", 0, as_if="Ada Lovelace")
    hand_in("kim", "", 0)
    root = os.geteuid() == 0 and isolation.best_level() != "bubblewrap"
    outcome = grade_assignment("hw1", course=course, allow_root=root)
    assert outcome.failed == {}
    with open(course / "grades/hw1/points.csv", newline="", encoding="utf-8") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    for kind, (_, _, full, part) in ANSWERS.items():
        assert float(rows["ada"][f"kinds-{kind}"]) == full, kind
        assert float(rows["bob"][f"kinds-{kind}"]) == part, kind
        assert float(rows["kim"][f"kinds-{kind}"]) == (0 if kind in SHUFFLED else full), kind
    assert sum(float(rows["eve"][f"kinds-{kind}"]) for kind in SHUFFLED) < 4, "copied letters earn less"
    seen = [
        cell(nbformat.read(course / f"autograded/{who}/hw1/hw1.ipynb", as_version=4), "kinds-choice-choices").outputs
        for who in ("ada", "kim")
    ]
    assert "- a. " in seen[0][0].data["text/markdown"]
    assert "write it into NAME" in seen[1][0].data["text/markdown"]
