"""The icons of the built book: those that pages show stay, and nothing else of the theme's icons."""

from __future__ import annotations

from base64 import b64decode
from io import BytesIO
from pathlib import Path

import pytest

from tests.test_notebook_pages import extension

pytest.importorskip("sphinx", reason="the extra 'book' is not installed")
fonts = pytest.importorskip("fontTools.ttLib", reason="the extra 'book' is not installed")

STYLE = (
    "@font-face{font-family:Font Awesome\\ 6 Free;src:url(../vendor/fontawesome/webfonts/fa-solid-900.woff2)}"
    '.fa-lg{font-size:2em}.fa-bars:before,.fa-navicon:before{content:"\\f0c9"}.fa-x:before{content:"X"}'
    ':root{--pst-icon-bell:"\uf0f3"}'
)


def theme_font() -> Path:
    theme = pytest.importorskip("pydata_sphinx_theme")
    folder = Path(theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / "vendor" / "fontawesome"
    return folder / "webfonts" / "fa-solid-900.ttf"


def test_names_of_icons_are_found_in_pages() -> None:
    assert extension("icons").names(['<i class="fa-solid fa-bars"></i>', "fa-x"]) == {"fa-solid", "fa-bars", "fa-x"}


def test_rules_of_other_icons_and_of_fonts_leave_the_style_sheet() -> None:
    style, drawn = extension("icons").with_icons(STYLE, {"fa-solid", "fa-navicon"})
    assert style == (
        '.fa-lg{font-size:2em}.fa-bars:before,.fa-navicon:before{content:"\\f0c9"}:root{--pst-icon-bell:"\uf0f3"}'
    )
    assert drawn == {0xF0C9, 0xF0F3}


def test_a_font_in_the_style_sheet_has_the_drawn_characters_alone() -> None:
    address = extension("icons").font(theme_font(), {0xF0C9, 0xF002})
    begin = "data:font/woff;base64,"
    assert address.startswith(begin)
    held = b64decode(address.removeprefix(begin))
    assert len(held) < 5_000
    assert set(fonts.TTFont(BytesIO(held)).getBestCmap()) == {0xF0C9, 0xF002}
