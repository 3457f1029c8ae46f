"""The list of chapters in the package is that of the book."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coursepkg.exercises import all_exercises
from coursepkg.exercises.parts import part_of, parts, position

BOOK = Path(__file__).parents[2] / "book"


@pytest.mark.parametrize("part", [part for part in parts() if part])
def test_the_chapters_are_those_on_the_map_of_their_part(part):
    page = next((BOOK / "parts").glob(f"{part}-*.md"))
    chapters = re.search(r":::\{chapter-map\}\n(.*?):::", page.read_text(encoding="utf-8"), re.DOTALL)[1]
    names = [line for line in chapters.splitlines() if line and not line.startswith(":")]
    written = {path.stem for path in (BOOK / "chapters").glob(f"{part}-*/*.md")}
    # A map may announce chapters that nobody has written yet.
    assert parts()[part] == [name for name in names if name in written]
    assert written <= set(names)


def test_each_chapter_that_exists_lies_in_the_folder_of_its_part():
    for source in (BOOK / "chapters").rglob("*.md"):
        folder = source.relative_to(BOOK / "chapters").parts[0]
        part = part_of(f"{source.stem}/x")
        # Beside the folders of the parts lie the chapter before part I, and reference chapters, which are in none.
        assert part == int(folder[0]) if folder[0].isdigit() else part in (0, None), source


def test_every_part_that_has_chapters_is_listed():
    folders = {path.parent.name for path in (BOOK / "chapters").glob("*/*.md")}
    assert set(parts()) == {0, *(int(folder[0]) for folder in folders)}


def test_exercises_come_in_the_order_of_the_book():
    positions = [position(label) for label in all_exercises()]
    assert positions == sorted(positions)
    assert part_of("no-such-chapter/x") is None
