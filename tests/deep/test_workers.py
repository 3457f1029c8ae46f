"""Several processes that work together: each knows its place, and none outlives the call."""

from __future__ import annotations

import json
import os
import re
import time

import pytest

from coursepkg.deep import workers as module
from coursepkg.deep.workers import cluster_config, run_workers

TELL = "import os; print(os.environ['TF_CONFIG'])"


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_worker_knows_all_addresses_and_its_own_place():
    configs = [json.loads(text) for text in run_workers(TELL, workers=3)]
    assert [config["task"] for config in configs] == [{"type": "worker", "index": i} for i in range(3)]
    addresses = configs[0]["cluster"]["worker"]
    assert len(set(addresses)) == 3
    assert all(config["cluster"]["worker"] == addresses for config in configs)
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+", address) for address in addresses)


def test_if_one_dies_the_others_are_killed_and_the_error_says_why(tmp_path):
    program = f"""
import os, pathlib, sys, time
index = '"index": 1' in os.environ["TF_CONFIG"]
pathlib.Path({str(tmp_path)!r}, str(int(index))).write_text(str(os.getpid()))
while len(os.listdir({str(tmp_path)!r})) < 2:
    time.sleep(0.01)
if index:
    raise ValueError("no memory left")
time.sleep(60)
"""
    began = time.monotonic()
    with pytest.raises(RuntimeError, match=r"(?s)worker 1 ended with code 1:.*ValueError: no memory left"):
        run_workers(program)
    assert time.monotonic() - began < 30
    assert not any(alive(int((tmp_path / name).read_text())) for name in "01")


def test_time_is_over(monkeypatch):
    started, popen = [], module.subprocess.Popen

    def noted(*args, **options):
        started.append(popen(*args, **options))
        return started[-1]

    monkeypatch.setattr(module.subprocess, "Popen", noted)
    with pytest.raises(TimeoutError, match=r"workers \[0, 1\] were not through after 0.5 s"):
        run_workers("import time; time.sleep(60)", timeout=0.5)
    assert [process.poll() is None for process in started] == [False, False]


def test_arguments_reach_each_worker():
    program = "import sys; print(sys.argv[1:])"
    assert run_workers(program, arguments=["a", "b c"]) == ["['a', 'b c']\n"] * 2


def test_much_output_stops_nobody():
    assert [len(text) for text in run_workers("print('x' * 1_000_000)")] == [1_000_001] * 2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: run_workers(["python", "train.py"]), TypeError, "program must be the source text"),
        (lambda: run_workers(TELL, workers=0), ValueError, "workers"),
        (lambda: cluster_config("127.0.0.1:1", 0), TypeError, "addresses must be a sequence"),
        (lambda: cluster_config(["127.0.0.1:1"], 1), ValueError, "index"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
