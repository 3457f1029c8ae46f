"""Compare the outputs of a notebook cell with the stored ones: words as words, numbers as numbers.

Floating-point digits differ between machines, so a comparison of plain text is either always red or switched off.
Here two outputs agree when their words, integers and order agree exactly, and every number with a decimal point or an
exponent agrees to the digits that the *stored* output shows (last digit ±1), or to the tolerance that the cell's
metadata names::

    "tolerance": {"rel": 1e-3, "abs": 0.002}

What is a number, and what is a word (``conftest.py`` puts :func:`compare_outputs` in the place of nbval's own)::

    number    = [sign] (decimal | power | "nan" | "inf" | "infinity")        0.5  -1.  1,234.5  1e-05  2.5e+10
    decimal   = digits "." [digits] [exponent] | thousands "." digits | "." digits [exponent]
    power     = digits signed-exponent           1e5 is a word: Python writes 1e+05, and hexadecimal names look like it
    integer   = digits | thousands
    thousands = digit [digit [digit]] ("," digit digit digit)+               its first digit is not 0
    exponent  = ("e" | "E") [sign] digits        at most four digits
    complex   = number sign number "j"           two numbers, whose signs belong to them

A number does not begin within a word, a version or an address (``dense_2.5``, ``2.21.0``, ``127.0.0.1``), nor does a
word with digits follow it (``1.2rc1``, ``1e5f3c``); a unit may (``0.51s``, ``2.5GB``), and a times sign (``6.4x4.8``).
Dates and times of day are words, integers too. Codes that color a terminal are left out. Where spaces stand beside
numbers, and how many, does not count.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
_REAL = r"""
    (?: [1-9]\d{0,2}(?:,\d{3})+ (?: \.\d+ )?
      | \d+ (?: \.\d* (?: e[+\-]?\d{1,4} )? | e[+\-]\d{1,4} )?
      | \.\d+ (?: e[+\-]?\d{1,4} )?
      | (?: nan | inf(?:inity)? ) (?= j?\b ) )
    (?! \.?\d | (?! x\d ) [^\W\d]+\d | e[+\-]\d )"""
_TOKEN = re.compile(
    rf"""(?P<date> (?<![\w.-]) \d{{4}}-\d\d-\d\d (?: [T ]\d\d:\d\d (?: :\d\d (?:\.\d+)? )? )? (?![\w-])
                  | (?<![\w.:]) \d{{1,2}}:[0-5]\d:[0-5]\d (?:\.\d+)? (?![\w:]) )
       | (?P<number> (?<![\w.]) [+\-−]? {_REAL}
                  | (?<= [\d.fnFNyY] ) [+\-−] {_REAL} (?= j\b ) )""",
    re.VERBOSE | re.IGNORECASE,
)
# A stored "1." is an exact 1.0 to all digits of its array: what a new text shows in a later place than this may differ.
_BARE_POINT = Decimal("0.001")
# Pictures are looked at by people; their bytes differ between font libraries. Widgets have random identifiers.
_NOT_COMPARED = ("image/", "application/vnd.jupyter.widget")


@dataclass(frozen=True)
class Tolerance:
    """How far numbers of one cell may lie from the stored ones, beyond their last digit."""

    rel: float = 0.0
    abs: float = 0.0

    @classmethod
    def from_metadata(cls, metadata):
        """Read ``metadata["tolerance"]``; raise ``ValueError`` that shows a wrong entry."""
        entry = metadata.get("tolerance", {})
        right = isinstance(entry, dict) and set(entry) <= {"rel", "abs"}
        if not right or not all(type(v) in (int, float) and 0 <= v < math.inf for v in entry.values()):
            raise ValueError(f'the cell\'s "tolerance" must look like {{"rel": 0.01, "abs": 0.002}}; got {entry!r}')
        return cls(**entry)


def compare_outputs(stored, fresh, tolerance=None):
    """Return the differences between two lists of notebook outputs, one line each; an empty list if they agree.

    Parameters
    ----------
    stored, fresh : list of dict
        Outputs in nbformat 4 (``stream``, ``display_data``, ``execute_result``, ``error``).
    tolerance : Tolerance, optional
        The cell's own tolerance.

    Returns
    -------
    list of str
    """
    tolerance = tolerance or Tolerance()
    stored_texts, fresh_texts = _texts(stored), _texts(fresh)
    stored_kinds, fresh_kinds = [kind for kind, _ in stored_texts], [kind for kind, _ in fresh_texts]
    if stored_kinds != fresh_kinds:
        differences = [f"the kinds of output differ: stored {_listed(stored_kinds)}, now {_listed(fresh_kinds)}"]
        unexpected = [text for kind, text in fresh_texts if kind == "stderr" and kind not in stored_kinds]
        return differences + [f"written to stderr: {text.strip()[:400]}" for text in unexpected]
    differences = []
    for (kind, old), (_, new) in zip(stored_texts, fresh_texts, strict=True):
        differences += [f"{kind}, {line}" for line in compare_texts(old, new, tolerance)]
    return differences


def compare_texts(stored, fresh, tolerance=None):
    """Return the differences between two texts, one line each; an empty list if they agree.

    Runs of spaces count as one, and spaces beside a number as none: NumPy and pandas pad columns to the widest number.
    """
    tolerance = tolerance or Tolerance()
    stored, fresh = _ANSI.sub("", stored), _ANSI.sub("", fresh)
    old_words, old_numbers = _split(stored)
    new_words, new_numbers = _split(fresh)
    if old_words != new_words:
        return [_first_changed_line(stored, fresh)]
    differences = []
    for position, (old, new) in enumerate(zip(old_numbers, new_numbers, strict=True), start=1):
        problem = _compare_numbers(old, new, tolerance)
        if problem:
            differences.append(f"number {position} of {len(old_numbers)}: {problem}")
    return differences


def _texts(outputs):
    """Flatten outputs to (kind, text) in their order; what is not compared keeps its kind and loses its text."""
    texts = []
    for output in outputs:
        kind = output["output_type"]
        if kind == "stream":
            texts.append((output["name"], _joined(output["text"])))
        elif kind == "error":
            texts.append(("error", f"{output['ename']}: {output['evalue']}"))
        else:
            for mime in sorted(output["data"]):
                text = "" if mime.startswith(_NOT_COMPARED) else _joined(output["data"][mime])
                texts.append((mime, text))
    return texts


def _joined(text):
    return "".join(text) if isinstance(text, list) else text if isinstance(text, str) else repr(text)


def _split(text):
    """Split a text into what lies between its floating-point numbers, and those numbers as written."""
    words, numbers, end = [], [], 0
    for match in _TOKEN.finditer(text):
        if match["date"] or match.group().lstrip("+-−").replace(",", "").isdigit():
            continue  # a date or an integer: it stays with the words, which must agree exactly
        words.append(text[end : match.start()])
        numbers.append(match.group().replace(",", "").replace("−", "-"))
        end = match.end()
    words.append(text[end:])
    return [re.sub(r"[ \t]+", " ", word).strip(" ") for word in words], numbers


def _compare_numbers(old, new, tolerance):
    """Return what is wrong with ``new``, or None if it agrees with ``old``."""
    # In decimal arithmetic 0.124 - 0.123 is one unit of the last digit, not a little more; and nothing overflows.
    stored, fresh = Decimal(old), Decimal(new)
    if not (stored.is_finite() and fresh.is_finite()):
        same = stored == fresh or (stored.is_nan() and fresh.is_nan())
        return None if same else f"stored {old}, now {new}"
    difference = abs(stored - fresh)
    tolerated = max(Decimal(tolerance.abs), Decimal(tolerance.rel) * abs(stored))
    unit = _last_digit(old)
    if unit is None:
        unit = min(_last_digit(new) or Decimal(0), _BARE_POINT)
    if difference <= max(tolerated, unit):
        if difference <= tolerated or not _doubled(stored, fresh):
            return None
        return f"stored {old}, now {new}: a factor of two, which one digit does not excuse"
    return f"stored {old}, now {new}: they differ by {difference:.3g}, allowed is {max(tolerated, unit):.3g}"


def _doubled(stored, fresh):
    """Return whether a number with one significant digit became twice as large, or half; to and from 0 is rounding."""
    if len(stored.as_tuple().digits) > 1 or stored * fresh <= 0:
        return False
    low, high = sorted([abs(stored), abs(fresh)])
    return high >= 2 * low


def _last_digit(number):
    """Return the value of one unit in the last digit shown, or None for a bare trailing point."""
    if number.endswith("."):
        return None
    return Decimal(1).scaleb(Decimal(number).as_tuple().exponent)


def _first_changed_line(stored, fresh):
    old_lines, new_lines = stored.splitlines(), fresh.splitlines()
    for position, (old, new) in enumerate(zip(old_lines, new_lines), start=1):  # noqa: B905 (lengths may differ)
        if _split(old)[0] != _split(new)[0]:
            return f"line {position}: stored {old.strip()!r}, now {new.strip()!r}"
    longer, what = (old_lines, "missing") if len(old_lines) > len(new_lines) else (new_lines, "new")
    position = min(len(old_lines), len(new_lines))
    line = longer[position].strip() if position < len(longer) else "(end of the text)"
    return f"line {position + 1} is {what}: {line!r}"


def _listed(kinds):
    return ", ".join(kinds) if kinds else "nothing"
