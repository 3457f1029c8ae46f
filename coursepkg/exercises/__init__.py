"""The exercises of the book: one function for students (``check``), one for graders (``grade``).

Their texts stand in the chapters, from which ``bank.json`` is compiled; ``cases`` says what is tried, ``answers`` what
is right.
"""

from __future__ import annotations

from coursepkg.exercises import bank, progress
from coursepkg.exercises.bank import Exercise
from coursepkg.exercises.checking import CheckFailed, Report, announce
from coursepkg.exercises.checking import grade as _grade
from coursepkg.exercises.questions import Choices, unshuffled

__all__ = ["CheckFailed", "Exercise", "Report", "all_exercises", "ask", "check", "find", "grade", "hint"]

_hints_given: dict[str, int] = {}


def all_exercises():
    """Return every exercise by label: those of the book in its order, then an instructor's own.

    Own exercises are those of the folders that the environment variable ``COURSE_EXERCISES`` names, or of the folder
    ``exercises`` in the working directory.

    Returns
    -------
    dict of str to Exercise

    Examples
    --------
    >>> all_exercises()["perceptron/learning-rule"].title
    'Train a perceptron on iris petals'
    """
    return bank.all_exercises()


def find(label, exercises=None):
    """Return the exercise with this label.

    Parameters
    ----------
    label : str
        "chapter/name".
    exercises : dict of str to Exercise, optional
        Where it is looked up; by default in :func:`all_exercises`.

    Returns
    -------
    Exercise

    Raises
    ------
    ValueError
        If no exercise has this label; the message lists those of the same chapter.

    Examples
    --------
    >>> find("xor/by-hand").points
    5
    """
    exercises = all_exercises() if exercises is None else exercises
    if label in exercises:
        return exercises[label]
    chapter = str(label).partition("/")[0]
    near = [known for known in exercises if known.startswith(f"{chapter}/")] or list(exercises)
    raise ValueError(f"no exercise is called {label!r}; there are: {', '.join(near)}")


def check(label, answer, *, seed=None, record=True):
    """Check an answer, print one line a case, and raise if a case failed.

    The attempt is noted in a file on this computer, which is never sent anywhere; an empty environment variable
    ``COURSE_PROGRESS_FILE`` turns that off, a path there says where.

    Parameters
    ----------
    label : str
        The exercise's label, "chapter/name".
    answer : object
        What the exercise asks for: your function, or your values.
    seed : int, optional, keyword-only
        Repeats the same random cases; by default each call draws fresh ones.
    record : bool, keyword-only
        False for the solutions of the book: they pass as well, but nobody solved anything.

    Raises
    ------
    CheckFailed
        After the report, if the exercise was attempted and a case failed.
    ValueError
        If no exercise has this label.

    Examples
    --------
    >>> check("xor/count-parameters", {"2-2-1": ..., "4-3-3": ..., "784-300-100-10": ...})
    xor/count-parameters: Count parameters
      not attempted yet: write your answer above and run its cell first
    """
    report = _grade(find(label), answer, seed=seed)
    if record:
        progress.record(report)
    announce(report)


def ask(label, student):
    """Return the choices of a question in the order that a student gets, lettered anew; a notebook shows them.

    Parameters
    ----------
    label : str
    student : str
        The student's name: the order follows from it. Without one, the answer is the request for it.

    Returns
    -------
    Choices

    Raises
    ------
    ValueError
        If no exercise has this label.

    Examples
    --------
    >>> ask("perceptron/shapes", "")
    the order of the choices follows from your name: write it into NAME = "" and run that cell
    """
    return Choices(find(label), student)


def grade(label, answer, *, seed=None, student=None):
    """Return the report of an answer without printing, raising or noting it: points, cases, messages.

    Parameters
    ----------
    label : str
    answer : object
    seed : int, optional, keyword-only
    student : str, optional, keyword-only
        Whose order of choices the letters of the answer refer to, see :func:`ask`; by default the question's own order.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        If no exercise has this label, or the student's name is empty.

    Examples
    --------
    >>> grade("xor/count-parameters", {"2-2-1": 9, "4-3-3": 12, "784-300-100-10": 1110}).points
    1.0
    """
    exercise = find(label)
    if student is not None:
        answer = unshuffled(exercise, answer, student)
    return _grade(exercise, answer, seed=seed)


def hint(label):
    """Return the next hint to an exercise, from a nudge to nearly the answer; the last one is repeated.

    Parameters
    ----------
    label : str

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If no exercise has this label.

    Examples
    --------
    >>> hint("xor/count-parameters")
    'hint 1 of 2: Each connection has a weight. What else does each neuron have?'
    """
    hints = find(label).hints
    if not hints:
        return f"{label} has no hints"
    given = min(_hints_given.get(label, 0), len(hints) - 1)
    _hints_given[label] = given + 1
    return f"hint {given + 1} of {len(hints)}: {hints[given]}"
