import os
import signal
import sys
import threading
import time

import psutil
import pytest

pytest.importorskip("nbgrader")

from coursepkg.grading import graders
from coursepkg.grading.job import Job, Result

pytestmark = pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS")
FIELDS = {
    "assignment": "hw1",
    "course_id": "nn",
    "definition": {},
    "config": "",
    "support": {},
    "exercises": {},
    "notebooks": {"hw1": "submitted"},
    "files": {"more.txt": b"1"},
    "timestamp": None,
    "blank": {"hw1": "released"},
    "seconds": 60,
}


def a_job(student="ada", **changes):
    return Job(student=student, **{**FIELDS, **changes})


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A function that puts a program in the place of what works on a job; it sees ``job``, and says ``answer``."""

    def put(source):
        (tmp_path / "stand_in.py").write_text(
            "import os, sys, time\nfrom coursepkg.grading import graders, job as jobs\n"
            f"def work(job):\n    answer = jobs.Result(job.student, {{}})\n{source}\n    return answer\n"
            "graders._load, jobs.work = lambda: None, work\ngraders.main()\n"
        )
        python = tmp_path / "python"
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path}/stand_in.py"\n')
        python.chmod(0o755)
        monkeypatch.setattr(graders.sys, "executable", str(python))

    return put


def test_a_submission_that_defeats_the_grader_is_graded_as_the_released_one(monkeypatch):
    def attempt(grader, job):
        if job.notebooks == {"hw1": "submitted"}:
            return None, "it took longer than 60 seconds"
        assert job.notebooks == {"hw1": "released"}
        assert job.files == {}
        return Result("ada", {"grades": []}), None

    monkeypatch.setattr(graders.Grader, "_attempt", attempt)
    said = graders.Grader().run(a_job()).notes
    assert said == ["it defeated the grader and got no points: it took longer than 60 seconds"]


def test_an_assignment_that_cannot_be_graded_is_an_error():
    message = "the assignment itself cannot be graded: KeyError: 'duedate'"
    with graders.Grader() as grader, pytest.raises(RuntimeError, match=message):
        grader.run(a_job())  # without a definition there is nothing to grade
    assert not grader.running


@pytest.mark.skipif(not graders._FORKS, reason="elsewhere each job has a grader of its own")
def test_each_job_has_a_process_of_its_own(stand_in):
    stand_in("    sys.seen = getattr(sys, 'seen', 0) + 1\n    answer.found = {'pid': os.getpid(), 'seen': sys.seen}")
    with graders.Grader() as grader:
        found = [grader.run(a_job()).found for _ in range(3)]
    assert [one["seen"] for one in found] == [1, 1, 1]
    assert len({one["pid"] for one in found}) == 3


def test_where_forking_is_not_safe_each_job_has_a_grader_of_its_own(stand_in, monkeypatch):
    monkeypatch.setattr(graders, "_FORKS", False)
    stand_in("    answer.found = {'pid': os.getpid(), 'forks': graders._FORKS}")
    program = graders.Path(graders.sys.executable).with_name("stand_in.py")
    program.write_text(program.read_text().replace("graders._load,", "graders._FORKS = False\ngraders._load,"))
    with graders.Grader() as grader:
        found = [grader.run(a_job()).found for _ in range(3)]
    assert len({one["pid"] for one in found}) == 3
    assert not any(one["forks"] for one in found)


@pytest.mark.parametrize(
    ("trouble", "seconds", "problem"),
    [
        ("raise ValueError('no disk')", 60, "ValueError: no disk"),
        ("os.kill(os.getpid(), 9)", 60, "its process ended"),
        ("os.kill(os.getppid(), 9); time.sleep(60)", 60, "its process ended"),
        ("sys.exit('enough')", 60, "SystemExit: enough"),
        ("time.sleep(60)", 5, "it took longer than 5 seconds"),
    ],
)
def test_a_job_that_ends_its_process_or_hangs_costs_nothing_but_itself(stand_in, trouble, seconds, problem):
    stand_in(f"    if 'hw1' in job.notebooks and job.notebooks['hw1'] == 'submitted':\n        {trouble}")
    with graders.Grader() as grader:
        (said,) = grader.run(a_job(seconds=seconds)).notes
        assert said.startswith(f"it defeated the grader and got no points: {problem}")
        assert grader.run(a_job("bob", notebooks={"hw1": "good"})).notes == []


def test_what_libraries_print_does_not_disturb(stand_in):
    stand_in("    print('hello' * 99); os.write(1, b'hello'); sys.stdin.read()")
    with graders.Grader() as grader:
        assert grader.run(a_job()) == Result("ada", {})


def test_nothing_is_left_when_it_is_over(stand_in, tmp_path, monkeypatch):
    monkeypatch.setattr(graders.tempfile, "tempdir", str(tmp_path))
    before = set(tmp_path.iterdir())
    stand_in("    import tempfile\n    tempfile.mkdtemp()\n    time.sleep(60)")
    with graders.Grader() as grader, pytest.raises(RuntimeError, match="longer than 1 seconds"):
        grader.run(a_job(seconds=1))
    assert {path.name for path in set(tmp_path.iterdir()) - before} <= {"stand_in.py", "python"}
    assert not [child for child in psutil.Process().children(recursive=True) if "stand_in" in " ".join(child.cmdline())]


def test_as_many_work_at_the_same_time_as_there_are_graders(stand_in, tmp_path):
    stand_in(
        f"    open({str(tmp_path)!r} + '/' + job.student, 'w')\n"
        f"    while len(set(os.listdir({str(tmp_path)!r})) & {{'ada', 'bob'}}) < 2: time.sleep(0.01)"
    )
    found = {}
    with graders.Graders(2) as several:
        threads = [
            threading.Thread(target=lambda name=name: found.update({name: several.run(a_job(name)).student}))
            for name in ("ada", "bob")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {"ada": "ada", "bob": "bob"}
    with pytest.raises(ValueError, match="n must be an integer >= 1; got 0"):
        graders.Graders(0)


def test_a_grader_ends_with_whoever_started_it(stand_in):
    stand_in("    pass")
    with graders.Grader() as grader:
        grader.run(a_job())
        process = psutil.Process(grader._process.pid)
        grader._process.stdin.close()  # as the end of the process does that holds it
        assert process.wait(timeout=30) == 0


@pytest.mark.skipif(not graders._FORKS, reason="needs the grader's own process")
def test_an_interrupted_grader_starts_again(stand_in):
    stand_in("    pass")
    with graders.Grader() as grader:
        grader.run(a_job())
        os.kill(grader._process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while grader.running and time.monotonic() < deadline:
            time.sleep(0.01)
        assert grader.run(a_job()).notes == []
