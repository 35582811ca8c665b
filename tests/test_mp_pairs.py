"""The numbers of Fig. 6: pairs of elements, the runs they differ between, and dihydrides; and those of Fig. S4."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import pack
from cgcnn.data.quantity import Quantity
from cgcnn.paper import mp_cells, mp_elements, mp_hydrides, mp_pairs

MEAN, LOCAL = "mean_local_energy_eV_per_atom", "local_energy_eV_per_atom"


@pytest.fixture
def environments() -> pd.DataFrame:
    """Return nine environments, one for each pair: five hydrides, an oxide, a nitride and two of equal elements."""
    rows = [("Tm", "H", -1.0), ("Li", "H", -2.0), ("C", "H", 1.0), ("O", "H", -0.5), ("Fe", "H", 0.5)]
    rows += [("Si", "O", -3.0), ("Hf", "N", -4.0), ("Cu", "Cu", 0.1), ("Fe", "Fe", -0.3)]
    table = pd.DataFrame(rows, columns=["element", "first_neighbor", LOCAL])
    return table.assign(bonded_neighbor=table["first_neighbor"], in_element=table["element"] == "Cu")


@pytest.fixture
def pairs(environments: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of these environments."""
    return environments.rename(columns={"element": "center", LOCAL: MEAN}).assign(n_environments=1)


def test_pairs_of_one_element_are_set_beside_all_others(environments: pd.DataFrame) -> None:
    numbers = mp_pairs.pair_numbers(environments, ["Si"])
    assert numbers["mean_abs_diagonal"] == pytest.approx(0.2)
    assert numbers["mean_abs_off_diagonal"] == pytest.approx(12 / 7)
    assert numbers["diagonal_ratio"] == pytest.approx(0.2 * 7 / 12)
    assert numbers["lower_cells"] == {"Si": pytest.approx(1 / 9)}  # Hf-N alone


def test_the_bonded_neighbor_decides_on_pairs_of_one_element_where_it_is_asked_for(environments: pd.DataFrame) -> None:
    # Iron next to iron is bonded to oxygen. Copper alone is left on the diagonal.
    oxidized = environments.assign(bonded_neighbor=[*environments["first_neighbor"][:8], "O"])
    numbers = mp_pairs.pair_numbers(oxidized, [])
    assert numbers["diagonal_ratio"] == pytest.approx(0.2 * 7 / 12)
    assert numbers["bonded_diagonal_ratio"] == pytest.approx(0.1 / (12.3 / 8))


def test_the_diagonal_by_bonds_says_how_many_are_metals_to_which_another_element_is_nearer() -> None:
    table = pd.DataFrame(
        {
            "element": ["Cs", "Cs", "S", "Fe", "O"],
            "first_neighbor": ["Cl", "Cs", "O", "Fe", "Fe"],
            "bonded_neighbor": ["Cs", "Cs", "S", "Fe", "Fe"],
        }
    )
    assert mp_pairs.bonded_numbers(table) == {"environments": 4, "metals": 0.75, "other_nearer": 0.5}
    none = mp_pairs.bonded_numbers(table.iloc[4:])  # as in a folder of oxides alone
    assert none["environments"] == 0
    assert np.isnan([none["metals"], none["other_nearer"]]).all()


def test_environments_in_crystals_of_one_element_are_set_beside_all_other_environments() -> None:
    table = pd.DataFrame({LOCAL: [0.1, -0.3, 2.0, -3.0, 4.0], "in_element": [True, True, False, False, False]})
    assert mp_pairs.elemental_ratio(table) == pytest.approx(0.2 / 3)


def test_the_lowest_pairs_come_first_and_are_judged_by_center_and_neighbor(pairs: pd.DataFrame) -> None:
    lowest = mp_pairs.lowest_pairs(pairs, 3)
    assert lowest.index.tolist() == [("Hf", "N"), ("Si", "O"), ("Li", "H")]
    assert mp_pairs.share_as_said(lowest) == pytest.approx(1 / 3)  # silicon is in group 14
    uranium = pd.DataFrame(
        index=pd.MultiIndex.from_tuples([("U", "F"), ("U", "S")], names=["center", "first_neighbor"])
    )
    assert mp_pairs.share_as_said(uranium) == 0.5
    found = mp_pairs.listed(lowest)
    assert found[0] == {"center": "Hf", "first_neighbor": "N", "mean_local_energy_eV": -4.0}
    assert len(found) == 3


def test_metals_of_high_valence_are_those_of_groups_3_to_6_and_of_the_f_block() -> None:
    centers = ["Sc", "Ti", "V", "Cr", "Ce", "Mn", "Ca", "Al"]
    shares = []
    for center in centers:
        index = pd.MultiIndex.from_tuples([(center, "O")], names=["center", "first_neighbor"])
        shares.append(mp_pairs.share_as_said(pd.DataFrame(index=index)))
    assert shares == [1, 1, 1, 1, 1, 0, 0, 0]


def test_a_hydride_has_its_place_among_all_centers_next_to_hydrogen(pairs: pd.DataFrame) -> None:
    assert mp_pairs.hydride_rank(pairs, "Tm") == (2, 5)
    assert mp_pairs.hydride_rank(pairs, "Os") == (None, 5)


def test_numbers_of_pairs_are_means_over_the_runs_with_those_of_each(environments: pd.DataFrame) -> None:
    flipped = environments.assign(**{LOCAL: -environments[LOCAL]})
    numbers = mp_pairs.pair_numbers_over_seeds([environments, flipped], ["Si"])
    assert numbers["tm_h_rank"] == 3  # 2 of 5 and 4 of 5
    assert numbers["by_seed"]["tm_h_rank"] == [2, 4]
    assert numbers["by_seed"]["lower_cells.Si"] == pytest.approx([1 / 9, 7 / 9])
    assert numbers["by_seed"]["lowest_cells_as_said"] == pytest.approx([1 / 9, 1 / 9])


def test_the_page_shows_pairs_in_the_unit_of_the_target(environments: pd.DataFrame) -> None:
    of_pairs = mp_pairs.summary_table(mp_pairs.pair_numbers(environments, []))
    assert of_pairs["rank of Tm among centers next to H (1: lowest)"] == 2
    gaps = environments.rename(columns={LOCAL: "local_band_gap_eV"}).drop(index=0)
    quantity = Quantity("band gap", "eV")
    without_tm = mp_pairs.summary_table(mp_pairs.pair_numbers(gaps, [], quantity), quantity)
    assert without_tm.index.tolist()[:2] == ["mean of |diagonal| (eV)", "mean of |off the diagonal| (eV)"]
    assert not [name for name in without_tm.index if "Tm" in name]


@pytest.fixture
def cells() -> pd.DataFrame:
    """Return the cells of two runs: F-F with three environments, one of them in F2, and Tm-H with one."""
    first = pd.DataFrame(
        {
            "element": ["F", "F", "F", "Tm"],
            "first_neighbor": ["F", "F", "F", "H"],
            LOCAL: [0.0, -1.0, -2.0, 5.0],
            "in_element": [True, False, False, False],
        }
    )
    return mp_cells.cells_over_seeds([first, first.assign(**{LOCAL: first[LOCAL] - 2})])


def test_a_cell_has_its_count_its_mean_over_the_runs_and_their_deviation(cells: pd.DataFrame) -> None:
    of_f, of_tm = cells.to_dict("records")
    assert (of_f["center"], of_f["first_neighbor"], of_f["n_environments"], of_f["n_in_elements"]) == ("F", "F", 3, 1)
    assert of_f[MEAN] == -2  # -1 and -3
    assert of_f["std_over_seeds_eV_per_atom"] == pytest.approx(2**0.5)
    assert (of_tm["n_environments"], of_tm[MEAN]) == (1, 4)
    numbers = mp_cells.cell_numbers(cells)
    assert numbers["diagonal"] == {"F": {"environments": 3, "in_elements": 1, "energy": -2}}
    assert (numbers["n_cells"], numbers["n_cells_with_few"], numbers["tm_h_environments"]) == (2, 2, 1)


def test_the_spread_of_runs_is_grouped_by_the_number_of_environments() -> None:
    counts, spreads = [1, 2, 4, 5, 19, 20, 1000], [9.0, 1.0, 3.0, 5.0, 7.0, 0.5, 0.1]
    table = pd.DataFrame({"n_environments": counts, "std_over_seeds_eV_per_atom": spreads})
    found = mp_cells.spread_by_count(table)
    assert found["cells"].to_dict() == {"1": 1, "2 to 4": 2, "5 to 19": 2, "20 to 99": 1, "1,000 or more": 1}
    assert found["standard deviation over seeds, median (eV)"].tolist() == pytest.approx([9, 2, 6, 0.5, 0.1])
    assert found.loc["2 to 4", "standard deviation over seeds, 90 % quantile (eV)"] == pytest.approx(2.8)
    assert mp_cells.cell_numbers(table.assign(center=list("BCNOFSP"), first_neighbor="H"))["n_cells_with_few"] == 3


def test_the_lowest_energy_of_each_dihydride_decides_on_its_place() -> None:
    def crystal(metal: str, n_hydrogen: int) -> Structure:
        places = np.linspace(0, 0.9, 1 + n_hydrogen)[:, None] * np.ones(3)
        return Structure(Lattice.cubic(5), [metal, *["H"] * n_hydrogen], places)

    given = [("Tm", 2, -0.78), ("Y", 2, -0.5), ("Y", 2, -0.79), ("Er", 2, -0.8), ("La", 3, -0.9), ("Ca", 2, -0.6)]
    crystals = pack(
        [crystal(metal, number) for metal, number, _ in given],
        [f"c{k}" for k in range(6)],
        [energy for *_, energy in given],
        "hydrides",
        "energy",
        "eV/atom",
    )
    lowest = mp_hydrides.dihydrides(crystals)
    assert lowest["energy_eV_per_atom"].to_dict() == {"Er": -0.8, "Y": -0.79, "Tm": -0.78, "Ca": -0.6}
    assert lowest.loc["Y", "crystal"] == "c2"
    numbers = mp_hydrides.dihydride_numbers(lowest)
    assert numbers == {"place": 3, "number": 4, "energy": -0.78, "lower": {"Er": -0.8, "Y": -0.79}}
    assert mp_hydrides.dihydride_numbers(lowest, "Ho") == {"number": 4}
    assert "at place 3 of 4. The number of environments in the cell Tm-H is 1." in mp_hydrides.place_text(numbers, 1)
    assert mp_hydrides.place_text({"number": 4}, 0, "Ho") == "No dihydride of Ho is among these crystals."


def test_non_metals_are_apart_where_their_nearest_element_is_a_non_metal_too() -> None:
    # H beside Li, Xe beside Cs, O beside S, and Te, a metalloid, beside I.
    places = {"H": 0, "Li": 1, "Xe": 10, "Cs": 11, "O": 20, "S": 21, "I": 30, "Te": 31}
    vectors = pd.DataFrame({"v0": places.values(), "v1": 0.0}, index=list(places))
    assert mp_elements.non_metals_apart(vectors) == 2 / 5
    assert np.isnan(mp_elements.non_metals_apart(vectors, vectors.index.tolist()))
    assert mp_elements.non_metals_apart(vectors, ["H", "Xe"]) == 2 / 3
    # An element that is not counted can still be the nearest one of another.
    near_xenon = vectors.assign(v0=[0, 1, 30.5, 11, 20, 21, 30, 32])
    assert mp_elements.non_metals_apart(near_xenon, ["H", "Xe"]) == 1
    ice = Structure(Lattice.cubic(5), ["H", "H", "O"], [[0.0, 0, 0], [0.2, 0, 0], [0.1, 0, 0]])
    oxygen = Structure(Lattice.cubic(5), ["O", "O"], [[0.0, 0, 0], [0.2, 0, 0]])
    numbers = mp_elements.element_numbers([vectors, near_xenon], pack([ice, oxygen], ["a", "b"], [0.0, 0.0], "two"))
    assert numbers["by_seed"]["non_metals_apart_without"] == pytest.approx([2 / 3, 1])
    assert numbers["near_metal"] == {"H": 1, "Xe": 0.5, "O": 0, "S": 0, "I": 0.5}
    assert numbers["crystals_with"] == {"H": 1, "Xe": 0, "O": 2, "S": 0, "I": 0}
    failing = mp_elements.non_metals_near_metals([vectors, near_xenon], [4, 9])
    assert failing.to_dict("index") == {
        "H": {"seed 4": "Li", "seed 9": "Li", "metals": 2},
        "I": {"seed 4": "Te", "seed 9": "Xe", "metals": 1},
        "Xe": {"seed 4": "Cs", "seed 9": "I", "metals": 1},
    }


def test_the_first_component_is_compared_with_the_mean_energy_of_an_element_whatever_its_sign() -> None:
    plane = pd.DataFrame({"pc1": [3.0, 2, 1]}, index=["O", "Fe", "Na"])
    sites = pd.DataFrame({"element": ["O", "O", "Fe", "Na"], "local_energy_eV_per_atom": [-9.0, 5, -1, 0]})
    assert mp_elements.energy_along_first(plane, sites) == pytest.approx(1)
    mixed = sites.assign(local_energy_eV_per_atom=[-9.0, -9, 4, 0])
    assert mp_elements.energy_along_first(plane, mixed) == pytest.approx(0.5)
