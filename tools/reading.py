"""How long a chapter takes to read: counted, not guessed.

python -m tools.reading            what each chapter takes, and what it says
python -m tools.reading --check    only say which chapters state something else
python -m tools.reading --write    put what was counted into the chapters that say something else

Prose is read at 160 words a minute; a line of code that is shown takes 6 seconds, a displayed formula 30, a picture or
a table 20, a printed one too. What is closed when the page opens (solutions, boxes, folded cells) does not count, nor
do exercises, which state minutes of their own.
"""

from __future__ import annotations

import argparse
import re
import sys

from coursepkg._files import read_text, write_atomically
from tools.chapters import ROOT, notebook_of, read_source, read_stored, sources
from tools.student import without_solutions

WORDS_A_MINUTE, CODE_LINE, FORMULA, FIGURE = 160, 6, 30, 20  # the last three in seconds
TABLE_LINES = 4
STEP = 5  # a chapter states its minutes rounded to these
STATED = re.compile(r"\d+ minutes of reading(?:, \d+ of exercises)?")
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
UNSEEN = {"hide-output", "hide-cell", "remove-output", "remove-cell"}
_EXERCISE = re.compile(
    r"^(`{3,}|:{3,})\{(?:exercise-start\}.*?\{exercise-end\}|question\}|exercise\}).*?^\1[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_LEVEL, _QUESTION = re.compile(r"\*Level \d · (\d+) minutes?"), re.compile(r"^:{3,}\{question\}", re.MULTILINE)
_CLOSED = re.compile(
    r"^(:{3,}|`{3,})\{(?:dropdown\}|(?:admonition|note|tip|warning)\}[^\n]*\n:class:[^\n]*\bdropdown\b).*?^\1[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_FORMULA = re.compile(r"^(?:```|:::)\{math\}.*?^(?:```|:::)[ \t]*$|\$\$.*?\$\$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^(?::::|```)\{(?:list|csv)-table\}.*?^(?::::|```)[ \t]*$", re.MULTILINE | re.DOTALL)
_ROWS = re.compile(r"(?:^\|.*\|[ \t]*\n?){2,}", re.MULTILINE)
_PICTURE = re.compile(r"^(?:`{3,}|:{3,})\{(?:image|figure)\}|!\[", re.MULTILINE)
_CODE = re.compile(r"^```(?!\{)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_NO_PROSE = re.compile(r"^#.*$|`[^`\n]*`|\$[^$\n]*\$", re.MULTILINE)
_MARKUP = re.compile(r"^(?:`{3,}|:{3,}).*$|^:[\w-]+:.*$|^\([\w-]+\)=$|\{[\w:]+\}(?=`)|\]\([^)]*\)", re.MULTILINE)


def reading_seconds(notebook):
    """Return how long a chapter takes to read, in seconds.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        With its outputs; without them, tables and pictures that the code makes do not count.
    """
    seconds, inside = 0.0, False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text, inside = without_solutions(cell.source, inside)
            seconds += _prose_seconds(text)
        elif not inside and not _belongs_to_an_exercise(cell):
            tags = set(cell.metadata.get("tags", []))
            seconds += 0 if tags & FOLDED else CODE_LINE * _lines(cell.source)
            seconds += 0 if tags & UNSEEN else FIGURE * sum(_is_seen(output) for output in cell.get("outputs", []))
    return seconds


def reading_minutes(notebook):
    """Return `reading_seconds` in minutes, rounded to five."""
    return max(STEP, STEP * round(reading_seconds(notebook) / 60 / STEP))


def exercise_minutes(text):
    """Return the sum of the minutes that the exercises of a chapter's text state; a question takes one."""
    return sum(map(int, _LEVEL.findall(text))) + len(_QUESTION.findall(text))


def stated(text, notebook):
    """Return what a chapter has to say: "45 minutes of reading, 60 of exercises"."""
    exercises = exercise_minutes(text)
    return f"{reading_minutes(notebook)} minutes of reading" + (f", {exercises} of exercises" if exercises else "")


def problem(source):
    """Return what is wrong with the minutes that a chapter states, or None; a page without such minutes is free."""
    text = read_text(source)
    says, right = STATED.search(text), stated(text, _read(source))
    return f'says "{says[0]}"; counted were {right}' if says and says[0] != right else None


def running_text(notebook):
    """Return the texts of a chapter's prose, a string a cell: no exercises, tables, formulas, code or headings."""
    texts, inside = [], False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text, inside = without_solutions(cell.source, inside)
            text = _CLOSED.sub("", _EXERCISE.sub("", text))
            for pattern in (_FORMULA, _TABLE, _ROWS, _CODE, _NO_PROSE, _MARKUP):
                text = pattern.sub(" ", text)
            texts.append(text)
    return texts


def _prose_seconds(text):
    seconds = 0.0
    text = _CLOSED.sub("", _EXERCISE.sub("", text))
    for pattern, cost in ((_FORMULA, FORMULA), (_TABLE, FIGURE), (_ROWS, FIGURE), (_PICTURE, FIGURE)):
        text, count = pattern.subn("\n", text)
        seconds += cost * count
    seconds += sum(CODE_LINE * _lines(code) for code in _CODE.findall(text))
    words = re.findall(r"\w[\w'’.-]*", _MARKUP.sub(" ", _CODE.sub("", text)))
    return seconds + 60 * len(words) / WORDS_A_MINUTE


def _lines(source):
    return sum(bool(line.strip()) for line in source.splitlines())


def _is_seen(output):
    """Whether an output is a picture or a table; a text of several lines is read like a table."""
    kinds = output.get("data", {})
    text = "".join(output.get("text", "")) or "".join(kinds.get("text/plain", ""))
    return any(kind.startswith("image/") for kind in kinds) or _lines(text) >= TABLE_LINES


def _belongs_to_an_exercise(cell):
    check = re.search(r"^check\(\"[\w/-]+\"", cell.source, re.MULTILINE)
    return bool({"exercise", "question"} & set(cell.metadata)) or bool(check)


def _read(source):
    path = notebook_of(source)
    return read_stored(path) if path.exists() else read_source(source)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="chapters by file name, without ending")
    parser.add_argument("--check", action="store_true", help="only say what is wrong, and how to mend it")
    parser.add_argument("--write", action="store_true", help="correct what the chapters say")
    options = parser.parse_args(arguments)
    if options.check:
        found = [(source, line) for source in sources(names=options.names) if (line := problem(source))]
        for source, line in found:
            print(f"{source.relative_to(ROOT).as_posix()} {line}: python -m tools.reading --write {source.stem}")
        return 1 if found else 0
    for source in sources(names=options.names):
        text, notebook = read_text(source), _read(source)
        says, right = STATED.search(text), stated(text, notebook)
        if says:
            print(f"{reading_seconds(notebook) / 60:5.1f} minutes  {source.relative_to(ROOT).as_posix()}: {says[0]}")
        if options.write and says and says[0] != right:
            write_atomically(source, STATED.sub(right, text, count=1))
            print(f"{'':15}now: {right}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
