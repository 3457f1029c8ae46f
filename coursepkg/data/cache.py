"""Keep generated arrays on disk so that the next load is fast, and never hand out a damaged one.

Each entry is one uncompressed ``.npz`` file: a zip archive, whose members carry a CRC-32 checksum that is compared
whenever they are read. It also holds the version of the generator that made it. A file appears under its name only
when it is complete (written under another name, then renamed), so an interrupted writer leaves no half of a file, and
several processes may write the same entry at once. An entry that cannot be read, or that another version wrote,
counts as absent; a folder that cannot be written costs speed, not the data.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import platformdirs

from coursepkg._files import replacing

_ABANDONED_AFTER = 3600.0  # seconds after which an unfinished file belongs to nobody any more
PARTS = ".*.npz.*.part"  # names of entries that are being written
_noted = set()


def cache_folder():
    """Return the folder for generated and downloaded data, which need not exist yet.

    Returns
    -------
    pathlib.Path
        The environment variable ``COURSE_CACHE_DIR``; without it, the platform's folder for caches, for example
        ``~/.cache/coursepkg`` on Linux.

    Examples
    --------
    >>> import os
    >>> os.environ["COURSE_CACHE_DIR"] = "my-cache"
    >>> cache_folder().name
    'my-cache'
    >>> del os.environ["COURSE_CACHE_DIR"]
    """
    named = os.environ.get("COURSE_CACHE_DIR", "")
    if named.strip():
        return Path(os.path.expanduser(named))
    return Path(platformdirs.user_cache_dir("coursepkg"))


def read_arrays(name, version):
    """Return the arrays stored under ``name``, or None if there are none that are whole and of this version.

    Parameters
    ----------
    name : str
        Name of the entry.
    version : str
        Version of the generator; an entry of another version is of no use.

    Returns
    -------
    dict of str to numpy.ndarray, or None
    """
    try:
        return check_arrays(cache_folder() / f"{name}.npz", version)
    # A damaged archive can raise nearly anything (BadZipFile, ValueError, EOFError, KeyError, NotImplementedError, …),
    # and whatever it is, the answer is the same: make the data anew.
    except Exception:
        return None


def check_arrays(path, version):
    """Read one entry in full and compare its checksums; raise an error that says what is wrong with it."""
    with zipfile.ZipFile(path) as archive:
        # Whole members, whose checksum is compared: numpy.load would stop early where a damaged header claims less.
        members = {name.removesuffix(".npy"): archive.read(name) for name in archive.namelist()}
    arrays = {key: np.load(io.BytesIO(content), allow_pickle=False) for key, content in members.items()}
    found = str(arrays.pop("version"))
    if found != version:
        raise ValueError(f"made by version {found} of the generator, this is version {version}")
    return arrays


def write_arrays(name, version, arrays):
    """Store ``arrays`` under ``name``. If that fails, say so in one line on the standard error stream, once.

    Parameters
    ----------
    name : str
        Name of the entry.
    version : str
        Version of the generator that made the arrays.
    arrays : dict of str to numpy.ndarray
        What to store.
    """
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_abandoned(folder, PARTS)
        with replacing(folder / f"{name}.npz") as file:
            np.savez(file, version=np.array(version), **arrays)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        _note(f"Note: generated data could not be kept in {folder} ({reason}); they are made anew each time.\n")


def unfinished_files(folder, pattern):
    """Return the files in ``folder`` that some writer has begun and not completed, known by their names' pattern."""
    return sorted(path for path in folder.glob(pattern) if path.is_file())


def remove_abandoned(folder, pattern):
    """Delete what writers that were killed have left behind, an hour or longer ago."""
    for path in unfinished_files(folder, pattern):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED_AFTER:
                path.unlink()


def _note(line):
    if line not in _noted:
        _noted.add(line)
        sys.stderr.write(line)
