"""Read what a student handed in, however broken, and return what can be graded together with remarks on it."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from coursepkg._files import decode
from coursepkg.grading.limits import LARGEST_FILES, LARGEST_NOTEBOOK, LARGEST_SOURCE


@dataclass
class Submission:
    """One student's files, cleaned.

    Attributes
    ----------
    student : str
        Name of the student's folder; what is not UTF-8 in it is written as ``\\xNN``.
    notebooks : dict of str to NotebookNode
        By the names that the assignment gives them.
    files : dict of str to bytes
        Other files by their path in the folder.
    timestamp : str, optional
        When it was handed in, if a file says so.
    notes : list of str
        What somebody should know.
    fingerprint : str
        Of everything that was handed in.
    """

    student: str
    notebooks: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    timestamp: str | None = None
    notes: list = field(default_factory=list)
    fingerprint: str = ""


def submissions(course, assignment):
    """Return the folders with submissions of an assignment, sorted by student.

    Parameters
    ----------
    course, assignment : path, str

    Returns
    -------
    list of pathlib.Path
        ``submitted/STUDENT/ASSIGNMENT``.
    """
    root = Path(course) / "submitted"
    if not root.is_dir():
        return []
    found = [folder / assignment for folder in root.iterdir() if (folder / assignment).is_dir()]
    return sorted(found, key=lambda folder: os.fsencode(folder))


def read(folder, released):
    """Read one submission; never raises because of what is in it.

    A notebook that is missing or cannot be read is replaced by the released one, which earns nothing, so that every
    submission takes the same way through nbgrader and gets feedback.

    Parameters
    ----------
    folder : path
        ``submitted/STUDENT/ASSIGNMENT``.
    released : dict of str to NotebookNode
        The students' versions of the assignment's notebooks by name.

    Returns
    -------
    Submission
    """
    folder = Path(folder)
    name = folder.parent.name
    student = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    found = Submission(student)
    if student != name:
        found.notes.append("the name of the folder is not UTF-8; it is graded under the name shown here")
    digest, candidates, size = hashlib.sha256(os.fsencode(name)), {}, 0
    for path in _files(folder):
        relative = str(path.relative_to(folder))
        digest.update(os.fsencode(relative))
        try:
            mode = os.lstat(path)
            if not stat.S_ISREG(mode.st_mode):
                found.notes.append(f"{_shown(relative)} is not a plain file and was left out")
                continue
            digest.update(f"{mode.st_size}".encode())
            if path.suffix.lower() == ".ipynb":
                if not path.with_suffix(".ipynb").exists():  # HW1.IPYNB, as some systems write it
                    relative = str(path.relative_to(folder).with_suffix(".ipynb"))
                if mode.st_size > LARGEST_NOTEBOOK:
                    candidates[relative] = f"it is larger than {LARGEST_NOTEBOOK / 2**20:.0f} MB"
                    continue
                data = path.read_bytes()
                candidates[relative] = data
            else:
                if _shown(relative) != relative or size + mode.st_size > LARGEST_FILES:
                    reason = "its name is not UTF-8" if _shown(relative) != relative else "the files are too large"
                    found.notes.append(f"the file {_shown(relative)} was left out: {reason}")
                    continue
                data = path.read_bytes()
                size += len(data)
                found.files[relative] = data
        except OSError as error:
            found.notes.append(f"{_shown(relative)} cannot be read ({error.strerror})")
            continue
        digest.update(hashlib.sha256(data).digest())
    found.fingerprint = digest.hexdigest()
    found.timestamp = _timestamp(found)
    _choose(found, candidates, released)
    return found


def _files(folder):
    """Yield everything below a folder that is not a folder, in the order of its name; links are not followed."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".ipynb_checkpoints")
        for name in sorted([*files, *(name for name in folders if os.path.islink(os.path.join(parent, name)))]):
            yield Path(parent) / name


def _choose(found, candidates, released):
    """Give each notebook of the assignment its submitted version."""
    parsed = {name: _parse(data) for name, data in candidates.items()}
    readable = {name: nb for name, nb in parsed.items() if isinstance(nb, nbformat.NotebookNode)}
    spare = [name for name in readable if name not in {f"{wanted}.ipynb" for wanted in released}]
    for name, blank in released.items():
        wanted = f"{name}.ipynb"
        taken, notebook = wanted, readable.get(wanted)
        if notebook is None and wanted not in parsed and len(spare) == len(released) == 1:
            taken = spare.pop()
            notebook = readable[taken]
            found.notes.append(f"the notebook was called {_shown(taken)} instead of {wanted}")
        if notebook is None:
            reason = parsed.get(wanted, "it is missing")
            if len(spare) > 1 and wanted not in parsed:
                reason = f"it is missing, and it is not clear which of {', '.join(map(_shown, spare))} is meant"
            found.notes.append(f"{wanted} cannot be graded: {reason}")
            notebook = copy.deepcopy(blank)
        elif len(json.dumps(candidates[taken].decode(errors="replace"))) > 20 * 2**20:
            found.notes.append(f"{wanted} has {len(candidates[taken]) / 2**20:.0f} MB; its outputs were dropped")
        found.notebooks[name] = _repaired(notebook, blank, found)
    if spare:
        found.notes.append(f"not graded: {', '.join(map(_shown, spare))}")
    if found.notes:
        remarks = "\n".join(f"- {note}" for note in found.notes)
        first = next(iter(found.notebooks.values()))
        first.cells.insert(
            0, nbformat.v4.new_markdown_cell(f"**Remarks on what was handed in**\n\n{remarks}", id="remarks")
        )


def _parse(data):
    """Return the notebook in a file's bytes without its outputs, or why there is none."""
    if isinstance(data, str):
        return data
    try:
        raw = json.loads(decode(data))
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except (ValueError, RecursionError):
        return "it is not a notebook"
    try:
        if "worksheets" in raw:  # as notebooks were written before 2015
            raw = nbformat.reads(json.dumps(raw), as_version=4)
        for index, cell in enumerate(raw["cells"]):
            for name in ("attachments", "outputs", "execution_count"):
                cell.pop(name, None)
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
            cell["id"] = f"c{index}"
            source = "".join(cell["source"]).replace("\r\n", "\n").replace("\r", "\n")
            # Text that cannot be written to a file (half of a surrogate pair) would stop nbgrader.
            cell["source"] = source.encode("utf-8", "replace").decode("utf-8")
        if sum(len(cell["source"]) for cell in raw["cells"]) > LARGEST_SOURCE:
            return f"its cells hold more than {LARGEST_SOURCE / 2**20:.0f} MB"
        raw["metadata"] = {key: raw["metadata"][key] for key in ("kernelspec",) if key in raw["metadata"]}
        raw["nbformat_minor"] = 5
        notebook = nbformat.reads(json.dumps(raw), as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # a file that is nearly a notebook fails in many ways
        return f"it is not a valid notebook ({type(error).__name__})"
    return notebook


def _repaired(notebook, blank, found):
    """Return a notebook with each cell that nbgrader knows once, of its kind, a graded one behind its answer."""
    known = {_grade_id(cell): cell for cell in blank.cells if _grade_id(cell)}
    _identify(notebook, known, found)
    _put_back(notebook, known, found)
    _move_behind_answers(notebook, known, found)
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"c{index}"
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _identify(notebook, known, found):
    """Give each known cell its own metadata and kind again, and let copies of it and cells of others be ordinary."""
    places = {}
    for index, cell in enumerate(notebook.cells):
        grade_id = _grade_id(cell)
        if grade_id in known:
            places.setdefault(grade_id, []).append(index)
        else:
            cell.metadata.pop("nbgrader", None)  # ids of other assignments, and made-up ones
    for grade_id, copies in places.items():
        blank = known[grade_id]
        chosen = _chosen([notebook.cells[index] for index in copies], blank)
        if len(copies) > 1:
            found.notes.append(f"the cell {grade_id} was there {len(copies)} times; the others count as ordinary cells")
        for number, index in enumerate(copies):
            cell = notebook.cells[index]
            if number != chosen:
                del cell.metadata["nbgrader"]
                continue
            # What makes a cell an answer or a test is not the student's to decide.
            cell.metadata["nbgrader"] = copy.deepcopy(blank.metadata["nbgrader"])
            if cell.cell_type != blank.cell_type:
                found.notes.append(f"the cell {grade_id} was turned into {cell.cell_type}; it was turned back")
                kind = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[blank.cell_type]
                notebook.cells[index] = kind(cell.source, metadata=cell.metadata)


def _chosen(copies, blank):
    """Return which of several copies counts: the last answer that was written, the last test, else the first."""
    grader = blank.metadata["nbgrader"]
    if grader.get("solution"):
        written = [number for number, cell in enumerate(copies) if cell.source.strip() != blank.source.strip()]
        return written[-1] if written else 0
    return len(copies) - 1 if grader.get("grade") else 0


def _put_back(notebook, known, found):
    """Let the graded cells that were deleted stand again behind the last known cell before them, or at the end."""
    before = None
    for grade_id, cell in known.items():
        places = [index for index, other in enumerate(notebook.cells) if _grade_id(other) == grade_id]
        if not places and cell.metadata["nbgrader"].get("grade"):
            above = [index for index, other in enumerate(notebook.cells) if before and _grade_id(other) == before]
            notebook.cells.insert(above[-1] + 1 if above else len(notebook.cells), copy.deepcopy(cell))
            found.notes.append(f"the graded cell {grade_id} was deleted; it was put back")
            places = [0]
        if places:
            before = grade_id


def _move_behind_answers(notebook, known, found):
    """Move each graded cell behind the answer that it grades, if the student's order has it before."""
    answer = None
    for grade_id, cell in known.items():
        grader = cell.metadata["nbgrader"]
        if grader.get("solution") and not grader.get("grade"):
            answer = grade_id
        elif grader.get("grade") and not grader.get("solution") and answer:
            ids = [_grade_id(other) for other in notebook.cells]
            if answer in ids and ids.index(grade_id) < ids.index(answer):
                moved = notebook.cells.pop(ids.index(grade_id))
                notebook.cells.insert(ids.index(answer), moved)
                found.notes.append(f"the graded cell {grade_id} stood before its answer; it was moved behind it")
            answer = None


def _grade_id(cell):
    grader = cell.metadata.get("nbgrader")
    grade_id = grader.get("grade_id") if isinstance(grader, dict) else None
    return grade_id if isinstance(grade_id, str) else None


def _timestamp(found):
    from nbgrader.utils import parse_utc

    data = found.files.pop("timestamp.txt", b"")
    try:
        text = decode(data).strip()
        if not text:
            return None
        parse_utc(text)
    except (ValueError, OverflowError):
        found.notes.append("timestamp.txt does not hold a date; it was left out")
        return None
    return text


def _shown(name):
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
