"""Probes of the element vectors of several runs, on vectors for which the results are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis import probes
from cgcnn.analysis.elements import element_table
from cgcnn.paper import element_probes
from cgcnn.paper.element_categories import PROPERTIES
from cgcnn.training.runs import Run

ALKALI, EARTHS = ["Li", "Na", "K"], ["Be", "Mg", "Ca"]


@pytest.fixture(scope="module")
def properties() -> pd.DataFrame:
    return element_table([*ALKALI, *EARTHS, "Ti", "Zr", "Hf"])


def grouped(properties: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return vectors that lie near one corner per group."""
    corners = pd.get_dummies(properties["group"]).to_numpy(dtype=float)
    noise = np.random.default_rng(seed).normal(scale=0.01, size=corners.shape)
    return pd.DataFrame(corners + noise, properties.index)


def test_the_metals_of_every_run_are_the_same_and_none_is_a_non_metal(run: Run) -> None:
    first, second = element_probes.metal_vectors([run, run])
    assert first.index.tolist() == second.index.tolist()
    assert {"Li", "Si", "Te"} <= set(first.index)
    assert not {"O", "N", "F", "S"} & set(first.index)
    assert element_table(first.index.tolist())["atomic_number"].is_monotonic_increasing


@pytest.mark.parametrize("sign", [1, -1])
def test_alkali_metals_lie_on_the_right_and_small_atoms_on_top(properties: pd.DataFrame, sign: int) -> None:
    vectors = pd.DataFrame(sign * np.random.default_rng(1).normal(size=(9, 5)), properties.index)
    points = element_probes.oriented_plane(vectors, properties).points
    assert points.loc[ALKALI, "pc1"].mean() > points["pc1"].drop(ALKALI).mean()
    small = properties["covalent_radius_pm"] < properties["covalent_radius_pm"].median()
    assert points.loc[small, "pc2"].mean() > points.loc[~small, "pc2"].mean()


def plane(properties: pd.DataFrame, sign: float, explained: tuple[float, float]) -> probes.Projection:
    """Return a projection whose second component follows the radius, except for the alkali metals."""
    pc2 = sign * properties["covalent_radius_pm"].astype(float)
    pc2[ALKALI] = -pc2[ALKALI]
    return probes.Projection(pd.DataFrame({"pc1": 0.0, "pc2": pc2}), explained)


def test_the_radius_is_correlated_without_the_alkali_metals(properties: pd.DataFrame) -> None:
    planes = [plane(properties, sign, (0.5, 0.2)) for sign in (1, -1)]
    assert element_probes.radius_correlations(planes, properties) == pytest.approx([1, -1])


def test_elements_without_a_group_are_left_out_of_the_share_of_the_same_group(properties: pd.DataFrame) -> None:
    vectors = grouped(properties, 0)
    vectors.loc["Ce"] = vectors.loc["Hf"] + 1e-6
    groups = element_table(vectors.index.tolist())["group"]
    numbers = element_probes.same_group_numbers([vectors, vectors], groups)
    assert numbers["same_group_share"] == 1
    assert numbers["same_group_chance"] == pytest.approx(2 / 8, abs=0.01)
    assert numbers["same_group_ratio"] == pytest.approx(1 / numbers["same_group_chance"])
    assert numbers["same_group_p_value"] < 0.01


def test_the_share_of_elements_among_themselves_is_a_mean_over_runs(properties: pd.DataFrame) -> None:
    together = grouped(properties, 0)
    away = together.copy()
    away.loc["K"] = away.loc["Ca"] + 1e-6
    assert element_probes.share_among_themselves([together], pd.Index(ALKALI)) == 1
    assert element_probes.share_among_themselves([together, away], pd.Index(ALKALI)) == pytest.approx((1 + 2 / 3) / 2)


def test_the_numbers_of_several_runs_have_the_largest_p_value_and_a_deviation(properties: pd.DataFrame) -> None:
    told, not_told = grouped(properties, 0), probes.random_vectors(properties.index, 5, seed=0)
    numbers = element_probes.same_group_numbers([told, not_told], properties["group"])
    alone = [element_probes.same_group_numbers([each], properties["group"]) for each in (told, not_told)]
    assert alone[0]["same_group_p_value"] < 0.05 < alone[1]["same_group_p_value"]
    assert numbers["same_group_p_value"] == alone[1]["same_group_p_value"]
    assert numbers["same_group_share"] == pytest.approx(np.mean([each["same_group_share"] for each in alone]))
    halved = plane(properties, 1, (0.5, 0.2))
    halved.points["pc2"] = probes.random_vectors(properties.index, 1, seed=1)[0]
    planes = [plane(properties, 1, (0.5, 0.2)), halved]
    first, second = np.abs(element_probes.radius_correlations(planes, properties))
    deviation = element_probes.plane_numbers([told, told], planes, properties)["radius_pc2_rank_correlation_std"]
    assert deviation == pytest.approx(abs(first - second) / 2**0.5)
    assert abs(first - second) > 0.1


def test_correlations_of_either_sign_count_alike_and_variances_are_averaged(properties: pd.DataFrame) -> None:
    planes = [plane(properties, 1, (0.5, 0.2)), plane(properties, -1, (0.3, 0.1))]
    numbers = element_probes.plane_numbers([grouped(properties, seed) for seed in (0, 1)], planes, properties)
    assert numbers["radius_pc2_rank_correlation"] == pytest.approx(1)
    assert numbers["radius_pc2_rank_correlation_std"] == pytest.approx(0)
    assert numbers["alkali_together"] == 1
    assert numbers["explained_variance"] == pytest.approx([0.4, 0.15])


@pytest.fixture(scope="module")
def labels() -> pd.DataFrame:
    """Return twelve elements in three categories per property; one category of ``group`` has a single element."""
    table = pd.DataFrame({name: ["a"] * 4 + ["b"] * 4 + ["c"] * 4 for name in PROPERTIES})
    table["group"] = ["a"] * 6 + ["b"] * 5 + ["c"]
    return table.set_index(pd.Index([f"X{i}" for i in range(12)]))


@pytest.fixture(scope="module")
def telling(labels: pd.DataFrame) -> pd.DataFrame:
    """Return vectors that depend on the block and not on the group."""
    corners = 3 * pd.get_dummies(labels["block"]).to_numpy(dtype=float)
    return pd.DataFrame(corners + np.random.default_rng(2).normal(scale=0.1, size=corners.shape), labels.index)


def test_learned_vectors_are_read_and_random_ones_beside_them_differ_by_seed(
    labels: pd.DataFrame, telling: pd.DataFrame
) -> None:
    table = element_probes.accuracy_table([telling, telling], labels, [4, 5])
    accuracy = table.set_index(["property", "vectors", "seed"])["accuracy"]
    assert len(table) == 4 * 2 * 2
    assert accuracy["block", "learned", 4] == 1
    assert accuracy["block", "random", 4] < 0.8
    assert accuracy["radius", "random", 4] != accuracy["radius", "random", 5]
    assert accuracy["radius", "learned", 4] == accuracy["radius", "learned", 5]


def test_the_limits_are_the_largest_category_and_what_training_folds_can_know(labels: pd.DataFrame) -> None:
    limits = element_probes.accuracy_limits(labels).set_index("property")
    assert limits.loc["group"].to_dict() == pytest.approx({"categories": 3, "majority": 1 / 2, "attainable": 11 / 12})
    assert limits.loc["block"].to_dict() == pytest.approx({"categories": 3, "majority": 1 / 3, "attainable": 1})


def test_numbers_over_runs_are_means_deviations_and_the_gain_in_them() -> None:
    rows = [
        {"property": name, "vectors": kind, "seed": seed, "accuracy": accuracy}
        for name in ("block", "group")
        for kind, accuracies in (("learned", (0.8, 0.9)), ("random", (0.4, 0.4)))
        for seed, accuracy in enumerate(accuracies)
    ]
    limits = pd.DataFrame(
        {"property": ["block", "group"], "categories": [3, 16], "majority": [0.5, 0.1], "attainable": [1.0, 0.98]}
    )
    numbers = element_probes.accuracy_numbers(pd.DataFrame(rows), limits)
    assert numbers["lr_accuracy"] == pytest.approx({"block": 0.85, "group": 0.85})
    assert numbers["lr_accuracy_std"]["group"] == pytest.approx(0.1 / np.sqrt(2))
    assert numbers["lr_accuracy_random"]["group"] == pytest.approx(0.4)
    assert numbers["lr_accuracy_random_std"]["group"] == pytest.approx(0)
    # The standard deviations are 0.0707 and 0, and their root mean square is 0.05.
    assert numbers["lr_gain_in_deviations"]["block"] == pytest.approx(0.45 / 0.05)
    assert numbers["lr_majority"] == {"block": 0.5, "group": 0.1}
    assert numbers["lr_attainable"] == {"block": 1, "group": 0.98}
    summary = element_probes.accuracy_summary(pd.DataFrame(rows), limits)
    assert summary.loc["group"].to_dict() == pytest.approx(
        {"categories": 16, "majority": 0.1, "attainable": 0.98, "learned": 0.85, "random": 0.4}
    )


def test_each_strength_has_a_column_and_the_strongest_regularization_reads_only_the_largest_category(
    labels: pd.DataFrame, telling: pd.DataFrame
) -> None:
    table = element_probes.accuracy_by_strength(telling, labels, [1e-4, 1])
    assert table.columns.tolist() == ["C = 0.0001", "C = 1"]
    assert table.index.tolist() == list(PROPERTIES)
    assert table.loc["block", "C = 1"] == 1
    assert table.loc["group", "C = 1"] == probes.linear_accuracy(telling, labels["group"]).mean()
    assert table.loc["group", "C = 0.0001"] == pytest.approx(1 / 2, abs=0.02)
