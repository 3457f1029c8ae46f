"""Whenever `make run` is killed, the chapter's notebook is the old one or the new one, and the next run ends well."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from tests.kills import killed, run

ROOT = Path(__file__).parents[2]
CHAPTER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---

# A chapter

```{code-cell} ipython3
print(1 + 1)
```

```{code-cell} ipython3
[0.5 * n for n in range(3)]
```
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is of POSIX")
def test_a_killed_run_of_a_chapter_leaves_a_whole_notebook(tmp_path):
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "_config.yml", tmp_path)
    (tmp_path / "_toc.yml").write_text("- file: book/notebooks/1/chapter\n")
    source = tmp_path / "book/chapters/1/chapter.md"
    notebook = tmp_path / "book/notebooks/1/chapter.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(CHAPTER)
    command = [sys.executable, "-m", "tools.chapters", "run", "chapter"]
    options = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}}
    _, seconds = run(command, **options)
    undisturbed = notebook.read_bytes()
    for before in (None, undisturbed.replace(b"print(1 + 1)", b"print(2 + 2)")):  # a new chapter, and one that changed
        notebook.unlink(missing_ok=True)
        if before:
            notebook.write_bytes(before)
            os.utime(notebook, (0, 0))
        killed(command, seconds, seed=2, **options)
        if notebook.exists():
            assert notebook.read_bytes() in (before, undisturbed)
            nbformat.validate(nbformat.read(notebook, as_version=4))
        run(command, **options)
        assert notebook.read_bytes() == undisturbed
    assert run([sys.executable, "-m", "tools.chapters", "check"], **options)[0] == "all pairs are in sync and clean\n"
