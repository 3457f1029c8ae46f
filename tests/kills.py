"""End a command at random moments, as a full battery or an impatient person does, to see what it leaves behind."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time

import psutil

KILLS = int(os.environ.get("COURSE_KILLS", "2"))  # a test that runs each week takes more


def run(command, **options):
    """Run a command to its end; return what it printed and how many seconds it took."""
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, time.monotonic() - began


def killed(command, seconds, *, seed, after=0.0, kills=KILLS, **options):
    """Start a command several times and kill it and all that it started, each time somewhere in these seconds.

    Parameters
    ----------
    after : float, keyword-only
        The seconds at the beginning in which it is left alone, since it only imports something.

    Returns
    -------
    int
        How many of the runs were still going on then.
    """
    rng, hit = random.Random(seed), 0
    for number in range(kills):
        # One kill in each part of the time, so that few kills meet the beginning and the end as well.
        moment = after + (seconds - after) * (number + rng.random()) / kills
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moment)
        if process.poll() is None:
            hit += 1
            family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
            for one in reversed(family):
                with contextlib.suppress(psutil.Error):
                    one.send_signal(signal.SIGKILL)
            psutil.wait_procs(family, timeout=10)
        process.wait()
    return hit
