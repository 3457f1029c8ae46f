"""A run of grading that ends half-way knows afterwards what it had not finished."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import nbformat
import pytest

pytest.importorskip("nbgrader")

from coursepkg.grading import grade as grading
from coursepkg.grading import report
from coursepkg.grading.job import Result

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one submission, whose grading is a stand-in and whose gradebook is a list."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    for folder in ("release", "submitted/ada"):
        (tmp_path / folder / "hw1").mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(), tmp_path / folder / "hw1/hw1.ipynb")
    merged = []
    result = Result("ada", {}, {"hw1.ipynb": b"graded"}, {"hw1.html": b"page"}, isolation="limits")
    monkeypatch.setattr(grading, "_run_here", lambda todo, n_jobs: ((job, result) for job in todo))
    monkeypatch.setattr(grading, "_open", lambda place: SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(grading.isolation, "choose_level", lambda level, allow_root: "limits")
    monkeypatch.setattr(grading.gradebook, "definition", lambda *arguments, **options: {})
    monkeypatch.setattr(grading.gradebook, "merge", lambda book, *arguments, **options: merged.append(arguments))
    monkeypatch.setattr(grading.gradebook, "table", lambda *arguments, **options: [])
    monkeypatch.setattr(report, "write", lambda *arguments: None)
    return tmp_path, merged


def test_what_was_graded_is_not_graded_again_unless_that_is_wanted(course):
    folder, merged = course
    for force, graded in ((False, ["ada"]), (False, []), (True, ["ada"])):
        assert grading.grade("hw1", course=folder, force=force).graded == graded
    assert len(merged) == 2


@pytest.mark.parametrize("step", ["merge", "_replace"])
def test_a_run_that_ends_while_it_replaces_old_grades_is_made_up_for(course, monkeypatch, step):
    folder, merged = course
    grading.grade("hw1", course=folder)
    state = folder / "grades/hw1/state.json"
    assert list(json.loads(state.read_text())) == ["ada"]

    def ends(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):  # noqa: PT012
        patch.setattr(grading.gradebook if step == "merge" else grading, step, ends)
        grading.grade("hw1", course=folder, force=True)
    assert json.loads(state.read_text()) == {}
    assert grading.grade("hw1", course=folder).graded == ["ada"]
    assert (folder / "autograded/ada/hw1/hw1.ipynb").read_bytes() == b"graded"
