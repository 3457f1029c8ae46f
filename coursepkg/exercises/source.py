"""Read exercises from the Markdown that shows them: a chapter of the book, or a file of an instructor's own.

An exercise is written in this order; other text and cells may stand between the parts::

    ```{exercise-start} Title            the title and the label "chapter/name"; then the statement, which begins with
    :label: xor/by-hand                  "*Level 1 · 15 minutes · 5 points.*"
    ```{exercise-end}
    ```{code-cell}                       the stub; the cell's metadata hold the rest under "exercise": hints,
                                         after (exercises or chapters to be done first), seconds (for one case),
                                         needs (names to import that neither stub nor solution uses)
    ```{solution-start} xor/by-hand      a code cell with the solution, under the answer's name with "_solution", and a
    ```{solution-end}                    line check("xor/by-hand", …_solution, record=False)
    ```{code-cell}                       check("xor/by-hand", answer)

Imports stand where the text has them, at its beginning: whoever reads an exercise alone gets those that it needs.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys

import yaml

_FENCE = re.compile(r"^```\{(?P<kind>[\w-]+)\}(?P<rest>[^\n]*)\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_LEVEL = re.compile(r"\*Level (?P<difficulty>\d) · (?P<minutes>\d+) minutes? · (?P<points>\d+) points?\.\*\s*")
_METADATA = re.compile(r"---\n(.*?)^---\n", re.MULTILINE | re.DOTALL)
_KEYS = {"hints", "after", "seconds", "needs"}


class SourceError(ValueError):
    """An exercise is not written as it must be; the message says where, and what was expected."""


def read_exercises(text):
    """Return the exercises of a Markdown text that have a check, as dictionaries of their texts.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of dict
        With the keys label, title, difficulty, minutes, points, statement, stub, solution_source, answer_name, hints,
        prerequisites, seconds.

    Raises
    ------
    SourceError
        If a part is missing, stands in another order, or uses a name that nothing in the text imports.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    fences = [(m["kind"], m["rest"].strip(), m["body"], m) for m in _FENCE.finditer(text)]
    checked = {label for kind, _, body, _ in fences if kind == "code-cell" for label in _checked(body)}
    imports = _imports(body for kind, _, body, _ in fences if kind == "code-cell")
    found = []
    for position, (kind, title, body, match) in enumerate(fences):
        if kind != "exercise-start":
            continue
        label = _option(body, "label")
        if label in checked:
            found.append(_exercise(label, title, text, match, fences[position + 1 :], imports))
    return found


def _exercise(label, title, text, start, after, imports):
    kinds = [kind for kind, *_ in after]
    try:
        end = kinds.index("exercise-end")
        stub = kinds.index("code-cell", end)
        opens = next(i for i in range(stub, len(after)) if after[i][:2] == ("solution-start", label))
        solution = kinds.index("code-cell", opens)
        closes = kinds.index("solution-end", solution)
        last = kinds.index("code-cell", closes)
    except (ValueError, StopIteration):
        raise SourceError(f"{label} is not shown as statement, stub, solution, check") from None
    if "exercise-start" in kinds[:last]:
        raise SourceError(f"{label} is not shown as statement, stub, solution, check: another exercise comes between")
    statement = text[start.end() : after[end][3].start()].strip()
    level = _LEVEL.match(statement)
    if level is None:
        raise SourceError(f'{label}: the statement must begin with "*Level 1 · 5 minutes · 3 points.* "')
    metadata, stub_source = _cell(after[stub][2])
    metadata = metadata.get("exercise")
    if not isinstance(metadata, dict) or set(metadata) - _KEYS or not metadata.get("hints"):
        raise SourceError(f'{label}: the metadata of its stub need "exercise" with hints; also: after, needs, seconds')
    _, solution_source = _cell(after[solution][2])
    name, solution_source = _answer(label, solution_source)
    checked = re.fullmatch(r'check\("([^"]+)", (\w+)\)', _cell(after[last][2])[1].strip())
    if checked is None or checked.groups() != (label, name):
        raise SourceError(f'{label}: the cell after the solution must be check("{label}", {name})')
    wanted = "\n".join([solution_source, *metadata.get("needs", [])])
    return {
        "label": label,
        "title": title,
        **{key: int(number) for key, number in level.groupdict().items()},
        "statement": statement[level.end() :].strip(),
        "stub": _with_imports(label, stub_source, imports, also=wanted),
        "solution_source": _with_imports(label, solution_source, imports),
        "answer_name": name,
        "hints": [str(hint) for hint in metadata["hints"]],
        "prerequisites": list(metadata.get("after", [])),
        "seconds": float(metadata.get("seconds", 5)),
    }


def _answer(label, source):
    """Return the answer's name and the solution's source, without its check and under that name."""
    call = re.search(rf'^check\("{re.escape(label)}", (\w+)_solution, record=False\)', source, re.MULTILINE)
    if call is None:
        raise SourceError(f'{label}: the solution\'s cell must hold check("{label}", …_solution, record=False)')
    name = call[1]
    return name, re.sub(rf"\b{name}_solution\b", name, source[: call.start()]).rstrip() + "\n"


def _cell(body):
    """Return the metadata and the code of a code cell."""
    found = _METADATA.match(body)
    if found is None:
        return {}, body
    return yaml.safe_load(found[1]) or {}, body[found.end() :]


def _checked(body):
    return re.findall(r'^check\("([^"]+)", \w+\)', body, re.MULTILINE)


def _option(body, name):
    found = re.search(rf"^:{name}:[ \t]*(\S+)", body, re.MULTILINE)
    return found and found[1]


def _imports(bodies):
    """Return the import statements of code cells by the name that each binds."""
    found = {}
    for body in bodies:
        for node in _parsed(_cell(body)[1]).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    bound = (alias.asname or alias.name).split(".")[0]
                    single = type(node)(**{**{f: getattr(node, f) for f in node._fields}, "names": [alias]})
                    found.setdefault(bound, ast.unparse(single))
    return found


def _parsed(source):
    """Return the syntax tree of a cell, without lines that only IPython understands."""
    lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()]
    try:
        return ast.parse("\n".join(lines))
    except SyntaxError:  # a cell that shows an error
        return ast.Module([], [])


def _with_imports(label, source, imports, also=""):
    """Return a program with the imports that it needs before it, or that the program ``also`` needs."""
    loaded, bound = set(), set(dir(builtins))
    for node in ast.walk(ast.parse(f"{source}\n{also}")):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
    needed = loaded - bound
    if unknown := needed - set(imports):
        raise SourceError(f"{label} uses {', '.join(sorted(unknown))}, which no import of the text provides")
    lines = _merged(imports[name] for name in needed)
    source = source.strip("\n")
    if not needed:
        return f"{source}\n"
    space = "\n\n\n" if source.startswith(("def ", "class ", "@")) else "\n\n"
    return "\n".join(lines) + f"{space}{source}\n"


def _merged(statements):
    """Return import statements in the order of isort: standard library, other packages, this one."""
    groups, members = ({}, {}, {}), {}

    def group(module):
        root = module.split(".")[0]
        return groups[0 if root in sys.stdlib_module_names else 2 if root == "coursepkg" else 1]

    for statement in sorted(statements):
        node = ast.parse(statement).body[0]
        if isinstance(node, ast.Import):
            group(node.names[0].name)[statement] = None
        else:
            members.setdefault(node.module, []).append(statement.partition(" import ")[2])
    for module, names in sorted(members.items()):
        group(module)[f"from {module} import {', '.join(names)}"] = None
    return "\n\n".join("\n".join(lines) for lines in groups if lines).split("\n")
