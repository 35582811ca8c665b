"""The figures that an executed notebook shows, by their names."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class ShownFigure:
    """A figure as an executed notebook keeps it.

    Attributes:
        png: The picture, a PNG file.
        svg: The drawing, the text of an SVG file; empty where the notebook keeps none.
        alt: The text for readers who cannot see it; empty where there is none.
    """

    png: bytes
    svg: str = ""
    alt: str = ""

    @property
    def file(self) -> str:
        """The name of the picture's file in the folder ``_images`` of the book, which myst-nb gives it."""
        return f"{sha256(self.png).hexdigest()}.png"


def shown_figures(notebook: Mapping[str, Any]) -> dict[str, ShownFigure]:
    """Return the figures of an executed notebook by their names, such as ``fig-3b``.

    Args:
        notebook: The notebook as its JSON file holds it. A figure is the first picture of a cell that names it.
    """
    found = {}
    for cell in notebook["cells"]:
        shown = cell["metadata"].get("mystnb", {})
        name = shown.get("figure", {}).get("name")
        pictures = [output["data"] for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
        if name and pictures:
            png, svg = ("".join(pictures[0].get(kind, "")) for kind in ("image/png", "image/svg+xml"))
            found[name] = ShownFigure(b64decode(png), svg, shown.get("image", {}).get("alt", ""))
    return found


def shown_html(notebook: Mapping[str, Any], begin: str) -> str:
    """Return the HTML that an executed notebook shows, the first that begins with a text.

    Args:
        notebook: The notebook as its JSON file holds it.
        begin: How the HTML begins.

    Raises:
        LookupError: The notebook shows none.
    """
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", ""))
            if html.startswith(begin):
                return html
    raise LookupError(f"the notebook shows nothing that begins with {begin!r}")
