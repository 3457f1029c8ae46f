import errno
import io
import os
import socket
import subprocess
import sys
import time

import pytest

from coursepkg.data import DataUnavailableError, real
from tests.data.mirror import CONTENT, FILES, FIRST, LABELS, cached

pytestmark = pytest.mark.usefixtures("offline")


def read(*mirrors, timeout=5.0, deadline=5.0):
    return real.read_fashion(mirrors=mirrors, timeout=timeout, deadline=deadline)


def assert_right(splits):
    assert (splits["train"][0] == CONTENT).all()
    assert (splits["train"][1] == LABELS).all()
    assert (splits["test"][0] == CONTENT[:9]).all()
    assert (splits["test"][1] == LABELS[:9]).all()


def test_the_published_checksums_and_mirrors():
    import importlib.util

    # A fresh copy of the module: the sandbox has replaced the checksums.
    spec = importlib.util.spec_from_file_location("fresh", real.__file__)
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    assert [checksum[:8] for checksum in fresh.FASHION_FILES.values()] == [
        "3aede38d",
        "a04f1713",
        "346e55b9",
        "67da17c7",
    ]
    assert all(len(checksum) == 64 for checksum in [*fresh.FASHION_FILES.values(), *fresh.HOUSING_FILES.values()])
    for mirrors in (fresh.FASHION_MIRRORS, fresh.HOUSING_MIRRORS):
        hosts = {mirror.split("/")[2] for mirror in mirrors}
        assert len(hosts) == len(mirrors) >= 2


def test_download_then_cache(server, address, capsys):
    splits, origin = read(address("good"))
    assert_right(splits)
    assert origin == "127.0.0.1"
    assert cached() == sorted(FILES)
    assert server.asked == [f"/good/{name}" for name in FILES]
    server.asked.clear()
    splits, origin = read(address("good"))
    assert_right(splits)
    assert origin == "the download cache"
    assert server.asked == []
    assert capsys.readouterr() == ("", "")  # no terminal, no bar; and pooch is quiet


def test_a_redirect_is_followed(address):
    assert_right(read(address("moved"))[0])


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("missing", r"HTTP status 404 \(Not Found\)"),
        ("broken", r"HTTP status 500 \(Internal Server Error\)"),
        ("circle", r"HTTP status 302 \(.*infinite loop"),
        ("silent", "no answer for 0.3 seconds"),
        ("drip", r"too slow: [\d,]+ bytes in 0.4 seconds"),
        ("truncated", r"the connection broke off after [\d,]+ of [\d,]+ bytes"),
        ("unsized", "the file that arrived has the wrong checksum"),
        ("altered", "the file that arrived has the wrong checksum"),
        ("html", "a web page came instead of the file"),
        ("text", "what came is not a gzip file"),
        ("empty", "the answer was empty"),
        ("nonsense", "BadStatusLine"),
    ],
)
def test_each_fault_is_named_leaves_nothing_and_the_next_mirror_is_tried(address, way, message):
    with pytest.raises(DataUnavailableError, match=message):
        read(address(way), timeout=0.3, deadline=0.4)
    assert cached() == []
    splits, _ = read(address(way), address("good"), timeout=0.3, deadline=0.4)
    assert_right(splits)
    assert cached() == sorted(FILES)


def test_the_mirror_that_delivered_is_asked_first_for_the_next_file(server, address):
    read(address("missing"), address("good"))
    assert server.asked == [f"/missing/{FIRST}", *(f"/good/{name}" for name in FILES)]


def test_connection_refused():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(DataUnavailableError, match=f"127.0.0.1:{port}/.*: connection refused"):
        read(f"http://127.0.0.1:{port}/{{name}}")


def test_dns_failure(address):
    with pytest.raises(DataUnavailableError, match="the name of the host is unknown"):
        read("http://mirror.invalid/{name}")
    assert_right(read("http://mirror.invalid/{name}", address("good"))[0])


def test_bad_certificates_are_explained(server):
    with pytest.raises(DataUnavailableError, match="no trusted connection"):
        read(f"https://127.0.0.1:{server.server_port}/good/{{name}}")


def test_the_error_says_what_failed_what_was_tried_and_the_two_ways_on(address):
    with pytest.raises(DataUnavailableError) as caught:
        read(address("missing"), address("html"))
    text = str(caught.value)
    first, tried, one, two, ways, by_hand, generated = text.split("\n")
    assert first == f"The original Fashion-MNIST data cannot be had: {FIRST} could not be downloaded."
    assert tried == "Tried:"
    assert one == f"  - {address('missing').format(name=FIRST)}: HTTP status 404 (Not Found)"
    assert two.startswith(f"  - {address('html').format(name=FIRST)}: a web page")
    assert ways == "Two ways on:"
    assert all(name in by_hand for name in [*FILES, "COURSE_DATA_DIR"])
    assert 'source="generated"' in generated


def test_several_mirrors_are_named_together(server, address):
    name = list(FILES)[2]
    only_one = address("good").replace("{name}", name)
    real.read_fashion(mirrors=[address("good")])
    (real.real_folder() / name).unlink()
    splits, origin = read(only_one)
    assert_right(splits)
    assert origin == "the download cache and 127.0.0.1"


def test_a_damaged_file_in_the_cache_is_replaced_or_reported(server, address):
    read(address("good"))
    path = real.real_folder() / FIRST
    path.write_bytes(path.read_bytes()[:-10])
    server.asked.clear()
    assert_right(read(address("good"))[0])
    assert server.asked == [f"/good/{FIRST}"]
    path.write_bytes(b"")
    with pytest.raises(DataUnavailableError, match="HTTP status 404"):
        read(address("missing"))


def test_a_full_disk_ends_the_attempt_with_advice(monkeypatch, address, server):
    class Full(io.FileIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(real, "open", lambda path, mode: Full(path, mode), raising=False)
    monkeypatch.setattr(real, "is_intact", lambda path, sha256: False)
    with pytest.raises(DataUnavailableError, match="(?s)No space left on device.*COURSE_CACHE_DIR.*Two ways on"):
        read(address("good"), address("good"))
    assert server.asked == [f"/good/{FIRST}"]
    assert cached() == []


def test_a_cache_that_cannot_be_written_is_explained(tmp_path, monkeypatch, address):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(
        DataUnavailableError, match="(?s)cannot be used.*COURSE_CACHE_DIR to a folder that you can write"
    ):
        read(address("good"))


KILLED = """
import sys
from coursepkg.data import real
real.FASHION_FILES = eval(sys.argv[2])
real.read_fashion(mirrors=[sys.argv[1]])
"""


def start(address, way):
    arguments = [sys.executable, "-c", KILLED, address(way), repr(real.FASHION_FILES)]
    return subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True)


def test_a_download_killed_half_way_does_no_harm(address):
    process = start(address, "stuck")
    give_up = time.monotonic() + 20
    while not any(path.stat().st_size for path in real.real_folder().glob("tmp*")):
        assert time.monotonic() < give_up, process.communicate()
        time.sleep(0.02)
    process.kill()
    process.communicate()
    [left] = cached()
    assert left != FIRST
    assert real.unfinished_downloads() == [real.real_folder() / left]
    assert_right(read(address("good"))[0])
    assert left in cached()  # an hour later it goes
    os.utime(real.real_folder() / left, (time.time() - 7200,) * 2)
    (real.real_folder() / FIRST).unlink()
    assert_right(read(address("good"))[0])
    assert cached() == sorted(FILES)


def test_two_processes_at_once(address):
    both = [start(address, "good") for _ in range(2)]
    errors = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    assert cached() == sorted(FILES)
    assert_right(read(address("missing"))[0])


@pytest.mark.parametrize("subfolder", ["", "fashion-mnist", "FashionMNIST/raw"])
def test_files_that_a_student_has_are_used(tmp_path, monkeypatch, server, address, subfolder):
    folder = tmp_path / "mine" / subfolder
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "mine"))
    splits, origin = read(address("good"))
    assert_right(splits)
    assert origin == "COURSE_DATA_DIR"
    assert server.asked == []
    assert cached() == []


def test_damaged_files_of_a_student_are_named_and_kept(tmp_path, monkeypatch, address):
    (tmp_path / FIRST).write_bytes(FILES[FIRST][:-1])
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    with pytest.raises(DataUnavailableError, match=f"{FIRST} in COURSE_DATA_DIR cannot be used .*wrong checksum"):
        read(address("good"))
    assert (tmp_path / FIRST).exists()


def test_a_folder_with_other_files_does_not_stop_the_download(tmp_path, monkeypatch, address):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    assert read(address("good"))[1] == "127.0.0.1"


def test_a_data_folder_that_is_none_is_an_error(tmp_path, monkeypatch, address):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "missing"))
    with pytest.raises(DataUnavailableError, match="COURSE_DATA_DIR names .*missing, which is not a folder"):
        read(address("good"))


def test_a_terminal_gets_a_progress_bar(address, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    read(address("good"))
    assert FIRST in screen.getvalue()
    assert "100%" in screen.getvalue()
