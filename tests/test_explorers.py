"""The maps to explore of the sections say what the sections' tables say, and show the atoms of the right crystals."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgcnn.data.crystals import Crystals
from cgcnn.figures.explorer import Explorer
from cgcnn.files.paths import project_root
from cgcnn.paper import explorers
from cgcnn.paper.section import Section
from tests.test_explorer import unpacked


@pytest.fixture
def section(tmp_path: Path) -> Section:
    """A section that has saved nothing."""
    return Section("mp_coordination", (), tmp_path, None)


def trait(explored: Explorer, label: str) -> list[object]:
    """Return the values of a trait."""
    (found,) = (each for each in explored.traits if each.label == label)
    return list(found.values)


def test_a_map_of_environments_has_the_places_and_the_values_of_its_table(section: Section, few: Crystals) -> None:
    table = pd.DataFrame(
        {
            "crystal": few.ids[:12],
            "site": np.arange(12) % 5,
            "x": np.arange(12.0),
            "y": np.arange(12.0)[::-1],
            few.quantity.column("local"): np.linspace(-1, 1, 12),
            "n_neighbors": np.arange(12) % 3,
            "unheard_of": 1,
        }
    )
    section.save(table, "figure_5_O")
    explored = explorers.environment_explorer(section, "figure_5_O", "Oxygen", few)
    assert explored.points.tolist() == table[["x", "y"]].to_numpy().tolist()
    assert [each.label for each in explored.traits] == ["local energy", "neighbors"]
    assert np.allclose(trait(explored, "local energy"), table[few.quantity.column("local")], atol=1e-6)  # type: ignore[arg-type]  # numbers
    assert explored.examples is not None
    assert list(explored.examples.crystals) == table["crystal"].tolist()
    assert unpacked(explored.html())["id"] == "explore-figure-5-O"


def test_an_element_shows_its_error_and_a_site_in_the_crystal_of_the_lowest_target(
    section: Section, few: Crystals
) -> None:
    symbols = few.symbols[:8]
    series = ["Alkali metals", "Poor metals", *["Transition metals"] * 6]
    groups = [1, 13, 3, 7, 8, 12, 9, 4]
    numbers = sorted(np.unique(few.atomic_numbers).tolist())[:8]
    table = {
        "element": symbols,
        "pc1": np.arange(8.0),
        "pc2": np.arange(8.0) ** 2,
        "atomic_number": numbers,
        "series": series,
    }
    section.save(pd.DataFrame({**table, "group": groups}), "figure_s4")
    errors = pd.DataFrame({"element": symbols[:7], "training_crystals": 5, few.quantity.with_unit("test_mae"): 0.125})
    section.save(errors, "errors_by_element")
    plane = explorers.element_explorer(section, "figure_s4", "Elements", few)
    on_table = explorers.element_explorer(section, "figure_s4", "Elements", few, table=True)
    (family,) = (each.data for each in plane.traits if each.label == "family")
    colors = dict(zip(family["kinds"], family["colors"], strict=True))
    assert [family["kinds"][value] for value in family["values"]] == [
        "alkali metals", "post-transition metals", *["d metals, groups 3 to 7"] * 2,
        *["d metals, groups 8 to 12"] * 3, "d metals, groups 3 to 7",
    ]  # fmt: skip
    assert colors["alkali metals"] == "#d55e00", "the color of the printed figure"
    assert plane.points.tolist() == [[number, number**2] for number in range(8)]
    assert len({tuple(point) for point in on_table.points}) == 8
    assert trait(plane, "test error")[:7] == [0.125] * 7
    assert np.isnan(trait(on_table, "test error")[7])  # type: ignore[call-overload]  # a number
    assert plane.examples is not None
    for number, symbol, crystal in zip(numbers, symbols, plane.examples.crystals, strict=True):
        holds = [place for place in range(len(few)) if number in few.atomic_numbers[few.sites(place)]]
        assert few.targets[few.ids.index(crystal)] == few.targets[holds].min()
        assert plane.names[symbols.index(symbol)] == symbol


def test_a_cell_of_fig_6_tells_its_numbers_and_shows_environments_of_its_own(section: Section, few: Crystals) -> None:
    sites = pd.DataFrame(
        {
            "crystal": [few.ids[0], few.ids[3], few.ids[1], few.ids[2], few.ids[1], few.ids[4]],
            "site": [0, 0, 1, 2, 3, 0],
            "element": ["Na", "Na", "O", "O", "O", "O"],
            "first_neighbor": ["O", "O", "Na", "Na", "Na", "O"],
        }
    )
    cells = pd.DataFrame(
        {
            "center": ["Na", "O"],
            "first_neighbor": ["O", "Na"],
            "n_environments": [1, 20],
            few.quantity.column("mean_local"): [-2.5, 0.5],
            few.quantity.with_unit("std_over_seeds"): [0.25, 0.125],
        }
    )
    section.save(cells, "figure_6")
    explored = explorers.pair_explorer(section, ["O", "Na"], sites, few)
    assert list(explored.names) == ["Na next to O", "O next to Na"]
    assert explored.points.tolist() == [[0, -1], [1, 0]]
    assert np.asarray(explored.pale).tolist() == [True, False]
    assert trait(explored, "mean local energy") == [-2.5, 0.5]
    assert trait(explored, "spread over the seeds") == [0.25, 0.125]
    assert trait(explored, "environments") == [1, 20]
    assert explored.examples is not None
    # All crystals have five sites, so that the first in the alphabet comes first. A pale cell shows one.
    assert list(explored.examples.crystals) == [min(few.ids[0], few.ids[3]), *sorted(few.ids[1:3])]
    assert explored.examples.points.tolist() == [0, 1, 1]


def test_the_first_page_shows_a_map_that_a_section_has() -> None:
    text = (project_root() / "book" / "index.md").read_text()
    ((section, name),) = re.findall(r"```{explorer} (\w+) ([\w-]+)", text)
    notebook = (project_root() / "book" / "sections" / f"{section}.ipynb").read_text()
    assert f'<div class=\\"explorer\\" id=\\"{name}\\">' in notebook


@pytest.mark.parametrize("name", ["boron_environments", "mp_coordination", "perovskite_elements"])
def test_the_maps_of_a_page_take_less_than_half_of_what_a_page_may_take(name: str) -> None:
    notebook = json.loads((project_root() / "book" / "sections" / f"{name}.ipynb").read_text())
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    blocks = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    maps = [block for block in blocks if block.startswith('<div class="explorer"')]
    assert maps
    assert sum(map(len, maps)) < 1_500_000
    assert len({unpacked(block)["id"] for block in maps}) == len(maps)
