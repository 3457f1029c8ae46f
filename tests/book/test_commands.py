"""How the tests are run stands in one place; README, Makefile and CI only name it."""

from __future__ import annotations

import os
import re
import sys
from collections import OrderedDict
from pathlib import Path
from unittest.mock import Mock

import pytest

from tests.e2e.conftest import unit_of_work
from tools import affected, order, timings
from tools import test as runner

ROOT = Path(__file__).parents[2]
CALLERS = ("README.md", "Makefile", ".github/workflows/ci.yml", ".ci/run")


@pytest.mark.parametrize("name", CALLERS)
def test_only_one_file_holds_the_command_lines_of_pytest(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"-m pytest|--nbval|--doctest-modules|--dist", text)
    steps = re.findall(r"-m tools\.test((?: [a-z]+)*)", text)
    assert steps or name == ".ci/run"
    assert {step for found in steps for step in found.split()} <= set(runner.STEPS)


def test_ci_runs_each_step_in_a_job_of_its_own():
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert re.search(r"^ +step: \[(.*)\]", text, re.MULTILINE)[1].split(", ") == runner.TESTS
    assert set(re.findall(r", step: (\w+)\}", text)) <= set(runner.TESTS)
    assert "python -m tools.test ${{ matrix.step }}\n" in text


def test_what_must_pass_is_the_two_commands():
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()[-2:] == ["make test", "make check"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^make (\w+) ", readme, re.MULTILINE) == ["book", "test"]


def test_every_test_belongs_to_exactly_one_step():
    words = {name: [str(word) for word in commands[0]] for name, commands in runner.STEPS.items() if name != "check"}
    assert words["unit"][-4:] == ["coursepkg", "tests", "--ignore", "tests/e2e"]
    assert words["pages"][-3:] == ["tests/e2e", "--ignore", "tests/e2e/grading"]
    assert words["grading"][-1] == "tests/e2e/grading"
    assert words["notebooks"][-2:] == ["--nbval", "book/notebooks"]


def test_what_shares_a_page_or_a_file_that_was_read_runs_in_one_process():
    pages, use, chapter = "tests/e2e/test_pages.py", "tests/e2e/test_use.py", "book/notebooks/1-neurons/xor"
    assert unit_of_work(f"{pages}::test_one[{chapter}.html]") == unit_of_work(f"{pages}::test_two[{chapter}.html]")
    assert unit_of_work(f"{pages}::test_one[{chapter}.html]") != unit_of_work(f"{pages}::test_one[search.html]")
    assert unit_of_work(f"{use}::test_search[{chapter}]") == use
    assert unit_of_work(f"{use}::test_focus") != unit_of_work(f"{use}::test_print")
    assert unit_of_work("tests/e2e/test_files.py::test_one[search.html]") == "tests/e2e/test_files.py"


def test_a_step_that_fails_is_named_and_the_others_run(monkeypatch, capfd, tmp_path):
    monkeypatch.setattr(timings, "FILE", tmp_path / "timings.json")
    monkeypatch.setattr(affected, "PASSED", tmp_path / "passed.json")
    monkeypatch.setattr(affected, "digests", dict)
    steps = {"bad": [[sys.executable, "-c", "raise SystemExit(3)"]], "good": [[sys.executable, "-c", "print('ran')"]]}
    monkeypatch.setattr(runner, "STEPS", steps)
    monkeypatch.setattr(runner, "TESTS", list(steps))
    assert runner.main([]) == 1
    out, err = capfd.readouterr()
    assert "\nran\n" in out
    assert err.startswith("FAILED: python")
    assert "SystemExit(3)" in err
    assert runner.main(["good"]) == 0
    with pytest.raises(SystemExit, match="2"):
        runner.main(["ugly"])
    assert "there is no step 'ugly'; there are: bad, good" in capfd.readouterr().err


TESTS = """
import pytest, time

@pytest.fixture(scope="module")
def slow():
    time.sleep(0.3)

@pytest.mark.parametrize("number", [1, 2])
def test_one(slow, number):
    time.sleep(0.2)

def test_two():
    assert False
"""


@pytest.mark.parametrize("options", [[], ["-p", "xdist", "-n", "2"]])
def test_every_run_keeps_what_it_cost_and_the_report_names_it(options, tmp_path, monkeypatch, capfd):
    (tmp_path / "test_made.py").write_text(TESTS)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytest_ = [sys.executable, "-m", "pytest", "-p", "tools.timings", *options, "-c", os.devnull, "--rootdir", tmp_path]
    steps = {"made": [[*pytest_, "-p", "no:cacheprovider", tmp_path]], "plain": [[sys.executable, "-c", ""]]}
    monkeypatch.setattr(runner, "STEPS", steps)
    monkeypatch.setattr(timings, "FILE", tmp_path / "made/timings.json")
    monkeypatch.setattr(affected, "PASSED", tmp_path / "made/passed.json")
    monkeypatch.setattr(affected, "digests", lambda: {"test_made.py": "as it is"})
    assert runner.main(["made"]) == 1
    assert runner.main(["plain"]) == 0
    kept = timings.read(timings.FILE)
    assert {name: step["passed"] for name, step in kept.items()} == {"made": False, "plain": True}
    (command,) = kept["made"]["commands"]
    outcomes = {name.partition("::")[2]: test["outcome"] for name, test in command["tests"].items()}
    assert outcomes == {"test_one[1]": "passed", "test_one[2]": "passed", "test_two": "failed"}
    assert timings.read(affected.PASSED) == {}, "one of its tests failed"
    assert kept["made"]["wall"] >= command["wall"] > 0.7
    assert command["processor"] > 0
    assert all(test["call"] >= 0.2 for name, test in command["tests"].items() if "test_one" in name)
    assert ("test_made.py::slow", "module") in {(name, scope) for name, scope, seconds in command["fixtures"]}
    capfd.readouterr()
    assert timings.main([str(timings.FILE)]) == 0
    said = capfd.readouterr().out
    assert re.search(r"made .* FAILED\nplain ", said)
    assert re.search(r"0\.[2-9] s  test_made.py::test_one\[1\]  \(setup", said)
    assert re.search(r"0\.[3-9] s  [12] x  made: test_made.py::slow \(module\)", said)


def test_the_report_counts_chapters_and_their_cells():
    cells = {
        f"book/notebooks/{chapter}.ipynb::Cell {i}": {"setup": 1, "call": 10 * i}
        for chapter, i in (("a", 1), ("a", 3), ("b", 2))
    }
    step = {"wall": 40, "processor": 60, "machine": 80, "cores": 2, "calibration": 0.5, "when": "today", "passed": True}
    lines = list(timings.report({"notebooks": {**step, "commands": [{"tests": cells, "workers": 2}]}}))
    assert "Chapters, kernel start included (1 of 2 above 30 s)" in "\n".join(lines)
    assert lines[lines.index("\nSlowest cells") + 1].endswith("31.0 s  book/notebooks/a.ipynb::Cell 3")
    assert "1.50          2.00   2" in lines[1]


def test_the_longest_start_first_as_they_were_last_time_or_as_their_tests_are_many():
    test = {"setup": 1, "call": 2, "teardown": 0}
    tests = {"tests/a.py::one": test, "tests/a.py::two[x]": test, "tests/b.py::TestB::one": test}
    seconds = order.known({"unit": {"commands": [{"tests": tests}, {}]}})
    assert seconds == {"tests/a.py": 6, "tests/b.py::TestB": 3}
    assert order.expected("tests/a.py", 1000, seconds) == 6
    many, few = order.expected("tests/search/new.py", 30, seconds), order.expected("tests/search/new.py", 3, seconds)
    assert few < many < order.expected("tests/deep/new.py", 30, seconds)
    handed_out = []
    work = order.LongestFirst.__new__(order.LongestFirst)
    work.seconds, work.assigned_work = seconds, {}
    work.workqueue = OrderedDict((scope, {f"{scope}::one": False}) for scope in ("tests/c.py", *seconds))
    node = Mock(send_runtest_some=handed_out.append)
    work.registered_collections = {node: [f"{scope}::one" for scope in work.workqueue]}
    while work.workqueue:
        work._assign_work_unit(node)
    assert handed_out == [[1], [2], [0]]


def test_without_a_run_the_report_says_how_to_get_one(tmp_path, capsys):
    assert timings.main([str(tmp_path / "none.json")]) == 1
    assert "python -m tools.test" in capsys.readouterr().err
