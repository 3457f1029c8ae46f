"""Sphinx extension of the book: take out of the built pages what no reader needs, so that they load fast.

The theme brings a script with every icon of Font Awesome (540 KB on the wire), though the pages use twenty, and live
code that needs a server. The icons that are used become a small font; pictures are compressed, tell their size, and
load when they come into view. Files that no page asks for, such as the variants of MathJax, are not published.

Templates in ``book/_templates`` leave out what the theme lets one leave out; the rest are edits of text by patterns. A
new version of the theme can make any of these do nothing, so each that finds nothing in the whole book is a warning.
"""

from __future__ import annotations

import collections
import functools
import hashlib
import logging
import posixpath
import re
import struct
from dataclasses import dataclass
from pathlib import Path

from sphinx.util import logging as sphinx_logging

from coursepkg._files import write_atomically

logger = sphinx_logging.getLogger(__name__)
ICON_FONT = "fa-solid-900"
ICON_CLASS = re.compile(r"\bfa-([a-z0-9-]+)")
# An escape such as \f0c9, or the character itself.
CHARACTER = re.compile(r"\\([0-9a-f]{4})|([\ue000-\uf8ff])")
STYLE_LINK = re.compile(r'\s*<link [^>]*?href="([^"]*?_static/)([^"?]+\.css)[^"]*"[^>]*>')
# The pages load the first of these; it loads the others: fonts, extensions, and what the menu of a formula offers.
MATHJAX_KEPT = re.compile(
    r"tex-chtml\.js|ui/lazy\.js|output/chtml/fonts/woff-v2/.*|input/tex/extensions/.*"
    r"|input/mml\.js|input/mml/entities\.js|output/svg\.js|output/svg/fonts/tex\.js"
    r"|a11y/.*|sre/mathmaps/(?:base|en|nemeth)\.json"
)
JOINED = "_static/book."  # how the name of the one style sheet of a finished page begins
WIDE = 1000  # pixels; beyond this, a picture has several panels, and a phone must not shrink it to its own width
UNUSED_FILES = {
    "source maps": re.compile(r".*\.map"),
    "the script with all icons": re.compile(r"fontawesome\.js|all\.min\.js"),
    "fonts of other icons": re.compile(r"fa-(brands|regular|v4compat).*"),
    "the icon font that is not cut down": re.compile(rf"{ICON_FONT}\.woff2"),
}
UNUSED_ASSETS = ("design-tabs.js", "sphinx-thebe.css")
# What the templates leave out: should a page load it all the same, the theme has changed its blocks or macros.
LEFT_OUT = {
    "the script with all icons": re.compile(r"<script[^>]*fontawesome"),
    "preloaded files": re.compile(r'<link[^>]*rel="preload"'),
    "the index of the whole book": re.compile(r'<script [^>]*src="[^"]*searchindex\.js'),
    "what runs cells on a server": re.compile(r"sphinx-thebe"),
    "tabs, which the book does not have": re.compile(r"design-tabs"),
}


@dataclass(frozen=True)
class Edit:
    """A pattern in built files, and what takes its place.

    Attributes
    ----------
    pattern : str
        A regular expression.
    replacement : str or callable, optional
        As for ``re.sub``; where it depends on the page, it is given with the text.
    subject : str
        Only a text that holds this must match: what a theme does not have, it need not have edited.
    """

    pattern: str
    replacement: object = None
    subject: str = ""


EDITS = {
    # The theme measures what scrolls, all of it at once, as soon as a page has loaded; course.js does so when shown.
    "measuring what scrolls": Edit(
        r',\w=\w\(\w,300\);window\.addEventListener\("resize",\w\),new MutationObserver\(\w\)\.observe\('
        r'document\.getElementById\("main-content"\),\{subtree:!0,childList:!0\}\),\w\(\)\}',
        "}",
        subject=".pst-scrollable-table-container",
    ),
    "rules of icons": Edit(r'((?:\.fa-[a-z0-9-]+:{1,2}before,?)+)\{(?:content|--fa):"([^"]*)"[^}]*\}', subject=".fa-"),
    "sources of the icon font": Edit(
        rf'src:url\(([^()]*{ICON_FONT})\.woff2\) format\("woff2"\)(?:,url\([^()]*\) format\("truetype"\))?',
        r"src:url(\1.ttf)",
        subject=f"{ICON_FONT}.woff2",
    ),
    # A script that does not run by itself: course.js starts it when a formula comes near.
    "MathJax": Edit(
        r'<script[^>]* src="([^"]*mathjax/[^"]*)"></script>',
        r'<script type="text/plain" id="mathjax" src="\1"></script>',
        subject='class="math',
    ),
    # The text appears before the scripts run; the options, which other scripts change at once, are put in place.
    "scripts that hold up the page": Edit(
        r'<script src="(?![^"]*documentation_options)', r'<script defer src="', subject="<script"
    ),
    "the options": Edit(r'<script src="[^"]*documentation_options\.js[^"]*"></script>', subject="<script"),
    # What the theme and docutils leave out, or write for older browsers, and screen readers need.
    "the role of the sidebar": Edit(
        r'<div id="pst-primary-sidebar" class',
        r'<div id="pst-primary-sidebar" role="complementary" aria-label="Book" class',
        subject='id="pst-primary-sidebar"',
    ),
    "the names of the switches in the sidebar": Edit(
        r'<summary><span class="toctree-toggle"',
        r'<summary aria-label="Show the pages below"><span class="toctree-toggle"',
        subject="toctree-toggle",
    ),
    "the role of references": Edit(r'role="doc-biblioentry"', 'role="listitem"', subject='class="citation"'),
    "empty headers of tables": Edit(  # such as the corner
        r"<th( [^>]*)?>\s*(?:<p>\s*</p>)?\s*</th>", lambda match: f"<td{match[1] or ''}></td>", subject="dataframe"
    ),
    "links to files": Edit(
        r'<a ((?:class="[^"]*download-file[^"]*" )?)href="([^"]*_sources/[^"]+)"(?: target="_blank")?(?! download)',
        r'<a \1href="\2" download',
        subject="_sources/",
    ),
    "pictures": Edit(
        r'<img ((?:(?!loading=)[^>])*?)src="([^"]*_images/([^"/]+\.png))"((?:(?!loading=)[^>])*?)\s*/?>',
        subject="_images/",
    ),
}
SHEET_EDITS = ("measuring what scrolls", "rules of icons", "sources of the icon font")
PAGE_EDITS = [name for name in EDITS if name not in SHEET_EDITS]


class Edits:
    """The edits of one build, which knows what each of them has found.

    Examples
    --------
    >>> edits = Edits()
    >>> edits.apply("the role of references", '<div class="citation" role="doc-biblioentry">')
    '<div class="citation" role="listitem">'
    >>> _ = edits.apply("MathJax", '<p class="math"></p>')
    >>> edits.unmatched()
    ['MathJax']
    """

    def __init__(self):
        self._expected, self._found = collections.Counter(), collections.Counter()

    def apply(self, name, text, replacement=None):
        """Return a text with an edit made wherever its pattern matches."""
        edit = EDITS[name]
        text, count = _compiled(edit.pattern).subn(edit.replacement if replacement is None else replacement, text)
        self._found[name] += count
        self._expected[name] += bool(count) or edit.subject in text
        return text

    def unmatched(self):
        """Return the names of edits that had something to do, and whose patterns matched nothing."""
        return [name for name in EDITS if self._expected[name] and not self._found[name]]


@functools.cache
def _compiled(pattern):
    return re.compile(pattern)


def leave_out(app, pagename, templatename, context, doctree):
    """Take files that extensions add to every page out of the page: what nobody uses, and MathJax without a formula."""
    formulas = 'class="math' in context.get("body", "")
    unused = UNUSED_ASSETS if formulas else (*UNUSED_ASSETS, "mathjax", "MathJax")

    def name(asset):
        text = f"{asset.filename or ''} {asset.attributes.get('body') or ''}"
        return next((name for name in unused if name in text), None)

    for files in ("css_files", "script_files"):
        app.left_out |= {name(asset) for asset in context[files]}
        context[files] = [asset for asset in context[files] if not name(asset)]


def drop_live_code(app):
    """Disconnect the extension that Jupyter Book loads to run cells on a server: its scripts are on each page."""
    found = [
        listener
        for listeners in app.events.listeners.values()
        for listener in listeners
        if listener.handler.__module__.startswith("sphinx_thebe")
    ]
    for listener in found:
        app.disconnect(listener.id)
    if not found:
        _warn("there is no sphinx_thebe to disconnect")


def slim(app, error):
    """Rewrite the built pages, the theme's style sheets and its icon font; warn of each edit that did nothing."""
    if error is not None or app.builder.format != "html":
        return
    static, pictures, edits = Path(app.outdir, "_static"), Path(app.outdir, "_images"), Edits()
    style_sheet.cache_clear()
    pages = [path for path in Path(app.outdir).rglob("*.html") if static not in path.parents]
    used = set()
    for page in pages:
        used |= set(ICON_CLASS.findall(page.read_text(encoding="utf-8")))
    for script in static.glob("scripts/*theme.js"):
        text = script.read_text(encoding="utf-8")
        used |= set(ICON_CLASS.findall(text))
        write_atomically(script, edits.apply("measuring what scrolls", text))
    characters = set()
    for sheet in [*static.rglob("*theme.css"), *static.rglob("all.min.css"), *static.glob("*.css")]:
        text, found = slim_sheet(sheet.read_text(encoding="utf-8"), used, edits)
        characters |= found
        write_atomically(sheet, text)
    fonts = list(static.rglob(f"{ICON_FONT}.ttf"))
    for font in fonts:
        subset(font, characters)
    shown, left, joined = set(), set(), False
    for page in pages:
        text = page.read_text(encoding="utf-8")
        done = JOINED in text  # in a former build, and not written since
        slimmed = text if done else one_style_sheet(slim_page(text, pictures, static, edits), static)
        if slimmed != text:
            write_atomically(page, slimmed)
        shown |= set(re.findall(r'_images/([^"/]+)', slimmed))
        if 'id="search-results"' not in text:
            left |= {what for what, pattern in LEFT_OUT.items() if pattern.search(slimmed)}
        joined = joined or JOINED in slimmed
    drop_unused(static / "mathjax", lambda name: MATHJAX_KEPT.fullmatch(name))
    drop_unused(static / "locales", lambda name: False)  # the theme's translations, which the build has read
    drop_unused(pictures, shown.__contains__)  # the larger format, and what a former build left
    for what, pattern in UNUSED_FILES.items():
        unused = [path for path in static.rglob("*") if pattern.fullmatch(path.name)]
        for path in unused:
            path.unlink()
        if not unused:
            _warn(f"there is no file to delete of: {what}")
    if not fonts:
        _warn(f"there is no {ICON_FONT}.ttf to cut down")
    if not joined:
        _warn("no page has style sheets to join")
    for name in edits.unmatched():
        _warn(f"the pattern for {name!r} matches nothing in the whole book")
    for name in UNUSED_ASSETS:
        if name not in app.left_out:
            _warn(f"no page has {name} to leave out")
    for what in sorted(left):
        _warn(f"a page still loads {what}, which a template in book/_templates should leave out")


def _warn(text):
    logger.warning("%s: has another version changed it? (%s)", text, Path(__file__).name, type="slim")


def drop_unused(folder, is_used):
    """Delete the files of a folder whose path below it is not used, and the folders that are empty then."""
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder comes before the folder
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not is_used(path.relative_to(folder).as_posix()):
            path.unlink()


def slim_page(text, pictures, static, edits):
    """Return a page with its scripts out of the way, with roles, and with small pictures loaded in time."""
    options = (static / "documentation_options.js").read_text(encoding="utf-8")

    def sized(match):
        before, address, name, after = match.groups()
        width, height = png_size(pictures / name)
        kind = ' class="wide"' if width > WIDE else ""
        address = address.removesuffix(name) + compressed(pictures / name)
        return f'<img {before}src="{address}"{after} width="{width}" height="{height}" loading="lazy"{kind} />'

    computed = {"the options": lambda match: f"<script>{options}</script>", "pictures": sized}
    for name in PAGE_EDITS:
        text = edits.apply(name, text, computed.get(name))
    return text


def compressed(picture):
    """Write a PNG file's pixels, unchanged, in the smaller format WebP; return the name of the smaller file."""
    from PIL import Image

    smaller = picture.with_suffix(".webp")
    if not smaller.exists():
        with Image.open(picture) as image:
            image.convert("RGBA" if "transparency" in image.info else "RGB").save(smaller, lossless=True, method=4)
    return min(picture, smaller, key=lambda path: path.stat().st_size).name


def one_style_sheet(text, static):
    """Return a page that loads one style sheet in place of its ten, and write that sheet."""
    links = STYLE_LINK.findall(text)
    if len(links) < 2:
        return text
    sheet = "\n".join(style_sheet(static, name) for _, name in links)
    name = f"book.{hashlib.sha256(sheet.encode()).hexdigest()[:12]}.css"
    if not (static / name).exists():
        write_atomically(static / name, sheet)
    first = STYLE_LINK.search(text)
    text = text[: first.start()] + f'\n  <link rel="stylesheet" href="{links[0][0]}{name}" />' + text[first.start() :]
    return STYLE_LINK.sub(lambda match: match[0] if match[2] == name else "", text)


@functools.cache
def style_sheet(static, name):
    """Return a style sheet with what it imports, without comments, its addresses relative to the static folder."""
    path = static / name
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    def rewritten(match):
        address = match[1].strip("\"'")
        if re.match(r"[a-z]+:|#|/", address):
            return match[0]
        return f"url({posixpath.normpath(posixpath.join(posixpath.dirname(name), address))})"

    text = re.sub(r"url\(([^()]*)\)", rewritten, text)
    folder = posixpath.dirname(name)
    return re.sub(
        r'@import "([^"]+)";',
        lambda match: style_sheet(static, posixpath.normpath(posixpath.join(folder, match[1]))),
        text,
    )


def slim_sheet(text, used, edits):
    """Return a style sheet without the rules of unused icons, and the characters of the icon font that it needs."""

    def kept(match):
        names = re.findall(r"\.fa-([a-z0-9-]+)", match[1])
        return match[0] if used.intersection(names) else ""

    text = edits.apply("rules of icons", text, kept)
    text = edits.apply("sources of the icon font", text)
    return text, {int(code, 16) if code else ord(character) for code, character in CHARACTER.findall(text)}


def subset(font, characters):
    """Cut a font down to some characters."""
    from fontTools import subset as font_tools

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = font_tools.Options(notdef_outline=True, layout_features=[], name_IDs=[], hinting=False)
    loaded = font_tools.load_font(str(font), options)
    cutter = font_tools.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(loaded)
    font_tools.save_font(loaded, str(font), options)


def png_size(path):
    """Return width and height of a PNG file in pixels."""
    with path.open("rb") as file:
        return struct.unpack(">II", file.read(24)[16:])


def setup(app):
    app.left_out = set()
    drop_live_code(app)
    app.connect("html-page-context", leave_out, priority=900)  # after the extensions that add files
    app.connect("build-finished", slim, priority=900)  # after all other files were copied
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}
