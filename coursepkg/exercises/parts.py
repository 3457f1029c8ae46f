"""The chapters of the book, in the order of its table of contents, so that exercises can be listed by part."""

from __future__ import annotations

import functools
import json
from pathlib import Path

BANK = Path(__file__).with_name("bank.json")  # compiled by tools/exercises.py, from _toc.yml and the chapters


@functools.cache
def content():
    """Return what was compiled: the chapters of each part, and the texts of each exercise."""
    return json.loads(BANK.read_text(encoding="utf-8"))


def parts():
    """Return the names of the chapters of each part that has some, in the order of the book.

    Returns
    -------
    dict of int to list of str
        0 holds what stands before part I.
    """
    return {int(part): chapters for part, chapters in content()["parts"].items()}


def part_of(label):
    """Return the number of the part to which the chapter of a label belongs; None for a chapter that is not listed.

    Parameters
    ----------
    label : str
        "chapter/name".

    Returns
    -------
    int in [0, 6], or None
        0 is what stands before part I.

    Examples
    --------
    >>> part_of("xor/by-hand")
    1
    """
    chapter = label.partition("/")[0]
    return next((part for part, chapters in parts().items() if chapter in chapters), None)


def position(label):
    """Return what a label is sorted by: the place of its chapter in the book."""
    chapters = [chapter for chapters in parts().values() for chapter in chapters]
    chapter = label.partition("/")[0]
    return chapters.index(chapter) if chapter in chapters else len(chapters)
