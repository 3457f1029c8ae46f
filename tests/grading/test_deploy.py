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

# The fields that the manifests may use, from the reference of the Kubernetes API (v1, apps/v1, batch/v1,
# networking.k8s.io/v1): a field that is misspelt is ignored or refused by a cluster. ``...`` stands for any value.
META = {"name": str, "generateName": str, "namespace": str, "labels": {"*": str}}
LABELS = {"matchLabels": {"*": str}}
POD = {
    "restartPolicy": ("Never", "OnFailure", "Always"),
    "automountServiceAccountToken": bool,
    "securityContext": {
        "runAsNonRoot": bool,
        "runAsUser": int,
        "fsGroup": int,
        "seccompProfile": {"type": ("Unconfined", "RuntimeDefault", "Localhost")},
    },
    "containers": [
        {
            "name": str,
            "image": str,
            "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
            "command": [str],
            "resources": {"requests": {"cpu": str, "memory": str}, "limits": {"cpu": str, "memory": str}},
            "volumeMounts": [{"name": str, "mountPath": str, "readOnly": bool}],
        }
    ],
    "volumes": [{"name": str, "emptyDir": {"sizeLimit": str}, "persistentVolumeClaim": {"claimName": str}}],
}
TEMPLATE = {"metadata": META, "spec": POD}
PEERS = [{"podSelector": LABELS, "namespaceSelector": LABELS}]
PORTS = [{"protocol": ("UDP", "TCP"), "port": int}]
SPECS = {
    ("v1", "Namespace"): None,
    ("v1", "Service"): {"selector": {"*": str}, "ports": PORTS},
    ("apps/v1", "Deployment"): {"replicas": int, "selector": LABELS, "template": TEMPLATE},
    ("batch/v1", "Job"): {"backoffLimit": int, "ttlSecondsAfterFinished": int, "template": TEMPLATE},
    ("networking.k8s.io/v1", "NetworkPolicy"): {
        "podSelector": LABELS,
        "policyTypes": [("Ingress", "Egress")],
        "ingress": [{"from": PEERS, "ports": PORTS}],
        "egress": [{"to": PEERS, "ports": PORTS}],
    },
}


def problems(value, wanted, where):
    """Yield what in a manifest is not of the documented structure."""
    if isinstance(wanted, tuple):
        if value not in wanted:
            yield f"{where}: {value!r} is not one of {wanted}"
    elif isinstance(wanted, type):
        if type(value) is not wanted:
            yield f"{where}: {value!r} is no {wanted.__name__}"
    elif isinstance(wanted, list):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for index, entry in enumerate(value):
            yield from problems(entry, wanted[0], f"{where}[{index}]")
    elif not isinstance(value, dict):
        yield f"{where} is no mapping"
    else:
        for name, entry in value.items():
            if name in wanted or "*" in wanted:
                yield from problems(entry, wanted.get(name, wanted.get("*")), f"{where}.{name}")
            else:
                yield f"{where}.{name} is unknown"


def manifests():
    yaml = pytest.importorskip("yaml")
    files = [(DEPLOY / name).read_text(encoding="utf-8") for name in ("kubernetes.yaml", "grade-job.yaml")]
    return [document for text in files for document in yaml.safe_load_all(text)]


def pods():
    return [document["spec"]["template"]["spec"] for document in manifests() if "template" in document.get("spec", {})]


def test_manifests_have_the_documented_structure():
    kinds = []
    for document in manifests():
        kinds.append(document["kind"])
        spec = SPECS[document["apiVersion"], document["kind"]]
        wanted = {"apiVersion": str, "kind": str, "metadata": META, **({"spec": spec} if spec else {})}
        assert list(problems(document, wanted, document["kind"])) == []
    assert kinds == ["Namespace", "NetworkPolicy", "Service", "Deployment", "Deployment", "Job"]
    assert list(problems({"spec": {"containres": []}}, {"spec": POD}, "Pod")) == ["Pod.spec.containres is unknown"]


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


def test_settings_of_the_hub_are_those_of_its_documentation():
    # JupyterHub 5, "Configuration Reference"; JupyterHub itself is not among the packages of the course.
    known = {
        "JupyterHub": {"bind_url": str, "authenticator_class": str},
        "Authenticator": {"allowed_users": set, "admin_users": set},
        "Spawner": {"default_url": str, "mem_limit": str, "cpu_limit": float},
    }
    config = load("jupyterhub_config.py")
    assert {section: {name: type(value) for name, value in options.items()} for section, options in config.items()} == (
        known
    )
    assert config.Authenticator.admin_users <= config.Authenticator.allowed_users
    assert re.fullmatch(r"\d+[KMGT]", config.Spawner.mem_limit)


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
