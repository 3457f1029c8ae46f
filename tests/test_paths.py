"""Every command works in a folder of any legal name: brackets, blanks, variables, patterns, other alphabets."""

from __future__ import annotations

import json
import os
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coursepkg import cli
from coursepkg.data import cache, real
from coursepkg.exercises import all_exercises, bank, check, progress
from tests.grading.test_own_exercises import write_files_of_the_page
from tests.names import NAMES, WORST
from tools import exercises, strict, student, timings

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="names as POSIX has them")
SAVED = {
    "ending": st.sampled_from([".md", ".MD"]),
    "mark": st.sampled_from([b"", b"\xef\xbb\xbf"]),
    "end": st.sampled_from([b"\n", b"\r\n"]),
}
# The same names each time; others in the weekly run.
few = settings(
    deadline=None,
    max_examples=15,
    derandomize="COURSE_ALL" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def new_folder(tmp_path_factory):
    """Return a function that makes a folder with a name, in a new one."""

    def made(name):
        folder = tmp_path_factory.mktemp("paths") / name
        folder.mkdir()
        return folder

    return made


@few
@given(NAMES.filter(lambda name: name.strip() and not name.startswith("~")))  # blank: not set; ~name: a home
@example(" a ")
@example("~no such user")
def test_data_and_progress(new_folder, name):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(new_folder(name).parent)
        patch.setenv("COURSE_CACHE_DIR", name)  # as a relative path, so that it begins as it does
        cache.write_arrays("entry", "1", {"x": np.arange(3)})
        assert Path(name, "entry.npz").is_file()
        assert cache.read_arrays("entry", "1")["x"].tolist() == [0, 1, 2]
        assert cli.main(["data", "list"]) == cli.main(["data", "verify"]) == cli.main(["data", "clear"]) == 0
        patch.setenv("COURSE_DATA_DIR", name)
        assert real._data_dir("t", {}) == Path(name)
        patch.setenv("COURSE_PROGRESS_FILE", f"{name}/{name}.json")
        check("xor/count-parameters", {"2-2-1": 9, "4-3-3": 27, "784-300-100-10": 266610}, seed=1)
        assert progress.read()["xor/count-parameters"]["solved"]
        assert Path(name, f"{name}.json").is_file()
        assert cli.main(["exercises", "progress"]) == 0


def book(root, chapter="xor", *, ending=".md", mark=b"", end=b"\n"):
    """Make a clone with one chapter, saved as some editor does."""
    for kind, old, new in (("chapters", ".md", ending), ("notebooks", ".ipynb", ".ipynb")):
        (root / f"book/{kind}/1-neurons").mkdir(parents=True)
        text = (ROOT / f"book/{kind}/1-neurons/xor{old}").read_bytes()
        (root / f"book/{kind}/1-neurons/{chapter}{new}").write_bytes(mark + text.replace(b"\n", end))
    for name in ("coursepkg", "tools"):
        (root / name).mkdir()
    sections = [{"file": f"book/notebooks/1-neurons/{chapter}"}]
    toc = {"root": "book/index", "parts": [{"chapters": [{"file": "book/parts/1-neurons", "sections": sections}]}]}
    (root / "_toc.yml").write_text(yaml.safe_dump(toc))
    (root / "_config.yml").write_text("title: A book\n")


@few
@given(
    NAMES,
    NAMES,
    st.sampled_from([".md", ".MD"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_the_tools_of_the_book(new_folder, clone, target, ending, mark, end):
    root = new_folder(clone)
    book(root, ending=ending, mark=mark, end=end)
    files, problems = exercises.compiled(root)
    assert problems == []
    assert set(json.loads(files[exercises.BANK])["exercises"]) == {n for n in all_exercises() if n.startswith("xor/")}
    assert strict.state(root) == strict.state(root)
    out = new_folder(target)
    student.export(out, html=False, root=root)
    student.export(out, html=False, root=root, replace=True)
    (notebook,) = out.rglob("*.ipynb")
    (chapter,) = (out / "chapters").rglob(f"*{ending}")
    assert "{solution-start}" not in notebook.read_text(encoding="utf-8") + chapter.read_text(encoding="utf-8")
    nbformat.validate(nbformat.read(notebook, as_version=4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timings, "FILE", out / "timings.json")
        timings.keep({"unit": {"wall": 1}})
        assert timings.read(out / "timings.json") == {"unit": {"wall": 1}}


@few
@given(
    NAMES, st.sampled_from([".md", ".MD"]), st.sampled_from([b"", b"\xef\xbb\xbf"]), st.sampled_from([b"\n", b"\r\n"])
)
def test_own_exercises(new_folder, name, ending, mark, end):
    course = new_folder(name)
    write_files_of_the_page(course)
    folder = course / bank.OWN
    for path in list(folder.iterdir()):
        path.write_bytes(mark + path.read_bytes().replace(b"\n", end))
        if path.suffix == ".md":
            path.rename(path.with_suffix(ending))
    assert bank.of_folder(folder)["week1/clip"].load_answers().mistakes
    assert set(bank.without_answers(folder)) == {"bank.json", "week1_cases.py"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(course)
        patch.delenv(bank.FOLDERS, raising=False)
        assert bank.own_folders() == [Path.cwd() / bank.OWN]


def test_assignments(new_folder):
    pytest.importorskip("nbgrader")
    from coursepkg.grading import gradebook
    from coursepkg.grading.grade import Course

    course = new_folder(WORST) / "nn"
    assert cli.main(["assign", "create", "hw1", "xor/count-parameters", f"--course={course}"]) == 0
    assert sorted(path.name for path in course.iterdir()) == ["gradebook.db", "nbgrader_config.py", "release", "source"]
    place = Course(course)
    assert place.course_id == "nn"
    definition = gradebook.definition(place.db_url, "hw1", course_id=place.course_id)
    assert "xor-count-parameters" in repr(definition)
    assert os.listdir(course.parents[1]) == [WORST]
