"""The built files themselves: links, downloads, launch buttons, footers, the maps of the parts."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jupytext
import nbformat
import pytest

from tests.e2e.conftest import (
    CHAPTERS,
    DOCUMENTS,
    PAGES,
    ROOT,
    build,
    parsed,
    skip_where_the_book_is_not_built,
    small_clone,
)
from tools import chapters

REPOSITORY = "https://github.com/example/neural-networks"


def test_the_book_is_built_without_a_warning(strict_build):
    pages, said = strict_build
    assert said == "", f"the strict build (python -m tools.strict) says:\n{said}"


@functools.cache
def anchors(path):
    return {tag["id"] for tag in parsed(path).find_all(id=True)}


def anchor(fragment):
    """Return the identifier that a fragment means; #NAME?rate=0.1 sets up the interactive picture of that name."""
    name, asks, _ = unquote(fragment).partition("?")
    return f"interactive-{name}" if asks else name


@pytest.mark.parametrize("page", PAGES)
def test_links_and_anchors_resolve_and_nothing_is_loaded_from_elsewhere(book, page):
    broken = []
    for tag in parsed(book / page).find_all(["a", "img", "script", "link", "source", "iframe"]):
        address = tag.get("href") if tag.name in ("a", "link") else tag.get("src")
        if not address or address.startswith(("data:", "mailto:")):
            continue
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            if tag.name != "a":
                broken.append(f"loads {address}")
            continue
        target = (
            book / page
            if not parts.path
            else book / parts.path[1:]
            if parts.path[0] == "/"
            else (book / page).parent / unquote(parts.path)
        )
        target = target.resolve()
        if not target.is_file():
            broken.append(f"no file: {address}")
        elif parts.fragment and target.suffix == ".html" and anchor(parts.fragment) not in anchors(target):
            broken.append(f"no anchor: {address}")
    assert broken == []


@pytest.mark.parametrize("page", PAGES)
def test_identifiers_are_unique_and_headings_in_order(book, page):
    ids = [tag["id"] for tag in parsed(book / page).find_all(id=True)]
    assert sorted({i for i in ids if ids.count(i) > 1}) == []
    article = parsed(book / page).find("article") or parsed(book / page)
    levels = [int(tag.name[1]) for tag in article.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), levels


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_page_names_version_licenses_and_day(book, document):
    from coursepkg import __version__

    footer = parsed(book / f"{document}.html").select_one("footer.bd-footer-content").get_text(" ", strip=True)
    assert f"Version {__version__}" in footer
    assert "CC BY 4.0" in footer
    assert "BSD 3-Clause" in footer
    assert re.search(r"Last updated on \d+ [A-Z][a-z]+ 20\d\d", footer), footer


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_offers_its_notebook_and_its_source(book, chapter):
    page = book / f"{chapter}.html"
    places = (
        parsed(page).select("table.chapter-facts a.download-file"),
        parsed(page).select(".dropdown-download-buttons a[href]"),
    )
    for links in places:
        files = {Path(link["href"]).suffix: (page.parent / link["href"]).resolve() for link in links}
        assert set(files) == {".ipynb", ".md"}
        assert all(link.has_attr("download") for link in links)
        assert files[".ipynb"].read_bytes() == (ROOT / f"{chapter}.ipynb").read_bytes()
        source, stored = jupytext.read(files[".md"]), chapters.read_stored(files[".ipynb"])
        assert [cell.source for cell in source.cells] == [cell.source for cell in stored.cells]


def test_downloaded_notebook_runs_in_an_empty_folder(book, tmp_path):
    from nbclient import NotebookClient

    notebook = nbformat.read(book / "_sources/book/notebooks/1-neurons/perceptron.ipynb", as_version=4)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_shows_what_it_needs_and_how_long_it_takes(book, chapter):
    facts = parsed(book / f"{chapter}.html").select_one("table.chapter-facts").get_text(" ", strip=True)
    for expected in ("You will", "Read first", "Time and level", "Run it"):
        assert expected in facts
    assert re.search(r"\d+ minutes of reading", facts)
    assert re.search(r"level [123] of 3", facts)


@pytest.mark.parametrize("document", [entry for entry in DOCUMENTS if entry.startswith("book/parts/")])
def test_part_tells_finished_chapters_from_announced_ones(book, document):
    page = book / f"{document}.html"
    folder = document.replace("parts", "notebooks")
    finished = {f"{chapter}.html" for chapter in CHAPTERS if chapter.startswith(f"{folder}/")}
    linked = {
        (page.parent / a["href"]).resolve().relative_to(book.resolve()).as_posix()
        for a in parsed(page).select("li.ready a")
    }
    assert linked == finished
    for entry in parsed(page).select("li.announced"):
        assert entry.find("a") is None
        assert "announced" in entry.get_text()


def test_no_launch_buttons_without_a_repository(book):
    assert 'url: ""' in (ROOT / "_config.yml").read_text(encoding="utf-8"), "then test the buttons of the book itself"
    for chapter in CHAPTERS:
        hosts = {urlsplit(link["href"]).netloc for link in parsed(book / f"{chapter}.html").select("a[href]")}
        assert not hosts & {"colab.research.google.com", "mybinder.org"}


def test_the_theme_does_not_lay_out_the_whole_page_to_find_what_scrolls(book):
    script = (book / "_static/scripts/pydata-sphinx-theme.js").read_text(encoding="utf-8")
    assert ".pst-scrollable-table-container" in script
    assert "subtree:!0,childList:!0" not in script


def test_the_book_is_small_enough_to_hand_out(book):
    sizes = {path: path.stat().st_size for path in book.rglob("*") if path.is_file()}
    heaviest = sorted(sizes, key=sizes.get)[-5:]
    most = 8e6 + 1e6 * len(CHAPTERS)
    assert sum(sizes.values()) < most, [(path.relative_to(book).as_posix(), sizes[path]) for path in heaviest]
    shown = "".join((book / page).read_text(encoding="utf-8") for page in PAGES)
    assert [path.name for path in (book / "_images").iterdir() if path.name not in shown] == []


def test_launch_buttons_of_a_repository_open_existing_files(tmp_path):
    skip_where_the_book_is_not_built()
    source = tmp_path / "source"
    # Two chapters stand for all.
    chosen = [entry for entry in CHAPTERS if "1-neurons" in entry][:2]
    parts = [entry for entry in DOCUMENTS if entry.startswith("book/parts/")]
    small_clone(source, [*parts, *chosen], ('repository:\n  url: ""', f'repository:\n  url: "{REPOSITORY}"'))
    for text in chapters.sources(source, [Path(chapter).name for chapter in chosen]):
        assert chapters.sync(text, source)
    built = build(source, tmp_path / "target")
    for chapter in chosen:
        page = parsed(built / f"{chapter}.html")
        for place in ("table.chapter-facts", ".dropdown-launch-buttons"):
            links = [urlsplit(link["href"]) for link in page.select(f"{place} a[href]")]
            colab, binder = (
                next(link for link in links if link.netloc == host)
                for host in ("colab.research.google.com", "mybinder.org")
            )
            assert colab.path == f"/github/example/neural-networks/blob/main/{chapter}.ipynb"
            assert binder.path == "/v2/gh/example/neural-networks/main"
            assert binder.query == f"urlpath=lab/tree/{chapter}.ipynb"
            assert (ROOT / f"{chapter}.ipynb").is_file()
        # The notebook installs the package on Colab; the page does not show that cell.
        downloaded = nbformat.read(built / f"_sources/{chapter}.ipynb", as_version=4)
        assert f"git+{REPOSITORY}@main" in downloaded.cells[0].source
        assert "google.colab" not in page.get_text()
        assert page.title.get_text().startswith(page.h1.get_text().rstrip("#"))
