"""Whenever the making of data is killed, the next run has the same data, from a whole cache."""

from __future__ import annotations

import os
import sys

import pytest

from tests.kills import killed, run

PROGRAM = """
import hashlib, sys
from coursepkg.data import loading

loading.BLOCK = 100  # many entries in little time
triple = loading.load_fashion(n_train=1500, n_valid=100, n_test=100)
print(hashlib.sha256(b"".join(array.tobytes() for pair in triple for array in pair)).hexdigest())
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
def test_a_killed_maker_of_data_costs_only_time(tmp_path):
    command = [sys.executable, "-c", PROGRAM]

    def cache(name):
        return {**os.environ, "COURSE_CACHE_DIR": str(tmp_path / name), "COURSE_DATA": "generated"}

    expected, seconds = run(command, env=cache("undisturbed"))
    killed(command, seconds, seed=1, env=cache("disturbed"))
    for _ in range(2):  # it makes what lacks, then finds all of it
        assert run(command, env=cache("disturbed"))[0] == expected

    def entries(name):
        return {path.name: path.read_bytes() for path in (tmp_path / name).glob("*.npz")}

    # Archives hold the time at which they were written, so that only their names and sizes are the same.
    undisturbed, disturbed = entries("undisturbed"), entries("disturbed")
    assert {name: len(data) for name, data in disturbed.items()} == {n: len(d) for n, d in undisturbed.items()}
    assert len(disturbed) == 17
