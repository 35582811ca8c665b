"""The role ``source``: a link to code by its name, or to a file of the repository by its path.

``{source}`cgcnn.network.model.gaussians``` links to the lines of that function, which the book itself shows
(``sphinx.ext.viewcode``), so that no line number is kept by hand and no host is needed.
``{source}`book/claims.yaml``` links to the file's page in the repository that ``_config.yml`` names.
Both take a text of their own: ``{source}`the claims <book/claims.yaml>```.
A name or a path that is not there is a warning, which fails the build (``-W``).
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.nodes import Element, Node, system_message
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.ext.viewcode import OUTPUT_DIRNAME, is_supported_builder
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole
from sphinx.util.nodes import make_refnode

from cgcnn.files.paths import project_root

logger = logging.getLogger(__name__)


class SourceRole(ReferenceRole):
    """Read the role: a name of the package waits until all pages are read, a path is linked at once."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Return the link."""
        text = nodes.literal(self.rawtext, self.title, classes=["source"])
        link: Element
        if self.target.split(".")[0] == "cgcnn" and "/" not in self.target:
            kind = {"reftype": "source", "refexplicit": self.has_explicit_title, "refwarn": True}
            link = pending_xref(self.rawtext, text, reftarget=self.target, **kind)
        else:
            link = self._link_to_file(text)
        self.set_source_info(link)
        return [link], []

    def _link_to_file(self, text: nodes.literal) -> Element:
        """Return a link to the path's page in the repository, or the text alone while nothing is at its address."""
        path = project_root() / self.target
        if not path.exists():
            logger.warning("source: the repository has no %r", self.target, location=self.get_location())
        if not self.config.repository_is_public:
            return text
        theme = self.config.html_theme_options
        kind = "tree" if path.is_dir() else "blob"
        address = f"{theme['repository_url']}/{kind}/{theme['repository_branch']}/{self.target}"
        return nodes.reference(self.rawtext, "", text, refuri=address)


def resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, text: Element) -> Element | None:
    """Return the link to the code of a name, or None where no API page has an entry of that name.

    Methods, functions, classes and modules have a listing. Constants and attributes have none, so theirs is the
    link to their entry on the API page.
    """
    if node["reftype"] != "source":
        return None
    name, domain = node["reftarget"], env.get_domain("py")
    assert isinstance(domain, PythonDomain)
    if name not in domain.objects:
        return None
    module = max((known for known in domain.modules if f"{name}.".startswith(f"{known}.")), key=len)
    within = name[len(module) + 1 :]
    if not node["refexplicit"]:
        text = nodes.literal(text.rawsource, within or name, classes=text["classes"])
    listed = getattr(env, "_viewcode_modules", {}).get(module)
    if listed and is_supported_builder(app.builder) and (not within or within in listed[2]):
        page = f"{OUTPUT_DIRNAME}/{module.replace('.', '/')}"
        return make_refnode(app.builder, node["refdoc"], page, within, text, name)
    entry = domain.objects[name]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, text, name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the role, and the setting that says whether the repository's address leads anywhere."""
    app.add_config_value("repository_is_public", False, "env", [bool])
    app.add_role("source", SourceRole())
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
