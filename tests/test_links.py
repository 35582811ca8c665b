"""Links into the code: every name and path in the pages, the notebooks and the docstrings leads somewhere."""

from __future__ import annotations

import json
import pkgutil
import re
from pathlib import Path

import pytest

import cgcnn
from cgcnn.files.paths import project_root

ROOT = project_root()
BOOK = ROOT / "book"
#: What a build leaves in ``book/_build`` is not among them.
PAGES = sorted([*BOOK.glob("*.md"), *BOOK.glob("api/*.md"), *ROOT.glob("notebooks/*.ipynb")])


def links(text: str) -> list[str]:
    """Return the targets of the role ``source``, with or without a text of their own."""
    return re.findall(r"\{source\}`(?:[^`<]*<)?([^`<>]+)>?`", text)


def prose(path: Path) -> str:
    """Return the text of a page, or of a notebook's cells of prose."""
    if path.suffix == ".md":
        return path.read_text()
    cells = json.loads(path.read_text())["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_names_code_or_a_file_that_exists(path: Path) -> None:
    for target in links(prose(path)):
        if target.startswith("cgcnn."):
            assert pkgutil.resolve_name(target) is not None
        else:
            assert (ROOT / target).exists(), f"{path.name}: {target}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_pages_link_the_package_by_name_and_never_by_line(path: Path) -> None:
    for target in links(prose(path)):
        assert not target.startswith("cgcnn/"), f"{path.name}: {target} has a name"
        assert "#L" not in target, f"{path.name}: {target}"


def test_the_package_s_page_lists_what_import_cgcnn_offers() -> None:
    page = prose(BOOK / "api" / "index.md")
    listed = dict(re.findall(r"^\| \{py:obj\}`cgcnn\.(\w+) <([\w.]+)>`", page, re.MULTILINE))
    assert sorted([*listed, "__version__"]) == sorted(cgcnn.__all__)
    for name, place in listed.items():
        assert pkgutil.resolve_name(place) is getattr(cgcnn, name), name


def test_every_wing_has_its_page() -> None:
    wings = {path.parent.name for path in (ROOT / "cgcnn").glob("*/__init__.py")}
    pages = {path.stem for path in (BOOK / "api").glob("*.md")} - {"index"}
    assert pages == wings
    for wing in wings:
        assert f".. wing:: cgcnn.{wing}\n" in (BOOK / "api" / f"{wing}.md").read_text()


def test_the_methods_link_every_step_to_its_code() -> None:
    named = {target for target in links(prose(BOOK / "methods.md")) if target.startswith("cgcnn.network.model.")}
    steps = {"gaussians", "Convolution", *(f"CrystalGraphNetwork.{m}" for m in ("local_energies", "forward"))}
    assert named >= {f"cgcnn.network.model.{step}" for step in steps}


def test_roles_in_docstrings_name_what_their_own_file_or_a_full_name_has() -> None:
    found = 0
    for path in sorted((ROOT / "cgcnn").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for kind, name in re.findall(r":(class|func|meth|data|mod|attr|exc):`~?([\w.]+)`", path.read_text()):
            found += 1
            full = name if name.startswith("cgcnn.") else f"{module}.{name}"
            assert pkgutil.resolve_name(full) is not None, f"{module}: {kind} {name}"
    assert found > 20
