"""What ``coursepkg data`` does: list, fetch, verify and clear the data on this computer."""

from __future__ import annotations

import argparse
import contextlib
import sys
import zipfile

from coursepkg.data import loading, real
from coursepkg.data.cache import PARTS, cache_folder, check_arrays, unfinished_files

_ORIGINALS = {
    "fashion": ("Fashion-MNIST", real.FASHION_FILES, real.read_fashion),
    "housing": ("California housing", real.HOUSING_FILES, real.read_housing),
}
_BLOCKS = [(split, block) for split, n in (("train", 60_000), ("test", 10_000)) for block in range(n // loading.BLOCK)]


def add_parser(subparsers):
    """Add ``data`` with its own subcommands to the parser of the ``coursepkg`` command.

    Parameters
    ----------
    subparsers : argparse._SubParsersAction
        What ``ArgumentParser.add_subparsers`` returned.

    Returns
    -------
    argparse.ArgumentParser
        The parser of ``data``, whose parsed arguments `run` takes.

    Examples
    --------
    >>> import argparse
    >>> parser = argparse.ArgumentParser()
    >>> _ = add_parser(parser.add_subparsers())
    >>> parser.parse_args(["data", "fetch", "housing"]).names
    ['housing']
    """
    parser = subparsers.add_parser("data", help="list, fetch, verify or clear data sets")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="say which data sets there are and what is on this computer")
    fetch = actions.add_parser("fetch", help="download the original data sets")
    fetch.add_argument(
        "names", nargs="*", type=_original, metavar="NAME", help="fashion, housing; without a name, both"
    )
    actions.add_parser("verify", help="compare the checksums of all files in the cache")
    actions.add_parser("clear", help="delete all files that this package has put into the cache")
    return parser


def run(args):
    """Carry out one ``coursepkg data`` command and print what it found.

    Parameters
    ----------
    args : argparse.Namespace
        With ``action`` and, for "fetch", ``names``.

    Returns
    -------
    int
        Exit status: 0, or 1 if data could not be had, are damaged, or could not be deleted.
    """
    return {"list": _list, "fetch": _fetch, "verify": _verify, "clear": _clear}[args.action](args)


def _original(name):
    if name not in _ORIGINALS:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(_ORIGINALS)}; got {name!r}")
    return name


def _list(args):
    whole = sum(path.exists() for path in _entries())
    print(f"cache folder: {cache_folder()}")
    print("generated, always there:")
    print(f"  fashion     70,000 images of garments ({whole} of {len(_BLOCKS)} blocks kept in the cache)")
    print("  housing     20,640 rows of house prices")
    print("  series      a monthly time series")
    print("  playground  points in the plane: circle, xor, gauss, spiral")
    print("bundled with scikit-learn: iris, digits")
    print('originals, with source="real" or COURSE_DATA=real:')
    for name, (title, files, _) in _ORIGINALS.items():
        there = sum((real.real_folder() / file).exists() for file in files)
        print(f"  {name:<11} {title} ({there} of {len(files)} file(s) downloaded)")
    return 0


def _fetch(args):
    status = 0
    for name in args.names or _ORIGINALS:
        title, _, read = _ORIGINALS[name]
        try:
            print(f"{title}: there, checksums match; from {read()[-1]}.")
        except real.DataUnavailableError as error:
            print(error, file=sys.stderr)
            status = 1
    return status


def _verify(args):
    checked = damaged = 0
    for path, problem in _problems():
        checked += 1
        if problem:
            damaged += 1
            print(f"{path}: {problem}")
    print(f"{checked} file(s) checked, {damaged} of no use.")
    if damaged:
        print("The loaders replace such files by themselves; 'coursepkg data clear' deletes them.")
    return 1 if damaged else 0


def _clear(args):
    found = [path for path, _ in _files()] + unfinished_files(cache_folder(), PARTS) + real.unfinished_downloads()
    size, status = 0, 0
    for path in found:
        try:
            n_bytes = path.stat().st_size
            path.unlink()
            size += n_bytes
        except OSError as error:
            print(f"{path}: {error.strerror}", file=sys.stderr)
            status = 1
    for folder in (real.real_folder(), cache_folder()):
        with contextlib.suppress(OSError):  # not there, or files of others in it
            folder.rmdir()
    print(f"{len(found)} file(s) deleted, {size / 1e6:.1f} MB.")
    return status


def _entries():
    return [cache_folder() / f"{loading.block_name(split, block)}.npz" for split, block in _BLOCKS]


def _files():
    """Yield each file of ours in the cache with its SHA-256, which generated data do not have."""
    yield from ((path, None) for path in _entries() if path.is_file())
    for _, files, _ in _ORIGINALS.values():
        for file, sha256 in files.items():
            if (real.real_folder() / file).is_file():
                yield real.real_folder() / file, sha256


def _problems():
    """Yield each file of ours in the cache with what is wrong with it, or None."""
    for path, sha256 in _files():
        try:
            if sha256 is None:
                check_arrays(path, loading.cache_version())
                problem = None
            else:
                problem = None if real.is_intact(path, sha256) else "wrong checksum"
        except (OSError, EOFError, zipfile.BadZipFile):
            problem = "damaged, or not readable"
        # A damaged archive can raise nearly anything, and each of it says something else than the archive is whole.
        except Exception as error:
            problem = str(error)
        yield path, problem
