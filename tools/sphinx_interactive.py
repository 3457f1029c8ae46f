"""Sphinx extension of the book: pictures that answer. Their sources are in ``book/interactive``.

:::{interactive} NAME
:still: fig-a-figure
:rate: 0.1

What to do, and what to notice.
:::

puts the picture that ``register("NAME", …)`` draws in place of the image of that figure, or, without ``:still:``, where
it stands. All other options are its state, one value each, in JSON where it is not plain text. In print and without
JavaScript the figure stays as it is. ``:::{interactive-setup} NAME`` is a button, named by its text, that sets it up.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)
SOURCES = Path(__file__).parents[1] / "book/interactive/src"


class interactive(nodes.General, nodes.Element):
    """The place of a picture, with the attributes ``name``, ``still`` and ``state``; its children are its text."""


class interactive_setup(nodes.General, nodes.Element):
    """A button that sets up a picture, with the attributes ``name``, ``text`` and ``state``."""


class _AnyOption(dict):
    """The options of a directive that takes any."""

    def __bool__(self):
        return True

    def __getitem__(self, key):
        return lambda text: text or ""


class Interactive(SphinxDirective):
    required_arguments, has_content, option_spec = 1, True, _AnyOption()

    def run(self):
        node = interactive("", **self._attributes())
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]

    def _attributes(self):
        options = dict(self.options)
        name, still = self.arguments[0], options.pop("still", "")
        if name not in names():
            known = ", ".join(sorted(names()))
            self._warn(f"there is no interactive picture {name!r}; there are: {known}")
        return {"name": name, "still": still, "state": {key: _value(text) for key, text in options.items()}}

    def _warn(self, text):
        logger.warning(text, location=self.get_location(), type="interactive")


class InteractiveSetup(Interactive):
    def run(self):
        text = " ".join(self.content)
        if not text:
            self._warn("a button needs a text")
        return [interactive_setup("", text=text, **self._attributes())]


def names():
    """Return the names of all pictures, read from their sources."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.ts"))
    return set(re.findall(r'^register(?:<[^(]*>)?\(\s*"([a-z0-9-]+)"', text, re.MULTILINE))


def _value(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def check_stills(app, doctree):
    """Warn of a label that is not that of a figure with an image on the page."""
    images = {name for figure in doctree.findall(nodes.figure) if _has_image(figure) for name in figure["ids"]}
    for node in doctree.findall(interactive):
        if node["still"] and nodes.make_id(node["still"]) not in images:
            text = "the page has no figure %r in whose place the picture %r could stand"
            logger.warning(text, node["still"], node["name"], location=node, type="interactive")


def _has_image(figure):
    return any(figure.findall(nodes.image)) or any("<svg" in raw.astext() for raw in figure.findall(nodes.raw))


def add_files(app, pagename, templatename, context, doctree):
    """Load the script where a page has such a picture."""
    if 'class="interactive"' in context.get("body", ""):
        app.add_js_file("interactive.js", loading_method="defer")


def visit_interactive(self, node):
    name, still = html.escape(node["name"]), html.escape(nodes.make_id(node["still"]))
    self.body.append(
        f'<div class="interactive" id="interactive-{name}" data-name="{name}" data-still="{still}" '
        f'data-options="{_state(node)}" hidden></div>\n<div class="interactive-text">\n'
    )


def depart_interactive(self, node):
    self.body.append("</div>\n")


def visit_setup(self, node):
    self.body.append(
        f'<p><button type="button" class="interactive-setup" data-name="{html.escape(node["name"])}" '
        f'data-options="{_state(node)}" hidden>{html.escape(node["text"])}</button></p>\n'
    )


def depart_setup(self, node):
    pass


def _state(node):
    return html.escape(json.dumps(node["state"], ensure_ascii=False))


def setup(app):
    app.add_node(interactive, html=(visit_interactive, depart_interactive))
    app.add_node(interactive_setup, html=(visit_setup, depart_setup))
    app.add_directive("interactive", Interactive)
    app.add_directive("interactive-setup", InteractiveSetup)
    app.connect("doctree-read", check_stills)
    app.connect("html-page-context", add_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
