"""Parts of a gradebook: the definition of one assignment, to be sent to a job, and a job's grades, to be merged."""

from __future__ import annotations

import warnings

from nbgrader.api import Base, Gradebook
from sqlalchemy import create_engine, select
from sqlalchemy.exc import SAWarning

_DEFINITION = ("assignment", "notebook", "base_cell", "grade_cells", "solution_cells", "task_cells", "source_cell")


def definition(db_url, assignment, *, course_id):
    """Return the rows that define an assignment, without any student.

    Parameters
    ----------
    db_url : str
        Of the course's gradebook.
    assignment : str
    course_id : str, keyword-only

    Returns
    -------
    dict of str to list of dict
        Rows by table.

    Raises
    ------
    ValueError
        If the gradebook does not know the assignment.
    """
    with Gradebook(db_url, course_id) as book:
        notebooks = [notebook.id for notebook in book.find_assignment(assignment).notebooks]
        cells = select(Base.metadata.tables["base_cell"].c.id).where(
            Base.metadata.tables["base_cell"].c.notebook_id.in_(notebooks)
        )
        rows = {}
        for name in _DEFINITION:
            table = Base.metadata.tables[name]
            if name == "assignment":
                chosen = table.c.name == assignment
            elif name == "notebook":
                chosen = table.c.id.in_(notebooks)
            elif name in ("base_cell", "source_cell"):
                chosen = table.c.notebook_id.in_(notebooks)
            else:
                chosen = table.c.id.in_(cells)
            found = book.db.execute(select(table).where(chosen).order_by(table.c.id))
            rows[name] = [dict(row._mapping) for row in found]
        return rows


def write_definition(db_url, rows):
    """Make a gradebook that knows one assignment and no student."""
    engine = create_engine(db_url)
    # Made here, since nbgrader would start another program to ask for the version of its tables.
    Base.metadata.create_all(bind=engine)
    with engine.begin() as connection:
        connection.execute(Base.metadata.tables["course"].insert(), [{"id": rows["assignment"][0]["course_id"]}])
        for name in _DEFINITION:
            if rows[name]:
                connection.execute(Base.metadata.tables[name].insert(), rows[name])
    engine.dispose()


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
