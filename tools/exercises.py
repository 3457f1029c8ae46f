"""Compile the exercises of the chapters into the bank that the package ships.

python -m tools.exercises            write the bank: texts and hints, and apart from them the solutions
python -m tools.exercises --check    only say what is stale or wrong, and how to mend it

How a chapter writes an exercise is said in :mod:`coursepkg.exercises.source`, and a question in
:mod:`coursepkg.exercises.questions`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from pathlib import Path

import yaml

from coursepkg._files import read_text, write_atomically
from coursepkg.exercises.answers import Answers
from coursepkg.exercises.answers.questions import answers_of
from coursepkg.exercises.cases.questions import questions
from coursepkg.exercises.source import SourceError, read_exercises

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS, NOTEBOOKS = Path("book/chapters"), Path("book/notebooks")
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
    for path in sorted(path for path in (root / CHAPTERS).rglob("*") if path.suffix.lower() == ".md"):
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
            if "kind" in texts:
                solutions[label] = texts.pop("key")
                notebook = root / NOTEBOOKS / path.relative_to(root / CHAPTERS).with_suffix(".ipynb")
                if problem := contradiction(texts, solutions[label], notebook):
                    problems.append(f"{where}: {label}: {problem}")
            else:
                solutions[label] = texts.pop("solution_source")
            bank[label] = texts
    parts_text = json.dumps(parts(root))
    bank_text = f'{{"parts": {parts_text},\n"exercises": {_lines(bank)}}}\n'
    return {BANK: bank_text, SOLUTIONS: f"{_lines(solutions)}\n"}, problems


def contradiction(texts, key, notebook):
    """Return in which way the stored outputs of a chapter contradict the right answer of a question, or None.

    Parameters
    ----------
    texts, key : dict
        From :func:`coursepkg.exercises.questions.read_question`. Where the key names an ``output``, that pattern must
        match exactly once in all printed outputs. The numbers in its group must be the right answer, to its tolerance;
        of choices, the right one must hold the group's text, and no other one may.
    notebook : Path

    Returns
    -------
    str or None
    """
    if "output" not in key:
        return None
    found = re.findall(key["output"], _printed(notebook), re.MULTILINE)
    if len(found) != 1 or not isinstance(found[0], str):
        what = f"matches {len(found)} times in the stored outputs; it must match once, with one group"
        return f"the output {key['output']!r} {what}"
    text = found[0].strip()
    if texts["kind"] == "choice":
        holding = [letter for letter, choice in texts["choices"].items() if _holds(choice, text)]
        if holding == [key["right"]]:
            return None
        return f"the output says {text!r}, which is in the choices {holding}, but {key['right']} is right"
    read = [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e[-+]?\d+)?", text.replace("\u2212", "-"))]
    answer = read[0] if texts["kind"] == "number" and len(read) == 1 else read
    if _is_right(texts, key, tuple(answer) if texts["kind"] == "shape" else answer):
        return None
    return f"the output says {text!r}, but the right answer is {key['right']}"


def _is_right(texts, key, answer):
    """Return whether an answer to a question is right."""
    (case,) = questions(texts["kind"], texts["choices"])
    return answers_of(texts["kind"], key, texts["choices"]).judge(answer, **case.facts) is None


def _holds(choice, text):
    """Whether a choice holds a text, as a word or number of its own."""
    choice = choice.replace("\u2212", "-").replace("`", "")
    return bool(re.search(rf"(?<![\w.]){re.escape(text)}(?!\w|\.\d)", choice))


def _printed(notebook):
    """Return all that the stored outputs of a notebook print, as one text."""
    if not notebook.exists():
        return ""
    outputs = [o for cell in json.loads(read_text(notebook))["cells"] for o in cell.get("outputs", [])]
    texts = ["".join(o.get("text", o.get("data", {}).get("text/plain", ""))) for o in outputs]
    return "\n".join(texts)


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
    solutions = json.loads(files[SOLUTIONS])
    problems += modules(label for label, solution in solutions.items() if isinstance(solution, str))
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
