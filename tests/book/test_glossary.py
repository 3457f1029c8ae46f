"""The glossary: its entries are in order and lead where they say, and chapters link what they use first."""

from __future__ import annotations

import re

import pytest
import yaml

from tools.chapters import ROOT, read_source
from tools.reading import running_text
from tools.sphinx_glossary import first_uses, pattern

TEXT = (ROOT / "book/glossary.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^([^\n]+)\n  ([^\n]+)$", TEXT.partition(":::{glossary}\n")[2], re.MULTILINE))
HOMES = {term: re.search(r"Explained in \[\]\((.+)\)\.$", meaning)[1] for term, meaning in ENTRIES.items()}
# Named in passing before a chapter explains them, where the link to the glossary has to do. The first look explains
# its terms in a sentence each, in bold, and says which chapter has the rest.
MENTIONED_EARLY = {
    "attention",
    "augmentation",
    "batch normalization",
    "channels",
    "convolution",
    "dropout",
    "early stopping",
    "gradient descent",
    "Hyperband",
    "kernel",
    "momentum",
    "patience",
    "recurrent layer",
    "sigmoid",
    "skip connection",
    "transfer learning",
    "weight decay",
}


def chapters():
    """Return the chapters in the order of the book, with their prose."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    entries = [s for block in toc["parts"] for e in block["chapters"] for s in (e, *e.get("sections", ()))]
    names = [e["file"].removeprefix("book/notebooks/") for e in entries if e["file"].startswith("book/notebooks/")]
    return {name: "\n".join(running_text(read_source(ROOT / f"book/chapters/{name}.md"))) for name in names}


def test_entries_are_in_alphabetical_order_and_lead_to_a_page():
    assert len(ENTRIES) > 100
    assert list(ENTRIES) == sorted(ENTRIES, key=str.lower)
    for term, home in HOMES.items():
        assert (ROOT / "book" / home).is_file(), term


def test_the_chapter_that_an_entry_names_uses_the_term():
    for term, home in HOMES.items():
        if home.startswith("notebooks/"):
            source = (ROOT / "book" / home.replace("notebooks", "chapters")).with_suffix(".md")
            text = source.read_text(encoding="utf-8").lower()
            words = [word for word in term.partition(" (")[0].split() if word not in ("uncertainty", "gradients")]
            # "underfitting" stands there as "underfits".
            assert any(word.lower()[:8] in text for word in words), (term, home)


def test_no_other_term_is_used_before_it_is_explained():
    texts = chapters()
    names = list(texts)
    early = set()
    for term, (i, _) in first_uses(list(texts.values()), ENTRIES).items():
        bold = re.compile(rf"\*\*[^*\n]*{pattern(term).pattern}[^*\n]*\*\*", pattern(term).flags)
        home = HOMES[term].removeprefix("notebooks/").removesuffix(".ipynb")
        explained = [k for k, text in enumerate(texts.values()) if bold.search(text) or names[k] == home]
        if explained and i < explained[0] and term != "seed":  # how to use the book explains it
            early.add(term)
    assert early == MENTIONED_EARLY


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("batch", "Two batches.", "batches"),
        ("batch", "a mini-batch", None),
        ("feature map", "Feature\nmaps", "Feature\nmaps"),
        ("Adam", "adamant, adam", None),
        ("Adam", "with Adam.", "Adam"),
        ("channels", "one channel", "channel"),
        ("loss", "losses", "losses"),
        ("loss", "lossless", None),
    ],
)
def test_how_a_term_is_found(term, text, found):
    match = pattern(term).search(text)
    assert (match and match[0]) == found


def test_longer_terms_come_first_and_each_is_linked_once():
    texts = ["A feature map here.", "Then a feature, and a feature map."]
    found = first_uses(texts, ["feature", "feature map", "stride"])
    assert {term: (i, match[0], match.start()) for term, (i, match) in found.items()} == {
        "feature map": (0, "feature map", 2),
        "feature": (1, "feature", 7),
    }
