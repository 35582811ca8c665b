"""A small picture that a page shows several times becomes one file, instead of one copy inside the page each time."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections import Counter
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

_FOLDER = "_images"
_PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")


def as_files(body: str) -> tuple[str, dict[str, bytes]]:
    """Return the HTML of a page whose repeated pictures are files, and these files by their names.

    Args:
        body: The HTML, with pictures in ``src="data:image/png;base64,..."``. Where the name of a file stands now, the
            address of the folder has to be put before it.
    """
    counts = Counter(_PICTURE.findall(body))
    names = {text: f"{hashlib.sha256(text.encode()).hexdigest()}.png" for text, n in counts.items() if n > 1}
    shown = _PICTURE.sub(lambda found: names.get(found[1], found[0]), body)
    return shown, {name: b64decode(text) for text, name in names.items()}


def share(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Write the repeated pictures of a page beside the pictures of the other pages."""
    shown, files = as_files(context.get("body", ""))
    folder = Path(app.outdir) / _FOLDER
    for name, content in files.items():
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        shown = shown.replace(f'src="{name}"', f'src="{context["pathto"](f"{_FOLDER}/{name}", 1)}"')
    if files:
        context["body"] = shown


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx what happens to the pictures of each page."""
    app.connect("html-page-context", share)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
