"""Remember on this computer which exercises were solved: one small JSON file, which is never sent anywhere."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
import time
from datetime import date
from pathlib import Path

import platformdirs

from coursepkg._files import read_text, replacing

_PATIENCE = 2.0  # seconds to wait for another notebook that writes the file; longer, and that one was killed
_noted = set()


def progress_file():
    """Return where progress is kept, or None if it is not to be kept.

    Returns
    -------
    pathlib.Path or None
        The environment variable ``COURSE_PROGRESS_FILE``; None if that is empty, or while nbgrader runs the notebook.
        Without it, ``progress.json`` in the platform's folder for data, for example ``~/.local/share/coursepkg``.

    Examples
    --------
    >>> import os
    >>> os.environ["COURSE_PROGRESS_FILE"] = ""
    >>> progress_file() is None
    True
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return None
    named = os.environ.get("COURSE_PROGRESS_FILE")
    if named is not None:
        return Path(os.path.expanduser(named)) if named.strip() else None
    return Path(platformdirs.user_data_dir("coursepkg", appauthor=False)) / "progress.json"


def read():
    """Return what is known of each exercise that was attempted.

    Returns
    -------
    dict of str to dict
        By label: "attempts" (number of checks), "points" (the best result) and "solved" (the day, "2026-11-21", or
        None). Empty if there is no file, or none that can be read.
    """
    path = progress_file()
    if path is None:
        return {}
    try:
        return _parse(read_text(path))
    except (OSError, ValueError):
        return {}


def record(report):
    """Add one attempt to the file. If it cannot be written, say so in one line on the standard error stream, once.

    A file that cannot be understood is kept under another name beside the new one.

    Parameters
    ----------
    report : Report
        Of an exercise that was attempted and judged; an untouched stub is no attempt.
    """
    path = progress_file()
    if path is None or not (report.attempted and report.judged):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path):
            known = _read_or_keep_aside(path)
            before = known.get(report.exercise.label, {"attempts": 0, "points": 0.0, "solved": None})
            known[report.exercise.label] = {
                "attempts": before["attempts"] + 1,
                "points": max(before["points"], report.points),
                "solved": before["solved"] or (date.today().isoformat() if report.passed else None),
            }
            with replacing(path) as file:
                file.write(json.dumps({"exercises": known}, indent=1).encode())
    except OSError as error:
        _note(f"Note: progress could not be kept in {path} ({error.strerror or type(error).__name__}).\n")


def _parse(text):
    """Return the exercises in the text of a file; raise ValueError if it is not one that :func:`record` wrote."""
    content = json.loads(text)
    found = content.get("exercises") if isinstance(content, dict) else None
    if not isinstance(found, dict) or not all(_is_entry(entry) for entry in found.values()):
        raise ValueError("not a file of progress")
    return found


def _is_entry(entry):
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("attempts"), int)
        and isinstance(entry.get("points"), (int, float))
        and isinstance(entry.get("solved"), (str, type(None)))
        and "solved" in entry
    )


def _read_or_keep_aside(path):
    try:
        return _parse(read_text(path))
    except FileNotFoundError:
        return {}
    except ValueError:
        aside = path.with_name(f"{path.stem}-unreadable-{secrets.token_hex(4)}{path.suffix}")
        os.replace(path, aside)
        _note(f"Note: {path} could not be understood; it is kept as {aside.name}, and a new one was begun.\n")
        return {}


@contextlib.contextmanager
def _alone(path):
    """Hold a lock, so that two notebooks which check at the same moment do not lose each other's line."""
    lock, deadline = path.with_name(f".{path.name}.lock"), time.monotonic() + _PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()


def _note(line):
    if line not in _noted:
        _noted.add(line)
        sys.stderr.write(line)
