"""What each test, notebook and page reads: the files whose change can break it. Nothing is run to find out.

A *unit* is what passes or fails as a whole: a file of tests, the examples of a module, the proofs of a chapter's
exercises, a notebook, a page in the browser. It reads its own file and what that imports, inside functions as well, and
so on; of a package only the modules that define the names it takes, since ``coursepkg.deep`` as a whole would make
every Keras chapter depend on every helper; and the modules, files, folders and exercises that its strings name.

Of a file it reads a *part*: of Python the code (a comment breaks nothing), ``#text`` where docstrings count too; of a
notebook ``#code``, what is executed and compared; of the bank the exercises of a chapter, as in ``bank.json#xor``.

The digest of all that a unit read when it last passed is kept in _build/passed.json.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from tools import timings

ROOT = Path(__file__).resolve().parent.parent
PASSED = ROOT / "_build/passed.json"
ROOMS = "coursepkg/exercises/"
BANK, SOLUTIONS = f"{ROOMS}bank.json", f"{ROOMS}answers/solutions.json"
PROOFS = "tests/exercises/test_exercises.py"
# Who names one of these means the exercises of all chapters.
ALL_EXERCISES = {"all_exercises", "of_the_book", "preload"}
COMPARISON = "tools/compare_outputs.py"  # of outputs with the stored ones
READ_BY_ALL = ("constraints.txt", "conftest.py")
# What shapes every page; what the tests of pages are made of is found by their imports.
READ_BY_PAGES = ("_config.yml", "_toc.yml", "book/_static/", "book/_templates/", "tools/sphinx_")
PAGE_TESTS = ("tests/e2e/test_pages.py", "tests/e2e/test_files.py")
READ_THE_WHOLE_BOOK = (
    "tests/book/test_student.py",
    "tests/e2e/test_files.py",
    "tests/e2e/test_reference.py",
    "tests/e2e/test_student_copy.py",
)
PACKAGES = ("coursepkg", "benchmarks", "tools", "tests")
MODULE = re.compile(rf"\b(?:{'|'.join(PACKAGES)})(?:\.[A-Za-z_]\w*)+")
FILE = re.compile(r"[\w.-]+\.\w+")
LABEL = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)/[a-z0-9-]+")
PAGE = re.compile(r"\[(book/[\w./-]+?|search|genindex|404)(?:\.html)?\]$")
PROOF = re.compile(r"\[([\w-]+)/[^\[]*\]$")


# --- parts of files --------------------------------------------------------------------------------------------------


def fingerprints(path, content):
    """Return what stands for each part of a file, by name."""
    found = {path: content, f"{path}#text": content}
    try:
        if path.endswith(".py"):
            found[path] = ast.dump(_without_docstrings(ast.parse(content))).encode()
        elif path.endswith(".ipynb"):
            found[f"{path}#code"] = json.dumps(
                [(c["source"], c["outputs"], c["metadata"]) for c in json.loads(content)["cells"] if "outputs" in c]
            ).encode()
        elif path in (BANK, SOLUTIONS):
            chapters = {}
            for label, texts in json.loads(content).items():
                chapters.setdefault(label.partition("/")[0], []).append([label, texts])
            found |= {f"{path}#{name}": json.dumps(texts).encode() for name, texts in chapters.items()}
    except (SyntaxError, ValueError, KeyError, AttributeError):
        pass  # it is broken: then its text counts, and whoever reads it will say so
    return {name: hashlib.sha256(value).hexdigest() for name, value in found.items()}


def _without_docstrings(tree):
    for node in ast.walk(tree):
        if _docstring(node) is not None:
            node.body[0].value = ast.Constant("")
    return tree


def _docstring(node):
    if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
        first = node.body[0].value if isinstance(node.body[0], ast.Expr) else None
        return first if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    return None


class Names(NamedTuple):
    imports: list  # (module, name or "", what it is called here)
    strings: list
    all_exercises: bool


# --- who reads what --------------------------------------------------------------------------------------------------


class Files:
    """The files of a checkout, and what each reads."""

    def __init__(self, root=ROOT):
        self.root = root
        listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard").decode().split("\0")
        self.paths = sorted({path for path in listed if path and (root / path).is_file()})
        self.known = set(self.paths)
        self.modules = {_dotted(path): path for path in self.paths if path.endswith(".py")}
        self.folders = {str(folder) for path in self.paths for folder in PurePosixPath(path).parents}
        self.named = {}
        for path in self.paths:
            imported = path.endswith(".py") and path.partition("/")[0] in PACKAGES
            if not imported and not path.startswith(("book/chapters/", "book/notebooks/")):
                self.named.setdefault(path.rpartition("/")[2], []).append(path)
        rooms = [{Path(path).stem for path in self.under(f"{ROOMS}{room}/")} for room in ("cases", "answers")]
        self.chapters = set.intersection(*rooms) - {"__init__", "questions"}

    @functools.cached_property
    def units(self):
        """All units, in the order in which they are run."""
        paths, found = self.paths, []
        for path in paths:
            file = path.rpartition("/")[2]
            if path == PROOFS:
                found += [path, *(f"{path}#{chapter.replace('_', '-')}" for chapter in sorted(self.chapters))]
            elif (
                (path.startswith("tests/") and file.startswith("test_") and file.endswith(".py"))
                or (path.startswith("coursepkg/") and file.endswith(".py") and b">>> " in self.content(path))
                or (path.startswith("book/notebooks/") and path.endswith(".ipynb"))
            ):
                found.append(path)
        toc = self.content("_toc.yml").decode() if "_toc.yml" in paths else ""
        pages = [re.sub(r"\.(ipynb|md)$", "", entry) for entry in re.findall(r"\b(?:file|root):\s*(\S+)", toc)]
        return found + pages + (["search", "genindex", "404"] if pages else [])

    @functools.cache  # noqa: B019 (there is one for a run)
    def reads(self, unit):
        """Return the parts of files that a unit reads; those that are missing as well."""
        if unit.endswith(".ipynb"):
            begin = {f"{unit}#code", COMPARISON}
        elif unit.partition("#")[0].endswith(".py"):
            path, _, chapter = unit.partition("#")
            begin = self.module(_dotted(path)) | (self.exercises([chapter]) if chapter else set())
            begin |= {f"{path}#text"} if path.startswith("coursepkg/") else set()
            begin |= {up for up in self.paths if up.endswith("/conftest.py") and path.startswith(up[:-11])}
            if path in READ_THE_WHOLE_BOOK:
                begin |= {f"{read}#text" for read in self.under("book/", "coursepkg/")}
        else:
            begin = self.page(unit)
        parts, todo = {*READ_BY_ALL, *(PAGE_TESTS if "." not in unit else ())}, list(begin)
        while todo:
            part = todo.pop()
            if part not in parts:
                parts.add(part)
                # What proves the exercises of all chapters, one after the other, was given its chapter above; what
                # another file of tests names, from which a helper comes, is not asked for here.
                borrowed = part.startswith("tests/") and "/test_" in part and part != unit
                todo += self.direct(part, not borrowed)
        return frozenset(part.removesuffix("::*") for part in parts)

    def page(self, unit):
        """Return where to begin for a page."""
        begin = {"tests/e2e/conftest.py", *self.under(*READ_BY_PAGES)}
        for path in (f"{unit}.md", f"{unit}.ipynb", "book/extra/404.html" if unit == "404" else ""):
            if path in self.paths:
                begin.add(f"{path}#text")
                for name in FILE.findall(self.content(path).decode()):
                    begin |= {f"{found}#text" for found in self.named.get(name, ())}
        if unit.startswith("book/api/"):
            begin |= {f"{path}#text" for path in self.under(f"coursepkg/{unit.rpartition('/')[2]}")}
        return begin

    def under(self, *starts):
        return [path for path in self.paths if path.startswith(starts)]

    def exercises(self, chapters):
        return {
            part
            for chapter in chapters
            for file in [chapter.replace("-", "_")]
            for name in [chapter.replace("_", "-")]
            for part in (
                f"{ROOMS}cases/{file}.py",
                f"{ROOMS}answers/{file}.py",
                f"{BANK}#{name}",
                f"{SOLUTIONS}#{name}",
            )
        }

    @functools.cache  # noqa: B019
    def direct(self, part, strings=True):
        """Return the parts that the code of a part names; of a package with ``::*`` those behind all of its names."""
        path, whole = part.removesuffix("::*").partition("#")[0], part.endswith("::*")
        if not path.endswith((".py", ".ipynb")) or path not in self.known or part.endswith("#text"):
            return set()
        found, exported, names = set(), self.exports(path), self.names(path)
        for module, name, bound in names.imports:
            if whole or bound not in exported:
                found |= self.name(module, name) if name else self.module(module, whole=True)
        if strings:
            for text in names.strings:
                found |= self.mentioned(text, path)
            if names.all_exercises and _asks(path):
                found |= {BANK, *self.exercises(self.chapters)}
        if whole:
            for module, name in exported.values():
                found |= self.name(f"{_dotted(path)}.{module}", name)
        return found - {part}

    @functools.cache  # noqa: B019
    def names(self, path):
        """Return what the code of a file names."""
        imports, strings, docstrings, all_exercises = [], [], set(), False
        for tree in self.trees(path):
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    imports += [(alias.name, "", "") for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    base = _absolute(node, path)
                    imports += [(base, alias.name, alias.asname or alias.name) for alias in node.names]
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    if node not in docstrings and ("." in node.value or "/" in node.value):
                        strings.append(node.value)
                elif isinstance(node, (ast.Name, ast.Attribute)):
                    all_exercises |= getattr(node, "id", getattr(node, "attr", "")) in ALL_EXERCISES
                elif (docstring := _docstring(node)) is not None:
                    docstrings.add(docstring)
        return Names(imports, strings, all_exercises)

    @functools.cache  # noqa: B019
    def exports(self, path):
        """Return {public name: (module of the package that defines it, its name there)} of a package's file."""
        if not path.endswith("/__init__.py"):
            return {}
        found, package = {}, _dotted(path)
        for tree in self.trees(path):
            for node in tree.body:
                if isinstance(node, ast.ImportFrom):
                    base = _absolute(node, path)
                    for alias in node.names:
                        if base.startswith(f"{package}."):
                            found[alias.asname or alias.name] = (base[len(package) + 1 :], alias.name)
                elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    if node.targets[0].id == "EXPORTS":
                        for module, names in ast.literal_eval(node.value).items():
                            found |= {name: (module, name) for name in names.split()}
                    elif node.targets[0].id == "__all__" and isinstance(node.value, ast.List):
                        public = set(ast.literal_eval(node.value))
                        found = {name: where for name, where in found.items() if name in public}
        return found

    def module(self, name, *, whole=False):
        """Return the file of a module and those of the packages around it; a missing one where it would be."""
        if name.partition(".")[0] not in PACKAGES:
            return set()
        parts = name.split(".")
        around = {self.modules[up] for n in range(1, len(parts)) if (up := ".".join(parts[:n])) in self.modules}
        path = self.modules.get(name, f"{'/'.join(parts)}.py")
        return around | {f"{path}::*" if whole and path.endswith("__init__.py") else path}

    def name(self, base, name):
        """Return the parts behind ``from base import name``."""
        if f"{base}.{name}" in self.modules:
            return self.module(f"{base}.{name}", whole=True)
        file = self.modules.get(base, "")
        if where := self.exports(file).get(name):
            return self.module(base) | self.name(f"{base}.{where[0]}", where[1])
        return self.module(base, whole=True)

    def mentioned(self, text, path):
        """Return what a string of the code names: modules, files, folders with a slash, notebooks, exercises."""
        found = set()
        for name in MODULE.findall(text):
            while name not in self.modules and "." in name:
                name = name.rpartition(".")[0]
            if "." in name and (_asks(path) or not self.modules[name].endswith("__init__.py")):
                found |= self.module(name, whole=True)
        if not _asks(path):
            return found
        for label in LABEL.finditer(text):
            if label[1].replace("-", "_") in self.chapters:
                found |= self.exercises([label[1]])
        if len(text) > 200:
            return found
        named = {known for name in FILE.findall(text) for known in self.named.get(name, ())}
        if "/" in text and not text.startswith("/"):
            plain = re.sub(r"\.(html|ipynb|md)$", "", text.strip())
            named |= {f"{plain}{end}" for end in (".ipynb", ".md", "") if f"{plain}{end}" in self.known}
            named |= set(self.under(f"{plain}/")) if plain in self.folders else set()
        return found | {f"{known}#text" for known in named}  # it is read, not run

    @functools.cache  # noqa: B019
    def trees(self, path):
        content = self.content(path).decode()
        if path.endswith(".py"):
            return _parsed(content)
        cells = [c for c in json.loads(content)["cells"] if c["cell_type"] == "code"]
        return [tree for cell in cells for tree in _parsed(re.sub(r"(?m)^(\s*)[%!].*", r"\1pass", _text(cell)))]

    @functools.cache  # noqa: B019
    def content(self, path):
        return (self.root / path).read_bytes()

    @functools.cache  # noqa: B019
    def fingerprint(self, part):
        path = part.partition("#")[0]
        return self.prints(path).get(part, "no such part") if path in self.known else "missing"

    @functools.cache  # noqa: B019
    def prints(self, path):
        return fingerprints(path, self.content(path))

    def digest(self, unit):
        """Return what stands for all that a unit reads, the versions and the data that are asked for."""
        parts = "\n".join(f"{part} {self.fingerprint(part)}" for part in sorted(self.reads(unit)))
        state = f"{sys.version}\n{os.environ.get('COURSE_DATA', '')}\n{parts}"
        return hashlib.sha256(state.encode()).hexdigest()[:16]

    # --- what changed ---

    def base(self):
        """Return the commit that is taken to have passed: the newest that this branch has in common with main."""
        for name in ("origin/main", "main", "HEAD"):
            done = subprocess.run(["git", "merge-base", "HEAD", name], cwd=self.root, capture_output=True, text=True)
            if done.returncode == 0:
                return done.stdout.strip()
        raise SystemExit("this is no checkout of Git with a commit: run make test")

    def changed(self, base):
        """Return the parts of files that differ from those of a commit."""
        listed = _git(self.root, "diff", "--name-only", "--no-renames", "-z", base).decode().split("\0")
        before = set(_git(self.root, "ls-tree", "-r", "-z", "--name-only", base).decode().split("\0"))
        found = set()
        for path in {*filter(None, listed), *(set(self.paths) - before)}:
            now = fingerprints(path, self.content(path)) if path in self.paths else {}
            old = fingerprints(path, _git(self.root, "show", f"{base}:{path}")) if path in before else {}
            found |= {part for part in {*now, *old} if now.get(part) != old.get(part)}
        return found


def _asks(path):
    """Only what tests and notebooks name counts; the machinery below them names what it can do for any chapter."""
    return path.startswith(("tests/", "book/"))


def _text(cell):
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _parsed(code):
    try:
        return [ast.parse(code)]
    except SyntaxError:
        return []


def _dotted(path):
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _absolute(node, path):
    if not node.level:
        return node.module
    package = _dotted(path) if path.endswith("/__init__.py") else _dotted(path).rpartition(".")[0]
    return importlib.util.resolve_name("." * node.level + (node.module or ""), package)


def _git(root, *words):
    return subprocess.run(["git", *words], cwd=root, capture_output=True, check=True).stdout


# --- what passed -----------------------------------------------------------------------------------------------------


def unit_of(nodeid):
    """Return the unit to which a test belongs."""
    file = nodeid.partition("::")[0]
    if file.startswith("tests/e2e/") and (page := PAGE.search(nodeid)):
        return page[1]
    if file == PROOFS and (proof := PROOF.search(nodeid)):
        words = proof[1].split("-")  # a seed or an answer may stand before the chapter
        for name in ("-".join(words[first:]) for first in range(len(words))):
            if name.replace("-", "_") in _chapters():
                return f"{file}#{name}"
    return file


@functools.cache
def _chapters():
    return {path.stem for path in (ROOT / ROOMS / "cases").glob("*.py")}


def digests():
    """Return the digest of each unit; nothing where this is no checkout of Git."""
    try:
        files = Files()
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {unit: files.digest(unit) for unit in files.units}


def note(digests, run, path=None):
    """Keep the digests of those units of a run all of whose tests passed (or were skipped), and forget the others."""
    outcomes = {}
    if run["status"] not in (0, 1):  # broken off: who knows what did not run
        return
    for nodeid, test in run.get("tests", {}).items():
        outcomes.setdefault(unit_of(nodeid), set()).add(test["outcome"])
    path = path or PASSED
    kept = timings.read(path)
    for unit, seen in outcomes.items():
        if seen <= {"passed", "skipped"} and unit in digests:
            kept[unit] = digests[unit]
        else:
            kept.pop(unit, None)
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(kept, indent=0, sort_keys=True), encoding="utf-8")
    partial.replace(path)
