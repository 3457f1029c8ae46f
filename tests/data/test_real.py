import errno
import gzip
import hashlib
import http.server
import io
import os
import socket
import struct
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from coursepkg.data import DataUnavailableError, generate_housing, real

CONTENT = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
LABELS = np.arange(40, dtype=np.uint8) % 10


def idx(array):
    header = b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


FILES = {
    "train-images-idx3-ubyte.gz": idx(CONTENT),
    "train-labels-idx1-ubyte.gz": idx(LABELS),
    "t10k-images-idx3-ubyte.gz": idx(CONTENT[:9]),
    "t10k-labels-idx1-ubyte.gz": idx(LABELS[:9]),
}
FIRST = "train-images-idx3-ubyte.gz"


def archive_of(X, y):
    """Pack a table as the original is packed: longitude, latitude, age, totals of rooms …, income, price in dollars."""
    households = np.rint(X[:, 4] / X[:, 5])
    columns = [
        X[:, 7],
        X[:, 6],
        X[:, 1],
        X[:, 2] * households,
        X[:, 3] * households,
        X[:, 4],
        households,
        X[:, 0],
        y * 1e5,
    ]
    text = "\n".join(",".join(f"{value:.6f}" for value in row) for row in np.column_stack(columns)).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("CaliforniaHousing/cal_housing.data")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return buffer.getvalue()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serve FILES under /good, and misbehave in one way under each other folder."""

    def do_GET(self):
        self.server.asked.append(self.path)
        _, way, name = self.path.split("/", 2)
        body = self.server.files.get(name, b"")
        getattr(self, f"do_{way}")(name, body)

    def do_good(self, name, body):
        self.answer(200, body)

    def do_missing(self, name, body):
        self.answer(404, b"not here")

    def do_broken(self, name, body):
        self.answer(500, b"sorry")

    def do_moved(self, name, body):
        self.answer(302, b"", Location=f"/good/{name}")

    def do_circle(self, name, body):
        self.answer(302, b"", Location=f"/circle/{name}")

    def do_silent(self, name, body):
        self.server.stop.wait(10)

    def do_drip(self, name, body):
        self.answer(200, b"", **{"Content-Length": str(len(body))})
        for byte in body[:1000]:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.stop.wait(0.02):
                return

    def do_stuck(self, name, body):
        self.answer(200, body[: len(body) // 2], **{"Content-Length": str(len(body))})
        self.server.stop.wait(30)

    def do_truncated(self, name, body):
        self.answer(200, body[: len(body) // 2], **{"Content-Length": str(len(body))})

    def do_unsized(self, name, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])

    def do_altered(self, name, body):
        self.answer(200, body[:-9] + bytes([body[-9] ^ 1]) + body[-8:])

    def do_html(self, name, body):
        self.answer(200, b"<!DOCTYPE html><title>Log in</title>", **{"Content-Type": "text/html"})

    def do_text(self, name, body):
        self.answer(200, b"version https://git-lfs.github.com/spec/v1")

    def do_empty(self, name, body):
        self.answer(200, b"")

    def do_nonsense(self, name, body):
        self.wfile.write(b"this is not HTTP\r\n\r\n")

    def answer(self, status, body, **headers):
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is what some tests are about."""


@pytest.fixture(scope="module")
def server():
    with Server(("127.0.0.1", 0), Handler) as server:
        server.asked, server.stop, server.files = [], threading.Event(), dict(FILES)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.stop.set()
        server.shutdown()


@pytest.fixture(autouse=True)
def _sandbox(tmp_path, monkeypatch, server):
    """An empty cache, the small files' checksums, no proxy, and nothing beyond this computer."""
    server.asked.clear()
    for name in ("COURSE_DATA_DIR", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    monkeypatch.setattr(real, "FASHION_FILES", checksums)
    look_up = socket.getaddrinfo

    def only_here(host, *args, **kwargs):
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", only_here)


@pytest.fixture
def address(server):
    return lambda way: f"http://127.0.0.1:{server.server_port}/{way}/{{name}}"


def read(*mirrors, timeout=5.0, deadline=5.0):
    return real.read_fashion(mirrors=mirrors, timeout=timeout, deadline=deadline)


def assert_right(splits):
    assert (splits["train"][0] == CONTENT).all()
    assert (splits["train"][1] == LABELS).all()
    assert (splits["test"][0] == CONTENT[:9]).all()
    assert (splits["test"][1] == LABELS[:9]).all()


def cached():
    folder = real.real_folder()
    return sorted(os.listdir(folder)) if folder.exists() else []


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


def test_the_housing_checksum_is_scikit_learns():
    from sklearn.datasets import _california_housing

    assert {_california_housing.ARCHIVE.filename: _california_housing.ARCHIVE.checksum} == real.HOUSING_FILES


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


@pytest.fixture(scope="module")
def housing():
    """A table with the size of the original, its archive, and the checksum of what scikit-learn makes of it."""
    return archive_of(*generate_housing())


@pytest.fixture
def housing_known(housing, monkeypatch, server):
    """Let the small world's archive be the right one."""
    from sklearn.datasets import _california_housing

    checksum = hashlib.sha256(housing).hexdigest()
    monkeypatch.setattr(real, "HOUSING_FILES", {"cal_housing.tgz": checksum})
    ours = _california_housing.ARCHIVE._replace(checksum=checksum, url="http://127.0.0.1:9/never")
    monkeypatch.setattr(_california_housing, "ARCHIVE", ours)
    monkeypatch.setitem(server.files, "cal_housing.tgz", housing)

    def table_checksum(data_home):
        table = _california_housing.fetch_california_housing(data_home=str(data_home))
        return hashlib.sha256(table.data.tobytes(order="C") + table.target.tobytes()).hexdigest()

    return table_checksum


@pytest.fixture
def scikit_learn_cache(tmp_path, housing, housing_known, monkeypatch):
    folder = tmp_path / "scikit_learn_data"
    folder.mkdir()
    (folder / "cal_housing.tgz").write_bytes(housing)
    monkeypatch.setattr(real, "HOUSING_TABLE", housing_known(folder))
    assert os.listdir(folder) == ["cal_housing_py3.pkz"]
    return folder


def test_housing_is_downloaded_and_read_by_scikit_learn(scikit_learn_cache, server, address):
    X, y, origin = real.read_housing(mirrors=[address("missing"), address("good")])
    X_expected, y_expected = generate_housing()
    assert np.allclose(X, X_expected, rtol=1e-6)
    assert np.allclose(y, y_expected)
    assert origin == "127.0.0.1"
    assert cached() == ["cal_housing.tgz"]
    server.asked.clear()
    again = real.read_housing(mirrors=[address("good")])
    assert (again[0] == X).all()
    assert again[2] == "the download cache"
    assert server.asked == []


def test_scikit_learns_cache_is_used(scikit_learn_cache, monkeypatch, server):
    monkeypatch.setenv("COURSE_DATA_DIR", str(scikit_learn_cache))
    X, _, origin = real.read_housing()
    assert X.shape == (20640, 8)
    assert origin == "COURSE_DATA_DIR"
    assert server.asked == []
    assert cached() == []


def test_the_archive_of_a_student_is_used(tmp_path, housing, scikit_learn_cache, monkeypatch, server):
    (tmp_path / "cal_housing.tgz").write_bytes(housing)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    assert real.read_housing()[2] == "COURSE_DATA_DIR"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cal_housing.tgz", "scikit_learn_data"]


@pytest.mark.parametrize("damage", ["empty", "cut", "other"])
def test_a_damaged_scikit_learn_cache_is_reported(scikit_learn_cache, monkeypatch, damage):
    path = scikit_learn_cache / "cal_housing_py3.pkz"
    if damage == "other":
        monkeypatch.setattr(real, "HOUSING_TABLE", "0" * 64)
    else:
        path.write_bytes(b"" if damage == "empty" else path.read_bytes()[:5000])
    monkeypatch.setenv("COURSE_DATA_DIR", str(scikit_learn_cache))
    with pytest.raises(DataUnavailableError, match="(?s)cal_housing_py3.pkz is damaged.*Two ways on"):
        real.read_housing()
    assert path.exists()


def test_housing_without_a_network_is_an_error_with_advice(address):
    with pytest.raises(DataUnavailableError, match="(?s)California housing.*404.*cal_housing.tgz.*cal_housing_py3.pkz"):
        real.read_housing(mirrors=[address("missing")])


ORIGINALS = Path(os.environ.get("COURSE_DATA_DIR", ""))


@pytest.mark.skipif(not (ORIGINALS / "cal_housing_py3.pkz").is_file(), reason="needs the original in COURSE_DATA_DIR")
def test_the_original_table_is_accepted(monkeypatch):
    monkeypatch.setenv("COURSE_DATA_DIR", str(ORIGINALS))
    X, y, origin = real.read_housing()
    assert X.shape == (20640, 8)
    assert y.max() == 5.00001
    assert origin == "COURSE_DATA_DIR"
