"""The tables of the Materials Project section: maps and clusters of environments, centers, and pairs of elements."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis import maps
from cgcnn.analysis.elements import element_table
from cgcnn.data.crystals import pack
from cgcnn.data.quantity import Quantity
from cgcnn.graphs import crystal_graphs
from cgcnn.paper import mp_coordination, mp_maps, mp_pairs

LARGE, TRANSITION, P_BLOCK = mp_coordination.CLASSES[3], mp_coordination.CLASSES[1], mp_coordination.CLASSES[0]


def anion_map(classes: list[str], corners: list[int], symbols: list[str]) -> mp_maps.AnionMap:
    """Return a map whose points stand at the corners of a large square, and so do their vectors."""
    x, y = np.array([[0, 0], [100, 0], [0, 100], [100, 100]])[corners].T
    jitter = np.arange(len(x)) / 100
    table = pd.DataFrame({"element": symbols, "class": classes, "x": x + jitter, "y": y.astype(float)})
    return mp_maps.AnionMap(table, table[["x", "y"]], 0.9)


@pytest.fixture
def four() -> mp_maps.AnionMap:
    """Return the map of twelve environments in four corners of three each, where one corner has two classes."""
    classes = ["a"] * 3 + ["b"] * 3 + ["c"] * 3 + ["d", "d", "other"]
    return anion_map(classes, np.repeat(range(4), 3).tolist(), ["Fe", "Fe", "Ti"] * 4)


def test_clusters_on_a_map_are_its_corners_and_purity_the_share_of_their_largest_class(four: mp_maps.AnionMap) -> None:
    clusters = four.clusters(0)
    assert [len(set(clusters[i : i + 3])) for i in range(0, 12, 3)] == [1] * 4
    assert len(set(clusters)) == 4
    measured = four.measure(0)
    assert measured["purity"] == pytest.approx(11 / 12)
    assert measured["largest_class"] == pytest.approx(3 / 12)
    assert measured["chemistry_on_map"] > 0.99  # the one environment of another class is not counted
    assert measured["chemistry_among_vectors"] == pytest.approx(measured["chemistry_on_map"])
    assert measured["trustworthiness"] == 0.9


def test_a_cluster_is_described_by_its_classes_and_its_most_frequent_centers(four: mp_maps.AnionMap) -> None:
    table = mp_maps.cluster_table({"O": four}, 0)
    assert table.index.names == ["anion", "cluster"]
    assert sorted(table["a"]) == [0, 0, 0, 3]
    assert table.drop(columns="most frequent centers").to_numpy().sum() == 12
    assert table["most frequent centers"].tolist() == ["Fe, Ti"] * 4


def test_a_map_holds_environments_of_one_anion_without_its_own_atoms(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = Structure(Lattice.cubic(3.9), ["Ti", "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    environments = pd.DataFrame(
        {
            "crystal": "TiO",
            "site": np.arange(180),
            "element": np.tile(["Ti", "Sr", "O"], 60),
            "first_neighbor": np.tile(["O", "O", "Ti"], 60),
        }
    ).join(pd.DataFrame(np.random.default_rng(0).normal(size=(180, 3)), columns=["v0", "v1", "v10"]))
    # Other tests check maps and coordination. Here the number of neighbors of a site is its own number.
    monkeypatch.setattr(
        maps, "draw_map", lambda vectors, _: maps.Map(vectors[["v0", "v1"]].set_axis(["x", "y"], axis=1), None, 0.9)
    )
    monkeypatch.setattr(mp_maps, "describe_sites", lambda _, sites: sites[["site"]].set_axis(["n_neighbors"], axis=1))
    drawn = mp_maps.map_anion(pack([cell], ["TiO"], [0.0], "oxide"), environments, "O", 100, seed=0)
    assert len(drawn.table) == len(drawn.vectors) == 100
    assert set(drawn.table["element"]) == {"Ti", "Sr"}
    assert (drawn.table["class"] == drawn.table["element"].map({"Ti": TRANSITION, "Sr": LARGE})).all()
    assert (drawn.table["n_neighbors"] == drawn.table["site"]).all()
    assert not drawn.table.columns.str.startswith("v").any()
    assert drawn.trustworthiness == 0.9
    expected = environments.set_index("site").loc[drawn.table["site"], ["v0", "v1", "v10"]]
    np.testing.assert_array_equal(drawn.vectors, expected)
    np.testing.assert_array_equal(drawn.table[["x", "y"]], expected[["v0", "v1"]])
    fewer = mp_maps.map_anion(pack([cell], ["TiO"], [0.0], "oxide"), environments, "O", 1000, seed=0)
    assert len(fewer.table) == 120


def test_shapes_are_compared_between_the_classes_that_the_paper_names() -> None:
    rows = [
        ("Si", P_BLOCK, 4, 0.1, 0.9),
        ("B", P_BLOCK, 3, 0.5, 0.5),  # in the class, but none of Al, Si and P
        ("Fe", TRANSITION, 6, 0.8, 0.2),
        ("La", LARGE, 9, 0.0, 0.0),
        ("U", "other", 12, 0.0, 0.0),
    ]
    table = pd.DataFrame(rows, columns=["element", "class", "n_neighbors", "octahedral", "tetrahedral"])
    assert mp_maps.shape_numbers(table) == pytest.approx(
        {"tetrahedral_gain": 0.7, "octahedral_gain": 0.7, "large_cations_more_neighbors": 3}
    )
    means = mp_maps.shape_table({"O": mp_maps.AnionMap(table, table[[]], 1.0)})
    assert means["n_neighbors"].to_dict()["O", P_BLOCK] == 3.5


@pytest.fixture
def by_center() -> dict[str, pd.DataFrame]:
    """Return the mean local energies of centers around oxygen and sulfur. Cs has only few environments."""
    oxygen = {"Li": -1.0, "Mg": -2.0, "Al": -3.0, "Si": -4.0, "P": -3.5, "S": -2.5, "Cs": -9.0}
    tables = {}
    for anion, energies in {"O": oxygen, "S": {"Li": -0.5, "Mg": -1.0, "Cs": -1.5}}.items():
        table = element_table(list(energies))[["atomic_number", "electronegativity"]]
        table["mean_local_energy_eV_per_atom"] = pd.Series(energies)
        table["n_environments"] = [19 if symbol == "Cs" else 20 for symbol in energies]
        tables[anion] = table
    return tables


def test_centers_are_asked_for_span_v_shape_and_alkali_metals(by_center: dict[str, pd.DataFrame]) -> None:
    numbers = mp_coordination.center_numbers(by_center)
    assert numbers["local_energy_span"] == {"O": 3.0, "S": 0.5}  # without Cs
    assert numbers["span_ratio"] == 6
    assert numbers["al_si_p_s_o"] == {"Al": -3.0, "Si": -4.0, "P": -3.5, "S": -2.5}
    assert numbers["si_o_position"] == 1
    assert numbers["alkali_above_alkaline_earths"] == {"O": -3.0, "S": 0.0}  # (-1 - 9) / 2 + 2; (-0.5 - 1.5) / 2 + 1
    without = {**by_center, "O": by_center["O"].drop("P")}
    assert mp_coordination.center_numbers(without)["si_o_position"] is None


def test_centers_around_an_anion_are_other_elements_with_it_as_first_neighbor() -> None:
    table = pd.DataFrame({"element": ["Ti", "O", "O", "Ti"], "first_neighbor": ["O", "O", "Ti", "N"]})
    assert mp_coordination.centers_around(table, "O").index.tolist() == [0]


@pytest.fixture
def pairs() -> pd.DataFrame:
    """Return five pairs with hydrogen as first neighbor, an oxide, a nitride and two diagonal pairs."""
    rows = [("Tm", "H", -1.0), ("Li", "H", -2.0), ("C", "H", 1.0), ("O", "H", -0.5), ("Fe", "H", 0.5)]
    rows += [("Si", "O", -3.0), ("Hf", "N", -4.0), ("Cu", "Cu", 0.1), ("Fe", "Fe", -0.3)]
    return pd.DataFrame(rows, columns=["center", "first_neighbor", "mean_local_energy_eV_per_atom"])


def test_pairs_of_one_element_are_set_beside_all_others(pairs: pd.DataFrame) -> None:
    numbers = mp_pairs.pair_numbers(pairs, ["Si"])
    assert numbers["mean_abs_diagonal"] == pytest.approx(0.2)
    assert numbers["mean_abs_off_diagonal"] == pytest.approx(12 / 7)
    assert numbers["diagonal_ratio"] == pytest.approx(0.2 * 7 / 12)
    assert numbers["lower_cells"] == {"Si": pytest.approx(1 / 9)}  # Hf-N alone


def test_the_lowest_pairs_come_first_and_are_judged_by_center_and_neighbor(pairs: pd.DataFrame) -> None:
    lowest = mp_pairs.lowest_pairs(pairs, 3)
    assert lowest.index.tolist() == [("Hf", "N"), ("Si", "O"), ("Li", "H")]
    assert mp_pairs.share_as_said(lowest) == pytest.approx(1 / 3)  # silicon is in group 14
    uranium = pd.DataFrame(
        index=pd.MultiIndex.from_tuples([("U", "F"), ("U", "S")], names=["center", "first_neighbor"])
    )
    assert mp_pairs.share_as_said(uranium) == 0.5
    found = mp_pairs.pair_numbers(pairs, [])["lowest_cells"]
    assert found[0] == {"center": "Hf", "first_neighbor": "N", "mean_local_energy_eV": -4.0}
    assert len(found) == 9


def test_metals_of_high_valence_are_those_of_groups_3_to_6_and_of_the_f_block() -> None:
    centers = ["Sc", "Ti", "V", "Cr", "Ce", "Mn", "Ca", "Al"]
    shares = []
    for center in centers:
        index = pd.MultiIndex.from_tuples([(center, "O")], names=["center", "first_neighbor"])
        shares.append(mp_pairs.share_as_said(pd.DataFrame(index=index)))
    assert shares == [1, 1, 1, 1, 1, 0, 0, 0]


def test_energies_of_centers_are_means_deviations_and_numbers_sorted_by_atomic_number() -> None:
    table = pd.DataFrame(
        {
            "element": ["Ti", "Ti", "Ti", "Li", "Li", "O"],
            "first_neighbor": ["O"] * 6,
            "local_energy_eV_per_atom": [-3.0, -2.0, -1.0, 1.0, 1.0, 9.0],
        }
    )
    by_center = mp_coordination.energy_by_center(table, "O")
    assert by_center.index.tolist() == ["Li", "Ti"]
    assert by_center["atomic_number"].tolist() == [3, 22]
    assert by_center["electronegativity"].tolist() == [0.98, 1.54]
    assert by_center["mean_local_energy_eV_per_atom"].tolist() == [1, -2]
    assert by_center["std_eV_per_atom"].tolist() == [0, 1]
    assert by_center["n_environments"].tolist() == [2, 3]


def test_energies_of_centers_are_ranked_beside_their_electronegativities(by_center: dict[str, pd.DataFrame]) -> None:
    # Li 0.98, Mg 1.31, Al 1.61, Si 1.90, P 2.19, S 2.58 and Cs 0.79: the ranks 2 to 7 and 1.
    energies = by_center["O"]["mean_local_energy_eV_per_atom"].rank()
    expected = 1 - 6 * ((energies - np.array([2, 3, 4, 5, 6, 7, 1])) ** 2).sum() / (7 * 48)
    found = mp_coordination.electronegativity_correlation(by_center["O"])
    assert found == pytest.approx(expected)
    unknown = by_center["O"].assign(electronegativity=by_center["O"]["electronegativity"].where(energies > 1))
    assert mp_coordination.electronegativity_correlation(unknown) != pytest.approx(expected)


def test_hydrogen_is_no_alkali_metal() -> None:
    table = pd.DataFrame({"mean_local_energy_eV_per_atom": [50.0, -1.0, -3.0, -4.0]}, ["H", "Li", "Na", "Mg"])
    assert mp_coordination.alkali_above_alkaline_earths(table) == 2


def test_a_hydride_has_its_place_among_all_centers_next_to_hydrogen(pairs: pd.DataFrame) -> None:
    assert mp_pairs.hydride_rank(pairs, "Tm") == (2, 5)
    assert mp_pairs.hydride_rank(pairs, "Os") == (None, 5)


def test_an_anion_is_mapped_where_it_is_the_first_neighbor_of_enough_other_centers() -> None:
    rock_salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(4.2), ["Mg", "O"], [[0, 0, 0], [0.5, 0, 0]])
    sulfide = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.2), ["Mg", "S"], [[0, 0, 0], [0.5, 0, 0]])
    oxides = [rock_salt.copy().scale_lattice(70 + n) for n in range(100)]
    ids = [f"c{n}" for n in range(101)]
    graphs = crystal_graphs.build(pack([*oxides, sulfide], ids, [0.0] * 101, "two anions"))
    assert mp_maps.anions_to_map(graphs, {"O": 1000, "S": 803}) == {"O": 1000}


def test_a_silhouette_of_one_class_is_not_a_number() -> None:
    drawn = anion_map(["a"] * 12, np.repeat(range(4), 3).tolist(), ["Fe"] * 12)
    measured = drawn.measure(0)
    assert np.isnan([measured["chemistry_on_map"], measured["chemistry_among_vectors"]]).all()
    assert measured["kmeans_on_map"] > 0.99


def test_silhouettes_are_of_the_classes_among_vectors_and_on_the_map_and_of_the_clusters_on_the_map() -> None:
    classes = ["a", "b", "c", "d"] * 3  # every corner of the map has three classes
    corners = np.repeat(range(4), 3).tolist()
    mixed = anion_map(classes, corners, ["Fe"] * 12)
    apart = pd.DataFrame({"v0": [50.0 * "abcd".index(name) for name in classes], "v1": np.arange(12) / 10})
    measured = mp_maps.AnionMap(mixed.table, apart, 0.9).measure(0)
    assert measured["kmeans_on_map"] > 0.99
    assert measured["chemistry_on_map"] < 0
    assert measured["chemistry_among_vectors"] > 0.95
    assert measured["purity"] == pytest.approx(1 / 3)


def test_one_anion_has_its_own_numbers_and_none_beside_the_other(by_center: dict[str, pd.DataFrame]) -> None:
    numbers = mp_coordination.center_numbers({"S": by_center["S"]})
    assert numbers["span_ratio"] is None
    assert numbers["si_o_position"] is None
    assert numbers["al_si_p_s_o"] == {}
    assert mp_coordination.center_numbers({})["local_energy_span"] == {}
    few = by_center["S"].iloc[:2]
    assert np.isnan(mp_coordination.electronegativity_correlation(few))


def test_the_page_shows_centers_and_pairs_in_the_unit_of_the_target(
    by_center: dict[str, pd.DataFrame], pairs: pd.DataFrame
) -> None:
    shown = mp_coordination.center_table(mp_coordination.center_numbers(by_center))
    assert shown.index.tolist() == [
        "Spearman with electronegativity, O", "Spearman with electronegativity, S", "span, O (eV)", "span, S (eV)",
        *(f"mean local energy of {center}-O (eV)" for center in ("Al", "Si", "P", "S")),
    ]  # fmt: skip
    assert shown["mean local energy of Si-O (eV)"] == -4.0
    of_pairs = mp_pairs.summary_table(mp_pairs.pair_numbers(pairs, []))
    assert of_pairs["rank of Tm among centers next to H (1: lowest)"] == 2
    gaps = pairs.rename(columns={"mean_local_energy_eV_per_atom": "mean_local_band_gap_eV"}).drop(index=0)
    quantity = Quantity("band gap", "eV")
    without_tm = mp_pairs.summary_table(mp_pairs.pair_numbers(gaps, [], quantity), quantity)
    assert without_tm.index.tolist() == ["mean of |diagonal| (eV)", "mean of |off the diagonal| (eV)"]
