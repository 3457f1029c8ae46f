"""Several TensorFlow processes on this machine that train one model together, and all end if one of them fails."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

from coursepkg._validation import as_int, shorten
from coursepkg.deep.distributed import free_port


def cluster_config(addresses, index):
    """Return the text of the environment variable ``TF_CONFIG`` for one worker of a cluster.

    Parameters
    ----------
    addresses : sequence of str
        Host and port of each worker, such as "127.0.0.1:8000"; the same list in the same order for all.
    index : int in [0, len(addresses))
        Which of them this worker is. Worker 0 is the chief.

    Returns
    -------
    str

    Examples
    --------
    >>> print(cluster_config(["127.0.0.1:8000", "127.0.0.1:8001"], 1))
    {"cluster": {"worker": ["127.0.0.1:8000", "127.0.0.1:8001"]}, "task": {"type": "worker", "index": 1}}
    """
    if isinstance(addresses, (str, bytes)) or not all(isinstance(address, str) for address in addresses):
        raise TypeError(f"addresses must be a sequence of texts such as '127.0.0.1:8000'; got {shorten(addresses)}")
    index = as_int(index, "index", low=0, high=len(addresses) - 1)
    return json.dumps({"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": index}})


def run_workers(program, *, arguments=(), workers=2, timeout=120.0):
    """Run a Python program in several processes of this machine, and return what each of them printed.

    Each process gets its own ``TF_CONFIG``, with ports that nobody uses, so that
    ``tf.distribute.MultiWorkerMirroredStrategy()`` finds the others. Whatever happens, none of them is left running:
    as soon as one fails, or the time is over, or this process is interrupted, all are killed.

    Parameters
    ----------
    program : str
        Source text. It runs in the current folder, with the modules that this process would find.
    arguments : sequence of str, keyword-only
        What the program finds in ``sys.argv[1:]``.
    workers : int >= 1, keyword-only
    timeout : float > 0, keyword-only
        Seconds for all of them.

    Returns
    -------
    list of str
        The standard output of worker 0, 1, …

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible.
    RuntimeError
        If a worker ends with an error; the message ends with the last lines of its error stream.
    TimeoutError
        If they are not through in time.

    Examples
    --------
    >>> program = "import json, os; print(json.loads(os.environ['TF_CONFIG'])['task']['index'])"
    >>> [text.strip() for text in run_workers(program)]
    ['0', '1']
    """
    if not isinstance(program, str):
        raise TypeError(f"program must be the source text of a Python program; got {shorten(program)}")
    workers, end = as_int(workers, "workers", low=1), time.monotonic() + timeout
    addresses = [f"127.0.0.1:{port}" for port in _free_ports(workers)]
    with contextlib.ExitStack() as stack:
        # Into files, since a full pipe would stop a worker that prints much.
        outputs = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(2 * workers)]
        running = {}
        stack.callback(_kill_all, running)
        for i in range(workers):
            environment = {"TF_CPP_MIN_LOG_LEVEL": "3", **os.environ}
            environment |= {
                "TF_CONFIG": cluster_config(addresses, i),
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            }
            streams = {"stdin": subprocess.DEVNULL, "stdout": outputs[2 * i], "stderr": outputs[2 * i + 1]}
            running[i] = subprocess.Popen(
                [sys.executable, "-c", program, *map(str, arguments)], env=environment, **streams
            )
        waiting = set(running)
        while waiting:
            for i in sorted(waiting):
                code = running[i].poll()
                if code:
                    lines = _read(outputs[2 * i + 1]).strip().splitlines()
                    raise RuntimeError(f"worker {i} ended with code {code}:\n" + "\n".join(lines[-5:]))
                if code == 0:
                    waiting.remove(i)
            if waiting and time.monotonic() > end:
                raise TimeoutError(f"workers {sorted(waiting)} were not through after {timeout:g} s")
            time.sleep(0.05)
        return [_read(output) for output in outputs[::2]]


def _free_ports(n):
    """Return n different ports; a port that was just given back may be offered again."""
    ports = set()
    while len(ports) < n:
        ports.add(free_port())
    return sorted(ports)


def _read(file):
    file.seek(0)
    return file.read()


def _kill_all(running):
    for process in running.values():
        process.kill()
        process.wait()
