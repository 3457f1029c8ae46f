"""How long the HTML takes: again after one page was edited, and from scratch.

python -m benchmarks.book_build     about a minute; it builds in a folder of its own
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import REPEATS, row, show, take_turns, wall

ROOT = Path(__file__).parents[1]
NOTE = "Pages that did not change come from the cache of the last build."


def small_book(folder):
    """Write a book of two pages, and return its folder."""
    (folder / "_config.yml").write_text("title: Small\nexecute:\n  execute_notebooks: 'off'\n", encoding="utf-8")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: one\nchapters:\n  - file: two\n", encoding="utf-8")
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(f"# Page {name}\n", encoding="utf-8")
    return folder


def rows(*, quick=False, repeats=REPEATS, now=wall):
    """Return one row; two pages if quick."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", "--quiet", "--path-output"]
    with tempfile.TemporaryDirectory() as root:
        book, edited = (small_book(Path(root)), "one.md") if quick else (ROOT, "book/how-to-use.md")
        n_pages = (book / "_toc.yml").read_text(encoding="utf-8").count("file:") + 1

        def build(folder):
            subprocess.run([*command, folder, "."], cwd=book, check=True, capture_output=True)

        def from_scratch():
            with tempfile.TemporaryDirectory(dir=root) as folder:
                build(folder)

        def again():
            (book / edited).touch()
            build(Path(root, "kept"))

        again()
        seconds = take_turns({"from scratch": from_scratch, "after one edit": again}, repeats, now)
    name = f"a book of {n_pages} pages after one edit"
    return [row(name, seconds, NOTE, ours="after one edit", theirs="from scratch")]


if __name__ == "__main__":
    show(rows(repeats=1))
