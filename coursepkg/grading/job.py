"""Grade one submission in a process of its own: all that it needs comes in, all that it found goes out.

A job knows nothing of the course folder, so it runs as well on another computer. It makes a small course folder of its
own, with one assignment and one student, lets nbgrader work in it, and reads the gradebook that results.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
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
        Rows of the gradebook, from :func:`coursepkg.grading.gradebook.definition`.
    config : str
        Text of the course's ``nbgrader_config.py``.
    support : dict of str to bytes
        Files of the assignment beside its notebooks.
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


def run(job):
    """Grade a submission in a process of its own; if that process fails, grade the released notebook instead.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Result

    Raises
    ------
    RuntimeError
        If not even the released notebook can be graded: then something is wrong with the assignment or this computer.
    """
    result, problem = _run_in_process(job)
    if result is None:
        blank = {**job.__dict__, "notebooks": job.blank, "files": {}}
        result, again = _run_in_process(Job(**blank))
        if result is None:
            raise RuntimeError(f"the assignment itself cannot be graded: {again}")
        result.notes.append(f"it defeated the grader and got no points: {problem}")
    return result


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

    from coursepkg.grading import gradebook

    with tempfile.TemporaryDirectory(prefix="grade-job-") as folder:
        root = Path(folder)
        (root / "nbgrader_config.py").write_text(job.config, encoding="utf-8")
        _write(root / "source" / job.assignment, job.support)
        submitted = root / "submitted" / STUDENT / job.assignment
        stamp = {"timestamp.txt": job.timestamp.encode()} if job.timestamp else {}
        notebooks = {f"{name}.ipynb": text.encode("utf-8") for name, text in job.notebooks.items()}
        _write(submitted, {**job.files, **notebooks, **stamp})
        db_url = f"sqlite:///{root / 'gradebook.db'}"
        gradebook.write_definition(db_url, job.definition)
        config = _config(root, job, db_url)
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
    return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()


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
    import logging

    converter = converter(coursedir=directory(config=config), config=config)
    converter.log = logging.getLogger("coursepkg.grading")
    converter.start()


def _write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _read(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _run_in_process(job):
    """Return the result and None, or None and what went wrong."""
    # All that the job leaves behind lies in this folder, also if it is ended half-way.
    with tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "coursepkg.grading.job"],
            env={**os.environ, "TMPDIR": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, said = process.communicate(pickle.dumps(job), timeout=job.seconds)
        except subprocess.TimeoutExpired:
            return None, f"it took longer than {job.seconds} seconds"
        finally:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines() or ["no message"]
        return None, lines[-1][:300]
    return pickle.loads(out), None


def main():
    """Read a job from standard input, write its result to standard output."""
    import logging

    job = pickle.load(sys.stdin.buffer)
    # Libraries may print; only the result goes to where the grader reads.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    logging.basicConfig(level=logging.CRITICAL)
    with answer:
        pickle.dump(work(job), answer)


if __name__ == "__main__":
    # Under this module's real name, so that the other side can read the classes in what is sent.
    from coursepkg.grading.job import main as real_main

    real_main()
