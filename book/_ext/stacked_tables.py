"""Tables with one row of names, and wide ones as cards on a narrow screen, where each cell names its column.

The style sheet makes the cards. A page is changed after it is made, so that tables of notebooks, of Markdown and of the
package are treated alike. No script is needed.
"""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx

#: A table with more columns, or with a longer text in a cell, becomes cards on a narrow screen.
MOST_COLUMNS, LONGEST_TEXT = 4, 40
#: The titles of cards are no longer.
LONGEST_TITLE = 60
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
# A head of two lines or more, as pandas writes it where a column of the index has a name.
_TALL_HEAD = re.compile(r"<thead\b(?:(?!</thead>).)*<tr\b(?:(?!</thead>).)*<tr\b", re.DOTALL)
# Tables with a narrow form of their own, and tables without columns that have names.
_OTHERS = {"claims", "field-list", "option-list", "citation"}


def with_flat_head(html: str) -> str:
    """Return the HTML of a table with all names of columns in one line.

    pandas writes the names of the columns of the index into a second line, whose other cells are empty. Here they stand
    in the first line, in place of what is there. That is empty, or the name of all other columns together.

    Args:
        html: A table, from ``<table`` to ``</table>``.
    """
    table = BeautifulSoup(html, "html.parser").table if _TALL_HEAD.search(html) else None
    if table is None:
        return html
    *_, above, last = (row.find_all(["td", "th"], recursive=False) for row in table.select("thead tr"))
    n_named = len(table.select("tbody tr")[0].find_all("th", recursive=False)) if table.select("tbody tr") else 0
    is_one_line = len(above) == len(last) and not any(cell.get("colspan") for cell in above)
    if not is_one_line or any(cell.get_text(strip=True) for cell in last[n_named:]):
        return html
    for upper, lower in zip(above, last, strict=True):
        if lower.get_text(strip=True):
            upper.replace_with(lower.extract())
    table.select("thead tr")[-1].decompose()
    return str(table)


def with_labels(html: str) -> str:
    """Return the HTML of a table whose cells name their columns, if it is too wide for a narrow screen.

    A cell that is not empty gets the names of its column as ``data-label``, and the table gets the class ``stacked``.
    Names of rows that stand in cells over several rows stay as they are. The first cell of each later row gets them as
    ``data-group``. The first cell of a row without a name is the title of the card, unless its column has a name and
    holds sentences.

    Args:
        html: A table, from ``<table`` to ``</table>``.
    """
    table = BeautifulSoup(html, "html.parser").table if "<thead" in html else None
    if table is None or _OTHERS & set(_classes(table)):
        return html
    names, cells = _names(table), table.select("tbody td")
    longest = max((len(cell.get_text(strip=True)) for cell in cells), default=0)
    if len(names) <= MOST_COLUMNS and longest <= LONGEST_TEXT:
        return html
    group, left = "", 0
    rows = [row.find_all(["td", "th"], recursive=False) for row in table.select("tbody tr")]
    firsts = [found[0] for found in rows if found and found[0].name == "td"]
    if not (names and names[0]) or all(len(cell.get_text(strip=True)) <= LONGEST_TITLE for cell in firsts):
        for cell in firsts:
            cell["class"] = " ".join([*_classes(cell), "title"])
    for found in rows:
        if left > 0 and found[0].name == "th":
            found[0]["data-group"] = group
        left -= 1
        if found and found[0].get("rowspan"):
            group, left = found[0].get_text(" ", strip=True), int(str(found[0]["rowspan"])) - 1
        # A cell over several rows is missing in the later ones, and what is there belongs to the last columns.
        for cell, name in zip(found, names[len(names) - len(found) :], strict=False):
            if name and cell.get("rowspan") is None and cell.get_text(strip=True):
                # The name above a column of rows' names can be that of the other columns together.
                cell["data-label"] = ", ".join(name) if cell.name == "td" else name[-1]
    table["class"] = " ".join([*_classes(table), "stacked"])
    return str(table)


def _classes(tag: Tag) -> list[str]:
    return list(tag.get_attribute_list("class")) if tag.get("class") else []


def _names(table: Tag) -> list[list[str]]:
    """Return the names of each column in the lines of the head, without empty ones."""
    columns: list[list[str]] = []
    for row in table.select("thead tr"):
        place = 0
        for cell in row.find_all(["td", "th"], recursive=False):
            text = " ".join(cell.get_text(" ", strip=True).split())
            for _ in range(int(str(cell.get("colspan", "1")))):
                columns += [[] for _ in range(place + 1 - len(columns))]
                columns[place] += [text] if text else []
                place += 1
    return columns


def stack(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Give all tables of a page one row of names, and let the wide ones name the columns of their cells."""
    if "<table" in context.get("body", ""):
        context["body"] = _TABLE.sub(lambda found: with_labels(with_flat_head(found[0])), context["body"])


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx what happens to the tables of each page."""
    app.connect("html-page-context", stack)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
