"""The ``coursepkg`` command. Nothing heavy is imported before it is known what was asked for."""

from __future__ import annotations

import argparse
import sys

import coursepkg


def main(arguments=None):
    """Run the command; return its exit status (0 fine, 1 something is wrong, 2 misused)."""
    parser = argparse.ArgumentParser(prog="coursepkg", description="The companion command of the course.")
    parser.add_argument("--version", action="version", version=f"coursepkg {coursepkg.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    commands.add_parser("info", help="versions, processor, where data and cache are, and what is missing")
    # Everything after "data" is parsed by the room of data, which imports NumPy.
    commands.add_parser("data", help="list, fetch, verify or clear data sets", add_help=False)
    options, rest = parser.parse_known_args(arguments)
    if options.command == "data":
        return _data(rest)
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    from coursepkg.info import report

    text, complete = report()
    print(text)
    return 0 if complete else 1


def _data(arguments):
    from coursepkg.data import commands

    parser = argparse.ArgumentParser(prog="coursepkg")
    commands.add_parser(parser.add_subparsers(dest="command"))
    return commands.run(parser.parse_args(["data", *arguments]))


if __name__ == "__main__":
    sys.exit(main())
