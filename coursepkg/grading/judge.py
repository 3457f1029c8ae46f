"""The grader's side of a graded cell: judge the results that came out of the isolation; no submitted code runs here."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
from dataclasses import dataclass

import numpy as np

from coursepkg import exercises
from coursepkg.exercises import checking
from coursepkg.exercises.cases import Caught, Opaque

# Of the cell into which students write their names, the only one of an assignment that nbgrader leaves alone.
NAME_ID = "name"


@dataclass(frozen=True)
class GradedCell:
    """What a graded cell of ours asks for.

    It is read from the cell's source, because that is what nbgrader puts back before grading; what a student changes in
    other metadata of a cell stays changed.
    """

    label: str
    name: str
    seed: int
    student: str = ""  # the variable that holds the student's name, from which the order of the choices follows

    @classmethod
    def read(cls, source):
        """Return what a cell's source asks for, or None if it is not a graded cell of ours."""
        try:
            (call,) = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.keywords)
            label, answer, seed = call.args[0], call.args[1].args[0], call.keywords[0].value
            student = call.keywords[1].value.args[0].value if call.keywords[1:] else ""
            asked = cls(label.value, answer.value, seed.value, student)
        except (SyntaxError, ValueError, AttributeError, IndexError):
            return None
        return asked if asked.source == source.strip() else None

    @property
    def source(self):
        """The cell as it stands in assignments: it prints the report, and its value is the number of points."""
        student = f', student=globals().get("{self.student}", "")' if self.student else ""
        return (
            "# Run this cell to see what your answer earns. It is locked: changes to it are undone before grading.\n"
            f'report = grade("{self.label}", globals().get("{self.name}"), seed={self.seed}{student})\n'
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
    >>> cases = [{"value": {"int": number}} for number in ("9", "27", "1")]
    >>> judge("xor/count-parameters", {"state": "tried", "cases": cases}, seed=1).points
    2.0
    """
    exercise = exercises.find(label)
    sent = results.get("cases") if isinstance(results, dict) else None
    if not isinstance(sent, list) or results.get("state") != "tried":
        return checking.Report(exercise, attempted=False)
    cases = list(exercise.cases(np.random.default_rng(seed)))
    sent += [None] * (len(cases) - len(sent))
    return checking.judge_all(exercise, cases, [_tried(result) for result in sent[: len(cases)]])


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
    if kind == "Opaque":
        return Opaque(str(content["type"]), str(content["text"]))
    if kind == "Caught":
        return Caught(str(content["type"]), tuple(map(str, content["kinds"])), str(content["text"]))
    raise ValueError(f"not an encoded value: {kind!r}")


def _tried(result):
    """Return what came of a case from the data that were sent; data that make no sense are a case not tried."""
    if not isinstance(result, dict):
        return checking.Tried(over="it was not tried: the time was over before it")
    said = {name: str(result.get(name) or "")[:5000] for name in ("error", "said", "over", "printed")}
    line = result.get("line")
    try:
        value = decode(result.get("value"))
    except Exception:  # whatever was sent, it is not trusted
        return checking.Tried(over="its result cannot be read")
    return checking.Tried(value, line=line if isinstance(line, int) else None, **said)
