"""Sphinx extension of the book: each term of the glossary is linked where a chapter uses it first, with its meaning.

Nobody marks terms by hand, so that no mark can be missing or stale. Only running text is searched: no headings, code,
formulas, tables, captions or exercises.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)
GLOSSARY, NOTEBOOKS = "book/glossary", "book/notebooks/"
POINTER = re.compile(r"\s*Explained in\b.*", re.DOTALL)
# Where a paragraph stands that is part of a chapter's story.
STORY = (nodes.document, nodes.section, nodes.bullet_list, nodes.enumerated_list, nodes.list_item, nodes.paragraph)
STORY += (nodes.emphasis, nodes.strong, nodes.container, nodes.block_quote)


def _terms(env):
    if not hasattr(env, "course_terms"):
        env.course_terms = {}
    return env.course_terms


def read_glossary(app, doctree):
    """Note each term's anchor and meaning."""
    if app.env.docname != GLOSSARY:
        return
    terms = _terms(app.env)
    terms.clear()
    for item in doctree.findall(nodes.definition_list_item):
        meaning = POINTER.sub("", " ".join(item[-1].astext().split()))
        for term in item.findall(nodes.term):
            if not meaning or not term["ids"]:
                logger.warning("the term %s has no meaning", term.astext(), location=GLOSSARY, type="course")
                continue
            terms[term.astext()] = (term["ids"][0], meaning)


def pattern(term):
    """Return the expression that finds a term in running text, its plural too; names keep their capitals."""
    words = r"\s+".join(re.escape(word) for word in term.split())
    words = words + "?" if term.endswith("s") and not term.endswith("ss") else words + "(?:e?s)?"
    return re.compile(rf"(?<![\w-]){words}(?![\w-])", 0 if term[:1].isupper() else re.IGNORECASE)


def first_uses(texts, terms):
    """Return for each term that occurs the index of the text that has it first, and the match there.

    Longer terms come first, and what they take is not searched again: "mini-batch" is no use of "batch".

    Parameters
    ----------
    texts : sequence of str
    terms : iterable of str

    Returns
    -------
    dict of str to (int, re.Match)
    """
    taken, found = [[] for _ in texts], {}
    for term in sorted(terms, key=lambda term: (-len(term), term)):
        expression = pattern(term)
        for i, text in enumerate(texts):
            free = (m for m in expression.finditer(text) if all(m.end() <= a or m.start() >= b for a, b in taken[i]))
            matches = list(free)
            taken[i] += [match.span() for match in matches]
            if matches and term not in found:
                found[term] = (i, matches[0])
    return found


def story(doctree):
    """Return the texts of the running text of a page, in order."""
    return [text for text in doctree.findall(nodes.Text) if all(isinstance(a, STORY) for a in _ancestors(text))]


def _ancestors(node):
    while node.parent is not None:
        node = node.parent
        yield node


def link_terms(app, doctree, docname):
    """Link the first use of each term in a chapter."""
    terms = _terms(app.env)
    if not docname.startswith(NOTEBOOKS) or not terms:
        return
    texts, links = story(doctree), {}
    for term, (i, match) in first_uses([text.astext() for text in texts], terms).items():
        anchor, meaning = terms[term]
        uri = f"{app.builder.get_relative_uri(docname, GLOSSARY)}#{anchor}"
        link = nodes.reference("", match[0], internal=True, refuri=uri, reftitle=meaning, classes=["glossary-term"])
        links.setdefault(i, []).append((match.span(), link))
    for i, found in links.items():
        text, parts, position = texts[i].astext(), [], 0
        for (start, end), link in sorted(found, key=lambda entry: entry[0]):
            parts += [nodes.Text(text[position:start]), link]
            position = end
        texts[i].parent.replace(texts[i], [*parts, nodes.Text(text[position:])])


def setup(app):
    app.connect("doctree-read", read_glossary)
    app.connect("doctree-resolved", link_terms, priority=600)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
