"""A map to explore holds what it was given, on a page that needs no other file and that no name can break."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cgcnn.data.crystals import ELEMENT_SYMBOLS, Crystals
from cgcnn.data.neighborhoods import neighborhoods
from cgcnn.figures.explorer import GRAY, Examples, Explorer, Trait, asset

_HOSTILE = '</script><img src=x onerror="alert(1)"> & \u2028'


@pytest.fixture(scope="module")
def drawn(few: Crystals) -> Explorer:
    """A map of four points, of which the second shows two environments and the last none."""
    sites = pd.DataFrame({"crystal": [few.ids[place] for place in (0, 3, 3, 7)], "site": [1, 0, 4, 2]})
    names = ["first", _HOSTILE, "third", "last"]
    examples = Examples(
        np.array([0, 1, 1, 2]), ["a", _HOSTILE, "c", "d"], list(sites["crystal"]), neighborhoods(few, sites)
    )
    traits = [
        Trait("local energy", [-1.23456, 0.5, float("nan"), 3.0], "eV", centered=True, ends=(0, 1)),
        Trait("region", ["layered", "amorphous", "amorphous", _HOSTILE]),
    ]
    return Explorer("tiny", f"Tiny {_HOSTILE}", np.array([[0.0, 0], [2, 0], [2, 1], [0, 1]]), names, traits, examples)


def unpacked(html: str) -> dict[str, Any]:
    """Return the data of the only map in a text of HTML."""
    (packed,) = re.findall(r'<script type="application/octet-stream">([A-Za-z0-9+/=]+)</script>', html)
    data: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(packed)))
    return data


def test_a_page_gives_back_the_points_the_names_and_the_traits(drawn: Explorer) -> None:
    data = unpacked(drawn.page())
    assert (data["x"], data["y"], data["size"]) == ([0, 1000, 1000, 0], [500, 500, 0, 0], [1000, 500])
    assert data["names"] == list(drawn.names)
    energy, region = data["traits"]
    assert (energy["values"], energy["unit"]) == ([-1.235, 0.5, None, 3.0], "eV")
    assert (energy["low"], energy["high"]) == (-3.0, 3.0)
    assert [region["kinds"][value] for value in region["values"]] == ["layered", "amorphous", "amorphous", _HOSTILE]
    assert len(region["kinds"]) == len(set(region["colors"])) == 3


def test_the_atoms_of_a_page_are_those_of_the_neighborhoods_to_a_hundredth_of_an_angstrom(drawn: Explorer) -> None:
    atoms, given = unpacked(drawn.html())["atoms"], drawn.examples
    assert given is not None
    assert atoms["of_point"] == [0, 1, 3, 4, 4]
    assert atoms["first"] == given.atoms.offsets.tolist()
    assert np.allclose(np.array(atoms["places"]).reshape(-1, 3) / 100, given.atoms.vectors, atol=0.0051)
    assert np.allclose(np.array(atoms["nearest"]) / 100, given.atoms.nearest, atol=0.0051)
    symbols = [atoms["symbols"][number] for number in atoms["elements"]]
    assert symbols == ELEMENT_SYMBOLS[given.atoms.atomic_numbers].tolist()


def test_no_name_ends_the_block_or_becomes_a_tag_of_the_page(drawn: Explorer) -> None:
    page = drawn.page()
    # The tags of the page: styles, two scripts that run and one block of data.
    assert len(re.findall(r"<script[ >]", page.replace(asset("3Dmol-min.js"), ""))) == 3
    assert page.count("</script>") == 3
    assert "<img" not in page.replace(asset("3Dmol-min.js"), "")


def test_a_page_asks_nothing_of_another_host_and_needs_no_other_file(drawn: Explorer) -> None:
    page = drawn.page().replace(asset("3Dmol-min.js"), "")
    assert re.findall(r'\s(?:src|href)="[^"]*"', page) == []
    assert "url(" not in page
    assert "@import" not in page


def test_no_script_of_a_page_ends_itself_early() -> None:
    for name in ("3Dmol-min.js", "explore.js"):
        assert "</script" not in asset(name).lower()
        assert "<!--" not in asset(name)
    assert "-->" not in asset("3Dmol-LICENSE.txt")


def test_a_browser_that_runs_no_script_shows_every_point_in_the_color_of_the_first_trait(drawn: Explorer) -> None:
    (still,) = re.findall(r"<noscript>(.*?)</noscript>", drawn.html())
    paths = dict(re.findall(r'<path d="([^"]+)" stroke="(#[0-9a-f]{6})"/>', still))
    assert sum(path.count("h0") for path in paths) == 4
    assert paths["M1000 0h0"] == GRAY
    assert len(set(paths.values())) == 4


def test_the_same_map_gives_the_same_block(drawn: Explorer) -> None:
    assert drawn.html() == drawn.html()


def test_a_thousand_environments_take_less_than_half_a_megabyte(few: Crystals) -> None:
    sites = pd.DataFrame({"crystal": np.repeat(few.ids[:200], 5), "site": np.tile(np.arange(5), 200)})
    names = [f"site {site} of {crystal}" for crystal, site in sites.itertuples(index=False)]
    examples = Examples(np.arange(1000), names, list(sites["crystal"]), neighborhoods(few, sites))
    places = np.random.default_rng(0).random((1000, 2))
    drawn = Explorer("many", "Many", places, names, [Trait("x", places[:, 0])], examples)
    assert len(drawn.html()) < 500_000
    assert len(drawn.page()) - len(drawn.html()) < 600_000


def test_the_script_of_the_explorer_stays_small() -> None:
    lines = asset("explore.js").splitlines()
    assert len(lines) < 300
    assert max(map(len, lines)) <= 120
