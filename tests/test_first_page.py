"""The first page: a square per claim, tiles of published figures; and a bibliography whose labels tell papers apart."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from cgcnn.files.paths import project_root
from cgcnn.paper.claims import VERDICTS
from tests.test_notebook_pages import PICTURE, extension
from tests.test_pages import code

BOOK = project_root() / "book"


class Links(HTMLParser):
    """The addresses of the links of a text."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        if tag == "a":
            self.addresses.append(dict(attrs)["href"] or "")


def test_the_strip_has_a_square_per_claim_that_leads_to_its_row_and_says_what_it_is() -> None:
    claims = json.loads((BOOK / "results" / "claims.json").read_text())["claims"]
    drawn = extension("first_page").strip(claims)
    found = Links()
    found.feed(drawn)
    assert found.addresses == [f"sections/claims.html#{claim['id']}" for claim in claims]
    assert drawn.count("aria-label=") == len(claims)
    counts = Counter(claim["verdict"] for claim in claims)
    for verdict, n in counts.items():
        assert f"{verdict} ({n})" in drawn


def test_every_verdict_has_a_sign_of_its_own_and_a_statement_cannot_break_the_page() -> None:
    signs = extension("first_page").SIGNS
    assert tuple(signs) == VERDICTS
    assert len(set(signs.values())) == len(signs)
    drawn = extension("first_page").strip([{"id": "a", "verdict": "holds", "statement": 'less "<" than'}])
    assert "less &quot;&lt;&quot; than" in drawn


def test_a_tile_shows_the_published_picture_and_leads_to_its_figure() -> None:
    shown = {"figure": {"name": "fig-6", "caption": "Pairs."}, "image": {"alt": "A grid of colors."}}
    notebook = {"cells": [code("other()"), code("draw()", PICTURE, mystnb=shown)]}
    drawn = extension("first_page").picture(notebook, "mp_coordination", "fig-6")
    assert 'href="sections/mp_coordination.html#fig-6"' in drawn
    assert 'alt="A grid of colors."' in drawn
    with pytest.raises(LookupError, match="no picture of a figure fig-7"):
        extension("first_page").picture(notebook, "mp_coordination", "fig-7")


def entries() -> dict[str, str]:
    text = (BOOK / "references.bib").read_text()
    return dict(re.findall(r"@\w+\{(\w+),(.*?)\n\}", text, re.DOTALL))


def test_two_papers_of_the_same_authors_and_year_have_labels_that_differ() -> None:
    labels = []
    for entry in entries().values():
        (authors,) = re.findall(r"author\s*=\s*\{(.*?)\},?\n", entry, re.DOTALL)
        (year,) = re.findall(r"year\s*=\s*\{(\w+)\}", entry)
        names = [name.split(",")[0] for name in authors.split(" and ")]
        labels.append((names[0] if len(names) > 2 else tuple(names), year))
    assert [label for label, n in Counter(labels).items() if n > 1] == []


def test_no_title_of_the_bibliography_has_formulas_of_tex() -> None:
    titles = [re.findall(r"title\s*=\s*\{(.*)\}", entry)[0] for entry in entries().values()]
    assert [title for title in titles if re.search(r"[$\\]|_\{", title)] == []
