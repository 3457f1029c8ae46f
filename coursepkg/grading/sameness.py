"""Find answers that are the same program as the published solution, or as another student's: somebody may look at them.

Equality proves nothing: solutions are printed in the book, students may work together, and a short task has one
obvious answer. So this never changes points; it adds a remark for the instructor.
"""

from __future__ import annotations

import ast
import collections
import warnings

from coursepkg.exercises import find
from coursepkg.grading.judge import GradedCell
from coursepkg.grading.limits import LONGEST_CELL

# Shorter answers say nothing. 23 of the book's 77 solutions are shorter: one formula, a few numbers, or a line or two
# in a program that was handed out.
FEWEST_NODES = 50
_NAMED = 3  # of those who have the same answer


def remarks(submissions, released, exercises=None):
    """Return the remarks on answers that are the same as the published solution or as another submission's.

    Two answers are the same if their syntax trees are: comments, docstrings and layout do not count, names do.

    Parameters
    ----------
    submissions : dict of str to dict of str to NotebookNode
        Notebooks by name, by student.
    released : dict of str to NotebookNode
        The students' versions of the assignment's notebooks.
    exercises : dict of str to Exercise, optional
        Where labels are looked up; by default all that :func:`coursepkg.exercises.all_exercises` knows.

    Returns
    -------
    dict of str to list of str
        Remarks by student; students without one are left out.
    """
    found = collections.defaultdict(list)
    for notebook, asked in _asked(released):
        try:
            exercise = find(asked.label, exercises)
        except ValueError:  # of an exercise that is no more
            continue
        published = fingerprint([exercise.solution_source], asked.name, stub=exercise.stub)
        students = collections.defaultdict(list)
        for student, notebooks in sorted(submissions.items()):
            cells = notebooks[notebook].cells if notebook in notebooks else []
            sources = [cell.source for cell in cells if cell.cell_type == "code"]
            if answer := fingerprint(sources, asked.name, stub=exercise.stub):
                students[answer].append(student)
        for answer, same in students.items():
            for student in same:
                others = [f"{other}'s" for other in same if other != student]
                if answer == published:
                    others = ["the published solution"]
                elif len(others) > _NAMED:
                    others[_NAMED:] = [f"{len(others) - _NAMED} more"]
                if others:
                    found[student].append(f"{asked.label} needs a look: same as {', '.join(others)}")
    return dict(found)


def fingerprint(sources, name, *, stub=""):
    """Return the syntax tree of an answer as text, or None if there is none that says anything.

    Parameters
    ----------
    sources : list of str
        The cells of a notebook.
    name : str
        What the answer is called: the function, class or variable that is graded. Its last definition counts.
    stub : str, keyword-only
        What was handed out: statements that it has do not count for the size of the answer.

    Returns
    -------
    str or None
        None if the answer has fewer than `FEWEST_NODES` nodes, or holds constants only.

    Examples
    --------
    >>> area = "def area(a, b, c):\\n    s = (a + b + c) / 2\\n    return (s * (s - a) * (s - b) * (s - c)) ** 0.5"
    >>> fingerprint([area + "  # by Heron"], "area") == fingerprint(["import math", area], "area") != None
    True
    >>> fingerprint(["def area(r):\\n    return pi * r * r"], "area") is None
    True
    """
    answer = _definition(sources, name)
    if answer is None or own_size(answer, _definition([stub], name)) < FEWEST_NODES:
        return None
    if not any(isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) for node in ast.walk(answer)):
        return None
    return ast.dump(answer)


def own_size(answer, given=None):
    """Return how many nodes of a syntax tree stand in statements that another tree, if there is one, does not have.

    Examples
    --------
    >>> stub = ast.parse("def f(x):\\n    total = 0\\n    ...")
    >>> own_size(ast.parse("def f(x):\\n    total = 0\\n    return x"), stub)
    3
    """
    there = collections.Counter(text for text, _ in _statements(given)) if given is not None else collections.Counter()
    size = 0
    for text, nodes in _statements(answer):
        if there[text]:
            there[text] -= 1
        else:
            size += nodes
    return size


def _asked(released):
    for name, notebook in released.items():
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade") and (asked := GradedCell.read(cell.source)):
                yield name, asked


def _definition(sources, name):
    """Return the last statement outside of functions that gives something this name, without docstrings."""
    found = None
    for source in sources:
        for statement in _parsed(source):
            if name in _names(statement):
                found = statement
    if found is not None:
        for node in ast.walk(found):
            kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            if isinstance(node, kinds) and ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    return found


def _parsed(source):
    # Lines of IPython are no Python.
    lines = [line for line in source.splitlines() if not line.startswith(("%", "!"))]
    try:
        if len(source) > LONGEST_CELL:
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as a doubtful escape in a text
            tree = ast.parse("\n".join(lines))
            ast.dump(tree)  # what is nested too deeply fails here, and not later
        return tree.body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _names(statement):
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    walked = (node for target in targets if target is not None for node in ast.walk(target))
    return {node.id for node in walked if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _statements(tree):
    """Yield each statement of a tree without those inside of it, as text and as a number of nodes."""
    inner = (ast.stmt, ast.ExceptHandler)
    for node in ast.walk(tree):
        if isinstance(node, inner):
            own = [child for child in ast.iter_child_nodes(node) if not isinstance(child, inner)]
            text = f"{type(node).__name__} {getattr(node, 'name', '')} {[ast.dump(child) for child in own]}"
            yield text, 1 + sum(1 for child in own for _ in ast.walk(child))
