"""Make an assignment: one notebook composed from exercises, in an ordinary nbgrader course folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from nbformat import writes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursepkg._files import write_atomically
from coursepkg._validation import as_float
from coursepkg.exercises import bank, find
from coursepkg.exercises.parts import parts
from coursepkg.exercises.questions import without_choices
from coursepkg.grading.judge import NAME_ID, GradedCell, seed_of
from coursepkg.grading.limits import Limits

CONFIG = '''"""Settings of nbgrader for this course: those that differ from its defaults."""

from coursepkg.grading.execute import autograde_steps

c = get_config()  # noqa: F821 (nbgrader defines it)
c.CourseDirectory.course_id = "{course}"

# A released answer cell keeps its stub; only this line takes the place of the solution.
c.ClearSolutions.code_stub = {{"python": "# Write your answer above, in the place of the dots."}}

# Graded cells that a student deleted come back before grading.
c.OverwriteCells.add_missing_cells = True

# Submissions run in isolation, whichever way nbgrader is started.
c.Autograde.autograde_preprocessors = autograde_steps()

# What one submission may use, seconds and bytes; all that can be set is in coursepkg.grading.limits.Limits.
c.IsolatedExecute.cell_seconds = {limits.cell_seconds}
c.IsolatedExecute.total_seconds = {limits.total_seconds}
c.IsolatedExecute.memory = {limits.memory}
'''

_HEADER = """# {title}

Write your answers into the cells with `...`, run them, and run the locked cell below each to see what the answer earns.

- `check("chapter/name", your_answer)` tries other random inputs each time; `hint("chapter/name")` gives a nudge.
- Before you submit, choose *Kernel → Restart Kernel and Run All Cells*, read the points, and save.
- Keep the notebook's name and its locked cells. You may add cells of your own.

{total} points in {n} exercises, about {minutes} minutes of work."""

_SHUFFLED = """

**First write your name into the next cell and run it.** The order of some choices follows from it; then leave it as it
is."""

_NAME = 'NAME = ""\nCOLLABORATORS = ""'

_SETUP = """import numpy as np

from coursepkg.exercises import check, grade, hint"""

# nbgrader gives no points to a cell that writes to stderr, so whatever warns at its first import does so here.
_KERAS = """import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

from coursepkg.exercises import check, grade, hint"""


def compose(assignment, labels, *, questions=(), title=None, exercises=None, shuffle=False):
    """Return the instructor's version of an assignment as a notebook, with solutions in nbgrader's solution regions.

    Parameters
    ----------
    assignment : str
        Its name: letters, digits, ``-`` and ``_``.
    labels : sequence of str
        Labels of exercises, in the order in which they shall stand.
    questions : sequence of (float, str), keyword-only
        Points and text of questions that are answered in words and graded by hand.
    title : str, optional, keyword-only
        The heading; by default the assignment's name.
    exercises : dict of str to Exercise, optional, keyword-only
        Where the labels are looked up; by default all that :func:`coursepkg.exercises.all_exercises` knows.
    shuffle : bool, optional, keyword-only
        Give the choices of all questions in another order to each student, not only where a question says so.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    ValueError
        If a name or label is not usable, or an exercise has no stub or solution that could stand in a notebook.
    """
    _check_name(assignment)
    if not labels and not questions:
        raise ValueError("labels is empty: expected at least one exercise or question")
    if twice := [label for label in labels if list(labels).count(label) > 1]:
        raise ValueError(f"labels names {twice[0]!r} more than once")
    chosen = [find(label, exercises) for label in labels]
    for exercise in chosen:
        for name in ("statement", "stub", "solution_source", "answer_name"):
            if not getattr(exercise, name):
                raise ValueError(f"{exercise.label} cannot be assigned: it declares no {name}")
        if exercise.figure:
            raise ValueError(f"{exercise.label} cannot be assigned: it asks about the figure {exercise.figure}")
    asked = [(as_float(points, "questions", low=0), str(text)) for points, text in questions]
    uses_keras = any("keras" in exercise.stub + exercise.solution_source for exercise in chosen)
    total = sum(exercise.points for exercise in chosen) + sum(points for points, _ in asked)
    header = _HEADER.format(
        title=title or assignment,
        total=f"{total:g}",
        n=len(chosen) + len(asked),
        minutes=sum(exercise.minutes for exercise in chosen) + 10 * len(asked),
    )
    by_name = [exercise.label for exercise in chosen if exercise.choices and (shuffle or exercise.shuffle)]
    setup = _KERAS if uses_keras else _SETUP
    if by_name:
        setup = setup.replace("import check", "import ask, check")
    cells = [
        _cell(new_markdown_cell(header + (_SHUFFLED if by_name else "")), "header", locked=True),
        new_code_cell(_NAME),
        _cell(new_code_cell(setup), "setup", locked=True),
    ]
    for exercise in chosen:
        cells += _exercise_cells(assignment, exercise, by_name=exercise.label in by_name)
    for number, (points, text) in enumerate(asked, start=1):
        question = new_markdown_cell(f"## Question {number} ({points:g} points)\n\n{text}")
        answer = new_markdown_cell("Your answer in words.")
        cells.append(_cell(question, f"question-{number}", locked=True))
        cells.append(_cell(answer, f"question-{number}-answer", solution=True, points=points))
    notebook = new_notebook(cells=cells)
    for cell in notebook.cells:  # ids follow from the content, so that composing twice gives the same file
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id", NAME_ID)[:64]
    notebook.metadata.update(
        kernelspec={"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"},
        language_info={"name": "python"},
    )
    return notebook


def labels_of_part(part):
    """Return the labels of all exercises of a part that can be assigned, in the order of the book.

    Raises
    ------
    ValueError
        If there is no such part, or it has no exercise that can be assigned.
    """
    if part not in parts():
        raise ValueError(f"part must be one of {', '.join(map(str, parts()))}; got {part}")
    all_of_them = bank.of_the_book().items()
    chosen = [label for label, exercise in all_of_them if exercise.part == part and not exercise.figure]
    if not chosen:
        raise ValueError(f"part {part} has no exercise with an automatic check yet")
    return chosen


def create(assignment, labels, *, course, questions=(), title=None, due=None, force=False, shuffle=False):
    """Write an assignment into a course folder and let nbgrader make the students' version.

    Own exercises in the folder ``exercises`` of the course can be assigned as those of the book. Students get their
    texts and their cases, without solutions and answers.

    Parameters
    ----------
    assignment : str
    labels : sequence of str
    course : path, keyword-only
        The course folder; it is made where it does not exist. A ``nbgrader_config.py`` that is there is kept.
    questions, title, shuffle : see :func:`compose`
    due : str, optional, keyword-only
        When it is due, such as "2026-12-01 18:00 UTC".
    force : bool, keyword-only
        Replace an assignment of the same name.

    Returns
    -------
    pathlib.Path
        The folder to hand out.

    Raises
    ------
    FileExistsError
        If the assignment exists already.
    ValueError
        If nbgrader refuses it, or as for :func:`compose`.
    """
    course = Path(course).resolve()
    own = course / bank.OWN
    known = bank.all_exercises([own] if own.is_dir() else None)
    notebook = compose(assignment, labels, questions=questions, title=title, exercises=known, shuffle=shuffle)
    source = course / "source" / assignment
    if source.exists() and not force:
        raise FileExistsError(f"{source} exists; with --force it is replaced")
    source.mkdir(parents=True, exist_ok=True)
    config = course / "nbgrader_config.py"
    if not config.exists():
        name = re.sub(r"\W+", "-", course.name).strip("-") or "course"
        write_atomically(config, CONFIG.format(course=name, limits=Limits()))
    write_atomically(source / f"{assignment}.ipynb", writes(notebook) + "\n")
    for name, data in (bank.without_answers(own) if own.is_dir() else {}).items():
        (source / bank.OWN).mkdir(exist_ok=True)
        write_atomically(source / bank.OWN / name, data)
    if due:
        run_nbgrader(course, "db", "assignment", "add", assignment, f"--duedate={due}")
    run_nbgrader(course, "generate_assignment", assignment, "--force")
    return course / "release" / assignment


def run_nbgrader(course, *words):
    """Run an nbgrader command in a course folder; raise a ValueError with what it said if it fails."""
    # nbgrader calls its own helpers by name, which must be found where no environment is activated.
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "nbgrader", *words]
    with tempfile.TemporaryDirectory(prefix="course-") as folder:
        if not re.fullmatch(
            r"[\w /.+=-]*", str(course)
        ):  # nbgrader would take it for a pattern, a variable, an address
            (Path(folder) / "course").symlink_to(course, target_is_directory=True)
            command += [f"--CourseDirectory.root={folder}/course", f"--config={folder}/course/nbgrader_config.py"]
        environment = {**os.environ, "PATH": path}
        done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise ValueError(f"nbgrader {' '.join(words)} failed:\n{said}")
    return done.stdout


def _exercise_cells(assignment, exercise, *, by_name):
    name = exercise.label.replace("/", "-")
    heading = f"## {exercise.title} ({exercise.points:g} points)\n\n"
    heading += f"`{exercise.label}`, about {exercise.minutes} minutes\n\n"
    solution = exercise.solution_source.rstrip()
    if by_name:
        name_of_answer, _, letters = solution.partition(" = ")
        solution = "from coursepkg.exercises import find\nfrom coursepkg.exercises.questions import lettered\n\n"
        solution += 'NAME = NAME or "instructor"\n'
        solution += f'{name_of_answer} = lettered(find("{exercise.label}"), {letters}, NAME)'
    answer = f"{exercise.stub.rstrip()}\n\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
    student = "NAME" if by_name else ""
    graded = GradedCell(exercise.label, exercise.answer_name, seed_of(assignment, exercise.label), student)
    statement = without_choices(exercise.statement) if by_name else exercise.statement.strip()
    asked = new_code_cell(f'# Your choices.\nask("{exercise.label}", NAME)')
    return [
        _cell(new_markdown_cell(heading + statement), f"{name}-statement", locked=True),
        *([_cell(asked, f"{name}-choices", locked=True)] if by_name else []),
        _cell(new_code_cell(answer), f"{name}-answer", solution=True),
        _cell(new_code_cell(graded.source), name, locked=True, points=exercise.points),
    ]


def _cell(cell, grade_id, *, locked=False, solution=False, points=None):
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": solution,
        "locked": locked,
        "task": False,
        **({} if points is None else {"points": points}),
    }
    return cell


def _check_name(assignment):
    if not re.fullmatch(r"[A-Za-z0-9_-]+", str(assignment)):
        raise ValueError(f"assignment must consist of letters, digits, - and _; got {assignment!r}")
