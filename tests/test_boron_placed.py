"""Sites on a map of two clusters that are far apart, so that the environments near each site are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgcnn.analysis.maps import draw_map
from cgcnn.paper import boron_placed
from cgcnn.paper.boron_map import BoronMap

WIDTH = 5


def vectors(center: float, n: int, seed: int) -> pd.DataFrame:
    values = center + np.random.default_rng(seed).normal(scale=0.1, size=(n, WIDTH))
    return pd.DataFrame(values, columns=[f"v{k}" for k in range(WIDTH)])


@pytest.fixture(scope="module")
def drawn() -> BoronMap:
    """Return a map of 60 icosahedral environments around 0, half of them in a copy of the lowest one, and 60 others."""
    of_map = pd.concat([vectors(0, 60, 0), vectors(10, 60, 1)], ignore_index=True)
    table = pd.DataFrame(
        {
            "crystal": ["copy"] * 30 + ["other"] * 90,
            "region": ["icosahedral"] * 60 + ["amorphous"] * 60,
        }
    )
    return BoronMap(np.arange(120), table, of_map, draw_map(of_map))


@pytest.fixture(scope="module")
def energies() -> pd.Series:
    return pd.Series({"ground": 0.0, "copy": 0.0005, "other": 0.3})


def environments() -> pd.DataFrame:
    """Return two sites of the ground state, with the vectors of icosahedral ones, and one site of another crystal."""
    table = pd.DataFrame(
        {
            "crystal": ["other", "ground", "ground"],
            "site": [0, 0, 6],
            "region": ["amorphous", "icosahedral", "amorphous"],
            "local_energy_eV_per_atom": [0.2, -0.05, 0.0512],
        }
    )
    return table.join(vectors(0, 3, 2))


def test_the_sites_of_the_ground_state_are_placed_among_those_like_them(drawn: BoronMap, energies: pd.Series) -> None:
    table = boron_placed.ground_state_table(drawn, environments(), energies)
    assert table["site"].tolist() == [0, 6]
    assert table["by geometry"].tolist() == ["icosahedral", "amorphous"]
    assert table["local energy (eV)"].tolist() == [-0.05, 0.051]
    assert table["icosahedral among the ten nearest"].tolist() == [10, 10]
    assert table["without copies of it"].tolist() == [10, 10]
    assert boron_placed.ground_state_numbers(table) == {
        "ground_state_icosahedral_by_geometry": 0.5,
        "ground_state_in_icosahedral_region": 1.0,
        "ground_state_near_other_icosahedra": 1.0,
    }


def test_copies_of_the_ground_state_do_not_count_as_other_icosahedra(drawn: BoronMap, energies: pd.Series) -> None:
    all_copies = BoronMap(
        drawn.chosen, drawn.table.assign(crystal=["copy"] * 60 + ["other"] * 60), drawn.vectors, drawn.chart
    )
    table = boron_placed.ground_state_table(all_copies, environments(), energies)
    assert table["icosahedral among the ten nearest"].tolist() == [10, 10]
    assert table["without copies of it"].tolist() == [0, 0]
