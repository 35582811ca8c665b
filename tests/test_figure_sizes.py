"""Pictures of figures are as large on a page as they were drawn, and wide ones can be moved on a phone."""

from __future__ import annotations

import io
import re

import pytest
from matplotlib.figure import Figure

from tests.test_notebook_pages import extension

pytest.importorskip("sphinx", reason="the extra 'book' is not installed")

PAGE = '<figure class="a" id="f">\n<img alt="Dots." src="../_images/a.png" />\n</figure><img src="../_images/a.png" />'


def test_the_width_of_a_picture_is_read_from_its_file() -> None:
    file = io.BytesIO()
    Figure(figsize=(3, 2)).savefig(file, dpi=100)
    assert extension("figure_sizes").width_of(file.getvalue()) == 300
    assert extension("figure_sizes").width_of(b"<svg/>") is None


def test_a_narrow_picture_of_a_figure_has_its_size_and_a_wide_one_can_be_moved() -> None:
    narrow, wide = (extension("figure_sizes").with_sizes(PAGE, {"a.png": dots}) for dots in (720, 1440))
    assert '<img style="width: 400px" alt="Dots." src="../_images/a.png" />' in narrow
    assert (
        '<div class="moved" tabindex="0"><img class="wide" style="width: 800px; --on-phone: 600px" alt="Dots."' in wide
    )
    assert narrow.endswith('<img src="../_images/a.png" />')
    assert wide.endswith('<img src="../_images/a.png" />')


def test_a_picture_of_an_unknown_size_stays() -> None:
    assert extension("figure_sizes").with_sizes(PAGE, {"b.png": 900}) == PAGE


@pytest.mark.parametrize("dots", [400, 749, 750, 900, 1420])
def test_the_smallest_letters_of_a_figure_are_eight_pixels_high_on_a_phone(dots: int) -> None:
    """The smallest letters of the book's style have seven points at 200 dots per inch."""
    letters, sizes = 7 / 72 * 200, extension("figure_sizes")
    shown = re.search(r"--on-phone: (\d+)px", sizes.with_sizes(PAGE, {"a.png": dots}))
    width = int(shown[1]) if shown else min(sizes.PHONE, dots / sizes.DOTS_PER_PIXEL)
    assert letters * width / dots > 8
