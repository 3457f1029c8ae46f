"""Parts of a gradebook: the definition of one assignment, to be sent to a job, and a job's grades, to be merged."""

from __future__ import annotations

import warnings

from nbgrader import api
from nbgrader.api import Gradebook
from sqlalchemy import create_engine
from sqlalchemy.exc import SAWarning

# What defines a notebook, by the names that nbgrader's own classes give it.
_CELLS = {
    "grade_cells": (api.GradeCell, ("name", "max_score", "cell_type")),
    "solution_cells": (api.SolutionCell, ("name",)),
    "task_cells": (api.TaskCell, ("name", "max_score", "cell_type")),
    "source_cells": (api.SourceCell, ("name", "cell_type", "source", "checksum", "locked")),
}


def definition(db_url, assignment, *, course_id):
    """Return what defines an assignment, without any student, as plain data.

    The released notebooks would not do: nbgrader keeps hidden tests in its gradebook only.

    Parameters
    ----------
    db_url : str
        Of the course's gradebook.
    assignment : str
    course_id : str, keyword-only

    Returns
    -------
    dict
        ``duedate``, and ``notebooks``: kernelspec and cells by the name of the notebook.

    Raises
    ------
    ValueError
        If the gradebook does not know the assignment.
    """
    with Gradebook(db_url, course_id) as book:
        found = book.find_assignment(assignment)
        notebooks = {}
        for notebook in sorted(found.notebooks, key=lambda notebook: notebook.name):
            cells = {
                kind: sorted(([getattr(cell, field) for field in fields] for cell in getattr(notebook, kind)), key=repr)
                for kind, (_, fields) in _CELLS.items()
            }
            notebooks[notebook.name] = {"kernelspec": notebook.kernelspec, **cells}
        return {"duedate": found.duedate, "notebooks": notebooks}


def write_definition(db_url, assignment, found, *, course_id):
    """Make a gradebook that knows one assignment and no student.

    Parameters
    ----------
    db_url, assignment : str
    found : dict
        From :func:`definition`.
    course_id : str, keyword-only
    """
    # The tables are made here, since nbgrader would start another program to ask for their version.
    engine = create_engine(db_url)
    api.Base.metadata.create_all(bind=engine)
    engine.dispose()
    with Gradebook(db_url, course_id) as book:
        made = api.Assignment(name=assignment, duedate=found["duedate"], course_id=course_id)
        book.db.add(made)
        for name, parts in found["notebooks"].items():
            notebook = api.Notebook(name=name, kernelspec=parts["kernelspec"], assignment=made)
            book.db.add(notebook)
            for kind, (cell, fields) in _CELLS.items():
                book.db.add_all(
                    cell(**dict(zip(fields, values, strict=True)), notebook=notebook) for values in parts[kind]
                )
        book.db.commit()


def read_grades(db_url, assignment, student, *, course_id):
    """Return what grading wrote about one submission, as plain data.

    Returns
    -------
    dict
        ``grades``: notebook, cell, points (or None) and whether a person must grade it; ``comments``: notebook, cell
        and text; ``penalties``: points by notebook; ``late``: seconds.
    """
    with Gradebook(db_url, course_id) as book:
        submission = book.find_submission(assignment, student)
        found = {"grades": [], "comments": [], "penalties": {}, "late": submission.total_seconds_late}
        for notebook in submission.notebooks:
            found["penalties"][notebook.name] = notebook.late_submission_penalty
            for grade in notebook.grades:
                found["grades"].append((notebook.name, grade.name, grade.auto_score, grade.needs_manual_grade))
            for comment in notebook.comments:
                found["comments"].append((notebook.name, comment.name, comment.auto_comment))
        return {**found, "grades": sorted(found["grades"]), "comments": sorted(found["comments"])}


def merge(book, assignment, student, found, *, timestamp):
    """Write what a job found into the course's gradebook; grades that a person gave stay.

    Parameters
    ----------
    book : nbgrader.api.Gradebook
    assignment, student : str
    found : dict
        From :func:`read_grades`.
    timestamp : str or None, keyword-only
        When it was handed in.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way of adding a submission causes them
        book.update_or_create_student(student)
        submission = book.update_or_create_submission(assignment, student, timestamp=timestamp)
    for notebook in submission.notebooks:
        grades = {grade.name: grade for grade in notebook.grades}
        comments = {comment.name: comment for comment in notebook.comments}
        for name, cell, points, by_hand in found["grades"]:
            if name == notebook.name:
                grades[cell].auto_score = points
                # As nbgrader does: what a person has graded before is to be looked at again.
                grades[cell].needs_manual_grade = True if grades[cell].manual_score is not None else by_hand
        for name, cell, text in found["comments"]:
            if name == notebook.name:
                comments[cell].auto_comment = text
        notebook.late_submission_penalty = found["penalties"][notebook.name]
    book.db.commit()


def table(db_url, assignment, *, course_id):
    """Return the grades of an assignment: a row for each student and graded cell, sorted.

    Returns
    -------
    list of dict
        student, notebook, cell, points, max_points, by_hand (whether a person must still grade it), late (seconds).
    """
    with Gradebook(db_url, course_id) as book:
        rows = []
        for submission in book.assignment_submissions(assignment):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    row = {"student": submission.student_id, "notebook": notebook.name, "cell": grade.name}
                    row |= {"points": float(grade.score), "max_points": float(grade.max_score)}
                    row |= {"by_hand": bool(grade.needs_manual_grade), "late": submission.total_seconds_late}
                    rows.append(row)
        return sorted(rows, key=lambda row: (row["student"], row["notebook"], row["cell"]))
