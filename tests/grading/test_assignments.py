import os
import subprocess

import nbformat
import pytest

pytest.importorskip("nbgrader")

from coursepkg import exercises
from coursepkg.exercises.checking import Exercise
from coursepkg.grading import assignments

LABELS = ["xor/count-parameters", "perceptron/gates"]


def test_a_notebook_of_exercises_and_questions():
    notebook = assignments.compose("hw1", LABELS, questions=[(4, "Why?")], title="First")
    nbformat.validate(notebook)
    kinds = [(c.cell_type, c.metadata.get("nbgrader", {}).get("grade_id")) for c in notebook.cells]
    assert kinds == [
        ("markdown", "header"),
        ("code", None),
        ("code", "setup"),
        ("markdown", "xor-count-parameters-statement"),
        ("code", "xor-count-parameters-answer"),
        ("code", "xor-count-parameters"),
        ("markdown", "perceptron-gates-statement"),
        ("code", "perceptron-gates-answer"),
        ("code", "perceptron-gates"),
        ("markdown", "question-1"),
        ("markdown", "question-1-answer"),
    ]
    grader = {c.metadata.nbgrader["grade_id"]: c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata}
    assert {name for name, of in grader.items() if of["grade"]} == {
        "xor-count-parameters",
        "perceptron-gates",
        "question-1-answer",
    }
    assert {name for name, of in grader.items() if not of["locked"]} == {
        "xor-count-parameters-answer",
        "perceptron-gates-answer",
        "question-1-answer",
    }
    assert grader["perceptron-gates"]["points"] == 3
    assert notebook.cells[0].source.startswith("# First\n")
    assert "10 points in 3 exercises" in notebook.cells[0].source
    assert assignments.compose("hw1", LABELS, questions=[(4, "Why?")], title="First") == notebook


@pytest.mark.parametrize(
    ("name", "labels", "message"),
    [
        ("my homework", LABELS, "assignment must consist of letters"),
        ("hw1", [], "labels is empty"),
        ("hw1", ["xor/by-foot"], "no exercise is called 'xor/by-foot'"),
        ("hw1", ["xor/by-hand", "xor/by-hand"], "names 'xor/by-hand' more than once"),
    ],
)
def test_what_cannot_be_composed(name, labels, message):
    with pytest.raises(ValueError, match=message):
        assignments.compose(name, labels)


def test_an_exercise_without_a_stub_is_named():
    bare = Exercise("test/bare", "Bare", 1, 1, 1, cases=lambda rng: [], statement="Do.")
    with pytest.raises(ValueError, match="test/bare cannot be assigned: it declares no stub"):
        assignments.compose("hw1", ["test/bare"], exercises={"test/bare": bare})


def test_parts_stand_in_the_order_of_the_book():
    labels = assignments.labels_of_part(1)
    chapters = list(dict.fromkeys(label.partition("/")[0] for label in labels))
    assert chapters[:2] == ["perceptron", "xor"]
    with pytest.raises(ValueError, match="part must be one of 0, 1"):
        assignments.labels_of_part(9)


def test_keras_is_imported_in_a_locked_cell_where_needed():
    of_keras = Exercise(
        "t/k",
        "K",
        1,
        1,
        1,
        cases=lambda rng: [],
        statement="s",
        stub="m = ...",
        solution_source="import keras\nm = 1",
        answer_name="m",
    )
    assert "import keras" in assignments.compose("hw1", ["t/k"], exercises={"t/k": of_keras}).cells[2].source


@pytest.mark.skipif(os.name == "nt", reason="nbgrader makes assignments on Linux and macOS")
def test_create_leaves_an_ordinary_course_folder(tmp_path):
    course = tmp_path / "nn"
    released = assignments.create("hw1", LABELS, course=course, due="2099-01-01 12:00 UTC")
    assert released == course / "release" / "hw1"
    student, teacher = (
        nbformat.read(course / kind / "hw1" / "hw1.ipynb", as_version=4) for kind in ("release", "source")
    )
    for label in LABELS:
        exercise = exercises.find(label)
        name = label.replace("/", "-") + "-answer"
        (answer,) = [c.source for c in student.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
        assert answer.startswith(exercise.stub.rstrip())
        assert exercise.solution_source.strip() not in nbformat.writes(student)
        (answer,) = [c.source for c in teacher.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
        assert exercise.solution_source.rstrip() in answer
    with pytest.raises(FileExistsError, match="with --force it is replaced"):
        assignments.create("hw1", LABELS, course=course)

    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "nn") as book:
        assignment = book.find_assignment("hw1")
        assert str(assignment.duedate) == "2099-01-01 12:00:00"
        assert assignment.max_score == 6


def test_what_nbgrader_refuses_is_passed_on(tmp_path, monkeypatch):
    refused = subprocess.CompletedProcess([], 1, "", "a\nNo notebooks were matched")
    monkeypatch.setattr(assignments.subprocess, "run", lambda *args, **options: refused)
    with pytest.raises(ValueError, match="nbgrader autograde nothing failed:\na\nNo notebooks were matched"):
        assignments.run_nbgrader(tmp_path, "autograde", "nothing")
