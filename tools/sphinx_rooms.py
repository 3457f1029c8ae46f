"""Sphinx extension of the book: the reference, one page for each package of coursepkg, from its docstrings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)


class Room(SphinxDirective):
    """The reference of a package of coursepkg: each file that it exports names of, in the order of its imports.

    The content names further files, one a line, which the package does not import by itself.
    """

    required_arguments = 1
    has_content = True

    def run(self):
        package = self.arguments[0]
        file = Path(self.env.srcdir, *package.split("."), "__init__.py")
        self.env.note_dependency(str(file))
        own = ", ".join(name for name in exported(file) if name in defined(file))
        if exports(file):
            # Autodoc would ask for every name, outside its mocks: the package would load what they come from.
            lines = ["```{eval-rst}", f".. py:module:: {package}", "", ast.get_docstring(parsed(file)), "```", ""]
        else:
            lines = _automodule(package, f"   :members: {own}" if own else "   :no-members:")
        files = [*modules(file, package), *(f"{package}.{name}" for name in self.content)]
        if missing := unfound(file, package):
            text = "the reference has no place for what %s exports: %s"
            logger.warning(text, package, ", ".join(missing), location=self.env.docname, type="rooms")
        if not own and not files:
            logger.warning("%s exports nothing", package, location=self.env.docname, type="rooms")
        for module in files:
            lines += [f"## `{module.removeprefix(package + '.')}`", "", *_automodule(module, "")]
        section = nodes.section()
        section.document = self.state.document
        self.content.data, self.content.items = lines, [(str(file), 0)] * len(lines)
        self.state.nested_parse(self.content, 0, section, match_titles=True)
        return section.children


def _automodule(module, option):
    return ["```{eval-rst}", f".. automodule:: {module}", option, "```", ""]


def parsed(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def _assigned(file, name):
    values = [
        s.value for s in parsed(file).body if isinstance(s, ast.Assign) and getattr(s.targets[0], "id", "") == name
    ]
    return ast.literal_eval(values[0]) if values else None


def exported(file):
    """Return the names in ``__all__`` of a Python file; none if they are not written there."""
    return _assigned(file, "__all__") or []


def exports(file):
    """Return the table ``EXPORTS`` of a lazy package (`coursepkg._lazy`), by module; empty for other packages."""
    return _assigned(file, "EXPORTS") or {}


def defined(file):
    """Return the names that a Python file itself defines."""
    return {s.name for s in parsed(file).body if isinstance(s, (ast.FunctionDef, ast.ClassDef))}


def modules(file, package):
    """Return the modules from which a package's ``__init__.py`` takes names that it exports.

    A lazy package names them in its table, others import them.
    """
    if exports(file):
        return [f"{package}.{module}" for module in exports(file)]
    public, body = set(exported(file)), parsed(file).body
    taken = [s for s in body if isinstance(s, ast.ImportFrom) and (s.module or "").startswith(package + ".")]
    return list(dict.fromkeys(s.module for s in taken if public.intersection(alias.name for alias in s.names)))


def unfound(file, package):
    """Return the exported names that a file neither defines nor takes from a module of its package."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    taken = [s for s in body if isinstance(s, ast.ImportFrom) and (s.module or "").startswith(package + ".")]
    known = defined(file).union(*({alias.asname or alias.name for alias in s.names} for s in taken))
    return [name for name in exported(file) if name not in known]


def escape_bars(app, what, name, obj, options, lines):
    """Let docstrings write |z| for an absolute value, which reStructuredText takes for a substitution."""
    example = False
    for i, line in enumerate(lines):
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if not example:
            parts = re.split(r"(``.*?``)", line)
            parts[::2] = [
                re.sub(r"(?<![\\\w])\|(?=\S[^|]*\|)|(?<=[^\s\\])\|(?!\w)", r"\\|", part) for part in parts[::2]
            ]
            lines[i] = "".join(parts)


def setup(app):
    app.add_directive("room", Room)
    app.connect("autodoc-process-docstring", escape_bars)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
