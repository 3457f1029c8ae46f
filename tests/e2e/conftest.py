"""The book as readers get it: built once, served with compression, opened in Chromium."""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

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
  if (!document.querySelector('.math')) return [];
  dispatchEvent(new Event('scroll'));
  while (!window.MathJax?.startup?.promise) await new Promise(done => setTimeout(done, 40));
  await MathJax.startup.promise;
  await MathJax.startup.document.lazyTypesetAll();
  return [...document.querySelectorAll('.math')].filter(math => !math.querySelector('mjx-math')).map(m => m.outerHTML);
}"""


def pytest_collection_modifyitems(items):
    """Give what uses a browser a second try: on a busy machine a click gets lost; a defect of a page fails twice."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))


def build(source, target):
    """Build the book of a folder into another and return the folder of its pages."""
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(source), "--path-output", str(target)]
    done = subprocess.run([*command, "--quiet"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return target / "_build/html"


def skip_where_the_book_is_not_built():
    pytest.importorskip("jupyter_book", reason="the book's packages are not installed (requirements/book.txt)")
    if sys.version_info < (3, 11):
        pytest.skip("Python 3.10 gets an older theme; the book is published, and looked at, with that of Python 3.11")


@pytest.fixture(scope="session")
def book(tmp_path_factory, worker_id):
    """The built pages. The first worker that needs them builds; the others wait for it."""
    skip_where_the_book_is_not_built()
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    target, finished = shared / "book", shared / "book-is-built"
    try:
        target.mkdir()
    except FileExistsError:
        for _ in range(600):
            if finished.exists():
                break
            time.sleep(0.5)
        assert finished.read_text() == "yes", "the worker that built the book failed"
    else:
        finished_as = "no"
        try:
            build(ROOT, target)
            finished_as = "yes"
        finally:
            partial = shared / "book-is-nearly-built"
            partial.write_text(finished_as)
            partial.replace(finished)
    return target / "_build/html"


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


@pytest.fixture(scope="session")
def site(book):
    """The address of a local server of the book."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(book)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


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
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, site):
    """A function that opens a page of the book; requests that leave the machine are refused and noted."""
    contexts = []

    def opened(path, *, width=1280, height=900, scheme="light", motion="reduce", start=None, **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion=motion, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.remote, page.errors = [], []

        def refuse_remote(route):
            if route.request.url.startswith((site, "data:", "blob:")):
                route.continue_()
            else:
                page.remote.append(route.request.url)
                route.abort()

        context.route("**/*", refuse_remote)
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
