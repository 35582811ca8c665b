"""The few icons that pages show, inside the style sheet, in place of the theme's 2,000 icons as a script and as fonts.

The theme draws each icon twice: by a font of its style sheet, and by a script of 1.5 MB on every page. Browsers refuse
fonts from other folders where a page is opened as a file, so the font of the icons is in the style sheet itself.
fontTools, which cuts it out, comes with matplotlib.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

_STYLE = "styles/pydata-sphinx-theme.css"
_FONT = "vendor/fontawesome/webfonts/fa-solid-900.ttf"
_SCRIPT = re.compile(r'\s*<script defer src="[^"]*scripts/fontawesome\.js[^"]*"></script>')
_NAME = re.compile(r"\bfa-[a-z0-9-]+\b")
# The style sheet's rule for an icon, which names its character, and its rule for a font.
_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"(\\[0-9a-f]+|[^"]+)"\}')
_FACE = re.compile(r"@font-face\{[^}]*fontawesome[^}]*\}")
# Icons that the style sheet names by the character itself, of the range that Unicode leaves to fonts.
_PRIVATE = re.compile("[\ue000-\uf8ff]")


def names(texts: Iterable[str]) -> set[str]:
    """Return the names of the icons in pages, such as ``fa-bars``, and other names like them, such as ``fa-lg``."""
    return {name for text in texts for name in _NAME.findall(text)}


def with_icons(style: str, wanted: set[str]) -> tuple[str, set[int]]:
    """Return a style sheet with the rules for some icons and without fonts, and the characters that it draws.

    Args:
        style: The text of the theme's style sheet.
        wanted: The names of icons.
    """
    drawn = {ord(character) for character in _PRIVATE.findall(style)}

    def kept(rule: re.Match[str]) -> str:
        selectors, code = rule.groups()
        if not wanted & set(_NAME.findall(selectors)):
            return ""
        drawn.add(int(code[1:], 16) if code[1:] and code.startswith("\\") else ord(code))
        return rule[0]

    shorter = _RULE.sub(kept, style)
    return _FACE.sub("", shorter), drawn


def font(file: Path, characters: set[int]) -> str:
    """Return a font with some of its characters as an address that holds it.

    Args:
        file: The font, a TTF file.
        characters: The numbers of the characters in Unicode.
    """
    whole = TTFont(file, recalcTimestamp=False)  # so that the same pages give the same style sheet
    subsetter = Subsetter(Options())
    subsetter.populate(unicodes=characters)
    subsetter.subset(whole)
    whole.flavor = "woff"
    packed = BytesIO()
    whole.save(packed)
    return f"data:font/woff;base64,{b64encode(packed.getvalue()).decode()}"


def shorten(app: Sphinx, exception: Exception | None) -> None:
    """Put the icons of the pages into the style sheet, and leave out the script and the fonts."""
    static = Path(app.outdir) / "_static"
    if exception is not None or app.builder.format != "html" or not (static / _FONT).is_file():
        return
    pages = {path: path.read_text() for path in [*static.parent.glob("*.html"), *static.parent.glob("[a-z]*/*.html")]}
    for path, text in pages.items():
        path.write_text(_SCRIPT.sub("", text))
    scripts = [path.read_text() for path in static.glob("scripts/*theme.js")]
    style, drawn = with_icons((static / _STYLE).read_text(), names([*pages.values(), *scripts]))
    source = font(static / _FONT, drawn)
    face = f"@font-face{{font-family:Font Awesome\\ 6 Free;font-style:normal;font-weight:900;src:url({source})}}"
    (static / _STYLE).write_text(face + style)
    for path in [*static.glob("scripts/fontawesome.js*"), *static.glob("vendor/fontawesome/webfonts/*")]:
        path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the step before the others that leave files out."""
    app.connect("build-finished", shorten, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
