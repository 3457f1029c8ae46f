"""What runs beside the student's code: try the answer on the cases, and send plainly what came of each.

This side decides nothing, and knows nothing of what is right: the package that it sees has no answers. It passes the
results on as plain data; the side of the grader, where no submitted code ever runs, generates the same cases from the
same seed and judges the results (:mod:`coursepkg.grading.judge`). Whatever the student has put in the place of
``check``, ``grade`` or any other function changes only what is sent, and only right results are worth points.
"""

from __future__ import annotations

import base64
import io
import json
import sys
import types
from dataclasses import asdict

from coursepkg.grading.limits import LARGEST_RESULT

MIME = "application/vnd.coursepkg.results+json"


def probe(label, name, *, seed, seconds, student=""):
    """Try the answer called ``name`` in the notebook's namespace, and publish the results as one display message.

    Parameters
    ----------
    label : str
    name : str
    seed : int, keyword-only
    seconds : float, keyword-only
        After this time no further case is tried.
    student : str, keyword-only
        The variable with the name from which the order of the choices follows; "" where they are not shuffled.
    """
    shell = sys.modules["IPython"].get_ipython()
    known = {"student": shell.user_ns.get(student, "")} if student else {}
    results = try_answer(label, shell.user_ns.get(name), seed=seed, seconds=seconds, **known)
    shell.display_pub.publish({MIME: results, "text/plain": "results"})


def try_answer(label, answer, *, seed, seconds, student=None):
    """Return what came of each case of an exercise, as data that JSON can hold.

    Parameters
    ----------
    label : str
    answer : object
    seed : int, keyword-only
    seconds : float, keyword-only
    student : str, optional, keyword-only
        As for :func:`coursepkg.exercises.grade`.

    Returns
    -------
    dict
        ``state`` is "tried", "untouched" (the stub, or nothing) or "foreign" (a function of this package); ``cases``
        holds for each case the fields of :class:`coursepkg.exercises.checking.Tried`.
    """
    import numpy as np

    from coursepkg import exercises
    from coursepkg.exercises import checking, sandbox
    from coursepkg.exercises.questions import unshuffled

    exercise = exercises.find(label)
    if student is not None:
        try:
            answer = unshuffled(exercise, answer, student)
        except ValueError:  # without a name nobody has seen the choices
            return {"state": "untouched", "cases": []}
    if checking.is_stub(answer) or checking.is_template(exercise, answer):
        return {"state": "untouched", "cases": []}
    written = isinstance(answer, (type, types.FunctionType))
    if written and str(getattr(answer, "__module__", "")).split(".")[0] == "coursepkg":
        return {"state": "foreign", "cases": []}
    cases, sent = list(exercise.cases(np.random.default_rng(seed))), []
    for came in checking.try_all(exercise, cases, answer, seconds=seconds):
        fields = {field: getattr(came, field) for field in ("error", "said", "line", "over", "printed")}
        encoded = sandbox.call(encode, came.value)
        if encoded.error is not None or encoded.timed_out or len(json.dumps(encoded.value)) > LARGEST_RESULT:
            fields["over"] = f"its result is larger than {LARGEST_RESULT // 2**20} MB, or no plain data"
            encoded = sandbox.Outcome()
        sent.append({**fields, "value": encoded.value})
    return {"state": "tried", "cases": sent}


def encode(value):
    """Return a value as data that JSON can hold; the inverse is :func:`coursepkg.grading.judge.decode`.

    Parameters
    ----------
    value : None, bool, int, float, complex, str, numpy array or number, or list, tuple, set, dict of such
        What :func:`coursepkg.exercises.cases.plain` returns.

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

    from coursepkg.exercises.cases import Caught, Opaque

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
    if type(value) in (Opaque, Caught):
        return {type(value).__name__: asdict(value)}
    raise TypeError(f"cannot send a {type(value).__name__}")
