"""Every map to explore answers pointer and keyboard, shows its atoms and can be taken along, without a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
    first = held["structures"][0]
    assert first["size"] == len(first["names"]) == len(first["x"])
    assert (first["x"][0], first["y"][0], first["z"][0]) == (0, 0, 0)
