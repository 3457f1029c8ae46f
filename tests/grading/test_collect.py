import codecs
import copy
import json
import os
import sys

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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


# What students do to a notebook, all at once: the collector never fails, and what it returns can be graded.
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(
            ["delete", "copy", "move", "to markdown", "to code", "to raw", "strip", "forge", "edit", "rename"]
        ),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=8,
)
FORGED = [
    None,
    7,
    "x",
    [],
    {},
    {"grade_id": ["a"]},
    {"grade_id": None},
    {"grade_id": "a", "points": -1},
    {"grade_id": "b"},
]
ENCODINGS = [
    ("utf-8", b""),
    ("utf-8", codecs.BOM_UTF8),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
]


def assignment():
    """A released notebook: two exercises in code, and a question in words."""
    question = new_markdown_cell("Your answer.", metadata=cell("q-answer", "", grade=True, solution=True).metadata)
    cells = [new_markdown_cell("Hello"), cell("setup", "import numpy")]
    for name in "ab":
        cells += [cell(f"{name}-answer", "...", solution=True), cell(name, f"grade({name})", grade=True)]
    return new_notebook(cells=[*cells, question])


def changed(released, changes):
    cells = copy.deepcopy(released.cells)
    for kind, first, second in changes:
        if not cells:
            break
        index, place = first % len(cells), second % (len(cells) + 1)
        one = cells[index]
        if kind == "delete":
            cells.pop(index)
        elif kind == "copy":
            cells.insert(place, copy.deepcopy(one))
        elif kind == "move":
            cells.insert(place % len(cells), cells.pop(index))
        elif kind == "strip":
            one.metadata.clear()
        elif kind == "forge":
            one.metadata["nbgrader"] = FORGED[second % len(FORGED)]
        elif kind == "edit":
            one.source = f"x = {second}"
        elif kind == "rename":
            one["id"] = "same"
        else:
            one["cell_type"] = kind.removeprefix("to ")
    return cells


@settings(deadline=None, max_examples=150)
@given(
    CHANGES, st.sampled_from(ENCODINGS), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["ipynb", "IPYNB", "Ipynb"])
)
def test_whatever_was_done_to_the_cells_each_is_graded_once(tmp_path_factory, changes, encoding, end, ending):
    blank = assignment()
    folder = tmp_path_factory.mktemp("submitted") / "ada" / "hw1"
    folder.mkdir(parents=True)
    sent = {"cells": changed(blank, changes), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(sent, indent=1).replace("\n", end)
    (folder / f"hw1.{ending}").write_bytes(encoding[1] + text.encode(encoding[0]))
    found = collect.read(folder, {"hw1": blank})
    assert not any("cannot be graded" in note for note in found.notes)
    notebook = found.notebooks["hw1"]
    nbformat.validate(notebook)
    of = {}
    for index, one in enumerate(notebook.cells):
        if grade_id := one.metadata.get("nbgrader", {}).get("grade_id"):
            assert grade_id not in of
            of[grade_id] = index
    known = {one.metadata.nbgrader.grade_id: one for one in blank.cells if "nbgrader" in one.metadata}
    assert {"a", "b", "q-answer"} <= set(of) <= set(known)
    for grade_id, index in of.items():
        one = notebook.cells[index]
        assert (one.cell_type, one.metadata) == (known[grade_id].cell_type, known[grade_id].metadata)
    for name in "ab":
        assert of[name] > of.get(f"{name}-answer", -1)
    if not changes:
        assert sources(notebook) == sources(blank)
        assert found.notes == []


@settings(deadline=None, max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["cells", "metadata", "cell_type", "source", "nbformat", "nbgrader"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused_with_a_reason(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("submitted") / "ada" / "hw1"
    folder.mkdir(parents=True)
    (folder / "hw1.ipynb").write_text(json.dumps(content))
    found = collect.read(folder, {"hw1": assignment()})
    assert {"a", "b", "q-answer"} <= {
        one.metadata.get("nbgrader", {}).get("grade_id") for one in found.notebooks["hw1"].cells
    }


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        (("...", "x = 1"), "x = 1"),  # the second attempt stands in a copy
        (("x = 1", "..."), "x = 1"),
        (("x = 1", "x = 2"), "x = 2"),
        (("...", "..."), "..."),
    ],
)
def test_of_copied_answers_the_last_that_was_written_counts(folder, released, copies, expected):
    answer = released["hw1"].cells[1]
    sent = copy.deepcopy(released["hw1"])
    sent.cells[1:2] = [nbformat.from_dict({**answer, "id": f"c{n}", "source": text}) for n, text in enumerate(copies)]
    write(folder, sent)
    found = collect.read(folder, released)
    assert found.notes == ["the cell a-answer was there 2 times; the others count as ordinary cells"]
    cells = found.notebooks["hw1"].cells[1:]
    assert [c.source for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == "a-answer"] == [expected]
    assert [c.source for c in cells] == ["Hello", *copies, "grade()"]


def test_a_copied_test_and_one_before_its_answer(folder, released):
    sent = copy.deepcopy(released["hw1"])
    sent.cells = [sent.cells[2], *sent.cells[:2]]
    write(folder, sent)
    found = collect.read(folder, released)
    assert found.notes == ["the graded cell a stood before its answer; it was moved behind it"]
    assert sources(found.notebooks["hw1"])[1:] == ["Hello", "...", "grade()"]
    sent = copy.deepcopy(released["hw1"])
    sent.cells.append(nbformat.from_dict({**sent.cells[2], "id": "twin"}))
    write(folder, sent)
    assert [
        c.metadata.get("nbgrader", {}).get("grade", False)
        for c in collect.read(folder, released).notebooks["hw1"].cells[1:]
    ] == [False, False, False, True]


def test_a_cell_of_another_kind_is_turned_back(folder, released):
    sent = copy.deepcopy(released["hw1"])
    sent.cells[1] = new_markdown_cell("x = 1", metadata=sent.cells[1].metadata)
    write(folder, sent)
    found = collect.read(folder, released)
    assert found.notes == ["the cell a-answer was turned into markdown; it was turned back"]
    assert found.notebooks["hw1"].cells[2].cell_type == "code"


def test_a_date_as_windows_writes_it(folder, released):
    write(folder, released["hw1"])
    (folder / "timestamp.txt").write_bytes("2026-01-02 10:00 UTC\r\n".encode("utf-16"))
    assert collect.read(folder, released).timestamp == "2026-01-02 10:00 UTC"


def test_a_notebook_beside_one_with_another_ending(folder, released):
    write(folder, released["hw1"], "hw1.IPYNB")
    assert collect.read(folder, released).notes == []
    released["hw1"].cells[1].source = "x = 1"
    write(folder, released["hw1"])
    found = collect.read(folder, released)
    assert found.notebooks["hw1"].cells[2].source == "x = 1"
    assert found.notes == ["not graded: hw1.IPYNB"]


def test_a_notebook_as_it_was_written_before_2015(folder, released):
    old = nbformat.convert(copy.deepcopy(released["hw1"]), 3)
    (folder / "hw1.ipynb").write_text(json.dumps(old))
    found = collect.read(folder, released)
    assert found.notes == []
    assert sources(found.notebooks["hw1"]) == ["Hello", "...", "grade()"]
