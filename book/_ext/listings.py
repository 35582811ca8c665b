"""The pages that show the package's code: nothing but the code, with an anchor and a way back for each documented name.

``sphinx.ext.viewcode`` finds the code and sets the links to it. It would write each listing with the theme's whole page
around it, which is most of its bytes and of the time that it takes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.ext import viewcode
from sphinx.util.parallel import ParallelTasks, SerialTasks, parallel_available

#: A page: the theme's colors, by day and by night, and no script but the one that chooses them.
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>{name} &#8212; {book}</title>
<script>
const mode = localStorage.getItem("mode") || "auto";
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
document.documentElement.dataset.theme = mode !== "auto" ? mode : dark ? "dark" : "light";
</script>
{styles}
<link rel="icon" href="{root}_static/favicon.svg" />
</head>
<body>
<main class="listing bd-article">
<p><a href="{root}index.html">{book}</a></p>
<h1>Source code for {name}</h1>
{code}
</main>
</body>
</html>
"""
_STYLES = ("styles/theme.css", "styles/pydata-sphinx-theme.css", "pygments.css", "book.css")
# Names, brackets and spaces have the color of all text. The spans around them are half of a listing's bytes.
_PLAIN = re.compile(r'<span class="(?:n|p|w)">([^<]*)</span>')


class Listings:
    """The listings of the files of which something is documented.

    Attributes:
        tasks: The processes that write them while Sphinx makes the other pages.
    """

    def __init__(self) -> None:
        self.tasks: ParallelTasks | SerialTasks = SerialTasks()

    def start(self, app: Sphinx, builder: Builder) -> None:
        """Begin to write, once all pages are read."""
        if not isinstance(builder, StandaloneHTMLBuilder):
            return
        found = getattr(app.env, "_viewcode_modules", {})
        names = [name for name in sorted(found) if found[name] and viewcode.should_generate_module_page(app, name)]
        if parallel_available and app.parallel > 1:
            self.tasks = ParallelTasks(app.parallel)
        for first in range(app.parallel):
            self.tasks.add_task(partial(_write, builder, found), names[first :: app.parallel])

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Wait for the end."""
        self.tasks.join()


def _write(builder: StandaloneHTMLBuilder, found: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        code, places, documented, path = found[name]
        page = f"{viewcode.OUTPUT_DIRNAME}/{name.replace('.', '/')}"
        back = {each: f"{builder.get_relative_uri(page, at)}#{path}.{each}" for each, at in documented.items()}
        listed = listing(builder.highlighter.highlight_block(code, "python"), places, back)
        root = "../" * page.count("/")
        styles = "\n".join(f'<link rel="stylesheet" href="{root}_static/{style}" />' for style in _STYLES)
        book = escape(builder.config.html_title)
        text = PAGE.format(name=name, book=book, styles=styles, root=root, code=listed)
        target = Path(builder.get_outfilename(page))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def listing(highlighted: str, places: Mapping[str, tuple[str, int, int]], back: Mapping[str, str]) -> str:
    """Return highlighted code with a block around each documented name, which has the name's id and a link back.

    Args:
        highlighted: The code of a file in HTML, as Pygments writes it.
        places: The kind of each name in the file, and its first and last line, counted from 1.
        back: The address at which each documented name is described.
    """
    lines = _PLAIN.sub(r"\1", highlighted).replace("<pre>", "<pre>\n", 1).splitlines()
    for name, address in back.items():
        _, start, end = places[name]
        link = f'<a class="viewcode-back" href="{address}">[docs]</a>'
        lines[start] = f'<div class="viewcode-block" id="{name}">\n{link}\n{lines[start]}'
        lines[min(end, len(lines) - 1)] += "</div>"
    return "\n".join(lines)


def setup(app: Sphinx) -> dict[str, Any]:
    """Let viewcode find the code, and write the pages in its place."""
    app.setup_extension("sphinx.ext.viewcode")
    for listener in app.events.listeners["html-collect-pages"]:
        if listener.handler is viewcode.collect_pages:
            app.disconnect(listener.id)
            break
    listings = Listings()
    app.connect("write-started", listings.start)
    app.connect("build-finished", listings.finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
