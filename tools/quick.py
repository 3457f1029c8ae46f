"""Run what the changes can have broken, and nothing else; say what is skipped, and why. `make test` never skips.

python -m tools.quick           the quick checks, then what reads a changed file and has not passed since
python -m tools.quick --list    only say what that is

Changed is what differs from the newest commit that this branch has in common with main, which is taken to have passed.
``tools/affected.py`` says who reads what. What is found only at run time, such as a name put together from strings, it
cannot see.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter

from tools import affected, chapters, test, timings

VARIABLE = "COURSE_UNITS"
ROWS = 12  # of a kind are printed, the others counted
KINDS = {
    "unit": "files of tests, examples or proofs",
    "notebooks": "notebooks",
    "pages": "pages and files of their tests",
    "grading": "files of tests of grading",
}


def pytest_collection_modifyitems(config, items):
    """As a plugin of pytest: keep only the tests of the units that the variable names."""
    units = set(json.loads(os.environ[VARIABLE]))
    kept = [item for item in items if affected.unit_of(item.nodeid) in units]
    config.hook.pytest_deselected(items=[item for item in items if affected.unit_of(item.nodeid) not in units])
    items[:] = kept


def kind_of(unit):
    """Return the step to which a unit belongs."""
    if unit.endswith(".ipynb"):
        return "notebooks"
    if unit.startswith("tests/e2e/grading/"):
        return "grading"
    return "pages" if unit.startswith("tests/e2e/") or ".py" not in unit else "unit"


def select(files, base, passed):
    """Return {unit: the changed parts that it reads} of what must run, and of what does so but passed as it is now."""
    changed = files.changed(base)
    todo, done = {}, {}
    for unit in files.units:
        if touched := sorted(files.reads(unit) & changed):
            where = done if passed.get(unit) == files.digest(unit) else todo
            where[unit] = touched
    return todo, done


def command(kind, units):
    """Return the command line that runs units of one kind: those of the step, for fewer files."""
    words = test.STEPS[kind][0]
    if kind == "pages":  # the tests of a page stand in several files
        return [*words, "-p", "tools.quick"]
    options = words[: len(test.PYTEST)] + [word for word in words if word in ("--doctest-modules", "--nbval")]
    return [*options, "-p", "tools.quick", *sorted({unit.partition("#")[0] for unit in units})]


def report(files, base, todo, done):
    """Yield what runs and what does not, with the reasons."""
    yield f"compared with {base[:10]}, which is taken to have passed:"
    every = Counter(map(kind_of, files.units))
    for kind, what in KINDS.items():
        units = [unit for unit in todo if kind_of(unit) == kind]
        again = sum(kind_of(unit) == kind for unit in done)
        rest = every[kind] - len(units) - again
        passed = f", {again} passed as they are" if again else ""
        yield f"{what}: {len(units)} run; skipped: {rest} that read nothing that changed{passed}"
        for unit in units[:ROWS]:
            parts = sorted({part.removesuffix("#text") for part in todo[unit]})
            more = f" and {len(parts) - 2} more" if len(parts) > 2 else ""
            yield f"  {unit}: {', '.join(parts[:2])}{more} changed"
        if len(units) > ROWS:
            yield f"  and {len(units) - ROWS} more"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="only say what would run")
    only_list = parser.parse_args(arguments).list
    if not only_list:
        chapters.main(["sync"])
    files = affected.Files()
    base = files.base()
    todo, done = select(files, base, timings.read(affected.PASSED))
    print("\n".join(report(files, base, todo, done)), flush=True)
    if only_list:
        return 0
    failed = []
    for words in test.STEPS["check"]:
        if words[-1] != "tools.strict":  # the tests of pages build strictly
            outcome = test.run(words)
            failed += [outcome["command"]] * bool(outcome["status"])
    digests = {unit: files.digest(unit) for unit in todo}
    for kind in KINDS:
        if units := [unit for unit in todo if kind_of(unit) == kind]:
            os.environ[VARIABLE] = json.dumps(units)
            outcome = test.run(command(kind, units))
            affected.note(digests, outcome)
            failed += [outcome["command"]] * bool(outcome["status"])
    for shown in failed:
        print(f"FAILED: {shown}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
