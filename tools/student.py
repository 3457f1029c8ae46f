"""Copy the book for students: the notebooks, their text sources and the HTML, all without solutions and boxes for
instructors.

python -m tools.student DIR              write DIR/notebooks, DIR/chapters and DIR/html
python -m tools.student DIR --no-html    the same without the HTML, in a second
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from coursepkg._files import read_text, write_atomically

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("notebooks", "chapters", "html")
# What the build of the HTML reads besides the book: the reference is made from the package's docstrings.
READ_BY_THE_BUILD = ("_config.yml", "_toc.yml", "coursepkg", "tools")
MARK = re.compile(r"^(`{3,}|:{3,})\{solution-(start|end)\}.*?^\1[ \t]*\n?", re.MULTILINE | re.DOTALL)
# An admonition of the class "instructors"; whatever stands in it has shorter fences.
BOX = re.compile(
    r"^(:{3,})\{admonition\}[^\n]*\n:class:[^\n]*\binstructors\b.*?^\1[ \t]*$\n?", re.MULTILINE | re.DOTALL
)
IGNORED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.pyc")


def without_solutions(text, inside=False):
    """Return a Markdown text without its boxes for instructors and its solutions, from start to end.

    Parameters
    ----------
    text : str
    inside : bool
        Whether the text begins in the middle of a solution.

    Returns
    -------
    str, bool
        What is kept, and whether the text ends in the middle of a solution.

    Raises
    ------
    ValueError
        If solutions are nested, or one ends that did not begin.
    """
    text = BOX.sub("", text)
    kept, position = [], 0
    for mark in MARK.finditer(text):
        if (mark[2] == "start") is inside:
            raise ValueError(f"a solution that {'begins' if inside else 'ends'} in the wrong place: {mark[0].strip()}")
        if not inside:
            kept.append(text[position : mark.start()])
        inside, position = not inside, mark.end()
    if not inside:
        kept.append(text[position:])
    return "".join(kept), inside


def strip_notebook(notebook):
    """Remove solutions and boxes for instructors from a notebook, in place: cells, outputs and all, and the text."""
    cells, inside = [], False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            before = cell.source
            cell.source, inside = without_solutions(before, inside)
            cell.source = cell.source.strip("\n")
            if cell.source or not before:
                cells.append(cell)
        elif not inside:
            cells.append(cell)
    if inside:
        raise ValueError("a solution has no end")
    notebook.cells = cells
    code = [cell for cell in cells if cell.cell_type == "code" and cell.execution_count]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count


def strip_book(book):
    """Remove solutions and boxes for instructors from all notebooks and Markdown files below a folder, in place.

    Raises
    ------
    ValueError
        If a file marks its solutions wrongly; the message names it.
    """
    for path in sorted(book.rglob("*")):
        try:
            if path.suffix.lower() == ".ipynb":
                notebook = nbformat.reads(read_text(path), as_version=4)
                strip_notebook(notebook)
                write_atomically(path, nbformat.writes(notebook) + "\n")
            elif path.suffix.lower() == ".md":
                text, inside = without_solutions(read_text(path))
                if inside:
                    raise ValueError("a solution has no end")
                write_atomically(path, text)
        except ValueError as error:
            raise ValueError(f"{path.relative_to(book.parent).as_posix()}: {error}") from error


def export(target, *, html=True, replace=False, root=ROOT):
    """Write the student's copy of the book.

    Parameters
    ----------
    target : Path
        Folder to write to; created if need be.
    html : bool, keyword-only
        Build the HTML as well, which takes about a minute.
    replace : bool, keyword-only
        Delete what an earlier export left there. Without it the folder must be empty, since it may hold someone's work.
    root : Path, keyword-only
        The clone of the course.

    Raises
    ------
    FileExistsError
        If the folder is in use.
    subprocess.CalledProcessError
        If the HTML cannot be built.
    """
    if not replace and target.exists() and any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty; choose another folder, or add --replace to write it anew")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(root / "book", copy / "book", ignore=IGNORED)
        strip_book(copy / "book")
        made = {"notebooks": copy / "book/notebooks", "chapters": copy / "book/chapters"}
        if html:
            for name in READ_BY_THE_BUILD:
                source = root / name
                if source.is_dir():
                    shutil.copytree(source, copy / name, ignore=IGNORED)
                else:
                    shutil.copy(source, copy / name)
            build = "from jupyter_book.cli.main import main; main()"
            # What it prints names the temporary folder; warnings and errors still come through.
            command = [sys.executable, "-c", build, "build", ".", "--quiet"]
            subprocess.run(command, cwd=copy, check=True, stdout=subprocess.DEVNULL)
            made["html"] = copy / "_build/html"
        for name in PARTS:
            shutil.rmtree(target / name, ignore_errors=True)
        for name, source in made.items():
            shutil.copytree(source, target / name)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path, metavar="DIR", help="folder to write to")
    parser.add_argument("--no-html", dest="html", action="store_false", help="only notebooks and text sources")
    parser.add_argument("--replace", action="store_true", help="write anew what an earlier export left in DIR")
    options = parser.parse_args(arguments)
    try:
        export(options.target, html=options.html, replace=options.replace)
    except (FileExistsError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"the HTML could not be built; see above ({error})", file=sys.stderr)
        return 1
    entry = options.target / ("html/index.html" if options.html else "notebooks")
    print(f"without solutions: open {entry.absolute()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
