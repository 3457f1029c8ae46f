import sys
from dataclasses import dataclass

import pytest

from coursepkg.grading import cluster

distributed = pytest.importorskip("distributed")


@dataclass(frozen=True)
class Job:
    student: str


class Grader:
    """Says who it is and what it was given, and refuses one student."""

    made = 0

    def __init__(self):
        type(self).made += 1

    def run(self, job):
        if job.student == "bob":
            raise RuntimeError("no disk")
        return f"grades of {job.student}"


@pytest.fixture
def scheduler(monkeypatch):
    monkeypatch.setattr(cluster, "Grader", Grader)
    options = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": None}
    with distributed.LocalCluster(**options) as local:
        yield local.scheduler_address


def test_each_job_comes_back_once_with_its_result_or_its_error(scheduler, monkeypatch):
    monkeypatch.setattr(Grader, "made", 0)
    todo = [Job("ada"), Job("bob"), Job("eve")]
    found = {job.student: result for job, result in cluster.run_all(todo, scheduler)}
    assert sorted(found) == ["ada", "bob", "eve"]
    assert found["ada"] == "grades of ada"
    assert found["eve"] == "grades of eve"
    assert isinstance(found["bob"], RuntimeError)
    assert str(found["bob"]) == "no disk"
    assert Grader.made == 1, "a thread of a worker keeps its grader"


def test_two_jobs_of_the_same_content_are_two(scheduler):
    found = list(cluster.run_all([Job("ada"), Job("ada")], scheduler))
    assert len(found) == 2


def test_nobody_at_the_address_is_an_error():
    with pytest.raises(OSError, match="127.0.0.1:9"):
        list(cluster.run_all([Job("ada")], "tcp://127.0.0.1:9", patience="1s"))


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask.distributed", None)
    with pytest.raises(ImportError, match=r'pip install "coursepkg\[cluster\]"'):
        list(cluster.run_all([], "tcp://127.0.0.1:9"))
