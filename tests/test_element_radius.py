"""The measures of the radius in element vectors, on vectors of which the radius is known by construction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis import probes
from cgcnn.analysis.elements import element_table
from cgcnn.paper import element_radius

ALKALI = ["Li", "Na", "K", "Rb", "Cs"]
METALS = [*ALKALI, "Be", "Mg", "Ca", "Sr", "Ba", "Al", "Ga", "In", "Tl", "Ti", "Zr", "Fe", "Ru", "Os", "Au"]


@pytest.fixture(scope="module")
def properties() -> pd.DataFrame:
    return element_table(METALS)


@pytest.fixture(scope="module")
def radius(properties: pd.DataFrame) -> pd.Series:
    """Return the radii, with false ones for the alkali metals, which are to be left out."""
    of_elements = properties["covalent_radius_pm"].astype(float).copy()
    of_elements[ALKALI] = -of_elements[ALKALI]
    return of_elements


def plane(pc1: pd.Series | float, pc2: pd.Series) -> probes.Projection:
    return probes.Projection(pd.DataFrame({"pc1": pc1, "pc2": pc2}), (0.5, 0.2))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_radius_is_correlated_without_the_alkali_metals(
    properties: pd.DataFrame, radius: pd.Series, sign: int
) -> None:
    assert element_radius.radius_correlation(plane(0.0, sign * radius), properties) == pytest.approx(sign)


def test_any_direction_of_the_plane_serves_and_chance_does_not(properties: pd.DataFrame, radius: pd.Series) -> None:
    noise = pd.Series(np.random.default_rng(0).normal(scale=300, size=len(METALS)), METALS)
    tilted = plane(radius + noise, radius - noise)
    assert abs(element_radius.radius_correlation(tilted, properties)) < 0.5
    assert element_radius.radius_in_plane(tilted, properties) > 0.99
    assert element_radius.radius_in_plane(plane(noise, noise**2), properties) < 0.5


def test_each_element_is_predicted_from_all_others(properties: pd.DataFrame, radius: pd.Series) -> None:
    others = [name for name in METALS if name not in ALKALI]
    pc2 = pd.Series(np.random.default_rng(1).normal(size=len(METALS)), METALS)
    predicted = []
    for name in others:
        known = [other for other in others if other != name]
        slope, intercept = np.polyfit(pc2[known], radius[known], 1)
        predicted.append(slope * pc2[name] + intercept)
    expected = pd.Series(predicted).corr(pd.Series(radius[others].to_numpy()), method="spearman")
    assert element_radius.radius_in_plane(plane(0.0, pc2), properties) == pytest.approx(expected)


def test_the_radius_is_read_off_all_numbers_and_not_off_random_ones(
    properties: pd.DataFrame, radius: pd.Series
) -> None:
    vectors = probes.random_vectors(pd.Index(METALS), 6, seed=2)
    assert element_radius.radius_r2(vectors, properties) < 0.2
    # A ridge of penalty 1 on 15 elements shrinks the only telling column by 1 / (1 + 1/14), and its mean follows.
    alone = pd.DataFrame({"x": 7 * radius + 3})
    assert element_radius.radius_r2(alone, properties) == pytest.approx(0.99, abs=0.008)
    assert element_radius.radius_r2(alone, properties) < 0.9999


def test_numbers_are_given_by_run_with_their_sign_in_each_block(properties: pd.DataFrame, radius: pd.Series) -> None:
    is_d = properties["block"] == "d"
    turned = radius.where(~is_d, -radius)
    planes = [plane(0.0, -radius), plane(0.0, turned)]
    vectors = [probes.random_vectors(pd.Index(METALS), 6, seed=seed) for seed in (0, 1)]
    numbers = element_radius.radius_numbers(vectors, planes, properties)
    assert numbers["by_seed"]["radius_pc2_by_block.d"] == pytest.approx([-1, -1])
    assert numbers["by_seed"]["radius_pc2_by_block.s"] == pytest.approx([-1, 1])
    assert numbers["radius_pc2_by_block"] == pytest.approx({"s": 0, "p": 0, "d": -1})
    assert numbers["by_seed"]["radius_pc2_rank_correlation"][0] == pytest.approx(1)
    # A column on a large scale decides the plane alone, until all columns have the same scale.
    scaled = vectors[0] * [1000, 1, 1, 1, 1, 1]
    of_scaled = element_radius.radius_numbers([scaled], planes[:1], properties)
    assert of_scaled["radius_pc2_standardized"] == pytest.approx(numbers["by_seed"]["radius_pc2_standardized"][0])
    summary = element_radius.radius_summary(numbers, [0, 1])
    assert list(summary) == ["mean", "seed 0", "seed 1"]
    assert np.allclose(summary.loc["of the s metals alone"], [0, -1, 1])


def test_a_block_of_three_elements_has_no_correlation(properties: pd.DataFrame, radius: pd.Series) -> None:
    few = properties.drop(["Ga"])
    numbers = element_radius.radius_numbers(
        [probes.random_vectors(few.index, 6, seed=0)], [plane(0.0, radius[few.index])], few
    )
    assert numbers["radius_pc2_by_block"]["p"] is None
    assert numbers["radius_pc2_by_block"]["s"] == pytest.approx(1)
