"""The tables of the boron section, on structures and environments that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pymatgen.core import Lattice, Structure

from cgcnn.data.crystals import pack
from cgcnn.graphs import crystal_graphs
from cgcnn.paper import boron_tables
from cgcnn.paper.seed_numbers import over_seeds


def test_the_set_is_counted_and_its_lowest_structure_named() -> None:
    cubic = Structure(Lattice.cubic(1.9), ["B"], [[0, 0, 0]])
    honeycomb = Structure(Lattice.hexagonal(2.94, 8), ["B", "B"], [[1 / 3, 2 / 3, 0.5], [2 / 3, 1 / 3, 0.5]])
    crystals = pack([cubic * (2, 1, 1), honeycomb, cubic], ["doubled", "honeycomb", "cubic"], [1.0, 0.0, 1.25], "three")
    size = boron_tables.set_size(crystals, crystal_graphs.build(crystals))
    assert size.to_dict() == {
        "structures": "3",
        "sites": "5",
        "nodes after merging": "3",
        "sites in the smallest cell": "1",
        "sites in the largest cell": "2",
        "within 1 eV/atom of the lowest": "2",
        "median energy above the lowest (eV/atom)": "1",
        "highest energy above the lowest (eV/atom)": "1.250",
        "lowest structure": "honeycomb",
    }


@pytest.fixture(scope="module")
def environments() -> pd.DataFrame:
    """Return nine environments of two crystals, of which one has a low energy."""
    rows = [
        ("low", "icosahedral", 6, True, -0.2),
        ("low", "icosahedral", 6, True, -0.4),
        ("low", "amorphous", 5, True, 0.5),
        ("high", "amorphous", 7, False, 0.9),
        ("high", "amorphous", 6, False, 1.0),
        ("low", "layered", 3, False, 0.1),
        ("high", "layered", 5, True, 1.3),
        ("high", "disconnected", 1, False, 4.0),
        ("high", "disconnected", 2, False, 5.0),
    ]
    return pd.DataFrame(rows, columns=["crystal", "region", "n_bonds", "has_pentagon", "local_energy_eV_per_atom"])


@pytest.fixture(scope="module")
def regions(environments: pd.DataFrame) -> pd.DataFrame:
    mapped = environments.assign(n_neighbors=environments["n_bonds"] + 1.0)
    return boron_tables.region_table(environments, mapped, pd.Series({"low": 0.2, "high": 3.0}))


def test_the_regions_are_in_the_order_of_the_figure_with_means_over_their_environments(regions: pd.DataFrame) -> None:
    assert regions.index.tolist() == ["disconnected", "amorphous", "layered", "icosahedral"]
    assert regions["environments"].tolist() == [2, 3, 2, 2]
    assert regions["local energy (eV)"].tolist() == pytest.approx([4.5, 0.8, 0.7, -0.3])
    assert regions["median"].tolist() == pytest.approx([4.5, 0.9, 0.7, -0.3])
    within = regions["within 1 eV/atom of the lowest"]
    assert np.isnan(within["disconnected"])
    assert within.drop("disconnected").tolist() == pytest.approx([0.5, 0.1, -0.3])
    # Of the two disconnected environments, both are in a crystal at 3 eV/atom.
    of_crystals = regions["energy of their crystals (eV/atom)"]
    less = regions["local energy less that of the crystal (eV)"]
    assert of_crystals.tolist() == pytest.approx([3, (0.2 + 3 + 3) / 3, 1.6, 0.2])
    assert less.tolist() == pytest.approx([1.5, 0.8 - 6.2 / 3, 0.7 - 1.6, -0.5])
    assert regions["bonds"].tolist() == pytest.approx([1.5, 6, 4, 6])
    assert regions["neighbors (mapped ones)"].tolist() == pytest.approx([2.5, 7, 5, 7])


def test_a_region_without_environments_has_no_row(environments: pd.DataFrame) -> None:
    some = environments[environments["region"] != "layered"].assign(n_neighbors=6.0)
    table = boron_tables.region_table(some, some, pd.Series({"low": 0.0, "high": 2.0}))
    assert table.index.tolist() == ["disconnected", "amorphous", "icosahedral"]


def test_regions_are_compared_with_the_next_one(environments: pd.DataFrame, regions: pd.DataFrame) -> None:
    numbers = boron_tables.region_numbers(environments, regions)
    assert numbers["mean_local_energy"] == pytest.approx(
        {"amorphous": 0.8, "disconnected": 4.5, "icosahedral": -0.3, "layered": 0.7}
    )
    assert numbers["icosahedral_below_next"] == pytest.approx(1.0)
    assert numbers["disconnected_above_next"] == pytest.approx(3.7)
    assert numbers["amorphous_below_disconnected"] == pytest.approx(3.7)
    assert numbers["amorphous_above_layered"] == pytest.approx(0.1)
    assert numbers["amorphous_above_icosahedral"] == pytest.approx(1.1)
    assert numbers["median_local_energy"]["amorphous"] == pytest.approx(0.9)
    assert numbers["local_energy_less_crystal"]["icosahedral"] == pytest.approx(-0.5)
    # Two environments outside icosahedra have a ring of five neighbors: 0.5 and 1.3 eV.
    assert numbers["pentagons_mean_local_energy"] == pytest.approx(0.9)
    assert numbers["icosahedral_mean_local_energy"] == pytest.approx(-0.3)


def test_counts_of_regions_depend_on_no_run(environments: pd.DataFrame, regions: pd.DataFrame) -> None:
    counts = boron_tables.region_counts(environments, regions)
    assert counts["n_by_region"] == {"amorphous": 3, "icosahedral": 2, "layered": 2, "disconnected": 2}
    assert counts["crystal_energy_by_region"]["layered"] == pytest.approx(1.6)
    assert counts["n_pentagons"] == 2
    assert counts["n_icosahedral"] == 2
    assert counts["n_distinct_environments"] == 9


def test_layered_sites_are_at_walls_where_their_bonds_go_on_in_three_directions(environments: pd.DataFrame) -> None:
    # The layered sites are one of the low crystal and two of the high one. No other region counts.
    known = environments.assign(periodicity=3)
    known.loc[known.index[known["n_bonds"] == 3], "periodicity"] = 2
    more = pd.concat([known, known.iloc[[6]]], ignore_index=True)
    numbers = boron_tables.layered_numbers(more, pd.Series({"low": 0.2, "high": 3.0}))
    assert numbers["layered_wall_share"] == pytest.approx(2 / 3)
    assert numbers["layered_crystal_energy"] == {"wall": pytest.approx(3.0), "sheet": pytest.approx(0.2)}
    assert numbers["n_icosahedral_crystals"] == 1
    texts = boron_tables.texts(numbers)
    shown = [texts[name] for name in ("share_at_walls", "layered_wall_energy", "layered_sheet_energy")]
    assert shown == ["67%", "3.00", "0.20"]
    alone = boron_tables.layered_numbers(known[known["periodicity"] == 3], pd.Series({"low": 0.2, "high": 3.0}))
    assert "layered_sheet_energy" not in boron_tables.texts(alone)


def test_disconnected_sites_have_fewer_neighbors_by_an_interval_that_the_draw_of_environments_decides() -> None:
    rng = np.random.default_rng(0)
    drawn = {"disconnected": (3, 40), "layered": (4, 100), "amorphous": (6, 900)}
    mapped = pd.concat(
        pd.DataFrame({"region": region, "n_neighbors": rng.poisson(mean, n)}) for region, (mean, n) in drawn.items()
    )
    numbers = boron_tables.neighbor_numbers(mapped)
    means = mapped.groupby("region")["n_neighbors"].mean()
    assert numbers["disconnected_fewer_neighbors"] == pytest.approx(means["layered"] - means["disconnected"])
    low, high = numbers["intervals"]["disconnected_fewer_neighbors"]
    assert (low + high) / 2 == pytest.approx(numbers["disconnected_fewer_neighbors"])
    # Two standard errors to each side: roots of 3 / 40 + 4 / 100.
    assert (high - low) / 2 == pytest.approx(2 * (3 / 40 + 4 / 100) ** 0.5, rel=0.2)


def test_the_mean_table_keeps_whole_numbers_whole() -> None:
    tables = [pd.DataFrame({"environments": [3, 4], "energy": [value, 1.0]}, ["a", "b"]) for value in (1.0, 2.0, 6.0)]
    mean = boron_tables.mean_table(tables)
    assert mean["energy"].tolist() == [3, 1]
    assert mean["environments"].tolist() == [3, 4]
    assert mean["environments"].dtype == np.int64


def test_the_text_takes_the_numbers_of_all_seeds(environments: pd.DataFrame, regions: pd.DataFrame) -> None:
    of_seeds = [boron_tables.region_numbers(environments, regions)] * 2
    texts = boron_tables.texts({**boron_tables.region_counts(environments, regions), **over_seeds(of_seeds)})
    assert texts["icosahedral_less_crystal"] == "-0.50 (-0.50 to -0.50 by seed)"
    assert texts["crystal_energy_layered"] == "1.60"
    assert texts["density_by_vectors"] == "not measured here"


def test_quantiles_are_of_each_region() -> None:
    energies = np.arange(101) / 100
    table = pd.DataFrame({"region": "layered", "local_energy_eV_per_atom": energies})
    quantiles = boron_tables.energy_quantiles(table)
    assert quantiles.index.name == "region"
    assert list(quantiles.loc["layered", ["count", "mean", "5%", "25%", "50%", "75%", "95%"]]) == pytest.approx(
        [101, 0.5, 0.05, 0.25, 0.5, 0.75, 0.95]
    )
