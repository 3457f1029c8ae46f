"""Build the book strictly: all pages are read anew, every warning is an error.

python -m tools.strict    build it in a folder of its own, unless the tests have just done so with the same files

An incremental build would not repeat the warnings of pages that did not change.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from tools.student import READ_BY_THE_BUILD, ROOT

STAMP = ROOT / "_build/built-strictly"
_UNREAD = {"__pycache__", ".ipynb_checkpoints"}


def state(root=ROOT):
    """Return a digest of all that a build reads: the book, the package, the tools, and the versions of the builders."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("jupyter-book", "sphinx", "sphinx-book-theme", "myst-nb"):
        digest.update(f"{name} {metadata.version(name)}\n".encode())
    for name in (*READ_BY_THE_BUILD, "book"):
        place = root / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.is_file() and not _UNREAD & set(path.parts):
                digest.update(f"\n{path.relative_to(root).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def build(target, *, root=ROOT, stamp=STAMP, capture=False):
    """Build strictly into a new folder; return the finished process, and note the state that passed."""
    before = state(root)
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(root), "--path-output", str(target), "--quiet"]
    done = subprocess.run([*command, "-W", "-n", "--keep-going"], capture_output=capture, text=True, check=False)
    stamp.unlink(missing_ok=True)
    if not done.returncode:
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(before, encoding="utf-8")
    return done


def main(root=ROOT, stamp=STAMP):
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state(root):
        print("the tests built these very files strictly")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return build(Path(folder), root=root, stamp=stamp).returncode


if __name__ == "__main__":
    sys.exit(main())
