"""The book as readers get it: built once, served with compression, opened in Chromium."""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.server
import io
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tools import strict

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
TOC = re.findall(r"\b(?:file|root):\s*(\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
DOCUMENTS = [entry.removesuffix(".ipynb").removesuffix(".md") for entry in TOC]
CHAPTERS = [entry for entry in DOCUMENTS if entry.startswith("book/notebooks/")]
PAGES = [f"{entry}.html" for entry in DOCUMENTS] + ["search.html", "genindex.html", "404.html"]
# Formulas and pictures load, and sections are laid out, when they come into view. Here all do at once, the formulas in
# closed boxes too; axe-core would take overlapping places of what is not laid out for the truth.
LOAD_ALL = """async () => {
  document.querySelectorAll('section').forEach(section => section.style.contentVisibility = 'visible');
  document.querySelectorAll('img').forEach(image => image.loading = 'eager');
  dispatchEvent(new Event('keydown'));  // pictures that answer
  if (document.querySelector('.math')) {
    dispatchEvent(new Event('scroll'));
    while (!window.MathJax?.startup?.promise) await new Promise(done => setTimeout(done, 40));
    await MathJax.startup.promise;
    await MathJax.startup.document.lazyTypesetAll();
  }
  // What arrives late moves the page, perhaps away from under a click.
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
  await document.fonts.ready;
  return [...document.querySelectorAll('.math')].filter(math => !math.querySelector('mjx-math')).map(m => m.outerHTML);
}"""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each worker whole pages: the tests of one page share its visit, those of a file what they have read."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPage(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return unit_of_work(nodeid)

    return ByPage(config, log) if config.getvalue("dist") == "loadscope" else None


def unit_of_work(nodeid):
    """Return what tests that must run in the same process have in common."""
    file, _, test = nodeid.partition("::")
    if file.endswith("/test_pages.py"):
        return test.partition("[")[2] or nodeid
    return nodeid if file.endswith("/test_use.py") and "[book/" not in test else file


def build(source, target):
    """Build the book of a small clone, whose links to what it leaves out are broken, and return its pages' folder."""
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(source), "--path-output", str(target)]
    done = subprocess.run([*command, "--quiet"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return target / "_build/html"


def small_clone(folder, documents, *changes):
    """Copy what a build reads, with few chapters and without the reference, so that it takes seconds.

    Each change is what to replace in the configuration, and by what.
    """
    for name in ("book", "tools", "coursepkg"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    toc = "".join(f"  - file: {entry}\n" for entry in documents)
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: book/index\nchapters:\n{toc}", encoding="utf-8")
    config = (ROOT / "_config.yml").read_text(encoding="utf-8")
    for before, after in changes:
        assert config.count(before) == 1
        config = config.replace(before, after)
    (folder / "_config.yml").write_text(config, encoding="utf-8")


SMALL_CONF = """
import sys
sys.path.insert(0, {tools!r})
extensions = {extensions!r}
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "colon_fence"]
mathjax_path = "none.js"
html_theme = "sphinx_book_theme"
html_title = "A small book"
html_favicon = {favicon!r}
html_context = {{"default_mode": "auto"}}
html_static_path = [{static!r}, "own"]
html_css_files = ["course.css"]
html_js_files = ["course.js"]
exclude_patterns = ["_build"]
"""


def small_book(tmp_path_factory, page, *, extension, parser="myst_parser"):
    """Build a book of one page, a text or the text of a notebook, with one of our extensions; return its folder.

    The pictures that the page names are white.
    """
    skip_where_the_book_is_not_built()
    from PIL import Image
    from sphinx.application import Sphinx

    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("pages")
    paths = {"tools": "tools", "static": "book/_static", "favicon": "book/images/logo.svg"}
    paths = {name: str(ROOT / path) for name, path in paths.items()}
    (source / "conf.py").write_text(SMALL_CONF.format(**paths, extensions=[parser, extension]), encoding="utf-8")
    (source / "own").mkdir()
    (source / "own/none.js").write_text("", encoding="utf-8")  # instead of MathJax
    (source / ("index.md" if parser == "myst_parser" else "index.ipynb")).write_text(page, encoding="utf-8")
    for name in set(re.findall(r"[\w-]+\.png", page)):
        Image.new("RGB", (200, 100), "white").save(source / name)
    warned = io.StringIO()
    Sphinx(source, source, target, target / ".doctrees", "html", status=None, warning=warned, freshenv=True).build()
    warnings = [line for line in warned.getvalue().splitlines() if "already registered" not in line]  # by another build
    assert not [line for line in warnings if extension.removeprefix("sphinx_")[:8] in line]
    (target / "404.html").write_text("", encoding="utf-8")  # what the server gives where there is nothing
    return target


def skip_where_the_book_is_not_built():
    pytest.importorskip("jupyter_book", reason="the book's packages are not installed (requirements/book.txt)")
    if sys.version_info < (3, 11):
        pytest.skip("Python 3.10 gets an older theme; the book is published, and looked at, with that of Python 3.11")


@pytest.fixture(scope="session")
def strict_build(tmp_path_factory, worker_id):
    """The folder of the pages and what the strict build said against them: nothing, or all its warnings.

    The first worker that needs the pages builds them; the others wait for it.
    """
    skip_where_the_book_is_not_built()
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    target, finished = shared / "book", shared / "book-is-built"
    pages = target / "_build/html"
    try:
        target.mkdir()
    except FileExistsError:
        for _ in range(1200):
            if finished.exists():
                break
            time.sleep(0.5)
        else:
            pytest.fail("the worker that builds the book has not finished within ten minutes")
    else:
        said = "the build was broken off"
        try:
            done = strict.build(target, capture=True)
            said = f"{done.stdout}{done.stderr}" if done.returncode else ""
        finally:
            partial = shared / "book-is-nearly-built"
            partial.write_text(said, encoding="utf-8")
            partial.replace(finished)
    return pages, finished.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def book(strict_build):
    """The folder of the pages; they are there also when the build objects to some, which fails a test of its own."""
    pages, said = strict_build
    assert (pages / "search.html").exists(), f"the book cannot be built:\n{said}"
    return pages


@functools.cache
def parsed(path):
    """A page of the book, read once by each worker."""
    from bs4 import BeautifulSoup

    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serve files as hosts do: text compressed, unknown addresses with the page 404.html."""

    protocol_version = "HTTP/1.1"
    TEXT = (".html", ".css", ".js", ".svg", ".json", ".ttf")

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        found = path.is_file()
        body = (path if found else Path(self.directory, "404.html")).read_bytes()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", self.guess_type(str(path)) if found else "text/html")
        if (path.suffix in self.TEXT or not found) and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = compressed(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        with contextlib.suppress(ConnectionError):  # the browser has left the page
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@functools.lru_cache(maxsize=256)
def compressed(body):
    return gzip.compress(body, mtime=0)


@contextlib.contextmanager
def serving(folder):
    """The address of a local server of built pages."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="session")
def site(book):
    with serving(book) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (requirements/test.txt)")
    with sync_api.sync_playwright() as playwright:
        path = CHROMIUM or playwright.chromium.executable_path
        if not Path(path).exists():
            pytest.skip(
                "Chromium is not installed (Debian: apt-get install chromium; elsewhere: playwright install chromium), "
                "or name it in CHROMIUM"
            )
        # No name but this machine's is found: what leaves it fails, and costs no question to the tests at each request.
        offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", offline])
        yield chromium
        chromium.close()


@contextlib.contextmanager
def opening(browser, site):
    """A function that opens a page of the book; requests that leave the machine are refused and noted."""
    contexts = []

    def opened(path, *, width=1280, height=900, scheme="light", motion="reduce", start=None, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion=motion, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.remote, page.errors = [], []

        def note_remote(request):
            if not request.url.startswith((site, "data:", "blob:")):
                page.remote.append(request.url)

        page.on("request", note_remote)
        page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
        page.on(
            "response",
            lambda answer: page.errors.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None,
        )
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        if start:
            start(page)
        page.goto(site + path, wait_until="load")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(browser, site):
    """A function that opens pages, for one test."""
    with opening(browser, site) as opened:
        yield opened
