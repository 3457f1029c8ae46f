"""The reference: every public name is in it, has a runnable example, and is linked with the chapters that use it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.e2e.conftest import CHAPTERS, ROOT, parsed

ROOMS = ("data", "scratch", "search", "deep", "plots", "exercises")


def body(path):
    return ast.parse(path.read_text(encoding="utf-8")).body


def public_names():
    """Return (module, name, definition) of all that rooms and single modules export, without importing them."""
    found = []
    for file in [ROOT / "coursepkg" / room / "__init__.py" for room in ROOMS] + [
        ROOT / f"coursepkg/{module}.py" for module in ("seeding", "calibration", "interactive")
    ]:
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        definitions = {s.name: s for s in body(file) if isinstance(s, (ast.FunctionDef, ast.ClassDef))}
        origins = {
            alias.name: s.module for s in body(file) if isinstance(s, ast.ImportFrom) and s.module for alias in s.names
        }
        exports = _table(file)
        origins |= {name: f"{module}.{inner}" for inner, names in exports.items() for name in names.split()}
        exported = (
            [[n for names in exports.values() for n in names.split()]]
            if exports
            else [
                ast.literal_eval(s.value)
                for s in body(file)
                if isinstance(s, ast.Assign) and getattr(s.targets[0], "id", None) == "__all__"
            ]
        )
        names = exported[0] if exported else [name for name in definitions if not name.startswith("_")]
        for name in names:
            origin = module if name in definitions else origins[name]
            if name not in definitions:
                path = ROOT / f"{origin.replace('.', '/')}.py"
                inner = {s.name: s for s in body(path) if isinstance(s, (ast.FunctionDef, ast.ClassDef))}
                found.append((origin, name, inner.get(name)))
            else:
                found.append((origin, name, definitions[name]))
    return found


def _table(file):
    """Return the table ``EXPORTS`` of a lazy package."""
    tables = [s.value for s in body(file) if isinstance(s, ast.Assign) and getattr(s.targets[0], "id", "") == "EXPORTS"]
    return ast.literal_eval(tables[0]) if tables else {}


def test_every_public_function_and_class_has_a_runnable_example():
    # An error class is shown by the functions that raise it.
    named = [(m, n, d) for m, n, d in public_names() if d is not None and not n.endswith(("Error", "Failed"))]
    missing = [f"{m}.{n}" for m, n, d in named if ">>>" not in (ast.get_docstring(d) or "")]
    assert named
    assert missing == []


def test_every_public_name_is_in_the_reference(book):
    documented = set()
    for page in (book / "book/api").glob("*.html"):
        documented |= set(re.findall(r'<dt class="sig[^>]* id="([^"]+)"', page.read_text(encoding="utf-8")))
    assert [f"{m}.{n}" for m, n, d in public_names() if d is not None and f"{m}.{n}" not in documented] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_and_reference_are_linked_both_ways(book, chapter):
    page = book / f"{chapter}.html"
    links = parsed(page).select(".in-the-reference a")
    assert links
    for link in links:
        path, anchor = link["href"].split("#")
        reference = (page.parent / path).resolve()
        entry = parsed(reference).find(id=anchor).parent
        back = [(reference.parent / a["href"]).resolve() for a in entry.select(".used-in a")]
        assert page.resolve() in back, f"{anchor} does not name {Path(chapter).name}"
