"""How long the HTML takes: from scratch, and again after one page was edited.

python -m benchmarks.book_build     about a minute
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def build():
    started = time.perf_counter()
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "--quiet"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - started


def main():
    shutil.rmtree(ROOT / "_build", ignore_errors=True)
    n_pages = (ROOT / "_toc.yml").read_text(encoding="utf-8").count("file:") + 1
    scratch = build()
    (ROOT / "book/how-to-use.md").touch()
    again = build()
    print(f"{n_pages} pages from scratch {scratch:5.1f} s, after one edit {again:5.1f} s, ratio {again / scratch:.2f}")


if __name__ == "__main__":
    main()
