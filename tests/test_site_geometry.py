"""Test the coordination numbers and order parameters of sites on known structures."""

from __future__ import annotations

import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis import site_geometry
from cgcnn.analysis.site_geometry import describe_sites
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError


@pytest.fixture(scope="module")
def salts() -> Crystals:
    """Return rock salt (octahedra), zinc blende (tetrahedra) and one atom far from all others."""
    rock_salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(4.21), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    zinc_blende = Structure.from_spacegroup("F-43m", Lattice.cubic(5.41), ["Zn", "S"], [[0, 0, 0], [0.25, 0.25, 0.25]])
    lonely = Structure(Lattice.cubic(40), ["Ar"], [[0, 0, 0]])
    return pack([rock_salt, zinc_blende, lonely], ["MgO", "ZnS", "Ar"], [0.0, 0.0, 0.0], "salts")


def test_rock_salt_is_octahedral_and_zinc_blende_tetrahedral(
    salts: Crystals, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    wanted = pd.DataFrame({"crystal": ["MgO", "ZnS", "Ar"], "site": 0}, index=[7, 3, 5])
    found = describe_sites(salts, wanted)
    assert found.index.tolist() == [7, 3, 5]
    assert found["n_neighbors"].tolist() == [6, 4, 0]
    assert found.loc[7, "octahedral"] == pytest.approx(1, abs=0.01)
    assert found.loc[3, "tetrahedral"] == pytest.approx(1, abs=0.01)
    assert found["octahedral"][3] < 0.2
    assert found.loc[5, ["octahedral", "tetrahedral"]].isna().all()
    pd.testing.assert_frame_equal(describe_sites(salts, wanted), found)


def test_every_site_of_a_crystal_has_its_own_coordination(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGCNN_CACHE", str(tmp_path))
    # In this process: other processes would take longer to start than these sites take.
    monkeypatch.setattr(site_geometry, "parallel_map", lambda work, tasks, *_, **__: [work(*each) for each in tasks])
    fluorite = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.46), ["Ca", "F"], [[0, 0, 0], [0.25, 0.25, 0.25]])
    primitive = fluorite.get_primitive_structure()
    crystals = pack([primitive], ["CaF2"], [0.0], "fluorite")
    found = describe_sites(crystals, pd.DataFrame({"crystal": "CaF2", "site": [2, 0]}))
    assert found["n_neighbors"].tolist() == [4, 8]
    assert found["tetrahedral"][0] == pytest.approx(1, abs=0.01)
    # What was described before is found again for the same sites alone.
    assert describe_sites(crystals, pd.DataFrame({"crystal": "CaF2", "site": [0, 2]}))["n_neighbors"].tolist() == [8, 4]


def test_a_site_of_another_set_is_refused_by_name(salts: Crystals) -> None:
    with pytest.raises(DataError, match="salts: no crystal 'NaCl'; take sites of this data set"):
        describe_sites(salts, pd.DataFrame({"crystal": ["NaCl"], "site": [0]}))
