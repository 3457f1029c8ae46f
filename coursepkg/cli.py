"""The ``coursepkg`` command. Nothing heavy is imported before it is known what was asked for."""

from __future__ import annotations

import argparse
import sys

import coursepkg

ROOMS = {
    "assign": "make assignments from exercises, and grade them",
    "data": "list, fetch, verify or clear data sets",
    "exercises": "list and show exercises, and say which are solved",
}


def main(arguments=None):
    """Run the command; return its exit status (0 fine, 1 something is wrong, 2 misused)."""
    parser = argparse.ArgumentParser(prog="coursepkg", description="The companion command of the course.")
    parser.add_argument("--version", action="version", version=f"coursepkg {coursepkg.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("info", help="versions, processor, where data and cache are, and what is missing")
    # What follows these words is parsed by their own rooms, which import NumPy and more.
    for name, purpose in ROOMS.items():
        commands.add_parser(name, help=purpose, add_help=False)
    options, rest = parser.parse_known_args(arguments)
    if options.command in ROOMS:
        return _room(options.command, rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    from coursepkg.info import report

    text, complete = report()
    print(text)
    return 0 if complete else 1


def _room(command, arguments):
    parser = argparse.ArgumentParser(prog="coursepkg")
    subparsers = parser.add_subparsers(dest="command")
    if command == "data":
        from coursepkg.data import commands
    elif command == "assign":
        from coursepkg.grading import commands
    else:
        from coursepkg.exercises import commands
    commands.add_parser(subparsers)
    return commands.run(parser.parse_args([command, *arguments]))


if __name__ == "__main__":
    sys.exit(main())
