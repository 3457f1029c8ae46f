"""The grader's side of a graded cell: judge the results that came out of the isolation; no submitted code runs here."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import re
import sys
from dataclasses import dataclass

import numpy as np

from coursepkg import exercises
from coursepkg.exercises import checking

_GRADED = re.compile(
    r'^report = grade\("(?P<label>[^"]+)", globals\(\)\.get\("(?P<name>\w+)"\), seed=(?P<seed>\d+)\)$', re.MULTILINE
)


@dataclass(frozen=True)
class GradedCell:
    """What a graded cell of ours asks for; the cell's source says it, and nbgrader puts that back before grading."""

    label: str
    name: str
    seed: int

    @classmethod
    def read(cls, source):
        """Return what a cell's source asks for, or None if it is not a graded cell of ours."""
        found = _GRADED.search(source)
        return found and cls(found["label"], found["name"], int(found["seed"]))

    @property
    def source(self):
        """The cell as it stands in assignments: it prints the report, and its value is the number of points."""
        return (
            "# Run this cell to see what your answer earns. It is locked: changes to it are undone before grading.\n"
            f'report = grade("{self.label}", globals().get("{self.name}"), seed={self.seed})\n'
            "print(report)\n"
            "float(report.points)"
        )


def seed_of(assignment, label):
    """Return the seed of a graded cell: the same for the whole class and each grading, another in each assignment.

    Examples
    --------
    >>> seed_of("hw1", "xor/by-hand") == seed_of("hw1", "xor/by-hand") != seed_of("hw2", "xor/by-hand")
    True
    """
    return int.from_bytes(hashlib.sha256(f"{assignment}:{label}".encode()).digest()[:4], "big")


def judge(label, results, *, seed):
    """Return the report of an answer from the results that its cases had in isolation.

    Parameters
    ----------
    label : str
    results : dict
        What :func:`coursepkg.grading.probe.try_answer` returned; it is not trusted.
    seed : int, keyword-only
        The one that the results were made with.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        If no exercise has this label.

    Examples
    --------
    >>> cases = [{"kind": "value", "value": {"int": number}} for number in ("9", "27", "1")]
    >>> judge("xor/count-parameters", {"state": "tried", "cases": cases}, seed=1).points
    2.0
    """
    exercise = exercises.find(label)
    tried = results.get("cases") if isinstance(results, dict) else None
    if not isinstance(tried, list) or results.get("state") != "tried":
        return checking.Report(exercise, attempted=False)

    def replayed(rng):
        # All cases are generated before any is judged, as they were on the other side.
        for index, case in enumerate(list(exercise.cases(rng))):
            result = tried[index] if index < len(tried) and isinstance(tried[index], dict) else {}
            yield _replay(case, result)

    return checking.grade(dataclasses.replace(exercise, cases=replayed), replayed, seed=seed)


def decode(data):
    """Return the value that :func:`coursepkg.grading.probe.encode` described.

    Raises
    ------
    ValueError
        If the data describe none.

    Examples
    --------
    >>> from coursepkg.grading.probe import encode
    >>> decode(encode({"weights": (1, 2.5)}))
    {'weights': (1, 2.5)}
    """
    if data is None or isinstance(data, (bool, str)):
        return data
    if not isinstance(data, dict) or len(data) != 1:
        raise ValueError("not an encoded value")
    ((kind, content),) = data.items()
    if kind in ("array", "scalar"):
        array = np.load(io.BytesIO(base64.b64decode(content)), allow_pickle=False)
        return array if kind == "array" else array[()]
    if kind == "int":
        return int(content)
    if kind == "float":
        return float.fromhex(content)
    if kind == "complex":
        return complex(*(float.fromhex(part) for part in content))
    if kind == "dict":
        return {decode(key): decode(item) for key, item in content}
    if kind in ("list", "tuple", "set"):
        return {"list": list, "tuple": tuple, "set": set}[kind](decode(item) for item in content)
    raise ValueError(f"not an encoded value: {kind!r}")


def _replay(case, result):
    """Return a case whose run does what the answer did in isolation."""
    kind = result.get("kind")

    def run(_):
        sys.stdout.write(str(result.get("printed", "")))
        if kind == "value":
            return decode(result["value"])
        if kind == "judged":
            return result.get("problem")
        if kind == "error" and result.get("untouched") is True:
            raise NotImplementedError
        if kind == "error":
            raise type(str(result.get("type", "Error")), (Exception,), {})(result.get("said", ""))
        raise _REASONS.get(kind, _NotTried)(_MESSAGES.get(kind, _MESSAGES["not tried"]))

    if kind == "judged":
        return checking.Case(case.shown, run, lambda problem: problem)
    return checking.Case(case.shown, run, case.judge)


class _NotTried(Exception):
    pass


_REASONS = {"timed out": TimeoutError, "stuck": TimeoutError}
_MESSAGES = {
    "timed out": "it ran for too long and was stopped: is there a loop that never ends?",
    "stuck": "it ran for too long and could not be stopped: is there a loop that never ends?",
    "not tried": "the time for this exercise was over before this case",
}
