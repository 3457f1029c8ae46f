"""Run the timed benchmarks and write the page of the book that shows them; `make bench` does so.

python -m benchmarks [--quick] [--cpu] [--repeats 5] [--output FILE]     about half an hour on an idle machine

--cpu measures processor time instead of the time that passes: for a machine that is busy with other work. --quick runs
everything once with tiny sizes; its numbers mean nothing.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import platform
from datetime import date
from importlib import metadata
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from benchmarks.timing import REPEATS, cpu, readable, wall
from tools.timings import calibrate

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "book/benchmarks.md"
TITLE = "How fast, compared with what you would use instead"
# The modules with a function `rows`, and the heading of each; in the order of the page.
TIMED = {
    "perceptron": "The Perceptron in NumPy",
    "scratch_mlp": "A network in NumPy",
    "fit_speed": "Training with Keras",
    "startup": "Starting",
    "grading": "Grading a class",
    "book_build": "Building the book",
}
SHARED = {"__init__", "__main__", "timing"}
PACKAGES = ("numpy", "scikit-learn", "tensorflow", "keras", "nbgrader", "jupyter-book")


def programs():
    """Return the names of all benchmarks: a file each."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in SHARED)


def summary(name):
    """Return the first sentence that a benchmark says about itself; reading it imports nothing."""
    text = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8")))
    return " ".join(text.split("\n\n")[0].split())


def machine():
    """Return facts about the machine, what each is and its value."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    libraries = threadpool_info()
    blas = [f"{one['internal_api']} {one['version']} ({one.get('architecture', '?')})" for one in libraries]
    threads = max((one["num_threads"] for one in libraries), default=1)
    return {
        "date": date.today().isoformat(),
        "processor": f"{platform.machine()}, {os.cpu_count()} cores, of which matrix products use {threads}",
        "instructions that NumPy found": ", ".join(found) or "none beyond the baseline",
        "matrix products": ", ".join(dict.fromkeys(blas)),
        "a fixed piece of work on one core": readable(calibrate()),
        "programs that wanted a core at the start": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES),
    }


def table(rows):
    """Return the lines of a table of rows, and of the list that says what each means."""
    lines = ["| what | here | instead | ratio | cannot take less |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        limit = "–" if row.limit is None else f"{readable(row.limit)}: {row.floor}"
        instead = f"{readable(row.theirs)}: {row.against}"
        lines.append(f"| {row.name} | {readable(row.ours)} | {instead} | {row.ratio:.2f} | {limit} |")
    return [*lines, "", *(f"- **{row.name}**: {verdict(row)} {row.note}" for row in rows)]


def verdict(row):
    """Say in words what the ratio is."""
    if row.ratio < 0.95:
        return f"takes {row.ratio:.2f} of the time of {row.against}."
    if row.ratio <= 1.05:
        return f"takes as long as {row.against}."
    return f"takes {row.ratio:.1f} times as long as {row.against}."


def page(results, facts, *, repeats, clock):
    """Return the text of the page from the rows of each benchmark."""
    lines = [
        f"# {TITLE}",
        "",
        f"Each row compares what this course offers with what you would use instead, in one run on one machine: all "
        f"ways take turns, at least {repeats} times, and the row shows medians. The ratio is the median of the turns' "
        f"ratios; below 1 is faster. Where something cannot be left out, such as the matrix products, its time is the "
        f"limit. Measured is {clock}.",
        "",
        "`make bench` writes this page. Times depend on the machine, ratios less so.",
        "",
        "| fact | of this machine |",
        "| --- | --- |",
        *(f"| {name} | {value} |" for name, value in facts.items()),
    ]
    for name, rows in results.items():
        lines += ["", f"## {TIMED[name]}", "", f"`benchmarks/{name}.py`: {summary(name)}", "", *table(rows)]
    lines += ["", "## What is measured elsewhere", "", "These programs are run by themselves:", ""]
    for name in programs():
        if name not in results:
            lines.append(f"- `benchmarks/{name}.py`: {summary(name)}")
    return "\n".join(lines) + "\n"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, once each: to see that everything runs")
    parser.add_argument("--cpu", action="store_true", help="measure processor time")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--output", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    if options.repeats < REPEATS and not options.quick:
        parser.error(f"--repeats must be at least {REPEATS}; got {options.repeats}")
    repeats = 1 if options.quick else options.repeats
    facts, results = machine(), {}
    for name in TIMED:
        print(f"{name} …", flush=True)
        module = importlib.import_module(f"benchmarks.{name}")
        results[name] = module.rows(quick=options.quick, repeats=repeats, now=cpu if options.cpu else wall)
        print("\n".join(table(results[name])), flush=True)
    clock = "processor time" if options.cpu else "the time that passes"
    options.output.write_text(page(results, facts, repeats=repeats, clock=clock), encoding="utf-8")
    print(f"wrote {options.output}")


if __name__ == "__main__":
    main()
