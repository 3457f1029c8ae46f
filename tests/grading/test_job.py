import sys

import pytest

pytest.importorskip("nbgrader")

from coursepkg.grading import job as jobs


def a_job(**changes):
    fields = {
        "assignment": "hw1",
        "course_id": "nn",
        "student": "ada",
        "definition": {},
        "config": "",
        "support": {},
        "notebooks": {"hw1": "submitted"},
        "files": {"more.txt": b"1"},
        "timestamp": None,
        "blank": {"hw1": "released"},
        "seconds": 60,
    }
    return jobs.Job(**{**fields, **changes})


def test_a_submission_that_defeats_the_grader_is_graded_as_the_released_one(monkeypatch):
    def attempt(job):
        if job.notebooks == {"hw1": "submitted"}:
            return None, "it took longer than 60 seconds"
        assert job.notebooks == {"hw1": "released"}
        assert job.files == {}
        return jobs.Result("ada", {"grades": []}), None

    monkeypatch.setattr(jobs, "_run_in_process", attempt)
    assert jobs.run(a_job()).notes == ["it defeated the grader and got no points: it took longer than 60 seconds"]


def test_an_assignment_that_cannot_be_graded_is_an_error(monkeypatch):
    monkeypatch.setattr(jobs, "_run_in_process", lambda job: (None, "no disk"))
    with pytest.raises(RuntimeError, match="the assignment itself cannot be graded: no disk"):
        jobs.run(a_job())


def test_a_process_that_fails_or_hangs_is_reported(monkeypatch, tmp_path):
    result, problem = jobs._run_in_process(a_job())  # without a definition there is nothing to grade
    assert result is None
    assert problem.startswith("KeyError")
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    assert jobs._run_in_process(a_job(seconds=1)) == (None, "it took longer than 1 seconds")


def test_a_course_folder_that_knows_nothing_of_isolation_gets_it(tmp_path):
    from coursepkg.grading.execute import IsolatedExecute

    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'old'\n")
    config = jobs._config(tmp_path, a_job(isolation="limits"), "sqlite:///x.db")
    steps = [step.__name__ for step in config.Autograde.autograde_preprocessors]
    assert steps[0] == IsolatedExecute.__name__
    assert "Execute" not in steps
    assert config.IsolatedExecute.isolation == "limits"
    assert config.CourseDirectory.course_id == "nn"
