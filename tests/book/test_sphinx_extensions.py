"""Each pattern of the book's extensions warns, and so fails the strict build, where it finds nothing to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("sphinx", reason="the book's packages are not installed (requirements/book.txt)")

from docutils import nodes
from sphinx import addnodes

from tools import sphinx_course, sphinx_problems, sphinx_rooms, sphinx_slim
from tools.sphinx_slim import EDITS, Edits

# A text in which each pattern finds something, and the same text as another version of the theme may write it.
MATCHING = {
    "measuring what scrolls": (
        '".pst-scrollable-table-container",n=t(e,300);window.addEventListener("resize",n),'
        'new MutationObserver(n).observe(document.getElementById("main-content"),{subtree:!0,childList:!0}),n()}',
        "subtree:!0",
    ),
    "rules of icons": ('.fa-bars:before{content:"\\f0c9"}', ":before{"),
    "sources of the icon font": ('src:url(../fa-solid-900.woff2) format("woff2")', 'format("woff2")'),
    "MathJax": ('<p class="math"></p><script defer src="_static/mathjax/tex.js"></script>', "script"),
    "scripts that hold up the page": ('<script src="a.js"></script>', " src"),
    "the options": ('<script src="_static/documentation_options.js?v=1"></script>', "documentation_options"),
    "the role of the sidebar": ('<div id="pst-primary-sidebar" class="bd-sidebar">', "<div "),
    "the names of the switches in the sidebar": ('<summary><span class="toctree-toggle"', "<summary>"),
    "the role of references": ('<div class="citation" role="doc-biblioentry">', "doc-biblioentry"),
    "empty headers of tables": ('<table class="dataframe"><th class="a">\n</th>', "</th>"),
    "links to files": ('<a href="_sources/x.md" target="_blank">', "<a href"),
    "pictures": ('<img alt="x" src="../_images/x.png" />', "src="),
}


@pytest.fixture
def warned(monkeypatch):
    """What the extensions warn of, as a list of texts."""
    said = []
    log = SimpleNamespace(warning=lambda text, *arguments, **_: said.append(text % arguments if arguments else text))
    for module in (sphinx_slim, sphinx_course, sphinx_problems, sphinx_rooms):
        monkeypatch.setattr(module, "logger", log)
    return said


def test_every_edit_is_tried_below():
    assert set(MATCHING) == set(EDITS)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_whose_pattern_matches_nothing_is_known(name):
    text, essential = MATCHING[name]
    replacement = "" if EDITS[name].replacement is None else None
    edits = Edits()
    assert edits.apply(name, text, replacement) != text
    assert edits.unmatched() == []
    assert essential in text
    changed, edits = text.replace(essential, "another"), Edits()
    assert edits.apply(name, changed, replacement) == changed
    assert edits.unmatched() == [name]
    edits = Edits()
    edits.apply(name, "a text about something else", replacement)
    assert edits.unmatched() == []


PAGE = (
    '<link rel="stylesheet" href="_static/theme.css"><link rel="stylesheet" href="_static/own.css">'
    '<script src="_static/documentation_options.js"></script>'
)


@pytest.fixture
def built(tmp_path):
    """The least that a theme brings, and one page."""
    static = tmp_path / "_static"
    (static / "fonts").mkdir(parents=True)
    (static / "documentation_options.js").write_text("const OPTIONS = {};")
    (static / "theme.css").write_text("p {}")
    (static / "own.css").write_text("a {}")
    for name in ("a.js.map", "fontawesome.js", "fa-brands-400.ttf", "fa-solid-900.woff2", "fa-solid-900.ttf"):
        (static / "fonts" / name).write_text("")
    (tmp_path / "page.html").write_text(PAGE + '<script src="own.js"></script>')
    left_out = set(sphinx_slim.UNUSED_ASSETS)
    return SimpleNamespace(outdir=str(tmp_path), builder=SimpleNamespace(format="html"), left_out=left_out)


@pytest.fixture
def _no_fonts(monkeypatch):
    monkeypatch.setattr(sphinx_slim, "subset", lambda font, characters: None)


@pytest.mark.usefixtures("_no_fonts")
def test_a_theme_as_it_was_expected_gives_no_warning(built, warned):
    sphinx_slim.slim(built, None)
    assert warned == []
    assert "const OPTIONS" in Path(built.outdir, "page.html").read_text()


@pytest.mark.usefixtures("_no_fonts")
def test_a_page_of_a_former_build_stays_as_it_is(built, warned):
    sphinx_slim.slim(built, None)
    finished = Path(built.outdir, "page.html").read_text()
    Path(built.outdir, "new.html").write_text(PAGE + '<script src="own.js"></script>')
    for name in ("a.js.map", "fontawesome.js", "fa-brands-400.ttf", "fa-solid-900.woff2"):
        Path(built.outdir, "_static/fonts", name).write_text("")
    sphinx_slim.slim(built, None)
    assert Path(built.outdir, "page.html").read_text() == finished
    assert warned == []


@pytest.mark.usefixtures("_no_fonts")
@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (PAGE + '<script src="a.js"></script><script defer src="_static/scripts/fontawesome.js">', "all icons"),
        (PAGE + '<script src="a.js"></script><link rel="preload" href="a.js">', "preloaded files"),
        (PAGE + '<script src="a.js"></script><script src="searchindex.js"></script>', "the index of the whole book"),
        (PAGE + '<script src="a.js"></script><link href="sphinx-thebe.css">', "runs cells on a server"),
        (PAGE + '<script src="a.js"></script><script src="design-tabs.js"></script>', "tabs"),
        (PAGE, "the pattern for 'scripts that hold up the page' matches nothing"),
        ('<script src="a.js"></script>' + PAGE[:46] + PAGE[92:], "no page has style sheets to join"),
    ],
)
def test_a_page_that_still_loads_what_a_template_leaves_out_is_a_warning(built, warned, page, expected):
    Path(built.outdir, "page.html").write_text(page)
    sphinx_slim.slim(built, None)
    assert len(warned) == 1
    assert expected in warned[0]


@pytest.mark.usefixtures("_no_fonts")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.js.map", "source maps"),
        ("fontawesome.js", "the script with all icons"),
        ("fa-brands-400.ttf", "fonts of other icons"),
        ("fa-solid-900.woff2", "the icon font that is not cut down"),
        ("fa-solid-900.ttf", "to cut down"),
    ],
)
def test_a_file_that_the_theme_brings_no_more_is_a_warning(built, warned, name, expected):
    Path(built.outdir, "_static/fonts", name).unlink()
    sphinx_slim.slim(built, None)
    assert len(warned) == 1
    assert expected in warned[0]


@pytest.mark.usefixtures("_no_fonts")
@pytest.mark.parametrize("name", sphinx_slim.UNUSED_ASSETS)
def test_a_file_that_no_extension_adds_any_more_is_a_warning(built, warned, name):
    built.left_out.remove(name)
    sphinx_slim.slim(built, None)
    assert len(warned) == 1
    assert f"no page has {name}" in warned[0]


def test_files_of_extensions_are_left_out_of_pages():
    def names(body):
        files = ["own.js", "design-tabs.js", "mathjax/tex-chtml.js", ""]
        files = [SimpleNamespace(filename=file, attributes={}) for file in files]
        files[-1].attributes["body"] = "window.MathJax = {}"
        sheets = [SimpleNamespace(filename="sphinx-thebe.css", attributes={})]
        context = {"body": body, "script_files": files, "css_files": sheets}
        app = SimpleNamespace(left_out=set())
        sphinx_slim.leave_out(app, "page", "page.html", context, None)
        assert set(sphinx_slim.UNUSED_ASSETS) <= app.left_out
        assert context["css_files"] == []
        return [file.filename for file in context["script_files"]]

    assert names("text") == ["own.js"]
    assert names('<span class="math">') == ["own.js", "mathjax/tex-chtml.js", ""]


def test_live_code_that_is_not_there_is_a_warning(warned):
    def listener(module):
        return SimpleNamespace(id=module, handler=SimpleNamespace(__module__=module))

    gone = []
    app = SimpleNamespace(disconnect=gone.append, events=SimpleNamespace(listeners={"a": [listener("sphinx_thebe.x")]}))
    sphinx_slim.drop_live_code(app)
    assert (gone, warned) == (["sphinx_thebe.x"], [])
    app.events.listeners = {"a": [listener("other")]}
    sphinx_slim.drop_live_code(app)
    assert "no sphinx_thebe" in warned[0]


def test_the_templates_replace_files_that_the_theme_has():
    theme = Path(pytest.importorskip("pydata_sphinx_theme").__file__).parent / "theme/pydata_sphinx_theme"
    own = Path(__file__).parents[2] / "book/_templates"
    assert [path for path in own.rglob("*.html") if not (theme / path.relative_to(own)).is_file()] == []


def environment(**more):
    return SimpleNamespace(docname="book/notebooks/1-neurons/xor", found_docs=set(), srcdir="", **more)


def chapter(fact):
    """A chapter whose table of facts has one row."""
    row = nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in (sphinx_course.FACTS_ROW, fact)))
    table = nodes.table("", nodes.tgroup("", nodes.tbody("", row)))
    return nodes.section("", table)


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("30 minutes of reading; level 2 of 3", []),
        ("half an hour of reading; level 2 of 3", ["minutes of reading"]),
        ("30 minutes of reading; easy", ["level"]),
    ],
)
def test_a_chapter_without_its_facts_is_a_warning(fact, expected, warned, tmp_path):
    notebook = tmp_path / "xor.ipynb"
    notebook.write_text(json.dumps({"cells": []}))
    app = SimpleNamespace(env=environment(doc2path=lambda name: notebook))
    sphinx_course.read_chapter(app, chapter(fact))
    assert len(warned) == len(expected)
    assert all(word in text for word, text in zip(expected, warned, strict=True))


def test_progress_of_a_part_without_map_is_a_warning(warned):
    env = environment()
    sphinx_course._state(env, "maps")["book/parts/1-neurons"] = ["book/notebooks/1-neurons/xor"]
    for part, expected in (("1-neurons", 0), ("7-neurons", 1)):
        inline = nodes.inline(part=f"book/parts/{part}")
        sphinx_course.resolve(
            SimpleNamespace(env=env), nodes.section("", nodes.paragraph("", "", inline)), "book/index"
        )
        assert len(warned) == expected


def test_a_repository_that_gets_no_buttons_is_a_warning(warned):
    app = SimpleNamespace(config=SimpleNamespace(html_theme_options={"repository_url": "https://github.com/a/b"}))
    assert len(sphinx_course.launches(app, "book/notebooks/x")) == 2
    app.config.html_theme_options["repository_url"] = ""
    assert (sphinx_course.launches(app, "book/notebooks/x"), warned) == ([], [])
    app.config.html_theme_options["repository_url"] = "https://gitlab.com/a/b"
    assert sphinx_course.launches(app, "book/notebooks/x") == []
    assert len(warned) == 1


@pytest.mark.parametrize(("line", "expected"), [('__version__ = "1.2"', 0), ('version = "1.2"', 1)])
def test_a_package_without_version_is_a_warning(line, expected, warned, tmp_path):
    (tmp_path / "coursepkg").mkdir()
    (tmp_path / "coursepkg/__init__.py").write_text(line)
    app = SimpleNamespace(srcdir=tmp_path)
    sphinx_course.prepare(app)
    assert len(warned) == expected
    assert ("1.2" if not expected else "unknown") in app.course_footer


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('from pack.part import a\n\n__all__ = ["a", "b"]\n\n\ndef b(): ...\n', []),
        ('from other import a\n\n__all__ = ["a", "b"]\n\n\ndef b(): ...\n', ["a"]),
    ],
)
def test_exported_names_without_a_place_in_the_reference_are_known(source, expected, tmp_path):
    (tmp_path / "__init__.py").write_text(source)
    assert sphinx_rooms.unfound(tmp_path / "__init__.py", "pack") == expected


def test_warnings_reach_the_strict_build(tmp_path):
    """A book of one page, built by Sphinx with the extensions: each of their warnings makes the build fail."""
    from sphinx.cmd.build import main

    source = tmp_path / "source"
    (source / "coursepkg").mkdir(parents=True)
    (source / "coursepkg/__init__.py").write_text('version = "1"\n')
    (source / "index.rst").write_text("Title\n=====\n\n.. chapter-map::\n\n.. room:: coursepkg\n")
    tools = Path(sphinx_slim.__file__).parent
    (source / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(tools)!r})\n"
        "extensions = ['sphinx.ext.autodoc', 'myst_parser', 'sphinx_course', 'sphinx_rooms', 'sphinx_slim']\n"
        "html_theme = 'basic'\n"
    )
    warnings = tmp_path / "warnings.txt"
    arguments = ["-q", "-W", "--keep-going", "-w", str(warnings), str(source), str(tmp_path / "html")]
    assert main(arguments) == 1
    said = warnings.read_text(encoding="utf-8")
    for expected in (
        "there is no table of contents",
        "the map holds no chapter",
        "coursepkg exports nothing",
        "__version__",
        "no sphinx_thebe",
        "no page has design-tabs.js",
        "no file to delete of: source maps",
        "no fa-solid-900.ttf",
    ):
        assert expected in said
    shutil.rmtree(tmp_path / "html")


def test_only_what_the_table_of_contents_names_is_published_from_any_folder(tmp_path):
    """A clone in a folder whose name is a pattern, with submissions and an environment in it."""
    pytest.importorskip("jupyter_book")
    from sphinx.project import Project

    from tests.e2e.conftest import DOCUMENTS

    root = tmp_path / "b[1]" / "course*"
    for name in (
        "book/index.md",
        "book/[new].md",
        "submitted/a[1]/hw1/hw1.md",
        "submitted/b/hw1.ipynb",
        "venv/NOTES.md",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("# Title\n")
    config = SimpleNamespace(
        external_site_map={"book/index": 1, "book/[new].md": 2}, source_suffix={".md": "", ".ipynb": ""}
    )
    sphinx_course.only_the_table_of_contents(None, config)
    found = Project(str(root), config.source_suffix).discover(["_build"], config.include_patterns)
    assert found == {"book/index", "book/[new]"}
    config.external_site_map = dict.fromkeys(DOCUMENTS)
    sphinx_course.only_the_table_of_contents(None, config)
    found = Project(str(Path(__file__).parents[2]), config.source_suffix).discover(["_build"], config.include_patterns)
    assert found == set(DOCUMENTS)


@pytest.fixture
def problems(warned):
    """A part with two problems, of which the chapter dropout answers the second; and a chapter that is in no row."""
    env = environment()
    env.docname, notebooks = "book/parts/4-training", "book/notebooks/4-training/"
    env.found_docs = {f"{notebooks}dropout", f"{notebooks}clipping"}

    def entry(text, *targets):
        links = [addnodes.pending_xref("", nodes.inline(), reftarget=target) for target in targets]
        return nodes.entry("", nodes.paragraph("", text, *links))

    rows = [
        nodes.row("", entry("Slow training"), entry("nothing")),
        nodes.row("", entry("Overfitting"), entry("answered by", f"{notebooks}dropout", "book/notebooks/6-craft/x")),
    ]
    table = nodes.table("", nodes.tgroup("", nodes.tbody("", *rows)), classes=["problem-map"])
    builder = SimpleNamespace(get_relative_uri=lambda source, target: f"../../parts/{target.split('/')[-1]}.html")
    app = SimpleNamespace(env=env, builder=builder)
    sphinx_problems.read_part(app, nodes.section("", table))
    return app


def test_a_chapter_begins_with_the_problems_that_it_answers(problems):
    doctree = chapter("30 minutes of reading; level 2 of 3")
    doctree[0]["classes"].append("chapter-facts")
    sphinx_problems.show(problems, doctree, "book/notebooks/4-training/dropout")
    names, facts = doctree.children
    assert "chapter-facts" in facts["classes"]
    assert [(item.astext(), item["classes"]) for item in names] == [
        ("Slow training", []),
        ("Overfitting", ["answered-here"]),
    ]
    assert {link["refuri"] for link in names.findall(nodes.reference)} == {"../../parts/4-training.html"}

    for other in ("book/notebooks/5-blocks/attention", "book/parts/4-training"):  # no map in its part; no chapter
        doctree = chapter("30 minutes of reading; level 2 of 3")
        doctree[0]["classes"].append("chapter-facts")
        sphinx_problems.show(problems, doctree, other)
        assert len(doctree) == 1


def test_a_problem_without_an_answer_and_a_chapter_without_a_problem_are_warnings(problems, warned):
    assert [text for text in warned if "Slow training" in text] == warned
    assert len(warned) == 1
    sphinx_problems.check(problems, problems.env)
    assert len(warned) == 2
    assert "clipping is missing" in warned[1]
