"""Text is read as any editor leaves it, and a file is the old one or the new one, whatever ends the writer."""

from __future__ import annotations

import codecs
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursepkg import _files
from coursepkg._files import decode, read_text, replacing, write_atomically

LINES = st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=10), min_size=1)
ENCODINGS = {
    "UTF-8": ("utf-8", b""),
    "UTF-8 with a mark": ("utf-8", codecs.BOM_UTF8),
    "UTF-16 LE": ("utf-16-le", codecs.BOM_UTF16_LE),
    "UTF-16 BE": ("utf-16-be", codecs.BOM_UTF16_BE),
}


@settings(deadline=None)  # a busy machine takes its time
@given(LINES.filter(lambda lines: not lines[0].startswith("\ufeff")), st.sampled_from(["\n", "\r\n", "\r"]))
@pytest.mark.parametrize("name", ENCODINGS)
def test_every_editors_text_reads_alike(name, lines, end):
    encoding, mark = ENCODINGS[name]
    assert decode(mark + end.join(lines).encode(encoding)) == "\n".join(lines)


def test_other_encodings_are_an_error(tmp_path):
    (tmp_path / "text").write_bytes("é".encode("latin-1"))
    with pytest.raises(UnicodeDecodeError):
        read_text(tmp_path / "text")


@pytest.mark.parametrize("data", ["two\r\nlines é\n", b"\x00\xff", ""])
def test_what_was_written_is_there_to_the_byte(tmp_path, data):
    for _ in range(2):  # a new file, and one that is replaced
        write_atomically(tmp_path / "[a] b", data)
        assert (tmp_path / "[a] b").read_bytes() == (data.encode() if isinstance(data, str) else data)
    assert os.listdir(tmp_path) == ["[a] b"]


@pytest.mark.skipif(os.name == "nt", reason="links and permissions as POSIX has them")
def test_links_and_permissions_stay(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_error_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, name, error):
    write_atomically(tmp_path / "file", "old")

    def fails(*arguments):
        raise error

    monkeypatch.setattr(_files.os, name, fails)
    with pytest.raises(error):
        write_atomically(tmp_path / "file", "new")
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_an_error_of_the_writer_leaves_the_old_file(tmp_path):
    write_atomically(tmp_path / "file", "old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "file") as file:  # noqa: PT012 (both belong together)
        file.write(b"half of ")
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


WRITER = """
import sys
from coursepkg._files import write_atomically

print("ready", flush=True)
number = 0
while True:
    number += 1
    write_atomically(sys.argv[1], str(number % 10) * 2_000_000)
"""


def test_a_killed_writer_leaves_a_whole_file(tmp_path):
    rng, path = random.Random(1), tmp_path / "file"
    for _ in range(4):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        writer.stdout.readline()
        time.sleep(0.02 + 0.1 * rng.random())
        writer.kill()
        assert writer.wait() in (-signal.SIGKILL if os.name != "nt" else 1, 1)
        writer.stdout.close()
        if path.exists():
            content = path.read_text()
            assert content == content[0] * 2_000_000
    assert path.exists()
