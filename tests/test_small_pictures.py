"""Pictures and drawings of executed notebooks: small, with all pixels, in each published section."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from cgcnn.figures.drawings import as_svg
from cgcnn.files.paths import project_root
from cgcnn.paper.small_pictures import N_COLORS, small_png, small_svg, with_shared_paths, with_small_pictures

Image = pytest.importorskip("PIL.Image", reason="the extra 'paper' is not installed")
SECTIONS = sorted((project_root() / "book" / "sections").glob("*.ipynb"))


def drawn(n_marks: int, transparent: bool = False) -> bytes:
    figure = Figure(figsize=(4, 3), dpi=100)
    axes = figure.subplots()
    axes.scatter(np.linspace(0, 1, n_marks), np.linspace(0, 1, n_marks) ** 2, c=np.arange(n_marks))
    file = BytesIO()
    figure.savefig(file, format="png", transparent=transparent)
    return file.getvalue()


def pixels(picture: bytes) -> Any:
    return np.asarray(Image.open(BytesIO(picture)).convert("RGBA"), dtype=float)


def test_a_picture_keeps_its_size_and_looks_the_same_in_a_third_of_the_bytes() -> None:
    picture = drawn(200)
    small = small_png(picture)
    assert len(small) < 0.4 * len(picture)
    assert pixels(small).shape == pixels(picture).shape
    assert np.abs(pixels(small) - pixels(picture)).mean() < 0.5
    assert (pixels(small)[0, 0] == 255).all(), "white stays white"
    assert len(Image.open(BytesIO(small)).getcolors()) <= N_COLORS


def test_transparent_pixels_stay_transparent() -> None:
    picture = drawn(200, transparent=True)
    small = small_png(picture)
    assert len(small) < len(picture)
    assert (pixels(small)[0, 0] == pixels(picture)[0, 0]).all()
    of_pixel = [pixels(each)[..., :3] * pixels(each)[..., 3:] / 255 for each in (small, picture)]
    assert np.abs(of_pixel[0] - of_pixel[1]).mean() < 2


def test_a_drawing_keeps_its_texts_its_sizes_and_its_places_to_a_hundredth_of_a_point() -> None:
    drawing = (
        '<svg viewBox="0 0 100.123456 9"><use x="0.666666" y="-1"/>'
        '<g transform="translate(3.14159 2) scale(0.078125)"><text style="font-size: 7.123px">1.234567</text></g></svg>'
    )
    assert small_svg(drawing) == (
        '<svg viewBox="0 0 100.123456 9"><use x="0.67" y="-1"/>'
        '<g transform="translate(3.14 2) scale(0.078125)"><text style="font-size: 7.123px">1.234567</text></g></svg>'
    )


def test_a_path_goes_from_point_to_point_and_ends_where_it_ended() -> None:
    path = '<path d="M 12.345678 -0.001 \nL 7 8.5 \nC 7 9.25 8 9.5 9 9.5 \nz\nM 1 1 \nQ 2 2 3.333333 1 \n"/>'
    short = '<path d="m12.35 0l-5.35 8.5c0 0.75 1 1 2 1zm-11.35 1q1 1 2.33 0"/>'
    assert small_svg(path) == short
    assert small_svg(short) == short
    many = np.cumsum(np.full(1000, 0.123456))
    long = '<path d="M 0 0 \n' + "".join(f"L {x:.6f} {x:.6f} \n" for x in many) + '"/>'
    steps = re.findall(r"l(\S+) (?=\S)", small_svg(long))
    assert sum(map(float, steps)) == pytest.approx(many[-1], abs=0.006), "what is rounded does not add up"


def test_the_letters_of_a_text_with_a_halo_stand_in_the_drawing_once() -> None:
    halo, white = "stroke: #ffffff; stroke-width: 2", ' style="fill: #ffffff"'
    drawing = (
        f'<svg>\n  <path d="m1 1l2 2" style="{halo}"/>\n  <path d="m1 1l2 2"{white}/>\n  <path d="m1 1l2 3"/>\n</svg>'
    )
    small = with_shared_paths(drawing)
    name = re.findall(r'id="(\w+)"', small)[0]
    assert small == (
        f'<svg>\n<g style="{halo}"><path id="{name}" d="m1 1l2 2"/></g><use xlink:href="#{name}"{white}/>'
        '\n<path d="m1 1l2 3"/>\n</svg>'
    )
    assert with_shared_paths(small) == small


def test_pictures_in_a_drawing_become_small_too() -> None:
    figure = Figure()
    figure.subplots().scatter(np.arange(1000) % 37, np.arange(1000), c=np.arange(1000))
    drawing = as_svg(figure)
    assert "data:image/png;base64," in drawing
    assert len(small_svg(drawing)) < 0.6 * len(drawing)


def test_only_pictures_of_a_notebook_are_changed() -> None:
    table = {"output_type": "display_data", "data": {"text/html": "<b>1.234567</b>"}}
    shown = {"output_type": "display_data", "data": {"image/png": b64encode(drawn(200)).decode(), "text/plain": "F"}}
    cell = {"cell_type": "code", "source": "draw()", "metadata": {}, "outputs": [table, shown]}
    notebook = {"cells": [{"cell_type": "markdown", "source": "1.234567", "metadata": {}}, cell]}
    before = json.dumps(notebook)
    small = with_small_pictures(notebook)
    assert json.dumps(notebook) == before
    assert small["cells"][0] == notebook["cells"][0]
    kept, picture = small["cells"][1]["outputs"]
    assert kept == table
    assert picture["data"]["text/plain"] == "F"
    assert b64decode(picture["data"]["image/png"]) == small_png(drawn(200))


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: path.name)
def test_the_published_sections_hold_small_pictures(path: Path) -> None:
    notebook = json.loads(path.read_text())

    def pictures(of: dict[str, Any]) -> list[str]:
        outputs = [output for cell in of["cells"] for output in cell.get("outputs", [])]
        data = [output.get("data", {}) for output in outputs]
        return ["".join(each[kind]).strip() for each in data for kind in ("image/png", "image/svg+xml") if kind in each]

    assert pictures(notebook) == [picture.strip() for picture in pictures(with_small_pictures(notebook))]
