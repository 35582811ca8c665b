"""The directive ``explorer``: a map to explore of a section, shown on another page.

``{explorer} boron_environments explore-figure-4`` takes the block of this name from the executed notebook. It is empty
where the section did not run, as in a page of one notebook.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.nodes import Node
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from cgcnn.paper.notebook_figures import shown_html


class ExplorerBlock(SphinxDirective):
    """Show a map to explore: the section and the name of the map are the arguments."""

    required_arguments = 2

    def run(self) -> list[Node]:
        """Return the block."""
        section, name = self.arguments
        file = Path(self.env.srcdir) / "sections" / f"{section}.ipynb"
        if not file.is_file():
            return []
        self.env.note_dependency(str(file))
        return [nodes.raw("", block(json.loads(file.read_text()), name), format="html")]


def block(notebook: dict[str, Any], name: str) -> str:
    """Return the HTML of a map to explore.

    Args:
        notebook: An executed notebook.
        name: The name of the map.

    Raises:
        ExtensionError: The notebook shows no such map.
    """
    try:
        return shown_html(notebook, f'<div class="explorer" id="{name}">')
    except LookupError as error:
        raise ExtensionError(f"explorer: the notebook shows no map called {name!r}") from error


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("explorer", ExplorerBlock)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
