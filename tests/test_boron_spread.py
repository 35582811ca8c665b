"""Sites of clusters at known places among the vectors of a map, so that spreads and distances are known."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from cgcnn.analysis.maps import draw_map
from cgcnn.analysis.representations import represent
from cgcnn.data.crystals import Crystals
from cgcnn.paper import boron_spread
from cgcnn.paper.boron_map import BoronMap
from cgcnn.paper.seed_numbers import over_seeds
from cgcnn.training.runs import Run
from tests.test_boron_placed import WIDTH, vectors

B40, B80, B35, B36 = "B40 (D2d)", "B80 (Ih)", "B35 (Cs)", "B36 (C6v)"


def sites() -> pd.DataFrame:
    """Return distinct sites of four clusters; those of B35 and B36 with fewer than five bonds are far out."""
    rows = [
        (B40, 0, 8, 5, 1.0, 3.0),
        (B40, 8, 32, 5, 0.5, -1.0),
        (B80, 0, 60, 5, 0.4, 0.0),
        (B80, 60, 20, 6, 0.2, 2.0),
        (B35, 0, 2, 5, 0.3, 0.0),
        (B35, 1, 2, 6, 0.3, 4.0),
        (B35, 2, 31, 3, 2.0, 14.0),
        (B36, 0, 6, 5, 0.3, 0.0),
        (B36, 6, 30, 4, 1.5, 6.0),
    ]
    table = pd.DataFrame(rows, columns=["crystal", "site", "multiplicity", "n_bonds", "local_energy_eV_per_atom", "v0"])
    rest = pd.DataFrame(np.zeros((len(rows), WIDTH - 1)), columns=[f"v{k}" for k in range(1, WIDTH)])
    return table.join(rest)


def placed() -> pd.DataFrame:
    """Return the sites on a map of icosahedral and amorphous environments."""
    table = sites()
    table["n_icosahedral"] = [10, 0, 5, 5, 0, 0, 0, 0, 0]
    table["to_icosahedral"] = [1.0, 2.0, 3.0, 4.0, 0.1, 0.1, 0.1, 0.1, 0.1]
    table["to_amorphous"] = [2.0, 1.0, 2.0, 1.0, 9.0, 9.0, 9.0, 9.0, 9.0]
    return table


def test_clusters_are_told_by_what_they_are_near_and_how_far_they_spread() -> None:
    table = boron_spread.cluster_table(placed())
    assert table.columns.tolist() == [B40, B80, B35, B36]
    assert list(table.loc["distinct sites"]) == [2, 2, 3, 2]
    assert table.loc["mean local energy (eV)", B40] == pytest.approx(0.6)
    assert list(table.loc["spread of v(K)"]) == pytest.approx([2, 1, np.std([0, 4, 14]), 3])
    assert list(table.loc["spread of v(K) without the edge"]) == pytest.approx([2, 1, 2, 0])
    assert table.loc["distance to icosahedral", B40] == 1.5
    assert list(table.loc["icosahedral among the ten nearest"]) == [0.5, 0.5, 0, 0]
    assert "distance to layered" not in table.index


def test_ratios_are_those_of_the_claims_and_only_cages_count_as_fullerenes() -> None:
    numbers = boron_spread.cluster_numbers(placed())
    assert numbers["fullerene_spread_ratio"] == pytest.approx(2)
    assert numbers["fullerene_spread_ratio_quasi_planar"] == pytest.approx(np.std([0, 4, 14]) / 2)
    assert numbers["fullerene_spread_ratio_symmetric"] == pytest.approx(1.5)
    assert numbers["fullerene_spread_ratio_inside"] == pytest.approx({B35: 1.0, B36: 0.0})
    # The same rule holds for the cage: without one of its two sites it has no spread to divide by.
    few_bonds = placed()
    few_bonds.loc[0, "n_bonds"] = 4
    assert boron_spread.cluster_numbers(few_bonds)["fullerene_spread_ratio_inside"] == {B35: None, B36: None}
    assert numbers["fullerene_nearest_is_icosahedral"] == 0.25
    assert numbers["fullerene_nearest"] == {
        "disconnected": 0, "amorphous": 0.75, "layered": 0, "icosahedral": 0.25,
    }  # fmt: skip


def test_the_text_shows_the_mean_and_the_seeds_and_says_what_was_not_measured() -> None:
    of_seeds = [boron_spread.cluster_numbers(placed())] * 2
    numbers = over_seeds(
        [{**each, "fullerene_spread_ratio": ratio} for each, ratio in zip(of_seeds, (1, 2), strict=True)]
    )
    texts = boron_spread.texts(numbers)
    assert texts["ratio_b80"] == "1.50 (1.00 to 2.00 by seed)"
    assert texts["ratio_b36"] == "1.50 (1.50 to 1.50 by seed)"
    assert texts["inside_b35"] == "1.00 (1.00 to 1.00 by seed)"
    assert texts["distance_b40"] == texts["distance_validation"] == "not measured here"


def test_a_ratio_needs_both_clusters() -> None:
    alone = placed().query("crystal == @B80")
    numbers = boron_spread.cluster_numbers(alone)
    assert numbers["fullerene_spread_ratio"] is None
    assert numbers["fullerene_spread_ratio_quasi_planar"] is None
    assert numbers["fullerene_spread_ratio_inside"] == {B35: None, B36: None}
    assert numbers["fullerene_nearest_is_icosahedral"] == 0
    assert numbers["fullerene_spread"] == pytest.approx({B80: 1})


def test_sites_are_placed_among_those_like_them(monkeypatch: pytest.MonkeyPatch) -> None:
    of_map = pd.concat([vectors(0, 60, 0), vectors(10, 60, 1)], ignore_index=True)
    table = pd.DataFrame({"region": ["icosahedral"] * 60 + ["amorphous"] * 60})
    drawn = BoronMap(np.arange(120), table, of_map, draw_map(of_map))
    some = sites().iloc[:3].drop(columns="n_bonds")
    some.loc[2, [f"v{k}" for k in range(WIDTH)]] = 9.0
    monkeypatch.setattr(boron_spread, "represent", lambda *_: SimpleNamespace(environments=some))
    bonds = pd.DataFrame({"n_bonds": [4, 5, 6]})
    monkeypatch.setattr(boron_spread, "name_regions", lambda *_: bonds)
    found = boron_spread.place_clusters("a run", drawn, "clusters")  # type: ignore[arg-type]  # they are replaced
    assert found["n_icosahedral"].tolist() == [10, 10, 0]
    of_sites = some[[f"v{k}" for k in range(WIDTH)]]
    nearest = cdist(of_sites, of_map.iloc[:60]).min(axis=1)
    assert found["to_icosahedral"].tolist() == pytest.approx(nearest)
    assert found["n_bonds"].tolist() == [4, 5, 6]


def test_the_distance_to_what_was_seen_is_that_of_the_mean_over_the_sites(run: Run, few: Crystals) -> None:
    some = few.select([3, 140, 299])
    assert run.seen is not None
    numbers = boron_spread.distance_numbers(run, some)
    assert list(numbers["distance_to_seen"]) == list(some.ids)
    expected = run.seen.distances(represent(run, some).crystals.to_numpy())
    assert list(numbers["distance_to_seen"].values()) == pytest.approx(expected)
    is_within = run.seen.validation_distances.astype(float) <= numbers["distance_of_nine_in_ten"]
    assert is_within.mean() == pytest.approx(0.9, abs=0.02)


def test_a_run_whose_file_does_not_hold_what_it_has_seen_gives_no_distance(run: Run, few: Crystals) -> None:
    assert boron_spread.distance_numbers(dataclasses.replace(run, seen=None), few) == {}
