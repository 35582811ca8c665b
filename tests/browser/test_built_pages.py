"""Every page of the built book in a browser: wide and narrow, light and dark, without a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser.conftest import BUILT, Opened

AXE = Path(__file__).with_name("axe.min.js")
#: The pages of the book. Listings of code are many and alike, so that one stands for all.
PAGES = [
    *sorted(str(path.relative_to(BUILT)) for path in [*BUILT.glob("*.html"), *BUILT.glob("[a-z]*/*.html")]),
    "_modules/cgcnn/network/model.html",
]
CONTRAST = "() => axe.run(document, {runOnly: ['color-contrast'], resultTypes: ['violations'], preload: false})"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_TABLES = """() => [...document.querySelectorAll('.bd-article table')]
    .filter(table => table.scrollWidth > table.clientWidth + 1).map(table => table.textContent.trim().slice(0, 60))"""
# Each address of a link or a source once, whatever the part of the page that it leads to.
LINKS = "() => [...new Set([...document.querySelectorAll('a[href], img[src]')].map(e => e.href || e.src))]"

pytestmark = pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason=f"no book is built in {BUILT}")


def faint_texts(page: Any) -> list[str]:
    """Return the texts whose contrast with what is behind them is below 4.5 (3 for large letters), of WCAG 2 AA."""
    found = []
    for violation in page.evaluate(CONTRAST)["violations"]:
        for node in violation["nodes"]:
            found.append(f"contrast {node['any'][0]['data']['contrastRatio']}: {node['html'][:120]}")
    return found


def missing_files(page: Any) -> list[str]:
    """Return the files that the page links to in the built book and that are not there."""
    paths = [Path(unquote(urlsplit(link).path)) for link in page.evaluate(LINKS) if link.startswith("file:")]
    return sorted(str(path) for path in paths if not path.exists())


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_without_a_network_fits_any_screen_and_is_readable(
    name: str, open_page: Callable[[str], Opened]
) -> None:
    opened = open_page(name)
    page = opened.page
    assert missing_files(page) == []
    assert page.locator("[data-mjx-error], mjx-merror").count() == 0, "a formula was not understood"
    page.add_script_tag(content=AXE.read_text())
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        for width in (360, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(300)  # the sidebars move into their place
            assert page.evaluate(TOO_WIDE) <= 0, f"wider than {width} pixels"
            assert page.evaluate(CUT_TABLES) == [], f"tables scroll sideways at {width} pixels"
        assert faint_texts(page) == [], theme
    assert opened.complaints == []


def test_every_formula_is_typeset_from_the_book_s_own_files(open_page: Callable[[str], Opened]) -> None:
    opened = open_page("methods.html")
    assert opened.page.locator(".math mjx-container").count() >= 20
    assert opened.page.locator("span.math:not(:has(mjx-container)), div.math:not(:has(mjx-container))").count() == 0


def test_no_link_leads_to_an_address_at_which_nothing_is(open_page: Callable[[str], Opened]) -> None:
    for name in ("index.html", "data.html", "sections/claims.html"):
        links = open_page(name).page.evaluate(LINKS)
        assert not [link for link in links if "cgcnn-hierarchy" in link or "mybinder" in link], name
