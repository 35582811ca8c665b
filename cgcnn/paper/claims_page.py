"""The page of all claims as a table in HTML, which can be read without scripts and on a narrow screen."""

from __future__ import annotations

import json
from base64 import b64encode
from html import escape
from io import BytesIO
from itertools import groupby
from pathlib import Path

from PIL import Image

from cgcnn.figures.names import readable_name
from cgcnn.paper.claims import SIGNS, Claim
from cgcnn.paper.claims_bars import bars
from cgcnn.paper.claims_tables import name_of
from cgcnn.paper.notebook_figures import shown_figures

# The columns as the head of the table and, on a narrow screen, each cell names them.
_COLUMNS = ("verdict", "the paper says", "threshold and ours", "why", "figure")
# The width of a small picture, in pixels, and the number of its colors.
_SMALL, _N_COLORS = 160, 24


def table(claims: list[Claim], sections: Path) -> str:
    """Return all claims as a table.

    Each row has the id of its claim, so that ``claims.html#perovskite-block`` leads to it. The attributes
    ``data-section`` and ``data-verdict`` are for a filter.

    Args:
        claims: The judged claims, those of a section in a row.
        sections: The folder of the executed notebooks, whose figures are shown small. A figure that is not there is a
            link in words.
    """
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    bodies = []
    for section, some in groupby(claims, key=lambda claim: claim.section):
        pictures = small_figures(sections / f"{section}.ipynb")
        name = readable_name(section)
        title = f'<tr class="claims-section"><th colspan="{len(_COLUMNS)}" scope="rowgroup">{name}</th></tr>'
        rows = "".join(_row(claim, pictures.get(claim.shown, "")) for claim in some)
        bodies.append(f'<tbody data-section="{name}">{title}{rows}</tbody>')
    return f'<table class="claims"><thead><tr>{head}</tr></thead>{"".join(bodies)}</table>'


def small_figures(notebook: Path) -> dict[str, str]:
    """Return the figures of an executed notebook as small pictures for a page, by their labels.

    Args:
        notebook: The executed notebook. Where it is not there, there are no pictures.

    Returns:
        Each picture as a ``data:`` address, by labels such as ``fig-3b``.
    """
    if not notebook.is_file():
        return {}
    figures = shown_figures(json.loads(notebook.read_text()))
    return {label: _small(figure.png) for label, figure in figures.items()}


def _row(claim: Claim, picture: str) -> str:
    cells = (
        f'<span class="verdict">{SIGNS[claim.verdict]} {claim.verdict}</span>',
        f"{escape(claim.statement)}{_notes(claim)}",
        f"{bars(claim)}<span>{_numbers(claim)}</span>",
        escape(claim.why),
        _figure(claim, picture),
    )
    named = zip(_COLUMNS, cells, strict=True)
    columns = "".join(f'<td data-column="{name}">{cell}</td>' for name, cell in named)
    return f'<tr id="{claim.id}" data-verdict="{claim.verdict}">{columns}</tr>'


def _notes(claim: Claim) -> str:
    """Return where the paper says it, which other claim it measures anew, and when the threshold was written down."""
    notes = [escape(claim.figure)]
    if claim.sibling_of:
        notes.append(f'a second measure for <a href="#{claim.sibling_of}">this claim</a>')
    elif claim.measure_changed:
        notes.append("measure changed after a first look")
    notes.append(f"threshold of <code>{claim.measure_committed}</code>")
    return f"<small>{'; '.join(notes)}</small>"


def _numbers(claim: Claim) -> str:
    if not claim.values:
        return escape(claim.reason)
    return f"{claim.threshold}; ours {escape(claim.text)}"


def _figure(claim: Claim, picture: str) -> str:
    text = f"the figure of {name_of(claim.id)}"
    shown = f'<img src="{picture}" alt="{text}" width="{_SMALL}" loading="lazy">' if picture else "figure"
    return f'<a href="{claim.section}.html#{claim.shown}">{shown}</a>'


def _small(png: bytes) -> str:
    with Image.open(BytesIO(png)) as picture:
        height = round(picture.height * _SMALL / picture.width)
        small = picture.convert("RGB").resize((_SMALL, height)).quantize(_N_COLORS)
    file = BytesIO()
    small.save(file, format="PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
