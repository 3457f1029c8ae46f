"""The pages for instructors and students: each command that they show works as it stands there."""

import csv
import os
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

BOOK = Path(__file__).resolve().parents[2] / "book"
INSTRUCTORS = (BOOK / "instructors.md").read_text(encoding="utf-8")
STUDENTS = (BOOK / "students.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\*\*(\d+)\. .*?(?=^\*\*\d+\. |^## )", INSTRUCTORS, flags=re.MULTILINE | re.DOTALL)


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_there_are_ten_steps_with_commands():
    assert list(map(int, STEPS)) == list(range(1, 11))
    assert len(blocks(INSTRUCTORS, "bash")) == 10


@pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS")
def test_the_ten_steps_lead_to_a_table_of_grades(tmp_path):
    pytest.importorskip("nbgrader")
    from coursepkg.grading import isolation

    install, system, *commands = blocks(INSTRUCTORS, "bash")
    # The first two change the computer: what they bring is compared with what is here.
    assert install == 'pip install "coursepkg[instructor]"\n'
    assert any("nbgrader" in line and "instructor" in line for line in metadata.requires("coursepkg"))
    assert system == "sudo apt-get install bubblewrap\n"
    root_needs_leave = os.geteuid() == 0 and isolation.best_level() != "bubblewrap"
    script = "set -e\n" + "".join(commands)
    if root_needs_leave:
        script = script.replace("hw1 -j 2", "hw1 -j 2 --allow-root")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Success! Your notebook passes all the tests." in done.stdout
    with open(tmp_path / "nn" / "grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["first_name"]: row["score"] for row in csv.DictReader(file)}
    assert rows == {"Ada": "8.0", "Bob": "0.0"}
    said = done.stdout.replace(str(tmp_path) + "/", "")
    shown = next(block for block in blocks(INSTRUCTORS, "text") if block.startswith("isolation"))
    wanted = shown.splitlines()[1:]  # the first line depends on the computer
    assert [line for line in wanted if line not in said] == []


def test_configuration_files_set_options_that_exist(monkeypatch):
    pytest.importorskip("nbgrader")
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default.exchange import Exchange
    from traitlets.config import PyFileConfigLoader

    monkeypatch.setenv("GRADEBOOK_PASSWORD", "hunter2")
    known = {cls.__name__: cls.class_traits(config=True) for cls in (CourseDirectory, Exchange)}
    for name in ("nbgrader_config.py", "postgresql.py"):
        config = PyFileConfigLoader(name, path=str(BOOK / "deploy")).load_config()
        for section, options in config.items():
            assert set(options) <= set(known[section]), name
    assert config.CourseDirectory.db_url == "postgresql+psycopg2://nbgrader:hunter2@localhost:5432/gradebook"


def test_the_hub_accepts_its_configuration(tmp_path):
    pytest.importorskip("jupyterhub")
    shutil.copy(BOOK / "deploy" / "jupyterhub_config.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py", "--show-config"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "http://:8000" in done.stdout
    assert "not recognized" not in done.stderr


def test_manifests_hold_together():
    yaml = pytest.importorskip("yaml")
    deploy = BOOK / "deploy"
    cluster = list(yaml.safe_load_all((deploy / "kubernetes.yaml").read_text(encoding="utf-8")))
    (job,) = yaml.safe_load_all((deploy / "grade-job.yaml").read_text(encoding="utf-8"))
    kinds = [document["kind"] for document in cluster]
    assert kinds == ["Namespace", "NetworkPolicy", "Service", "Deployment", "Deployment"]
    for document in [*cluster[1:], job]:
        assert document["metadata"]["namespace"] == "grading"
    for document in [*cluster[3:], job]:
        pod = document["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert pod["containers"][0]["image"] == "grader"
    assert cluster[2]["spec"]["ports"][0]["port"] == 8786
    assert cluster[4]["spec"]["template"]["spec"]["containers"][0]["command"][2] == "tcp://scheduler:8786"
    command = job["spec"]["template"]["spec"]["containers"][0]["command"]

    import argparse

    from coursepkg.grading import commands

    parser = argparse.ArgumentParser()
    commands.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(command[1:])
    assert (arguments.assignment, arguments.scheduler) == ("hw1", "tcp://scheduler:8786")


def test_downloads_exist():
    named = re.findall(r"\{download\}`[^`<]*<([^>]+)>`", INSTRUCTORS)
    assert len(named) == 6
    for name in named:
        assert (BOOK / name).is_file(), name


def test_what_students_are_shown_is_what_a_check_prints(capsys):
    from coursepkg import exercises

    answer = {"AND": (1, 1, -0.5), "OR": (1, 1, -0.5), "NAND": (-1, -1, 1.5)}
    report = str(exercises.grade("perceptron/gates", answer))
    assert blocks(STUDENTS, "text") == [report + "\n"]
    gates = exercises.find("perceptron/gates").model_answer()
    names = {"check": exercises.check, "hint": exercises.hint, "my_gates": gates}
    for code in blocks(STUDENTS, "python"):
        exec(code, names)
    assert "3 of 3 points" in capsys.readouterr().out
