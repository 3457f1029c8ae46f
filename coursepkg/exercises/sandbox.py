"""Call a student's code so that nothing it does can hurt: no exception, endless loop or print gets out."""

from __future__ import annotations

import contextlib
import ctypes
import io
import threading
import time
from dataclasses import dataclass

_GRACE = 2.0  # seconds in which a loop is asked to stop before it is given up on


_KEPT = 1000  # characters of what the code printed


class _Head(io.TextIOBase):
    """A text stream that keeps the beginning and forgets the rest, however much is printed."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text[: _KEPT - len(self.text)]
        return len(text)


class _Stop(BaseException):
    """Raised inside the student's code when its time is over; not an Exception, so ``except Exception`` lets it by."""


@dataclass(frozen=True)
class Outcome:
    """What came of one call: a value, or an error, or neither because the time was over."""

    value: object = None
    error: BaseException | None = None
    timed_out: bool = False
    stuck: bool = False
    printed: str = ""


def call(function, *arguments, seconds=5.0):
    """Call ``function(*arguments)`` for at most ``seconds`` and return its :class:`Outcome`; never raise.

    The call runs in a thread of its own, which works on every platform and inside a notebook. A loop in Python code is
    stopped from outside; one that hangs in compiled code cannot be, and is reported as ``stuck``.
    """
    result, output = {}, _Head()

    def run():
        try:
            result["value"] = function(*arguments)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: they must not end the notebook
            result["error"] = error

    thread = threading.Thread(target=run, daemon=True, name="student-code")
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        thread.start()
        thread.join(seconds)
        timed_out = thread.is_alive()
        if timed_out:
            _stop(thread)
    if timed_out:
        return Outcome(timed_out=True, stuck=thread.is_alive(), printed=output.text)
    return Outcome(result.get("value"), result.get("error"), printed=output.text)


def _stop(thread):
    """Raise ``_Stop`` in a thread, again and again in case its code catches everything."""
    deadline = time.monotonic() + _GRACE
    while thread.is_alive() and time.monotonic() < deadline:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Stop))
        thread.join(0.05)
