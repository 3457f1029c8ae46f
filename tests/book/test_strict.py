"""The strict build fails on a warning, each time, and is left out only where the same files have just passed."""

from __future__ import annotations

import subprocess

import pytest

from tests.names import WORST
from tools import strict

pytest.importorskip("jupyter_book", reason="the book's packages are not installed (requirements/book.txt)")


@pytest.fixture
def clone(tmp_path):
    root = tmp_path / WORST
    for folder in ("book", "coursepkg", "tools"):
        (root / folder).mkdir(parents=True)
    (root / "_config.yml").write_text("title: A book\nonly_build_toc_files: true\n", encoding="utf-8")
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/index\n", encoding="utf-8")
    (root / "book/index.md").write_text("# Title\n\nText.\n", encoding="utf-8")
    return root


def test_a_broken_link_fails_every_time_and_a_repaired_book_passes(clone, tmp_path):
    stamp = tmp_path / "made/stamp"
    (clone / "book/index.md").write_text("# Title\n\n{ref}`nowhere`\n", encoding="utf-8")
    for attempt in ("first", "second"):
        done = strict.build(tmp_path / attempt, root=clone, stamp=stamp, capture=True)
        assert done.returncode != 0
        assert "undefined label: 'nowhere'" in done.stderr
        assert not stamp.exists()
    (clone / "book/index.md").write_text("# Title\n", encoding="utf-8")
    assert strict.build(tmp_path / "third", root=clone, stamp=stamp, capture=True).returncode == 0
    assert stamp.read_text() == strict.state(clone)
    assert (tmp_path / "third/_build/html/book/index.html").exists()


def test_what_was_built_is_not_built_again_until_anything_changes(clone, tmp_path, monkeypatch, capsys):
    ran, stamp, status = [], tmp_path / "made/stamp", 0

    def run(command, **options):
        ran.append(command)
        return subprocess.CompletedProcess(command, status)

    monkeypatch.setattr(strict.subprocess, "run", run)
    assert strict.main(clone, stamp) == 0
    assert ran[-1][-3:] == ["-W", "-n", "--keep-going"]
    assert strict.main(clone, stamp) == 0
    assert len(ran) == 1
    assert "built these very files strictly" in capsys.readouterr().out
    for number, name in enumerate(("book/index.md", "coursepkg/new.py", "tools/sphinx.py", "_toc.yml"), start=2):
        (clone / name).write_text("changed", encoding="utf-8")
        assert strict.main(clone, stamp) == 0
        assert len(ran) == number
    status = 1
    (clone / "book/index.md").write_text("changed again", encoding="utf-8")
    assert strict.main(clone, stamp) == 1
    status = 0
    assert strict.main(clone, stamp) == 0
    assert len(ran) == 7
