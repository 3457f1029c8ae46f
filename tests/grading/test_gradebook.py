"""What defines an assignment travels to a job and is there what it was in the course's gradebook."""

from __future__ import annotations

import os
import pickle
import sys

import pytest

pytest.importorskip("nbgrader")

from nbgrader.api import Gradebook, MissingEntry

from coursepkg.grading import gradebook


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own way of adding a submission
def test_a_definition_makes_the_same_gradebook_without_students(tmp_path, monkeypatch):
    # nbgrader calls a program by its name when it makes the first gradebook.
    monkeypatch.setenv("PATH", os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]))
    here, there = (f"sqlite:///{tmp_path / name}.db" for name in ("here", "there"))
    with Gradebook(here, "nn") as book:
        book.add_assignment("hw1", duedate="2099-01-01 12:00:00 UTC")
        book.add_assignment("hw2")
        for notebook in ("b", "a"):
            book.add_notebook(notebook, "hw1", kernelspec='{"name": "python3"}')
            book.add_grade_cell("xor", notebook, "hw1", max_score=3, cell_type="code")
            book.add_solution_cell("xor-answer", notebook, "hw1")
            book.add_task_cell("essay", notebook, "hw1", max_score=2, cell_type="markdown")
            hidden = "assert 1\n### BEGIN HIDDEN TESTS\nassert 2\n### END HIDDEN TESTS"
            more = {"cell_type": "code", "locked": True, "checksum": "abc"}
            book.add_source_cell("xor", notebook, "hw1", source=hidden, **more)
        book.add_notebook("c", "hw2")
        book.add_student("ada")
        book.add_submission("hw1", "ada")
    found = gradebook.definition(here, "hw1", course_id="nn")
    gradebook.write_definition(there, "hw1", pickle.loads(pickle.dumps(found)), course_id="nn")
    assert gradebook.definition(there, "hw1", course_id="nn") == found
    assert list(found["notebooks"]) == ["a", "b"]
    with Gradebook(there, "nn") as book:
        assignment = book.find_assignment("hw1")
        assert (str(assignment.duedate), assignment.max_score) == ("2099-01-01 12:00:00", 10)
        assert "assert 2" in book.find_source_cell("xor", "a", "hw1").source
        assert (book.assignments, book.students) == ([assignment], [])
        assert book.find_notebook("a", "hw1").kernelspec == '{"name": "python3"}'
    with pytest.raises(MissingEntry):
        gradebook.definition(here, "hw3", course_id="nn")
