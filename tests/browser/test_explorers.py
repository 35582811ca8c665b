"""Every map to explore answers pointer and keyboard, shows its atoms and can be taken along, without a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cgcnn.__main__ import main
from cgcnn.data.crystals import Crystals
from tests.browser.conftest import BUILT, Opened

#: The pages that have maps to explore, and how many.
PAGES = {
    "index.html": 1,
    "sections/boron_environments.html": 1,
    "sections/mp_coordination.html": 5,
    "sections/perovskite_elements.html": 2,
}

pytestmark = pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason=f"no book is built in {BUILT}")


def said(explorer: Any) -> str:
    return str(explorer.locator(".explorer-text").inner_text())


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_map_answers_the_pointer_and_the_arrow_keys_and_says_what_is_chosen(
    name: str, open_page: Callable[[str], Opened]
) -> None:
    opened = open_page(name)
    page = opened.page
    page.wait_for_selector(".explorer[data-ready=true]")
    assert page.evaluate("() => typeof $3Dmol") == "undefined"  # it is loaded by the first touch
    explorers = page.locator(".explorer[data-ready=true]").all()
    assert len(explorers) == PAGES[name]
    for explorer in explorers:
        canvas = explorer.locator("canvas").first
        canvas.scroll_into_view_if_needed()
        canvas.focus()
        page.keyboard.press("ArrowRight")
        first = said(explorer)
        assert "atoms within 4 Å" in first
        assert explorer.locator(".explorer-text").get_attribute("aria-live") == "polite"
        found = {first}
        for key in ("ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"):
            page.keyboard.press(key)
            found.add(said(explorer))
        assert len(found) > 1
        box = canvas.bounding_box()
        for share in (0.3, 0.5, 0.7):  # one of these places has a point
            canvas.click(position={"x": box["width"] * share, "y": box["height"] * 0.5})
            found.add(said(explorer))
        assert len(found) > 2
    assert opened.complaints == []


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("name", ["sections/boron_environments.html", "sections/perovskite_elements.html"])
def test_a_map_keeps_its_size_when_a_point_is_chosen(width: int, name: str, open_page: Callable[[str], Opened]) -> None:
    page = open_page(name).page
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_selector(".explorer[data-ready=true]")
    for explorer in page.locator(".explorer[data-ready=true]").all():
        canvas = explorer.locator("canvas").first
        before = canvas.bounding_box()
        canvas.focus()
        page.keyboard.press("ArrowRight")
        explorer.locator(".explorer-view[data-shown]").wait_for()
        after = canvas.bounding_box()
        assert (after["width"], after["height"]) == (before["width"], before["height"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_map_has_the_colors_of_the_printed_figures_on_light_and_on_dark_pages(
    scheme: str, open_page: Callable[[str], Opened]
) -> None:
    page = open_page("sections/boron_environments.html").page
    page.wait_for_selector(".explorer[data-ready=true]")
    page.evaluate(f"() => document.documentElement.setAttribute('data-theme', '{scheme}')")
    shown = ("figure img", ".explorer canvas", ".explorer-bar")
    filters = {page.locator(each).first.evaluate("each => getComputedStyle(each).filter") for each in shown}
    assert len(filters) == 1
    assert (filters == {"none"}) == (scheme == "light")


NO_WEBGL = """const get = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.includes("webgl") ? null : get.call(this, kind, ...more);
};"""


def test_a_browser_without_webgl_says_so_and_keeps_the_text(open_page: Callable[[str], Opened]) -> None:
    opened = open_page("index.html")
    page = opened.page
    page.add_init_script(NO_WEBGL)
    page.reload()
    explorer = page.locator(".explorer[data-ready=true]").first
    explorer.locator("canvas").first.focus()
    for key in ("ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        explorer.get_by_text("The atoms cannot be drawn here (this browser has no WebGL)").wait_for()
        assert "atoms within 4 Å" in said(explorer)
        assert "local energy" in said(explorer)
        assert not explorer.locator(".explorer-view").is_visible()
    assert opened.complaints == []


@pytest.mark.slow
def test_a_page_of_a_folder_s_crystals_answers_from_its_own_file(
    browser: Any, run_file: str, few: Crystals, tmp_path: Path
) -> None:
    folder, written = tmp_path / "cells", tmp_path / "map.html"
    folder.mkdir()
    for crystal in range(12):
        few.structure(crystal).to(filename=str(folder / f"m{crystal}.cif"))
    assert main(["map", run_file, str(folder), "--html", str(written)]) == 0
    context = browser.new_context(viewport={"width": 360, "height": 800}, offline=True)
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None)
    page.goto(written.as_uri())
    explorer = page.locator(".explorer[data-ready=true]")
    explorer.locator("canvas").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".explorer-view[data-shown]")
    assert "atoms within 4 Å" in said(explorer)
    assert any(f"m{crystal}.cif" in said(explorer) for crystal in range(12))
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert complaints == []
    context.close()


@pytest.mark.slow
def test_a_map_is_downloaded_as_what_chemiscope_reads(open_page: Callable[[str], Opened], tmp_path: Path) -> None:
    page = open_page("index.html").page
    page.wait_for_selector(".explorer[data-ready=true]")
    with page.expect_download() as waiting:
        page.get_by_text("Download for chemiscope").click()
    waiting.value.save_as(tmp_path / "map.json")
    held = json.loads((tmp_path / "map.json").read_text())
    n = len(held["environments"])
    assert n == len(held["structures"]) > 100
    assert all(each["center"] == 0 for each in held["environments"])
    assert all(len(each["values"]) == n for each in held["properties"].values())
    # The colors end where those of the map end. Otherwise one environment of high energy makes all others one color.
    color = held["settings"]["map"]["color"]
    energies = held["properties"][color["property"]]["values"]
    assert (color["property"], color["max"] < max(energies) / 10) == ("local energy", True)
    assert color["palette"] == "viridis"
    # chemiscope refuses a property of texts with more kinds, and properties with missing values.
    texts = [each["values"] for each in held["properties"].values() if isinstance(each["values"][0], str)]
    assert texts
    assert all(len(set(values)) <= 20 for values in texts)
    assert held["settings"]["map"]["symbol"] == ""  # the first property is a number
    assert "units" not in held["properties"]["map 1"]
    first = held["structures"][0]
    assert first["size"] == len(first["names"]) == len(first["x"])
    assert (first["x"][0], first["y"][0], first["z"][0]) == (0, 0, 0)
