"""What runs beside a submission holds no answers: whoever searches it, for every exercise, earns nothing.

The submission forwards to every reference, runs every file that defines the answer's name, and looks through modules,
objects and stack frames. That it would find what is there is shown by the same search where answers are.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from nbformat.v4 import new_code_cell, new_notebook

from coursepkg.exercises import all_exercises
from coursepkg.grading import isolation
from coursepkg.grading.execute import IsolatedExecute
from coursepkg.grading.judge import GradedCell

pytestmark = pytest.mark.skipif(isolation.best_level() != "bubblewrap", reason="only bubblewrap hides files")
EXERCISES = all_exercises()

SEARCH = '''
import gc, importlib, json, marshal, os, sys

def files():
    """Everything of the package that can be read here, wherever it lies."""
    roots = {os.path.dirname(os.path.abspath(p)) for m in list(sys.modules.values())
             if (p := getattr(m, "__file__", None)) and "coursepkg" in str(p)}
    roots |= {os.path.join(p, "coursepkg") for p in sys.path} | {HERE}
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                yield os.path.join(folder, name)

TEXTS = None

def texts():
    global TEXTS
    if TEXTS is None:
        TEXTS = {}
        for path in files():
            try:
                data = open(path, "rb").read()
            except OSError:
                continue
            if path.endswith((".py", ".json", ".md", ".ipynb", ".txt")):
                TEXTS[path] = data.decode("utf-8", "ignore")
            elif path.endswith(".pyc"):
                try:
                    TEXTS[path] = marshal.loads(data[16:])
                except (ValueError, EOFError, TypeError):
                    pass
    return TEXTS

def run(source, name):
    space = {"__name__": "found"}
    try:
        exec(source, space)
    except BaseException:
        pass
    return [space[name]] if name in space else []

def found(label, name):
    chapter, own = (part.replace("-", "_") for part in label.split("/"))
    # Modules: the reference, whatever is called like the answer, and what the exercise itself offers.
    for room in ("answers", "cases", ""):
        try:
            module = importlib.import_module(".".join(p for p in ("coursepkg.exercises", room, chapter) if p))
        except ImportError:
            continue
        holder = getattr(module, own, None)
        yield getattr(holder, "reference", None)
        yield getattr(module, name, None)
    try:
        exercise = importlib.import_module("coursepkg.exercises").find(label)
        yield from run(exercise.solution_source, name)
        yield exercise.answers.reference
    except Exception:
        pass
    # Files: programs that define the answer, and data that hold one.
    for path, text in texts().items():
        if not isinstance(text, str):
            yield from run(text, name) if "exercises" in path else ()
        elif path.endswith(".py") and "exercises" in path and name in text:
            yield from run(text, name)
        elif path.endswith(".json"):
            try:
                data = json.loads(text)
            except ValueError:
                continue
            for entry in (data, data.get("exercises", {})) if isinstance(data, dict) else ():
                entry = entry.get(label, {})
                if isinstance(entry, dict) and "right" in entry:
                    yield entry["right"]  # of a question
                source = entry if isinstance(entry, str) else entry.get("solution_source", "")
                yield from run(source, name)
    # What lives in this process.
    frame = sys._getframe()
    while frame is not None:
        for value in (*frame.f_locals.values(), *frame.f_globals.values()):
            yield getattr(value, "reference", None) if type(value).__name__ in ("Answers", "Exercise") else None
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing).__name__ == "Answers":
            yield thing.reference
        elif isinstance(thing, dict) and isinstance(thing.get(label), str) and name in thing[label]:
            yield from run(thing[label], name)

def forward(label, name):
    """An answer that tries all that it finds."""
    def answer(*arguments, **options):
        for candidate in found(label, name):
            try:
                result = candidate(*arguments, **options)
            except BaseException:
                continue
            if result is not None:
                return result
        raise RuntimeError("nothing found")
    return answer

def value(label, name):
    """The first thing found that is no function: for exercises whose answer is a value."""
    return next((c for c in found(label, name) if c is not None and not callable(c)), {})
'''


def cells(labels):
    """The submission's cells: the search, then for each exercise an answer and the graded cell."""
    package = str(isolation._PACKAGE)
    yield new_code_cell(f"HERE = {package!r}\n{SEARCH}")
    for label in labels:
        exercise = EXERCISES[label]
        is_value = "def " not in exercise.stub and "class " not in exercise.stub
        kind = "value" if is_value else "forward"
        yield new_code_cell(f"{exercise.answer_name} = {kind}({label!r}, {exercise.answer_name!r})")
        cell = new_code_cell(GradedCell(label, exercise.answer_name, 7).source)
        name = label.replace("/", "-")
        cell.metadata["nbgrader"] = {"grade": True, "grade_id": name, "points": exercise.points, "locked": True}
        cell.metadata["nbgrader"].update(schema_version=3, solution=False, task=False)
        yield cell


def test_a_submission_that_searches_everything_earns_nothing(tmp_path):
    notebook = new_notebook(cells=list(cells(EXERCISES)))
    step = IsolatedExecute()
    step.total_seconds = 900
    done, _ = step.preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    graded = [cell for cell in done.cells if cell.metadata.get("nbgrader")]
    assert len(graded) == len(EXERCISES) >= 77
    earned = {
        cell.metadata.nbgrader.grade_id: output.data["text/plain"]
        for cell in graded
        for output in cell.outputs
        if output.output_type == "execute_result" and float(output.data["text/plain"]) > 0
    }
    assert earned == {}
    tried = [cell for cell in graded if any(output.output_type == "execute_result" for output in cell.outputs)]
    assert len(tried) == len(graded), "each must have been judged, not only have failed to run"


@pytest.mark.parametrize(
    "label",
    ["optimizers/adam-step", "optimizers/steps-needed", "perceptron/gates", "perceptron/hard", "xor/by-hand"],
)
def test_the_search_finds_answers_where_they_are(label, tmp_path):
    exercise = EXERCISES[label]
    kind = "value" if "def " not in exercise.stub else "forward"
    program = f"HERE = {str(isolation._PACKAGE)!r}\n{SEARCH}\nfrom coursepkg.exercises import grade\n"
    program += f"print(grade({label!r}, {kind}({label!r}, {exercise.answer_name!r}), seed=7).points)"
    environment = {**os.environ, "PYTHONPATH": str(Path(isolation._PACKAGE).parent)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == f"{float(exercise.points)}\n", done.stderr
