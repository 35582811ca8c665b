"""The environments of the Materials Project: their sites, the draw for the maps, and what each run says of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis import maps
from cgcnn.data.crystals import pack
from cgcnn.data.quantity import ENERGY
from cgcnn.graphs import crystal_graphs
from cgcnn.paper import mp_coordination, mp_environments, mp_maps

LARGE, TRANSITION = mp_coordination.CLASSES[3], mp_coordination.CLASSES[1]


def test_centers_around_an_anion_are_other_elements_with_it_as_first_neighbor() -> None:
    table = pd.DataFrame({"element": ["Ti", "O", "O", "Ti"], "first_neighbor": ["O", "O", "Ti", "N"]})
    assert mp_environments.centers_around(table, "O").index.tolist() == [0]


def test_oxygen_is_more_electronegative_than_sulfur_and_metals_without_a_value_are_not() -> None:
    symbols = pd.Series(["O", "Cl", "N", "Se", "P", "Na", "Eu", "Ne", "S", "Na"], index=range(5, 15))
    found = mp_environments.is_less_electronegative(symbols, "S")
    assert found.tolist() == [False, False, False, True, True, True, True, False, False, True]
    assert found.index.tolist() == symbols.index.tolist()
    assert mp_environments.is_less_electronegative(symbols, "O").tolist() == [False, *[True] * 6, False, True, True]


@pytest.fixture
def sites() -> pd.DataFrame:
    """Return 300 environments around sulfur, of Zn, Fe and O by turns, and 50 around oxygen."""
    elements = [*["Zn", "Fe", "O"] * 100, *["Si"] * 50]
    return pd.DataFrame({"element": elements, "first_neighbor": ["S"] * 300 + ["O"] * 50})


def test_the_draw_takes_centers_less_electronegative_than_the_anion_where_there_are_enough(sites: pd.DataFrame) -> None:
    drawn = mp_environments.draw(sites, {"S": 150, "O": 1000}, 0)
    assert drawn.keys() == {"S"}  # fifty around oxygen make no map
    places = drawn["S"].tolist()
    assert len(set(places)) == 150
    assert places == sorted(places)
    assert set(sites.loc[places, "element"]) == {"Zn", "Fe"}
    assert mp_environments.draw(sites, {"S": 150}, 1)["S"].tolist() != places
    assert len(mp_environments.draw(sites, {"S": 1000}, 0)["S"]) == 200


def test_what_was_drawn_before_is_counted_with_its_centers_more_electronegative_than_the_anion(
    sites: pd.DataFrame,
) -> None:
    before = mp_environments.drawn_before(sites, {"S": 1000, "O": 20}, 0)
    assert before.to_dict("index") == {
        "S": {"drawn": 300, "more_electronegative": 100, "O": 100},
        "O": {"drawn": 20, "more_electronegative": 0, "O": 0},
    }
    assert mp_environments.draw_numbers(before)["before_S_more_electronegative"] == 100


def test_a_site_has_both_first_neighbors_and_says_whether_its_crystal_is_of_one_element() -> None:
    iron = Structure(Lattice.cubic(2.8), ["Fe"], [[0, 0, 0]])
    salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.6), ["Na", "Cl"], [[0, 0, 0], [0.5, 0, 0]])
    crystals = pack([salt.get_primitive_structure(), iron], ["NaCl", "Fe"], [0.0, 0.0], "some")
    table = mp_environments.site_table(crystals, crystal_graphs.build(crystals)).set_index("element")
    assert table["first_neighbor"].to_dict() == {"Na": "Cl", "Cl": "Na", "Fe": "Fe"}
    assert table["bonded_neighbor"].to_dict() == {"Na": "Cl", "Cl": "Na", "Fe": "Fe"}
    assert table["in_element"].to_dict() == {"Na": False, "Cl": False, "Fe": True}
    assert table["crystal"].to_dict() == {"Na": "NaCl", "Cl": "NaCl", "Fe": "Fe"}


def test_each_run_has_its_own_energies_and_their_mean_is_that_of_the_runs() -> None:
    sites = pd.DataFrame({"element": ["Fe", "O"]})
    found = mp_environments.Environments(sites, (np.array([1.0, 2.0]), np.array([3.0, 6.0])), {}, {}, ENERGY)
    first, second = found.of_runs()
    assert first["local_energy_eV_per_atom"].tolist() == [1, 2]
    assert second["local_energy_eV_per_atom"].tolist() == [3, 6]
    assert found.mean()["local_energy_eV_per_atom"].tolist() == [2, 4]


def test_every_run_maps_the_same_sites_by_its_own_vectors_and_with_its_own_energies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Other tests check maps and coordination. Here the number of neighbors of a site is its own number.
    monkeypatch.setattr(
        maps, "draw_map", lambda vectors, seed, _: maps.Map(vectors.set_axis(["x", "y"], axis=1), None, 0.9 + seed)
    )
    monkeypatch.setattr(mp_maps, "describe_sites", lambda _, sites: sites[["site"]].set_axis(["n_neighbors"], axis=1))
    sites = pd.DataFrame(
        {
            "crystal": "SrTiO3",
            "site": np.arange(4),
            "element": ["Ti", "Sr", "O", "Ti"],
            "first_neighbor": ["O", "O", "Ti", "O"],
            "bonded_neighbor": "O",
            "in_element": False,
        }
    )
    vectors = [pd.DataFrame({"v0": [1.0, 2, 3], "v1": [4.0, 5, 6]}) + 10 * run for run in range(2)]
    environments = mp_environments.Environments(
        sites, (np.arange(4.0), -np.arange(4.0)), {"O": np.array([0, 1, 3])}, {"O": vectors}, ENERGY
    )
    cell = Structure(Lattice.cubic(3.9), ["Ti", "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    first, second = mp_maps.map_anions(pack([cell], ["TiO"], [0.0], "oxide"), environments, [5, 6])["O"]
    assert first.table["element"].tolist() == ["Ti", "Sr", "Ti"]
    assert first.table["class"].tolist() == [TRANSITION, LARGE, TRANSITION]
    assert first.table["n_neighbors"].tolist() == second.table["n_neighbors"].tolist() == [0, 1, 3]
    assert first.table["local_energy_eV_per_atom"].tolist() == [0, 1, 3]
    assert second.table["local_energy_eV_per_atom"].tolist() == [0, -1, -3]
    assert first.points.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert second.points.tolist() == [[11, 14], [12, 15], [13, 16]]
    assert (first.seed, second.seed, second.trustworthiness) == (5, 6, 6.9)
    assert not {"bonded_neighbor", "in_element"} & set(first.table)
