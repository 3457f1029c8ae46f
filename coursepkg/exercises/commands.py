"""What ``coursepkg exercises`` does: list, show, hint, and tell progress."""

from __future__ import annotations

import json
import sys

from coursepkg.exercises import all_exercises, find, progress
from coursepkg.exercises.parts import parts


def add_parser(subparsers):
    """Add ``exercises`` with its own subcommands to the parser of the ``coursepkg`` command.

    Parameters
    ----------
    subparsers : argparse._SubParsersAction
        What ``ArgumentParser.add_subparsers`` returned.

    Returns
    -------
    argparse.ArgumentParser
        The parser of ``exercises``, whose parsed arguments `run` takes.

    Examples
    --------
    >>> import argparse
    >>> parser = argparse.ArgumentParser()
    >>> _ = add_parser(parser.add_subparsers())
    >>> parser.parse_args(["exercises", "list", "--part", "1"]).part
    1
    """
    parser = subparsers.add_parser("exercises", help="list and show exercises, and say which are solved")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list the exercises, or those that the options choose")
    listing.add_argument("--part", type=int, choices=sorted(parts()), help="of this part; 0 comes before part I")
    listing.add_argument("--difficulty", type=int, choices=(1, 2, 3), help="1 apply, 2 combine, 3 think")
    listing.add_argument("--minutes", type=int, metavar="N", help="that take at most N minutes")
    listing.add_argument("--json", action="store_true", help="for programs")
    show = actions.add_parser("show", help="print the statement and the stub of one exercise")
    show.add_argument("label", metavar="LABEL", help="for example xor/by-hand")
    show.add_argument("--solution", action="store_true", help="print the solution as well")
    show.add_argument("--json", action="store_true", help="for programs")
    nudge = actions.add_parser("hint", help="print a hint to one exercise, from a nudge to nearly the answer")
    nudge.add_argument("label", metavar="LABEL", help="for example xor/by-hand")
    nudge.add_argument("number", nargs="?", type=int, default=1, metavar="N", help="the N-th hint (default: the first)")
    state = actions.add_parser("progress", help="say which exercises you solved on this computer")
    state.add_argument("--json", action="store_true", help="for programs")
    return parser


def run(args):
    """Carry out one ``coursepkg exercises`` command and print what it found.

    Parameters
    ----------
    args : argparse.Namespace
        With ``action`` and its options.

    Returns
    -------
    int
        Exit status: 0, or 1 if no exercise has the label, or not so many hints.
    """
    return {"list": _list, "show": _show, "hint": _hint, "progress": _progress}[args.action](args)


def _list(args):
    chosen = [
        exercise
        for exercise in all_exercises().values()
        if args.part in (None, exercise.part)
        and args.difficulty in (None, exercise.difficulty)
        and (args.minutes is None or exercise.minutes <= args.minutes)
    ]
    if args.json:
        print(json.dumps([_facts(exercise) for exercise in chosen], indent=1, ensure_ascii=False))
        return 0
    print(f"{'part':>4} {'label':<38} {'level':>5} {'min':>4} {'points':>6}  title")
    for exercise in chosen:
        numbers = f"{exercise.difficulty:>5} {exercise.minutes:>4} {exercise.points:>6}"
        print(f"{exercise.part!s:>4} {exercise.label:<38} {numbers}  {exercise.title}")
    minutes, points = sum(e.minutes for e in chosen), sum(e.points for e in chosen)
    print(f"{len(chosen)} exercise(s), {minutes} minutes, {points} points")
    return 0


def _show(args):
    try:
        exercise = find(args.label)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    texts = {"statement": exercise.statement, "stub": exercise.stub}
    if args.solution:
        texts["solution"] = exercise.solution_source
    if args.json:
        print(json.dumps({**_facts(exercise), **texts}, indent=1, ensure_ascii=False))
        return 0
    facts = f"level {exercise.difficulty} of 3, {exercise.minutes} minutes, {exercise.points} points"
    print(f"{exercise.title} ({exercise.label}): {facts}")
    if exercise.prerequisites:
        print(f"first: {', '.join(exercise.prerequisites)}")
    for name, text in texts.items():
        print(f"\n{'' if name == 'statement' else f'--- {name}' + chr(10)}{text.strip()}")
    return 0


def _hint(args):
    try:
        hints = find(args.label).hints
        if not 1 <= args.number <= len(hints):
            raise ValueError(f"{args.label} has {len(hints)} hint(s); there is no hint {args.number}")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"hint {args.number} of {len(hints)}: {hints[args.number - 1]}")
    return 0


def _progress(args):
    known = progress.read()
    if args.json:
        print(json.dumps(known, indent=1))
        return 0
    exercises = all_exercises()
    path = progress.progress_file()
    print(f"kept on this computer only, in {path}" if path else "progress is not kept: COURSE_PROGRESS_FILE is empty")
    for label, exercise in exercises.items():
        entry = known.get(label)
        if entry is None:
            continue
        state = f"solved {entry['solved']}" if entry["solved"] else "not solved yet"
        points = f"{entry['points']:g} of {exercise.points} points"
        print(f"  {'✓' if entry['solved'] else '…'} {label:<38} {points:<18} {entry['attempts']} check(s), {state}")
    solved = [label for label in exercises if known.get(label, {}).get("solved")]
    print(f"{len(solved)} of {len(exercises)} exercises solved")
    todo = next((label for label in exercises if label not in solved), None)
    if todo:
        print(f"next: coursepkg exercises show {todo}")
    return 0


def _facts(exercise):
    return {
        "label": exercise.label,
        "title": exercise.title,
        "part": exercise.part,
        "points": exercise.points,
        "difficulty": exercise.difficulty,
        "minutes": exercise.minutes,
        "prerequisites": list(exercise.prerequisites),
    }
