"""The clusters of a map of environments, classes that lie together, and the geometry of sites (Fig. 5)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.paper import mp_clusters, mp_coordination, mp_maps, mp_shapes, mp_told

LARGE, TRANSITION, P_BLOCK = mp_coordination.CLASSES[3], mp_coordination.CLASSES[1], mp_coordination.CLASSES[0]


def anion_map(classes: list[str], corners: list[int], symbols: list[str]) -> mp_maps.AnionMap:
    """Return a map whose points stand at the corners of a large square, and so do their vectors."""
    x, y = np.array([[0, 0], [100, 0], [0, 100], [100, 100]])[corners].T
    jitter = np.arange(len(x)) / 100
    table = pd.DataFrame({"element": symbols, "class": classes, "x": x + jitter, "y": y.astype(float)})
    return mp_maps.AnionMap(table, table[["x", "y"]], 0.9, 0)


@pytest.fixture
def four() -> mp_maps.AnionMap:
    """Return the map of twelve environments in four corners of three each, where one corner has two classes."""
    classes = ["a"] * 3 + ["b"] * 3 + ["c"] * 3 + ["d", "d", "other"]
    return anion_map(classes, np.repeat(range(4), 3).tolist(), ["Fe", "Fe", "Ti"] * 4)


def test_clusters_on_a_map_are_its_corners_and_purity_the_share_of_their_largest_class(four: mp_maps.AnionMap) -> None:
    clusters = mp_clusters.clusters(four)
    assert [len(set(clusters[i : i + 3])) for i in range(0, 12, 3)] == [1] * 4
    assert len(set(clusters)) == 4
    measured = mp_clusters.measure(four)
    assert measured["purity"] == pytest.approx(11 / 12)
    # Six clusters cut corners in two. The corner of two classes is cut or not, and no cluster gets less pure.
    assert measured["purity_of_six"] >= 11 / 12
    assert measured["largest_class"] == pytest.approx(3 / 12)
    assert measured["chemistry_on_map"] > 0.99  # the one environment of another class is not counted
    assert measured["chemistry_among_vectors"] == pytest.approx(measured["chemistry_on_map"])
    assert measured["trustworthiness"] == 0.9


def test_a_cluster_is_described_by_its_classes_and_its_most_frequent_centers(four: mp_maps.AnionMap) -> None:
    table = mp_clusters.cluster_table({"O": [four]})
    assert table.index.names == ["anion", "cluster"]
    assert sorted(table["a"]) == [0, 0, 0, 3]
    assert table.drop(columns="most frequent centers").to_numpy().sum() == 12
    assert table["most frequent centers"].tolist() == ["Fe, Ti"] * 4


def test_a_silhouette_of_one_class_is_not_a_number() -> None:
    drawn = anion_map(["a"] * 12, np.repeat(range(4), 3).tolist(), ["Fe"] * 12)
    measured = mp_clusters.measure(drawn)
    assert np.isnan([measured["chemistry_on_map"], measured["chemistry_among_vectors"]]).all()
    assert measured["kmeans_on_map"] > 0.99


def test_silhouettes_are_of_the_classes_among_vectors_and_on_the_map_and_of_the_clusters_on_the_map() -> None:
    classes = ["a", "b", "c", "d"] * 3  # every corner of the map has three classes
    corners = np.repeat(range(4), 3).tolist()
    mixed = anion_map(classes, corners, ["Fe"] * 12)
    apart = pd.DataFrame({"v0": [50.0 * "abcd".index(name) for name in classes], "v1": np.arange(12) / 10})
    measured = mp_clusters.measure(mp_maps.AnionMap(mixed.table, apart, 0.9, 0))
    assert measured["kmeans_on_map"] > 0.99
    assert measured["chemistry_on_map"] < 0
    assert measured["chemistry_among_vectors"] > 0.95
    assert measured["purity"] == pytest.approx(1 / 3)


def test_environments_lie_together_where_their_class_is_the_most_frequent_of_the_ten_nearest_others() -> None:
    # Two corners of eleven: each point has the ten others of its corner around it.
    corners = [0] * 11 + [3] * 11
    alike = anion_map(["a"] * 11 + ["b"] * 11, corners, ["Fe"] * 22)
    assert mp_clusters.class_by_place(alike) == 1
    # One b among ten a: it has ten a around it, and each a has nine a and one b.
    one_off = anion_map(["b"] + ["a"] * 10 + ["b"] * 11, corners, ["Fe"] * 22)
    assert mp_clusters.class_by_place(one_off) == pytest.approx(21 / 22)
    # Six a and five b: each a has five of either around it, and a tie does not count; each b has four of its own.
    tied = anion_map(["a"] * 6 + ["b"] * 5 + ["b"] * 11, corners, ["Fe"] * 22)
    assert mp_clusters.class_by_place(tied) == pytest.approx(11 / 22)


def test_environments_in_no_class_neither_count_nor_stand_among_the_nearest() -> None:
    corners = [0] * 11 + [3] * 11 + [0] * 30
    mixed = anion_map(["a"] * 11 + ["b"] * 11 + ["other"] * 30, corners, ["Fe"] * 52)
    assert mp_clusters.class_by_place(mixed) == 1


@pytest.mark.parametrize("number", [2, 3, 4])
def test_the_number_of_clusters_is_that_of_compact_groups_that_lie_apart(number: int) -> None:
    corners = np.repeat(range(number), 12).tolist()
    drawn = anion_map(["a"] * len(corners), corners, ["Fe"] * len(corners))
    assert mp_clusters.cluster_number(drawn) == number
    numbers = mp_clusters.map_numbers({"S": [drawn, drawn]})
    assert numbers["cluster_number_off"] == {"S": abs(number - 4)}
    assert numbers["by_seed"]["cluster_number.S"] == [number, number]
    two = anion_map(["a"] * 24, [0] * 12 + [3] * 12, ["Fe"] * 24)
    ranges = mp_clusters.map_numbers({"S": [drawn, two]})["cluster_number_range"]
    assert ranges == {"S": {"lowest": 2, "highest": number}}


def test_numbers_of_maps_are_means_over_the_runs_and_the_page_shows_each_seed(four: mp_maps.AnionMap) -> None:
    mixed = anion_map(["a", "b", "c"] * 4, np.repeat(range(4), 3).tolist(), ["Fe"] * 12)
    numbers = mp_clusters.map_numbers({"O": [four, mixed]})
    assert numbers["silhouette"]["O"]["purity"] == pytest.approx((11 / 12 + 1 / 3) / 2)
    table = mp_clusters.map_table(numbers, [3, 7])
    assert table.columns.tolist() == ["seed 3", "seed 7", "mean"]
    row = table.index.get_loc(("O", "purity of four clusters"))
    assert table[["seed 3", "seed 7"]].to_numpy()[row].tolist() == pytest.approx([11 / 12, 1 / 3])
    assert table.index[0] == ("O", "share whose ten nearest points are mostly of their class")
    assert mp_clusters.map_numbers({}) == {}


def test_shapes_are_compared_between_the_classes_that_the_paper_names() -> None:
    rows = [
        ("Si", P_BLOCK, 4, 0.1, 0.9),
        ("B", P_BLOCK, 3, 0.5, 0.5),  # in the class, but none of Al, Si and P
        ("Fe", TRANSITION, 6, 0.8, 0.2),
        ("La", LARGE, 9, 0.0, 0.0),
        ("U", "other", 12, 0.0, 0.0),
    ]
    table = pd.DataFrame(rows, columns=["element", "class", "n_neighbors", "octahedral", "tetrahedral"])
    assert mp_shapes.shape_numbers(table) == pytest.approx(
        {"tetrahedral_gain": 0.7, "octahedral_gain": 0.7, "large_cations_more_neighbors": 3}
    )
    drawn = {"O": [mp_maps.AnionMap(table.assign(local_energy_eV_per_atom=[-1.0, 2, 3, 4, 5]), table[[]], 1.0, 0)]}
    means = mp_shapes.shape_table(drawn, with_paper=True)
    assert means["n_neighbors"].to_dict()["O", P_BLOCK] == 3.5
    assert means["environments"].to_dict()["O", P_BLOCK] == 2
    assert set(means["most frequent centers"].to_dict()["O", P_BLOCK].split(", ")) == {"Si", "B"}
    assert means["in the paper"].to_dict()["O", TRANSITION].endswith("in octahedra")
    assert "in the paper" not in mp_shapes.shape_table(drawn)
    told = mp_told.sites(drawn)
    assert told["O_Si_tetrahedral"] == 0.9
    assert told["O_B_energy"] == 2
    assert told["O_La_neighbors"] == 9
    assert told["O_Fe_sites"] == 1
    assert not [name for name in told if "_U_" in name]


def test_intervals_of_shapes_hold_the_numbers_and_get_narrower_with_more_environments() -> None:
    rng = np.random.default_rng(0)

    def around_oxygen(n_sites: int) -> pd.DataFrame:
        kinds = [("Si", P_BLOCK, 4.0), ("Fe", TRANSITION, 6.0), ("La", LARGE, 8.0)]
        rows = [(*kind[:2], kind[2] + rng.normal(), rng.normal(), rng.normal()) for kind in kinds * n_sites]
        return pd.DataFrame(rows, columns=["element", "class", "n_neighbors", "octahedral", "tetrahedral"])

    widths = []
    for n_sites in (20, 180):
        table = around_oxygen(n_sites)
        numbers = mp_shapes.shape_numbers_with_intervals(table)
        low, high = numbers["intervals"]["large_cations_more_neighbors"]
        assert low < numbers["large_cations_more_neighbors"] < high
        # The difference of two means of n numbers with a deviation of 1 has the standard error sqrt(2 / n).
        assert high - low == pytest.approx(2 * 1.96 * (2 / n_sites) ** 0.5, rel=0.25)
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
