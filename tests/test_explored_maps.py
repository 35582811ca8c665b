"""Finished maps as pages to explore: by the commands map and locate, for a reader's own crystals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.__main__ import main
from cgcnn.analysis.environment_map import draw
from cgcnn.analysis.explored_maps import explore_located, explore_map, site_examples
from cgcnn.analysis.locate import locate
from cgcnn.data.crystals import Crystals, pack
from cgcnn.data.neighborhoods import neighborhoods
from cgcnn.training.store import load_run
from tests.test_explorer import unpacked


@pytest.fixture(scope="module")
def folder(few: Crystals, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with twelve crystals, of which one has a name that would break a careless page."""
    cells = tmp_path_factory.mktemp("cells")
    for crystal in range(12):
        few.structure(crystal).to(filename=str(cells / f"m{crystal}.cif"))
    (cells / "m0.cif").rename(cells / "<script>alert(1)<.cif")
    return cells


def test_map_and_locate_write_pages_that_hold_all_sites_with_their_atoms(
    run_file: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, on = tmp_path / "map.html", tmp_path / "map.safetensors"
    assert main(["map", run_file, str(folder), "--html", str(page), "--output", str(on)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [str(on), str(page)]
    data = unpacked(page.read_text())
    assert any("<script>alert(1)<" in name for name in data["names"])
    assert "<script>alert" not in page.read_text()
    assert np.diff(data["atoms"]["of_point"]).tolist() == [1] * len(data["x"])
    new, located = str(folder / "m3.cif"), tmp_path / "located.html"
    assert main(["locate", new, "--on", str(on), "--run", run_file, "--html", str(located)]) == 0
    data = unpacked(located.read_text())
    n_new = len(data["rings"])
    assert data["rings"] == list(range(n_new))
    assert all(name.endswith(new) for name in data["names"][:n_new])
    # The map was drawn from files, which are not looked for: only the new sites show their atoms.
    assert np.diff(data["atoms"]["of_point"]).tolist() == [1] * n_new + [0] * (len(data["x"]) - n_new)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_page_with_another_ending_or_no_file_at_all_is_refused_before_anything_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["map", "nothing", "--html", str(tmp_path / "map.png")]) == 2
    assert "the ending '.png' is not known; end the name with .html" in capsys.readouterr().err
    assert main(["map", "nothing"]) == 2
    assert "no file is named; name one with --output or --html" in capsys.readouterr().err


@pytest.mark.parametrize("level", ["environments", "crystals", "elements"])
def test_each_point_shows_the_atoms_of_its_own_site(run_file: str, few: Crystals, level: str) -> None:
    crystals = few.select(np.arange(30))
    drawn = draw(load_run(run_file), crystals, level)  # type: ignore[arg-type]  # one of the levels
    explored = explore_map(drawn, crystals)
    examples = explored.examples
    assert examples is not None
    assert examples.points.tolist() == list(range(len(drawn.table)))
    starts = examples.atoms.offsets[:-1]
    for point, row in enumerate(drawn.table.to_dict("records")):
        structure = crystals.structure(crystals.ids.index(examples.crystals[point]))
        center = int(examples.atoms.atomic_numbers[starts[point]])
        if level == "environments":
            site = pd.DataFrame({"crystal": [row["crystal"]], "site": [row["site"]]})
            atoms = slice(*examples.atoms.offsets[point : point + 2])
            assert np.array_equal(examples.atoms.vectors[atoms], neighborhoods(crystals, site).vectors)
            assert examples.crystals[point] == row["crystal"]
        elif level == "crystals":
            assert examples.crystals[point] == row["crystal"]
            assert center == structure[0].specie.Z
        else:
            assert structure[0].specie.from_Z(center).symbol == row["element"]
        assert structure.composition.reduced_formula in examples.names[point]


def test_new_sites_and_the_points_of_a_map_show_their_atoms_where_both_crystals_are_at_hand(
    run_file: str, few: Crystals
) -> None:
    run, crystals, new = load_run(run_file), few.select(np.arange(30)), few.select([40, 250])
    drawn = draw(run, crystals)
    located = locate([run], drawn, new)
    explored = explore_located(drawn, located.sites, new, crystals)
    n_new, examples = len(located.sites), explored.examples
    assert examples is not None
    assert len(examples.atoms) == len(explored.names) == n_new + len(drawn.table)
    assert set(examples.crystals[:n_new]) == set(new.ids)
    assert examples.crystals[n_new:] == drawn.table["crystal"].tolist()
    words = explored.traits[-1].values
    assert list(words)[:n_new] == located.sites["range"].tolist()
    assert set(list(words)[n_new:]) == {"on the map"}


def test_a_site_of_an_element_is_named_by_its_crystal_and_not_by_the_element_twice() -> None:
    lattice = Lattice.cubic(3)
    two = [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5]]
    structures = [Structure(lattice, ["B"], two[:1]), Structure(lattice, ["B", "N"], two)]
    crystals = pack(structures, ["12B-7", "mp-1"], [0.0, 0.0], "two")
    sites = pd.DataFrame({"crystal": ["12B-7", "mp-1"], "site": [0, 1]})
    assert site_examples(np.arange(2), sites, crystals).names == ["12B-7, site 0", "N in BN (site 1 of mp-1)"]
