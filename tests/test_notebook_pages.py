"""Executed notebooks as pages: the parameters of the run, folded and named code, and files to take along."""

from __future__ import annotations

import importlib.util
import json
import re
from base64 import b64encode
from hashlib import sha256
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from cgcnn.files.paths import project_root
from tests.test_pages import code, text

pytest.importorskip("sphinx", reason="the extra 'book' is not installed")

ROOT = project_root()
SECTIONS = sorted((ROOT / "book" / "sections").glob("*.ipynb"))
PICTURE = {"output_type": "display_data", "data": {"image/png": b64encode(b"pixels").decode(), "text/plain": "F"}}
TABLE = {"output_type": "display_data", "data": {"text/html": "<table></table>"}}
LOG = {"output_type": "stream", "text": "found a run"}
KEPT = {"output_type": "display_data", "data": {"text/plain": "1"}, "metadata": {"scrapbook": {"name": "n"}}}


def extension(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "book" / "_ext" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(cells: list[dict[str, Any]], *tables: str) -> list[dict[str, Any]]:
    page: dict[str, Any] = extension("notebook_pages").as_page({"cells": cells}, "my_section", tables)
    found: list[dict[str, Any]] = page["cells"]
    return found


def prompts(cells: list[dict[str, Any]]) -> list[str]:
    return [cell["metadata"]["mystnb"]["code_prompt_show"] for cell in cells if cell["cell_type"] == "code"]


def figure(source: str, name: str, caption: str, **data: str) -> dict[str, Any]:
    output = {**PICTURE, "data": {**PICTURE["data"], **data}}  # type: ignore[dict-item]  # a literal of two kinds of values
    return code(source, output, mystnb={"figure": {"name": name, "caption": caption}})


def test_one_table_has_name_value_and_default_of_each_parameter_and_what_the_recipe_decided() -> None:
    given = [
        text("The cell below holds every parameter. Some are numbers."),
        code('dataset = "perovskites-embedded"\nepochs = None\nn_seeds = 3', tags=("parameters",)),
        code('# Parameters\ndataset = "perovskites"\nn_seeds = 5', tags=("injected-parameters",)),
    ]
    above, table, _ = shown(given)
    assert above["source"] == "The table below holds every parameter. Some are numbers."
    assert "| `dataset` | `'perovskites'` | `'perovskites-embedded'` |" in table["source"]
    assert "| `epochs` | `120`, by the recipe | `None` |" in table["source"]
    assert "| `n_seeds` | `5` | `3` |" in table["source"]


def test_code_is_folded_under_a_bar_that_says_what_it_is_for() -> None:
    cells = [
        figure("draw()", "fig-3b", "Fig. 3(b) of the paper: vectors."),
        text("Between."),
        figure("draw_more()", "fig-more", "Training: a curve."),
        text("Between."),
        code("table", TABLE),
        text("Between."),
        code("train()", LOG, tags=("scroll-output", "hide-output")),
    ]
    found = shown(cells)
    assert prompts(found) == [
        "Code: draw Fig. 3(b)", "Code: draw this figure", "Code: make this table",
        "Code and log: find or train the networks",
    ]  # fmt: skip
    tags = [cell["metadata"]["tags"] for cell in found if cell["cell_type"] == "code"]
    assert tags == [["hide-input"], ["hide-input"], ["hide-input"], ["scroll-output", "hide-cell"]]


def test_code_that_shows_nothing_is_joined_to_what_follows_and_keeps_its_values_for_the_text() -> None:
    cells = [code("import a", KEPT), code("b = 1"), code("table", TABLE), code("glue()", tags=("remove-cell",))]
    joined, removed, _ = shown(cells)
    assert joined["source"] == "import a\n\nb = 1\n\ntable"
    assert joined["outputs"] == [KEPT, TABLE]
    assert removed["metadata"]["tags"] == ["remove-cell"]


def test_an_empty_text_is_not_shown() -> None:
    empty = {"output_type": "execute_result", "data": {"text/markdown": "", "text/plain": "<Markdown object>"}}
    (joined, _) = shown([code("Markdown(text)", empty), code("table", TABLE)])
    assert joined["outputs"] == [TABLE]


def test_a_figure_leads_to_its_picture_its_drawing_and_its_tables() -> None:
    draw = figure(
        'section.save(table, f"figure_5_{anion}")\ndraw()', "fig-5", "Fig. 5: oxygen.", **{"image/svg+xml": "<svg/>"}
    )
    drawn, links, _ = shown([draw], "figure_5_O", "figure_5_S", "figure_6")
    digest = sha256(b"pixels").hexdigest()
    assert re.findall(r'href="([^"]+)"', links["source"]) == [
        f"../_images/{digest}.png", "../figures/my_section/fig-5.svg", "../results/my_section/figure_5_O.csv",
        "../results/my_section/figure_5_S.csv",
    ]  # fmt: skip
    assert list(drawn["outputs"][0]["data"]) == ["image/png", "text/plain"], "the page shows the picture"
    assert extension("notebook_pages").figures_as_svg({"cells": [draw]}) == {"fig-5": "<svg/>"}
    (smaller,) = extension("notebook_pages").without_copies({"cells": [draw]})["cells"]
    assert list(smaller["outputs"][0]["data"]) == ["image/png", "text/plain"]


def test_a_downloaded_notebook_says_where_the_map_to_explore_is_and_keeps_its_tables() -> None:
    explored = {"output_type": "display_data", "data": {"text/html": ['<div class="explorer" id="m">', "data</div>"]}}
    notebook = {"cells": [code("explore()", explored), code("table", TABLE)]}
    before = json.dumps(notebook)
    smaller = extension("notebook_pages").without_copies(notebook)
    assert json.dumps(notebook) == before
    shown_map, table = (cell["outputs"][0]["data"]["text/html"] for cell in smaller["cells"])
    assert shown_map == "<p>The page in the book has a map to explore here.</p>"
    assert table == "<table></table>"


def test_pages_and_downloads_leave_out_names_of_cells_that_no_style_asks_for() -> None:
    styler = pd.DataFrame({"a": [1]}, index=["one"]).style.set_uuid("it")
    plain = {"output_type": "display_data", "data": {"text/html": styler.to_html().splitlines(keepends=True)}}
    red = styler.map(lambda _: "color: red").to_html()
    colored = {"output_type": "display_data", "data": {"text/html": red}}
    notebook = {"cells": [code("table", plain), code("table", colored)], "metadata": {}}
    for changed in (
        extension("notebook_pages").without_copies(notebook)["cells"],
        extension("notebook_pages").as_page(notebook, "section", [])["cells"],
    ):
        shown_plain, shown_colored = (cell["outputs"][0]["data"]["text/html"] for cell in changed[:2])
        assert 'id="T_it_row0_col0"' not in shown_plain
        assert 'class="data row0 col0"' in shown_plain
        assert 'id="T_it"' in shown_plain
        assert shown_colored == red


def test_a_download_has_the_text_of_a_small_picture_in_a_table() -> None:
    table = '<table><tr><td><img src="data:image/png;base64,AAAA" alt="Fig. 4" width="9"></td></tr></table>'
    notebook = {"cells": [code("table", {"output_type": "display_data", "data": {"text/html": table}})]}
    (cell,) = extension("notebook_pages").without_copies(notebook)["cells"]
    assert cell["outputs"][0]["data"]["text/html"] == "<table><tr><td>Fig. 4</td></tr></table>"


def test_a_table_saved_by_the_code_before_a_figure_is_that_of_the_figure() -> None:
    cells = [code('section.save(a, "earlier")', TABLE), text("New."), code('section.save(b, "networks")', TABLE)]
    *_, links, _ = shown([*cells, figure("draw(b)", "fig", "Networks.")], "earlier", "networks")
    assert "networks.csv" in links["source"]
    assert "earlier.csv" not in links["source"]


@pytest.mark.parametrize("path", SECTIONS, ids=lambda path: path.name)
def test_every_published_page_offers_all_its_tables_and_shows_no_open_code(path: Any) -> None:
    tables = sorted(file.stem for file in (ROOT / "book" / "results" / path.stem).glob("*.csv"))
    notebook = json.loads(path.read_text())
    before = json.dumps(notebook)
    page = extension("notebook_pages").as_page(notebook, path.stem, tables)
    assert json.dumps(notebook) == before
    for cell in page["cells"]:
        if cell["cell_type"] == "code":
            assert {"remove-cell", "remove-input", "hide-input", "hide-cell"} & set(cell["metadata"]["tags"])
    last = page["cells"][-1]["source"]
    assert re.findall(r'href="\.\./results/\w+/(\w+)\.csv"', last) == tables
    assert f"papermill notebooks/{path.stem}.ipynb" in last
