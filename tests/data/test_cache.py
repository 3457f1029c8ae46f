import errno
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pooch
import pytest

from coursepkg.data import cache

ARRAYS = {"images": np.arange(5000, dtype=np.uint8).reshape(50, 100), "labels": np.arange(50, dtype=np.uint8)}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(cache, "_noted", set())
    return tmp_path / "cache"


def assert_same(found):
    assert found.keys() == ARRAYS.keys()
    for key, array in ARRAYS.items():
        assert found[key].dtype == array.dtype
        assert (found[key] == array).all()


def test_the_folder_is_the_platforms_unless_it_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_CACHE_DIR", raising=False)
    assert cache.cache_folder() == pooch.os_cache("coursepkg")
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path))
    assert cache.cache_folder() == tmp_path
    monkeypatch.setenv("COURSE_CACHE_DIR", "~/somewhere")
    assert "~" not in str(cache.cache_folder())


def test_what_was_written_is_read(folder, capsys):
    assert cache.read_arrays("entry", "1") is None
    cache.write_arrays("entry", "1", ARRAYS)
    assert_same(cache.read_arrays("entry", "1"))
    assert os.listdir(folder) == ["entry.npz"]
    assert capsys.readouterr() == ("", "")


def test_an_entry_of_another_version_counts_as_absent_and_is_replaced(folder):
    cache.write_arrays("entry", "1", {"images": np.zeros(3)})
    assert cache.read_arrays("entry", "2") is None
    cache.write_arrays("entry", "2", ARRAYS)
    assert_same(cache.read_arrays("entry", "2"))


def test_no_damage_yields_wrong_data(folder):
    cache.write_arrays("entry", "1", ARRAYS)
    path = folder / "entry.npz"
    whole = path.read_bytes()
    rejected = 0
    for position in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 0x10
        path.write_bytes(damaged)
        found = cache.read_arrays("entry", "1")
        if found is None:
            rejected += 1
        else:  # a time stamp or another byte without a meaning
            assert_same(found)
    assert rejected > 0.8 * len(whole) / 7


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>no</html>", os.urandom(1000)])
def test_files_that_are_no_archives_count_as_absent(folder, content):
    folder.mkdir()
    (folder / "entry.npz").write_bytes(content)
    assert cache.read_arrays("entry", "1") is None
    cache.write_arrays("entry", "1", ARRAYS)
    assert_same(cache.read_arrays("entry", "1"))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_truncated_files_count_as_absent(folder, share):
    cache.write_arrays("entry", "1", ARRAYS)
    path = folder / "entry.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert cache.read_arrays("entry", "1") is None


def test_pickles_are_never_loaded(folder):
    folder.mkdir()
    np.savez(folder / "entry.npz", version=np.array("1"), images=np.array([{}], dtype=object))
    assert cache.read_arrays("entry", "1") is None


def test_a_full_disk_costs_one_line_and_leaves_nothing(folder, monkeypatch, capsys):
    def full(file, **arrays):
        file.write(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    cache.write_arrays("entry", "1", ARRAYS)
    cache.write_arrays("entry", "1", ARRAYS)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "could not be kept" in err
    assert "No space left on device" in err
    assert os.listdir(folder) == []


def test_a_full_disk_leaves_the_old_entry(folder, monkeypatch):
    cache.write_arrays("entry", "1", ARRAYS)

    def full(file, **arrays):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    cache.write_arrays("entry", "1", {"images": np.zeros(1)})
    assert_same(cache.read_arrays("entry", "1"))


def test_a_folder_that_cannot_be_made_costs_one_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(cache, "_noted", set())
    assert cache.read_arrays("entry", "1") is None
    cache.write_arrays("entry", "1", ARRAYS)
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user whom permissions stop")
def test_a_read_only_folder_costs_one_line(folder, capsys):
    folder.mkdir()
    folder.chmod(0o500)
    cache.write_arrays("entry", "1", ARRAYS)
    assert "Permission denied" in capsys.readouterr().err


def test_an_interrupt_while_writing_leaves_nothing_and_is_not_swallowed(folder, monkeypatch):
    def interrupted(file, **arrays):
        file.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cache.write_arrays("entry", "1", ARRAYS)
    assert os.listdir(folder) == []


KILLED = """
import sys, time
import numpy as np
from coursepkg.data import cache

def slow(file, **arrays):
    file.write(b"PK half of it")
    file.flush()
    print("writing", flush=True)
    time.sleep(60)

np.savez = slow
cache.write_arrays("entry", "1", {"images": np.zeros(10)})
"""


def test_a_writer_killed_half_way_does_no_harm(folder):
    writer = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == "writing\n"
    writer.kill()  # SIGKILL: no chance to clean up
    writer.communicate()
    [left] = os.listdir(folder)
    assert left.endswith(".part")
    assert cache.read_arrays("entry", "1") is None

    cache.write_arrays("entry", "1", ARRAYS)
    assert_same(cache.read_arrays("entry", "1"))
    assert left in os.listdir(folder)  # it could belong to a writer that is still alive
    hours_ago = time.time() - 7200
    os.utime(folder / left, (hours_ago, hours_ago))
    cache.write_arrays("entry", "1", ARRAYS)
    assert os.listdir(folder) == ["entry.npz"]


def test_readers_beside_writers_see_whole_entries_only(folder):
    cache.write_arrays("entry", "1", ARRAYS)
    stop = threading.Event()

    def write():
        while not stop.is_set():
            cache.write_arrays("entry", "1", ARRAYS)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(200):
            found = cache.read_arrays("entry", "1")
            assert found is not None
            assert_same(found)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert os.listdir(folder) == ["entry.npz"]
