"""The figures of an executed notebook are found by their names, with the file that the book gives each."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from cgcnn.errors import DataError
from cgcnn.files.paths import project_root
from cgcnn.paper.notebook_figures import ShownFigure, shown_figures, shown_html
from cgcnn.paper.records import read_record
from tests.test_pages import code

PICTURE = {"output_type": "display_data", "data": {"image/png": b64encode(b"pixels").decode(), "text/plain": "F"}}
DRAWN = {"output_type": "display_data", "data": {**PICTURE["data"], "image/svg+xml": ["<svg>", "</svg>"]}}  # type: ignore[dict-item]  # a literal of two kinds of values
HTML = {"output_type": "display_data", "data": {"text/html": ['<div id="b">', "map</div>"]}}


def test_a_figure_has_its_picture_its_drawing_and_its_text_by_its_name() -> None:
    named = {"figure": {"name": "fig-3b", "caption": "c"}, "image": {"alt": "dots"}}
    cells = [code("draw()", PICTURE), code("draw()", HTML, DRAWN, PICTURE, mystnb=named)]
    assert shown_figures({"cells": cells}) == {"fig-3b": ShownFigure(b"pixels", "<svg></svg>", "dots")}
    assert shown_figures({"cells": [code("draw()", HTML, mystnb=named)]}) == {}


def test_the_file_of_a_picture_is_named_by_the_digest_of_its_bytes() -> None:
    # sha256 of the empty text, as the standard publishes it.
    assert ShownFigure(b"").file == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.png"


def test_html_is_found_by_how_it_begins() -> None:
    notebook = {"cells": [code("table"), code("explore()", PICTURE, HTML)]}
    assert shown_html(notebook, '<div id="b"') == '<div id="b">map</div>'
    with pytest.raises(LookupError, match="map"):
        shown_html(notebook, "map")


def test_a_record_is_read_by_its_name_or_from_another_file(tmp_path: Path) -> None:
    theirs = json.loads((project_root() / "benchmarks" / "results.json").read_text())
    assert read_record("results") == theirs
    (tmp_path / "mine.json").write_text('{"machine": 1}')
    assert read_record("results", tmp_path / "mine.json") == {"machine": 1}
    with pytest.raises(DataError, match=r"no_such\.json: not there"):
        read_record("no_such")
