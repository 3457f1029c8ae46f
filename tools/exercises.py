"""Compile the exercises of the chapters into the bank that the package ships.

python -m tools.exercises            write the bank: texts and hints, and apart from them the solutions
python -m tools.exercises --check    only say what is stale or wrong, and how to mend it

How a chapter writes an exercise is said in :mod:`coursepkg.exercises.source`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

import yaml

from coursepkg._files import read_text, write_atomically
from coursepkg.exercises.answers import Answers
from coursepkg.exercises.source import SourceError, read_exercises

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = Path("book/chapters")
PACKAGE = Path("coursepkg/exercises")
BANK, SOLUTIONS = PACKAGE / "bank.json", PACKAGE / "answers/solutions.json"
MEND = "python -m tools.exercises"


def parts(root=ROOT):
    """Return the chapters of each part in the order of the book, from _toc.yml.

    Returns
    -------
    dict of str to list of str
        "0" are chapters before part I that have exercises; parts that hold no chapter yet are not listed.
    """
    toc = yaml.safe_load(read_text(root / "_toc.yml"))
    found = {}
    for block in toc["parts"]:
        for entry in block["chapters"]:
            path = Path(entry["file"])
            if path.parent == Path("book/notebooks") and "1" not in found:
                found.setdefault("0", []).append(path.name)
            if path.parent == Path("book/parts") and entry.get("sections"):
                number = path.name.partition("-")[0]
                found[number] = [Path(section["file"]).name for section in entry["sections"]]
    return found


def compiled(root=ROOT):
    """Return the content of the compiled files by path, and what is wrong with the chapters.

    Returns
    -------
    dict of Path to str, list of str
    """
    bank, solutions, problems = {}, {}, []
    for path in sorted((root / CHAPTERS).rglob("*.md")):
        where = path.relative_to(root).as_posix()
        try:
            exercises = read_exercises(read_text(path))
        except SourceError as error:
            problems.append(f"{where}: {error}")
            continue
        for texts in exercises:
            label = texts["label"]
            if label.partition("/")[0] != path.stem or label in bank:
                problems.append(f'{where}: the label {label} must be "{path.stem}/name", and occur once')
            solutions[label] = texts.pop("solution_source")
            bank[label] = texts
    parts_text = json.dumps(parts(root))
    bank_text = f'{{"parts": {parts_text},\n"exercises": {_lines(bank)}}}\n'
    return {BANK: bank_text, SOLUTIONS: f"{_lines(solutions)}\n"}, problems


def _lines(entries):
    """Return a dictionary as JSON with a line for each entry, so that a difference shows which exercise it is in."""
    lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in entries.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def modules(labels):
    """Return what is wrong with the modules of cases and answers that belong to the labels."""
    problems = []
    for label in labels:
        chapter, name = (part.replace("-", "_") for part in label.split("/"))
        for room, expected in (("cases", callable), ("answers", lambda found: isinstance(found, Answers))):
            where = f"coursepkg.exercises.{room}.{chapter}"
            try:
                defined = expected(getattr(importlib.import_module(where), name, None))
            except ModuleNotFoundError:
                defined = False
            if not defined:
                problems.append(f"{label}: {where} must define {name}")
    return problems


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if something is stale")
    options = parser.parse_args(arguments)
    files, problems = compiled()
    for path, content in files.items():
        target = ROOT / path
        if target.exists() and read_text(target) == content:
            continue
        if options.check:
            problems.append(f"{path.as_posix()} is not what the chapters say: {MEND}")
        else:
            write_atomically(target, content)
            print(f"wrote {path.as_posix()}")
    problems += modules(json.loads(files[SOLUTIONS]))
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
