"""Walk through the pages with one loop, and find what a name leads to, in less time than docutils and Sphinx take.

Extensions ask a page for its links, its tables, its pictures and so on, about sixty times per page. docutils answers by
a generator within a generator for each level of the page, which was a seventh of the time of a build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from docutils.nodes import Node
from pybtex import plugin
from sphinx.application import Sphinx
from sphinx.domains.python import ObjectEntry, PythonDomain
from sphinx.environment import BuildEnvironment

_Condition = Callable[[Node], bool] | type | None
_whole_findall = Node.findall


def nodes_below(top: Node) -> Iterator[Node]:
    """Yield a node and all nodes below it, in the order of the text.

    A page may be changed on the way. As in docutils, the children of a node are looked up when their turn comes.

    Args:
        top: A page or a part of it.
    """
    yield top
    levels = [iter(top.children)]
    while levels:
        for node in levels[-1]:
            yield node
            if node.children:
                levels.append(iter(node.children))
                break
        else:
            levels.pop()


def nodes_of_class(top: Node, kind: type) -> Iterator[Node]:
    """Yield those nodes that are of a class.

    Args:
        top: A page or a part of it.
        kind: A class, not necessarily of nodes.
    """
    if isinstance(top, kind):
        yield top
    levels = [iter(top.children)]
    while levels:
        for node in levels[-1]:
            if isinstance(node, kind):
                yield node
            if node.children:
                levels.append(iter(node.children))
                break
        else:
            levels.pop()


def findall(
    top: Node,
    condition: _Condition = None,
    include_self: bool = True,
    descend: bool = True,
    siblings: bool = False,
    ascend: bool = False,
) -> Iterator[Node]:
    """Yield nodes as ``Node.findall`` of docutils does, whose arguments these are."""
    if not include_self or not descend or siblings or ascend:
        found: Iterator[Node] = _whole_findall(top, condition, include_self, descend, siblings, ascend)
    elif condition is None:
        found = nodes_below(top)
    elif isinstance(condition, type):
        found = nodes_of_class(top, condition)
    else:
        found = filter(condition, nodes_below(top))
    return found


class QuickDomain(PythonDomain):
    """Python's names as Sphinx finds them, but without a look at all names for each that nobody describes.

    Most names in signatures are of Python or of other packages, such as ``int`` and ``ndarray``.
    """

    _n_objects = 0
    _endings: frozenset[str] = frozenset()

    def find_obj(
        self,
        env: BuildEnvironment,
        modname: str,
        classname: str,
        name: str,
        type: str | None,  # noqa: A002  # the name that Sphinx gives it
        searchmode: int = 0,
    ) -> list[tuple[str, ObjectEntry]]:
        """Return the descriptions that a name can mean; none at once where no described name ends like it."""
        if len(self.objects) != self._n_objects:
            self._n_objects = len(self.objects)
            self._endings = frozenset(each.rpartition(".")[2] for each in self.objects)
        if name.removesuffix("()").rpartition(".")[2] not in self._endings:
            return []
        return super().find_obj(env, modname, classname, name, type, searchmode)


def kept(load: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that remembers what it has returned.

    pybtex reads the lists of all installed packages for each citation.

    Args:
        load: A function of texts and booleans.
    """
    known: dict[tuple[Any, ...], Any] = {}

    def loaded(*names: Any, **options: Any) -> Any:
        key = (*names, *sorted(options.items()))
        if key not in known:
            known[key] = load(*names, **options)
        return known[key]

    return loaded


def setup(app: Sphinx) -> dict[str, Any]:
    """Put the loops in the place of docutils' and the domain in that of Sphinx's; neither has a setting for it."""
    Node.findall = findall
    app.add_domain(QuickDomain, override=True)
    plugin._load_entry_point = kept(plugin._load_entry_point)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
