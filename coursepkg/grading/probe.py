"""What runs beside the student's code: try the answer on the cases, and send plainly what came of each.

This side decides nothing. It calls the answer and passes the results on as plain data; the side of the grader, where
no submitted code ever runs, generates the same cases from the same seed and judges the results
(:mod:`coursepkg.grading.judge`). Whatever the student has put in the place of ``check``, ``grade`` or any other
function changes only what is sent, and only right results are worth points.
"""

from __future__ import annotations

import base64
import importlib
import io
import json
import sys
import time
import types

MIME = "application/vnd.coursepkg.results+json"
_LARGEST = 32 * 2**20  # bytes of one encoded result


def probe(label, name, *, seed, seconds):
    """Try the answer called ``name`` in the notebook's namespace, and publish the results as one display message.

    Parameters
    ----------
    label : str
    name : str
    seed : int, keyword-only
    seconds : float, keyword-only
        After this time no further case is tried.
    """
    shell = sys.modules["IPython"].get_ipython()
    results = try_answer(label, shell.user_ns.get(name), seed=seed, seconds=seconds)
    shell.display_pub.publish({MIME: results, "text/plain": "results"})


def try_answer(label, answer, *, seed, seconds):
    """Return what came of each case of an exercise, as data that JSON can hold.

    Parameters
    ----------
    label : str
    answer : object
    seed : int, keyword-only
    seconds : float, keyword-only

    Returns
    -------
    dict
        ``state`` is "tried", "untouched" (the stub, or nothing) or "foreign" (a function of this package); ``cases``
        holds for each case a result, an error, or that its time was over.
    """
    exercises = fresh_exercises()
    checking = sys.modules["coursepkg.exercises.checking"]
    sandbox = sys.modules["coursepkg.exercises.sandbox"]
    if checking.is_stub(answer):
        return {"state": "untouched", "cases": []}
    written = isinstance(answer, (type, types.FunctionType))
    if written and str(getattr(answer, "__module__", "")).split(".")[0] == "coursepkg":
        return {"state": "foreign", "cases": []}
    exercise = exercises.find(label)
    import numpy as np

    deadline, tried = time.monotonic() + seconds, []
    for case in list(exercise.cases(np.random.default_rng(seed))):
        left = deadline - time.monotonic()
        if left <= 0 or (tried and tried[-1]["kind"] == "stuck"):
            tried.append({"kind": "not tried"})
            continue
        outcome = sandbox.call(case.run, answer, seconds=min(exercise.seconds, left))
        tried.append({**_described(outcome, case, sandbox), "printed": outcome.printed})
    return {"state": "tried", "cases": tried}


def fresh_exercises():
    """Import the exercises anew, so that what the student changed in them is gone, and close their solutions."""
    for name in [name for name in sys.modules if name.split(".")[:2] == ["coursepkg", "exercises"]]:
        del sys.modules[name]
    exercises = importlib.import_module("coursepkg.exercises")
    close_solutions(exercises)
    return exercises


def close_solutions(exercises):
    """Take the reference solutions and the typical mistakes out of the exercises, in this process only."""
    for exercise in exercises.all_exercises().values():
        for name, value in (("solution_source", ""), ("mistakes", ())):
            object.__setattr__(exercise, name, value)  # the class is frozen, for everyone else


def _described(outcome, case, sandbox):
    if outcome.stuck:
        return {"kind": "stuck"}
    if outcome.timed_out:
        return {"kind": "timed out"}
    if outcome.error is not None:
        return _described_error(outcome.error)
    encoded = sandbox.call(encode, outcome.value)  # hostile values may raise when they are looked at
    if encoded.error is None and not encoded.timed_out and len(json.dumps(encoded.value)) <= _LARGEST:
        return {"kind": "value", "value": encoded.value}
    # A model or another object cannot leave this process, so the case judges it here.
    judged = sandbox.call(case.judge, outcome.value)
    if judged.error is not None or judged.timed_out:
        return {"kind": "judged", "problem": "the result cannot be compared with what was expected"}
    return {"kind": "judged", "problem": judged.value if judged.value is None else str(judged.value)}


def _described_error(error):
    frame, line = error.__traceback__, None
    while frame is not None:
        if "ipykernel_" in frame.tb_frame.f_code.co_filename or "<ipython-input" in frame.tb_frame.f_code.co_filename:
            line = frame.tb_lineno
        frame = frame.tb_next
    try:
        said = " ".join(str(error).split())[:200]
    except Exception:  # a hostile exception may raise in its own message
        said = "(no message)"
    where = f" (line {line} of the cell that defines it)" if line else ""
    untouched = isinstance(error, NotImplementedError)
    return {"kind": "error", "type": type(error).__name__, "said": said + where, "untouched": untouched}


def encode(value):
    """Return a value as data that JSON can hold; the inverse is :func:`coursepkg.grading.judge.decode`.

    Parameters
    ----------
    value : None, bool, int, float, complex, str, numpy array or number, or list, tuple, set, dict of such

    Raises
    ------
    TypeError
        If the value, or anything in it, is something else.

    Examples
    --------
    >>> encode((1, [2.5, None]))
    {'tuple': [{'int': '1'}, {'list': [{'float': '0x1.4000000000000p+1'}, None]}]}
    """
    import numpy as np

    if value is None or isinstance(value, bool) or type(value) is str:
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        buffer = io.BytesIO()
        np.save(buffer, np.asarray(value), allow_pickle=False)
        kind = "array" if isinstance(value, np.ndarray) else "scalar"
        return {kind: base64.b64encode(buffer.getvalue()).decode()}
    if type(value) is int:
        return {"int": str(value)}
    if type(value) is float:
        return {"float": value.hex()}
    if type(value) is complex:
        return {"complex": [value.real.hex(), value.imag.hex()]}
    for kind in (list, tuple, set):
        if type(value) is kind:
            return {kind.__name__: [encode(item) for item in value]}
    if type(value) is dict:
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    raise TypeError(f"cannot send a {type(value).__name__}")
