"""Grade one submission: all that it needs comes in, all that it found goes out.

A job knows nothing of the course folder, so it runs as well on another computer. It makes a small course folder of its
own, with one assignment and one student, lets nbgrader work in it, and reads the gradebook that results.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

STUDENT = "submission"  # the job's only student; real names may hold what nbgrader takes for a pattern


@dataclass(frozen=True)
class Job:
    """A submission with the definition of its assignment, ready to travel.

    Attributes
    ----------
    assignment, course_id : str
    student : str
    definition : dict
        From :func:`coursepkg.grading.gradebook.definition`.
    config : str
        Text of the course's ``nbgrader_config.py``.
    support : dict of str to bytes
        Files of the assignment beside its notebooks.
    exercises : dict of str to bytes
        The instructor's own exercises, answers included.
    notebooks : dict of str to str
        The submitted notebooks as text.
    files : dict of str to bytes
        Other submitted files.
    timestamp : str or None
    blank : dict of str to str
        The released notebooks as text: graded in the place of those that defeat the grader itself.
    seconds : int
        After this time the job is ended.
    allow_root : bool
    isolation : str
        "auto", or one level.
    """

    assignment: str
    course_id: str
    student: str
    definition: dict
    config: str
    support: dict
    exercises: dict
    notebooks: dict
    files: dict
    timestamp: str | None
    blank: dict
    seconds: int
    allow_root: bool = False
    isolation: str = "auto"


@dataclass
class Result:
    """What a job found.

    Attributes
    ----------
    student : str
    found : dict
        Grades, from :func:`coursepkg.grading.gradebook.read_grades`.
    autograded, feedback : dict of str to bytes
        Files to be kept.
    notes : list of str
    isolation : str
        The level that it ran with.
    """

    student: str
    found: dict
    autograded: dict = field(default_factory=dict)
    feedback: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)
    isolation: str = ""


def work(job):
    """Do the work of a job in this process.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Result
    """
    import nbformat
    from nbgrader.converters import Autograde, GenerateFeedback
    from nbgrader.coursedir import CourseDirectory

    from coursepkg.exercises import bank
    from coursepkg.grading import gradebook

    with tempfile.TemporaryDirectory(prefix="grade-job-") as folder:
        root = Path(folder)
        (root / "nbgrader_config.py").write_text(job.config, encoding="utf-8")
        _write(root / "source" / job.assignment, job.support)
        _write(root / bank.OWN, job.exercises)
        submitted = root / "submitted" / STUDENT / job.assignment
        stamp = {"timestamp.txt": job.timestamp.encode()} if job.timestamp else {}
        notebooks = {f"{name}.ipynb": text.encode("utf-8") for name, text in job.notebooks.items()}
        _write(submitted, {**job.files, **notebooks, **stamp})
        db_url = f"sqlite:///{root / 'gradebook.db'}"
        gradebook.write_definition(db_url, job.assignment, job.definition, course_id=job.course_id)
        config = _config(root, job, db_url)
        with bank.known_folders([root / bank.OWN] if job.exercises else []):
            _convert(Autograde, CourseDirectory, config)
        _convert(GenerateFeedback, CourseDirectory, config)
        autograded = _read(root / "autograded" / STUDENT / job.assignment)
        notes, level = [], ""
        for name in job.notebooks:
            notebook = nbformat.reads(autograded[f"{name}.ipynb"].decode("utf-8"), as_version=4)
            said = notebook.metadata.get("coursepkg", {})
            notes += said.get("notes", [])
            level = said.get("isolation", level)
        return Result(
            student=job.student,
            found=gradebook.read_grades(db_url, job.assignment, STUDENT, course_id=job.course_id),
            autograded=autograded,
            feedback=_read(root / "feedback" / STUDENT / job.assignment),
            notes=notes,
            isolation=level,
        )


def read_config(root):
    """Return the settings in a course folder's ``nbgrader_config.py``."""
    from traitlets.config import Config, PyFileConfigLoader

    path = Path(root) / "nbgrader_config.py"
    if not path.exists():
        return Config()
    # With its whole path, since what looks like a variable in a folder's name, such as $HOME, would be replaced.
    return PyFileConfigLoader(str(path.absolute()), path=str(path.parent)).load_config()


def _config(root, job, db_url):
    from nbgrader.converters import Autograde

    from coursepkg.grading.execute import isolated

    config = read_config(root)
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = db_url
    config.CourseDirectory.course_id = job.course_id
    config.CourseDirectory.assignment_id = job.assignment
    config.CourseDirectory.student_id = STUDENT
    # A course folder that was there before may know nothing of isolation.
    steps = config.Autograde.get("autograde_preprocessors") or Autograde.autograde_preprocessors.default()
    config.Autograde.autograde_preprocessors = isolated(steps)
    config.IsolatedExecute.allow_root = job.allow_root
    if job.isolation != "auto":
        config.IsolatedExecute.isolation = job.isolation
    return config


def _convert(converter, directory, config):
    converter = converter(coursedir=directory(config=config), config=config)
    cause = _Cause()
    converter.log = logging.Logger("grading", logging.ERROR)
    converter.log.addHandler(cause)
    try:
        converter.start()
    except Exception as error:
        raise (cause.error or error) from None


class _Cause(logging.Handler):
    """Keeps the exception that nbgrader writes about; the one that it raises then only names the log."""

    error = None

    def emit(self, record):
        self.error = sys.exc_info()[1] or self.error


def _write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _read(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
