"""The contents beside each page, from the titles of the pages alone.

Sphinx would first copy the contents of all pages with each function of the package, and then drop all but the titles:
for each page, a fifth of the time of a build.
"""

from __future__ import annotations

import copy
from typing import Any

from docutils import nodes
from docutils.nodes import Node
from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.environment.adapters.toctree import global_toctree_for_doc


def titles(contents: nodes.bullet_list) -> nodes.bullet_list:
    """Return the contents of a page without its sections: its title, and the pages that it leads to.

    Args:
        contents: The contents as Sphinx collects them: an entry with the title, and below it those of the sections.
    """
    short = nodes.bullet_list()
    for entry in contents.children:
        item = nodes.list_item("", entry.children[0].deepcopy())
        if pages := [each.deepcopy() for each in entry.findall(toctree)]:
            item += nodes.bullet_list("", *pages)
        short += item
    return short


class Sidebar:
    """The contents of the book as a page shows them.

    Attributes:
        contents: The title of each page, by the name of the page.
    """

    def __init__(self) -> None:
        self.contents: dict[str, nodes.bullet_list] = {}

    def collect(self, app: Sphinx, env: BuildEnvironment) -> None:
        """Keep the titles of all pages, once they are read."""
        self.contents = {page: titles(contents) for page, contents in env.tocs.items()}

    def show(self, app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Node | None) -> None:
        """Give the theme a function that makes the contents from the titles, where it asks for titles only."""
        builder, whole = app.builder, context.get("toctree")
        if not isinstance(builder, StandaloneHTMLBuilder) or whole is None or not self.contents:
            return
        short = copy.copy(app.env)
        short.tocs = self.contents

        def made(**options: Any) -> str:
            if not options.get("titles_only"):
                return str(whole(**options))
            found = global_toctree_for_doc(short, page, builder, **options)
            return str(builder.render_partial(found)["fragment"])

        context["toctree"] = made


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect both steps."""
    sidebar = Sidebar()
    app.connect("env-check-consistency", sidebar.collect)
    app.connect("html-page-context", sidebar.show)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
