"""Probes of the element vectors of several runs, on vectors for which the results are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis import probes
from cgcnn.analysis.elements import element_table
from cgcnn.paper import element_probes
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


def test_elements_without_a_group_are_left_out_of_the_share_of_the_same_group(properties: pd.DataFrame) -> None:
    vectors = grouped(properties, 0)
    vectors.loc["Ce"] = vectors.loc["Hf"] + 1e-6
    groups = element_table(vectors.index.tolist())["group"]
    numbers = element_probes.same_group_numbers(vectors, groups)
    assert numbers["same_group_share"] == 1
    assert numbers["same_group_chance"] == pytest.approx(2 / 8, abs=0.01)
    assert numbers["same_group_ratio"] == pytest.approx(1 / numbers["same_group_chance"])
    assert numbers["same_group_p_value"] < 0.01


def test_an_element_away_from_the_others_lowers_their_share_among_themselves(properties: pd.DataFrame) -> None:
    together = grouped(properties, 0)
    away = together.copy()
    away.loc["K"] = away.loc["Ca"] + 1e-6
    assert element_probes.share_among_themselves(together, pd.Index(ALKALI)) == 1
    assert element_probes.share_among_themselves(away, pd.Index(ALKALI)) == pytest.approx(2 / 3)


def test_numbers_are_given_for_each_run_with_the_largest_p_value(properties: pd.DataFrame) -> None:
    told, not_told = grouped(properties, 0), probes.random_vectors(properties.index, 5, seed=0)
    planes = [element_probes.oriented_plane(each, properties) for each in (told, not_told)]
    numbers = element_probes.plane_numbers([told, not_told], planes, properties)
    alone = [element_probes.same_group_numbers(each, properties["group"]) for each in (told, not_told)]
    assert alone[0]["same_group_p_value"] < 0.05 < alone[1]["same_group_p_value"] == numbers["same_group_p_value"]
    ratios = [each["same_group_ratio"] for each in alone]
    assert numbers["by_seed"]["same_group_ratio"] == pytest.approx(ratios)
    assert numbers["same_group_ratio"] == pytest.approx(np.mean(ratios))
    assert numbers["by_seed"]["alkali_together"][0] == 1 > numbers["by_seed"]["alkali_together"][1]
    assert numbers["explained_variance"]["pc1"] == pytest.approx(np.mean([each.explained[0] for each in planes]))
