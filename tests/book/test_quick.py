"""`make quick` runs what reads a changed file: shown on a small made-up tree, and on who reads what in the real one."""

from __future__ import annotations

import json
import subprocess

import pytest

from tools import affected, quick, timings
from tools import test as runner

FILES = {
    "constraints.txt": "numpy==2",
    "conftest.py": "import tools.order\n",
    "tools/order.py": "",
    "_toc.yml": "root: book/index\nchapters:\n- file: book/notebooks/a/xor\n- file: book/notebooks/a/and\n"
    "- file: book/api/deep\n",
    "_config.yml": "title: made up",
    "tools/compare_outputs.py": "",
    "coursepkg/__init__.py": "",
    "coursepkg/_checks.py": "def check(): ...\n",
    "coursepkg/deep/__init__.py": (
        "from coursepkg.deep import _quiet\nfrom coursepkg.deep.slow import fit\nfrom coursepkg.deep.fast import run\n"
        "__all__ = ['fit', 'run']\n"
    ),
    "coursepkg/deep/_quiet.py": "",
    "coursepkg/deep/slow.py": 'from .._checks import check\n\n\ndef fit():\n    """Fit.\n\n    >>> 1\n    1\n    """\n',
    "coursepkg/deep/fast.py": "def run(): ...\n",
    "coursepkg/scratch/__init__.py": "EXPORTS = {'units': 'relu'}\n",
    "coursepkg/scratch/units.py": "def relu(): ...\n",
    "coursepkg/exercises/__init__.py": "",
    "coursepkg/exercises/bank.json": json.dumps({"xor/count": {"title": "A"}, "and/count": {}}),
    "coursepkg/exercises/cases/xor.py": "",
    "coursepkg/exercises/answers/xor.py": "",
    "coursepkg/exercises/cases/and.py": "",
    "coursepkg/exercises/answers/and.py": "",
    "tests/deep/test_slow.py": "from coursepkg.deep import fit\n",
    "tests/deep/test_all.py": "import coursepkg.deep\n",
    "tests/scratch/conftest.py": "import coursepkg._checks\n",
    "tests/scratch/test_units.py": "def test_one():\n    from coursepkg.scratch import relu\n",
    "tests/test_program.py": "CODE = 'import coursepkg.deep.fast'\n",
    "tests/test_table.py": "TABLE = 'fit_speed.csv'\n",
    "benchmarks/speed.py": "",
    "tests/test_speed.py": "from benchmarks import speed\nPROGRAM = 'tune.py'\n",
    "book/deploy/tune.py": "",
    "tests/test_chapters.py": "HERE = 'book/chapters'\n",
    "tests/exercises/test_exercises.py": "from x import all_exercises\nEXERCISES = all_exercises()\n",
    "tests/exercises/test_judge.py": "find('xor/count')\n",
    "tests/e2e/conftest.py": "",
    "tests/e2e/test_pages.py": "",
    "tests/e2e/test_files.py": "",
    "tests/e2e/grading/test_class.py": "LABELS = ['and/count']\n",
    "book/index.md": "# Title\n",
    "book/api/deep.md": "# Deep\n",
    "book/tables/fit_speed.csv": "1,2",
    "book/_static/course.css": "",
    "book/chapters/a/xor.md": "",
    "book/chapters/a/and.md": "",
}


def notebook(code, *, text="Text.", output="1"):
    outputs = [{"output_type": "stream", "name": "stdout", "text": output}]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": text},
        {"cell_type": "code", "metadata": {}, "source": code, "outputs": outputs, "execution_count": 1},
    ]
    return json.dumps({"cells": cells})


XOR = "from coursepkg.deep import run\nfrom coursepkg.exercises import check\ncheck('xor/count', 1)\n%matplotlib inline"
FILES["book/notebooks/a/xor.ipynb"] = notebook(XOR)
FILES["book/notebooks/a/and.ipynb"] = notebook("from coursepkg.scratch import relu")


@pytest.fixture
def tree(tmp_path):
    """The root of a small checkout whose one commit is main."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]
    for words in (["init"], ["add", "-A"], ["commit", "-m", "all"]):
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)
    return tmp_path


def selected(tree, passed=()):
    files = affected.Files(tree)
    todo, done = quick.select(files, files.base(), dict(passed))
    return {unit.replace("book/notebooks/a/", "") for unit in todo}


ALL_PAGES = {"book/index", "xor", "and", "book/api/deep", "search", "genindex", "404"}
FILES_OF_PAGES = {"tests/e2e/test_files.py"}  # reads the whole book


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("README.md", "new", set()),
        ("tools/order.py", "a = 1\n", set()),
        ("benchmarks/speed.py", "a = 1\n", {"tests/test_speed.py"}),
        ("tests/scratch/test_units.py", "import coursepkg.scratch\n", {"tests/scratch/test_units.py"}),
        # A helper: who takes its name, also through the package, in a string or in a fixture of the folder.
        (
            "coursepkg/deep/fast.py",
            "def run(): return 1\n",
            {"xor.ipynb", "tests/deep/test_all.py", "tests/test_program.py"},
        ),
        ("coursepkg/scratch/units.py", "def relu(): return 1\n", {"and.ipynb", "tests/scratch/test_units.py"}),
        (
            "coursepkg/_checks.py",
            "def check(): return 1\n",
            {
                "coursepkg/deep/slow.py",
                "tests/deep/test_slow.py",
                "tests/deep/test_all.py",
                "tests/scratch/test_units.py",
            },
        ),
        # What runs whenever the package is imported.
        (
            "coursepkg/deep/_quiet.py",
            "import os\n",
            {"xor.ipynb", "coursepkg/deep/slow.py", *(f"tests/deep/test_{name}.py" for name in ("slow", "all"))}
            | {"tests/test_program.py"},
        ),
        ("coursepkg/deep/fast.py", "# A comment.\ndef run(): ...\n", set()),
        # Its examples run, its page changes, nobody's code does.
        (
            "coursepkg/deep/slow.py",
            FILES["coursepkg/deep/slow.py"].replace("Fit.", "Fits."),
            {"coursepkg/deep/slow.py"},
        ),
        ("tools/compare_outputs.py", "a = 1\n", {"xor.ipynb", "and.ipynb"}),
    ],
)
def test_code_is_run_by_those_who_import_it(tree, name, text, expected):
    (tree / name).write_text(text)
    pages = {"book/api/deep"} if name.startswith("coursepkg/deep") else set()
    whole = FILES_OF_PAGES if name.startswith("coursepkg") else set()
    assert selected(tree) == expected | pages | whole


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("constraints.txt", "numpy==3", None),
        ("_config.yml", "title: new", ALL_PAGES),
        ("book/_static/course.css", "a {}", ALL_PAGES),
        ("book/index.md", "# New\n", {"book/index"}),
        ("book/tables/fit_speed.csv", "1,3", {"tests/test_table.py"}),
        ("book/deploy/tune.py", "a = 1\n", {"tests/test_speed.py"}),
        ("book/chapters/a/xor.md", "new", {"tests/test_chapters.py"}),
        # A sentence is looked at; code, tags and stored outputs are executed as well.
        ("book/notebooks/a/xor.ipynb", notebook(XOR, text="Another sentence."), {"xor"}),
        ("book/notebooks/a/xor.ipynb", notebook(XOR + "\n1"), {"xor", "xor.ipynb"}),
        ("book/notebooks/a/xor.ipynb", notebook(XOR, output="2"), {"xor", "xor.ipynb"}),
    ],
)
def test_pages_and_notebooks(tree, name, text, expected):
    (tree / name).write_text(text)
    if expected is None:
        expected = {unit.replace("book/notebooks/a/", "") for unit in affected.Files(tree).units}
    whole = FILES_OF_PAGES if name.startswith("book/") else set()
    assert selected(tree) == expected | whole


@pytest.mark.parametrize("name", ["answers/xor.py", "cases/xor.py", "bank.json"])
def test_an_exercise_is_proved_for_its_own_chapter_and_for_those_that_ask_for_it(tree, name):
    text = json.dumps({"xor/count": {"title": "B"}, "and/count": {}}) if "bank" in name else "a = 1\n"
    (tree / "coursepkg/exercises" / name).write_text(text)
    proofs = "tests/exercises/test_exercises.py"
    expected = {f"{proofs}#xor", proofs, "tests/exercises/test_judge.py", "xor.ipynb"}
    assert selected(tree) == expected | FILES_OF_PAGES


def test_what_is_deleted_is_missed_by_those_who_import_it(tree):
    (tree / "coursepkg/scratch/units.py").unlink()
    assert selected(tree) == {"and.ipynb", "tests/scratch/test_units.py"}


def test_a_file_that_is_new_or_broken_runs(tree):
    (tree / "tests/test_new.py").write_text("a = ")
    (tree / "coursepkg/scratch/units.py").write_text("def relu(:")
    assert selected(tree) >= {"tests/test_new.py", "and.ipynb", "tests/scratch/test_units.py"}


def test_what_passed_as_it_is_does_not_run_again_and_what_failed_does(tree):
    name, path = "tests/deep/test_slow.py", tree / "_build/passed.json"
    (tree / name).write_text("from coursepkg.deep import run\n")
    files = affected.Files(tree)
    digests = {unit: files.digest(unit) for unit in files.units}
    one, two = f"{name}::test_one", f"{name}::test_two[a]"
    for outcome, status, expected in [("passed", 0, set()), ("failed", 1, {name}), ("skipped", 0, set())]:
        affected.note(
            digests, {"status": status, "tests": {one: {"outcome": outcome}, two: {"outcome": "passed"}}}, path
        )
        assert selected(tree, timings.read(path)) == expected
    affected.note(digests, {"status": 2, "tests": {one: {"outcome": "failed"}}}, path)  # broken off: nothing is noted
    assert selected(tree, timings.read(path)) == set()
    (tree / "coursepkg/deep/fast.py").write_text("def run(): return 2\n")
    assert name in selected(tree, timings.read(path))


def test_commits_of_a_branch_count_as_changes_until_main_has_them(tree):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tree, check=True)

    git("checkout", "-qb", "topic")
    (tree / "tests/test_table.py").write_text("TABLE = 'other.csv'\n")
    git("commit", "-qam", "change")
    assert selected(tree) == {"tests/test_table.py"}
    git("branch", "-qf", "main")
    assert selected(tree) == set()


@pytest.mark.parametrize(
    ("nodeid", "unit"),
    [
        ("tests/scratch/test_mlp.py::TestOne::test_two[a-b]", "tests/scratch/test_mlp.py"),
        ("coursepkg/scratch/mlp.py::coursepkg.scratch.mlp.MLP", "coursepkg/scratch/mlp.py"),
        ("book/notebooks/a/xor.ipynb::Cell 3", "book/notebooks/a/xor.ipynb"),
        ("tests/e2e/test_pages.py::test_one[book/notebooks/a/xor.html]", "book/notebooks/a/xor"),
        ("tests/e2e/test_use.py::test_search[book/notebooks/a/xor]", "book/notebooks/a/xor"),
        ("tests/e2e/test_files.py::test_one[404.html]", "404"),
        ("tests/e2e/test_files.py::test_one", "tests/e2e/test_files.py"),
        ("tests/e2e/grading/test_kills.py::test_one[a]", "tests/e2e/grading/test_kills.py"),
        (
            "tests/exercises/test_exercises.py::TestKeras::test_one[time-series/mase]",
            "tests/exercises/test_exercises.py#time-series",
        ),
        (
            "tests/exercises/test_exercises.py::TestA::test_one[None-xor/by-hand]",
            "tests/exercises/test_exercises.py#xor",
        ),
        (
            "tests/exercises/test_exercises.py::TestA::test_one[1-xor/by-hand: no/bias-b]",
            "tests/exercises/test_exercises.py#xor",
        ),
        (
            "tests/exercises/test_exercises.py::test_nonsense[42-perceptron/gates]",
            "tests/exercises/test_exercises.py#perceptron",
        ),
        ("tests/exercises/test_exercises.py::test_hints", "tests/exercises/test_exercises.py"),
    ],
)
def test_each_test_belongs_to_one_unit(nodeid, unit):
    assert affected.unit_of(nodeid) == unit


def test_in_this_checkout_every_step_has_units_and_a_helper_of_one_chapter_stays_in_it():
    files = affected.Files()
    assert {quick.kind_of(unit) for unit in files.units} == set(runner.TESTS) == set(quick.KINDS)
    readers = [unit for unit in files.units if "coursepkg/scratch/mc_dropout.py" in files.reads(unit)]
    notebooks = [unit for unit in readers if unit.endswith(".ipynb")]
    whole_room = ["book/notebooks/6-craft/losses.ipynb"]  # it imports all of coursepkg.scratch
    assert notebooks == ["book/notebooks/4-training/monte-carlo-dropout.ipynb", *whole_room]
    assert "tests/scratch/test_mc_dropout.py" in readers
    assert not [unit for unit in readers if quick.kind_of(unit) == "grading"]


def test_only_the_chosen_units_are_run_and_the_report_says_why(tree, capsys):
    (tree / "coursepkg/scratch/units.py").write_text("def relu(): return 1\n")
    files = affected.Files(tree)
    todo, done = quick.select(files, files.base(), {})
    said = "\n".join(quick.report(files, files.base(), todo, done))
    assert "notebooks: 1 run; skipped: 1 that read nothing that changed" in said
    assert "  tests/scratch/test_units.py: coursepkg/scratch/units.py changed" in said
    assert quick.command("unit", ["tests/a.py#xor", "tests/a.py"])[-2:] == ["tools.quick", "tests/a.py"]
    assert quick.command("notebooks", ["b.ipynb"])[-4:] == ["--nbval", "-p", "tools.quick", "b.ipynb"]
    assert "tests/e2e/grading" in quick.command("pages", ["book/index"])


def test_pytest_keeps_the_tests_of_the_chosen_units(monkeypatch):
    class Item:
        def __init__(self, nodeid):
            self.nodeid = nodeid

    class Hook:
        dropped = []

        def pytest_deselected(self, items):
            self.dropped += items

    config = type("Config", (), {"hook": Hook()})()
    items = [Item("tests/a.py::test_one"), Item("tests/b.py::test_one")]
    monkeypatch.setenv(quick.VARIABLE, '["tests/b.py"]')
    quick.pytest_collection_modifyitems(config, items)
    assert [item.nodeid for item in items] == ["tests/b.py::test_one"]
    assert [item.nodeid for item in Hook.dropped] == ["tests/a.py::test_one"]
