"""A search by several processes: nothing is lost if one is killed, and the files for a cluster fit the program."""

from __future__ import annotations

import csv
import re
import socket
import sys
from pathlib import Path

import pytest

from benchmarks import distributed_search
from coursepkg.deep import distributed
from coursepkg.deep.distributed import free_port, reserved_port, role_environment, run_processes
from coursepkg.deep.tuning import trials_frame

DEPLOY = Path(__file__).resolve().parents[2] / "book" / "deploy"

# A search whose trials take half a second and train nothing.
PROGRAM = """
import argparse, time
import keras_tuner

class Slow(keras_tuner.RandomSearch):
    def run_trial(self, trial, **options):
        x = trial.hyperparameters.get("x")
        time.sleep(0.5)
        return x**2

    def on_trial_begin(self, trial):
        print(self.tuner_id, "takes trial", trial.trial_id, flush=True)

    def on_trial_end(self, trial):
        super().on_trial_end(trial)
        print(self.tuner_id, "finishes trial", trial.trial_id, flush=True)

parser = argparse.ArgumentParser()
parser.add_argument("--directory")
parser.add_argument("--trials", type=int)
options = parser.parse_args()
space = keras_tuner.HyperParameters()
space.Float("x", -1.0, 1.0)
tuner = Slow(hyperparameters=space, max_trials=options.trials, seed=1, directory=options.directory,
             project_name="search")
tuner.search(verbose=0)
"""


@pytest.fixture
def loopback():
    grpc = pytest.importorskip("grpc")
    from concurrent import futures

    server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
    try:
        port = server.add_insecure_port("127.0.0.1:0")
    except RuntimeError:
        port = 0
    if not port:
        pytest.skip("gRPC cannot listen on the loopback address here")
    server.stop(None)


def test_a_killed_worker_is_replaced_and_no_trial_is_lost(tmp_path, loopback):
    program = tmp_path / "quick.py"
    program.write_text(PROGRAM, encoding="utf-8")
    events, trials, lost = distributed_search.run(program, trials=8, timeout=240)
    assert trials["status"].tolist() == ["COMPLETED"] * 8
    assert trials["score"].tolist() == pytest.approx((trials["x"] ** 2).tolist())
    assert trials["x"].nunique() == 8  # as without a death: each configuration once
    texts = [(event["process"], event["event"]) for event in events]
    killed = texts.index(("worker-1", f"is killed in trial {lost}"))
    replaced = texts.index(("worker-1", "replaced"))
    again = texts.index(("worker-1", f"takes trial {lost}"), killed)
    assert texts.index(("worker-1", f"takes trial {lost}")) < killed < replaced < again
    assert {("worker-0", "finished"), ("worker-1", "finished")} <= set(texts)


def test_a_chief_that_died_goes_on_where_it_was(tmp_path, loopback):
    program, log = tmp_path / "quick.py", tmp_path / "log.txt"
    program.write_text(PROGRAM, encoding="utf-8")
    start = [sys.executable, str(program), "--directory", str(tmp_path), "--trials", "6"]
    log.touch()

    def kill_chief(running):
        if "finishes trial 1" in log.read_text(encoding="utf-8"):
            running["chief"].kill()

    with pytest.raises(RuntimeError, match="the chief ended with code -9; start the same command again"):
        run_processes(start, workers=1, log=log, watch=kill_chief, timeout=240)
    before = trials_frame(tmp_path / "search")
    done = before.index[before["status"] == "COMPLETED"].tolist()
    assert 2 <= len(done) < 6
    log.write_text("", encoding="utf-8")
    run_processes(start, workers=1, log=log, timeout=240)
    after = trials_frame(tmp_path / "search")
    assert after["status"].tolist() == ["COMPLETED"] * 6
    taken = re.findall(r"takes trial (\d+)", log.read_text(encoding="utf-8"))
    assert sorted(taken) == sorted(set(after.index) - set(done))


def test_the_stored_table_shows_such_a_run():
    with distributed_search.TABLE.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["second", "process", "event"]
    seconds = [int(row[0]) for row in rows]
    assert seconds == sorted(seconds)
    events = [tuple(row[1:]) for row in rows]
    (lost,) = [re.search(r"killed in trial (\d+)", event)[1] for _, event in events if "killed" in event]
    taken = [event.removeprefix("takes trial ") for _, event in events if event.startswith("takes")]
    assert sorted(taken) == sorted([*map(str, range(8)), lost])  # each once, the lost one twice
    finished = [event.removeprefix("finishes trial ") for _, event in events if event.startswith("finishes")]
    assert sorted(finished) == [*map(str, range(8))]
    owners = {process for process, event in events if event == f"takes trial {lost}"}
    assert owners == {distributed_search.VICTIM}
    assert [event for _, event in events].count("replaced") == 1


def command(text):
    return [sys.executable, "-c", f"import os, sys, time; name = os.environ['KERASTUNER_TUNER_ID']; {text}"]


def test_the_end_of_all_workers_ends_the_chief():
    frame = run_processes(command("time.sleep(60 * (name == 'chief'))"), workers=3)
    assert frame.groupby("event")["process"].apply(list).to_dict() == {
        "started": ["chief", "worker-0", "worker-1", "worker-2"],
        "finished": frame["process"].iloc[4:].tolist(),
    }
    assert frame["seconds"].max() < 30


def test_the_end_of_the_chief_ends_the_workers():
    frame = run_processes(command("time.sleep(60 * (name != 'chief'))"))
    assert frame["seconds"].max() < 30
    assert frame.iloc[-1]["event"] == "finished"


def test_failures_are_reported():
    with pytest.raises(RuntimeError, match="3 workers died, the last with code 7"):
        run_processes(command("name == 'chief' and time.sleep(60); sys.exit(7)"), max_restarts=2)
    with pytest.raises(RuntimeError, match="the chief ended with code 3; start the same command again"):
        run_processes(command("name == 'chief' and sys.exit(3); time.sleep(60)"))
    with pytest.raises(TimeoutError, match="not over after 0.5 s: chief, worker-0, worker-1 still ran"):
        run_processes(command("time.sleep(60)"), timeout=0.5)


def test_each_process_knows_its_role_and_the_log_is_kept(tmp_path):
    log = tmp_path / "log.txt"
    line = "name + ' ' + os.environ['KERASTUNER_ORACLE_IP'] + os.linesep"  # one write, so that lines stay whole
    text = f"os.write(1, ({line}).encode()); time.sleep(5 * (name == 'chief'))"
    run_processes(command(text), log=log)
    assert {"worker-0 127.0.0.1", "worker-1 127.0.0.1"} <= set(log.read_text(encoding="utf-8").splitlines())


def test_bad_input():
    with pytest.raises(ValueError, match="without this word in it; got 'assistant-chief'"):
        role_environment("assistant-chief", 8000)
    with pytest.raises(ValueError, match="got ''"):
        role_environment("", 8000)
    with pytest.raises(TypeError, match="name must be a str; got 3"):
        role_environment(3, 8000)
    with pytest.raises(ValueError, match="port"):
        role_environment("chief", 70000)
    with pytest.raises(TypeError, match="command must be a sequence of words"):
        run_processes("python tune.py")
    with pytest.raises(ValueError, match="workers"):
        run_processes(["python"], workers=0)


def test_keras_tuner_reads_these_variables(monkeypatch):
    from keras_tuner.src.distribute import utils

    for name, chief in (("chief", True), ("worker-0", False)):
        for key, value in role_environment(name, 8000).items():
            monkeypatch.setenv(key, value)
        assert utils.has_chief_oracle()
        assert utils.is_chief_oracle() is chief


def test_a_free_port_can_be_used():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))


def test_nobody_else_gets_a_reserved_port_while_a_grpc_server_can_use_it(loopback):
    from concurrent import futures

    import grpc

    with reserved_port() as port:
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
        assert server.add_insecure_port(f"127.0.0.1:{port}") == port
        server.stop(None)


def test_a_worker_that_hangs_can_be_killed_and_is_replaced(tmp_path):
    mark = tmp_path / "hung"
    text = f"mark = {str(mark)!r}; first = not os.path.exists(mark); "
    text += "time.sleep(60) if name == 'chief' else first and (open(mark, 'w').close(), time.sleep(60))"

    def kill(running):
        if mark.exists() and "worker-0" in running and len(killed) < 1:
            killed.append(running["worker-0"].kill())

    killed = []
    frame = run_processes(command(text), workers=1, watch=kill)
    assert frame.loc[frame["process"] == "worker-0", "event"].tolist() == ["started", "died", "replaced", "finished"]
    assert frame["seconds"].max() < 30


def test_the_program_searches_alone(tmp_path, monkeypatch):
    import runpy

    monkeypatch.setattr(sys, "argv", ["tune.py", "--directory", str(tmp_path), "--trials", "1"])
    runpy.run_path(str(DEPLOY / "tune.py"), run_name="__main__")
    trials = trials_frame(tmp_path / "search")
    assert trials["status"].tolist() == ["COMPLETED"]
    assert 0.3 < trials["score"].iloc[0] < 1.5


def test_the_cluster_runs_the_same_search():
    yaml = pytest.importorskip("yaml")
    documents = list(yaml.safe_load_all((DEPLOY / "tune.yaml").read_text(encoding="utf-8")))
    kinds = [document["kind"] for document in documents]
    assert kinds == ["Namespace", "NetworkPolicy", "PersistentVolumeClaim", "Service", "Job", "Job"]
    namespace, policy, claim, service, chief, worker = documents
    assert {d["metadata"]["namespace"] for d in documents[1:]} == {namespace["metadata"]["name"]}
    assert policy["spec"]["ingress"] == [{"from": [{"podSelector": {}}]}]
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    assert service["spec"]["selector"] == chief["spec"]["template"]["metadata"]["labels"]
    environments = []
    for job in (chief, worker):
        pod = job["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert pod["restartPolicy"] == "OnFailure"
        assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
        assert container["command"][1].endswith("book/deploy/tune.py")
        assert container["command"][container["command"].index("--directory") + 1] == "/search"
        environments.append({entry["name"]: entry.get("value") for entry in container["env"]})
    assert chief["spec"]["template"]["spec"]["containers"][0]["command"] == container["command"]
    port = str(service["spec"]["ports"][0]["port"])
    assert environments[0] == role_environment(distributed.CHIEF, int(port), host="0.0.0.0")
    number = environments[1].pop("NUMBER")
    assert number is None  # from the pod's annotation
    expected = role_environment("worker-$(NUMBER)", int(port), host=service["metadata"]["name"])
    assert environments[1] == expected
    names = [entry["name"] for entry in container["env"]]
    assert names.index("NUMBER") < names.index("KERASTUNER_TUNER_ID")
    assert worker["spec"]["completionMode"] == "Indexed"
    assert worker["spec"]["completions"] == worker["spec"]["parallelism"]
