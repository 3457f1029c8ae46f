import json
import os
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

pytest.importorskip("nbgrader")

from coursepkg.grading import collect


def cell(grade_id, source, *, grade=False, solution=False):
    made = new_code_cell(source)
    made.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": not solution,
        "task": False,
        **({"points": 3} if grade else {}),
    }
    return made


@pytest.fixture
def released():
    return {
        "hw1": new_notebook(
            cells=[new_markdown_cell("Hello"), cell("a-answer", "...", solution=True), cell("a", "grade()", grade=True)]
        )
    }


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "submitted" / "ada" / "hw1"
    folder.mkdir(parents=True)
    return folder


def write(folder, notebook, name="hw1.ipynb"):
    (folder / name).write_text(nbformat.writes(notebook), encoding="utf-8")


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_a_good_submission_is_taken_as_it_is(folder, released):
    released["hw1"].cells[1].source = "x = 1"
    write(folder, released["hw1"])
    (folder / "data").mkdir()
    (folder / "data" / "more.csv").write_text("1")
    (folder / "timestamp.txt").write_text("2026-01-02 10:00 UTC\n")
    found = collect.read(folder, released)
    assert (found.student, found.notes, found.timestamp) == ("ada", [], "2026-01-02 10:00 UTC")
    assert found.files == {os.path.join("data", "more.csv"): b"1"}
    assert sources(found.notebooks["hw1"]) == ["Hello", "x = 1", "grade()"]


def test_the_fingerprint_follows_the_content(folder, released):
    write(folder, released["hw1"])
    first = collect.read(folder, released).fingerprint
    os.utime(folder / "hw1.ipynb", (0, 0))
    assert collect.read(folder, released).fingerprint == first
    (folder / "more.txt").write_text("x")
    assert collect.read(folder, released).fingerprint != first


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"dear teacher", "it is not a notebook"),
        (b'{"cells": "\xff"}', "it is not UTF-8"),
        (b"[" * 100_000, "it is not a notebook"),
        (b'{"cells": [{"cell_type": "code"}], "metadata": {}}', "it is not a valid notebook (KeyError)"),
        (b"[1, 2]", "it is not a valid notebook (TypeError)"),
    ],
)
def test_a_file_that_is_no_notebook_is_replaced_by_the_released_one(folder, released, data, reason):
    (folder / "hw1.ipynb").write_bytes(data)
    found = collect.read(folder, released)
    assert found.notes == [f"hw1.ipynb cannot be graded: {reason}"]
    assert reason in found.notebooks["hw1"].cells[0].source
    assert sources(found.notebooks["hw1"])[1:] == ["Hello", "...", "grade()"]


def test_a_missing_notebook(folder, released):
    assert collect.read(folder, released).notes == ["hw1.ipynb cannot be graded: it is missing"]


def test_other_names(folder, released):
    write(folder, released["hw1"], "mine.ipynb")
    assert collect.read(folder, released).notes == ["the notebook was called mine.ipynb instead of hw1.ipynb"]
    write(folder, released["hw1"], "also.ipynb")
    assert "not clear which of also.ipynb, mine.ipynb is meant" in collect.read(folder, released).notes[0]
    write(folder, released["hw1"])
    assert collect.read(folder, released).notes == ["not graded: also.ipynb, mine.ipynb"]


def test_deleted_and_forged_cells(folder, released):
    sent = nbformat.from_dict(json.loads(nbformat.writes(released["hw1"])))
    del sent.cells[2]
    sent.cells[1].metadata["nbgrader"].update(locked=True, points=99, grade=True)
    sent.cells.append(cell("made-up", "500", grade=True))
    write(folder, sent)
    found = collect.read(folder, released)
    assert found.notes == ["the graded cell a was deleted; it was put back"]
    cells = found.notebooks["hw1"].cells[1:]
    assert [c.source for c in cells] == ["Hello", "...", "grade()", "500"]
    assert [c.metadata.get("nbgrader", {}).get("grade") for c in cells] == [None, False, True, None]


def test_a_large_notebook_loses_its_outputs(folder, released):
    sent = json.loads(nbformat.writes(released["hw1"]))
    sent["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 25_000_000}]
    (folder / "hw1.ipynb").write_text(json.dumps(sent))
    found = collect.read(folder, released)
    assert "its outputs were dropped" in found.notes[0]
    assert all(not cell.get("outputs") for cell in found.notebooks["hw1"].cells)
    released["hw1"].cells[1].source = "#" * 2_000_000
    write(folder, released["hw1"])
    assert "its cells hold more than 1 MB" in collect.read(folder, released).notes[0]


@pytest.mark.skipif(sys.platform != "linux", reason="such names and files exist on Linux")
def test_names_links_and_pipes(tmp_path, released):
    folder = os.path.join(os.fsencode(tmp_path), b"submitted", b"ren\xe9", b"hw1")
    os.makedirs(folder)
    write(collect.Path(os.fsdecode(folder)), released["hw1"])
    open(os.path.join(folder, b"menu\xe9.txt"), "w").close()
    os.symlink("/etc/passwd", os.path.join(folder, b"link.txt"))
    os.symlink("/etc", os.path.join(folder, b"dir"))
    os.mkfifo(os.path.join(folder, b"pipe.ipynb"))
    (place,) = collect.submissions(tmp_path, "hw1")
    found = collect.read(place, released)
    assert found.student == "ren\\xe9"
    assert found.files == {}
    said = "\n".join(found.notes)
    for name in ("link.txt", "dir", "pipe.ipynb"):
        assert f"{name} is not a plain file" in said
    assert "menu\\xe9.txt was left out: its name is not UTF-8" in said


def test_a_date_that_is_none(folder, released):
    write(folder, released["hw1"])
    (folder / "timestamp.txt").write_text("yesterday or so")
    found = collect.read(folder, released)
    assert found.timestamp is None
    assert "does not hold a date" in found.notes[0]
