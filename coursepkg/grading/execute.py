"""Run a submitted notebook in isolation: an nbgrader preprocessor, which stands in nbgrader's own place.

nbgrader itself stays outside: the database, the reading and writing of notebooks, the grades. Inside is one Jupyter
kernel, which can be reached through two sockets in a folder and can reach nothing else. A cell that ends the kernel,
or runs too long, costs only itself: a new kernel repeats the cells that had run well, and the notebook goes on.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import fields
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from nbclient.client import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Any, Bool, Enum, Integer

from coursepkg.grading import isolation, probe
from coursepkg.grading.judge import NAME_ID, GradedCell, judge
from coursepkg.grading.limits import CHECK_SECONDS, LONGEST_TRACEBACK, Limits

_DEFAULTS = Limits()
_ENDED = "it ended the kernel"


class IsolatedExecute(NbGraderPreprocessor):
    """Runs the cells of a submission in isolation, and lets graded cells be judged outside of it."""

    isolation = Enum(("auto", *isolation.LEVELS), "auto", help="auto takes the strongest that works").tag(config=True)
    allow_root = Bool(False, help="Run submissions as root although nothing protects the files").tag(config=True)
    cell_seconds = Integer(_DEFAULTS.cell_seconds, help="Time for one cell").tag(config=True)
    total_seconds = Integer(_DEFAULTS.total_seconds, help="Time for one notebook").tag(config=True)
    memory = Integer(_DEFAULTS.memory, help="Bytes of memory for one submission").tag(config=True)
    processes = Integer(_DEFAULTS.processes, help="Processes that a submission may have").tag(config=True)
    file_bytes = Integer(_DEFAULTS.file_bytes, help="Size of the largest file that it may write").tag(config=True)
    disk_bytes = Integer(_DEFAULTS.disk_bytes, help="Size of its working copy").tag(config=True)
    output_chars = Integer(_DEFAULTS.output_chars, help="Characters of output that are kept").tag(config=True)

    def preprocess(self, nb, resources):
        """Run all cells of a notebook; what went wrong is noted in the notebook's metadata.

        Parameters
        ----------
        nb : NotebookNode
        resources : dict

        Returns
        -------
        NotebookNode, dict
        """
        level = isolation.choose_level(self.isolation, allow_root=self.allow_root)
        limits = Limits(**{field.name: getattr(self, field.name) for field in fields(Limits)})
        files = resources.get("metadata", {}).get("path") or "."
        with _Session(nb, level=level, limits=limits, files=files) as session:
            for number, cell in enumerate(nb.cells, start=1):
                if cell.cell_type == "code" and cell.source.strip():
                    self._run(session, cell, number)
        nb.metadata["coursepkg"] = {"isolation": level, "notes": session.notes}
        return nb, resources

    def _run(self, session, cell, number):
        asked = GradedCell.read(cell.source) if is_grade(cell) else None
        if asked is None:
            session.run(cell, number)
            return
        results, problem = session.results(asked)
        if problem:
            cell.outputs = [_error(problem)]
            return
        report = judge(asked.label, results, seed=asked.seed)
        text = "".join(f"{line}\n" for line in str(report).splitlines())
        if results.get("state") == "foreign":
            text = "This answer is a function of the package: no points. Write your own.\n"
            session.note(f"{asked.label}: the answer is a function of the package")
        points = repr(float(report.points))
        cell.outputs = [
            new_output("stream", name="stdout", text=text),
            new_output("execute_result", data={"text/plain": points}, execution_count=cell.execution_count),
        ]


def autograde_steps():
    """Return nbgrader's own steps of autograding, with isolation in the place of its plain execution.

    Returns
    -------
    list of type
        For ``c.Autograde.autograde_preprocessors``.

    Examples
    --------
    >>> [step.__name__ for step in autograde_steps()][0]
    'IsolatedExecute'
    """
    return isolated(Autograde.autograde_preprocessors.default())


def isolated(steps):
    """Return steps of autograding with isolation in the place of plain execution; other steps stay as they are."""
    return [IsolatedExecute if step is Execute else step for step in steps]


class _Session:
    """A notebook on its way through isolated kernels: one, and another one after each that ended."""

    def __init__(self, nb, *, level, limits, files):
        self.notes = []
        self._level, self._limits = level, limits
        self._folder = Path(tempfile.mkdtemp(prefix="grade-"))
        self._files = self._folder / "files"
        self._files.mkdir()
        for path in Path(files).iterdir():  # without the notebooks: they stand in memory, and no program needs them
            if path.suffix != ".ipynb":
                copy = shutil.copytree if path.is_dir() else shutil.copy
                copy(path, self._files / path.name)
        own = isolation.package_without_answers(self._folder / "package")
        self._client = _Client(self._folder, level, limits, own)
        self._done = []
        self._deadline = time.monotonic() + limits.total_seconds

    def __enter__(self):
        try:
            self._client.start()
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(self, *error):
        self._clean_up()
        if self._client.dropped:
            self.note(f"output beyond {self._limits.output_chars} characters was dropped")

    def _clean_up(self):
        self._client.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def note(self, text):
        """Keep a remark for the instructor, once."""
        if text not in self.notes:
            self.notes.append(text)

    def run(self, cell, number):
        """Run a cell; if it ends its kernel or takes too long, say so in its output and go on with another kernel."""
        own = "nbgrader" not in cell.metadata and cell.get("id") != NAME_ID
        problem = self._execute(cell, self._limits.cell_seconds)
        if problem and not own and self._go_on_without_own_cells(problem):
            cell.outputs = []
            problem = self._execute(cell, self._limits.cell_seconds)
        if problem:
            cell.outputs = [*cell.outputs, _error(problem)]
            self.note(f"cell {number}: {problem}")
            self._restart()
        else:
            self._done.append((number, cell.source, own))

    def _go_on_without_own_cells(self, problem):
        """Start another kernel without the cells that the student added, one of which may have ended it later on.

        Returns
        -------
        bool
            Whether there is such a kernel; if not, nothing has happened.
        """
        left_out = [number for number, _, own in self._done if own]
        if problem != _ENDED or self._client.asked_to_end or not left_out:
            return False
        self._done = [done for done in self._done if not done[2]]
        self._restart()
        self.note(f"{_ENDED}, maybe by one of the cells {', '.join(map(str, left_out))}, which were left out then")
        return True

    def results(self, asked):
        """Return what the answer of a graded cell did on its cases, and what went wrong, or None."""
        call = (
            f'__import__("importlib").import_module("coursepkg.grading.probe").probe({asked.label!r}, {asked.name!r}, '
            f"seed={asked.seed}, seconds={self._limits.cell_seconds}, student={asked.student!r})"
        )
        cell = new_code_cell(call)
        problem = self._execute(cell, self._limits.cell_seconds + CHECK_SECONDS)
        if problem and self._go_on_without_own_cells(problem):
            cell = new_code_cell(call)
            problem = self._execute(cell, self._limits.cell_seconds + CHECK_SECONDS)
        if problem:
            self.note(f"{asked.label}: {problem}")
            self._restart()
            return None, problem
        for output in cell.outputs:
            if output.output_type == "display_data" and probe.MIME in output.data:
                sent = json.loads(json.dumps(output.data[probe.MIME]))
                return sent if isinstance(sent, dict) else {}, None
        said = [f"{output.ename}: {output.evalue}" for output in cell.outputs if output.output_type == "error"]
        problem = f"the check could not be run beside this code ({(said or ['no result came back'])[-1][:200]})"
        self.note(f"{asked.label}: {problem}")
        return None, problem

    def _execute(self, cell, seconds):
        """Run a cell in the kernel; return what ended the kernel, or None."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            return f"the time for the whole notebook, {self._limits.total_seconds} seconds, was over"
        if not self._client.alive:
            return "there is no kernel left to run it"
        self._client.timeout = max(1, int(min(seconds, left)))
        try:
            self._client.nb.cells = [cell]
            self._client.execute_cell(cell, 0, store_history=True)
            if self._client.asked_to_end:
                return _ENDED
        except CellTimeoutError:
            return f"it ran for more than {self._client.timeout} seconds"
        except DeadKernelError:
            return self._client.watchdog.reason or _ENDED
        except Exception as error:  # broken or hostile messages from the kernel raise nearly anything
            return f"the kernel sent what cannot be read ({type(error).__name__})"
        return None

    def _restart(self):
        """Start another kernel and repeat what had run well, as far as it runs well again."""
        self._client.stop()
        if time.monotonic() > self._deadline:
            return
        self._client.start()
        for _, source, _ in self._done:
            if self._execute(new_code_cell(source), self._limits.cell_seconds):
                self._client.stop()
                self._client.start()
                self._done = []
                break


class _KernelManager(AsyncKernelManager):
    """Starts kernels in isolation."""

    wrap = Any()

    def format_kernel_cmd(self, extra_arguments=None):
        return self.wrap(super().format_kernel_cmd(extra_arguments))


class _Client(NotebookClient):
    """Speaks with an isolated kernel, keeps the beginning of what it says, and never with one that has ended."""

    def __init__(self, folder, level, limits, own):
        super().__init__(
            new_notebook(),
            allow_errors=True,
            interrupt_on_timeout=False,
            startup_timeout=60,
            shutdown_kernel="immediate",
            store_widget_state=False,
            kernel_manager_class=_KernelManager,
        )
        self._folder, self._level, self._limits, self._own = folder, level, limits, own
        self._kept = 0
        self._starts = 0
        self.dropped = False
        self.alive = False
        self.asked_to_end = False
        self.on_cell_executed = self._note_exit
        self.watchdog = None

    def start(self):
        """Start a kernel, with a working copy and sockets of its own."""
        self._starts += 1
        sockets = self._folder / f"s{self._starts}"
        home = self._folder / f"home{self._starts}"
        sockets.mkdir()
        package = str(self._folder / "package")
        self.reset_execution_trackers()
        self.km = self.create_kernel_manager()
        self.km.transport = "ipc"
        self.km.ip = str(sockets / "k")
        self.km.connection_file = str(sockets / "kernel.json")
        self.km.wrap = lambda arguments: isolation.command(
            arguments,
            level=self._level,
            limits=self._limits,
            sockets=str(sockets),
            files=str(self._folder / "files"),
            home=str(home),
            package=package,
        )
        self.start_new_kernel(
            cwd=str(self._folder),
            env=isolation.environment(self._level, str(home), package=package, own=self._own),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # Nothing outlives bubblewrap's own processes; elsewhere the working copy tells what the kernel has left behind.
        alone = self._level == "bubblewrap"
        pid = self.km.provisioner.process.pid
        self.watchdog = isolation.Watchdog(pid, self._limits, home=None if alone else str(home))
        self.start_new_kernel_client()
        self.alive = True

    def _note_exit(self, *, execute_reply, **_):
        """Note exit() and quit(): the kernel answers as if all was well, and ends a moment later, in another cell."""
        payload = execute_reply["content"].get("payload", [])
        self.asked_to_end = any(part.get("source") == "ask_exit" for part in payload)

    def stop(self):
        """End the kernel and all that it started."""
        self.alive = False
        if self.watchdog is not None:
            self.watchdog.stop()
            self.watchdog = None
        if self.km is not None:
            self._cleanup_kernel()

    def output(self, outs, msg, display_id, cell_index):
        if msg["msg_type"] == "error":
            _shorten(msg["content"])
        size = len(json.dumps(msg["content"], default=str))
        is_result = probe.MIME in msg["content"].get("data", {})
        if not is_result:
            if self._kept + size > self._limits.output_chars:
                self.dropped = True
                return _shortened(outs, msg, self._limits.output_chars - self._kept)
            self._kept += size
        return super().output(outs, msg, display_id, cell_index)


def _shorten(error):
    """Keep the beginning and the end of a traceback that nobody would read, such as that of an endless recursion."""
    text = "\n".join(map(str, error.get("traceback") or []))
    if len(text) > LONGEST_TRACEBACK:
        half = LONGEST_TRACEBACK // 2
        error["traceback"] = [text[:half], "…", text[-half:]]


def _shortened(outs, msg, left):
    """Keep an error, which decides about points, but only a mark in the place of other output."""
    if msg["msg_type"] == "error":
        outs.append(_error(f"{msg['content'].get('ename')}: {str(msg['content'].get('evalue'))[:200]}"))
    elif left > 0 or not outs or outs[-1].get("text") != _DROPPED:
        outs.append(new_output("stream", name="stdout", text=_DROPPED))


_DROPPED = "… further output was dropped\n"


def _error(problem):
    return new_output("error", ename="NotFinished", evalue=problem, traceback=[problem])
