"""The map of boron: which environments it shows, and its measures for points at known places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis.maps import Map
from cgcnn.analysis.representations import environment_vectors
from cgcnn.data import datasets
from cgcnn.data.crystals import Crystals, pack
from cgcnn.paper import boron_map
from cgcnn.paper.boron_map import BoronMap


@pytest.fixture(scope="module")
def environments() -> pd.DataFrame:
    """Return 300 environments of 30 crystals. The first five are icosahedral, and two of these are of crystal c0."""
    crystals = ["c0", "c0", "c1", "c2", "c3", *(f"c{i % 30}" for i in range(295))]
    return pd.DataFrame({"crystal": crystals, "region": ["icosahedral"] * 5 + ["amorphous"] * 295})


def test_rare_environments_are_added_to_the_draw_and_one_crystal_is_left_out(environments: pd.DataFrame) -> None:
    chosen = boron_map.choose_environments(environments, "c0", 50, seed=0)
    assert {2, 3, 4} <= set(chosen.tolist())
    assert "c0" not in set(environments["crystal"].iloc[chosen])
    assert 35 <= len(chosen) <= 53
    assert (np.diff(chosen) > 0).all()
    again, other = (boron_map.choose_environments(environments, "c0", 50, seed) for seed in (0, 1))
    assert np.array_equal(chosen, again)
    assert not np.array_equal(chosen, other)


def test_no_more_than_a_hundred_icosahedral_environments_are_added(environments: pd.DataFrame) -> None:
    many = environments.assign(region="icosahedral")
    assert len(boron_map.choose_environments(many, "none", 0, seed=0)) == 100
    assert len(boron_map.choose_environments(environments, "none", 1000, seed=0)) == 300


def test_vectors_are_the_numbered_columns_and_no_other() -> None:
    table = pd.DataFrame({"v0": [1.0], "volume": [2.0], "v": [3.0], "v12": [4.0], "n_v1": [5.0]})
    assert environment_vectors(table).columns.tolist() == ["v0", "v12"]


def test_alpha_boron_has_its_density() -> None:
    alpha = Structure.from_spacegroup(
        "R-3m", Lattice.hexagonal(4.908, 12.567), ["B", "B"], [[0.119, -0.119, 0.891], [0.197, -0.197, 0.024]]
    )
    # 2.46 g/cm3: Albert and Hillebrecht 2009, doi 10.1002/anie.200903246.
    assert boron_map.densities(pack([alpha], ["alpha"], [0.0], "alpha"))["alpha"] == pytest.approx(2.46, abs=0.01)


def known_map(points: np.ndarray, regions: list[str], **values: np.ndarray) -> BoronMap:
    """Return a map with given points, which are its vectors too."""
    table = pd.DataFrame({"region": regions, **values})
    places = pd.DataFrame(points, columns=["x", "y"])
    return BoronMap(np.arange(len(points)), table, places, Map(places, None, 1.0))


def two_clusters() -> np.ndarray:
    """Return twenty points around the origin and sixty around (100, 0)."""
    points = np.random.default_rng(0).normal(size=(80, 2))
    points[20:, 0] += 100
    return points


def test_what_rises_along_the_map_is_smooth_and_noise_is_not() -> None:
    points = np.column_stack([np.linspace(0, 100, 400), np.zeros(400)])
    noise = np.random.default_rng(1).normal(size=400)
    drawn = known_map(
        points,
        ["amorphous"] * 400,
        local_energy_eV_per_atom=points[:, 0],
        n_neighbors=noise,
        density_g_per_cm3=-points[:, 0],
        neighbor_distance_angstrom=noise,
    )
    smooth = drawn.smoothness()
    assert smooth["local_energy"] > 0.99
    assert smooth["density"] > 0.99
    assert smooth["n_neighbors"] < 0.1
    assert smooth["neighbor_distance"] < 0.1


def test_the_density_can_be_told_by_vectors_where_the_map_has_lost_it() -> None:
    along = np.linspace(0, 100, 400)
    lost = np.random.default_rng(1).permutation(along)
    table = pd.DataFrame(
        {
            "local_energy_eV_per_atom": along,
            "n_neighbors": along,
            "neighbor_distance_angstrom": along,
            "density_g_per_cm3": along,
        }
    )
    places = pd.DataFrame({"x": lost, "y": 0.0})
    numbers = BoronMap(np.arange(400), table, pd.DataFrame({"v0": along}), Map(places, None, 0.9)).numbers()
    assert numbers["knn_r2"]["density"] < 0.1
    assert numbers["knn_r2_of_vectors"]["density"] > 0.99
    assert numbers["trustworthiness"] == 0.9


def test_a_map_of_another_run_shows_the_same_environments_by_its_vectors_and_energies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "cgcnn.analysis.maps.draw_map",
        lambda vectors, seed: Map(vectors.set_axis(["x", "y"], axis=1) + seed, None, 0.5),
    )
    first = known_map(two_clusters(), ["layered"] * 80, local_energy_eV_per_atom=np.zeros(80), site=np.arange(80))
    chosen = BoronMap(np.arange(0, 160, 2), first.table.assign(x=0.0, y=0.0), first.vectors, first.chart)
    energies, vectors = np.arange(160) / 10, np.random.default_rng(4).normal(size=(160, 2))
    other = pd.DataFrame(vectors, columns=["v0", "v1"]).assign(local_energy_eV_per_atom=energies)
    drawn = chosen.of_another_run(other, seed=7)
    assert drawn.table["local_energy_eV_per_atom"].tolist() == energies[::2].tolist()
    np.testing.assert_array_equal(drawn.vectors, vectors[::2])
    np.testing.assert_array_equal(drawn.table[["x", "y"]], vectors[::2] + 7)
    assert drawn.table["site"].tolist() == list(range(80))
    assert drawn.table["region"].tolist() == ["layered"] * 80
    assert drawn.chart.trustworthiness == 0.5


def test_regions_in_clusters_of_their_own_lie_together_and_mixed_ones_do_not() -> None:
    apart = known_map(two_clusters(), ["layered"] * 20 + ["amorphous"] * 60).togetherness()
    assert apart.index.tolist() == ["amorphous", "layered"]
    assert apart["of the ten nearest, same region"].tolist() == [1, 1]
    assert apart["by chance"].tolist() == [0.75, 0.25]
    assert apart["ratio"].tolist() == pytest.approx([4 / 3, 4])
    assert apart["largest ratio"].tolist() == pytest.approx([4 / 3, 4])
    assert apart["above chance"].tolist() == pytest.approx([1, 1])
    mixed = known_map(np.random.default_rng(2).normal(size=(1000, 2)), ["layered", "amorphous"] * 500).togetherness()
    assert mixed["ratio"].tolist() == pytest.approx([1, 1], abs=0.05)
    assert mixed["above chance"].tolist() == pytest.approx([0, 0], abs=0.05)


def test_half_of_the_way_from_chance_to_all_is_a_half_whatever_the_share_of_the_region() -> None:
    table = pd.DataFrame(
        {"ratio": [1.125, 3.0], "largest ratio": [1.25, 5.0], "above chance": [0.5, 0.5]}, ["amorphous", "layered"]
    )
    assert boron_map.together_numbers(table) == {
        "together": {"amorphous": 1.125, "layered": 3.0},
        "together_largest": {"amorphous": 1.25, "layered": 5.0},
        "together_above_chance": {"amorphous": 0.5, "layered": 0.5},
    }
    # A fifth of a hundred points are layered, in pairs far apart: one of the ten nearest of each is layered too.
    points = np.column_stack([np.repeat(np.arange(10) * 100.0, 10) + np.tile(np.arange(10), 10), np.zeros(100)])
    drawn = known_map(points, (["layered"] * 2 + ["amorphous"] * 8) * 10).togetherness()
    p, c = drawn["of the ten nearest, same region"]["layered"], 0.2
    assert 0.1 <= p <= 0.2
    assert drawn["above chance"]["layered"] == pytest.approx((p - c) / (1 - c))


def test_the_nearest_ten_are_of_the_counted_environments_only() -> None:
    drawn = known_map(two_clusters(), ["layered"] * 20 + ["amorphous"] * 60)
    new = pd.DataFrame({"x": [0.0, 100.0], "y": [0.0, 0.0]}, ["left", "right"])
    near = drawn.near(new)
    assert near.shape == (2, 10)
    assert set(near.loc["left"]) == {"layered"}
    assert set(near.loc["right"]) == {"amorphous"}
    assert set(drawn.near(new, np.arange(80) >= 20).loc["left"]) == {"amorphous"}


@pytest.fixture(scope="module")
def few_structures() -> Crystals:
    """Return thirty boron structures of the embedded data."""
    return datasets.load("boron-embedded").select(np.arange(30))


def test_every_region_with_three_environments_has_three_examples_in_the_order_of_the_figure(
    few_structures: Crystals,
) -> None:
    ids = few_structures.ids
    table = pd.DataFrame(
        {
            "crystal": [*ids[:4], *ids[4:6], *ids[6:9]],
            "site": [1] * 9,
            "region": ["layered"] * 4 + ["icosahedral"] * 2 + ["disconnected"] * 3,
            "local_energy_eV_per_atom": np.arange(9) / 10,
            "x": np.arange(9.0),
            "y": np.arange(9) % 3,
        }
    )
    examples = boron_map.draw_examples(table, few_structures, seed=0)
    assert [each.region for each in examples] == ["disconnected"] * 3 + ["layered"] * 3
    for each in examples:
        row = round(each.energy * 10)
        assert table.loc[row, "region"] == each.region
        assert each.structure == few_structures.structure(row)
        assert each.site == 1
        assert (each.x, each.y) == (row, row % 3)
    assert len({each.energy for each in examples}) == 6


def test_a_typical_example_is_the_one_around_which_its_region_is_densest(few_structures: Crystals) -> None:
    table = pd.DataFrame(
        {
            "region": ["layered"] * 4 + ["disconnected"] * 2 + ["amorphous"],
            "crystal": few_structures.ids[:7],
            "site": 1,
            "local_energy_eV_per_atom": np.arange(7) / 10,
            "x": [0.0, 5, 5.5, 9, 20, 21, 30],
            "y": 0.0,
        }
    )
    found = boron_map.typical_examples(table, few_structures)
    # A region of a single point has no density, and is left out.
    assert [(each.region, each.x) for each in found] == [("disconnected", 20), ("layered", 5)]
    assert found[1].structure == few_structures.structure(1)
    assert boron_map.typical_examples(table.drop(columns="region"), few_structures) == []


def test_the_map_holds_the_chosen_environments_with_all_that_is_known_of_them(
    few_structures: Crystals, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other tests check the slow parts. Here every site has six neighbors, and the map shows the first two numbers.
    monkeypatch.setattr(boron_map, "describe_sites", lambda _, sites: pd.DataFrame({"n_neighbors": 6.0}, sites.index))
    monkeypatch.setattr(
        "cgcnn.analysis.maps.draw_map",
        lambda vectors, _: Map(vectors[["v0", "v1"]].set_axis(["x", "y"], axis=1), None, 1),
    )
    crystals = np.repeat(few_structures.ids, few_structures.n_sites)
    sites = np.concatenate([np.arange(n) for n in few_structures.n_sites])
    vectors = np.random.default_rng(3).normal(size=(len(sites), 4))
    environments = pd.DataFrame({"crystal": crystals, "site": sites, "region": "amorphous"})
    environments = environments.join(pd.DataFrame(vectors, columns=["v0", "v1", "v2", "v3"]))
    drawn = boron_map.draw_boron_map(few_structures, environments, n_environments=150, seed=0)
    lowest = few_structures.ids[few_structures.targets.argmin()]
    assert lowest not in set(drawn.table["crystal"])
    assert len(drawn.chosen) == len(drawn.table) == len(drawn.vectors) <= 150
    for name in ("crystal", "site", "region"):
        assert drawn.table[name].tolist() == environments[name].iloc[drawn.chosen].tolist()
    np.testing.assert_array_equal(drawn.vectors, vectors[drawn.chosen])
    np.testing.assert_array_equal(drawn.table[["x", "y"]], vectors[drawn.chosen, :2])
    density = boron_map.densities(few_structures)
    assert drawn.table["density_g_per_cm3"].tolist() == density[drawn.table["crystal"]].tolist()
    assert drawn.table.columns.tolist() == [
        "crystal", "site", "region", "n_neighbors", "neighbor_distance_angstrom", "density_g_per_cm3", "x", "y",
    ]  # fmt: skip
    without = boron_map.draw_boron_map(few_structures, environments.drop(columns="region"), n_environments=150, seed=0)
    assert len(without.table) == 150  # no crystal is left out
    assert "region" not in without.table


def test_the_density_of_a_compound_counts_each_of_its_elements() -> None:
    rock_salt = Structure.from_spacegroup("Fm-3m", Lattice.cubic(5.640), ["Na", "Cl"], [[0, 0, 0], [0.5, 0, 0]])
    # 2.16 g/cm3 for halite at room temperature, by the cell of the same source (Mineralogical Society of America).
    density = boron_map.densities(pack([rock_salt], ["halite"], [0.0], "halite"))["halite"]
    assert density == pytest.approx(2.16, abs=0.01)
