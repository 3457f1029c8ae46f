"""The page of the benchmarks: everything runs, and what is stored has the form and names every program."""

from __future__ import annotations

import os
import re
from datetime import date

import numpy as np
import pytest

from benchmarks.__main__ import PAGE, TIMED, main, page, programs
from benchmarks.timing import Row, readable, row, take_turns

TIME = r"\d[\d.]* (?:s|ms|µs)"
LINE = re.compile(rf"\| (?P<name>[^|]+) \| {TIME} \| {TIME}: [^|]+ \| (?P<ratio>\d+\.\d\d) \| (?:–|{TIME}: [^|]+) \|")


def check_form(text):
    """Each benchmark is named; each that is timed has rows, and a sentence for each."""
    for name in programs():
        assert f"`benchmarks/{name}.py`" in text, f"the page does not name benchmarks/{name}.py: run `make bench`"
    sections = dict(zip(TIMED, re.split(r"^## ", text, flags=re.MULTILINE)[1:], strict=False))
    for name, section in sections.items():
        assert section.startswith(f"{TIMED[name]}\n\n`benchmarks/{name}.py`: ")
        rows = [line for line in section.splitlines() if line.startswith("| ")][2:]
        found = [LINE.fullmatch(line) for line in rows]
        assert found
        assert all(found), rows
        for match in found:
            sentence = re.search(rf"^- \*\*{re.escape(match['name'])}\*\*: (.+)$", section, flags=re.MULTILINE)
            assert sentence[1].count(".") >= 2
            assert float(match["ratio"]) >= 0
    facts = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text.partition("\n## ")[0], flags=re.MULTILINE))
    assert date.fromisoformat(facts["date"]) <= date.today()
    assert {"processor", "matrix products", "packages"} <= facts.keys()


def test_the_page_of_the_book_is_complete():
    text = PAGE.read_text(encoding="utf-8")
    check_form(text)
    assert int(re.search(r"at least (\d+) times", text)[1]) >= 5


@pytest.mark.skipif(os.name == "nt", reason="nbgrader grades on Linux and macOS")
def test_all_benchmarks_run(tmp_path):
    pytest.importorskip("nbgrader")
    pytest.importorskip("jupyter_book")
    main(["--quick", "--output", str(tmp_path / "page.md")])
    check_form((tmp_path / "page.md").read_text(encoding="utf-8"))


def test_a_page_without_a_benchmark_is_found():
    one = Row("a thing", 1.0, 2.0, 0.5, 5, "another", "It means much.")
    results = {name: [one] for name in TIMED}
    facts = {"date": "2026-01-31", "processor": "x", "matrix products": "y", "packages": "z"}
    text = page(results, facts, repeats=5, clock="time")
    check_form(text)
    for wrong, right in (("benchmarks/lighthouse.py", "it"), ("| 0.50 |", "| |"), ("- **a thing**", "- **b**")):
        with pytest.raises((AssertionError, TypeError)):
            check_form(text.replace(wrong, right))


def test_rows_hold_medians_and_the_median_of_the_ratios():
    seconds = {"a": [1.0, 2.0, 9.0], "b": [2.0, 1.0, 3.0], "c": [0.5, 0.5, 0.4]}
    found = row("name", seconds, "note", ours="a", theirs="b", limit="c")
    assert (found.ours, found.theirs, found.ratio, found.limit, found.turns) == (2.0, 2.0, 2.0, 0.5, 3)
    assert row("name", seconds, "note", ours="a", theirs="b").limit is None


def test_ways_take_turns():
    order, ticks = [], iter(np.arange(100.0))
    seconds = take_turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3, lambda: next(ticks))
    assert order == ["a", "b"] * 3
    assert seconds == {"a": [1.0] * 3, "b": [1.0] * 3}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (12.345, "12.3 s"),
        (1.0, "1.00 s"),
        (0.0123, "12.3 ms"),
        (345e-6, "345 µs"),
        (3e-7, "0.30 µs"),
        (1234.0, "1234 s"),
    ],
)
def test_times_are_shown_with_three_digits(seconds, text):
    assert readable(seconds) == text
