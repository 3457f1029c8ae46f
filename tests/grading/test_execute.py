"""What a submitted cell does to its kernel costs itself, and no other cell."""

from __future__ import annotations

import pytest

pytest.importorskip("nbgrader")

from nbformat.v4 import new_code_cell, new_notebook

from coursepkg.exercises import find
from coursepkg.grading import isolation
from coursepkg.grading.execute import IsolatedExecute
from coursepkg.grading.judge import GradedCell

pytestmark = pytest.mark.skipif(isolation.best_level() != "bubblewrap", reason="run only in bubblewrap")
LABEL = "xor/count-parameters"


def graded(tmp_path, *sources, answer=None):
    """Run cells, then a right answer and its graded cell; return the points as text, and the remarks.

    With ``answer`` the cell of the answer is the assignment's, and holds it if it is a text.
    """
    exercise = find(LABEL)
    cells = [new_code_cell(source) for source in (*sources, exercise.solution_source)]
    if answer:
        cells[-1].metadata["nbgrader"] = {"grade": False, "grade_id": "b", "schema_version": 3, "locked": False}
        cells[-1].metadata["nbgrader"].update(solution=True, task=False)
        cells[-1].source = answer if isinstance(answer, str) else cells[-1].source
    last = new_code_cell(GradedCell(LABEL, exercise.answer_name, 1).source)
    last.metadata["nbgrader"] = {"grade": True, "grade_id": "a", "points": 3, "schema_version": 3, "locked": True}
    last.metadata["nbgrader"].update(solution=False, task=False)
    notebook = new_notebook(cells=[*cells, last])
    done, _ = IsolatedExecute().preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    return done.cells[-1].outputs[-1].data["text/plain"], done.metadata["coursepkg"]["notes"]


@pytest.mark.parametrize("word", ["exit()", "quit()"])
def test_who_leaves_the_kernel_loses_nothing_else(word, tmp_path):
    # The kernel answers first and ends later, while the next cell runs.
    points, notes = graded(tmp_path, word, "import time\ntime.sleep(2)")
    assert points == f"{float(find(LABEL).points)}"
    assert notes == ["cell 1: it ended the kernel"]


def test_an_endless_recursion_is_an_error_and_no_flood_of_output(tmp_path):
    assert graded(tmp_path, "def f(n):\n    return f(n + 1)\n\nf(0)") == (f"{float(find(LABEL).points)}", [])
    flood = "print('x' * 300_000)"
    assert graded(tmp_path, flood)[1] == ["output beyond 200000 characters was dropped"]


def test_without_it_there_is_no_remark(tmp_path):
    assert graded(tmp_path, "import time\ntime.sleep(0.1)") == (f"{float(find(LABEL).points)}", [])


@pytest.mark.parametrize(
    "later",
    [
        "get_ipython().kernel.do_shutdown(False)",
        "import asyncio\nasyncio.get_event_loop().call_later(0.2, asyncio.get_event_loop().stop)",
        "import os, threading\nthreading.Timer(0.5, os._exit, [1]).start()",
    ],
)
def test_a_cell_that_ends_the_kernel_later_costs_no_answer(later, tmp_path):
    exercise = find(LABEL)
    points, notes = graded(tmp_path, later, f"import time\ntime.sleep(1.5)\n{exercise.answer_name} = None", answer=True)
    assert points == f"{float(exercise.points)}"
    assert any("ended the kernel" in note for note in notes)


def test_an_answer_that_ends_the_kernel_is_blamed_with_cells_of_ones_own_or_without(tmp_path):
    for own in ([], ["x = 1"]):
        points, notes = graded(tmp_path, *own, answer="import os\nos._exit(1)")
        assert points == "0.0"
        assert f"cell {len(own) + 1}: it ended the kernel" in notes
