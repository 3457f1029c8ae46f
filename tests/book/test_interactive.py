"""The script of the interactive pictures is what its sources make; pages that name a picture get it, others do not."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "book/interactive"
BUILT, CARRIED = ROOT / "book/_static/interactive.js", ROOT / "coursepkg/interactive.js"

PAGE = """# Title

:::{{figure}} still.png
:name: fig-still
:alt: A still.

The caption.
:::

:::{{interactive}} {name}
:still: {still}
:rate: 0.1
:hidden: [4, 2]
:data: xor

Press *Run*.
:::

:::{{interactive-setup}} {name}
:data: circle
Set up experiment 3
:::
"""


@pytest.fixture(scope="module")
def node():
    """The program Node, with what the sources need beside them."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if not program or not npm:
        pytest.skip("Node is not installed, so that the script cannot be built anew")
    if not (SOURCES / "node_modules").exists():
        done = subprocess.run([npm, "ci"], cwd=SOURCES, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"`npm ci` in book/interactive failed, perhaps without a network: {done.stderr[-300:]}")
    return program


def test_rebuilding_gives_the_committed_bytes(node, tmp_path):
    done = subprocess.run([node, "build.mjs", str(tmp_path)], cwd=SOURCES, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "interactive.js").read_bytes() == BUILT.read_bytes(), "run `make interactive`"


def test_the_sources_have_right_types(node):
    compiler = SOURCES / "node_modules/typescript/bin/tsc"
    done = subprocess.run([node, compiler, "--noEmit"], cwd=SOURCES, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_script_is_small_loads_nothing_and_is_the_one_that_the_package_carries():
    content = BUILT.read_bytes()
    assert len(content) <= 120_000
    assert len(gzip.compress(content)) <= 40_000
    assert CARRIED.read_bytes() == content
    text = content.decode().replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"https?:|\bfetch\(|XMLHttp|\beval\(|importScripts", text)


def test_the_lock_file_names_versions_and_no_host():
    lock = (SOURCES / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert "://" not in re.sub(r'"url": "[^"]*"', "", lock)  # where a package asks for donations
    versions = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())


@pytest.fixture
def build(tmp_path):
    """A function that builds a book of one page, and returns the page and what the build warned of."""
    pytest.importorskip("sphinx", reason="the book's packages are not installed (requirements/book.txt)")
    from PIL import Image
    from sphinx.application import Sphinx

    def built(text):
        conf = f"import sys\nsys.path.insert(0, {str(ROOT / 'tools')!r})\n"
        conf += 'extensions = ["myst_parser", "sphinx_interactive"]\nmyst_enable_extensions = ["colon_fence"]\n'
        (tmp_path / "conf.py").write_text(conf, encoding="utf-8")
        (tmp_path / "index.md").write_text(text, encoding="utf-8")
        Image.new("RGB", (20, 10), "white").save(tmp_path / "still.png")
        out, warned = tmp_path / "out", io.StringIO()
        Sphinx(tmp_path, tmp_path, out, out, "html", status=None, warning=warned, freshenv=True).build()
        # Sphinx complains of itself when it is started twice in a process.
        said = [line for line in warned.getvalue().splitlines() if "already registered" not in line]
        return (out / "index.html").read_text(encoding="utf-8"), "\n".join(said)

    return built


def test_a_picture_gets_its_state_its_figure_its_text_and_the_script(build):
    from bs4 import BeautifulSoup

    html, warned = build(PAGE.format(name="playground", still="fig-still"))
    assert warned == ""
    page = BeautifulSoup(html, "html.parser")
    place, button = page.select_one("div.interactive"), page.select_one("button.interactive-setup")
    assert json.loads(place["data-options"]) == {"rate": 0.1, "hidden": [4, 2], "data": "xor"}
    assert (place["data-name"], place["data-still"], place.has_attr("hidden")) == ("playground", "fig-still", True)
    assert page.select_one("figure#fig-still img")
    assert page.select_one(".interactive-text em").text == "Run"
    assert (button.text, json.loads(button["data-options"])) == ("Set up experiment 3", {"data": "circle"})
    assert len(page.select('script[src*="interactive.js"]')) == 1


def test_a_page_without_a_picture_does_not_load_the_script(build):
    html, warned = build("# Title\n\nText.\n")
    assert warned == ""
    assert "interactive.js" not in html


@pytest.mark.parametrize(
    ("name", "still", "said"),
    [
        ("playgrund", "fig-still", "there is no interactive picture 'playgrund'; there are: "),
        ("playground", "fig-other", "the page has no figure 'fig-other' in whose place the picture 'playground' could"),
    ],
)
def test_an_unknown_picture_or_figure_is_a_warning(build, name, still, said):
    assert said in build(PAGE.format(name=name, still=still))[1]
