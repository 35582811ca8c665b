"""Pictures of figures are as large on a page as they were drawn, and wide ones can be moved on a phone."""

from __future__ import annotations

import io

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
    narrow, wide = (extension("figure_sizes").with_sizes(PAGE, {"a.png": dots}) for dots in (900, 1420))
    assert '<img style="width: 500px" alt="Dots." src="../_images/a.png" />' in narrow
    assert '<div class="moved" tabindex="0"><img class="wide" alt="Dots." src="../_images/a.png" /></div>' in wide
    assert narrow.endswith('<img src="../_images/a.png" />')
    assert wide.endswith('<img src="../_images/a.png" />')


def test_a_picture_of_an_unknown_size_stays() -> None:
    assert extension("figure_sizes").with_sizes(PAGE, {"b.png": 900}) == PAGE
