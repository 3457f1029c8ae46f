"""Grade an assignment: collect, send out jobs, merge what they found, and say who needs a look."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import coursepkg
from coursepkg._files import files_ending, read_text, write_atomically
from coursepkg._validation import as_int
from coursepkg.exercises import bank
from coursepkg.grading import collect, gradebook, isolation, report, sameness
from coursepkg.grading import job as jobs
from coursepkg.grading.graders import Graders
from coursepkg.grading.limits import START_SECONDS, Limits


@dataclass
class Outcome:
    """What a run of grading did.

    Attributes
    ----------
    graded, unchanged : list of str
        Students whose submission was graded now, or was the same as last time.
    failed : dict of str to str
        Students whose submission could not be graded at all, and why.
    notes : dict of str to list of str
        Who needs a look, and why.
    isolation : str
        The level that was graded with; "" if nothing was.
    folder : pathlib.Path
        Where the tables and the pictures are.
    """

    folder: Path
    isolation: str
    graded: list = field(default_factory=list)
    unchanged: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)
    notes: dict = field(default_factory=dict)


class Course:
    """An nbgrader course folder, and where things are in it."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        if not (self.root / "nbgrader_config.py").exists():
            raise ValueError(f"{self.root} is no course folder: it has no nbgrader_config.py")
        from nbgrader.coursedir import CourseDirectory
        from sqlalchemy import URL

        self.config = jobs.read_config(self.root)
        in_folder = "db_url" not in self.config.CourseDirectory
        self.config.CourseDirectory.root = str(self.root)
        directory = CourseDirectory(config=self.config)
        # As a text, ? and % in a folder's name would mean something else.
        file = URL.create("sqlite", database=str(self.root / "gradebook.db"))
        self.db_url, self.course_id = file if in_folder else directory.db_url, directory.course_id or "default_course"

    def released(self, assignment):
        """Return the students' versions of an assignment's notebooks by name."""
        import nbformat

        folder = self.root / "release" / assignment
        paths = sorted(folder.glob("*.ipynb"))
        notebooks = {path.stem: nbformat.reads(read_text(path), as_version=4) for path in paths}
        if not notebooks:
            raise ValueError(f"{folder} holds no notebook: run 'coursepkg assign create {assignment} …' first")
        return notebooks

    def support(self, assignment):
        """Return the files beside an assignment's notebooks."""
        folder = self.root / "source" / assignment
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".ipynb"]
        return {str(path.relative_to(folder)): path.read_bytes() for path in paths}

    def known_exercises(self):
        """Return the exercises of the book and the course's own by label."""
        own = self.root / bank.OWN
        return bank.all_exercises([own] if own.is_dir() else None)

    def exercises(self):
        """Return the files of the course's own exercises: texts, cases and answers."""
        paths = [path for ending in (".md", ".py") for path in files_ending(self.root / bank.OWN, ending)]
        return {path.name: path.read_bytes() for path in paths}


def grade(assignment, *, course, n_jobs=1, scheduler=None, force=False, level="auto", allow_root=False, progress=None):
    """Grade the submissions of an assignment that changed since the last time; write feedback, tables and pictures.

    Parameters
    ----------
    assignment : str
    course : path, keyword-only
        The course folder.
    n_jobs : int, keyword-only
        Submissions that are graded at the same time on this computer.
    scheduler : str, optional, keyword-only
        Address of a Dask scheduler, such as "tcp://10.0.0.5:8786", whose workers grade instead.
    force : bool, keyword-only
        Grade unchanged submissions too.
    level : {"auto", "bubblewrap", "unshare", "limits"}, keyword-only
    allow_root : bool, keyword-only
        Run submissions as root even where nothing protects the files.
    progress : callable, optional, keyword-only
        Takes an iterable of finished jobs and ``total=``; for a progress bar.

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        If the folder is no course folder or does not hold the assignment.
    coursepkg.grading.isolation.RootError
        If submissions would run as root without isolation.
    """
    as_int(n_jobs, "n_jobs", low=1)
    place = Course(course)
    released = place.released(assignment)
    # The workers of a cluster choose for themselves.
    chosen = "" if scheduler else isolation.choose_level(level, allow_root=allow_root)
    outcome = Outcome(folder=place.root / "grades" / assignment, isolation=chosen)
    outcome.folder.mkdir(parents=True, exist_ok=True)
    state_file = outcome.folder / "state.json"
    state = json.loads(read_text(state_file)) if state_file.exists() else {}

    definition = gradebook.definition(place.db_url, assignment, course_id=place.course_id)
    common = {
        "assignment": assignment,
        "course_id": place.course_id,
        "definition": definition,
        "config": read_text(place.root / "nbgrader_config.py"),
        "support": place.support(assignment),
        "exercises": place.exercises(),
        "blank": {name: _text(notebook) for name, notebook in released.items()},
        "seconds": place.config.IsolatedExecute.get("total_seconds", Limits().total_seconds) + START_SECONDS,
        "allow_root": allow_root,
        "isolation": level,
    }
    basis = hashlib.sha256(repr([coursepkg.__version__, sorted(common.items())]).encode()).hexdigest()

    todo, marks, answers = [], {}, {}
    for folder in collect.submissions(place.root, assignment):
        submission = collect.read(folder, released)
        student = submission.student
        marks[student] = hashlib.sha256(f"{basis}{submission.fingerprint}".encode()).hexdigest()
        answers[student] = submission.notebooks
        done = (place.root / "autograded" / student / assignment).is_dir()
        if state.get(student, {}).get("mark") == marks[student] and done and not force:
            outcome.unchanged.append(student)
            outcome.notes[student] = state[student]["notes"]
            continue
        outcome.notes[student] = submission.notes
        notebooks = {name: _text(notebook) for name, notebook in submission.notebooks.items()}
        todo.append(
            jobs.Job(
                student=student,
                notebooks=notebooks,
                files=submission.files,
                timestamp=submission.timestamp,
                **common,
            )
        )

    finished = _run_on_cluster(todo, scheduler) if scheduler else _run_here(todo, n_jobs)
    with contextlib.closing(_open(place)) as book:
        for job, result in progress(finished, total=len(todo)) if progress else finished:
            if isinstance(result, Exception):
                outcome.failed[job.student] = str(result)
                continue
            # A run that is killed from here on leaves this submission as one that must be graded.
            if state.pop(job.student, None):
                write_atomically(state_file, json.dumps(state, indent=1))
            gradebook.merge(book, assignment, job.student, result.found, timestamp=job.timestamp)
            _replace(place.root / "autograded" / job.student / assignment, result.autograded)
            _replace(place.root / "feedback" / job.student / assignment, result.feedback)
            outcome.notes[job.student] = outcome.notes[job.student] + result.notes
            outcome.graded.append(job.student)
            outcome.isolation = result.isolation
            state[job.student] = {"mark": marks[job.student], "notes": outcome.notes[job.student]}
            # After each one, so that an interrupted run goes on where it was.
            write_atomically(state_file, json.dumps(state, indent=1))
    outcome.graded.sort()
    rows = gradebook.table(place.db_url, assignment, course_id=place.course_id)
    for row in rows:
        notes = outcome.notes.setdefault(row["student"], [])
        if row["late"] > 0 and not any(note.startswith("late") for note in notes):
            outcome.notes[row["student"]] = [f"late by {report.duration(row['late'])}", *notes]
    by_hand = {row["student"] for row in rows if row["by_hand"]}
    for student in sorted(by_hand):
        outcome.notes[student] = [*outcome.notes[student], "an answer in words waits for its grade"]
    for student, found in sameness.remarks(answers, released, place.known_exercises()).items():
        outcome.notes[student] = [*outcome.notes[student], *found]
    outcome.notes = {student: notes for student, notes in sorted(outcome.notes.items()) if notes}
    report.write(outcome.folder, place, assignment, rows, outcome.notes)
    return outcome


def _open(place):
    from nbgrader.api import Gradebook

    return Gradebook(place.db_url, place.course_id)


def _run_here(todo, n_jobs):
    """Yield each job with its result or the error that it ended with, in the order in which they end."""
    # Threads only wait here: each job works in a process of its own.
    with Graders(n_jobs) as graders, ThreadPoolExecutor(n_jobs) as pool:
        waiting = {pool.submit(graders.run, job): job for job in todo}
        try:
            for future in as_completed(waiting):
                yield waiting[future], _result(future)
        finally:
            pool.shutdown(cancel_futures=True)


def _run_on_cluster(todo, scheduler):
    from coursepkg.grading import cluster

    return cluster.run_all(todo, scheduler)


def _result(future):
    try:
        return future.result()
    except Exception as error:  # whatever happened to one job, the others go on
        return error


def _text(notebook):
    import nbformat

    return nbformat.writes(notebook)


def _replace(folder, files):
    """Put files in the place of a folder's content, which nbgrader leaves read-only."""
    if folder.exists():
        shutil.rmtree(folder)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
