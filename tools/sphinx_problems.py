"""Sphinx extension of the book: the map of a part's problems, at the head of each of its chapters.

The page of the part holds a table with the class ``problem-map``: a row a problem, its name first, and in its last
column links to what answers it. Each chapter of the part then begins with these names, each a link to the table, and
those that the chapter answers stand out. The names come from the table alone, so that they are translated once.
"""

from __future__ import annotations

import posixpath

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging

logger = logging.getLogger(__name__)
NOTEBOOKS, PARTS = "book/notebooks/", "book/parts/"


def _maps(env):
    if not hasattr(env, "problem_maps"):
        env.problem_maps = {}
    return env.problem_maps


def forget(app, env, docname):
    _maps(env).pop(docname, None)


def read_part(app, doctree):
    """Note of each row of the table its name and the pages that it leads to."""
    docname = app.env.docname
    for table in doctree.findall(nodes.table):
        if "problem-map" in table["classes"] and docname.startswith(PARTS):
            _maps(app.env)[docname] = rows = []
            for row in next(table.findall(nodes.tbody)).findall(nodes.row):
                pages = [link["reftarget"] for link in row[-1].findall(addnodes.pending_xref)]
                if not pages:
                    logger.warning('"%s" leads to no page', row[0].astext(), location=docname, type="course")
                rows.append((row[0].astext(), pages))


def check(app, env):
    """Warn, and so fail a strict build, if a chapter of the part answers no problem of its map."""
    for part, rows in _maps(env).items():
        listed = {page for _, pages in rows for page in pages}
        for docname in sorted(env.found_docs):
            if docname.startswith(NOTEBOOKS + part.removeprefix(PARTS) + "/") and docname not in listed:
                logger.warning("%s is missing in the table of problems of %s", docname, part, type="course")


def show(app, doctree, docname):
    """Put the map before the table of facts of a chapter."""
    part = PARTS + posixpath.basename(posixpath.dirname(docname))
    if not docname.startswith(NOTEBOOKS) or part not in _maps(app.env):
        return
    for facts in doctree.findall(nodes.table):
        if "chapter-facts" in facts["classes"]:
            uri = app.builder.get_relative_uri(docname, part)
            names = nodes.bullet_list(classes=["problem-map"])
            for name, pages in _maps(app.env)[part]:
                link = nodes.reference("", name, internal=True, refuri=uri)
                here = docname in pages
                text = nodes.paragraph("", "", nodes.strong("", "", link) if here else link)
                names += nodes.list_item("", text, classes=["answered-here"] if here else [])
            facts.parent.insert(facts.parent.index(facts), names)
            return


def setup(app):
    app.connect("env-purge-doc", forget)
    app.connect("doctree-read", read_part)
    app.connect("env-check-consistency", check)
    app.connect("doctree-resolved", show)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
