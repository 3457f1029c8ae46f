"""The whole way of an assignment with the real commands: create, release, submit, grade, feedback, export.

Thirty submissions, most of them faulty, are graded once, two at a time; six of them again one after the other, with
nbgrader's own command and with ours. All must give the same rows.
"""

from __future__ import annotations

import csv
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("nbgrader")

from coursepkg.grading import isolation
from tests.e2e.grading.submissions import FULL, LABELS, answered, students

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS"),
    pytest.mark.skipif(isolation.best_level() != "bubblewrap", reason="these submissions are run only in bubblewrap"),
]
DEPLOY = Path(__file__).parents[3] / "book" / "deploy"
DUE, LATE = "2099-01-01 12:00 UTC", "2099-01-03 13:00 UTC"
SAME_SERIALLY = ("complete", "wrong-xor", "os-exit", "edits-tests", "patches-check", "late")


def run(*words, cwd, status=0, **variables):
    """Run a module's command as a person would, and return what it printed."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=cwd,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def coursepkg(*words, cwd, **options):
    return run("coursepkg.cli", *words, cwd=cwd, **options)


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def grades_in(course):
    """Return the grades of the gradebook, each a row of plain values."""
    from nbgrader.api import Gradebook

    from coursepkg.grading.grade import Course

    with Gradebook(Course(course).db_url, course.name) as book:
        return sorted(
            (
                submission.student_id,
                grade.name,
                grade.auto_score,
                grade.manual_score,
                grade.needs_manual_grade,
                submission.total_seconds_late,
                tuple(sorted((comment.name, comment.auto_comment) for comment in notebook.comments)),
            )
            for submission in book.assignment_submissions("hw1")
            for notebook in submission.notebooks
            for grade in notebook.grades
        )


def create(course):
    """Make a course folder with the assignment and short limits, and return the released notebook."""
    question = ("--question", "4", "Why does XOR need a hidden layer?")
    coursepkg("assign", "create", "hw1", *LABELS, *question, "--due", DUE, "--course", course.name, cwd=course.parent)
    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as config:
        config.write("c.IsolatedExecute.cell_seconds = 15\nc.IsolatedExecute.memory = 2**30\n")
    return nbformat.read(course / "release" / "hw1" / "hw1.ipynb", as_version=4)


def hand_in(course, student):
    folder = os.path.join(os.fsencode(course), b"submitted", os.fsencode(student.name), b"hw1")
    os.makedirs(folder)
    for name, content in student.files.items():
        with open(os.path.join(folder, os.fsencode(name)), "wb") as file:
            file.write(content.encode())


@pytest.fixture(scope="module")
def nobody_calls():
    """A port of this computer, and a list of those who called there."""
    calls = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                calls.append(connection.recv(100))
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1], calls
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def course(tmp_path_factory, nobody_calls):
    """A course folder with an assignment, released and handed in by thirty students, and graded two at a time."""
    root = tmp_path_factory.mktemp("school")
    course = root / "nn"
    release = create(course)
    everyone = list(students(release, course=course, port=nobody_calls[0], late=LATE))
    assert len(everyone) == 30

    through_exchange(root, course, everyone[0])
    for student in everyone[1:]:
        hand_in(course, student)
    before = {path: path.read_bytes() for path in (course / "source").rglob("*.ipynb")}
    said = coursepkg("assign", "grade", "hw1", "-j", "2", "--course", "nn", cwd=root)
    assert {path: path.read_bytes() for path in before} == before
    return course, everyone, said


def through_exchange(root, course, student):
    """Release, fetch, submit and collect with nbgrader's own commands, as one student does."""
    exchange, home = root / "exchange", root / "home"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    home.mkdir()
    # What everyone on a JupyterHub has, with other folders.
    shared = (DEPLOY / "nbgrader_config.py").read_text(encoding="utf-8")
    for written, here in (("/srv/nbgrader/exchange", exchange), ("/home/instructor/nn", course)):
        assert f'"{written}"' in shared
        shared = shared.replace(f'"{written}"', repr(str(here)))
    (home / "nbgrader_config.py").write_text(shared, encoding="utf-8")
    with open(course / "nbgrader_config.py", "a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\nc.ExchangeCollect.check_owner = False\n")
    cached = {"JUPYTER_DATA_DIR": str(home / "data"), "HOME": str(home)}
    run("nbgrader", "release_assignment", "hw1", cwd=course, **cached)
    run("nbgrader", "fetch_assignment", "hw1", cwd=home, **cached)
    (home / "hw1" / "hw1.ipynb").write_text(student.files["hw1.ipynb"])
    run("nbgrader", "submit", "hw1", f"--student={student.name}", cwd=home, **cached)
    run("nbgrader", "collect", "hw1", cwd=course, **cached)


def shown(student):
    return student.name if isinstance(student.name, str) else student.name.decode("utf-8", "backslashreplace")


def test_the_table_of_points_is_the_expected_one(course):
    folder, everyone, _ = course
    expected = {
        shown(student): {**{name: str(points) for name, points in student.points.items()}, "question-1-answer": "0.0"}
        for student in everyone
    }
    rows = {row.pop("student"): row for row in table(folder / "grades" / "hw1" / "points.csv")}
    totals = {name: float(row.pop("total")) for name, row in rows.items()}
    assert rows == expected
    assert totals == {name: sum(map(float, row.values())) for name, row in expected.items()}


def test_the_summary_says_who_needs_a_look_and_why(course):
    _, everyone, said = course
    assert "isolation: bubblewrap" in said
    assert "30 graded, 0 unchanged, 0 failed" in said
    looks = dict(line.strip().split(": ", 1) for line in said.partition("need a look:\n")[2].splitlines())
    for student in everyone:
        assert student.why in looks.get(shown(student), ""), shown(student)
    quiet = {"empty", "half-done", "wrong-gates", "wrong-rule", "wrong-xor", "wrong-counts", "syntax-error", "windows"}
    assert not quiet & set(looks)


def test_nothing_else_changed(course, nobody_calls):
    folder, everyone, _ = course
    assert nobody_calls[1] == []
    for student in everyone[1:]:
        submitted = os.path.join(os.fsencode(folder), b"submitted", os.fsencode(student.name), b"hw1")
        assert sorted(os.listdir(submitted)) == sorted(os.fsencode(name) for name in student.files)


def test_everyone_gets_feedback_without_the_solutions(course):
    folder, everyone, _ = course
    for student in everyone:
        page = (folder / "feedback" / shown(student) / "hw1" / "hw1.html").read_text(encoding="utf-8")
        assert "Score:" in page
    page = (folder / "feedback" / "empty" / "hw1" / "hw1.html").read_text(encoding="utf-8")
    assert "Both weights 1" not in page
    assert "not attempted yet" in page


def test_statistics_and_pictures(course):
    folder = course[0] / "grades" / "hw1"
    rows = {row["exercise"]: row for row in table(folder / "exercises.csv")}
    points = table(folder / "points.csv")
    for name in FULL:
        values = [float(row[name]) for row in points]
        assert float(rows[name]["mean"]) == pytest.approx(sum(values) / 30, abs=0.005)
        assert int(rows[name]["full"]) == sum(value == FULL[name] for value in values)
        assert (folder / f"histogram-{name}.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "histogram.png").read_bytes().startswith(b"\x89PNG")


def test_nbgrader_exports_the_same_points(course):
    folder, everyone, _ = course
    run("nbgrader", "export", "--to", "exported.csv", "--assignment", "['hw1']", cwd=folder)
    assert (folder / "exported.csv").read_bytes() == (folder / "grades" / "hw1" / "grades.csv").read_bytes()
    scores = {row["student_id"]: float(row["score"]) for row in table(folder / "exported.csv")}
    assert scores == {shown(student): sum(student.points.values()) for student in everyone}


def test_six_one_after_the_other_with_nbgrader_itself_and_with_ours_give_the_same_rows(course, tmp_path):
    folder, everyone, _ = course
    other = tmp_path / "nn"
    shutil.copytree(folder, other, ignore=shutil.ignore_patterns("submitted", "autograded", "feedback", "grades"))
    (other / "gradebook.db").unlink()
    run("nbgrader", "db", "assignment", "add", "hw1", f"--duedate={DUE}", cwd=other)
    run("nbgrader", "generate_assignment", "hw1", "--force", cwd=other)
    for student in everyone:
        if student.name in SAME_SERIALLY:
            hand_in(other, student)
    run("nbgrader", "autograde", "hw1", cwd=other)
    serial = grades_in(other)
    assert len(serial) == 5 * len(SAME_SERIALLY)
    assert serial == [row for row in grades_in(folder) if row[0] in SAME_SERIALLY]

    said = coursepkg("assign", "grade", "hw1", "-j", "1", cwd=other)
    assert f"{len(SAME_SERIALLY)} graded, 0 unchanged, 0 failed" in said
    assert grades_in(other) == serial
    same = [row for row in table(folder / "grades/hw1/points.csv") if row["student"] in SAME_SERIALLY]
    assert table(other / "grades/hw1/points.csv") == same


def test_only_what_changed_is_graded_again(course):
    folder, everyone, _ = course
    said = coursepkg("assign", "grade", "hw1", cwd=folder)
    assert "0 graded, 30 unchanged" in said
    assert "not-a-notebook: hw1.ipynb cannot be graded" in said
    release = nbformat.read(folder / "release" / "hw1" / "hw1.ipynb", as_version=4)
    repaired = folder / "submitted" / "empty" / "hw1" / "hw1.ipynb"
    repaired.write_text(nbformat.writes(answered(release, {})), encoding="utf-8")
    assert "1 graded, 29 unchanged" in coursepkg("assign", "grade", "hw1", cwd=folder)
    rows = {row["student"]: row["total"] for row in table(folder / "grades" / "hw1" / "points.csv")}
    expected = {shown(student): str(sum(student.points.values())) for student in everyone}
    assert rows == {**expected, "empty": "16.0"}


def test_points_given_by_hand_stay(course):
    from nbgrader.api import Gradebook

    folder = course[0]
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "nn") as book:
        grade = book.find_grade("question-1-answer", "hw1", "hw1", "complete")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        book.db.commit()
    notebook = folder / "submitted" / "complete" / "hw1" / "hw1.ipynb"
    notebook.write_text(notebook.read_text().replace("No line separates it.", "No straight line separates it."))
    coursepkg("assign", "grade", "hw1", cwd=folder)
    rows = {row["student"]: row for row in table(folder / "grades" / "hw1" / "points.csv")}
    assert rows["complete"]["question-1-answer"] == "3.5"
    assert rows["complete"]["total"] == "19.5"
