"""Processes that grade: one that has loaded nbgrader, and for each job a copy of it that ends with the job.

Loading nbgrader takes longer than grading a submission. So a grader loads it once and forks: each job still has a
process of its own, which starts with nothing of the other jobs. Where forking is not safe (macOS), each job gets a
grader of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import os
import pickle
import queue
import select
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from coursepkg._files import write_atomically
from coursepkg._validation import as_int
from coursepkg.exercises import bank
from coursepkg.grading import isolation

_FORKS = sys.platform.startswith("linux")


class Grader:
    """A process that grades one job at a time; it starts with the first.

    Examples
    --------
    >>> with Grader() as grader:  # grader.run(job) returns the job's result
    ...     grader.running
    False
    """

    def __init__(self):
        self._process = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    @property
    def running(self):
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def run(self, job):
        """Grade a submission; if that ends or blocks the process, grade the released notebook in its place.

        Parameters
        ----------
        job : coursepkg.grading.job.Job

        Returns
        -------
        coursepkg.grading.job.Result

        Raises
        ------
        RuntimeError
            If not even the released notebook can be graded: then the assignment or this computer has a fault.
        """
        result, problem = self._attempt(job)
        if result is None:
            result, again = self._attempt(dataclasses.replace(job, notebooks=job.blank, files={}))
            if result is None:
                raise RuntimeError(f"the assignment itself cannot be graded: {again}")
            result.notes.append(f"it defeated the grader and got no points: {problem}")
        return result

    def close(self):
        """End the process, and everything that it has started."""
        if self._process is not None:
            isolation.end_family(self._process.pid)
            with contextlib.suppress(OSError):  # copies whose grader ended before them
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(OSError):  # what was not written yet cannot be any more
                    stream.close()
            self._process = None

    def _attempt(self, job):
        """Return the result and None, or None and what went wrong."""
        # All that the job leaves behind lies in this folder, also if it is ended half-way.
        with tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True) as folder:
            try:
                self._start()
                pickle.dump((job, folder), self._process.stdin)
                self._process.stdin.flush()
                if not select.select([self._process.stdout], [], [], job.seconds)[0]:
                    self.close()
                    return None, f"it took longer than {job.seconds} seconds"
                self._process.stdout.readline()
                answer = pickle.loads(Path(folder, "result").read_bytes())
            except (OSError, EOFError, pickle.UnpicklingError) as error:
                self.close()
                return None, f"its process ended ({type(error).__name__})"
        return (None, answer) if isinstance(answer, str) else (answer, None)

    def _start(self):
        if self.running and _FORKS:
            return
        self.close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "coursepkg.grading.graders"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libraries may say what they like
            start_new_session=True,
        )


class Graders:
    """Several graders, of which each job takes the next one that is free.

    Parameters
    ----------
    n : int
    """

    def __init__(self, n):
        self._all = [Grader() for _ in range(as_int(n, "n", low=1))]
        self._free = queue.SimpleQueue()
        for grader in self._all:
            self._free.put(grader)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for grader in self._all:
            grader.close()

    def run(self, job):
        """Grade a submission as :meth:`Grader.run` does, as soon as a grader is free."""
        grader = self._free.get()
        try:
            return grader.run(job)
        finally:
            self._free.put(grader)


def serve(orders, answers):
    """Grade the jobs that come in, each in a copy of this process, until there are no more.

    Parameters
    ----------
    orders : binary file
        Each is a pickled pair: the job, and the folder for its result.
    answers : binary file
        Gets a line when a job has ended, however it ended.
    """
    _load()
    while True:
        try:
            job, folder = pickle.load(orders)
        except EOFError:
            return
        child = os.fork() if _FORKS else 0
        if child == 0:
            try:
                if _FORKS:
                    answers.close()  # so that whoever waits is told if the process ends that was copied
                _work(job, Path(folder))
            finally:
                if _FORKS:
                    os._exit(0)
        else:
            os.waitpid(child, 0)
        answers.write(b"\n")
        answers.flush()
        if not _FORKS:
            return


def _load():
    """Import all that grading needs, so that the copies have it."""
    for name in ("coursepkg.grading.execute", "coursepkg.grading.gradebook", "nbconvert.exporters", "nbformat.v4"):
        importlib.import_module(name)
    bank.preload()


def _work(job, folder):
    """Write the job's result, or what went wrong in a line, to the file "result"."""
    from coursepkg.grading.job import work

    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    try:
        answer = work(job)
    except BaseException as error:
        answer = f"{type(error).__name__}: {error}"[:300]
    write_atomically(folder / "result", pickle.dumps(answer))


def main():
    """Serve on standard input and output, which nothing that is loaded can write to."""
    import logging

    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    orders = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    logging.basicConfig(level=logging.CRITICAL)
    serve(orders, answers)


if __name__ == "__main__":
    # Under this module's real name, so that it exists once.
    from coursepkg.grading.graders import main as real_main

    real_main()
