"""The directives of the book's first page: a square per claim, and tiles that show a figure of a section.

``claims-strip`` draws the verdicts of ``results/claims.json`` as squares, each a link to its row on the page on claims.
``tile`` shows the picture of a figure from an executed notebook, with the text in it, and leads to the figure.
Both are empty where the sections did not run, as in a page of one notebook.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from cgcnn.paper.claims import SIGNS
from cgcnn.paper.notebook_figures import shown_figures


class ClaimsStrip(SphinxDirective):
    """Draw one square per claim, in the order of the page on claims, with what each sign means."""

    def run(self) -> list[Node]:
        """Return the squares."""
        file = Path(self.env.srcdir) / "results" / "claims.json"
        if not file.is_file():
            return []
        self.env.note_dependency(str(file))
        claims = json.loads(file.read_text())["claims"]
        return [nodes.raw("", strip(claims), format="html")]


class Tile(SphinxDirective):
    """Show a figure: its section and its name are the arguments, and its text is the content."""

    required_arguments = 2
    has_content = True

    def run(self) -> list[Node]:
        """Return the picture as a link to the figure, and the text."""
        section, name = self.arguments
        file = Path(self.env.srcdir) / "sections" / f"{section}.ipynb"
        if not file.is_file():
            return []
        self.env.note_dependency(str(file))
        tile = nodes.container(classes=["tile"])
        tile += nodes.raw("", picture(json.loads(file.read_text()), section, name), format="html")
        self.state.nested_parse(self.content, self.content_offset, tile)
        return [tile]


def strip(claims: list[dict[str, Any]]) -> str:
    """Return the squares as HTML.

    Args:
        claims: The claims with ``id``, ``statement`` and ``verdict``.
    """
    squares = []
    for claim in claims:
        said = escape(f"{claim['verdict']}: {claim['statement']}")
        kind = claim["verdict"].replace(" ", "-")
        sign = SIGNS[claim["verdict"]]
        address = f"sections/claims.html#{claim['id']}"
        squares.append(f'<li><a class="{kind}" href="{address}" title="{said}" aria-label="{said}">{sign}</a></li>')
    counts = [(verdict, sum(claim["verdict"] == verdict for claim in claims)) for verdict in SIGNS]
    legend = [
        f'<span class="{verdict.replace(" ", "-")}">{SIGNS[verdict]}</span> {verdict} ({n})'
        for verdict, n in counts
        if n
    ]
    return f'<ol class="claims-strip">{"".join(squares)}</ol><p class="claims-legend">{" ".join(legend)}</p>'


def picture(notebook: dict[str, Any], section: str, name: str) -> str:
    """Return the picture of a figure as HTML, a link to it.

    Args:
        notebook: The executed notebook as its JSON file holds it.
        section: The name of its file without the ending.
        name: The name of the figure.

    Raises:
        LookupError: The notebook has no picture of this name.
    """
    figure = shown_figures(notebook).get(name)
    if figure is None:
        raise LookupError(f"sections/{section}.ipynb has no picture of a figure {name}")
    image = f'<img src="_images/{figure.file}" alt="{escape(figure.alt)}" loading="lazy">'
    return f'<a class="tile-picture" href="sections/{section}.html#{name}">{image}</a>'


def setup(app: Sphinx) -> dict[str, Any]:
    """Add both directives."""
    app.add_directive("claims-strip", ClaimsStrip)
    app.add_directive("tile", Tile)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
