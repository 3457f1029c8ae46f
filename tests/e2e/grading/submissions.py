"""Thirty submissions to one assignment, most of them faulty, each with its points and why it needs a look."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import nbformat

from coursepkg import exercises

LABELS = ("perceptron/gates", "perceptron/learning-rule", "xor/by-hand", "xor/count-parameters")
FULL = {"perceptron-gates": 3.0, "perceptron-learning-rule": 5.0, "xor-by-hand": 5.0, "xor-count-parameters": 3.0}
RULE = "perceptron-learning-rule"

ENDLESS = "def train_perceptron(X, y, epochs):\n    while True:\n        pass"
FORKS = "import os\nwhile True:\n    os.fork()"
MEMORY = "hoard = []\nwhile True:\n    hoard.append(bytearray(2**26))"
PATCHES = """
import builtins, sys
import coursepkg.exercises as exercises
from coursepkg.exercises import checking
import numpy as np
class Always:
    points, attempted, passed = 5.0, True, True
    def __str__(self): return "all right"
for module in (exercises, checking):
    module.grade = module.check = lambda *args, **kwargs: Always()
checking.is_stub = lambda answer: False
checking.Report.points = property(lambda self: 5.0)
np.allclose = np.array_equal = lambda *args, **kwargs: True
grade = check = lambda *args, **kwargs: Always()
my_gates, my_network, my_counts = {"AND": 1}, {"W1": 1}, {"2-2-1": 0}
def train_perceptron(X, y, epochs): return 1, 2, 3
"""
PATCHES_NBGRADER = """
import nbgrader.utils, nbgrader.preprocessors.saveautogrades as save
nbgrader.utils.determine_grade = save.utils.determine_grade = lambda cell, log=None: (5.0, 5.0)
from coursepkg.grading import probe, judge
judge.judge = probe.try_answer = None
"""


@dataclass
class Student:
    """One submission: what is in each file of its folder, and what must come out."""

    name: str | bytes
    files: dict = field(default_factory=dict)
    points: dict = field(default_factory=lambda: dict(FULL))
    why: str = ""
    answered: bool = False


def students(release, *, course, port, late):
    """Return the submissions.

    Parameters
    ----------
    release : NotebookNode
        The released notebook.
    course : path
        The course folder, which some try to reach.
    port : int
        A port of this computer where nobody must call.
    late : str
        A time after the due date.
    """
    text = nbformat.writes
    rule = exercises.find("perceptron/learning-rule").solution_source

    def solved(**changes):
        return answered(release, changes)

    def own(student, **changes):
        """With an answer of the student's own: the same program in other words."""
        assert "weights" in rule
        return solved(**{RULE: rule.replace("weights", f"weights_{student}"), **changes})

    def less(**points):
        return {**FULL, **{name.replace("_", "-"): value for name, value in points.items()}}

    no_rule = less(perceptron_learning_rule=0.0)
    nothing = dict.fromkeys(FULL, 0.0)

    def one(name, notebook, points=None, why="", **options):
        return Student(name, {"hw1.ipynb": text(notebook)}, FULL if points is None else points, why, **options)

    def spoilt(name, source, why="", points=no_rule):
        return one(name, solved(**{RULE: source}), points, why)

    yield one("complete", solved(**{"question-1": "No line separates it."}), why="in words waits", answered=True)
    yield one("empty", release, nothing)
    yield one(
        "half-done",
        own("half", **{"xor-by-hand": None, "xor-count-parameters": None}),
        less(xor_by_hand=0.0, xor_count_parameters=0.0),
    )
    gates = 'my_gates = {"AND": (1, 1, 1.5), "OR": (1, 1, -0.5), "NAND": (-1, -1, 1.5)}'
    yield one("wrong-gates", own("gates", **{"perceptron-gates": gates}), less(perceptron_gates=2.0))
    yield spoilt("wrong-rule", "def train_perceptron(X, y, epochs):\n    return X[0] * 0, 0.0, [0] * epochs")
    chapter = 'my_network = {"W1": [[1, 1], [1, 1]], "b1": [-0.5, -1.5], "w2": [1, -1], "b2": -0.5}'
    yield one("wrong-xor", own("xor", **{"xor-by-hand": chapter}), less(xor_by_hand=4.0))
    counts = 'my_counts = {"2-2-1": 9, "4-3-3": 27, "784-300-100-10": 1}'
    yield one("wrong-counts", own("counts", **{"xor-count-parameters": counts}), less(xor_count_parameters=2.0))

    yield spoilt("syntax-error", "def train_perceptron(X, y, epochs)\n    return 1")
    yield spoilt("exception", "def train_perceptron(X, y, epochs):\n    return X[10**9]")
    yield spoilt("infinite-loop", "while True:\n    pass", "seconds")
    yield spoilt("endless-function", ENDLESS)
    yield spoilt("memory-bomb", MEMORY)
    yield spoilt("os-exit", "import os\ndef train_perceptron(X, y, epochs):\n    os._exit(0)", "ended the kernel")
    yield spoilt("kernel-killed", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "ended the kernel")
    yield spoilt("fork-bomb", FORKS, "cell")

    deletes = f"""
import os, shutil
shutil.rmtree({str(course)!r}, ignore_errors=True)
shutil.rmtree(os.path.expanduser("~"), ignore_errors=True)
"""
    yield spoilt("deletes-files", deletes + rule, points=FULL)

    edited = solved(**{"perceptron-gates": None})
    cell(edited, "perceptron-gates").source = "float(3)"
    yield one("edits-tests", edited, less(perceptron_gates=0.0), "learning-rule needs a look: same as the published")
    patched = solved(**dict.fromkeys(("perceptron-gates", "xor-by-hand", "xor-count-parameters")))
    cell(patched, f"{RULE}-answer").source = PATCHES
    patched.cells.insert(0, nbformat.v4.new_code_cell(PATCHES))
    yield one("patches-check", patched, nothing)
    cheated = solved(**dict.fromkeys((RULE, "perceptron-gates", "xor-by-hand", "xor-count-parameters")))
    cheated.cells.insert(0, nbformat.v4.new_code_cell(PATCHES_NBGRADER))
    for graded in cheated.cells:
        if graded.metadata.get("nbgrader", {}).get("grade"):
            graded.metadata.nbgrader.update(points=500, locked=False, solution=True)
            graded.source = "500.0"
    yield one("patches-nbgrader", cheated, nothing)

    yield spoilt("prints-100-mb", 'print("x" * 100_000_000)\n' + rule, "output", FULL)
    source = str(course / "source" / "hw1" / "hw1.ipynb")
    reads = f"""
from coursepkg.exercises import find
exercise = find("perceptron/learning-rule")
exec(exercise.solution_source)
try:
    train_perceptron = exercise.model_answer()
except KeyError:
    pass
try:
    exec("".join(open({source!r})))
except OSError:
    pass
"""
    yield spoilt("reads-solution", reads)
    calls = f"""
import socket
for address in (("127.0.0.1", {port}), ("192.0.2.1", 80)):
    try:
        socket.create_connection(address, timeout=1).sendall(b"hello")
    except OSError:
        pass
"""
    yield spoilt("opens-socket", calls + rule, points=FULL)

    yield Student("renamed", {"my homework.ipynb": text(solved())}, FULL, "was called my homework.ipynb")
    shorter = solved()
    shorter.cells = [other for other in shorter.cells if other.metadata.get("nbgrader", {}).get("grade_id") != RULE]
    yield one("deleted-cell", shorter, why="was deleted")
    yield Student("not-a-notebook", {"hw1.ipynb": "Dear teacher, my dog ate it.\n"}, nothing, "it is not a notebook")
    heavy = json.loads(text(solved()))
    heavy["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000}]
    yield Student("50-mb", {"hw1.ipynb": json.dumps(heavy)}, FULL, "outputs were dropped")
    yield one(b"ren\xe9", solved(), why="not UTF-8")
    yield Student("late", {"hw1.ipynb": text(solved()), "timestamp.txt": late}, FULL, "late by")
    yield Student("two-notebooks", {"hw1.ipynb": text(solved()), "hw1-Copy1.ipynb": text(release)}, FULL, "not graded")
    windows = own("windows")
    for other in windows.cells:
        other.source = other.source.replace("\n", "\r\n")
    yield Student("windows", {"hw1.ipynb": text(windows).replace("\n", "\r\n")}, FULL)


def answered(release, changes):
    """Return the released notebook with the model answers, or other ones; None leaves the stub."""
    notebook = nbformat.reads(nbformat.writes(release), as_version=4)
    for label in LABELS:
        name = label.replace("/", "-")
        source = changes.get(name, exercises.find(label).solution_source)
        if source is not None:
            cell(notebook, f"{name}-answer").source = source
    if "question-1" in changes:
        cell(notebook, "question-1-answer").source = changes["question-1"]
    return notebook


def cell(notebook, grade_id):
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
