"""Sphinx extension of the book: questions become forms that the page answers.

How a question is written is said in :mod:`coursepkg.exercises.questions`. What is right stands in the page in a form
that neither a reader nor the search reads by accident; the script ``questions.js`` decodes it, and keeps what was
answered in the browser. Without the script the question stays, and a closed answer.
"""

from __future__ import annotations

import base64
import html
import json
import re

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.locale import get_translation
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from coursepkg.exercises.questions import LETTERED, QuestionError, read_question

logger = logging.getLogger(__name__)
_ = get_translation("questions")

# All that the page says about questions, in one place for translators; {names} are filled in.
TEXTS = {
    "question": _("Question"),
    "check": _("Check"),
    "again": _("Try again"),
    "answer": _("Show the answer"),
    "output": _("Output: answer the question above first, or show it anyway"),
    "up": _("Move up"),
    "down": _("Move down"),
    "yours": _("Your answer"),
    "numbers": _("Your answer, numbers separated by commas"),
    "click": _("Click into the picture, or type the two numbers."),
    "right": _("Right."),
    "wrong": _("Not right yet."),
    "partly": _("{good} of {count} right."),
    "isRight": _("right"),
    "leftOut": _("you left it out"),
    "chosen": _("you chose it"),
    "notChosen": _("not chosen"),
    "notHere": _("{letter} does not stand here"),
    "large": _("{value} is too large"),
    "small": _("{value} is too small"),
    "count": _("it does not have {count} numbers"),
    "place": _("number {place} is not right"),
    "choose": _("Choose an answer first."),
    "some": _("Choose some of them, not all: some are right, some are not."),
    "type": _("Type whole numbers for a shape, else any numbers, first."),
    "typeOne": _("Type a number first."),
    "point": _("Click into the picture, or type both numbers, first."),
    "moved": _("{letter} is now in place {place} of {count}."),
    "cleared": _("Your answer was taken back."),
    "progress": _("{done} of {count} questions answered"),
}

_ANSWER_STYLE = ":root { color-scheme: light dark; font-family: sans-serif }"


class question(nodes.General, nodes.Element):
    """A question; its children are its text and, at the end, its choices."""


class question_choices(nodes.General, nodes.Element):
    """The choices of a question, with its attribute ``kind``."""


class question_choice(nodes.General, nodes.Element):
    """A choice of a question, with the attribute ``letter``."""


class folded_output(nodes.General, nodes.Element):
    """An output that stays closed until a question is answered."""


class Question(SphinxDirective):
    """A question; the code cell behind it says in its metadata what is right."""

    required_arguments, final_argument_whitespace, has_content = 1, True, True
    option_spec = {"label": directives.unchanged_required}

    def run(self):
        node = question("", label=self.options.get("label", ""), title=self.arguments[0], body="\n".join(self.content))
        node["ids"] = [f"question-{nodes.make_id(node['label'])}"]
        self.set_source_info(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def read_questions(app, doctree):
    """Give each question what the cell behind it says, take that cell out, and fold the output that it predicts."""
    labels = _labels(app.env)
    labels[app.env.docname] = []
    for node in list(doctree.findall(question)):
        cell = _next_cell(node)
        metadata = cell["cell_metadata"].get("question") if cell is not None else None
        try:
            texts = read_question(node["label"], node["title"], node["body"], metadata)
            _shape(node, texts["kind"])
        except QuestionError as error:
            logger.warning("%s: %s", node["label"] or node["title"], error, location=node, type="questions")
            node.parent.remove(node)
            continue
        labels[app.env.docname].append(node["label"])
        node["question"] = {
            **{"label": node["label"], "kind": texts["kind"], "letters": list(texts["choices"]), "tolerance": 0},
            **{key: value for key, value in texts["key"].items() if key != "output"},
            **{"figure": texts["figure"], "axes": metadata.get("axes"), "log": metadata.get("log", [])},
            "solution": _solution(texts["kind"], texts["key"]),
        }
        if metadata.get("predict"):
            _fold(node, _next_cell(cell))
        cell.parent.remove(cell)


def _next_cell(node):
    """Return the code cell right behind a node, or None."""
    behind = node.next_node(descend=False, siblings=True)
    return behind if isinstance(behind, nodes.container) and behind.get("nb_element") == "cell_code" else None


def _fold(node, cell):
    outputs = [part for part in cell if part.get("nb_element") == "cell_code_output"] if cell is not None else []
    if not outputs:
        logger.warning("%s predicts, but no output follows", node["label"], location=node, type="questions")
    for output in outputs:
        folded = folded_output("", after=node["ids"][0])
        output.replace_self(folded)
        folded += output


def _shape(node, kind):
    """Part the text of a question from its choices, which lose their letters, since the page writes these itself."""
    choices = question_choices("", kind=kind, name=node["ids"][0])
    if kind in LETTERED:
        for item in node.pop():
            if len(item) != 1 or not isinstance(item[0], nodes.paragraph):
                raise QuestionError(f"a choice must be one paragraph; got {item.astext()[:60]!r}")
            text = next(item.findall(nodes.Text))
            choices += question_choice("", letter=text[0])
            text.parent.replace(text, nodes.Text(re.sub(r"^[a-z]\.\s*", "", text)))
            choices[-1] += item[0].children
    text = nodes.container("", *node.children, classes=["question-text"], ids=[f"{node['ids'][0]}-text"])
    node.children = []
    node += [text, choices] if kind in LETTERED else [text]


def _solution(kind, key):
    """Return the right answer with its explanation, a line for each part."""
    right, why = key["right"], key["why"]
    if kind == "choice":
        return [f"{right}: {why[right]}"]
    if kind in LETTERED:
        return [f"{letter}: {why[letter]}" for letter in right]
    if kind == "region":
        return [why]
    shown = right if kind == "number" else ", ".join(map(str, right))
    return [f"{shown}: {why}"]


def _labels(env):
    """Return the labels of the questions of each page."""
    if not hasattr(env, "course_questions"):
        env.course_questions = {}
    return env.course_questions


def forget(app, env, docname):
    _labels(env).pop(docname, None)


def add_progress(app, doctree, docname):
    """Let the map of a part say how many questions of each chapter were answered."""
    for entry in doctree.findall(nodes.list_item):
        if labels := _labels(app.env).get(entry.get("chapter")):
            text = f'<p class="question-progress" data-questions="{html.escape(" ".join(labels))}" hidden></p>'
            entry += nodes.raw("", text, format="html")


def add_files(app, pagename, templatename, context, doctree):
    """Load script and style sheet where a page has questions, or counts them."""
    if "data-question" in context.get("body", ""):
        texts = json.dumps({name: str(text) for name, text in TEXTS.items()}, ensure_ascii=False)
        app.add_js_file("questions.js", loading_method="defer", **{"data-texts": texts})
        app.add_css_file("questions.css")


def visit_question(self, node):
    encoded = base64.b64encode(json.dumps(node["question"], ensure_ascii=False).encode()).decode()
    (name,) = node["ids"]
    self.body.append(
        f'<form class="question" id="{name}" data-question="{encoded}" novalidate autocomplete="off">'
        f'<fieldset aria-describedby="{name}-text"><legend>{_text("question")}: {html.escape(node["title"])}</legend>\n'
    )


def depart_question(self, node):
    page = "".join(f"<li>{_code(line)}</li>" for line in node["question"]["solution"])
    page = f'<!DOCTYPE html><meta charset="utf-8"><style>{_ANSWER_STYLE}</style><ul>{page}</ul>'
    page = base64.b64encode(page.encode()).decode()
    # Without scripts the answer is a page of its own within this one, since this one must not hold it as text.
    frame = f'<iframe title="{_text("answer")}" src="data:text/html;base64,{page}"></iframe>'
    self.body.append(
        f"{_fields(node)}"
        f'<p class="question-buttons" data-live hidden><button type="submit">{_text("check")}</button> '
        f'<button type="reset" hidden>{_text("again")}</button></p>'
        '<div class="question-result" role="status"></div></fieldset>'
        f"<details><summary>{_text('answer')}</summary><ul></ul><noscript>{frame}</noscript></details></form>\n"
    )


def _fields(node):
    name, kind = node["ids"][0], node["question"]["kind"]
    if kind in LETTERED:
        return ""
    if kind == "region":
        inputs = " ".join(
            f'<span class="question-axis"><label for="{name}-{axis}">{axis}</label> '
            f'<input id="{name}-{axis}" type="number" step="any"></span>'
            for axis in "xy"
        )
        return f'<p class="question-field" data-live hidden><span>{_text("click")}</span> {inputs}</p>'
    what = 'type="number" step="any"' if kind == "number" else 'type="text" spellcheck="false"'
    label = _text("yours" if kind == "number" else "numbers")
    return (
        f'<p class="question-field" data-live hidden><label for="{name}-answer">{label}</label> '
        f'<input id="{name}-answer" {what}></p>'
    )


def visit_choices(self, node):
    self.body.append(f'<{"ol" if node["kind"] == "order" else "ul"} class="question-choices">\n')


def depart_choices(self, node):
    self.body.append(f"</{'ol' if node['kind'] == 'order' else 'ul'}>\n")


def visit_choice(self, node):
    name, kind, letter = node.parent["name"], node.parent["kind"], node["letter"]
    mark = f'<span class="question-letter">{letter}.</span> '
    if kind == "order":
        self.body.append(f'<li data-letter="{letter}"><span class="question-item">{mark}<span>')
        return
    control = "radio" if kind == "choice" else "checkbox"
    self.body.append(
        f'<li><input type="{control}" name="{name}-choice" value="{letter}" id="{name}-{letter}" data-live hidden> '
        f'<label for="{name}-{letter}">{mark}<span>'
    )


def depart_choice(self, node):
    if node.parent["kind"] != "order":
        self.body.append("</span></label></li>\n")
        return
    buttons = "".join(
        f'<button type="button" data-move="{step}" aria-label="{_text(name)}: {node["letter"]}">{arrow}</button>'
        for step, name, arrow in ((-1, "up", "↑"), (1, "down", "↓"))
    )
    self.body.append(f'</span></span><span class="question-moves" data-live hidden>{buttons}</span></li>\n')


def visit_folded(self, node):
    self.body.append(
        f'<details class="folded-output" data-after="{node["after"]}"><summary>{_text("output")}</summary>'
    )


def depart_folded(self, node):
    self.body.append("</details>\n")


def _text(name):
    return html.escape(str(TEXTS[name]))


def _code(line):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(line))


def setup(app):
    app.add_node(question, html=(visit_question, depart_question))
    app.add_node(question_choices, html=(visit_choices, depart_choices))
    app.add_node(question_choice, html=(visit_choice, depart_choice))
    app.add_node(folded_output, html=(visit_folded, depart_folded))
    app.add_directive("question", Question)
    app.connect("env-purge-doc", forget)
    app.connect("doctree-read", read_questions)
    app.connect("doctree-resolved", add_progress)
    app.connect("html-page-context", add_files)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
