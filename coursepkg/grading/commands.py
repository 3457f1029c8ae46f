"""What ``coursepkg assign`` does: make assignments and grade them."""

from __future__ import annotations

import importlib.util
import sys


def add_parser(subparsers):
    """Add ``assign`` with its own subcommands to the parser of the ``coursepkg`` command.

    Parameters
    ----------
    subparsers : argparse._SubParsersAction
        What ``ArgumentParser.add_subparsers`` returned.

    Returns
    -------
    argparse.ArgumentParser
        The parser of ``assign``, whose parsed arguments `run` takes.

    Examples
    --------
    >>> import argparse
    >>> parser = argparse.ArgumentParser()
    >>> _ = add_parser(parser.add_subparsers())
    >>> parser.parse_args(["assign", "create", "hw1", "xor/by-hand", "--course", "nn"]).labels
    ['xor/by-hand']
    """
    parser = subparsers.add_parser("assign", help="make assignments from exercises, and grade them")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="compose an assignment and let nbgrader make the students' version")
    create.add_argument("assignment", metavar="NAME", help="its name, such as hw1")
    create.add_argument("labels", nargs="*", metavar="LABEL", help="exercises, such as xor/by-hand")
    create.add_argument("--part", type=int, help="all exercises of this part of the book (0 to 5)")
    create.add_argument("--title", help="heading of the notebook")
    create.add_argument("--due", help='when it is due, such as "2026-12-01 18:00 UTC"')
    create.add_argument(
        "--question",
        nargs=2,
        action="append",
        default=[],
        metavar=("POINTS", "TEXT"),
        help="a question that is answered in words and graded by hand; may be repeated",
    )
    create.add_argument("--shuffle", action="store_true", help="give choices in another order to each student")
    create.add_argument("--force", action="store_true", help="replace an assignment of this name")
    grade = actions.add_parser("grade", help="grade what is in submitted/, write feedback and tables")
    grade.add_argument("assignment", metavar="NAME")
    grade.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="grade N submissions at the same time")
    grade.add_argument("--scheduler", metavar="ADDRESS", help="let a Dask cluster grade, such as tcp://10.0.0.5:8786")
    grade.add_argument("--force", action="store_true", help="grade unchanged submissions too")
    grade.add_argument("--isolation", default="auto", choices=("auto", "bubblewrap", "unshare", "limits"))
    grade.add_argument("--allow-root", action="store_true", help="run submissions as root even without isolation")
    for action in (create, grade):
        action.add_argument("--course", default=".", metavar="DIR", help="the course folder (default: this one)")
    return parser


def run(args):
    """Carry out one ``coursepkg assign`` command and print what it did.

    Parameters
    ----------
    args : argparse.Namespace

    Returns
    -------
    int
        Exit status: 0; 1 if a submission could not be graded; 2 if the command was misused.
    """
    if importlib.util.find_spec("nbgrader") is None:
        print('nbgrader is missing: pip install "coursepkg[instructor]"', file=sys.stderr)
        return 2
    try:
        return {"create": _create, "grade": _grade}[args.action](args)
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        print(f"coursepkg assign {args.action}: {error}", file=sys.stderr)
        return 2


def _create(args):
    from coursepkg.grading import assignments

    labels = list(args.labels)
    if args.part is not None:
        labels += [label for label in assignments.labels_of_part(args.part) if label not in labels]
    try:
        questions = [(float(points), text) for points, text in args.question]
    except ValueError as error:
        raise ValueError(f"--question takes the points first, then the text ({error})") from error
    released = assignments.create(
        args.assignment,
        labels,
        course=args.course,
        questions=questions,
        title=args.title,
        due=args.due,
        force=args.force,
        shuffle=args.shuffle,
    )
    print(f"hand out: {released}")
    print(f"collect in: {released.parents[1] / 'submitted' / 'STUDENT' / args.assignment}")
    return 0


def _grade(args):
    from tqdm import tqdm

    from coursepkg.grading.grade import grade
    from coursepkg.grading.report import summary

    outcome = grade(
        args.assignment,
        course=args.course,
        n_jobs=args.jobs,
        scheduler=args.scheduler,
        force=args.force,
        level=args.isolation,
        allow_root=args.allow_root,
        progress=lambda finished, total: tqdm(finished, total=total, desc="grading", unit="submission", disable=None),
    )
    print(summary(outcome))
    return 1 if outcome.failed else 0
