"""Keep each chapter's pair together: ``book/chapters/**/X.md`` (edited) and ``book/notebooks/**/X.ipynb`` (verified).

python -m tools.chapters sync                 copy edited text into the notebooks; nothing is executed
python -m tools.chapters run [NAME ...]       execute what changed (or the named chapters) and store the outputs
python -m tools.chapters check                say what is wrong with the pairs, and the command that mends it
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import jupytext
import nbformat
import yaml
from jupytext.myst import MystMetadataParsingError

from coursepkg._files import read_text, write_atomically

ROOT = Path(__file__).resolve().parent.parent
SOURCES = Path("book/chapters")
NOTEBOOKS = Path("book/notebooks")
CELL_TIMEOUT = 120  # seconds
MOST_COLUMNS, MOST_LINES = 88, 24  # of a code cell
COLAB_ID = "install-on-colab"
COLAB_CELL = """\
# Google Colab lacks the package of this course. Elsewhere this cell does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet "coursepkg @ git+{url}@{branch}\""""
# What Jupyter adds while a notebook is open or runs, and what would change with every run or machine.
KEPT_NOTEBOOK_METADATA = ("jupytext", "kernelspec")
ABSOLUTE_PATH = re.compile(
    r"(?:/(?:home|root|Users|tmp|private|var|work|content|mnt|opt|usr)/[\w.-]+|\b[A-Z]:\\\\?[\w.-]+)"
)


def sources(root=ROOT, names=()):
    """Return the Markdown sources, all of them or those whose file name (without ending) is named."""
    found = sorted(path for path in (root / SOURCES).rglob("*") if path.suffix.lower() == ".md")
    unknown = set(names) - {path.stem for path in found}
    if unknown:
        known = ", ".join(path.stem for path in found)
        raise SystemExit(f"no chapter is called {', '.join(sorted(unknown))}; there are: {known}")
    return [path for path in found if not names or path.stem in names]


def notebook_of(source, root=ROOT):
    """Return the path of the notebook that is paired with a Markdown source."""
    return (root / NOTEBOOKS / source.relative_to(root / SOURCES)).with_suffix(".ipynb")


def read_source(source):
    """Read a Markdown source as a notebook without outputs, its cells named after what they hold."""
    try:
        notebook = without_colab_cell(jupytext.reads(read_text(source), fmt="md:myst"))
    except MystMetadataParsingError as error:  # names the line, but not the file
        raise SystemExit(f"{source}: {error}") from error
    notebook.metadata = {key: notebook.metadata[key] for key in KEPT_NOTEBOOK_METADATA if key in notebook.metadata}
    notebook.metadata.get("jupytext", {}).pop("text_representation", None)
    seen = {}
    for cell in notebook.cells:
        # jupytext draws random identifiers; derived ones leave an unchanged notebook unchanged.
        digest = hashlib.sha1(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def colab_cell(root=ROOT):
    """Return the cell that installs coursepkg on Colab, as a list: empty while _config.yml names no repository."""
    repository = yaml.safe_load(read_text(root / "_config.yml")).get("repository") or {}
    url = (repository.get("url") or "").rstrip("/")
    if not url:
        return []
    source = COLAB_CELL.format(url=url, branch=repository.get("branch") or "main")
    return [nbformat.v4.new_code_cell(source, id=COLAB_ID, metadata={"tags": ["remove-cell"]})]


def is_colab_cell(cell):
    # A text source has no identifiers, so that a cell that an editor copied there is known by its first line.
    return cell.get("id") == COLAB_ID or cell.source.startswith(COLAB_CELL.splitlines()[0])


def without_colab_cell(notebook):
    """Return a notebook as its source has it: without the cell that is added when it is written."""
    notebook.cells = [cell for cell in notebook.cells if not is_colab_cell(cell)]
    return notebook


def read_stored(path):
    """Read a stored notebook as its source has it."""
    return without_colab_cell(nbformat.reads(read_text(path), as_version=4))


def merge(source, stored):
    """Return the notebook of a source with the outputs of the stored notebook, and whether they can still be right.

    They can while the code cells are the same in the same order; then only the text around them was edited.
    """
    notebook = read_source(source)
    if stored is None:
        return notebook, False
    new = [cell for cell in notebook.cells if cell.cell_type == "code"]
    old = [cell for cell in stored.cells if cell.cell_type == "code"]
    same = [(cell.source, _tags(cell)) for cell in new] == [(cell.source, _tags(cell)) for cell in old]
    if same:
        for cell, before in zip(new, old, strict=True):
            cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return notebook, same and all(cell.execution_count for cell in new)


def sync(source, root=ROOT):
    """Bring the notebook up to date with its source without executing; return whether its outputs are current."""
    path = notebook_of(source, root)
    stored = read_stored(path) if path.exists() else None
    if stored is not None:
        _refuse_to_lose_edits(source, path, stored, root)
    notebook, current = merge(source, stored)
    if current:
        _write(notebook, path, root)
    return current


def execute(source, root=ROOT):
    """Execute a chapter from its source in a fresh kernel and store the outputs; return the notebook's path."""
    from nbclient import NotebookClient

    path = notebook_of(source, root)
    if path.exists():
        _refuse_to_lose_edits(source, path, read_stored(path), root)
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = read_source(source)
    NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    notebook.metadata.pop("language_info", None)  # holds the exact Python version
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            _compress_picture(output)
            if output.output_type == "error":  # the message teaches; the stack shows this machine's folders
                output.traceback = [f"{output.ename}: {output.evalue}"]
    _write(notebook, path, root)
    return path


def problems(root=ROOT):
    """Return all that is wrong with the pairs, each as one line that names the file and the command that mends it."""
    found = []
    expected = {}
    install = colab_cell(root)
    for source in sources(root):
        path = notebook_of(source, root)
        expected[path] = source
        mend = f"make run CHAPTER={source.stem}"
        if not path.exists():
            found.append(f"{_name(source, root)} has no notebook: {mend}")
            continue
        complete = nbformat.reads(read_text(path), as_version=4)
        if complete.cells[: len(install)] != install or sum(map(is_colab_cell, complete.cells)) != len(install):
            what = "must begin with one cell that installs" if install else "must not hold a cell that installs"
            why = f"coursepkg on Colab, as repository.url in _config.yml is {'set' if install else 'empty'}"
            found.append(f"{_name(path, root)} {what} {why}: python -m tools.chapters sync")
        stored = without_colab_cell(complete)
        current, _ = merge(source, stored)
        if nbformat.writes(current) != nbformat.writes(stored):
            found.append(f"{_name(path, root)} is out of sync with {_name(source, root)}: {mend}")
        found += [f"{_name(path, root)}: {line}: {mend}" for line in notebook_problems(stored)]
    for path in sorted((root / NOTEBOOKS).rglob("*")):
        if path.suffix.lower() == ".ipynb" and path not in expected and ".ipynb_checkpoints" not in path.parts:
            source = root / SOURCES / path.relative_to(root / NOTEBOOKS).with_suffix(".md")
            command = f"jupytext --to md:myst -o {_name(source, root)} {_name(path, root)}, or delete it"
            found.append(f"{_name(path, root)} has no text source: {command}")
    listed = set(_listed(yaml.safe_load(read_text(root / "_toc.yml"))))
    for path in expected:
        entry = path.relative_to(root).with_suffix("").as_posix()
        if not {entry, f"{entry}.ipynb"} & listed:
            found.append(f"{_name(path, root)} is missing from _toc.yml: add the line `- file: {entry}` to its part")
    return found


def _listed(toc):
    """Yield what a table of contents names as files."""
    if isinstance(toc, dict):
        yield from (str(value) for key, value in toc.items() if key in ("file", "root"))
        toc = toc.values()
    if not isinstance(toc, (str, int, float, bool, type(None))):
        for part in toc:
            yield from _listed(part)


def notebook_problems(notebook):
    """Return what keeps a stored notebook from being clean: outputs that lack, lie or differ from run to run."""
    found = []
    if extra := set(notebook.metadata) - set(KEPT_NOTEBOOK_METADATA):
        found.append(f"carries the metadata {', '.join(sorted(extra))}")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not any(cell.outputs for cell in code):
        found.append("lacks outputs")
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        found.append("was not executed from top to bottom")
    for position, cell in enumerate(notebook.cells):
        where = f"cell {position}"
        if cell.cell_type == "code":
            lines = cell.source.splitlines()
            if any(len(line) > MOST_COLUMNS for line in lines):
                found.append(f"{where} has a line of more than {MOST_COLUMNS} columns, which a page cannot show")
            if len(lines) > MOST_LINES:
                found.append(f"{where} has {len(lines)} lines; move what is not to be read into coursepkg")
        if "execution" in cell.metadata or "ExecuteTime" in cell.metadata:
            found.append(f"{where} carries execution metadata")
        if "nbval-ignore-output" in _tags(cell) and "#" not in cell.source:
            found.append(f"{where} is tagged nbval-ignore-output without a comment that says why")
        for output in cell.get("outputs", []):
            found += [f"{where} {line}" for line in _output_problems(cell, output)]
    return found


def _output_problems(cell, output):
    text = output.get("text", "") or "".join(str(v) for k, v in output.get("data", {}).items() if k.startswith("text/"))
    if output.output_type == "error" and "raises-exception" not in _tags(cell):
        yield "stores an error"
    if "Traceback (most recent call last)" in text:
        yield "stores a traceback"
    if output.output_type == "stream" and output.name == "stderr":
        yield "stores stderr"
    if match := ABSOLUTE_PATH.search(text):
        yield f"stores the absolute path {match.group()}"
    if any(kind.startswith("image/") for kind in output.get("data", {})) and not _alt_text(cell):
        yield 'stores an image without alt text (add "mystnb: {image: {alt: …}}" to the cell in the .md file)'


def _alt_text(cell):
    return str(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")).strip()


def _tags(cell):
    return list(cell.metadata.get("tags", []))


def _refuse_to_lose_edits(source, path, stored, root):
    """Stop if someone edited the notebook after its source: writing the pair anew would lose that work."""
    sides = [[(cell.cell_type, cell.source) for cell in notebook.cells] for notebook in (read_source(source), stored)]
    if sides[0] != sides[1] and path.stat().st_mtime > source.stat().st_mtime + 1:
        raise SystemExit(
            f"{_name(path, root)} was edited after {_name(source, root)}. To keep the notebook's edits: "
            f"jupytext --sync {_name(path, root)}. To drop them: touch {_name(source, root)}. Then run this again."
        )


def _compress_picture(output):
    """Reduce a stored PNG to a palette: a quarter of the size, no visible difference.

    64 colors do for diagrams and gray images; what they would change by more than 1 of 255 on average gets 256.
    """
    data = output.get("data", {}).get("image/png")
    if data is None:
        return
    from PIL import Image, ImageChops, ImageStat

    original = base64.b64decode(data)
    full = Image.open(io.BytesIO(original)).convert("RGB")
    picture = full.quantize(64, dither=Image.Dither.NONE)
    change = ImageStat.Stat(ImageChops.difference(full, picture.convert("RGB")))
    if max(change.mean) > 1:
        picture = full.quantize(256, dither=Image.Dither.NONE)
    small = io.BytesIO()
    picture.save(small, "PNG", optimize=True)
    if small.tell() < len(original):
        output["data"]["image/png"] = base64.b64encode(small.getvalue()).decode("ascii") + "\n"


def _write(notebook, path, root):
    notebook.cells = colab_cell(root) + notebook.cells
    text = nbformat.writes(notebook) + "\n"
    if not path.exists() or read_text(path) != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)


def _name(path, root):
    return path.relative_to(root).as_posix()


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["sync", "run", "check"])
    parser.add_argument("names", nargs="*", help="chapters by file name, without ending")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), help="notebooks executed at the same time")
    options = parser.parse_args(arguments)
    os.environ["COURSE_PROGRESS_FILE"] = ""  # what a chapter solves is not what its reader solved
    if options.command == "check":
        found = problems()
        print("\n".join(found) or "all pairs are in sync and clean")
        return 1 if found else 0
    chosen = sources(names=options.names)
    stale = [source for source in chosen if not sync(source)]
    if options.command == "sync":
        for source in stale:
            print(f"{source.stem}: its code changed since it last ran; store new outputs with: make run")
        return 0
    todo = chosen if options.names else stale
    failed = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for source, job in [(source, pool.submit(execute, source)) for source in todo]:
            try:
                print(f"executed {_name(job.result(), ROOT)}", flush=True)
            except Exception as error:  # one chapter that fails must not hide the others
                failed += 1
                print(f"FAILED {_name(source, ROOT)}:\n{error}", file=sys.stderr, flush=True)
    print(f"{len(todo) - failed} executed, {failed} failed, {len(chosen) - len(todo)} unchanged")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
