"""Find the lines of functions and classes by Python's own parser, for the links from pages to code.

Sphinx reads the tokens of each file one by one for it, a tenth of the time of a build.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from sphinx import pycode
from sphinx.application import Sphinx
from sphinx.pycode.parser import Parser, VariableCommentPicker


def definitions(tree: ast.AST, within: str = "") -> Iterator[tuple[str, tuple[str, int, int]]]:
    """Yield the name of each class, function and method, with its kind and its first and last line.

    Args:
        tree: The tree of a module, a class, or a statement that holds definitions. Functions within functions have no
            name that a page could link to.
        within: The names of the classes around it, each followed by a dot.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            kind = "class" if isinstance(node, ast.ClassDef) else "def"
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            assert node.end_lineno is not None
            yield within + node.name, (kind, first, node.end_lineno)
            if kind == "class":
                yield from definitions(node, f"{within}{node.name}.")
        elif isinstance(node, ast.stmt | ast.ExceptHandler):
            yield from definitions(node, within)


class FastParser(Parser):
    """Sphinx's parser of a Python file, but for its way to find definitions. It parses the file once."""

    def parse(self) -> None:
        """Find comments of variables, as Sphinx does, and the lines of definitions."""
        tree = ast.parse(self.code)
        picker = VariableCommentPicker(self.code.splitlines(keepends=True), self.encoding)
        picker.visit(tree)
        for found in ("annotations", "comments", "deforders", "finals", "overloads"):
            setattr(self, found, getattr(picker, found))
        self.definitions = dict(definitions(tree))


def setup(app: Sphinx) -> dict[str, Any]:
    """Put the parser in the place of Sphinx's, which has no setting for it."""
    pycode.Parser = FastParser  # type: ignore[attr-defined]  # imported there for its own use
    return {"parallel_read_safe": True, "parallel_write_safe": True}
