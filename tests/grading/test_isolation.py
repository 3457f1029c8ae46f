import os
import shutil
import subprocess
import sys

import pytest

from coursepkg.grading import isolation
from coursepkg.grading.limits import Limits

pytest.importorskip("psutil")
LEVELS = [level for level in isolation.LEVELS if level == "limits" or (os.name != "nt" and isolation._works(level))]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the levels are those of Linux")


def run(program, tmp_path, level, **limits):
    """Run a Python program in isolation and return how it ended and what it wrote."""
    for name in ("files", "sockets"):
        (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / "files" / "data.csv").write_text("1,2\n")
    package = tmp_path / "package"
    own = [] if package.exists() else isolation.package_without_answers(package)
    home = str(tmp_path / "home")
    words = isolation.command(
        [sys.executable, "-c", program],
        level=level,
        limits=Limits(**limits),
        sockets=str(tmp_path / "sockets"),
        files=str(tmp_path / "files"),
        home=home,
        package=str(package),
    )
    environment = isolation.environment(level, home, package=package, own=own)
    return subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("level", LEVELS)
def test_a_program_gets_a_copy_of_the_files_and_the_package(level, tmp_path):
    done = run(
        "open('data.csv', 'a').write('3'); import coursepkg, numpy; print(open('data.csv').read())", tmp_path, level
    )
    assert done.stdout == "1,2\n3\n", done.stderr
    assert (tmp_path / "files" / "data.csv").read_text() == "1,2\n"


@pytest.mark.parametrize("level", LEVELS)
def test_the_package_beside_a_submission_has_no_answers(level, tmp_path):
    program = """
import importlib, os, coursepkg.exercises as e
exercise = e.find("perceptron/gates")
print(exercise.answers, repr(exercise.solution_source), exercise.mistakes, bool(exercise.hints), bool(exercise.stub))
try:
    importlib.import_module("coursepkg.exercises.answers")
except ImportError as error:
    print(error)
names = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.dirname(e.__file__)) for name in names]
print([name for name in names if "answers" in name or "solutions" in name])
"""
    done = run(program, tmp_path, level)
    expected = ["None '' () True True", "No module named 'coursepkg.exercises.answers'", "[]"]
    assert done.stdout.splitlines() == expected, "a submission sees answers: mend isolation.package_without_answers"


@pytest.mark.skipif("bubblewrap" not in LEVELS, reason="only bubblewrap hides files")
def test_answers_of_the_installed_package_cannot_be_read(tmp_path, monkeypatch):
    answers = isolation._PACKAGE / "exercises" / "answers"
    done = run(f"import os; print(os.listdir({str(answers)!r}))", tmp_path, "bubblewrap")
    assert "FileNotFoundError" in done.stderr or done.stdout == "[]\n"
    # The same where the package lies in a folder that the submission must see, as an installed one does.
    site = tmp_path / "site"
    shutil.copytree(answers, site / "coursepkg/exercises/answers")
    monkeypatch.setattr(isolation, "_PACKAGE", site / "coursepkg")
    readable = (*isolation._readable_paths(), str(site))
    monkeypatch.setattr(isolation, "_readable_paths", lambda: readable)
    monkeypatch.setattr(isolation, "_hidden_paths", isolation._hidden_paths.__wrapped__)
    done = run(f"import os; print(os.listdir({str(site / 'coursepkg/exercises/answers')!r}))", tmp_path, "bubblewrap")
    assert done.stdout == "[]\n", f"a submission sees answers: mend isolation._hidden_paths\n{done.stderr}"


@pytest.mark.parametrize("level", LEVELS)
def test_secrets_in_the_environment_stay_outside(level, tmp_path, monkeypatch):
    monkeypatch.setenv("API_TOKEN", "hunter2")
    assert "hunter2" not in run("import os; print(dict(os.environ))", tmp_path, level).stdout


@pytest.mark.parametrize("level", LEVELS)
def test_memory_and_file_size_have_limits(level, tmp_path):
    done = run("x = bytearray(2**29)", tmp_path, level, memory=2**28)
    assert "MemoryError" in done.stderr
    done = run("open('big', 'wb').write(bytes(2**20)); print('written')", tmp_path, level, file_bytes=2**16)
    assert "written" not in done.stdout


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "limits"])
def test_there_is_no_network_and_no_other_process(level, tmp_path):
    done = run("import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)", tmp_path, level)
    assert "unreachable" in done.stderr, f"a submission reaches the network: mend isolation.command\n{done.stderr}"
    done = run(f"import os; os.kill({os.getpid()}, 0)", tmp_path, level)
    assert "ProcessLookupError" in done.stderr, f"it reaches other programs: mend isolation.command\n{done.stderr}"


@pytest.mark.skipif("bubblewrap" not in LEVELS, reason="needs a bubblewrap that works")
def test_bubblewrap_shows_no_file_but_those_needed(tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_text("all grades")
    assert "FileNotFoundError" in run(f"open({str(secret)!r})", tmp_path, "bubblewrap").stderr
    for place in (os.path.dirname(isolation.__file__), "/usr", "/"):
        done = run(f"open({place!r} + '/mine', 'w'); print('written')", tmp_path, "bubblewrap")
        assert "written" not in done.stdout or place == "/"
    assert not os.path.exists("/mine")
    done = run("open('a', 'wb').write(bytes(2**20)); print('written')", tmp_path, "bubblewrap", disk_bytes=2**19)
    assert "No space left" in done.stderr


def test_root_is_refused_unless_files_are_protected(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(isolation.RootError, match="refusing to run submitted code as root with resource limits only"):
        isolation.choose_level("limits")
    assert isolation.choose_level("limits", allow_root=True) == "limits"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert isolation.choose_level("limits") == "limits"


def test_the_best_level_is_one_that_works(monkeypatch):
    monkeypatch.setattr(isolation, "_works", lambda level: level == "unshare")
    isolation.best_level.cache_clear()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    try:
        assert isolation.choose_level() == "unshare"
        with pytest.raises(ValueError, match="'bubblewrap' does not work on this computer; 'unshare' does"):
            isolation.choose_level("bubblewrap")
        with pytest.raises(ValueError, match="wanted must be one of"):
            isolation.choose_level("docker")
    finally:
        isolation.best_level.cache_clear()


def test_the_watchdog_ends_what_has_too_many_processes():
    program = "import subprocess, time; p = [subprocess.Popen(['sleep', '60']) for _ in range(8)]; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", program])
    dog = isolation.Watchdog(process.pid, Limits(processes=4), interval=0.05)
    process.wait(timeout=30)
    dog.stop()
    assert dog.reason == "it started more than 4 processes"


def test_a_process_that_leaves_the_family_is_found(tmp_path):
    leaves = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", leaves], env={"HOME": str(tmp_path)})
    dog = isolation.Watchdog(process.pid, Limits(), home=str(tmp_path))
    process.wait(timeout=30)
    dog.stop()
    assert dog._strays() == [] or all(stray.status() == "zombie" for stray in dog._strays())
