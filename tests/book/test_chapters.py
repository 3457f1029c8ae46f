"""The pairs of chapters: in sync, clean, listed; and the check that says so notices each kind of damage."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.names import NAMES
from tools import chapters

ROOT = Path(__file__).parents[2]


def test_all_pairs_are_in_sync_and_clean():
    assert chapters.problems() == []


@pytest.fixture
def copy(tmp_path):
    """A copy of three chapters and of what else the check reads, to damage."""
    for name in ("1-neurons/perceptron", "1-neurons/xor", "errata"):
        for path in (Path(f"book/chapters/{name}.md"), Path(f"book/notebooks/{name}.ipynb")):
            (tmp_path / path.parent).mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tmp_path / path)
    shutil.copy(ROOT / "_toc.yml", tmp_path)
    name_repository(tmp_path, "")
    return tmp_path


def name_repository(root, url, branch="main"):
    (root / "_config.yml").write_text(f'repository: {{url: "{url}", branch: {branch}}}\n', encoding="utf-8")


def sync(root, name="1-neurons/perceptron"):
    """Bring one notebook in line with its source and the configuration; return it."""
    assert chapters.sync(root / f"book/chapters/{name}.md", root)
    return nbformat.read(root / f"book/notebooks/{name}.ipynb", as_version=4)


def damaged(root, change, name="1-neurons/perceptron"):
    """Apply a change to a notebook of the copy and return what the check says."""
    path = root / f"book/notebooks/{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)
    return "\n".join(chapters.problems(root))


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def with_output(notebook, kind):
    return next(c for c in code_cells(notebook) for o in c.outputs if kind in str(o.get("data", o)))


def drop_outputs(notebook):
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None


def add_stderr(notebook):
    code_cells(notebook)[2].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="a warning"))


def add_error(notebook):
    code_cells(notebook)[2].outputs.append(nbformat.v4.new_output("error", ename="E", evalue="", traceback=[]))


def print_text(text):
    def change(notebook):
        code_cells(notebook)[2].outputs.append(nbformat.v4.new_output("stream", name="stdout", text=text))

    return change


def drop_alt(notebook):
    del with_output(notebook, "image/png").metadata["mystnb"]["image"]["alt"]


def edit_code(notebook):
    code_cells(notebook)[0].source += "\n# edited"


def time_cell(notebook):
    code_cells(notebook)[0].metadata["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}


def skip_count(notebook):
    code_cells(notebook)[1].execution_count = 40


def add_kernel_details(notebook):
    notebook.metadata["language_info"] = {"name": "python", "version": "3.11.7"}


def ignore_without_reason(notebook):
    cell = next(cell for cell in code_cells(notebook) if "#" not in cell.source)
    cell.metadata["tags"] = ["nbval-ignore-output"]


def widen(notebook):
    code_cells(notebook)[0].source += f"\nx = '{'a' * 100}'"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_outputs, "lacks outputs"),
        (skip_count, "was not executed from top to bottom"),
        (add_stderr, "stores stderr"),
        (add_error, "stores an error"),
        (print_text("Traceback (most recent call last)"), "stores a traceback"),
        (print_text("saved in /home/ada/model.keras"), "stores the absolute path /home/ada"),
        (print_text(r"saved in C:\Users\ada"), "stores the absolute path C:"),
        (drop_alt, "stores an image without alt text"),
        (edit_code, "is out of sync with book/chapters/1-neurons/perceptron.md"),
        (time_cell, "carries execution metadata"),
        (add_kernel_details, "carries the metadata language_info"),
        (ignore_without_reason, "without a comment that says why"),
        (widen, "more than 88 columns"),
    ],
)
def test_damage_is_named_with_the_file_and_the_command(copy, change, said):
    text = damaged(copy, change)
    line = next((line for line in text.splitlines() if said in line), None)
    assert line, text
    assert "book/notebooks/1-neurons/perceptron.ipynb" in line
    assert "make run CHAPTER=perceptron" in line


def test_missing_partners_and_toc_lines_are_named(copy):
    (copy / "book/notebooks/1-neurons/xor.ipynb").unlink()
    shutil.copy(copy / "book/notebooks/1-neurons/perceptron.ipynb", copy / "book/notebooks/1-neurons/lonely.ipynb")
    toc = (copy / "_toc.yml").read_text(encoding="utf-8")
    (copy / "_toc.yml").write_text(toc.replace("1-neurons/perceptron", "1-neurons/elsewhere"), encoding="utf-8")
    text = "\n".join(chapters.problems(copy))
    assert "book/chapters/1-neurons/xor.md has no notebook: make run CHAPTER=xor" in text
    assert "lonely.ipynb has no text source: jupytext" in text
    assert "add the line `- file: book/notebooks/1-neurons/perceptron`" in text


def test_editing_text_keeps_the_outputs_and_editing_code_asks_for_a_run(copy):
    source = copy / "book/chapters/1-neurons/perceptron.md"
    path = copy / "book/notebooks/1-neurons/perceptron.ipynb"
    text = source.read_text(encoding="utf-8")
    outputs = [cell.outputs for cell in code_cells(nbformat.read(path, as_version=4))]
    source.write_text(text.replace("## Summary", "## In short"), encoding="utf-8")
    assert chapters.sync(source, copy)
    after = nbformat.read(path, as_version=4)
    assert any("## In short" in cell.source for cell in after.cells)
    assert [cell.outputs for cell in code_cells(after)] == outputs
    source.write_text(text.replace("seed_numpy(42)", "seed_numpy(43)"), encoding="utf-8")
    assert not chapters.sync(source, copy)


def test_edits_in_the_notebook_are_never_overwritten(copy):
    source = copy / "book/chapters/1-neurons/perceptron.md"
    path = copy / "book/notebooks/1-neurons/perceptron.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\n\nA student's own remark."
    nbformat.write(notebook, path)
    later = source.stat().st_mtime + 60
    os.utime(path, (later, later))
    with pytest.raises(SystemExit, match=r"perceptron\.ipynb was edited after .*jupytext --sync"):
        chapters.sync(source, copy)
    assert "A student's own remark." in path.read_text(encoding="utf-8")


COURSE = "https://github.com/example/course"


def test_notebooks_install_the_package_on_colab_once_the_repository_is_known(copy):
    before = sync(copy)
    assert not any("google.colab" in cell.source for cell in before.cells)
    name_repository(copy, f"{COURSE}/", "stable")
    after = sync(copy)
    first, *others = after.cells
    assert (first.id, first.metadata, first.outputs) == ("install-on-colab", {"tags": ["remove-cell"]}, [])
    assert f'%pip install --quiet "coursepkg @ git+{COURSE}@stable"' in first.source
    assert others == before.cells
    assert sync(copy) == after  # a second time changes nothing
    name_repository(copy, "https://github.com/example/elsewhere")
    other = sync(copy)
    assert "example/elsewhere@main" in other.cells[0].source
    assert other.cells[1:] == before.cells
    name_repository(copy, "")
    assert sync(copy) == before


def test_a_run_writes_the_cell_for_colab_and_does_not_execute_it(tmp_path):
    source = tmp_path / "book/chapters/small.md"
    source.parent.mkdir(parents=True)
    head = "---\nkernelspec: {name: python3, display_name: Python 3}\n---\n\n"
    source.write_text(f"{head}```{{code-cell}}\n1 + 1\n```\n", encoding="utf-8")
    name_repository(tmp_path, COURSE)
    install, sum_ = nbformat.read(chapters.execute(source, tmp_path), as_version=4).cells
    assert (install.id, install.execution_count, install.outputs) == ("install-on-colab", None, [])
    assert (sum_.execution_count, sum_.outputs[0].data["text/plain"]) == (1, "2")


def test_the_cell_for_colab_does_nothing_elsewhere(copy, monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    name_repository(copy, COURSE)
    shell, commands = InteractiveShell(), []
    shell.register_magic_function(commands.append, magic_name="pip")
    source = chapters.colab_cell(copy)[0].source
    assert shell.run_cell(source).success
    assert commands == []
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert shell.run_cell(source).success
    assert commands == [f'install --quiet "coursepkg @ git+{COURSE}@main"']


def add_colab_cell_again(notebook):
    notebook.cells.append(nbformat.from_dict({**notebook.cells[0], "id": "again"}))


@pytest.mark.parametrize(
    ("url", "change", "said"),
    [
        (COURSE, lambda notebook: notebook.cells.pop(0), "must begin with one cell that installs"),
        (COURSE, add_colab_cell_again, "must begin with one cell that installs"),
        (f"{COURSE}-2", lambda notebook: None, "must begin with one cell that installs"),
        ("", lambda notebook: None, "must not hold a cell that installs"),
    ],
)
def test_the_check_names_a_cell_for_colab_that_is_missing_superfluous_or_of_another_address(copy, url, change, said):
    for path in [*copy.rglob("*.md"), *copy.rglob("*.ipynb")]:  # one chapter tells enough
        if path.stem != "perceptron":
            path.unlink()
    name_repository(copy, COURSE)
    sync(copy)
    assert chapters.problems(copy) == []
    name_repository(copy, url)
    line = damaged(copy, change)
    assert line.startswith(f"book/notebooks/1-neurons/perceptron.ipynb {said} coursepkg on Colab")
    assert line.endswith(": python -m tools.chapters sync")


def test_a_cell_for_colab_that_an_editor_copied_into_the_source_is_not_doubled(copy):
    import jupytext

    name_repository(copy, COURSE)
    before = sync(copy)
    source = copy / "book/chapters/1-neurons/perceptron.md"
    jupytext.write(before, source, fmt="md:myst")
    assert "%pip" in source.read_text(encoding="utf-8")
    assert sync(copy).cells == before.cells


def kept(array):
    """Return what a notebook keeps of a picture; both are arrays of bytes, shape [height, width, 3]."""
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    output = {"data": {"image/png": base64.b64encode(buffer.getvalue()).decode("ascii")}}
    chapters._compress_picture(output)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(output["data"]["image/png"]))).convert("RGB"))


def test_pictures_of_few_colors_keep_them_and_others_hardly_change():
    few = np.zeros((40, 40, 3), dtype=np.uint8)
    few[:20, :, 0], few[:, 20:, 2] = 200, 100
    np.testing.assert_array_equal(kept(few), few)
    gray = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 64, axis=1).repeat(3, axis=2)
    many = np.random.default_rng(0).integers(256, size=(64, 64, 3)).astype(np.uint8)
    assert np.abs(kept(gray).astype(int) - gray).mean() <= 1
    assert len(np.unique(kept(many).reshape(-1, 3), axis=0)) > 64


def test_settings_of_a_cell_that_cannot_be_read_are_named_with_file_and_line(tmp_path):
    source = tmp_path / "new.md"
    kernel = "kernelspec: {display_name: Python 3, language: python, name: python3}"
    source.write_text(f"---\n{kernel}\n---\n\n```{{code-cell}} ipython3\n---\na: ''\n  b\n---\n1\n```\n")
    with pytest.raises(SystemExit, match=r"new\.md: Code cell .* at line 5 could not be read: Invalid YAML"):
        chapters.read_source(source)


def test_an_unknown_chapter_lists_the_known_ones():
    with pytest.raises(SystemExit, match="no chapter is called perceptorn; there are: .*perceptron"):
        chapters.sources(names=["perceptorn"])


def test_a_changed_number_makes_the_notebook_test_fail(tmp_path):
    stored = [("0.1234", {}), ("0.1235", {}), ("0.1254", {}), ("0.1254", {"tolerance": {"abs": 0.01}})]
    notebook = nbformat.v4.new_notebook()
    for number, metadata in stored:
        cell = nbformat.v4.new_code_cell("print('loss', 0.1234)", execution_count=1, metadata=metadata)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"loss {number}\n")]
        notebook.cells.append(cell)
    nbformat.write(notebook, tmp_path / "small.ipynb")
    shutil.copy(ROOT / "conftest.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:xdist", "-p", "no:cacheprovider", "--nbval", "small.ipynb"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    outcomes = re.findall(r"::Cell \d ([A-Z]+)", done.stdout)
    assert outcomes == ["PASSED", "PASSED", "FAILED", "PASSED"], done.stdout
    assert "small, cell 2: stdout, number 1 of 1: stored 0.1254, now 0.1234: they differ by 0.002" in done.stdout
    assert "make run CHAPTER=small" in done.stdout


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_source_is_the_same_chapter_however_an_editor_saves_it(copy, mark, end):
    source = copy / "book/chapters/1-neurons/xor.md"
    stored = (copy / "book/notebooks/1-neurons/xor.ipynb").read_bytes()
    for path in (source, copy / "_toc.yml", copy / "_config.yml", copy / "book/notebooks/1-neurons/xor.ipynb"):
        path.write_bytes(mark + path.read_bytes().replace(b"\n", end))
    assert chapters.sync(source, copy)
    assert chapters.problems(copy) == []
    notebook = chapters.read_stored(chapters.notebook_of(source, copy))
    assert "kernelspec" in notebook.metadata
    assert notebook.cells[0].source.startswith("# ")
    if not mark:  # nothing is written anew for the ends of lines alone
        assert (copy / "book/notebooks/1-neurons/xor.ipynb").read_bytes() == stored.replace(b"\n", end)


@settings(
    deadline=None,
    max_examples=12,
    derandomize="COURSE_ALL" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(NAMES, NAMES, st.sampled_from([".md", ".MD", ".Md"]))
@example("[1] #%41$HOME", "a: '[b]' #1", ".md")
@pytest.mark.skipif(os.name == "nt", reason="names as POSIX has them")
def test_clones_and_chapters_may_have_any_name_and_endings_any_case(tmp_path_factory, clone, chapter, ending):
    root = tmp_path_factory.mktemp("clone") / clone
    for kind, end, new in (("chapters", ".md", ending), ("notebooks", ".ipynb", ".ipynb")):
        (root / f"book/{kind}/1-neurons").mkdir(parents=True)
        shutil.copy(ROOT / f"book/{kind}/1-neurons/xor{end}", root / f"book/{kind}/1-neurons/{chapter}{new}")
    toc = [{"file": "book/index"}, {"sections": [{"file": f"book/notebooks/1-neurons/{chapter}"}]}]
    (root / "_toc.yml").write_text(yaml.safe_dump({"root": "book/index", "parts": [{"chapters": toc}]}), "utf-8")
    name_repository(root, "")
    (source,) = chapters.sources(root, [chapter])
    assert chapters.sync(source, root)
    assert chapters.problems(root) == []
    (root / "_toc.yml").write_text("root: book/index\n")
    assert chapters.problems(root)[0].endswith("to its part")
