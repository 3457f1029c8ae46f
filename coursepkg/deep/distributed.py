"""A KerasTuner search by several processes of this machine: one chief, some workers, and what to do if one dies."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import pandas as pd

from coursepkg._validation import as_int, shorten

CHIEF = "chief"


def role_environment(name, port, *, host="127.0.0.1"):
    """Return the environment variables that make a KerasTuner program the chief of a search, or one of its workers.

    Parameters
    ----------
    name : str
        "chief", or the name of a worker. A worker that is started again must get its old name: by it the chief knows
        which trial to hand out once more.
    port : int in [1, 65535]
    host : str, keyword-only
        Where the chief listens. The connection is neither encrypted nor protected by a password: keep it on this
        machine, or in a network that nobody else can reach.

    Returns
    -------
    dict of str to str

    Raises
    ------
    TypeError, ValueError
        If the name is empty, or holds "chief" without being it: KerasTuner would take that process for the chief.

    Examples
    --------
    >>> role_environment("worker-0", 8000)["KERASTUNER_ORACLE_PORT"]
    '8000'
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str; got {shorten(name)}")
    if not name or (CHIEF in name and name != CHIEF):
        raise ValueError(f"name must be {CHIEF!r}, or a name of a worker without this word in it; got {name!r}")
    port = as_int(port, "port", low=1, high=65535)
    return {"KERASTUNER_TUNER_ID": name, "KERASTUNER_ORACLE_IP": host, "KERASTUNER_ORACLE_PORT": str(port)}


def free_port():
    """Return a port of the loopback address that nobody uses at this moment, an int.

    Raises
    ------
    OSError
        If this process may not listen there.

    Examples
    --------
    >>> 1024 <= free_port() <= 65535
    True
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def reserved_port():
    """Keep a free port of the loopback address from being given to anybody else; yield its number, an int.

    The socket is bound and never listens. A gRPC server of the same user, such as KerasTuner's chief, may bind the port
    all the same, since both allow it to be shared. Where the system cannot share ports, it is only a free one.

    Examples
    --------
    >>> with reserved_port() as port:
    ...     1024 <= port <= 65535
    True
    """
    with socket.socket() as holder:
        if hasattr(socket, "SO_REUSEPORT"):
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        if not hasattr(socket, "SO_REUSEPORT"):
            holder.close()
        yield port


def run_processes(command, *, workers=2, max_restarts=3, timeout=600.0, log=None, watch=None):
    """Start one chief and some workers on this machine, replace workers that die, and wait for the end of the search.

    Parameters
    ----------
    command : sequence of str
        A program that creates a KerasTuner tuner and calls ``search``, the same for all; it must not use
        ``overwrite=True``, by which every process that starts deletes what the others have written.
    workers : int >= 1, keyword-only
    max_restarts : int >= 0, keyword-only
        How many dead workers are replaced, in all.
    timeout : float, keyword-only
        Seconds until all is stopped.
    log : str or Path, keyword-only, optional
        File for what the processes print; without it they print to this process's error stream.
    watch : callable, keyword-only, optional
        Called ten times a second with the running processes, a dict from name to subprocess.Popen. Here you can kill
        one that hangs, by a sign that you know; it is then replaced.

    Returns
    -------
    pandas.DataFrame
        One row an event: columns seconds since the start, process, and event ("started", "died", "replaced",
        "finished").

    Raises
    ------
    TypeError, ValueError
        If an argument is impossible.
    RuntimeError
        If the chief dies, or more workers than ``max_restarts``. Trials that are finished are on disk.
    TimeoutError
        If the search takes longer than ``timeout``.

    Notes
    -----
    KerasTuner's chief looks only every 20 seconds whether the last worker has gone. Everything is on disk by then, so
    it is stopped here as soon as all workers have finished.

    Examples
    --------
    See tests/deep/test_distributed.py.
    """
    if isinstance(command, (str, bytes)) or not all(isinstance(word, str) for word in command):
        raise TypeError(f"command must be a sequence of words, such as ['python', 'tune.py']; got {shorten(command)}")
    workers, max_restarts = as_int(workers, "workers", low=1), as_int(max_restarts, "max_restarts", low=0)
    names, began, events = [f"worker-{i}" for i in range(workers)], time.monotonic(), []
    running, restarts = {}, 0

    def note(name, event):
        events.append({"seconds": time.monotonic() - began, "process": name, "event": event})

    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(open(log, "ab")) if log is not None else sys.stderr
        port = stack.enter_context(reserved_port())
        stack.callback(_stop_all, running)

        def start(name, event):
            environment = {**os.environ, **role_environment(name, port)}
            running[name] = subprocess.Popen(list(command), env=environment, stdout=stream, stderr=stream)
            note(name, event)

        for name in (CHIEF, *names):
            start(name, "started")
        while set(running) - {CHIEF}:
            if time.monotonic() - began > timeout:
                raise TimeoutError(
                    f"the search was not over after {timeout:g} s: {', '.join(running)} still ran; its finished trials "
                    "are kept"
                )
            time.sleep(0.1)
            if watch is not None:
                watch(dict(running))
            for name, process in list(running.items()):
                code = process.poll()
                if code is None:
                    continue
                del running[name]
                note(name, "finished" if code == 0 else "died")
                if name == CHIEF and code:
                    raise RuntimeError(f"the chief ended with code {code}; start the same command again to go on")
                if name != CHIEF and code:
                    restarts += 1
                    if restarts > max_restarts:
                        raise RuntimeError(f"{restarts} workers died, the last with code {code}; see what they printed")
                    start(name, "replaced")
            if CHIEF not in running:  # a worker that comes after the end would wait for it for an hour
                break
    return pd.DataFrame(events)


def _stop_all(running):
    for process in running.values():
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
    for process in running.values():
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
