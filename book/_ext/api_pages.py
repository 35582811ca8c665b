"""The directive ``wing``: the API page of one wing of the package, from its docstrings.

The wing's own docstring stands at the top; the names of files in its table become links. A section per file follows,
with the public functions and classes that ``sphinx.ext.autodoc`` finds there. A new file needs no entry anywhere.
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import Any

from docutils import nodes
from docutils.nodes import Node
from docutils.statemachine import StringList
from numba.core.dispatcher import Dispatcher
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.ext.autodoc import FunctionDocumenter, type_comment
from sphinx.util.docutils import SphinxDirective

_PLAIN = re.compile(r'<span class="(?:pre|n|p|w|sig-paren|sig-return-icon)">([^<]*)</span>')


class Wing(SphinxDirective):
    """Document a wing, such as ``cgcnn.network``, and its files; for ``cgcnn`` itself, the wings are only linked."""

    required_arguments = 1

    def run(self) -> list[Node]:
        """Return the wing's docstring and a section per file, in the order of the docstring's table."""
        wing = import_module(self.arguments[0])
        files = {module.name: module for module in pkgutil.iter_modules(wing.__path__) if module.name[0] != "_"}
        top = self._documented(wing.__name__)
        listed = [literal for node in top for literal in node.findall(nodes.literal) if literal.astext() in files]
        if missing := files.keys() - {literal.astext() for literal in listed}:
            raise self.error(f"the table in {wing.__name__} lacks {', '.join(sorted(missing))}")
        sections = []
        for literal in listed:
            name = f"{wing.__name__}.{literal.astext()}"
            link = pending_xref("", literal.deepcopy(), refdomain="py", reftype="mod", reftarget=name)
            literal.replace_self(link)
            if not files[literal.astext()].ispkg:
                sections.append(self._section(name))
        return [*top, *sections]

    def _section(self, module: str) -> Node:
        title = module.rsplit(".", 1)[1]
        section = nodes.section("", nodes.title(title, title), ids=[nodes.make_id(f"file-{title}")])
        section += self._documented(module, ":members:", ":member-order: bysource")
        return section

    def _documented(self, module: str, *options: str) -> list[Node]:
        lines = [f".. automodule:: {module}", *(f"   {option}" for option in options), ""]
        found = nodes.Element()
        self.state.nested_parse(StringList(lines, source=module), self.content_offset, found)
        return list(found.children)


class CompiledFunctionDocumenter(FunctionDocumenter):
    """Document a function that Numba compiles like any other; to autodoc it is an object of an unknown class."""

    objtype = "compiledfunction"
    directivetype = "function"
    priority = FunctionDocumenter.priority + 1

    @classmethod
    def can_document_member(cls, member: Any, membername: str, isattr: bool, parent: Any) -> bool:
        """Say whether Numba compiles it."""
        return isinstance(member, Dispatcher)


def without_types(app: Sphinx, what: str, name: str, documented: Any, options: Any, lines: list[str]) -> None:
    """Tell napoleon that no type stands before the first colon under ``Returns:``, or of a constant's sentence.

    The types stand in the signatures. What precedes a colon would be printed as the type: "One row per site: ...".
    A colon at the start of the line says that the type is empty.
    """
    if what in ("data", "attribute", "property") and lines:
        lines[0] = f": {lines[0]}"
    for above, line in enumerate(lines[1:]):
        if lines[above] in ("Returns:", "Yields:"):
            lines[above + 1] = f"    : {line.strip()}"


def readable_defaults(
    app: Sphinx, what: str, name: str, documented: Any, options: Any, signature: str, returned: str
) -> tuple[str, str] | None:
    """Write ``...`` where a dataclass says ``<factory>``, which Sphinx cannot parse and prints without links."""
    if signature and "<factory>" in signature:
        return signature.replace("<factory>", "..."), returned
    return None


def shorten(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Node | None) -> None:
    """Leave out spans that change nothing of how a description looks, a third of the bytes of these pages."""
    for part in ("body", "toc") if page.startswith("api/") else ():
        for _ in range(2):  # one stands within another
            context[part] = _PLAIN.sub(r"\1", context.get(part, ""))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive and the documenter."""
    app.setup_extension("sphinx.ext.autodoc")
    for listener in app.events.listeners["autodoc-before-process-signature"]:
        if listener.handler is type_comment.update_annotations_using_type_comments:
            # It parses each function anew for comments that say types; the package has annotations.
            app.disconnect(listener.id)
            break
    app.add_directive("wing", Wing)
    app.add_autodocumenter(CompiledFunctionDocumenter)
    app.connect("autodoc-process-signature", readable_defaults)
    app.connect("html-page-context", shorten)
    app.connect("autodoc-process-docstring", without_types, priority=400)  # napoleon reads them at 500
    return {"parallel_read_safe": True, "parallel_write_safe": True}
