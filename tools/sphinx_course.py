"""Sphinx extension of the book: maps of the parts, links between chapters and reference, buttons, footer, descriptions.

What the pages say about the state of the course is computed here, so that nobody has to keep it true by hand.
"""

from __future__ import annotations

import ast
import html
import json
import posixpath
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from coursepkg._files import read_text

logger = logging.getLogger(__name__)
NOTEBOOKS, SOURCES, PARTS, API = "book/notebooks/", "book/chapters/", "book/parts/", "book/api/"
FACTS_ROW = "Time and level"
MINUTES, LEVEL = re.compile(r"(\d+) minutes of reading"), re.compile(r"level (\d) of 3")


class ChapterMap(SphinxDirective):
    """The chapters of a part, from a definition list: file name, then title, then what it is about.

    A chapter that stands in _toc.yml is linked and shows its reading time and level; the others are announced.
    """

    has_content = True

    def run(self):
        parsed = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, parsed)
        part = self.env.docname.removeprefix(PARTS)
        chapters = nodes.enumerated_list(classes=["chapter-map"], enumtype="arabic", prefix="", suffix=".")
        for item in parsed.findall(nodes.definition_list_item):
            if len(item.children) != 3:
                logger.warning("an entry needs file name, title, text: %s", item.astext(), location=self.env.docname)
                continue
            name, title, about = item.children
            entry = nodes.list_item(chapter=f"{NOTEBOOKS}{part}/{name.astext()}")
            entry += nodes.paragraph("", "", *title.children[0].children, classes=["chapter-title"])
            entry += nodes.paragraph("", "", *about.children[0].children, classes=["chapter-about"])
            chapters += entry
        if not chapters.children:
            logger.warning("the map holds no chapter", location=self.env.docname, type="course")
        maps = _state(self.env, "maps")
        maps[self.env.docname] = [entry["chapter"] for entry in chapters]
        return [chapters]


class Progress(SphinxRole):
    """How many chapters of a part can be read: {progress}`1-neurons`."""

    def run(self):
        return [nodes.inline(part=PARTS + self.text, classes=["part-progress"])], []


def _state(env, name):
    if not hasattr(env, "course"):
        env.course = {"maps": {}, "facts": {}, "imports": {}}
    return env.course[name]


def forget(app, env, docname):
    for kind in ("maps", "facts", "imports"):
        _state(env, kind).pop(docname, None)


def read_chapter(app, doctree):
    """Mark the table of facts of a chapter, and note its reading time, its level and what it imports from coursepkg."""
    env = app.env
    if not env.docname.startswith(NOTEBOOKS):
        return
    for table in doctree.findall(nodes.table):
        rows = {row[0].astext(): row[1].astext() for row in table.findall(nodes.row)}
        if FACTS_ROW in rows:
            table["classes"].append("chapter-facts")
            _state(env, "facts")[env.docname] = [_fact(rows[FACTS_ROW], p, env.docname) for p in (MINUTES, LEVEL)]
            break
    else:
        logger.warning('no table with the row "%s"', FACTS_ROW, location=env.docname, type="course")
    _state(env, "imports")[env.docname] = _imports(Path(env.doc2path(env.docname)))


def _fact(text, pattern, docname):
    found = pattern.search(text)
    if not found:
        logger.warning('"%s" does not say: %s', FACTS_ROW, pattern.pattern, location=docname, type="course")
    return found and found[1]


def _imports(notebook):
    found = {}
    for cell in json.loads(read_text(notebook))["cells"]:
        try:
            body = ast.parse("".join(cell["source"])).body if cell["cell_type"] == "code" else []
        except SyntaxError:  # a line of IPython, such as %pip
            continue
        for statement in body:
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith("coursepkg"):
                found.update({f"{statement.module}:{alias.name}": None for alias in statement.names})
    return list(found)


def check_maps(app, env):
    """Warn, and so fail a strict build, if a chapter is missing on the map of its part."""
    listed = {chapter for chapters in _state(env, "maps").values() for chapter in chapters}
    for docname in sorted(env.found_docs):
        if docname.startswith(NOTEBOOKS) and docname.count("/") == 3 and docname not in listed:
            part = docname.split("/")[2]
            logger.warning("%s is missing on the map in %s%s.md", docname, PARTS, part, type="course")


def always_rewrite(app, env):
    """Name the pages that other pages' state is shown on."""
    return [docname for docname in env.found_docs if docname.startswith((PARTS, API, NOTEBOOKS, "book/index"))]


def resolve(app, doctree, docname):
    """Fill in what depends on other pages: states of chapters, links between chapters and the reference."""
    env = app.env
    for section in doctree.findall(nodes.section):
        # sphinx-exercise gives all its sections the same identifier, which must occur once only.
        section["ids"] = [i for i in section["ids"] if i not in ("exercise-content", "solution-content")]
    for inline in list(doctree.findall(nodes.inline)):
        if "part" in inline:
            chapters = _state(env, "maps").get(inline["part"], [])
            if not chapters:
                logger.warning("%s has no map of chapters", inline["part"], location=docname, type="course")
            ready = sum(chapter in env.found_docs for chapter in chapters)
            text = f"{ready} of {len(chapters)} chapters" if ready else f"{len(chapters)} chapters announced"
            inline += nodes.Text(text)
            inline["classes"].append("ready" if ready else "announced")
    for entry in list(doctree.findall(nodes.list_item)):
        if "chapter" in entry:
            _resolve_entry(app, entry, docname)
    if docname.startswith(API):
        _add_used_in(app, doctree, docname)
    if docname in _state(env, "imports"):
        _add_run_row(app, doctree, docname)
        _add_reference(app, doctree, docname)


def _resolve_entry(app, entry, docname):
    chapter, title = entry["chapter"], entry[0]
    ready = chapter in app.env.found_docs
    entry["classes"].append("ready" if ready else "announced")
    state = "announced"
    if ready:
        link = _link(app, docname, chapter, "")
        link += title.children
        title.children = []
        title += link
        minutes, level = _state(app.env, "facts").get(chapter, (None, None))
        state = " · ".join([f"{minutes} min"] * bool(minutes) + [f"level {level} of 3"] * bool(level)) or "ready"
    entry += nodes.paragraph("", state, classes=["chapter-state"])


def _link(app, docname, target, text, anchor=""):
    uri = app.builder.get_relative_uri(docname, target) + (f"#{anchor}" if anchor else "")
    return nodes.reference("", text, internal=True, refuri=uri)


def _reference_of(env, imported_name):
    """Return the reference entry (full name, page, anchor) of an import such as coursepkg.scratch:Perceptron."""
    module, name = imported_name.split(":")
    for full, entry in env.get_domain("py").objects.items():
        if entry.aliased or entry.objtype == "module":  # plots.curves is a module and a function of it
            continue
        if full.startswith(module + ".") and full.endswith("." + name):
            return full, entry.docname, entry.node_id
    return None


def _add_used_in(app, doctree, docname):
    users = {}
    for chapter, names in _state(app.env, "imports").items():
        for name in names:
            if (entry := _reference_of(app.env, name)) and chapter in app.env.found_docs:
                users.setdefault(entry[0], []).append(chapter)
    for description in doctree.findall(lambda node: node.tagname == "desc"):
        names = [i for signature in description.children[:1] for i in signature["ids"]]
        chapters = next((users[name] for name in names if name in users), [])
        if chapters:
            titles = [_link(app, docname, c, app.env.titles[c].astext()) for c in chapters]
            description[-1] += nodes.paragraph("", "Used in: ", *_separated(titles, ", "), classes=["used-in"])


def _add_reference(app, doctree, docname):
    found = [(name, _reference_of(app.env, name)) for name in _state(app.env, "imports")[docname]]
    links = []
    for name, entry in found:
        if entry:
            link = _link(app, docname, entry[1], "", entry[2])
            link += nodes.literal("", name.split(":")[1])
            links.append(link)
    if links:
        text = nodes.paragraph(
            "", "In the reference: ", *_separated(links, ", "), nodes.Text("."), classes=["in-the-reference"]
        )
        last = list(doctree.findall(nodes.section))[-1]
        last += text


def _separated(items, separator):
    return [node for item in items for node in (nodes.Text(separator), item)][1:]


def _add_run_row(app, doctree, docname):
    """Add the row "Run it" to the facts of a chapter."""
    for table in doctree.findall(nodes.table):
        if "chapter-facts" in table["classes"]:
            links = [nodes.reference("", text, refuri=url) for text, url in launches(app, docname)]
            for text, path in downloads(app, docname):
                url = posixpath.relpath(path, posixpath.dirname(app.builder.get_target_uri(docname)))
                links.append(nodes.reference("", text, internal=True, refuri=url, classes=["download-file"]))
            what = nodes.entry("", nodes.paragraph("", "Run it"))
            row = nodes.row("", what, nodes.entry("", nodes.paragraph("", "", *_separated(links, " · "))))
            next(table.findall(nodes.tbody)).append(row)


def downloads(app, docname):
    """Return name and path, below the built pages, of what can be downloaded from a chapter."""
    source = docname.replace(NOTEBOOKS, SOURCES)
    return [("Notebook (.ipynb)", f"_sources/{docname}.ipynb"), ("Source (.md)", f"_sources/{source}.md")]


def launches(app, docname):
    """Return name and address of the services that open a chapter; none while repository.url is empty."""
    options = app.config.html_theme_options
    repository = re.fullmatch(r"https://github\.com/([^/]+/[^/]+?)(?:\.git)?/?", options.get("repository_url") or "")
    if not repository:
        if options.get("repository_url"):
            logger.warning("no launch buttons: repository.url is not on GitHub", location=docname, type="course")
        return []
    name, branch, path = repository[1], options.get("repository_branch") or "main", f"{docname}.ipynb"
    return [
        ("Colab", f"https://colab.research.google.com/github/{name}/blob/{branch}/{path}"),
        ("Binder", f"https://mybinder.org/v2/gh/{name}/{branch}?urlpath=lab/tree/{path}"),
    ]


LOGOS = {"Colab": "_static/images/logo_colab.png", "Binder": "_static/images/logo_binder.svg"}


def page_context(app, pagename, templatename, context, doctree):
    """Give a page its buttons, its date, its footer and its description for search engines and link previews."""
    if pagename in _state(app.env, "imports"):
        root = context["pathto"]("", 1)
        services = [
            {"type": "link", "text": text, "url": url, "icon": LOGOS[text], "tooltip": f"Open in {text}"}
            for text, url in launches(app, pagename)
        ]
        files = [
            {
                "type": "link",
                "text": text,
                "url": f"{root}{path}",
                "icon": "fas fa-file",
                "tooltip": f"Download: {text}",
            }
            for text, path in downloads(app, pagename)
        ]
        printing = {"type": "javascript", "javascript": "window.print()", "text": "Print or PDF"}
        files.append({**printing, "icon": "fas fa-file-pdf", "tooltip": "Print to PDF"})
        groups = [("Open in a notebook service", "fas fa-rocket", "launch-buttons", services)]
        groups.append(("Download this page", "fas fa-download", "download-buttons", files))
        context["header_buttons"] = [
            {"type": "group", "tooltip": tooltip, "icon": icon, "label": label, "buttons": buttons}
            for tooltip, icon, label, buttons in groups
            if buttons
        ]
    context["theme_extra_footer"] = app.course_footer
    context["last_updated"] = _last_updated(app, pagename)
    title = html.escape(app.env.titles[pagename].astext() if pagename in app.env.titles else app.config.html_title)
    text = html.escape(_first_paragraph(doctree) or "A course on neural networks whose every number is verified.")
    tags = [f'<meta name="description" content="{text}" />', f'<meta property="og:description" content="{text}" />']
    tags += [f'<meta property="og:title" content="{title}" />', '<meta property="og:type" content="article" />']
    if app.config.html_baseurl:
        card = posixpath.join(app.config.html_baseurl, "_static/social-card.png")
        tags += [
            f'<meta property="og:image" content="{card}" />',
            '<meta name="twitter:card" content="summary_large_image" />',
        ]
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)


def _first_paragraph(doctree):
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        if isinstance(paragraph.parent, nodes.section):
            return " ".join(paragraph.astext().split())[:200]
    return ""


def _last_updated(app, pagename):
    """Return the day of the last commit that changed a page's source; of the file, where Git knows nothing of it."""
    if pagename not in app.env.found_docs:
        return None
    path = Path(app.env.doc2path(pagename)).relative_to(app.srcdir).as_posix()
    pair = path.replace(NOTEBOOKS, SOURCES).removesuffix(".ipynb") + ".md" if path.endswith(".ipynb") else path
    days = [app.course_days[name] for name in (path, pair) if name in app.course_days]
    day = max(days) if days else date.fromtimestamp(Path(app.srcdir, path).stat().st_mtime).isoformat()
    moment = date.fromisoformat(day)
    return f"{moment.day} {moment:%B %Y}"


def only_the_table_of_contents(app, config):
    """Build what stands in _toc.yml, and nothing else that lies in the folder, such as submissions or an environment.

    `only_build_toc_files` should do this, but looks for the other files with a pattern that holds the folder's name,
    and takes their names for patterns: in a folder such as ``b[1]`` everything would be published.
    """
    listed = getattr(config, "external_site_map", None)
    if not listed:
        logger.warning("there is no table of contents: everything in the folder is built", type="course")
        return
    names = [re.sub(r"[*?[]", "?", name) for name in listed]
    config.include_patterns = [f"{name.removesuffix(end)}{end}" for name in names for end in config.source_suffix]


def prepare(app):
    """Read once what every page shows: the days of the last changes, and the version."""
    app.course_days = {}
    plain = ("-c", "core.quotePath=false")  # else names with letters such as é are written in numbers
    command = ["git", *plain, "-C", str(app.srcdir), "log", "--format=%x00%cs", "--name-only", "--", "book"]
    try:
        history = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):  # an archive without history
        history = ""
    for commit in history.split("\0")[1:]:
        day, *paths = commit.split("\n")
        for path in filter(None, paths):
            app.course_days.setdefault(path, day)  # the newest commit comes first
    package = Path(app.srcdir, "coursepkg/__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "(.+)"', package)
    if not version:
        logger.warning("coursepkg/__init__.py does not say __version__ = …", type="course")
    app.course_footer = (
        f"<p>Version {version[1] if version else 'unknown'}. Text and pictures: "
        '<a href="https://creativecommons.org/licenses/by/4.0/" rel="license">CC BY 4.0</a>. '
        'Code: <a href="https://opensource.org/license/bsd-3-clause" rel="license">BSD 3-Clause</a>.</p>'
    )


def copy_sources(app, error):
    """Put the text sources of the chapters beside their notebooks, for download."""
    if error is None and app.builder.format == "html":
        for docname in _state(app.env, "imports"):
            source = Path(app.srcdir, docname.replace(NOTEBOOKS, SOURCES) + ".md")
            target = Path(app.outdir, "_sources", source.relative_to(app.srcdir))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def setup(app):
    app.add_directive("chapter-map", ChapterMap)
    app.add_role("progress", Progress())
    app.connect("config-inited", only_the_table_of_contents, priority=900)  # after it was read
    app.connect("builder-inited", prepare)
    app.connect("env-purge-doc", forget)
    app.connect("doctree-read", read_chapter)
    app.connect("env-check-consistency", check_maps)
    app.connect("env-updated", always_rewrite)
    app.connect("doctree-resolved", resolve)
    app.connect("html-page-context", page_context, priority=600)  # after the theme made its own buttons
    app.connect("build-finished", copy_sources)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
