"""How the tests are run stands in one place; README, Makefile and CI only name it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

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


def test_a_step_that_fails_is_named_and_the_others_run(monkeypatch, capfd):
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
