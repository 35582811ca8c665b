"""What makes a build of the book quick changes nothing on its pages."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import pytest

from cgcnn.files.paths import project_root
from tests.test_notebook_pages import extension

nodes = pytest.importorskip("docutils.nodes", reason="the extra 'book' is not installed")
addnodes = pytest.importorskip("sphinx.addnodes", reason="the extra 'book' is not installed")
python = pytest.importorskip("sphinx.domains.python", reason="the extra 'book' is not installed")
parser = pytest.importorskip("sphinx.pycode.parser", reason="the extra 'book' is not installed")

FILES = sorted((project_root() / "cgcnn").glob("*/[a-z]*.py"))
CODE = '''
import functools


@functools.cache
def first(number: int) -> int:
    """A function."""

    def inner() -> int:
        return number

    return inner()


class Second:
    """A class."""

    @property
    def third(self) -> int: return 3

    async def fourth(self) -> None:
        pass


try:
    def fifth() -> None: ...
except ImportError:
    pass
'''


def test_lines_of_definitions_are_counted_from_their_decorators() -> None:
    found = dict(extension("definitions").definitions(ast.parse(CODE)))
    assert found == {
        "first": ("def", 5, 12), "Second": ("class", 15, 22), "Second.third": ("def", 18, 19),
        "Second.fourth": ("def", 21, 22), "fifth": ("def", 26, 26),
    }  # fmt: skip


@pytest.mark.parametrize("wing", sorted({path.parent.name for path in FILES}))
def test_definitions_are_where_sphinx_finds_them(wing: str) -> None:
    for path in (project_root() / "cgcnn" / wing).glob("*.py"):
        theirs = parser.Parser(path.read_text())
        theirs.parse_definition()
        theirs.parse_comments()
        ours = extension("definitions").FastParser(path.read_text())
        ours.parse()
        for found in ("annotations", "comments", "deforders", "finals", "overloads"):
            assert getattr(ours, found) == getattr(theirs, found), path.name
        assert ours.definitions.items() <= theirs.definitions.items(), path.name
        more = theirs.definitions.keys() - ours.definitions.keys()
        # Sphinx takes a function within a function for a method.
        assert all("." in name and theirs.definitions[name.rsplit(".", 1)[0]][0] == "def" for name in more), path.name


def entry(title: str, *below: Any) -> Any:
    reference = nodes.reference("", title, refuri=title, anchorname="")
    return nodes.list_item("", addnodes.compact_paragraph("", "", reference), *below)


def test_the_sidebar_has_the_titles_of_pages_and_what_they_lead_to_and_no_sections() -> None:
    leads_to = addnodes.toctree(entries=[(None, "api/data")])
    sections = nodes.bullet_list("", entry("a section", nodes.bullet_list("", entry("a function"))), leads_to)
    contents = nodes.bullet_list("", entry("The package", sections))
    short = extension("sidebar").titles(contents)
    assert [each.astext() for each in short.findall(nodes.reference)] == ["The package"]
    assert [each["entries"] for each in short.findall(addnodes.toctree)] == [[(None, "api/data")]]
    assert len(list(contents.findall(nodes.reference))) == 3, "the page itself keeps them"


def test_each_page_is_read_once_and_two_processes_share_those_of_the_package() -> None:
    package = [f"api/{name}" for name in "abcdef"]
    pages = sorted(["api/paper", *package, *(f"sections/{name}" for name in "ghijklmnopqr")])
    shared = list(pages)
    missing = [name for name in ("triton",) if find_spec(name) is None]
    config = SimpleNamespace(autodoc_mock_imports=missing)
    extension("processes").share(SimpleNamespace(parallel=2, config=config), None, shared)
    assert sorted(shared) == pages
    assert shared[0] == "api/paper"
    assert shared.index("api/a") == len(pages) // 2


def test_a_listing_has_a_block_with_a_way_back_for_each_documented_name() -> None:
    highlighted = (
        '<div class="highlight"><pre><span></span><span class="n">a</span>\n\n<span class="k">def</span> b():\n'
    )
    highlighted += '    <span class="k">pass</span>\n</pre></div>\n'
    found = extension("listings").listing(highlighted, {"b": ("def", 3, 4)}, {"b": "../api.html#m.b"})
    assert found.splitlines() == [
        '<div class="highlight"><pre>', "<span></span>a", "", '<div class="viewcode-block" id="b">',
        '<a class="viewcode-back" href="../api.html#m.b">[docs]</a>', '<span class="k">def</span> b():',
        '    <span class="k">pass</span></div>', "</pre></div>",
    ]  # fmt: skip


def page() -> Any:
    """Return a page of several levels."""
    items = [nodes.list_item("", nodes.paragraph("", "", nodes.emphasis("", text), nodes.Text("!"))) for text in "abc"]
    return nodes.section("", nodes.title("", "Title"), nodes.bullet_list("", *items), nodes.paragraph("", "end"))


@pytest.mark.parametrize("condition", [None, nodes.Text, nodes.Element, lambda node: "b" in node.astext()])
@pytest.mark.parametrize("options", [{}, {"include_self": False}, {"siblings": True}, {"descend": False}])
def test_nodes_are_found_in_the_order_of_docutils(condition: Any, options: dict[str, bool]) -> None:
    quick = extension("trees")
    for top in page().findall():
        theirs = list(quick._whole_findall(top, condition, **options))
        ours = list(quick.findall(top, condition, **options))
        assert [id(node) for node in ours] == [id(node) for node in theirs]


def test_a_node_replaced_on_the_way_is_not_entered_and_the_next_ones_are() -> None:
    texts = []
    for item in extension("trees").findall(page(), nodes.list_item):
        texts.append(item.astext())
        item.replace_self(nodes.list_item("", nodes.list_item("", nodes.Text("new"))))
    theirs, whole = [], page()
    for item in extension("trees")._whole_findall(whole, nodes.list_item):
        theirs.append(item.astext())
        item.replace_self(nodes.list_item("", nodes.list_item("", nodes.Text("new"))))
    assert texts == theirs == ["a!", "b!", "c!"]


def a_domain(kind: Any) -> Any:
    """Return a domain with a few described names."""
    described = {name: SimpleNamespace(objtype="class") for name in ("m.Run", "m.Run.save", "m.n.Split")}
    domain = kind.__new__(kind)
    domain.data, domain.objtypes_for_role = {"objects": described}, lambda role: [role]
    return domain


def meant(domain: Any, name: str, mode: int = 1) -> list[str]:
    return [found for found, _ in domain.find_obj(None, "m", "Run", name, "class", mode)]


@pytest.mark.parametrize("name", ["Run", "save", "save()", "n.Split", "Split", "m.n.Split", "int", "np.array", "", "m"])
@pytest.mark.parametrize("mode", [0, 1])
def test_a_name_means_what_it_means_to_sphinx(name: str, mode: int) -> None:
    ours, theirs = a_domain(extension("trees").QuickDomain), a_domain(python.PythonDomain)
    assert meant(ours, name, mode) == meant(theirs, name, mode)


def test_a_name_described_later_is_found() -> None:
    domain = a_domain(extension("trees").QuickDomain)
    assert meant(domain, "Graph") == []
    domain.data["objects"]["m.Graph"] = SimpleNamespace(objtype="class")
    assert meant(domain, "Graph") == ["m.Graph"]


def test_what_is_loaded_once_is_kept_by_its_names() -> None:
    asked = []

    def load(group: str, name: str, use_aliases: bool = False) -> str:
        asked.append(name)
        return f"{group} {name} {use_aliases}"

    kept = extension("trees").kept(load)
    first = kept("styles", "plain", use_aliases=True)
    assert [first, kept("styles", "plain", use_aliases=True)] == ["styles plain True"] * 2
    assert kept("styles", "plain") == "styles plain False"
    assert kept("styles", "alpha") == "styles alpha False"
    assert asked == ["plain", "plain", "alpha"]
