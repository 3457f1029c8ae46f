"""The file of progress: what is noted, what is not, and that nothing in it is ever lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import platformdirs
import pytest

from coursepkg.exercises import CheckFailed, check, grade, progress

RIGHT = {"2-2-1": 9, "4-3-3": 27, "784-300-100-10": 266610}
LABEL = "xor/count-parameters"


@pytest.fixture(autouse=True)
def _say_everything_again(monkeypatch):
    monkeypatch.setattr(progress, "_noted", set())


def test_attempts_are_counted_and_the_day_of_success_stays(progress_path):
    with pytest.raises(CheckFailed):
        check(LABEL, {**RIGHT, "4-3-3": 1})
    assert progress.read() == {LABEL: {"attempts": 1, "points": 2.0, "solved": None}}
    check(LABEL, RIGHT)
    with pytest.raises(CheckFailed):
        check(LABEL, {**RIGHT, "2-2-1": 1})
    assert progress.read() == {LABEL: {"attempts": 3, "points": 3.0, "solved": date.today().isoformat()}}
    assert set(json.loads(progress_path.read_text())) == {"exercises"}
    assert os.listdir(progress_path.parent) == ["progress.json"], "no lock and no half of a file is left"


def test_stubs_solutions_of_the_book_and_graded_runs_are_not_noted(progress_path, monkeypatch):
    check(LABEL, None)
    check(LABEL, RIGHT, record=False)
    grade(LABEL, RIGHT)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check(LABEL, RIGHT)
    monkeypatch.delenv("NBGRADER_EXECUTION")
    monkeypatch.setenv("COURSE_PROGRESS_FILE", " ")
    check(LABEL, RIGHT)
    assert progress.read() == {}
    assert not progress_path.exists()


def test_without_the_variable_the_file_lies_in_the_platforms_folder(monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS_FILE")
    assert progress.progress_file() == Path(platformdirs.user_data_dir("coursepkg", appauthor=False), "progress.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1]",
        b'{"exercises": 3}',
        b'{"exercises": {"a/b": 3}}',
        b'{"exercises": {"a/b": {"attempts": "x", "points": 1, "solved": null}}}',
        b'{"exercises": {"a/b": {"attempts": 1, "points": 1}}}',
    ],
)
def test_a_file_that_cannot_be_understood_is_kept_aside(progress_path, content, capsys):
    progress_path.write_bytes(content)
    assert progress.read() == {}
    assert progress_path.read_bytes() == content, "reading changes nothing"
    check(LABEL, RIGHT)
    assert progress.read()[LABEL]["solved"]
    (aside,) = progress_path.parent.glob("progress-unreadable-*.json")
    assert aside.read_bytes() == content
    assert "could not be understood; it is kept as progress-unreadable-" in capsys.readouterr().err


def test_exercises_of_another_version_of_the_course_are_kept(progress_path):
    other = {"gone/exercise": {"attempts": 2, "points": 1, "solved": "2020-01-01"}}
    progress_path.write_text(json.dumps({"exercises": other}))
    check(LABEL, RIGHT)
    assert progress.read()["gone/exercise"] == other["gone/exercise"]


def test_a_folder_that_cannot_be_written_costs_one_line(tmp_path, monkeypatch, capsys):
    # A file where the folder should be: root, who may write everywhere, cannot write there either.
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_PROGRESS_FILE", str(tmp_path / "file" / "progress.json"))
    check(LABEL, RIGHT)
    check(LABEL, RIGHT)
    assert capsys.readouterr().err.count("Note: progress could not be kept in") == 1
    assert progress.read() == {}


def test_a_write_that_fails_leaves_the_old_file(progress_path, monkeypatch):
    check(LABEL, RIGHT)
    before = progress_path.read_bytes()

    def no_space(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(progress.os, "replace", no_space)
    check(LABEL, RIGHT)
    assert progress_path.read_bytes() == before
    assert os.listdir(progress_path.parent) == ["progress.json"]


def test_notebooks_that_check_at_the_same_time_lose_nothing(progress_path):
    code = f"from coursepkg.exercises import check\nfor _ in range(20): check({LABEL!r}, {RIGHT!r})"
    runs = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert progress.read()[LABEL]["attempts"] == 60


def test_the_lock_of_a_notebook_that_was_killed_is_taken_over(progress_path, monkeypatch):
    monkeypatch.setattr(progress, "_PATIENCE", 0.1)
    lock = progress_path.with_name(".progress.json.lock")
    lock.write_text("")
    check(LABEL, RIGHT)
    assert progress.read()[LABEL]["attempts"] == 1
    assert not lock.exists()


def test_a_lock_that_is_held_is_waited_for(progress_path):
    lock = progress_path.with_name(".progress.json.lock")
    lock.write_text("")
    threading.Timer(0.2, lock.unlink).start()
    started = time.monotonic()
    check(LABEL, RIGHT)
    assert 0.15 < time.monotonic() - started < 1.5
    assert progress.read()[LABEL]["attempts"] == 1


def test_nothing_is_sent_anywhere():
    source = Path(progress.__file__).read_text(encoding="utf-8")
    assert not {"socket", "urllib", "http", "requests", "pooch"} & set(source.replace(".", " ").split())
