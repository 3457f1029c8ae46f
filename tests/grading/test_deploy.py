"""The files for growing beyond one machine: their options exist, and they fit each other and the commands."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "book" / "deploy"
ROOT = Path(__file__).resolve().parents[2]


def manifests():
    yaml = pytest.importorskip("yaml")
    files = [(DEPLOY / name).read_text(encoding="utf-8") for name in ("kubernetes.yaml", "grade-job.yaml")]
    return [document for text in files for document in yaml.safe_load_all(text)]


def pods():
    return [document["spec"]["template"]["spec"] for document in manifests() if "template" in document.get("spec", {})]


def test_manifests_are_those_of_kubernetes():
    validate = pytest.importorskip("kubernetes_validate")
    kinds = [document["kind"] for document in manifests()]
    assert kinds == ["Namespace", "NetworkPolicy", "Service", "Deployment", "Deployment", "Job"]
    for document in manifests():
        name = document["metadata"].pop("generateName", None)  # kubectl create completes it
        document["metadata"].setdefault("name", name)
        validate.validate(document, validate.latest_version(), strict=True)
    document["spec"]["template"]["spec"]["containres"] = []
    with pytest.raises(validate.ValidationError, match="containres"):
        validate.validate(document, validate.latest_version(), strict=True)


def test_manifests_hold_together():
    namespace, policy, service, scheduler, worker, job = manifests()
    assert {document["metadata"]["namespace"] for document in (policy, service, scheduler, worker, job)} == {
        namespace["metadata"]["name"]
    }
    for deployment in (scheduler, worker):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert service["spec"]["selector"] == scheduler["spec"]["template"]["metadata"]["labels"]
    for pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        (container,) = pod["containers"]
        assert container["image"] == "grader"
        mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
        assert mounted == {volume["name"] for volume in pod.get("volumes", [])}
    address = f"tcp://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    commands = [pod["containers"][0]["command"] for pod in pods()]
    assert commands[0][commands[0].index("--port") + 1] == address.rpartition(":")[2]
    assert [address in command for command in commands] == [False, True, True]


def test_the_commands_of_the_pods_are_understood():
    from coursepkg.grading import commands

    *dask, grade = [pod["containers"][0]["command"] for pod in pods()]
    parser = argparse.ArgumentParser()
    commands.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(grade[1:])
    assert (arguments.assignment, arguments.scheduler) == ("hw1", "tcp://scheduler:8786")

    pytest.importorskip("distributed")
    from distributed.cli import dask_scheduler, dask_worker

    for command, words in zip((dask_scheduler.main, dask_worker.main), dask, strict=True):
        assert words[0] == "dask"
        command.make_context(words[1], list(words[2:]))  # raises if an option is unknown


def test_the_image_holds_what_the_pods_need():
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    extras = set(re.search(r"/opt/course\[([\w,]+)\]", text)[1].split(","))
    assert {"instructor", "cluster"} == extras
    assert all((ROOT / "requirements" / f"{extra}.txt").is_file() for extra in extras)
    assert "bubblewrap" in text
    assert "/opt/course/constraints.txt" in text
    assert (ROOT / "constraints.txt").is_file()
    user = int(re.search(r"^USER (\d+)$", text, re.MULTILINE)[1])
    assert {pod["securityContext"]["runAsUser"] for pod in pods()} == {user}


def load(name):
    from traitlets.config import PyFileConfigLoader

    return PyFileConfigLoader(name, path=str(DEPLOY)).load_config()


def test_settings_of_nbgrader_exist(monkeypatch):
    pytest.importorskip("nbgrader")
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default.exchange import Exchange

    known = {cls.__name__: cls.class_traits(config=True) for cls in (CourseDirectory, Exchange)}
    for name in ("nbgrader_config.py", "postgresql.py"):
        for section, options in load(name).items():
            assert set(options) <= set(known[section]), name
            for option, value in options.items():
                known[section][option].validate(None, value)


def test_the_address_of_postgresql_holds_any_password(monkeypatch):
    from sqlalchemy.engine import make_url

    monkeypatch.setenv("GRADEBOOK_PASSWORD", "p@ss/w:rd?")
    url = make_url(load("postgresql.py").CourseDirectory.db_url)
    assert (url.drivername, url.username, url.password) == ("postgresql+psycopg2", "nbgrader", "p@ss/w:rd?")
    assert (url.host, url.port, url.database) == ("localhost", 5432, "gradebook")
    # Workers of a cluster read these settings too, and neither have nor need the password.
    monkeypatch.delenv("GRADEBOOK_PASSWORD")
    assert make_url(load("postgresql.py").CourseDirectory.db_url).password == ""


def test_the_hub_accepts_its_configuration(tmp_path):
    pytest.importorskip("jupyterhub")
    shutil.copy(DEPLOY / "jupyterhub_config.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "jupyterhub", "-f", "jupyterhub_config.py", "--show-config"],
        cwd=tmp_path,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "http://:8000" in done.stdout
    assert "not recognized" not in done.stderr
    config = load("jupyterhub_config.py")
    assert config.Authenticator.admin_users <= config.Authenticator.allowed_users
