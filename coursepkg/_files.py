"""Read text as editors leave it, and write files so that at any moment there is the old one or the new one."""

from __future__ import annotations

import codecs
import contextlib
import os
import secrets
import shutil
from pathlib import Path


def read_text(path):
    """Return the text of a file: see `decode`."""
    return decode(Path(path).read_bytes())


def decode(data):
    r"""Return the text in bytes: UTF-8 with or without a byte order mark, UTF-16 with one, any ends of lines.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    str
        Its lines end in ``\n``.

    Raises
    ------
    UnicodeDecodeError
        If it is another encoding.

    Examples
    --------
    >>> decode(b"\xef\xbb\xbfone\r\ntwo\r")
    'one\ntwo\n'
    >>> decode("one".encode("utf-16"))
    'one'
    """
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if utf16 else "utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def files_ending(folder, ending):
    """Return the files directly in a folder whose names end like this, in small or capital letters, sorted."""
    found = Path(folder).iterdir() if Path(folder).is_dir() else ()
    return sorted(path for path in found if path.name.lower().endswith(ending) and path.is_file())


def write_atomically(path, data):
    """Write a whole file: whoever reads it, and whatever ends this program, finds the old content or the new one.

    Parameters
    ----------
    path : path
        Its folder must exist.
    data : str or bytes
        A str is written as UTF-8, its lines as they end.
    """
    with replacing(path) as file:
        file.write(data.encode("utf-8") if isinstance(data, str) else data)


@contextlib.contextmanager
def replacing(path):
    """Open a file for writing that takes the place of ``path`` when the block ends without an error, and not before.

    A program that is killed meanwhile leaves a file ``.NAME.….part`` beside it. A link stays one, and points to the
    new content; the permissions of the old file stay.
    """
    path = Path(os.path.realpath(path))
    unfinished = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with open(unfinished, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else the new name can outlive a loss of power, and the content not
        with contextlib.suppress(OSError):  # there is none yet, or its permissions cannot be had
            shutil.copymode(path, unfinished)
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
