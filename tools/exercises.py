"""Write the texts of the exercises from the bank, ``coursepkg/exercises``, into the chapters that show them.

python -m tools.exercises            write statement, stub, solution and checks into the chapters
python -m tools.exercises --check    only say which chapters differ

A chapter shows an exercise in this order; what stands between these parts, and after the solution's check, is the
chapter's own:

    exercise-start … exercise-end    title, label, and the statement, which begins with level, minutes and points
    a code cell                      the stub, without its imports, which stand in the chapter's first cell
    solution-start … solution-end    a code cell that begins with the solution, under a name ending in "_solution"
    a code cell                      the check
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from coursepkg.exercises import all_exercises

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = Path("book/chapters")
CELL = r"```\{code-cell\} ipython3\n(?:---\n(?:(?!```).)*?\n---\n)?"


def head(exercise):
    """Return what a chapter shows of an exercise between its title and the statement."""
    return f"*Level {exercise.difficulty} · {exercise.minutes} minutes · {exercise.points} points.* "


def without_imports(source):
    """Return a program without the imports at its beginning."""
    lines = source.strip().splitlines()
    while lines and (not lines[0].strip() or lines[0].startswith(("import ", "from "))):
        lines.pop(0)
    return "\n".join(lines)


def solution_cell(exercise):
    """Return how the solution's cell begins: the model answer, named "…_solution", and its check."""
    name = f"{exercise.answer_name}_solution"
    source = re.sub(rf"\b{exercise.answer_name}\b", name, without_imports(exercise.solution_source))
    is_block = source.splitlines()[-1].startswith((" ", "\t"))
    space = "\n\n\n" if is_block else "\n"
    return f'{source}{space}check("{exercise.label}", {name}, record=False)'


def chapter_of(exercise, root=ROOT):
    """Return the Markdown source of an exercise's chapter, or None if there is none yet."""
    name = exercise.label.partition("/")[0]
    return next((root / CHAPTERS).rglob(f"{name}.md"), None)


def insert(text, exercise):
    """Return a chapter's text with the parts of one exercise replaced by those of the bank.

    Raises
    ------
    ValueError
        If the chapter does not show the exercise in the order that is described above.
    """
    label = re.escape(exercise.label)
    apart = r"(?:(?!```\{(?:exercise|solution)-).)*?"  # anything up to the next exercise or solution
    pattern = re.compile(
        rf"(?P<a>```\{{exercise-start\}})(?P<title>[^\n]*)(?P<b>\n:label: {label}\n```\n)(?P<statement>{apart})"
        rf"(?P<c>\n```\{{exercise-end\}}\n```\n{apart}{CELL})(?P<stub>.*?)"
        rf"(?P<d>\n```\n{apart}```\{{solution-start\}} {label}\n:class: dropdown\n```\n{apart}{CELL})"
        rf'(?P<solution>{apart}check\("{label}", \w+(?:, record=False)?\))'
        rf"(?P<e>{apart}\n```\{{solution-end\}}\n```\n{apart}{CELL})(?P<check>[^\n]*)",
        re.DOTALL,
    )
    found = pattern.search(text)
    if found is None:
        raise ValueError(f"{exercise.label} is not shown as statement, stub, solution, check; see tools/exercises.py")
    parts = {
        "title": f" {exercise.title}",
        "statement": head(exercise) + exercise.statement.strip(),
        "stub": without_imports(exercise.stub),
        "solution": solution_cell(exercise),
        "check": f'check("{exercise.label}", {exercise.answer_name})',
    }
    new = "".join(parts.get(name, old) for name, old in found.groupdict().items())
    return text[: found.start()] + new + text[found.end() :]


def update(root=ROOT, *, write=True):
    """Bring all chapters up to date with the bank.

    Returns
    -------
    list of Path, list of str
        The chapters that differ (or differed) from the bank, and what could not be brought in order.
    """
    changed, problems = [], []
    for exercise in all_exercises().values():
        source = chapter_of(exercise, root)
        if source is None or not exercise.statement:
            continue
        text = source.read_text(encoding="utf-8")
        try:
            new = insert(text, exercise)
        except ValueError as error:
            problems.append(f"{source.relative_to(root).as_posix()}: {error}")
            continue
        if new != text:
            if source not in changed:
                changed.append(source)
            if write:
                source.write_text(new, encoding="utf-8", newline="\n")
    return changed, problems


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a chapter differs")
    options = parser.parse_args(arguments)
    changed, problems = update(write=not options.check)
    for source in changed:
        name = source.relative_to(ROOT).as_posix()
        print(f"{name} differs from the bank: python -m tools.exercises" if options.check else f"wrote {name}")
    if changed and not options.check:
        print(f"store new outputs with: python -m tools.chapters run {' '.join(path.stem for path in changed)}")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems or (options.check and changed) else 0


if __name__ == "__main__":
    sys.exit(main())
