"""Sphinx extension of the book: take out of the built pages what no reader needs, so that they load fast.

The theme brings a script with every icon of Font Awesome (540 KB on the wire), though the pages use twenty, and live
code that needs a server. The icons that are used become a small font; pictures are compressed, tell their size, and
load when they come into view. Files that no page asks for, such as the variants of MathJax, are not published.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import posixpath
import re
import struct
from pathlib import Path

ICON_FONT = "fa-solid-900"
ICON_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:{1,2}before,?)+)\{(?:content|--fa):"([^"]*)"[^}]*\}')
ICON_CLASS = re.compile(r"\bfa-([a-z0-9-]+)")
ICON_SOURCES = re.compile(
    rf'src:url\(([^()]*{ICON_FONT})\.woff2\) format\("woff2"\),url\([^()]*\) format\("truetype"\)'
)
# An escape such as \f0c9, or the character itself.
CHARACTER = re.compile(r"\\([0-9a-f]{4})|([\ue000-\uf8ff])")
UNUSED_TAGS = re.compile(
    r"\s*<script[^>]*(?:fontawesome\.js|design-tabs\.js)[^>]*></script>"
    r'|\s*<link[^>]*(?:rel="preload"|sphinx-thebe\.css)[^>]*>'
    r"|\s*<!-- So that users can add custom icons -->"
    r"|\s*<!-- Pre-loaded scripts that we'll load fully later -->"
)
PICTURE = re.compile(r'<img ((?:(?!loading=)[^>])*?)src="([^"]*_images/([^"/]+\.png))"((?:(?!loading=)[^>])*?)\s*/?>')
FILE_LINK = re.compile(
    r'<a ((?:class="[^"]*download-file[^"]*" )?)href="([^"]*_sources/[^"]+)"(?: target="_blank")?(?! download)'
)
# The index of the whole book is needed where one searches; it grows with the book, and each page would load it.
SEARCH_TAGS = re.compile(r'\s*<script [^>]*src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"></script>')
MATH_TAGS = re.compile(
    r"\s*<script>window\.MathJax = .*?</script>" r"|\s*<script[^>]*mathjax/[^>]*></script>", re.DOTALL
)
MATH_SCRIPT = re.compile(r'<script[^>]* src="([^"]*mathjax/[^"]*)"></script>')
# The theme measures what scrolls, all of it at once, as soon as a page has loaded; course.js does so when it is shown.
TAB_STOPS = re.compile(
    r',\w=\w\(\w,300\);window\.addEventListener\("resize",\w\),new MutationObserver\(\w\)\.observe\('
    r'document\.getElementById\("main-content"\),\{subtree:!0,childList:!0\}\),\w\(\)\}'
)
SCRIPT = re.compile(r'<script src="(?![^"]*documentation_options)')
OPTIONS_SCRIPT = re.compile(r'<script src="[^"]*documentation_options\.js[^"]*"></script>')
STYLE_LINK = re.compile(r'\s*<link [^>]*?href="([^"]*?_static/)([^"?]+\.css)[^"]*"[^>]*>')
EMPTY_HEADER = re.compile(r"<th( [^>]*)?>\s*(?:<p>\s*</p>)?\s*</th>")  # such as the corner of a table
# What the theme and docutils leave out, or write for older browsers, and screen readers need.
ROLES = {
    '<div id="pst-primary-sidebar" class': '<div id="pst-primary-sidebar" role="complementary" aria-label="Book" class',
    '<summary><span class="toctree-toggle"': '<summary aria-label="Show the pages below"><span class="toctree-toggle"',
    'role="doc-biblioentry"': 'role="listitem"',
}
# The pages load the first of these; it loads the others: fonts, extensions, and what the menu of a formula offers.
MATHJAX_KEPT = re.compile(
    r"tex-chtml\.js|ui/lazy\.js|output/chtml/fonts/woff-v2/.*|input/tex/extensions/.*"
    r"|input/mml\.js|input/mml/entities\.js|output/svg\.js|output/svg/fonts/tex\.js"
    r"|a11y/.*|sre/mathmaps/(?:base|en|nemeth)\.json"
)
WIDE = 1000  # pixels; beyond this, a picture has several panels, and a phone must not shrink it to its own width


def drop_live_code(app):
    """Disconnect the extension that Jupyter Book loads to run cells on a server: its scripts are on each page."""
    for listeners in list(app.events.listeners.values()):
        for listener in list(listeners):
            if listener.handler.__module__.startswith("sphinx_thebe"):
                app.disconnect(listener.id)


def slim(app, error):
    """Rewrite the built pages, the theme's style sheets and its icon font."""
    if error is not None or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    style_sheet.cache_clear()
    pages = [path for path in Path(app.outdir).rglob("*.html") if static not in path.parents]
    used = set()
    for page in pages:
        used |= set(ICON_CLASS.findall(page.read_text(encoding="utf-8")))
    for script in static.glob("scripts/*theme.js"):
        text = script.read_text(encoding="utf-8")
        used |= set(ICON_CLASS.findall(text))
        script.write_text(TAB_STOPS.sub("}", text), encoding="utf-8")
    characters = set()
    for sheet in [*static.rglob("*theme.css"), *static.rglob("all.min.css"), *static.glob("*.css")]:
        text, found = slim_sheet(sheet.read_text(encoding="utf-8"), used)
        characters |= found
        sheet.write_text(text, encoding="utf-8")
    for font in static.rglob(f"{ICON_FONT}.ttf"):
        subset(font, characters)
    shown = set()
    for page in pages:
        text = page.read_text(encoding="utf-8")
        slimmed = one_style_sheet(slim_page(text, Path(app.outdir, "_images"), static), static)
        if slimmed != text:
            page.write_text(slimmed, encoding="utf-8")
        shown |= set(re.findall(r'_images/([^"/]+)', slimmed))
    drop_unused(static / "mathjax", lambda name: MATHJAX_KEPT.fullmatch(name))
    drop_unused(static / "locales", lambda name: False)  # the theme's translations, which the build has read
    drop_unused(Path(app.outdir, "_images"), shown.__contains__)  # the larger format, and what a former build left
    for pattern in ("*.map", "fontawesome.js", "fa-brands-*", "fa-regular-*", "fa-v4compat*", f"{ICON_FONT}.woff2"):
        for path in static.rglob(pattern):
            path.unlink()


def drop_unused(folder, is_used):
    """Delete the files of a folder whose path below it is not used, and the folders that are empty then."""
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder comes before the folder
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not is_used(path.relative_to(folder).as_posix()):
            path.unlink()


def slim_page(text, pictures, static):
    """Return a page without tags that load what is not needed, with roles, and with small pictures loaded in time."""
    text = UNUSED_TAGS.sub("", text)
    if 'class="math' not in text:
        text = MATH_TAGS.sub("", text)
    # A script that does not run by itself: course.js starts it when a formula comes near.
    text = MATH_SCRIPT.sub(r'<script type="text/plain" id="mathjax" src="\1"></script>', text)
    # The text appears before the scripts run; the options, which other scripts change at once, are put in place.
    text = SCRIPT.sub(r'<script defer src="', text)
    options = (static / "documentation_options.js").read_text(encoding="utf-8")
    text = OPTIONS_SCRIPT.sub(lambda match: f"<script>{options}</script>", text)
    if "Search.init" not in text and 'id="search-results"' not in text:
        text = SEARCH_TAGS.sub("", text)
    for before, after in ROLES.items():
        text = text.replace(before, after)
    text = EMPTY_HEADER.sub(r"<td\1></td>", text)
    text = FILE_LINK.sub(r'<a \1href="\2" download', text)

    def sized(match):
        before, address, name, after = match.groups()
        width, height = png_size(pictures / name)
        kind = ' class="wide"' if width > WIDE else ""
        address = address.removesuffix(name) + compressed(pictures / name)
        return f'<img {before}src="{address}"{after} width="{width}" height="{height}" loading="lazy"{kind} />'

    return PICTURE.sub(sized, text)


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
        (static / name).write_text(sheet, encoding="utf-8")
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


def slim_sheet(text, used):
    """Return a style sheet without the rules of unused icons, and the characters of the icon font that it needs."""

    def kept(match):
        names = re.findall(r"\.fa-([a-z0-9-]+)", match[1])
        return match[0] if used.intersection(names) else ""

    text = ICON_RULE.sub(kept, text)
    text = ICON_SOURCES.sub(r"src:url(\1.ttf)", text)
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
    drop_live_code(app)
    app.connect("build-finished", slim, priority=900)  # after all other files were copied
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
