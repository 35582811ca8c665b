"""Crystals on a map: found at their own points, whichever way they are written, beside their nearest environments."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.analysis import environment_map
from cgcnn.analysis.environment_map import EnvironmentMap
from cgcnn.analysis.locate import Located, locate, nearest
from cgcnn.analysis.representations import environment_vectors, represent
from cgcnn.data.crystals import Crystals, pack
from cgcnn.errors import DataError
from cgcnn.training.config import Config
from cgcnn.training.fit import fit
from cgcnn.training.runs import Run
from tests.transformations import permuted, rotated, supercell, translated

N_ON_MAP = 200


@pytest.fixture(scope="module")
def drawn(run: Run, few: Crystals) -> EnvironmentMap:
    """Return the map of all environments of 200 of the 300 crystals."""
    return environment_map.draw(run, few.select(range(N_ON_MAP)))


@pytest.fixture(scope="module")
def located(run: Run, few: Crystals, drawn: EnvironmentMap) -> Located:
    """Return all 300 crystals on this map."""
    return locate([run], drawn, few)


def on_map(drawn: EnvironmentMap, sites: pd.DataFrame) -> pd.Series:
    """Return which sites are of crystals that are on the map."""
    return sites["crystal"].isin(drawn.table["crystal"])


def test_a_crystal_of_the_map_finds_itself_at_distance_0_and_at_its_own_point(
    drawn: EnvironmentMap, located: Located
) -> None:
    sites = located.sites[on_map(drawn, located.sites)].reset_index(drop=True)
    assert len(sites) == len(drawn.table)
    assert (sites["distance"] == 0).all()
    assert (sites["nearest_1_crystal"] == sites["crystal"]).all()
    assert (sites["nearest_1_site"] == sites["site"]).all()
    assert (sites["range"] == "inside").all()
    pd.testing.assert_frame_equal(sites[["x", "y"]], drawn.table[["x", "y"]])
    others = located.sites[~on_map(drawn, located.sites)]
    assert (others["distance"] > 0).mean() > 0.9


@pytest.mark.parametrize("written", [supercell, rotated, permuted, translated])
def test_a_crystal_written_otherwise_lands_on_the_same_places(
    written: Callable[[Structure, int], Structure], run: Run, few: Crystals, drawn: EnvironmentMap, located: Located
) -> None:
    chosen = [*range(190, 210), *range(290, 300)]  # some are on the map, some are not
    other = pack(
        [written(few.structure(c), c) for c in chosen], [few.ids[c] for c in chosen], np.zeros(len(chosen)), "other"
    )
    found = locate([run], drawn, other).sites
    for name, rows in found.groupby("crystal"):
        expected = located.sites[located.sites["crystal"] == name]
        assert len(rows) == len(expected)
        by = ["element", "distance", "x"]
        rows, expected = (sites.round(3).sort_values(by).reset_index(drop=True) for sites in (rows, expected))
        assert rows["element"].tolist() == expected["element"].tolist()
        np.testing.assert_allclose(rows[["x", "y"]], expected[["x", "y"]], atol=0.02)
        np.testing.assert_allclose(rows["distance"], expected["distance"], atol=1e-3)


def test_the_nearest_environments_are_nearest_among_the_vectors_and_not_on_the_plane(
    run: Run, few: Crystals, drawn: EnvironmentMap, located: Located
) -> None:
    vectors = environment_vectors(represent(run, few, "cpu").environments).to_numpy(np.float64)
    new = np.flatnonzero(~on_map(drawn, located.sites))[:50]
    for row in new:
        distances = np.sqrt(((drawn.vectors.astype(np.float64) - vectors[row]) ** 2).sum(axis=1))
        site = located.sites.iloc[row]
        found = [site[f"nearest_{rank}_distance"] for rank in (1, 2, 3)]
        np.testing.assert_allclose(found, np.sort(distances)[:3], atol=1e-4)
        assert site["distance"] == found[0]
        of_first = drawn.table.iloc[distances.argmin()]
        assert site["nearest_1_element"] == of_first["element"]


def test_of_equally_near_environments_the_crystal_itself_comes_first_and_then_the_order_of_the_map(
    drawn: EnvironmentMap,
) -> None:
    table = pd.concat([drawn.table.iloc[[0] * 4], drawn.table.iloc[5:15]], ignore_index=True)
    table["crystal"] = [*"abcd", *table["crystal"][4:]]
    table["site"] = np.arange(len(table))
    ties = dataclasses.replace(drawn, table=table, vectors=drawn.vectors[[0] * 4 + list(range(5, 15))])
    sites = pd.DataFrame({"crystal": ["c", "unknown"], "site": [2, 0]})
    rows, distances = nearest(ties, sites, drawn.vectors[[0, 0]].astype(np.float64), 4)
    assert rows.tolist() == [[2, 0, 1, 3], [0, 1, 2, 3]]
    assert (distances == 0).all()
    few_rows, _ = nearest(ties, sites, drawn.vectors[[0, 0]].astype(np.float64), 2)
    assert few_rows.tolist() == [[2, 0], [0, 1]]


def test_local_values_average_to_the_prediction_over_all_runs(
    run: Run, few: Crystals, quick: Config, drawn: EnvironmentMap
) -> None:
    other = fit(few, quick.replace(seed=1, epochs=2), device="cpu")
    some = few.select(range(150, 170))
    found = locate([other, run], drawn, some)
    sites = found.sites.assign(share=found.sites["local_energy_eV_per_atom"] * found.sites["multiplicity"])
    means = sites.groupby("crystal", sort=False)["share"].sum() / some.n_sites
    assert found.crystals.index.tolist() == list(some.ids)
    np.testing.assert_allclose(means, found.crystals["energy_eV_per_atom"], atol=1e-5)
    assert (found.crystals["lower_eV_per_atom"] < found.crystals["energy_eV_per_atom"]).all()
    alone = locate([run], drawn, some)
    np.testing.assert_array_equal(found.sites[["x", "y"]], alone.sites[["x", "y"]])  # by the map's own run
    assert not np.allclose(found.sites["local_energy_eV_per_atom"], alone.sites["local_energy_eV_per_atom"])


def test_crystals_far_from_all_that_is_on_the_map_are_outside(run: Run, few: Crystals, drawn: EnvironmentMap) -> None:
    elsewhere = dataclasses.replace(drawn, vectors=drawn.vectors + 10)
    found = locate([run], elsewhere, few.select(range(10)))
    assert set(found.sites["range"]) == {"outside"}
    assert (found.sites["distance"] > 10).all()


def test_most_crystals_of_the_same_kind_are_inside(drawn: EnvironmentMap, located: Located) -> None:
    new = located.sites[~on_map(drawn, located.sites)]
    assert (new["range"] == "inside").mean() > 0.8
    assert (new["range"] == "outside").mean() < 0.05


def test_a_crystal_with_an_element_that_the_run_cannot_know_costs_only_itself(
    run: Run, few: Crystals, drawn: EnvironmentMap
) -> None:
    foreign = Structure(Lattice.cubic(4), ["Pu", "O"], [[0.0, 0, 0], [0.5, 0.5, 0.5]])
    both = pack([foreign, few.structure(0)], ["PuO", few.ids[0]], np.zeros(2), "mine")
    found = locate([run], drawn, both)
    assert found.crystals.index.tolist() == [few.ids[0]]
    assert [error.problem.split(":")[0] for error in found.refused] == ["PuO"]
    with pytest.raises(DataError, match=r"PuO: .*Pu"):
        locate([run], drawn, pack([foreign], ["PuO"], [0], "mine"))


def test_a_map_of_another_run_or_of_crystals_is_refused_by_name(run: Run, few: Crystals, drawn: EnvironmentMap) -> None:
    foreign = dataclasses.replace(drawn, run_key="0123456789abcdef", run_dataset="others")
    with pytest.raises(DataError, match=rf"of run 0123456789ab \(others\), not of {run.key[:12]}"):
        locate([run], foreign, few)
    of_crystals = dataclasses.replace(drawn, level="crystals")
    with pytest.raises(DataError, match="its points are crystals, not environments"):
        locate([run], of_crystals, few)
