"""The book's own Sphinx extensions, each on a book of one page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cgcnn.files.paths import project_root

pytest.importorskip("sphinx", reason="the extra 'book' is not installed")

SETTINGS = """
import sys
sys.path[:0] = [{extensions!r}, {here!r}]
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode", "source_links", "api_pages"]
html_theme = "basic"
napoleon_numpy_docstring = False
"""
WING = '''"""A wing.

=========  ==============
file       what it is for
=========  ==============
``loops``  loops
=========  ==============
"""
'''
LOOPS = '''"""Loops over sites."""
from dataclasses import dataclass, field
from numba import njit

#: Sites that count: those of the first crystal.
FIRST = 3


@dataclass
class Sites:
    """Sites of a crystal."""

    names: list[str] = field(default_factory=list)


@njit
def energies(sites):
    """Compute energies.

    Returns:
        One row per site: its energy.
    """
    return sites
'''


def build(folder: Path, page: str) -> subprocess.CompletedProcess[str]:
    """Build a book of one page, strictly."""
    (folder / "conf.py").write_text(SETTINGS.format(extensions=str(project_root() / "book" / "_ext"), here=str(folder)))
    (folder / "index.rst").write_text(f"Page\n====\n{page}\n")
    command = [sys.executable, "-m", "sphinx", "-q", "-n", "-W", "-b", "html", str(folder), str(folder / "html")]
    return subprocess.run(command, capture_output=True, text=True, cwd=project_root(), check=False)


ERRORS = """:source:`{target}`

.. automodule:: cgcnn.errors
   :members:
"""


def test_a_name_leads_to_its_lines_in_the_book_itself(tmp_path: Path) -> None:
    built = build(tmp_path, ERRORS.format(target="cgcnn.errors.DataError"))
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "html" / "index.html").read_text()
    assert re.search(r'href="_modules/cgcnn/errors.html#DataError"[^>]*><code[^>]*><span[^>]*>DataError<', page)
    assert 'id="DataError"' in (tmp_path / "html" / "_modules" / "cgcnn" / "errors.html").read_text()


@pytest.mark.parametrize("target", ["cgcnn.errors.NoSuchError", "cgcnn.network.model.gaussians", "no/such/file.md"])
def test_what_the_book_does_not_have_fails_the_build(tmp_path: Path, target: str) -> None:
    built = build(tmp_path, ERRORS.format(target=target))
    assert built.returncode != 0
    assert target in built.stderr


@pytest.fixture
def wing(tmp_path: Path) -> Path:
    """A wing of one file, beside the page."""
    (tmp_path / "wing").mkdir()
    (tmp_path / "wing" / "__init__.py").write_text(WING)
    (tmp_path / "wing" / "loops.py").write_text(LOOPS)
    return tmp_path / "wing"


def test_a_wing_s_page_has_its_table_with_links_and_every_file_s_public_names(wing: Path) -> None:
    built = build(wing.parent, ".. wing:: wing")
    assert built.returncode == 0, built.stderr
    page = (wing.parent / "html" / "index.html").read_text()
    assert 'href="#module-wing.loops"' in page
    assert 'id="file-loops"' in page
    for name in ("FIRST", "Sites", "energies"):
        assert f'id="wing.loops.{name}"' in page
    assert 'href="_modules/wing/loops.html#energies"' in page, "compiled functions have a link to their source too"


def test_what_precedes_a_colon_is_not_taken_for_a_type(wing: Path) -> None:
    build(wing.parent, ".. wing:: wing")
    text = re.sub(r"<[^>]+>", "", (wing.parent / "html" / "index.html").read_text())
    assert "One row per site: its energy." in text
    assert "Sites that count: those of the first crystal." in text
    assert "Return type" not in text
    assert "factory" not in text, "Sphinx cannot parse what a dataclass says of a default"


def test_a_file_that_the_wing_s_table_lacks_fails_the_build(wing: Path) -> None:
    (wing / "stray.py").write_text('"""Not in the table."""')
    built = build(wing.parent, ".. wing:: wing")
    assert built.returncode != 0
    assert "the table in wing lacks stray" in built.stderr
