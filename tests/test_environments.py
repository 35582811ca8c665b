"""The coordination of sites, the pairs of center and first neighbor, and maps on which new points are placed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis import maps, pairs
from cgcnn.analysis.site_geometry import describe_sites
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.graphs.crystal_graphs import build
from cgcnn.paper import mp_coordination


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


def test_a_site_of_another_set_is_refused_by_name(salts: Crystals) -> None:
    with pytest.raises(DataError, match="salts: no crystal 'NaCl'; take sites of this data set"):
        describe_sites(salts, pd.DataFrame({"crystal": ["NaCl"], "site": [0]}))


def test_the_first_neighbor_is_the_nearest_and_the_lightest_of_equals() -> None:
    # In the middle of a cube, Cs has eight Cl at the same distance. Around Ti, O is nearer than Sr.
    halide = Structure(Lattice.cubic(4.1), ["Cs", "Cl"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    half = [[0.5, 0.0, 0.0], [0, 0.5, 0], [0, 0, 0.5]]
    titanate = Structure(Lattice.cubic(3.9), ["Ti", "Sr", "O", "O", "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5], *half])
    mixed = Structure(Lattice.cubic(3.0), ["Cu", "F", "O", "N"], [[0.0, 0, 0], *half])
    graphs = build(pack([halide, titanate, mixed], ["a", "b", "c"], [0.0] * 3, "some"))
    first = pairs.first_neighbors(graphs)
    by_center = dict(zip(np.asarray(graphs.atomic_numbers).tolist(), first.tolist(), strict=True))
    assert (by_center[55], by_center[22], by_center[38], by_center[29]) == ("Cl", "O", "O", "N")


def test_pair_energies_average_distinct_environments_and_diagonal_pairs() -> None:
    table = pd.DataFrame(
        {
            "element": ["Ti", "Ti", "Si", "O"],
            "first_neighbor": ["O", "O", "Si", "Ti"],
            "local_energy_eV_per_atom": [-3.0, -2.0, 0.1, -1.0],
        }
    )
    found = pairs.pair_energies(table).set_index(["center", "first_neighbor"])
    assert found.loc[("Ti", "O"), "mean_local_energy_eV_per_atom"] == -2.5
    assert found.loc[("Ti", "O"), "n_environments"] == 2
    assert len(found) == 3
    around_o = mp_coordination.energy_by_center(table, "O")
    assert around_o.index.tolist() == ["Ti"]
    assert around_o.loc["Ti", "atomic_number"] == 22


def test_centers_are_sorted_into_the_papers_classes() -> None:
    symbols = pd.Series(["P", "Al", "Sb", "H", "Fe", "Zn", "La", "Gd", "Ca", "Na", "U", "Kr"])
    expected = [0, 0, 0, 0, 1, 1, 3, 3, 3, 2, None, 0]
    found = mp_coordination.chemistry_classes(symbols).tolist()
    assert found == ["other" if k is None else mp_coordination.CLASSES[k] for k in expected]


@pytest.fixture(scope="module")
def chart() -> tuple[pd.DataFrame, maps.Map]:
    """Return a map of 300 vectors in three clusters that lie far apart."""
    rng = np.random.default_rng(0)
    centers = np.eye(3, 8) * 20
    vectors = pd.DataFrame(np.repeat(centers, 100, axis=0) + rng.normal(size=(300, 8)))
    return vectors, maps.draw_map(vectors, seed=0)


def test_a_new_point_is_placed_among_the_cluster_it_belongs_to_and_no_old_one_moves(
    chart: tuple[pd.DataFrame, maps.Map],
) -> None:
    vectors, finished = chart
    before = finished.points.copy()
    labels = pd.Series(np.repeat(["a", "b", "c"], 100))
    new = vectors.iloc[[5, 150, 290]] + 0.1
    placed = maps.place(finished, new)
    near = maps.nearest_labels(finished.points, placed, labels)
    assert [set(row) for row in near.to_numpy()] == [{"a"}, {"b"}, {"c"}]
    nearest = maps.distances_to(vectors, new, labels).idxmin(axis=1)
    assert [str(label) for label in nearest] == ["a", "b", "c"]
    pd.testing.assert_frame_equal(finished.points, before)
    assert finished.trustworthiness > 0.8


def test_the_same_seed_gives_the_same_map(chart: tuple[pd.DataFrame, maps.Map]) -> None:
    vectors, finished = chart
    pd.testing.assert_frame_equal(maps.draw_map(vectors, seed=0).points, finished.points)


def test_smoothness_is_one_for_a_value_told_by_its_place_and_zero_for_noise() -> None:
    rng = np.random.default_rng(0)
    points = pd.DataFrame(rng.random((2000, 2)), columns=["x", "y"])
    assert maps.smoothness(points, points["x"] + points["y"]) > 0.99
    noise = pd.Series(rng.normal(size=2000))
    assert abs(maps.smoothness(points, noise)) < 0.2
    # A point must not take part in its own prediction: the R2 of noise would then be above 0.
    assert maps.smoothness(points, noise, n_neighbors=1) < 0
