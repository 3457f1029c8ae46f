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
        "exercises": {},
        "notebooks": {"hw1": "submitted"},
        "files": {"more.txt": b"1"},
        "timestamp": None,
        "blank": {"hw1": "released"},
        "seconds": 60,
    }
    return jobs.Job(**{**fields, **changes})


def test_a_course_folder_that_knows_nothing_of_isolation_gets_it(tmp_path):
    from coursepkg.grading.execute import IsolatedExecute

    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'old'\n")
    config = jobs._config(tmp_path, a_job(isolation="limits"), "sqlite:///x.db")
    steps = [step.__name__ for step in config.Autograde.autograde_preprocessors]
    assert steps[0] == IsolatedExecute.__name__
    assert "Execute" not in steps
    assert config.IsolatedExecute.isolation == "limits"
    assert config.CourseDirectory.course_id == "nn"


def test_what_nbgrader_only_logs_is_the_error():
    class Converter:
        def __init__(self, coursedir, config):
            self.log = None

        def start(self):
            try:
                raise ValueError("the template is missing")
            except ValueError:
                self.log.error("There was an error processing an assignment")
            raise RuntimeError("see the log")

    with pytest.raises(ValueError, match="the template is missing"):
        jobs._convert(Converter, lambda config: None, {})
