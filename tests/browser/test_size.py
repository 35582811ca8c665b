"""The built book is light, part by part and page by page, and a build takes little work."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from cgcnn.files.paths import project_root
from tests.browser.conftest import BUILT

MEGABYTE = 1_000_000
#: What each part of the site may take, in megabytes: a tenth to a third above what it took when this was written.
LARGEST = {
    "_images": 3.8,
    "_modules": 4.5,
    "_sources": 6.5,
    "_static": 3.8,
    "api": 3.5,
    "figures": 4.8,
    "results": 3.0,
    "sections": 4.0,
}
LARGEST_SITE, LARGEST_PAGE = 30, 3
#: The work of all processes that make the book, in seconds of a processor. It was 24 when this was written.
MOST_WORK = 40

pytestmark = pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason=f"no book is built in {BUILT}")


def size(path: Path) -> float:
    """Return the size of a file, or of all files in a folder, in megabytes."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / MEGABYTE


def test_the_whole_book_takes_no_more_than_thirty_megabytes() -> None:
    assert size(BUILT) <= LARGEST_SITE


@pytest.mark.parametrize("part", LARGEST)
def test_no_part_of_the_book_outgrows_the_others(part: str) -> None:
    assert 0 < size(BUILT / part) <= LARGEST[part]


def test_every_page_is_light_with_its_own_data() -> None:
    pages = [*BUILT.glob("*.html"), *BUILT.glob("[a-z]*/*.html")]
    assert len(pages) > 30
    assert {path.name: size(path) for path in pages if size(path) > LARGEST_PAGE} == {}


def test_no_page_loads_the_theme_s_script_of_all_icons() -> None:
    for path in [*BUILT.glob("*.html"), *BUILT.glob("[a-z]*/*.html")]:
        assert "fontawesome.js" not in path.read_text(), path.name
    assert not list(BUILT.rglob("fontawesome*"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="counts the seconds of a processor as Unix does")
def test_a_build_takes_little_work(tmp_path: Path) -> None:
    builder = Path(sys.executable).with_name("jupyter-book")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    options = ["--path-output", str(tmp_path), "-n", "-W", "--keep-going", "-qq"]
    subprocess.run([str(builder), "build", str(project_root() / "book"), *options], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) <= MOST_WORK
    assert (tmp_path / "_build" / "html" / "index.html").is_file()
