"""Pictures of figures in the size in which they were drawn, so that letters are equally large in all of them.

On a phone they are smaller, but never so small that letters could not be read. Pictures that are then wider than the
page move under the finger. The style sheet does this to pictures of the class ``wide``. A page is changed after it is
made.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

#: The dots of a picture per pixel of a page. Figures of two columns are then as wide as the text of a page.
DOTS_PER_PIXEL = 1.8
#: The same on a phone, where the smallest letters of the book's style (19 dots) are then 8 pixels high.
DOTS_PER_PIXEL_OF_PHONE = 2.4
#: The width of a page on a phone in pixels. A picture that needs more is wide.
PHONE = 312
_PICTURE = re.compile(r'(<figure [^>]*>\s*)<img (alt="[^"]*" )?src="([^"]*/_images/|_images/)([^"/]+\.png)" />')


def width_of(start: bytes) -> int | None:
    """Return the number of dots across a PNG file, and None for another file.

    Args:
        start: The first 24 bytes of the file, or more.
    """
    return int(struct.unpack(">I", start[16:20])[0]) if start[:8] == b"\x89PNG\r\n\x1a\n" and len(start) >= 24 else None


def with_sizes(body: str, widths: dict[str, int]) -> str:
    """Return a page whose pictures of figures have their sizes.

    Args:
        body: The HTML.
        widths: The number of dots across each picture, by the name of its file. Other pictures stay as they are.
    """

    def sized(found: re.Match[str]) -> str:
        start, alt, folder, name = found.groups()
        if name not in widths:
            return found[0]
        pixels, on_phone = (round(widths[name] / dots) for dots in (DOTS_PER_PIXEL, DOTS_PER_PIXEL_OF_PHONE))
        if on_phone <= PHONE:
            return f'{start}<img style="width: {pixels}px" {alt or ""}src="{folder}{name}" />'
        style = f"width: {pixels}px; --on-phone: {on_phone}px"
        picture = f'<img class="wide" style="{style}" {alt or ""}src="{folder}{name}" />'
        return f'{start}<div class="moved" tabindex="0">{picture}</div>'

    return _PICTURE.sub(sized, body)


def size(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Give the pictures of the figures of a page their sizes."""
    if "<figure" not in context.get("body", ""):
        return
    shown = {found[4] for found in _PICTURE.finditer(context["body"])}
    widths: dict[str, int] = {}
    for source, name in app.builder.images.items():
        if name in shown:
            with (Path(app.srcdir) / source).open("rb") as file:
                width = width_of(file.read(24))
            widths |= {name: width} if width is not None else {}
    context["body"] = with_sizes(context["body"], widths)


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx what happens to the pictures of each page."""
    app.connect("html-page-context", size)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
